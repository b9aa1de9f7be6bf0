"""Leaving: an account becomes a row without a name. What the person wrote on sheets stays, signed "ancien membre"."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import personal
from reseau.core.letters import Letter, Site
from reseau.core.mail import Mail, MailState, queue
from reseau.directory.models import Suggestion
from reseau.members import places, sessions
from reseau.members.models import (
    Decision,
    Draft,
    Invitation,
    JoinRequest,
    Membership,
    Person,
    PersonSession,
    PersonState,
    SignIn,
)
from reseau.web.security import Role


def is_last_administrator(session: Session, person: Person) -> bool:
    """Whether nobody could administer the site without this person. Two who leave at once are judged one by one."""
    if Role.ADMINISTRATOR.value not in person.roles:
        return False
    # Columns and a lock: the second one waits, then reads what became of the first. SQLite has one writer anyway.
    everyone = sa.select(Person.id, Person.roles).where(Person.state == PersonState.ACTIVE.value)
    rows = session.execute(everyone.order_by(Person.id).with_for_update())
    return not any(Role.ADMINISTRATOR.value in roles for id_, roles in rows if id_ != person.id)


def alone_at(session: Session, person_id: UUID) -> list[Any]:
    """The places whose sheet nobody else keeps (id, slug, nom, commune, status), by name; three statements at most."""
    mine = [id_ for id_, role in sessions.places_of(session, person_id).items() if role is Role.REFERENT]
    kept = places.referents(session, mine) if mine else {}
    alone = [id_ for id_ in mine if all(one.id == person_id for one in kept.get(id_, []))]
    return sorted(places.structures_named(session, alone).values(), key=lambda row: (row["nom"], str(row["id"])))


def leave(session: Session, person: Person, letter: Letter, *, site: Site, now: datetime) -> bool:
    """Anonymise a person and confirm it to their address. :return: False for the last administrator: nothing is done.

    :param letter: ``emails.account_deleted`` or ``emails.gone``.
    """
    if is_last_administrator(session, person):
        return False
    former = person.email
    anonymise(session, person, now)
    if former:
        queue(session, letter, former, site=site, now=now)
    return True


def anonymise(session: Session, person: Person, now: datetime) -> None:
    """Erase all that says who a person is. The row, its dates and what it is the author of stay."""
    former = person.email
    for holder in personal.holders():
        holder.forget(session, person.id, former)
    for table in (PersonSession, Draft, Membership):
        session.execute(sa.delete(table).where(table.person_id == person.id))
    _forget_requests(session, person.id, now)
    _forget_address(session, person.id, former)
    session.execute(sa.update(Suggestion).where(Suggestion.author_id == person.id).values(contact=None))
    person.state, person.gone_at, person.warned_at = PersonState.GONE.value, now, None
    person.email, person.name, person.languages, person.roles, person.mails = None, "", [], [], {}
    session.flush()


def _forget_requests(session: Session, person_id: UUID, now: datetime) -> None:
    mine = sa.update(JoinRequest).where(JoinRequest.person_id == person_id)
    session.execute(mine.values(message="", reason=""))
    undecided = mine.where(JoinRequest.state == Decision.OPEN.value)
    session.execute(undecided.values(state=Decision.WITHDRAWN.value, decided_at=now))


def _forget_address(session: Session, person_id: UUID, email: str | None) -> None:
    session.execute(sa.delete(SignIn).where(sa.or_(SignIn.person_id == person_id, SignIn.email == email)))
    if email is None:
        return
    session.execute(sa.delete(Invitation).where(sa.func.lower(Invitation.email) == email))
    session.execute(sa.update(Suggestion).where(sa.func.lower(Suggestion.contact) == email).values(contact=None))
    waiting = (MailState.WAITING.value, MailState.ASIDE.value)
    session.execute(sa.delete(Mail).where(Mail.recipient == email, Mail.state.in_(waiting)))
