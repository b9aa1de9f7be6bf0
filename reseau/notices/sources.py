"""What rooms say so that people can be told: who is to hear of a change, and what it looks like to them today.

A room registers a source for each kind of change of the log that people are told. Nothing here knows what a thread is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.members.models import Person
from reseau.notices.models import Notice


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


Candidates = Callable[[Session, Sequence[UUID], datetime], Iterable[Candidate]]
"""(session, ids of the objects that changed, now) → who is to hear of it."""
Lines = Callable[[Session, Person, Sequence[Notice]], Mapping[UUID, Line]]
"""(session, reader, notices) → id of the notice → what it says; what they may not see any more is left out."""


@dataclass(frozen=True, slots=True)
class Source:
    """How a room tells. ``object_kind``: of the notices that ``lines`` reads; several kinds of changes may share it."""

    object_kind: str
    candidates: Candidates
    lines: Lines


_SOURCES: dict[str, Source] = {}


def register(change_kind: str, source: Source) -> None:
    """Called where a room is put together, for pages and for the worker. :param change_kind: of the log (publish)."""
    _SOURCES[change_kind] = source


def source_of(change_kind: str) -> Source | None:
    """The source for a kind of change of the log."""
    return _SOURCES.get(change_kind)


def kinds() -> list[str]:
    """The kinds of changes that people are told."""
    return sorted(_SOURCES)


def lines(session: Session, person: Person, notices: Sequence[Notice]) -> dict[UUID, Line]:
    """What notices say to a person now; what they may not see any more is left out."""
    found: dict[UUID, Line] = {}
    for object_kind, source in {source.object_kind: source for source in _SOURCES.values()}.items():
        if mine := [notice for notice in notices if notice.object_kind == object_kind]:
            found |= source.lines(session, person, mine)
    return found
