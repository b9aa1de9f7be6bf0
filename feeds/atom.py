"""Atom feeds (RFC 4287) from plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

NAMESPACE = "http://www.w3.org/2005/Atom"
TYPE = "application/atom+xml"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: What XML 1.0 (§2.2) has no character for: controls, halves of pairs, non-characters.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

register_namespace("", NAMESPACE)


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
class Feed:
    """A feed. ``id``: a URI that never changes. ``link``: of the page it follows. ``here``: its own address.

    ``updated``: of a feed without entries; else the newest of theirs is said."""

    id: str
    title: str
    link: str
    here: str
    updated: datetime
    author: str
    lang: str = "fr"
    subtitle: str = ""
    entries: Sequence[Entry] = field(default_factory=tuple)


def written(feed: Feed) -> bytes:
    """The feed as UTF-8 XML. :raises ValueError: a naive moment."""
    root = Element(_name("feed"), {_XML_LANG: feed.lang})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    if feed.subtitle:
        _text(root, "subtitle", feed.subtitle)
    _link(root, feed.here, "self", TYPE)
    _link(root, feed.link, "alternate", "text/html")
    _text(root, "updated", _moment(max((entry.updated for entry in feed.entries), default=feed.updated)))
    _text(SubElement(root, _name("author")), "name", feed.author)
    for entry in feed.entries:
        _entry(root, entry)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _entry(root: Element, entry: Entry) -> None:
    made = SubElement(root, _name("entry"), {_XML_LANG: entry.lang})
    _text(made, "id", f"urn:uuid:{entry.id}")
    _text(made, "title", entry.title)
    _link(made, entry.link, "alternate", "text/html")
    _text(made, "published", _moment(entry.published))
    _text(made, "updated", _moment(entry.updated))
    _text(SubElement(made, _name("author")), "name", entry.author)
    for term, label in entry.categories:
        SubElement(made, _name("category"), {"term": _clean(term), "label": _clean(label)})
    _text(made, "content", entry.content, type="html")


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, _name(tag), attributes).text = _clean(text)


def _link(parent: Element, href: str, rel: str, type_: str) -> None:
    SubElement(parent, _name("link"), {"rel": rel, "type": type_, "href": _clean(href)})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _moment(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
