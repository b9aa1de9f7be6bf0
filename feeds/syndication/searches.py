"""The feed of any search: the parameters of a list, read as its page reads them, as what a feed is made of.

The order of the page, its number and what only holds for a moment ("ouvert maintenant") mean nothing to a feed. When no
object has all the words, the page shows what has some of them; a feed waits for one that has all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.of_threads import readable
from feeds.syndication.publishers import Place
from feeds.syndication.reading import Selection
from reseau.core.wording import Wording, _
from reseau.directory import params as directory_params
from reseau.directory import words as directory_words
from reseau.directory.facts import FactsReader as PlacesReader
from reseau.directory.models import KIND as STRUCTURE
from reseau.directory.search import DirectorySearch
from reseau.search.protocol import Engine
from reseau.threads.base import finding
from reseau.threads.base.access import Reader
from reseau.threads.base.models import KIND as THREAD
from reseau.threads.base.models import Thread, ThreadKind, Topic
from reseau.threads.base.shapes import KIND_LABELS
from reseau.threads.listing import params as thread_params
from reseau.threads.listing import queries
from resources.base import langs
from resources.base.models import KIND as RESOURCE
from resources.finding import params as resource_params
from resources.finding.facts import FactsReader as ResourcesReader
from resources.finding.search import ResourceSearch
from resources.finding.words import option_label

ROOMS: Final = {"annuaire": STRUCTURE, "ressources": RESOURCE, "echanges": THREAD}
"""Room → the kind of the log that its list shows. The list of a room is at ``/{room}``."""
MOST_THREADS = 2_000
_EVERY: Final = 10**9
_OF_THE_PAGE: Final = frozenset({"tri", "page", "apres", "avant", "montrer"})
AROUND, WITHIN, QUOTED = _("Autour du point choisi"), _("À moins de %(distance)s km"), _("« %(query)s »")

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What finds: the index and the columns in memory. A job makes its own; pages take those of the site."""

    engine: Engine
    places: PlacesReader
    resources: ResourcesReader

    @classmethod
    def of(cls, registry: Any) -> Tools:
        """Those of the site."""
        return cls(registry["search.engine"], registry["directory.facts"], registry["finding.facts"])


@dataclass(frozen=True, slots=True)
class Search:
    """A search as a feed. ``query``: its parameters, canonical, "" for all that the room has. ``words``: what is asked,
    in the language of the place. ``topic``: the one topic whose threads it is, when nothing else is asked."""

    room: str
    query: str
    words: tuple[str, ...]
    selection: Selection
    topic: Topic | None = None

    @property
    def path(self) -> str:
        """The page of the same search, from the root of the site."""
        return f"/{self.room}?{self.query}" if self.query else f"/{self.room}"


def search(session: Session, tools: Tools, room: str, pairs: Pairs, place: Place, now: datetime) -> Search:
    """What a search is for the reader of a place, today; three statements at most.

    :param pairs: decoded parameters of the list, as its address has them; those that mean nothing are passed over.
    :raises LookupError: no such room, a topic that they may not read, a value that means nothing: without it the feed
        would be another one, of much more.
    """
    return {"annuaire": _places, "ressources": _resources, "echanges": _threads}[room](
        session, tools, pairs, place, now
    )


def words_of(room: str, pairs: Pairs, lang: str, topics: Mapping[str, Topic]) -> tuple[str, ...]:
    """What a search asks, in words, without looking for it. :param topics: by slug; one that is not there is not said.

    :raises KeyError: no such room.
    """
    pairs = list(pairs)
    if ROOMS[room] == STRUCTURE:
        return tuple(_place_words(directory_params.read(pairs), Wording.of(lang)))
    if ROOMS[room] == RESOURCE:
        return tuple(_resource_words(resource_params.read(pairs), lang))
    slug = next((value for name, value in pairs if name == "sujet" and value), "")
    return tuple(_thread_words(thread_params.read(pairs, None, signed_in=False), topics.get(slug), lang))


def _understood(ignored: Iterable[tuple[str, str]]) -> None:
    for name, value in ignored:
        if name not in _OF_THE_PAGE:
            raise LookupError(f"{name}={value}")


