"""Invitations: someone is asked by mail to join a place, or to hold a role on the site.

The mail proves the address: who accepts needs no other link to sign in. The token of the mail names the row of the
invitation, and says nothing by itself: whether it is still good is in the row, and in what its inviter may do today:
who was suspended, removed or has left brings nobody in any more.

Locks are taken in one order, here and in ``team``, ``requests`` and ``governance``: place, person, invitation.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import letters, mail, tokens
from reseau.core.contacts import deliverable
from reseau.core.db import dicts, insert
from reseau.core.ids import new_id, parse_id
from reseau.directory.models import Structure
from reseau.members import joining_emails, places
from reseau.members.models import Invitation, Membership, Person, PersonState
from reseau.settings import Settings
from reseau.web.security import SITE_ROLES, Permission, Role, permits

PURPOSE = "invitation"
LASTS = timedelta(days=30)
#: A token is read long after: whoever comes late is told so, instead of "unknown link".
READ_FOR = timedelta(days=400)


class State(enum.StrEnum):
    """What an invitation is worth now."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Pending:
    """An open invitation as its receiver sees it. ``place``: id, slug, nom, commune, status; None: a role on the
    site.
    """

    id: UUID
    email: str
    role: str
    place: Any | None
    invited_by: str
    expires_at: datetime
    name: str = ""


def clean_address(text: str) -> str | None:
    """A mail address in its one spelling, or None when no mail can go there."""
    return deliverable(text)


def state(invitation: Invitation, now: datetime) -> State:
    """What it is worth at a moment."""
    if invitation.accepted_at is not None:
        return State.ACCEPTED
    if invitation.revoked_at is not None:
        return State.REVOKED
    return State.OPEN if invitation.expires_at > now else State.EXPIRED


def place_of(session: Session, structure_id: UUID) -> Any | None:
    """Where a structure is now: id, slug, nom, commune, status of itself or of the one it was merged into."""
    table: Any = Structure.__table__
    wanted = sa.select(sa.func.coalesce(table.c.merged_into, table.c.id)).where(table.c.id == structure_id)
    columns = (table.c.id, table.c.slug, table.c.nom, table.c.commune, table.c.status)
    return next(dicts(session.execute(sa.select(*columns).where(table.c.id == wanted.scalar_subquery()))), None)


def by_token(session: Session, secret: str, token: str, now: datetime) -> Invitation | None:
    """The invitation that a link of ours names; None for a link that is not ours, or is cut."""
    payload = tokens.read(secret, PURPOSE, token, READ_FOR, now)
    id_ = parse_id(payload) if isinstance(payload, str) else None
    return session.get(Invitation, id_) if id_ else None


def link(settings: Settings, invitation_id: UUID, now: datetime) -> str:
    """The address that is mailed."""
    token = tokens.sign(settings.secret, PURPOSE, str(invitation_id), now)
    return f"{letters.Site.of(settings).url}/invitation/{token}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to invite. :param email: clean (:func:`clean_address`). :param role: of the place, or of the site."""

    email: str
    role: str
    structure_id: UUID | None = None
    name: str = ""
    lang: str = "fr"


class Invited(enum.StrEnum):
    """What came of it: mailed; or nothing to do, because they are there or were asked already."""

    SENT = "sent"
    MEMBER = "member"
    PENDING = "pending"


