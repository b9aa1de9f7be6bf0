"""Requests for a resource that somebody looked for and did not find: made by anyone, answered by the coordination or by
who has written something on the same theme.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reseau.core.db import affected
from reseau.core.paging import Page, nearest, offset
from reseau.members.models import Person, PersonState
from resources.base import services
from resources.base.models import Resource, ResourceAuthor, ResourceRequest, State, Visibility
from resources.base.shapes import PLURALS

MAX_WORDS, MAX_DETAILS, MAX_CONTACT, MAX_ANSWER = 200, 2_000, 254, 1_000
A_PAGE = 20
CONTACT_KEPT = timedelta(days=30)
"""After the answer."""
CONTACT_KEPT_UNANSWERED = timedelta(days=365)
_KINDS = {plural: kind for kind, plural in PLURALS.items()}
_ADDRESS = re.compile(rf"/({'|'.join(_KINDS)})/([a-z0-9-]{{1,100}})(?:/[^?#]*)?$")


class Asked(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for. ``lang``: in which it is wanted ("": any). ``language``: in which they are answered."""

    words: str
    text: str = ""
    theme: str = ""
    lang: str = ""
    contact: str | None = None
    language: str = "fr"


class NoAnswer(ValueError):
    """What was given as the answer is none. ``args[0]``: ``adresse`` (not one of a resource), ``ailleurs`` (of another
    site), ``absente`` (no such published resource), ``reseau`` (who asked could not read it)."""


class Decided(Exception):
    """Somebody else has answered meanwhile; nothing is written."""


def ask(session: Session, wish: Wish, *, id_: UUID, by: UUID | None, now: datetime) -> ResourceRequest | None:
    """Keep a request. :param id_: of the form: sent twice, it is kept once. :return: None when it was there already."""
    made = ResourceRequest(
        id=id_, words=wish.words, text=wish.text, theme=wish.theme, lang=wish.lang, language=wish.language,
        contact=wish.contact, author_id=by, at=now, state=Asked.OPEN.value, answer="",
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return None
    return made


def find(session: Session, id_: UUID) -> ResourceRequest | None:
    """One request, or None."""
    return session.get(ResourceRequest, id_)


def waiting(session: Session, number: int = 1, themes: Collection[str] | None = None) -> Page[ResourceRequest]:
    """A page of open requests, oldest first; two statements. :param themes: only of these; None: of all."""
    condition: sa.ColumnElement[bool] = ResourceRequest.state == Asked.OPEN.value
    if themes is not None:
        condition = sa.and_(condition, ResourceRequest.theme.in_(sorted(themes)))
    total = session.execute(sa.select(sa.func.count()).select_from(ResourceRequest).where(condition)).scalar_one()
    shown = nearest(number, total, A_PAGE)
    found = sa.select(ResourceRequest).where(condition).order_by(ResourceRequest.at, ResourceRequest.id)
    rows = list(session.scalars(found.limit(A_PAGE).offset(offset(shown, A_PAGE))))
    return Page(rows, total, shown, A_PAGE)


def decided(session: Session, most: int = 10) -> list[ResourceRequest]:
    """The last ones that were answered or declined, newest first."""
    found = sa.select(ResourceRequest).where(ResourceRequest.state != Asked.OPEN.value)
    return list(session.scalars(found.order_by(ResourceRequest.decided_at.desc(), ResourceRequest.id).limit(most)))


def themes_of(session: Session, person_id: UUID) -> set[str]:
    """The themes on which a person has written something that is published."""
    found = sa.select(Resource.themes).join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
    mine = found.where(ResourceAuthor.person_id == person_id, Resource.state == State.PUBLISHED.value)
    return {theme for themes in session.scalars(mine) for theme in themes}


def authors_on(session: Session, theme: str) -> list[Person]:
    """Who has written something on a theme that is published, and is still there; none for no theme. One statement: of
    the published resources, hundreds at most, the themes are looked at here."""
    if not theme:
        return []
    found = (
        sa.select(Person, Resource.themes)
        .join(ResourceAuthor, ResourceAuthor.person_id == Person.id)
        .join(Resource, Resource.id == ResourceAuthor.resource_id)
        .where(Resource.state == State.PUBLISHED.value, Person.state == PersonState.ACTIVE.value)
        .order_by(Person.created_at, Person.id)
    )
    return list({person.id: person for person, themes in session.execute(found) if theme in themes}.values())


def resource_at(session: Session, address: str, public_url: str) -> Resource:
    """The published resource at an address of the site, whole or without the site's name.

    :raises NoAnswer: there is none.
    """
    try:
        parts = urlsplit(address.strip())
        elsewhere = bool(parts.netloc) and parts.netloc.lower() != urlsplit(public_url).netloc.lower()
        path = "/" + parts.path.strip("/")
    except ValueError as error:
        raise NoAnswer("adresse") from error
    if elsewhere:
        raise NoAnswer("ailleurs")
    named = _ADDRESS.search(path)
    if named is None:
        raise NoAnswer("adresse")
    found = services.find(session, _KINDS[named[1]], named[2])
    if found is None or found.state != State.PUBLISHED.value:
        raise NoAnswer("absente")
    return found


def answer(
    session: Session, id_: UUID, resource: Resource, message: str, *, by: UUID | None, now: datetime
) -> ResourceRequest:
    """Close a request with the resource that answers it.

    :raises Decided: somebody was faster. :raises NoAnswer: who asked could not read it. :raises LookupError: none.
    """
    asked = _open(session, id_)
    if resource.visibility == Visibility.NETWORK.value and asked.author_id is None:
        raise NoAnswer("reseau")
    asked.answer_id = resource.id
    return _decide(session, asked, Asked.ANSWERED, message, by, now)


def decline(session: Session, id_: UUID, reason: str, *, by: UUID | None, now: datetime) -> ResourceRequest:
    """Close a request with a reason. :raises Decided: somebody was faster. :raises LookupError: there is none."""
    return _decide(session, _open(session, id_), Asked.DECLINED, reason, by, now)


def hold(session: Session, id_: UUID) -> ResourceRequest | None:
    """The request as it is now, which nobody else can decide until the commit; None: there is none."""
    found = sa.select(ResourceRequest).where(ResourceRequest.id == id_).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).first()