def _places(session: Session, tools: Tools, pairs: Pairs, place: Place, now: datetime) -> Search:
    asked = directory_params.read(pairs)
    _understood(asked.ignored)
    filters = {name: tuple(code for code in codes if code != "maintenant") for name, codes in asked.filters.items()}
    asked = replace(asked, filters={name: codes for name, codes in filters.items() if codes}, sort=None, page=1)
    query = asked.query()
    if not query:
        return Search("annuaire", "", (), Selection((STRUCTURE,)))
    facts = tools.places.read(session)
    upto = min(facts.seq, tools.engine.cursor()) if asked.q else facts.seq
    found = DirectorySearch(facts, tools.engine, now).find(asked, _EVERY)
    rows = [] if found.loosened else found.rows
    only = frozenset(facts.places[row].id for row in rows)
    words = tuple(_place_words(asked, Wording.of(place.lang)))
    return Search("annuaire", query, words, Selection((STRUCTURE,), only, upto))


def _place_words(asked: directory_params.Criteria, say: Wording) -> Iterator[str]:
    if asked.q:
        yield say.gettext(QUOTED, query=asked.q)
    if asked.where:
        yield asked.where.label
    if asked.point:
        yield say.gettext(AROUND)
    if asked.radius_km:
        yield say.gettext(WITHIN, distance=f"{asked.radius_km:g}")
    for name, codes in asked.filters.items():
        yield from (directory_words.option_label(say, name, code) for code in codes)


def _resources(session: Session, tools: Tools, pairs: Pairs, place: Place, now: datetime) -> Search:
    asked = replace(resource_params.read(pairs), sort=None, page=1)
    _understood(asked.ignored)
    query = asked.query()
    if not query:
        return Search("ressources", "", (), Selection((RESOURCE,)))
    facts = tools.resources.read(session)
    upto = min(facts.seq, tools.engine.cursor()) if asked.q else facts.seq
    found = ResourceSearch(facts, tools.engine, network=place.network).find(asked, _EVERY)
    only = frozenset[UUID]() if found.loosened else frozenset(found.ids)
    words = tuple(_resource_words(asked, place.lang))
    return Search("ressources", query, words, Selection((RESOURCE,), only, upto))


def _resource_words(asked: resource_params.Criteria, lang: str) -> Iterator[str]:
    if asked.q:
        yield Wording.of(lang).gettext(QUOTED, query=asked.q)
    yield from (option_label(name, code, lang) for name, codes in asked.filters.items() for code in codes)


def _threads(session: Session, tools: Tools, pairs: Pairs, place: Place, now: datetime) -> Search:
    pairs = list(pairs)
    asked = thread_params.read(pairs, None, signed_in=False)
    _understood(asked.ignored)
    topic, slug = None, next((value for name, value in pairs if name == "sujet" and value), "")
    if slug:
        topic = session.scalars(sa.select(Topic).where(Topic.slug == slug, readable(place))).one_or_none()
        if topic is None:
            raise LookupError(slug)
    asked = replace(asked, topic=topic.slug if topic else "", after=None, before=None, page=1)
    query = asked.query()
    if not query:
        return Search("echanges", "", (), Selection((THREAD,)))
    words = tuple(_thread_words(asked, topic, place.lang))
    where = [*queries.narrowed(asked), *([Thread.topic_id == topic.id] if topic else [])]
    if not asked.q:
        selection = Selection((THREAD,), sa.select(Thread.id).where(*where))
        return Search("echanges", query, words, selection, None if asked.narrowed else topic)
    reader = _reader(session, place)
    upto = tools.engine.cursor()
    found = finding.matching(session, tools.engine, reader, asked.q, "all", *where, most=MOST_THREADS)
    return Search("echanges", query, words, Selection((THREAD,), frozenset(found.ids), upto))


def _reader(session: Session, place: Place) -> Reader | None:
    if not place.network:
        return None
    topics = session.scalars(sa.select(Topic).where(readable(place)).order_by(Topic.position, Topic.slug))
    return Reader(place.person_id, True, False, tuple(topics))


def _thread_words(asked: thread_params.Criteria, topic: Topic | None, lang: str) -> Iterator[str]:
    say = Wording.of(lang)
    if asked.q:
        yield say.gettext(QUOTED, query=asked.q)
    if topic:
        yield topic.title(lang)
    if asked.kind:
        yield say.gettext(KIND_LABELS[ThreadKind(asked.kind)])
    if asked.state:
        yield say.gettext(thread_params.STATES[asked.state])
    if asked.lang:
        yield langs.name(asked.lang, lang)