def invite(session: Session, wanted: Wanted, by: UUID | None, settings: Settings, now: datetime) -> Invited:
    """Ask someone by mail. The place is locked: asked twice at once, one mail leaves."""
    if wanted.structure_id is not None:
        lock_place(session, wanted.structure_id)
    if _has_already(session, wanted):
        return Invited.MEMBER
    same = sa.select(Invitation).where(*_open_at(now), Invitation.email == wanted.email)
    same = same.where(_for(wanted.structure_id), Invitation.role.in_((wanted.role, "referent")))
    if backed(session, session.scalars(same).all()):
        return Invited.PENDING
    row = Invitation(
        id=new_id(), email=wanted.email, name=wanted.name, structure_id=wanted.structure_id, role=wanted.role,
        lang=wanted.lang, invited_by=by, created_at=now, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(row)
    session.flush()
    send(session, row, settings, now)
    return Invited.SENT


def send(
    session: Session, row: Invitation, settings: Settings, now: datetime, *, reminder: bool = False,
    key: str | None = None,
) -> bool:  # fmt: skip
    """Mail it. :param key: mailed once with that key. :return: False when it had been."""
    who = places.names(session, [row.invited_by]).get(row.invited_by, "") if row.invited_by else ""
    url, site = link(settings, row.id, now), letters.Site.of(settings)
    if row.structure_id is None:
        letter = joining_emails.invited_to_site(row.lang, who, site.name, row.role, url, reminder=reminder)
    else:
        place = place_of(session, row.structure_id)
        name = place["nom"] if place else ""
        letter = joining_emails.invited(row.lang, who, name, row.role, url, reminder=reminder)
    return mail.queue(session, letter, row.email, site=site, now=now, key=key)


def again(session: Session, row: Invitation, by: UUID, settings: Settings, now: datetime) -> bool:
    """Mail it once more, good for 30 days from now, in the name of who sends it again: whoever invited first may be
    gone. :return: False when it was accepted or revoked meanwhile.
    """
    if state(row, now) not in (State.OPEN, State.EXPIRED):
        return False
    row.expires_at, row.invited_by = now + LASTS, by
    session.flush()
    return send(session, row, settings, now)


def revoke(session: Session, row: Invitation, now: datetime) -> bool:
    """Take it back. :return: False when it was accepted or revoked meanwhile."""
    if state(row, now) not in (State.OPEN, State.EXPIRED):
        return False
    row.revoked_at = now
    session.flush()
    return True


def close(
    session: Session, email: str | None, structure_id: UUID | None, roles: Iterable[str], now: datetime,
    but: UUID | None = None,
) -> None:  # fmt: skip
    """Take back the invitations of an address that were neither accepted nor revoked, expired ones too (they could be
    sent again): its role was given otherwise, or taken away.

    :param structure_id: the place, with what was merged into it; None: the site. :param but: this one stays.
    """
    if not email:
        return
    where = [Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), _for(structure_id)]
    where += [Invitation.email == email, Invitation.role.in_(sorted(roles))]
    where += [Invitation.id != but] if but else []
    changed = sa.update(Invitation).where(*where).values(revoked_at=now)
    session.execute(changed, execution_options={"synchronize_session": "fetch"})


def superseded(role: str) -> tuple[str, ...]:
    """The roles that mean nothing more to whoever has ``role`` in the same place, or on the site."""
    return ("member", "referent") if role == "referent" else (role,)


def backed(session: Session, rows: Iterable[Invitation]) -> list[Invitation]:
    """Those of ``rows`` whose inviter is there and may still invite: into that place, or to a role on the site; three
    statements at most. Those of the house itself (no inviter) are good.
    """
    rows = list(rows)
    by = {row.invited_by for row in rows if row.invited_by}
    if not by:
        return rows
    found = sa.select(Person.id, Person.roles).where(Person.id.in_(by), Person.state == PersonState.ACTIVE.value)
    site = {id_: frozenset(role for role in SITE_ROLES if role in roles) for id_, roles in session.execute(found)}
    here: dict[tuple[UUID, UUID], frozenset[Role]] = {}
    if asked := {row.structure_id for row in rows if row.structure_id}:
        here = _roles_there(session, list(site), asked)

    def may(row: Invitation) -> bool:
        if row.invited_by is None:
            return True
        if row.invited_by not in site:
            return False
        roles = site[row.invited_by]
        if row.structure_id is None:
            return permits(roles, Permission.SITE_ADMINISTER)
        return permits(roles | here.get((row.invited_by, row.structure_id), frozenset()), Permission.TEAM_MANAGE)

    return [row for row in rows if may(row)]


