"""Requests: a person asks to join a place, or proposes one that is not there (``proposals``), and someone decides.

A request is decided once: whoever comes second is told who decided. All that changes one locks it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import letters, mail
from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.directory.models import Structure
from reseau.members import invitations, joining_emails, places
from reseau.members.invitations import place_of
from reseau.members.joining_news import tell_team, wants_mail
from reseau.members.models import Decision, JoinRequest, Person, PersonState
from reseau.settings import Settings

COORDINATOR = "coordinator"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open request as its page shows it. ``place``: id, slug, nom, commune, status; None for a proposal.
    ``orphan``: the place has no référent.
    """

    request: JoinRequest
    person: Person
    place: Any | None
    orphan: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the open requests, oldest first. ``total``: of all pages. ``page``: from 1."""

    rows: list[Waiting]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision. ``done`` False: it had been decided, as ``state``, by ``by`` ("" when unknown)."""

    done: bool
    state: str
    by: str = ""
    structure_id: UUID | None = None


def open_request(session: Session, person_id: UUID, structure_id: UUID) -> JoinRequest | None:
    """The request of a person for a place that waits for an answer."""
    place = sa.func.coalesce(Structure.merged_into, Structure.id)
    found = sa.select(JoinRequest).join(Structure, Structure.id == JoinRequest.structure_id)
    mine = (JoinRequest.person_id == person_id, place == structure_id, JoinRequest.state == Decision.OPEN.value)
    return session.scalars(found.where(*mine)).first()


def ask(
    session: Session, person_id: UUID, structure_id: UUID, message: str, settings: Settings, now: datetime
) -> JoinRequest | None:
    """Ask to join a place, and tell those who decide.

    :return: None when the person belongs to it or has asked already: asked twice at once, one request is made.
    """
    person = lock_person(session, person_id)
    if places.belongs(session, person_id, structure_id) or open_request(session, person_id, structure_id):
        return None
    row = JoinRequest(
        id=new_id(), person_id=person_id, structure_id=structure_id, message=message, created_at=now,
        state=Decision.OPEN.value, reminders=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    tell(session, row, person, settings, now)
    return row


def lock_person(session: Session, person_id: UUID) -> Person:
    """A person, locked until commit: two forms of one person meet one after the other."""
    found = sa.select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def tell(session: Session, row: JoinRequest, person: Person, settings: Settings, now: datetime, step: int = 0) -> int:
    """Mail a request to those who decide: the référents who want such mails, or the coordinators when there is none,
    and at step 3.

    :param step: 0 the first time, 1 and 2 reminders, 3 brought to the coordinators. Each is mailed once to each.
    :return: how many mails were written.
    """
    site = letters.Site.of(settings)
    place = place_of(session, row.structure_id) if row.structure_id else None
    team = places.referents(session, [place["id"]]).get(place["id"], []) if place and step != 3 else []
    who = [one for one in team if wants_mail(one)]
    coordinators = not who
    who = who or [one for one in places.people_with(session, COORDINATOR) if wants_mail(one)]
    sent = 0
    for receiver in who:
        told = (receiver.lang, person.name, person.email or "", _name_of(row, place), row.message)
        if row.structure_id is None:
            page = f"{site.url}/gestion/propositions"
            letter = joining_emails.proposed(*told, page, step=step, where=_where(row.proposal or {}))
        else:
            page = f"{site.url}/gestion/demandes"
            letter = joining_emails.asked(*told, page, step=step or (3 if coordinators else 0))
        key = f"demande:{row.id}:{step}:{receiver.id}"
        to = receiver.email or ""
        sent += mail.queue(session, letter, to, site=site, now=now, key=key, optional_for=receiver.id)
    return sent


def withdraw(session: Session, row: JoinRequest, now: datetime) -> bool:
    """Its author takes it back. :return: False when it was decided meanwhile."""
    locked = lock(session, row.id)
    if locked is None or locked.state != Decision.OPEN.value:
        return False
    locked.state, locked.decided_at = Decision.WITHDRAWN.value, now
    session.flush()
    return True


def accept(session: Session, id_: UUID, role: str, by: UUID, settings: Settings, now: datetime) -> Decided | None:
    """Take the person into the team, and tell them. :return: None when there is no such request."""
    row = lock(session, id_)
    if row is None or row.structure_id is None:
        return None
    if row.state != Decision.OPEN.value:
        return already(session, row)
    place = place_of(session, row.structure_id)
    if place:
        invitations.lock_place(session, place["id"])
    person = lock_person(session, row.person_id)  # they may be accepting an invitation to the same place just now
    if place and person.state == PersonState.ACTIVE.value:
        places.join_structure(session, person.id, place["id"], role, by)
        invitations.close(session, person.email, place["id"], invitations.superseded(role), now)
        answer(session, person, place, role, settings, now)
        tell_team(session, row.id, place, person, Decision.ACCEPTED, by, settings, now)
    return decide(session, row, Decision.ACCEPTED, by, now)


def answer(session: Session, person: Person, place: Any, role: str, settings: Settings, now: datetime) -> None:
    """Tell a person that they belong to a place now."""
    site = letters.Site.of(settings)
    url = f"{site.url}/annuaire/{place['slug']}-{place['id']}" + ("/modifier" if role == "referent" else "")
    if person.email:
        letter = joining_emails.accepted(person.lang, place["nom"], role, url)
        mail.queue(session, letter, person.email, site=site, now=now)


def refuse(session: Session, id_: UUID, reason: str, by: UUID, settings: Settings, now: datetime) -> Decided | None:
    """Say no, to a request or a proposal; the person is mailed the reason. :return: None: no such request."""
    row = lock(session, id_)
    if row is None:
        return None
    if row.state != Decision.OPEN.value:
        return already(session, row)
    person, site = session.get_one(Person, row.person_id), letters.Site.of(settings)
    place = place_of(session, row.structure_id) if row.structure_id else None
    if person.email:
        letter = joining_emails.refused(person.lang, _name_of(row, place), reason, f"{site.url}/annuaire")
        mail.queue(session, letter, person.email, site=site, now=now)
    if place:
        tell_team(session, row.id, place, person, Decision.REFUSED, by, settings, now)
    row.reason = reason
    return decide(session, row, Decision.REFUSED, by, now)


def decide(session: Session, row: JoinRequest, state: Decision, by: UUID, now: datetime) -> Decided:
    """Write the decision down."""
    row.state, row.decided_by, row.decided_at = state.value, by, now
    session.flush()
    return Decided(True, state.value, structure_id=row.structure_id)


def already(session: Session, row: JoinRequest) -> Decided:
    """It had been decided: by whom."""
    by = places.names(session, [row.decided_by]).get(row.decided_by, "") if row.decided_by else ""
    return Decided(False, row.state, by, row.structure_id)


def lock(session: Session, id_: UUID) -> JoinRequest | None:
    """A request, locked until commit, as it is now."""
    found = sa.select(JoinRequest).where(JoinRequest.id == id_).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).first()


