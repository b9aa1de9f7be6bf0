"""Suggestions: what anyone says is wrong on a sheet, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reseau.core.actors import Actor
from reseau.core.contacts import Cleaned, clean_emails, clean_phone, clean_urls
from reseau.core.db import affected
from reseau.core.hours_text import read as read_hours
from reseau.core.ids import new_id
from reseau.directory import edits
from reseau.directory.models import Cause, Status, Structure, Suggestion, SuggestionState
from reseau.directory.reproject import Because, same

#: What the form asks, in its order → the field that an answer may be read as.
REASONS: dict[str, str | None] = {
    "telephone": "telephone",
    "horaires": "horaires",
    "adresse": None,
    "courriel": "courriels",
    "site": "site_web",
    "prix": None,
    "offre": None,
    "ferme": None,
    "doublon": None,
    "position": None,
    "autre": None,
}
OLD_REASONS = frozenset({"contact"})
"""Asked by the form of before, still in the table."""
CONTACT_KEPT = timedelta(days=30)
"""After the answer."""
CONTACT_KEPT_UNANSWERED = timedelta(days=365)
"""After it was sent, whether or not anybody answered."""
_PHONE_DIGITS = 13
"""More digits than one number has, with its country: two numbers, and nobody knows which is the right one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says. :param field: and ``proposed``: when it could be read as a value of one field."""

    reason: str
    message: str
    contact: str | None = None
    field: str | None = None
    proposed: Any = None
    seen: Any = None


class Unreadable(ValueError):
    """What was written cannot be a value of the field. ``args[0]``: ``telephone``, ``courriel``, ``nominatif``,
    ``site`` or ``identique``: the key of the sentence to show."""


def read(reason: str, message: str, row: Mapping[str, Any]) -> tuple[str | None, Any]:
    """(field, value) that a message proposes; (None, None) when it is a message and no value.

    :param row: the sheet as it is. :raises Unreadable: a number, address or site was asked for, and this is none.
    """
    name = REASONS.get(reason)
    if name is None:
        return None, None
    value = _READERS[reason](message)
    if value is None:
        return None, None
    if same(row[name], value):
        raise Unreadable("identique")
    return name, value


def _phone(text: str) -> str | None:
    if sum(char.isdigit() for char in text) > _PHONE_DIGITS:
        return None
    value = clean_phone(text).value
    if value is None:
        raise Unreadable("telephone")
    return value


def _hours(text: str) -> str | None:
    return read_hours(text.strip()).osm


def _mails(text: str) -> list[str]:
    words = [word for word in text.split() if "@" in word]
    found = clean_emails(" ; ".join(words) if words else text)
    if any(one.reason == "courriel-nominatif" for one in found):
        raise Unreadable("nominatif")
    return _all(found, "courriel")


def _sites(text: str) -> list[str]:
    words = text.split()
    links = [word for word in words if re.match(r"(?:https?:|www\.)", word, re.IGNORECASE)] or words
    return _all(clean_urls(links[0] if len(links) == 1 else "|".join(links)), "site")


def _all(found: Sequence[Cleaned], code: str) -> list[str]:
    values = [one.value for one in found if one.value]
    if not values or any(one.value is None for one in found):
        raise Unreadable(code)
    return values


_READERS: dict[str, Any] = {"telephone": _phone, "horaires": _hours, "courriel": _mails, "site": _sites}


def suggest(
    session: Session,
    structure_id: UUID,
    said: Said,
    *,
    language: str,
    nonce: UUID,
    now: datetime,
    author_id: UUID | None = None,
) -> Suggestion | None:
    """Store it. :param nonce: the form's own; the same form sent twice stores one.

    :return: None when it was already stored.
    """
    suggestion = Suggestion(
        id=new_id(), structure_id=structure_id, reason=said.reason, message=said.message, contact=said.contact,
        field=said.field, proposed={"v": said.proposed} if said.field else None,
        seen={"v": said.seen} if said.field else None, language=language, nonce=nonce, created_at=now,
        author_id=author_id, state=SuggestionState.OPEN.value, answer="",
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(suggestion)
    except IntegrityError:
        return None
    return suggestion


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page of open suggestions, oldest first. ``total``: on all pages."""

    suggestions: list[Suggestion]
    total: int


def waiting(
    session: Session, structure_ids: Sequence[UUID] | None, limit: int | None = None, offset: int = 0
) -> Waiting:
    """Suggestions that nobody has answered; two statements. :param structure_ids: only of these; None: of all."""
    condition: sa.ColumnElement[bool] = Suggestion.state == SuggestionState.OPEN.value
    if structure_ids is not None:
        condition = sa.and_(condition, Suggestion.structure_id.in_(list(structure_ids)))
    total = session.execute(sa.select(sa.func.count()).select_from(Suggestion).where(condition)).scalar_one()
    found = sa.select(Suggestion).where(condition).order_by(Suggestion.created_at, Suggestion.id)
    return Waiting(list(session.scalars(found.limit(limit).offset(offset))), total)