def _roles_there(
    session: Session, people: Iterable[UUID], structures: Iterable[UUID]
) -> dict[tuple[UUID, UUID], frozenset[Role]]:
    """(person, structure as it is named in an invitation) → their role where that structure is now."""
    table: Any = Structure.__table__
    was, then = table.alias(), table.alias()
    now = sa.func.coalesce(was.c.merged_into, was.c.id)
    found = (
        sa.select(Membership.person_id, was.c.id, Membership.role)
        .join(then, then.c.id == Membership.structure_id)
        .join(was, now == sa.func.coalesce(then.c.merged_into, then.c.id))
        .where(Membership.person_id.in_(list(people)), was.c.id.in_(list(structures)))
    )
    roles: dict[tuple[UUID, UUID], frozenset[Role]] = {}
    for person, structure, role in session.execute(found):
        roles[person, structure] = roles.get((person, structure), frozenset()) | {Role(role)}
    return roles


def get(session: Session, id_: UUID) -> Invitation | None:
    """An invitation."""
    return session.get(Invitation, id_)


def lock(session: Session, id_: UUID) -> Invitation | None:
    """An invitation, locked until commit, as it is now."""
    found = sa.select(Invitation).where(Invitation.id == id_).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).first()


def lock_place(session: Session, structure_id: UUID) -> None:
    """Who changes the team of a place waits here for whoever does it at the same time."""
    # "No key": a row that only refers to this one (a membership elsewhere) need not wait, and cannot make a circle.
    session.execute(sa.select(Structure.id).where(Structure.id == structure_id).with_for_update(key_share=True))


def lock_address(session: Session, email: str) -> Person | None:
    """The person of an address, locked until commit, as they are now."""
    found = sa.select(Person).where(Person.email == email).with_for_update(key_share=True)
    return session.scalars(found.execution_options(populate_existing=True)).first()


def accept(session: Session, id_: UUID, now: datetime, *, name: str = "", lang: str = "") -> Person | State:
    """Accept it for its address: the account is made if there is none, the role given.

    :param name: and ``lang``: of the account, when it is made. :return: the person; or why not: the state of the
        invitation, ``REVOKED`` for the account of who was suspended, and when its inviter may invite no more.
    """
    known = session.get(Invitation, id_)
    place = place_of(session, known.structure_id) if known and known.structure_id else None
    if known is None or (known.structure_id and place is None):
        return State.REVOKED
    if place:
        lock_place(session, place["id"])
    person, row = lock_address(session, known.email), _lock_with_alike(session, known)
    if row is None or (person and person.state != PersonState.ACTIVE.value):
        return State.REVOKED
    if (now_is := current(session, row, now)) is not State.OPEN:
        return now_is
    if person is None:
        person = account(session, row.email, name or row.name, lang or row.lang, now)
    if place:
        places.join_structure(session, person.id, place["id"], row.role, row.invited_by)
    else:
        person.roles = sorted({*person.roles, row.role})
    row.accepted_at = now
    session.flush()
    close(session, row.email, place and place["id"], superseded(row.role), now, but=row.id)
    return person


def _lock_with_alike(session: Session, known: Invitation) -> Invitation | None:
    """An invitation, locked; one to the site with those of the same address and role, which accepting it closes. Those
    to a place are kept apart by the lock of the place.
    """
    if known.structure_id is not None:
        return lock(session, known.id)
    alike = (Invitation.email == known.email, Invitation.role == known.role, Invitation.structure_id.is_(None))
    found = sa.select(Invitation).where(*alike).order_by(Invitation.id).with_for_update()
    rows = session.scalars(found.execution_options(populate_existing=True)).all()
    return next((row for row in rows if row.id == known.id), None)


def current(session: Session, row: Invitation, now: datetime) -> State:
    """What it is worth at a moment, with what its inviter may do."""
    found = state(row, now)
    return State.REVOKED if found is State.OPEN and not backed(session, [row]) else found