def reopen(session: Session, id_: UUID) -> None:
    """The resource that answered a request was not what was looked for: it waits again. One that was declined, or is
    gone, stays so."""
    asked = hold(session, id_)
    if asked is not None and asked.state == Asked.ANSWERED.value:
        asked.state, asked.answer_id, asked.answer = Asked.OPEN.value, None, ""
        asked.decided_at = asked.decided_by = None
        session.flush()


def forget_contacts(session: Session, now: datetime) -> int:
    """Erase the addresses of who asked ``CONTACT_KEPT`` after the answer, or ``CONTACT_KEPT_UNANSWERED`` after they
    were written. :return: how many."""
    table = ResourceRequest
    late = sa.or_(table.decided_at < now - CONTACT_KEPT, table.at < now - CONTACT_KEPT_UNANSWERED)
    return affected(session, sa.update(table).where(table.contact.is_not(None), late).values(contact=None))


def _open(session: Session, id_: UUID) -> ResourceRequest:
    asked = hold(session, id_)
    if asked is None:
        raise LookupError(id_)
    if asked.state != Asked.OPEN.value:
        raise Decided(id_)
    return asked


def _decide(
    session: Session, asked: ResourceRequest, state: Asked, words: str, by: UUID | None, now: datetime
) -> ResourceRequest:
    asked.state, asked.answer, asked.decided_at, asked.decided_by = state.value, words, now, by
    session.flush()
    return asked


def answers_of(session: Session, rows: Sequence[ResourceRequest]) -> dict[UUID, Resource]:
    """The resources that answer some requests, by id of the resource; one statement, none without."""
    return services.by_ids(session, [row.answer_id for row in rows if row.answer_id])
