"""Atom feeds (RFC 4287) from plain values, with archives (RFC 5005) and deletions (RFC 6721)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

NAMESPACE = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
TYPE = "application/atom+xml"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: What XML 1.0 (§2.2) has no character for: controls, halves of pairs, non-characters.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

register_namespace("", NAMESPACE)
register_namespace("fh", HISTORY)
register_namespace("at", TOMBSTONES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``content``: HTML, already safe; addresses in it are whole. ``link``: whole address of its page.

    ``lang``: BCP 47, of its title and content. ``categories``: (term, label).
    """

    id: UUID
    title: str
    link: str
    author: str
    published: datetime
    updated: datetime
    content: str
    lang: str
    categories: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was an entry and is one no more (RFC 6721, ``at:deleted-entry``). ``when``: since when."""

    id: UUID
    when: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. ``id``: a URI that never changes. ``link``: of the page it follows. ``here``: its own address.

    ``updated``: of a feed without entries; else the newest of theirs is said. ``archive``: this document will gain no
    entry (RFC 5005, §4). ``previous``, ``next``: whole addresses of the archives beside it, or ""; ``current``: of the
    document to subscribe to, said by archives."""

    id: str
    title: str
    link: str
    here: str
    updated: datetime
    author: str
    lang: str = "fr"
    subtitle: str = ""
    entries: Sequence[Entry] = field(default_factory=tuple)
    deleted: Sequence[Deleted] = ()
    archive: bool = False
    previous: str = ""
    next: str = ""
    current: str = ""

    @property
    def moment(self) -> datetime:
        """When it last changed."""
        moments = [*(entry.updated for entry in self.entries), *(one.when for one in self.deleted)]
        return max(moments, default=self.updated)


def written(feed: Feed) -> bytes:
    """The feed as UTF-8 XML. :raises ValueError: a naive moment."""
    root = Element(_name("feed"), {_XML_LANG: feed.lang})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    if feed.subtitle:
        _text(root, "subtitle", feed.subtitle)
    if feed.archive:
        SubElement(root, f"{{{HISTORY}}}archive")
    _links(root, feed)
    _text(root, "updated", moment(feed.moment))
    _text(SubElement(root, _name("author")), "name", feed.author)
    for entry in feed.entries:
        _entry(root, entry)
    for gone in feed.deleted:
        attributes = {"ref": urn(gone.id), "when": moment(gone.when)}
        SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", attributes)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _links(root: Element, feed: Feed) -> None:
    _link(root, feed.here, "self", TYPE)
    _link(root, feed.link, "alternate", "text/html")
    for rel, href in (("current", feed.current), ("prev-archive", feed.previous), ("next-archive", feed.next)):
        if href:
            _link(root, href, rel, TYPE)


def _entry(root: Element, entry: Entry) -> None:
    made = SubElement(root, _name("entry"), {_XML_LANG: entry.lang})
    _text(made, "id", urn(entry.id))
    _text(made, "title", entry.title)
    _link(made, entry.link, "alternate", "text/html")
    _text(made, "published", moment(entry.published))
    _text(made, "updated", moment(entry.updated))
    _text(SubElement(made, _name("author")), "name", entry.author)
    for term, label in entry.categories:
        SubElement(made, _name("category"), {"term": clean(term), "label": clean(label)})
    _text(made, "content", entry.content, type="html")


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, _name(tag), attributes).text = clean(text)


def _link(parent: Element, href: str, rel: str, type_: str) -> None:
    SubElement(parent, _name("link"), {"rel": rel, "type": type_, "href": clean(href)})


def urn(id_: UUID) -> str:
    """The id of an entry, in every format."""
    return f"urn:uuid:{id_}"


def clean(text: str) -> str:
    """Without what no format can say."""
    return _FORBIDDEN.sub("", text)


def moment(at: datetime) -> str:
    """RFC 3339, in UTC. :raises ValueError: a naive moment."""
    if at.tzinfo is None:
        raise ValueError(f"naive datetime: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
