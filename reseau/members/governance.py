"""Governance, as data: who pilots this site, how to reach them, who decides what, who holds which role on the site.

What the first plan refused to write into the code: a name, a charter, a number of anybody.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from reseau.members import invitations, places, sessions
from reseau.members.models import Governance, Invitation, Person, PersonState
from reseau.settings import Settings

#: What the page of governance holds. ``*_texte`` and ``charte`` are Markdown.
KEYS = ("pilote", "pilote_texte", "contact_courriel", "contact_telephone", "charte")
ROLES = ("coordinator", "label-committee", "relay", "administrator")
ADMINISTRATOR = "administrator"


class Done(enum.StrEnum):
    """What came of a change of someone's role or state."""

    DONE = "done"
    INVITED = "invited"
    NOTHING = "nothing"
    NOT_THERE = "not-there"
    LAST_ADMINISTRATOR = "last-administrator"
    SUSPENDED = "suspended"


def read(session: Session) -> dict[str, str]:
    """Every key of :data:`KEYS`; "" where nothing was written."""
    rows = session.execute(sa.select(Governance.key, Governance.value).where(Governance.key.in_(KEYS)))
    return dict.fromkeys(KEYS, "") | {row[0]: row[1] for row in rows}


def write(session: Session, values: Mapping[str, str], by: UUID | None, now: datetime) -> list[str]:
    """Write some keys. :return: those that changed."""
    known = read(session)
    changed = [key for key in KEYS if key in values and values[key] != known[key]]
    for key in changed:
        row = {"value": values[key], "changed_at": now, "changed_by": by}
        # Not "look, then insert": the first words written twice at once would be an error.
        statement = insert(session, Governance).values(key=key, **row)
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))
    return changed


def holders(session: Session) -> dict[str, list[Person]]:
    """The people of each role on the site, suspended ones included; one statement."""
    holding = sa.or_(*map(places.has_role, ROLES))
    found = sa.select(Person).where(Person.state != PersonState.GONE.value, holding).order_by(Person.name, Person.id)
    everyone = session.scalars(found).all()
    return {role: [person for person in everyone if role in person.roles] for role in ROLES}


@dataclass(frozen=True, slots=True)
class Given:
    """What came of giving a role. ``to``: who has it, or their invitation; None when nothing was done."""

    done: Done
    to: UUID | None = None


def add_role(
    session: Session, email: str, role: str, lang: str, by: UUID | None, settings: Settings, now: datetime
) -> Given:
    """Give a role to whoever has an address; who has no account is invited. :param email: clean."""
    person = invitations.lock_address(session, email)
    if person is None:
        wanted = invitations.Wanted(email, role, lang=lang)
        if invitations.invite(session, wanted, by, settings, now) is not invitations.Invited.SENT:
            return Given(Done.NOTHING)
        sent = sa.select(Invitation.id).where(Invitation.email == email, Invitation.role == role)
        sent = sent.where(Invitation.structure_id.is_(None)).order_by(
            Invitation.created_at.desc(), Invitation.id.desc()
        )
        return Given(Done.INVITED, session.scalars(sent).first())
    if person.state != PersonState.ACTIVE.value:
        return Given(Done.SUSPENDED)
    if role in person.roles:
        return Given(Done.NOTHING)
    person.roles = sorted({*person.roles, role})
    session.flush()
    # An invitation that still waits would give the role back after it was taken away.
    invitations.close(session, email, None, [role], now)
    return Given(Done.DONE, person.id)


def remove_role(session: Session, person_id: UUID, role: str, now: datetime) -> Done:
    """Take a role from a person, and the invitations that would give it back; the last active administrator keeps
    theirs.
    """
    administrators = _lock_administrators(session, person_id)
    person = session.get(Person, person_id)
    if person is None or role not in person.roles:
        return Done.NOT_THERE
    if role == ADMINISTRATOR and administrators == {person_id}:
        return Done.LAST_ADMINISTRATOR
    person.roles = [one for one in person.roles if one != role]
    session.flush()
    places.reads_less(session, person_id)
    invitations.close(session, person.email, None, [role], now)
    return Done.DONE


def suspend(session: Session, person_id: UUID, now: datetime) -> Done:
    """Keep a person out: nothing of theirs is lost, their sessions end."""
    administrators = _lock_administrators(session, person_id)
    person = session.get(Person, person_id)
    if person is None or person.state == PersonState.GONE.value:
        return Done.NOT_THERE
    if person.state == PersonState.SUSPENDED.value:
        return Done.NOTHING
    if administrators == {person_id}:
        return Done.LAST_ADMINISTRATOR
    person.state = PersonState.SUSPENDED.value
    sessions.end_all(session, person_id, now)
    session.flush()
    places.reads_less(session, person_id)
    return Done.DONE


def restore(session: Session, person_id: UUID) -> Done:
    """Let a suspended person in again."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.state == PersonState.GONE.value:
        return Done.NOT_THERE
    if person.state == PersonState.ACTIVE.value:
        return Done.NOTHING
    person.state = PersonState.ACTIVE.value
    person.warned_at = None  # of an account that sleeps: they were told while they could not come in
    session.flush()
    return Done.DONE


def _lock_administrators(session: Session, person_id: UUID) -> set[UUID]:
    """Ids of the active administrators. They, and the person, are locked in one order: two administrators who remove
    each other at once meet one after the other.
    """
    ids = {person.id for person in places.people_with(session, ADMINISTRATOR)} | {person_id}
    found = sa.select(Person).where(Person.id.in_(sorted(ids))).order_by(Person.id).with_for_update()
    rows = session.scalars(found.execution_options(populate_existing=True)).all()
    return {row.id for row in rows if ADMINISTRATOR in row.roles and row.state == PersonState.ACTIVE.value}
