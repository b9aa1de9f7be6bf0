"""The writer of Atom feeds, alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from xml.etree import ElementTree

import pytest

from feeds.atom import Entry, Feed, written

NS = {"a": "http://www.w3.org/2005/Atom"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ID = UUID("01930000-0000-7000-8000-000000000001")


def an_entry(**more: object) -> Entry:
    values = {"id": ID, "title": "سؤال", "link": "https://x.example/echanges/a", "author": "Lieu <Ici>", "published": DAY,
              "updated": DAY + timedelta(hours=1), "content": "<p>Bonjour &amp; merci</p>", "lang": "ar"}  # fmt: skip
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def a_feed(*entries: Entry, **more: object) -> Feed:
    values = {"id": "urn:x", "title": "Flux", "link": "https://x.example/", "here": "https://x.example/flux.atom",
              "updated": DAY, "author": "Réseau", "entries": entries}  # fmt: skip
    return Feed(**{**values, **more})  # type: ignore[arg-type]


def test_what_the_standard_asks_for() -> None:
    """RFC 4287, §4.1.1 and §4.1.2: id, title, updated, author, a link of itself; content, published, the language."""
    root = ElementTree.fromstring(written(a_feed(an_entry(categories=[("ameli", "Ameli")]), subtitle="Dit quoi")))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert (root.findtext("a:id", "", NS), root.findtext("a:title", "", NS)) == ("urn:x", "Flux")
    assert root.findtext("a:updated", "", NS) == "2026-11-24T10:30:00Z"
    assert root.findtext("a:author/a:name", "", NS) == "Réseau"
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", NS)}
    assert links == {"self": "https://x.example/flux.atom", "alternate": "https://x.example/"}
    (entry,) = root.findall("a:entry", NS)
    assert entry.findtext("a:id", "", NS) == f"urn:uuid:{ID}"
    assert entry.get(LANG) == "ar"
    assert entry.findtext("a:author/a:name", "", NS) == "Lieu <Ici>"
    assert entry.findtext("a:published", "", NS) == "2026-11-24T09:30:00Z"
    content = entry.find("a:content", NS)
    assert content is not None
    assert (content.get("type"), content.text) == ("html", "<p>Bonjour &amp; merci</p>")


def test_characters_that_xml_has_not_are_dropped() -> None:
    hostile = "a\x00b\x08c\ud800d\ufffee\u2028f\U0001f600\tg"
    root = ElementTree.fromstring(written(a_feed(an_entry(title=hostile, content=hostile, author="\x01"))))
    assert root.findtext("a:entry/a:title", "", NS) == "abcde\u2028f\U0001f600\tg"


def test_a_feed_without_entries_says_when_it_began() -> None:
    root = ElementTree.fromstring(written(a_feed()))
    assert root.findtext("a:updated", "", NS) == "2026-11-24T09:30:00Z"


def test_moments_are_said_in_utc_and_naive_ones_refused() -> None:
    paris = DAY.astimezone(timezone(timedelta(hours=1)))
    assert b"2026-11-24T09:30:00Z" in written(a_feed(updated=paris))
    with pytest.raises(ValueError, match="naive"):
        written(a_feed(updated=datetime(2026, 11, 24)))  # noqa: DTZ001
