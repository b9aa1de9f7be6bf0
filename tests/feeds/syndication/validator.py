"""The rules of a feed validator, as far as they concern what we write. Each function returns what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from icalendar import Calendar

A, AT, FH = (
    "{http://www.w3.org/2005/Atom}",
    "{http://purl.org/atompub/tombstones/1.0}",
    "{http://purl.org/syndication/history/1.0}",
)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
BCP47 = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_BAD_HTML = re.compile(r"<script|<[a-z][^>]*\son\w+=|href=\"(?!https?://|mailto:)", re.IGNORECASE)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,/:;=?@\[\]~._A-Za-z0-9-]+")


def whole(address: str | None) -> bool:
    """Whether it is a whole http address of RFC 3986 characters."""
    parts = urlsplit(address or "")
    return bool(_URI.fullmatch(address or "")) and parts.scheme in ("http", "https") and bool(parts.netloc)


def moment(text: str | None) -> bool:
    """Whether it is a date of RFC 3339 that exists."""
    if not text or not RFC3339.fullmatch(text):
        return False
    datetime.fromisoformat(text.replace("Z", "+00:00"))
    return True


def atom_problems(body: bytes) -> list[str]:
    """RFC 4287 §4.1.1, §4.1.2, §4.2; RFC 5005 §4; RFC 6721 §3."""
    return list(_atom(ElementTree.fromstring(body)))


def _atom(root: Any) -> Iterator[str]:
    if root.tag != A + "feed":
        yield "no feed"
    yield from _common(root, "feed")
    links = [(link.get("rel"), link.get("href")) for link in root.findall(A + "link")]
    if [rel for rel, _ in links].count("self") != 1:
        yield "one link of itself"
    if len(links) != len({rel for rel, _ in links}):
        yield "two links of a relation"
    rels = {rel for rel, _ in links}
    archived = root.find(FH + "archive") is not None
    if archived != ("current" in rels) or ("next-archive" in rels and not archived):
        yield "archives say where the feed is; a feed says nothing after it"
    ids = [entry.findtext(A + "id") for entry in root.findall(A + "entry")]
    if len(ids) != len(set(ids)):
        yield "an id twice"
    for entry in root.findall(A + "entry"):
        yield from _common(entry, "entry")
        yield from _entry(entry)
    for gone in root.findall(AT + "deleted-entry"):
        if not _URI.fullmatch(gone.get("ref", "")) or not moment(gone.get("when")) or gone.get("ref") in ids:
            yield f"deleted {gone.attrib}"


def _common(one: Any, what: str) -> Iterator[str]:
    for tag in ("id", "title", "updated"):
        if len(one.findall(A + tag)) != 1 or not (one.findtext(A + tag) or "").strip():
            yield f"{what}: one {tag}"
    if not _URI.fullmatch(one.findtext(A + "id") or ""):
        yield f"{what}: id {one.findtext(A + 'id')}"
    if not moment(one.findtext(A + "updated")):
        yield f"{what}: updated"
    if not [name for name in one.findall(f"{A}author/{A}name") if (name.text or "").strip()]:
        yield f"{what}: author"
    if not BCP47.fullmatch(one.get(LANG, "")):
        yield f"{what}: language {one.get(LANG)}"
    for link in one.findall(A + "link"):
        if not whole(link.get("href")):
            yield f"{what}: link {link.get('href')}"


def _entry(entry: Any) -> Iterator[str]:
    published, updated = entry.findtext(A + "published"), entry.findtext(A + "updated")
    if not moment(published) or published > updated:
        yield f"published {published}, updated {updated}"
    if [link.get("rel") for link in entry.findall(A + "link")] != ["alternate"]:
        yield "one page"
    content = entry.find(A + "content")
    if content is None or content.get("type") != "html" or _BAD_HTML.search(content.text or ""):
        yield f"content {content is not None and content.text}"
    if any(not category.get("term") for category in entry.findall(A + "category")):
        yield "category"


def json_problems(body: bytes) -> list[str]:
    """JSON Feed 1.1: top-level, items, extensions."""
    return list(_json(json.loads(body.decode("utf-8", errors="strict"))))


def _json(made: Any) -> Iterator[str]:
    if made["version"] != "https://jsonfeed.org/version/1.1" or not made["title"]:
        yield "version, title"
    for name in ("home_page_url", "feed_url", *(["next_url"] if "next_url" in made else [])):
        if not whole(made[name]):
            yield f"{name} {made[name]}"
    if made.get("next_url") == made["feed_url"]:
        yield "next_url is itself"
    yield from _items(made["items"])
    extensions = [name for name in made if name.startswith("_")]
    if not all(re.fullmatch(r"_[a-zA-Z][^.]*", name) and whole(made[name]["about"]) for name in extensions):
        yield "extensions"
    if any("\ud800" <= char <= "\udfff" for char in json.dumps(made, ensure_ascii=False)):
        yield "half of a pair"


def _items(items: Any) -> Iterator[str]:
    ids = [item["id"] for item in items]
    if len(ids) != len(set(ids)) or not all(isinstance(id_, str) and id_ for id_ in ids):
        yield "ids"
    for item in items:
        if not isinstance(item.get("content_html"), str) or not whole(item["url"]):
            yield f"item {item['url']}"
        if not moment(item["date_published"]) or not moment(item["date_modified"]):
            yield "dates"
        if not BCP47.fullmatch(item["language"]) or not all(author["name"] for author in item["authors"]):
            yield "language, authors"


def calendar_problems(body: bytes) -> list[str]:
    """RFC 5545 §3.1, §3.4, §3.6, §3.6.1; RFC 7986 §5."""
    return list(_calendar(body))


def _calendar(body: bytes) -> Iterator[str]:
    lines = body.split(b"\r\n")
    if b"\n" in b"".join(lines) or any(len(line) > 75 for line in lines):
        yield "lines end in CRLF, and have 75 octets at most"
    made: Any = Calendar.from_ical(body)
    for name in ("PRODID", "VERSION", "NAME", "SOURCE", "REFRESH-INTERVAL"):
        if name not in made:
            yield f"no {name}"
    if str(made["VERSION"]) != "2.0" or made["REFRESH-INTERVAL"].params.get("VALUE") != "DURATION":
        yield "version, refresh"
    uids = [str(event["UID"]) for event in made.walk("VEVENT")]
    if len(uids) != len(set(uids)):
        yield "a UID twice"
    for event in made.walk("VEVENT"):
        yield from _event(event)


def _event(event: Any) -> Iterator[str]:
    for name in ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "STATUS"):
        if name not in event:
            yield f"event without {name}"
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    if end is not None and (type(start) is not type(end) or end <= start):
        yield f"{start} to {end}"
    if event["DTSTAMP"].dt.utcoffset() is None:
        yield "DTSTAMP in UTC"
    if "URL" in event and not whole(str(event["URL"])):
        yield f"url {event['URL']}"