def find(session: Session, suggestion_id: UUID) -> tuple[Suggestion, UUID] | None:
    """A suggestion and the structure that it is about today (after merges), or None."""
    place = sa.func.coalesce(Structure.merged_into, Structure.id)
    found = sa.select(Suggestion, place).join(Structure, Structure.id == Suggestion.structure_id)
    row = session.execute(found.where(Suggestion.id == suggestion_id)).first()
    return (row[0], row[1]) if row else None


class Answered(Exception):
    """Somebody else has answered meanwhile; nothing is written. ``suggestion`` says who, when and what."""

    def __init__(self, suggestion: Suggestion) -> None:
        super().__init__(suggestion.id)
        self.suggestion = suggestion


class Closed(LookupError):
    """The place is closed for good: nobody reads its sheet, so there is nothing to correct. Its suggestions wait for a
    person, who marks them as done or refuses them: the one that said that it is closed was right."""


def accept(
    session: Session,
    suggestion_id: UUID,
    structure_id: UUID,
    actor: Actor,
    sources: Sequence[str],
    now: datetime,
    vu: str | None = None,
) -> edits.Outcome:
    """Put the proposed value on the sheet, with credit.

    :param structure_id: where the place is today. :param vu: ``edits.seen`` of the value that whoever accepts saw.
    :return: clashes, and nothing is decided, when the sheet has changed since then.
    :raises Answered: decided already. :raises Closed: the place is. :raises LookupError: no such suggestion, or it
        proposes no value.
    """
    place = edits.locked(session, structure_id)  # before the suggestion: in the order in which a merge takes them
    suggestion = _open(session, suggestion_id)
    if suggestion.field is None or suggestion.proposed is None:
        raise LookupError(suggestion_id)
    if place["status"] == Status.CLOSED.value:
        raise Closed(suggestion_id)
    values = {suggestion.field: suggestion.proposed["v"]}
    if suggestion.field == "horaires":
        values["horaires_texte"] = None  # the words beside would contradict the new hours
    base = {suggestion.field: vu} if vu else {}
    because = Because(Cause.SUGGESTION, actor, ref=suggestion.id)
    outcome = edits.save(session, place["id"], values, base, because, sources, now)
    if not outcome.clashes:
        _decide(session, suggestion, SuggestionState.ACCEPTED, actor, now)
    return outcome


def mark_done(session: Session, suggestion_id: UUID, actor: Actor, now: datetime) -> Suggestion:
    """Somebody corrected the sheet by hand. :raises Answered: decided already. :raises LookupError: there is none."""
    return _decide(session, _open(session, suggestion_id), SuggestionState.ACCEPTED, actor, now)


def refuse(session: Session, suggestion_id: UUID, reason: str, actor: Actor, now: datetime) -> Suggestion:
    """Refuse with a reason, which the sender reads. :raises Answered: decided already. :raises LookupError: none."""
    return _decide(session, _open(session, suggestion_id), SuggestionState.REFUSED, actor, now, reason)


def forget_contacts(session: Session, now: datetime) -> int:
    """Erase the senders' own addresses ``CONTACT_KEPT`` after the answer, or ``CONTACT_KEPT_UNANSWERED`` after they
    were written. :return: how many."""
    late = sa.or_(Suggestion.decided_at < now - CONTACT_KEPT, Suggestion.created_at < now - CONTACT_KEPT_UNANSWERED)
    old = sa.and_(Suggestion.contact.is_not(None), late)
    return affected(session, sa.update(Suggestion).where(old).values(contact=None))


def _open(session: Session, suggestion_id: UUID) -> Suggestion:
    """The suggestion, which nobody else can decide until the commit."""
    found = sa.select(Suggestion).where(Suggestion.id == suggestion_id).with_for_update()
    suggestion = session.scalars(found.execution_options(populate_existing=True)).first()
    if suggestion is None:
        raise LookupError(suggestion_id)
    if suggestion.state != SuggestionState.OPEN.value:
        raise Answered(suggestion)
    return suggestion


def _decide(
    session: Session, suggestion: Suggestion, state: SuggestionState, actor: Actor, now: datetime, answer: str = ""
) -> Suggestion:
    suggestion.state, suggestion.answer = state.value, answer
    suggestion.decided_at, suggestion.decided_by = now, actor.person_id
    session.flush()
    return suggestion
