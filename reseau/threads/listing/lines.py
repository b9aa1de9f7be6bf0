"""What lists say of a thread, in the language of the page; and the same as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from babel import dates

from reseau.core import cards
from reseau.core.cards import Card, Ref
from reseau.core.wording import LOCALES, _
from reseau.threads.base.access import Reader
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import Thread, ThreadKind, ThreadState, Topic
from reseau.threads.base.shapes import KIND_LABELS, SOMEBODY, somebody
from reseau.threads.listing.queries import Row
from reseau.web.formats import format_date
from resources.base import langs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_JUST_NOW, _LONG_AGO = timedelta(minutes=1), timedelta(days=30)
NOW = _("À l’instant")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list. ``author``: whoever is signed in reads it; visitors read the place, as elsewhere, or
    ``somebody``, a msgid."""

    thread: Thread
    topic: Topic
    author: str
    place: str
    card: Card | None
    unread: bool
    pinned: bool
    somebody: str = SOMEBODY

    @property
    def path(self) -> str:
        """Its address in the site."""
        return path_of(self.thread)

    @property
    def kind(self) -> str:
        """What it is for, as a French msgid."""
        return KIND_LABELS[ThreadKind(self.thread.kind)]

    @property
    def dir(self) -> str:
        """Direction of its title."""
        return langs.direction(self.thread.lang)

    @property
    def closed(self) -> bool:
        """Whether it takes no more answers."""
        return self.thread.state == ThreadState.CLOSED.value

    @property
    def card_dir(self) -> str:
        """Direction of the title of its object."""
        return langs.direction(self.card.lang) if self.card else "ltr"

    def as_data(self) -> dict[str, Any]:
        """For ``/echanges.json``."""
        thread, card = self.thread, self.card
        return {
            "id": str(thread.id), "titre": thread.title, "langue": thread.lang, "type": thread.kind,
            "etat": thread.state, "sujet": self.topic.slug, "url": self.path, "auteur": self.author or None,
            "structure": self.place or None, "reponses": thread.replies, "cree_le": thread.created_at.isoformat(),
            "dernier_message_le": thread.last_at.isoformat(), "resolu": thread.solved, "epingle": self.pinned,
            "non_lu": self.unread, "objet": {"titre": card.title, "url": card.path} if card else None,
        }  # fmt: skip


def lines(session: Session, reader: Reader, rows: Sequence[Row], just_read: Mapping[UUID, datetime]) -> list[Line]:
    """The lines of some threads; one statement for each kind of objects that they are about.

    :param just_read: thread → how far the reader has read, where the database does not know it yet.
    """
    wanted = [row.thread.about for row in rows if row.thread.about]
    known: dict[Ref | None, Card] = {
        ref: card for ref, card in cards.by_refs(session, wanted).items()
        if card.readable(reader.network, reader.group_ids)
    }  # fmt: skip
    return [
        Line(
            row.thread, reader.by_id[row.thread.topic_id], row.author if reader.person_id else "", row.place,
            known.get(row.thread.about), row.unread and not _was_read(row.thread, just_read), row.pinned,
            somebody(row.roles),
        )
        for row in rows
    ]  # fmt: skip


def _was_read(thread: Thread, just_read: Mapping[UUID, datetime]) -> bool:
    return thread.id in just_read and thread.last_at <= just_read[thread.id]


def ago(moment: datetime, now: datetime, lang: str, timezone: str) -> str:
    """How long ago, in words (``il y a 3 heures``); the day of what is older than a month. "": just now."""
    passed = now - moment
    if passed < _JUST_NOW:
        return ""
    if passed > _LONG_AGO:
        return format_date(moment, lang, timezone)
    return dates.format_timedelta(-passed, granularity="minute", add_direction=True, locale=LOCALES[lang])