def waiting(session: Session, structure_ids: Sequence[UUID] | None, page: int = 1) -> Page:
    """The open requests for some places (None: for all), oldest first, a page of them; three statements."""
    table: Any = Structure.__table__
    was, now = table.alias("was"), table.alias("now")
    place = sa.func.coalesce(was.c.merged_into, was.c.id)
    columns = [now.c[name].label(f"place_{name}") for name in ("id", "slug", "nom", "commune", "status")]
    found: Any = (
        sa.select(JoinRequest, Person, *columns)
        .join(Person, Person.id == JoinRequest.person_id)
        .join(was, was.c.id == JoinRequest.structure_id)
        .join(now, now.c.id == place)
        .where(JoinRequest.state == Decision.OPEN.value, Person.state == PersonState.ACTIVE.value)
        .order_by(JoinRequest.created_at, JoinRequest.id)
    )
    if structure_ids is not None:
        found = found.where(place.in_(list(structure_ids)))
    rows, total, page = _page(session, found, page)
    kept = places.referents(session, {row.place_id for row in rows})
    listed = [
        Waiting(
            row[0], row[1],
            {name: getattr(row, f"place_{name}") for name in ("id", "slug", "nom", "commune", "status")},
            row.place_id not in kept,
        )
        for row in rows
    ]  # fmt: skip
    return Page(listed, total, page)


def _page(session: Session, found: Any, page: int) -> tuple[Sequence[Any], int, int]:
    """The rows of a page, how many there are in all, and which page it is: the last, when ``page`` is beyond it."""
    total = session.execute(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())).scalar_one()
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    return session.execute(found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all(), total, page


def proposals(session: Session, page: int = 1) -> Page:
    """The places that are proposed and wait for an answer, oldest first, a page of them; two statements."""
    found: Any = (
        sa.select(JoinRequest, Person)
        .join(Person, Person.id == JoinRequest.person_id)
        .where(JoinRequest.state == Decision.OPEN.value, JoinRequest.structure_id.is_(None))
        .where(Person.state == PersonState.ACTIVE.value)
        .order_by(JoinRequest.created_at, JoinRequest.id)
    )
    rows, total, page = _page(session, found, page)
    return Page([Waiting(row, person, None, True) for row, person in rows], total, page)


def of_place(session: Session, structure_id: UUID) -> Page:
    """The open requests for one place, oldest first."""
    return waiting(session, [structure_id])


def place_of_request(session: Session, id_: UUID) -> UUID | None:
    """The present place of a request; None for a proposal, or when there is no such request."""
    table: Any = Structure.__table__
    place = sa.func.coalesce(table.c.merged_into, table.c.id)
    found = sa.select(place).join(JoinRequest, JoinRequest.structure_id == table.c.id).where(JoinRequest.id == id_)
    known: UUID | None = session.execute(found).scalar()
    return known


def open_ids(session: Session, before: datetime) -> Iterable[UUID]:
    """Open requests made before a moment by people who are still there, oldest first."""
    found = sa.select(JoinRequest.id).where(JoinRequest.state == Decision.OPEN.value, JoinRequest.created_at <= before)
    found = found.join(Person, Person.id == JoinRequest.person_id).where(Person.state == PersonState.ACTIVE.value)
    return [row["id"] for row in dicts(session.execute(found.order_by(JoinRequest.created_at)))]


def _where(proposal: Mapping[str, Any]) -> str:
    city = " ".join(str(proposal[name]) for name in ("code_postal", "commune") if proposal.get(name))
    return ", ".join(part for part in (str(proposal.get("adresse") or ""), city) if part)


def _name_of(row: JoinRequest, place: Any | None) -> str:
    return str(place["nom"] if place else (row.proposal or {}).get("nom", ""))
