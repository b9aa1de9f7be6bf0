"""What rooms say so that people can be told: who is to hear of a change, and what it looks like to them today.

A room registers a source for each kind of change of the log that people are told. Nothing here knows what a thread is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.members.models import Person
from reseau.members.places import KIND as PERSON_KIND
from reseau.notices.models import Notice
from reseau.settings import Settings
from resources.base import langs


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is to hear of something. The first one of a person and object counts: say the best reason first.

    :param kind: of ``preferences.KINDS``. :param reason: code, for the sentence that says why.
    :param object: what happened. :param about: where.
    """

    person_id: UUID
    kind: str
    reason: str
    object: Ref
    about: Ref
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What a notice says, to one person, now.

    :param title: of what it is about (a thread), in the language ``lang``. :param path: where it is read, with its
        anchor. :param about_path: of the whole. :param text: first words of what happened, "" for none.
    :param text_lang: its language. :param author: who did it, "" for nobody.
    :param said: a sentence for the reader: "Marie a répondu à votre question".
    :param read: they have read it on the site already.
    :param reply_to: address at which their answer by mail arrives, "" for none.
    :param whole: the whole text, for a mail about nothing else.
    :param answers: it answers something. :param talk: what it is about is a conversation: mail programs put the letters
        about it together.
    """

    title: str
    lang: str
    path: str
    about_path: str
    said: str
    text: str = ""
    text_lang: str = ""
    author: str = ""
    read: bool = False
    reply_to: str = ""
    whole: str = ""
    answers: bool = False
    talk: bool = False

    @property
    def dir(self) -> str:
        """Direction of the title."""
        return langs.direction(self.lang)

    @property
    def text_dir(self) -> str:
        """Direction of the text."""
        return langs.direction(self.text_lang) if self.text_lang else "auto"


Candidates = Callable[[Session, Sequence[UUID], datetime], Iterable[Candidate]]
"""(session, ids of the objects that changed, now) → who is to hear of it."""
Lines = Callable[[Session, Person, Sequence[Notice], Settings, str], Mapping[UUID, Line]]
"""(session, reader, notices, settings, language of the sentences) → id of the notice → what it says; what they may not
see any more is left out."""
Pair = tuple[UUID, Ref]
"""(person, what a notice is about)."""
Readers = Callable[[Session, Collection[Pair]], set[Pair]]
"""Of these, those where the person may read it today: a few statements, whatever their number."""
Shown = Callable[[Session, Collection[Ref]], set[Ref]]
"""Of these objects, those that are there to be read by somebody: a few statements, whatever their number."""
Within = Callable[[Collection[UUID]], sa.Select[UUID]]
"""Ids of what changed → the ids of what notices are about that hangs on it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """In words: the link that stops the mails about such a thing, and what it does."""

    label: str
    said: str


@dataclass(frozen=True, slots=True)
class Source:
    """How a room tells.

    :param object_kind: of the notices that ``lines`` reads: kinds that share a function are read together.
    :param shown: which of such objects are still there. :param about: of what such notices are about.
    :param readers: who may read that. :param stop: how one stops hearing of it.
    :param hangs: kinds of changes of the log after which people may not read it any more, though nothing was changed in
        it (its topic was), with how to find it.
    """

    object_kind: str
    candidates: Candidates
    lines: Lines
    shown: Shown
    about: str
    readers: Readers
    stop: Stop
    hangs: Mapping[str, Within] = field(default_factory=dict)


_SOURCES: dict[str, Source] = {}


def register(change_kind: str, source: Source) -> None:
    """Called where a room is put together, for pages and for the worker. :param change_kind: of the log (publish)."""
    _SOURCES[change_kind] = source


def source_of(change_kind: str) -> Source | None:
    """The source for a kind of change of the log."""
    return _SOURCES.get(change_kind)


def watched() -> list[str]:
    """The kinds of changes of the log that matter here."""
    every = _SOURCES.values()
    about, hangs = {one.about for one in every}, {kind for one in every for kind in one.hangs}
    return sorted({*_SOURCES, *about, *hangs, PERSON_KIND})


def object_kinds() -> list[str]:
    """What notices may tell."""
    return sorted({one.object_kind for one in _SOURCES.values()})


def about_kinds() -> list[str]:
    """What notices may be about."""
    return sorted({one.about for one in _SOURCES.values()})


def hanging(change_kind: str, ids: Collection[UUID]) -> list[tuple[str, sa.Select[UUID]]]:
    """What notices are about that hangs on what changed: kind, and a subquery of ids."""
    found = {(one.about, one.hangs[change_kind]) for one in _SOURCES.values() if change_kind in one.hangs}
    return [(about, within(ids)) for about, within in sorted(found, key=lambda one: one[0])]


def stop_of(about_kind: str) -> Stop | None:
    """How one stops hearing of such a thing."""
    return next((one.stop for one in _SOURCES.values() if one.about == about_kind), None)


def shown(session: Session, refs: Collection[Ref]) -> set[Ref]:
    """Of these objects, those that are there to be read by somebody."""
    by_room: dict[Shown, set[str]] = {}
    for one in _SOURCES.values():
        by_room.setdefault(one.shown, set()).add(one.object_kind)
    found: set[Ref] = set()
    for ask, kinds in by_room.items():
        if theirs := [ref for ref in refs if ref[0] in kinds]:
            found |= ask(session, theirs)
    return found


def readers(session: Session, pairs: Collection[Pair]) -> set[Pair]:
    """Of these, those where the person may read it today."""
    by_room: dict[Readers, set[str]] = {}
    for one in _SOURCES.values():
        by_room.setdefault(one.readers, set()).add(one.about)
    found: set[Pair] = set()
    for ask, kinds in by_room.items():
        if theirs := [pair for pair in pairs if pair[1][0] in kinds]:
            found |= ask(session, theirs)
    return found


def lines(
    session: Session, person: Person, notices: Sequence[Notice], settings: Settings, lang: str = ""
) -> dict[UUID, Line]:
    """What notices say to a person now; what they may not see any more is left out. :param lang: of the sentences; by
    default, that of the person."""
    kinds_of: dict[Lines, set[str]] = {}
    for source in _SOURCES.values():
        kinds_of.setdefault(source.lines, set()).add(source.object_kind)
    found: dict[UUID, Line] = {}
    for read, object_kinds in kinds_of.items():
        if mine := [notice for notice in notices if notice.object_kind in object_kinds]:
            found |= read(session, person, mine, settings, lang or person.lang)
    return found