def account(session: Session, email: str, name: str, lang: str, now: datetime) -> Person:
    """The account of an address, made if there is none, locked until commit. Made twice at once, it is one."""
    values = {
        "id": new_id(), "email": email, "name": name[:120] or email.partition("@")[0][:120], "languages": [],
        "lang": lang, "roles": [], "mails": {}, "state": PersonState.ACTIVE.value, "created_at": now,
        "last_seen_at": now,
    }  # fmt: skip
    table: Any = Person.__table__
    session.execute(insert(session, table).values(values).on_conflict_do_nothing(index_elements=["email"]))
    found = sa.select(Person).where(Person.email == email).with_for_update(key_share=True)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def pending_for(session: Session, email: str, now: datetime) -> list[Pending]:
    """The open invitations of an address that can be accepted, the oldest first; five statements at most."""
    found = sa.select(Invitation).where(*_open_at(now), Invitation.email == email.lower())
    rows = session.scalars(found.order_by(Invitation.created_at, Invitation.id)).all()
    return _told(session, backed(session, rows))


def accept_pending(session: Session, person: Person, now: datetime) -> list[Pending]:
    """Called when someone signs in: accepts nothing (joining needs a yes), tells what waits for that yes."""
    return pending_for(session, person.email, now) if person.email else []


def told(session: Session, row: Invitation) -> Pending:
    """One invitation as its receiver sees it."""
    return _told(session, [row])[0]


def of_place(session: Session, structure_id: UUID) -> list[Invitation]:
    """Invitations to a place that were neither accepted nor revoked, expired ones included, oldest first."""
    found = sa.select(Invitation).where(_for(structure_id))
    waiting = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return list(session.scalars(found.where(*waiting).order_by(Invitation.created_at, Invitation.id)))


def of_site(session: Session) -> list[Invitation]:
    """Invitations to a role on the site that were neither accepted nor revoked, oldest first."""
    found = sa.select(Invitation).where(Invitation.structure_id.is_(None), Invitation.accepted_at.is_(None))
    return list(session.scalars(found.where(Invitation.revoked_at.is_(None)).order_by(Invitation.created_at)))


def _told(session: Session, rows: Iterable[Invitation]) -> list[Pending]:
    rows = list(rows)
    table: Any = Structure.__table__
    was, now = table.alias(), table
    wanted = {row.structure_id for row in rows if row.structure_id}
    columns = (was.c.id.label("was"), now.c.id, now.c.slug, now.c.nom, now.c.commune, now.c.status)
    joined = sa.select(*columns).join(now, now.c.id == sa.func.coalesce(was.c.merged_into, was.c.id))
    found = {r["was"]: r for r in dicts(session.execute(joined.where(was.c.id.in_(wanted))))} if wanted else {}
    who = places.names(session, [row.invited_by for row in rows])
    return [
        Pending(
            row.id, row.email, row.role, found.get(row.structure_id) if row.structure_id else None,
            who.get(row.invited_by, "") if row.invited_by else "", row.expires_at, row.name,
        )
        for row in rows
    ]  # fmt: skip


def _open_at(now: datetime) -> tuple[Any, ...]:
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now


def _for(structure_id: UUID | None) -> sa.ColumnElement[bool]:
    """Of invitations to a place, with what was merged into it; None: to the site."""
    if structure_id is None:
        return Invitation.structure_id.is_(None)
    here = sa.or_(Structure.id == structure_id, Structure.merged_into == structure_id)
    return Invitation.structure_id.in_(sa.select(Structure.id).where(here))


def _has_already(session: Session, wanted: Wanted) -> bool:
    person = session.scalars(sa.select(Person).where(Person.email == wanted.email)).first()
    if person is None:
        return False
    if wanted.structure_id is None:
        return wanted.role in person.roles
    known: Membership | None = places.belongs(session, person.id, wanted.structure_id)
    return known is not None and known.role in (wanted.role, "referent")
