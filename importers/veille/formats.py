"""RSS 0.9x, 1.0 and 2.0, Atom (RFC 4287, 0.3) by ``feedparser``; JSON Feed 1.0 and 1.1 by hand; OPML apart.

What is broken gives what can be read. Nothing is fetched: the parser gets bytes. A document that declares entities is
refused: no feed needs them, bombs and thefts of files do.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import feedparser

from importers.pipeline.contract import Refused
from importers.targets.texts import clean_url, plain
from importers.veille.cleaning import Said, iso_moment, moment

MAX_BYTES = 5_000_000
MAX_ENTRIES = 2_000
"""Entries that are looked at."""
_MARKS = (b"<rss", b"<feed", b"<rdf:rdf", b"<channel", b":feed", b"http://purl.org/rss/1.0/")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. ``base``: address of the site that it says, for relative links."""

    title: str
    base: str
    format: str
    entries: tuple[Said, ...]


def read_feed(data: bytes) -> Feed:
    """The feed in ``data``.

    :raises Refused: empty, a page (HTML), no feed, entities.
    """
    if not data.strip():
        raise Refused("vide")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(data)
    return _xml_feed(data)


def is_feed(data: bytes) -> bool:
    """Whether it looks like one: a page that announces a feed does not."""
    start = _ascii(data[:4096])
    if start.lstrip()[:1] == b"{":
        return b"jsonfeed.org" in start
    return any(mark in start for mark in _MARKS) and b"<html" not in start.split(b"<rss")[0]


def _ascii(data: bytes) -> bytes:
    """Its letters in any of the encodings of XML, in lower case: UTF-16 and UTF-32 put NULs between them."""
    return data.replace(b"\x00", b"").lower().lstrip(b"\xef\xbb\xbf\xff\xfe")


def _xml_feed(data: bytes) -> Feed:
    flat = _ascii(data)
    if b"<!entity" in flat or b"utf-7" in flat[:200]:  # UTF-7 could hide the word from us, and nobody writes it
        raise Refused("flux-entites")
    if not is_feed(data) and (b"<html" in flat[:4096] or b"<!doctype html" in flat[:4096]):
        raise Refused("flux-absent")
    try:
        parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # of a parser of tag soup: whatever it stumbles on, the file is what is wrong
        raise Refused("flux-illisible") from error
    if not parsed.get("version") and not parsed.entries:
        raise Refused("flux-illisible")
    about = parsed.feed
    entries = tuple(_entry(one, _text(about, "language")) for one in parsed.entries[:MAX_ENTRIES])
    base = clean_url(_text(about, "link"))
    return Feed(plain(_text(about, "title")), base, str(parsed.get("version") or "xml"), entries)


def _entry(one: Mapping[str, Any], lang: str) -> Said:
    detail = one.get("title_detail") or {}
    said = str(detail.get("language") or lang or "") if isinstance(detail, Mapping) else lang
    # dict.get: that of feedparser says one date for another, with a warning.
    dates = (dict.get(one, f"{name}_parsed") for name in ("published", "updated", "created"))  # type: ignore[call-overload]
    when = next((date for date in dates if date), None)
    return Said(_text(one, "id"), _link(one), _text(one, "title"), _summary(one), said, moment(when))


def _link(one: Mapping[str, Any]) -> str:
    """Its page; else its id, when that is an address (RSS: ``guid isPermaLink``)."""
    links = [link for link in one.get("links") or () if isinstance(link, Mapping)]
    pages = [link.get("href") for link in links if link.get("rel") == "alternate" and link.get("href")]
    return str(next(iter(pages), "") or one.get("link") or _text(one, "id"))


def _summary(one: Mapping[str, Any]) -> str:
    """Its summary; else the beginning of its text: we quote, we never copy."""
    if summary := _text(one, "summary"):
        return summary
    contents = one.get("content") or ()
    return next((str(part.get("value") or "") for part in contents if isinstance(part, Mapping)), "")


def _text(mapping: Mapping[str, Any], name: str) -> str:
    value = mapping.get(name)
    return value if isinstance(value, str) else ""


def _json_feed(data: bytes) -> Feed:
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused("flux-illisible") from error
    if not isinstance(raw, dict) or "jsonfeed.org" not in str(raw.get("version")):
        raise Refused("flux-illisible")
    items = raw.get("items")
    lang = _text(raw, "language")
    entries = tuple(_items(items if isinstance(items, list) else [], lang))
    version = "json" + str(raw["version"]).rstrip("/").rsplit("/", 1)[-1][:5]
    return Feed(plain(_text(raw, "title")), clean_url(_text(raw, "home_page_url")), version, entries)


def _items(items: list[Any], lang: str) -> Iterator[Said]:
    for one in items[:MAX_ENTRIES]:
        if not isinstance(one, dict):
            continue
        id_ = one.get("id")
        named = str(id_) if isinstance(id_, str | int | float) and not isinstance(id_, bool) else ""
        url = _text(one, "url") or _text(one, "external_url") or named
        summary = _text(one, "summary") or _text(one, "content_text") or _text(one, "content_html")
        at = iso_moment(one.get("date_published") or one.get("date_modified"))
        yield Said(named, url, _text(one, "title"), summary, _text(one, "language") or lang, at)
