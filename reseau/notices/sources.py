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


@dataclass(frozen=True, slots=True)
class Source:
    """How a room tells. ``object_kind``: of the notices that ``lines`` reads: kinds that share a function are read
    together. ``about``: kinds of changes of the log after which what was told about such an object may not be seen any
    more (its thread was hidden, moved)."""

    object_kind: str
    candidates: Candidates
    lines: Lines
    about: tuple[str, ...] = ()


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


def watched() -> list[str]:
    """The kinds of changes of the log that matter here."""
    return sorted({*_SOURCES, *(kind for source in _SOURCES.values() for kind in source.about)})


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
