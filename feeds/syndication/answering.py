"""A document of the log as a feed: its title, its addresses, its entries. Without Pyramid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from feeds import atom
from feeds.syndication import jsonfeed, reading
from feeds.syndication.catalogue import FEEDS, Named
from feeds.syndication.publishers import Place
from feeds.syndication.reading import Document, Part, Selection
from feeds.syndication.searches import Pairs, Search, Tools, search
from reseau.core.wording import Wording, _

NEVER: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed was changed in which nothing was ever told."""
TITLE, ARCHIVE = _("%(title)s – %(site)s"), _("%(title)s – %(site)s (archive %(number)s)")
TYPES: Final = {"atom": atom.TYPE, "json": jsonfeed.TYPE}


@dataclass(frozen=True, slots=True)
class Asked:
    """A feed that somebody asks for: what it is made of and what it is called. ``query``: of its address, canonical.

    ``root``: path under which its documents are, with the feed's name: ``/flux`` for those of everybody.
    ``lang``: what ``?langue=`` said, or "".
    """

    named: Named
    title: str
    subtitle: str
    id: str
    page: str
    selection: Selection
    query: str = ""
    lang: str = ""
    root: str = "/flux"

    def address(self, place: Place, extension: str, number: int | None = None) -> str:
        """The whole address of one of its documents. :param number: of an archive."""
        more = [self.query] if self.query else []
        more += [urlencode({"langue": self.lang})] if self.lang else []
        part = "" if number is None else f"/archives/{number}"
        query = f"?{'&'.join(more)}" if more else ""
        return f"{place.url}{self.root}/{self.named.name}{part}.{extension}{query}"


def asked(
    session: Session, tools: Tools, name: str, pairs: Pairs, place: Place, now: datetime, *, lang: str = "",
    root: str = "/flux",
) -> Asked | None:  # fmt: skip
    """The feed of a name, narrowed by the parameters of its list where it has one; three statements at most.

    :param lang: the language that its address says. :return: None: there is no such feed, or search.
    """
    named = FEEDS.get(name)
    if named is None:
        return None
    say = Wording.of(place.lang)
    title = say.gettext(named.title)
    plain = Asked(named, title, say.gettext(named.about), _id(named, place), named.page,
                  Selection(named.published(), place=place), "", lang, root)  # fmt: skip
    if not named.room:
        return plain
    try:
        found = search(session, tools, named.room, pairs, place, now)
    except LookupError:
        return None
    return _narrowed(plain, found, place) if found.query else plain


def _id(named: Named, place: Place) -> str:
    # The one of the exchanges was there before the others.
    return f"{place.url}/echanges" if named.name == "echanges" else f"{place.url}/flux/{named.name}"


def _narrowed(plain: Asked, found: Search, place: Place) -> Asked:
    selection = replace(found.selection, place=place)
    title = " – ".join([*found.words, plain.title])
    id_ = f"urn:uuid:{found.topic.id}" if found.topic else f"{place.url}/flux/{plain.named.name}?{found.query}"
    subtitle = found.topic.description if found.topic else ""
    page = f"/echanges/sujets/{found.topic.slug}" if found.topic else found.path
    return Asked(plain.named, title, subtitle, id_, page, selection, found.query, plain.lang, plain.root)


def part_of(session: Session, one: Asked, number: int | None) -> Part | None:
    """The rows of one of its documents. :param number: of an archive; None: the one to subscribe to."""
    if number is None:
        return reading.current(session, one.selection)
    return reading.archive(session, one.selection, number)


def written(session: Session, one: Asked, part: Part, place: Place, extension: str, here: str = "") -> bytes:
    """A document in a format. :param here: its whole address, if it has another than its own (an old one)."""
    feed = as_feed(reading.document(session, part, place), one, place, extension, here)
    return atom.written(feed) if extension == "atom" else jsonfeed.written(feed, f"{place.url}/flux#formats")


def as_feed(told: Document, one: Asked, place: Place, extension: str, here: str = "") -> atom.Feed:
    """A document as plain values of a feed."""
    part, say = told.part, Wording.of(place.lang)

    def at(number: int | None) -> str:
        return "" if number is None else one.address(place, extension, number)

    words: dict[str, Any] = {"title": one.title, "site": place.site_name}
    archived = part.number is not None
    title = say.gettext(ARCHIVE, **words, number=part.number) if archived else say.gettext(TITLE, **words)
    return atom.Feed(
        id=one.id, title=title, link=place.url + one.page, here=here or one.address(place, extension, part.number),
        updated=part.at or NEVER, author=place.site_name, lang=place.lang, subtitle=one.subtitle,
        entries=_entries(told), deleted=[atom.Deleted(row.id, row.at) for row in told.gone], archive=archived,
        previous=at(part.previous), next=at(part.next), current=one.address(place, extension) if archived else "",
    )  # fmt: skip


def _entries(told: Document) -> Sequence[atom.Entry]:
    return [
        atom.Entry(
            one.item.id, one.item.title, one.item.link, one.item.author, min(one.item.published, one.updated),
            one.updated, one.item.html, one.item.lang, one.item.categories,
        )
        for one in told.entries
    ]  # fmt: skip
