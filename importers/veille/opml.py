"""OPML 2.0 (http://opml.org/spec2.opml): lists of feeds, from and for other readers of feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from importers.models import ImportSource
from importers.targets.texts import plain
from importers.veille.feeds import MAX_TITLE, Wanted
from reseau.core.vocabularies import vocabulary
from resources.base import langs

MAX_BYTES = 200_000
MAX_OUTLINES = 2_000


class NotOpml(ValueError):
    """The file is no OPML."""


def read(data: bytes) -> list[Wanted]:
    """The feeds of a list, at any depth, each address once. A folder, or a category, that is the code or the name of
    one of our themes gives it to its feeds.

    :raises NotOpml: something else, or it declares entities.
    """
    if len(data) > MAX_BYTES or b"<!entity" in data.replace(b"\x00", b"").lower():
        raise NotOpml
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotOpml from error
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise NotOpml
    found: dict[str, Wanted] = {}
    for one in _feeds(root):
        found.setdefault(one.url, one)
    return list(found.values())


def _feeds(root: etree._Element) -> Iterator[Wanted]:
    themes = _themes()
    for count, outline in enumerate(root.iter("outline", "{*}outline")):
        if count >= MAX_OUTLINES:
            return
        said = {str(name).lower(): value for name, value in outline.attrib.items()}
        url = (said.get("xmlurl") or "").strip()
        if not url:
            continue
        title = plain(said.get("title") or said.get("text") or "")[:MAX_TITLE]
        named = [*(said.get("category") or "").split(","), *(_name(above) for above in outline.iterancestors())]
        theme = next((themes[key] for one in named if (key := one.strip("/ ").casefold()) in themes), "")
        yield Wanted(url, title, theme, lang=langs.tag(said.get("language") or "") or "")


def _name(outline: etree._Element) -> str:
    return str(outline.get("text") or outline.get("title") or "")


def _themes() -> dict[str, str]:
    terms = vocabulary("themes").terms
    return {name.casefold(): term.code for term in terms for name in (term.code, term.label("fr"))}


def write(feeds: Iterable[ImportSource], title: str, now: datetime) -> bytes:
    """A list of feeds, those that are off left out, in folders by theme."""
    root = etree.Element("opml", version="2.0")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        if not feed.enabled:
            continue
        theme = str(feed.options.get("theme") or "")
        term = vocabulary("themes").get(theme)
        if term and theme not in folders:
            folders[theme] = etree.SubElement(body, "outline", text=term.label("fr"))
        said = {"type": "rss", "text": feed.title, "title": feed.title, "xmlUrl": feed.location}
        if term:
            said["category"] = theme
        if lang := feed.options.get("lang"):
            said["language"] = str(lang)
        etree.SubElement(folders.get(theme, body), "outline", said)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))
