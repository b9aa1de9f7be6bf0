"""The list of all resources of Les Bases, and its search pages: which resources there are, and which are of our themes.

``GET /api/v1/resources`` gives every row, drafts and deleted ones included, without themes. A row that is not public
has no title; its slug, made of the title, is all that it tells of a private text: it is dropped here, and stored
nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import lxml.etree
import lxml.html

from importers.pipeline.contract import Refused
from resources.base.content import is_web_address

#: Without these, it is another list.
COLUMNS = frozenset({"id", "slug", "title", "updated", "deleted", "is_public", "published", "url"})
MAX_ID, MAX_SLUG = 200, 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A public resource. ``updated``, ``published``: ISO 8601, as they came. ``url``: of its page, percent-encoded."""

    id: str
    slug: str
    title: str
    url: str
    updated: str
    published: str

    def as_dict(self) -> dict[str, Any]:
        """For the raw file."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Listing:
    """``columns``: names of all fields met, sorted. ``rows``: how many there are, private ones included."""

    public: tuple[Entry, ...]
    rows: int
    columns: tuple[str, ...]


def read(content: bytes, site: str) -> Listing:
    """The list. :param site: address of Les Bases, for rows that give none. :raises Refused: it is another shape."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("forme-inattendue", what="liste qui n'est pas du JSON") from None
    rows = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise Refused("forme-inattendue", what="pas de liste « data »")
    columns = tuple(sorted({str(name)[:60] for row in rows for name in row}))
    if missing := sorted(COLUMNS - set(columns)):
        raise Refused("forme-inattendue", what=f"champs absents : {', '.join(missing)}")
    entries = {entry.id: entry for row in rows if (entry := _entry(row, site))}
    return Listing(tuple(entries.values()), len(rows), columns[:60])


def _entry(row: Mapping[str, Any], site: str) -> Entry | None:
    """None for what is not public: their flags, and a title (null unless public, published and not deleted)."""
    texts = {name: row.get(name) for name in ("id", "slug", "title", "updated", "published")}
    if row.get("is_public") is not True or row.get("deleted") is not None:
        return None
    if not all(isinstance(value, str) and value.strip() for value in texts.values()):
        return None
    id_, slug = str(texts["id"]), str(texts["slug"])
    if len(id_) > MAX_ID or len(slug) > MAX_SLUG or "/" in slug or not slug.strip("."):
        return None
    return Entry(id_, slug, str(texts["title"]), _address(row.get("url"), slug, site), str(texts["updated"]),
                 str(texts["published"]))  # fmt: skip


def _address(url: object, slug: str, site: str) -> str:
    made = page_address(site, slug)
    if not isinstance(url, str):
        return made
    encoded = percent_encoded(url)
    same_page = is_web_address(encoded) and unquote(urlsplit(encoded).path).rstrip("/") == f"/ressources/{slug}"
    return encoded if same_page else made


def page_address(site: str, slug: str) -> str:
    """Of the page of a resource; ``/markdown`` follows for its text."""
    return f"{site}/ressources/{quote(slug, safe='')}"


def percent_encoded(url: str) -> str:
    """An address with spaces, accents, brackets, as it is asked for; what is encoded already stays."""
    return quote(url.strip(), safe="%/:?#@!$&'*+,;=~[]-._")


def moment(text: str) -> datetime | None:
    """An ISO 8601 moment, aware; None: it is not one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def searches(site: str, themes: Sequence[str], publics: Sequence[str]) -> Iterator[str]:
    """Addresses of searches without their page number: one by facet, since between facets it is "and"."""
    for name, words in (("thematiques", themes), ("beneficiaires", publics)):
        if words:
            segment = quote(urlencode([(name, word) for word in words]), safe="")
            yield f"{site}/rechercher/{segment}/ressources?tri=recent"


def cards(html: bytes) -> list[str]:
    """The slugs of a page of results, in order."""
    tree = tree_of(html)
    if tree is None:
        return []
    found = []
    for link in tree.xpath("//*[@data-testid='resource-card-link']"):
        path = unquote(urlsplit(link.get("href") or "").path)
        if path.startswith("/ressources/") and (slug := path.removeprefix("/ressources/").strip("/")):
            found.append(slug)
    return list(dict.fromkeys(found))


def tree_of(html: bytes) -> Any:
    """A page as a tree, without its scripts: they hold what was sent to the browser, the author's address included.
    None: it is no page."""
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
    try:
        tree = lxml.html.document_fromstring(html, parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return None
    lxml.etree.strip_elements(tree, "script", "style", "template", "noscript", with_tail=False)
    return tree
