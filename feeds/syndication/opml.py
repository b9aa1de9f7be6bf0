"""All feeds as a list that readers take at once: OPML 2.0 (http://opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from feeds.atom import clean
from feeds.syndication.catalogue import Group
from feeds.syndication.publishers import Place

TYPE: Final = "text/x-opml"


def written(groups: Sequence[Group], title: str, place: Place, lang: str = "") -> bytes:
    """The list, as UTF-8 XML. :param lang: said by the addresses of the feeds, or ""."""
    root = Element("opml", {"version": "2.0"})
    head = SubElement(root, "head")
    SubElement(head, "title").text = clean(title)
    SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = SubElement(root, "body")
    for group in groups:
        outline = SubElement(body, "outline", {"text": clean(group.title)})
        for feed in group.feeds:
            name = clean(feed.title)
            # "rss" means a feed that is subscribed to, whatever its format (§ Subscription lists).
            SubElement(outline, "outline", {
                "type": "rss", "text": name, "title": name, "xmlUrl": place.url + feed.at("atom", lang),
                "htmlUrl": f"{place.url}/flux", "language": place.lang,
            })  # fmt: skip
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found
