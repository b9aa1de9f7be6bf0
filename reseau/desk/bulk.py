"""One action on many sheets: what would happen first, then it is done. Each sheet has its own row in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import audit
from reseau.core.actors import Actor
from reseau.core.db import dicts
from reseau.core.ids import parse_id
from reseau.directory import lifecycle, priorities
from reseau.directory.models import Cause, Status, Structure
from reseau.directory.reproject import Because
from reseau.members.invitations import Invited, Wanted, clean_address, invite
from reseau.members.models import Invitation, Membership, Person, PersonState
from reseau.members.places import join_structure, present_place
from reseau.settings import Settings

AT_MOST = 500
#: An unknown address is mailed once for each place: more of these at once is what a spammer would do.
INVITATIONS_AT_MOST = 20
ACTIONS = ("verifier", "referent", "ajouter", "retirer")
AUDITED = {
    "verifier": "sheet.verify", "referent": "membership.assign", "inviter": "team.invite", "ajouter": "territory.add",
    "retirer": "territory.remove",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked. ``ids``: ticked sheets. ``email``: of the référent, as typed."""

    action: str
    ids: tuple[UUID, ...]
    email: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen. ``refusal``: a code, why nothing can. ``places``: those that would change (id, slug, nom,
    commune). ``left``: how many of the ticked ones have nothing to change. ``person``: who is known under the address.
    ``address``: clean. ``stay``: places that stay in the territory all the same, by their commune."""

    refusal: str = ""
    places: tuple[Any, ...] = ()
    left: int = 0
    person: Person | None = None
    address: str = ""
    stay: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done. ``action``: one of ``ACTIONS``, or ``inviter`` when an unknown address was given as référent.
    ``number``: sheets that changed, or invitations that were written."""

    action: str
    number: int


def read_order(action: str, ticked: Iterable[str], email: str) -> Order:
    """An order from a form; ids that are none are left out."""
    ids = dict.fromkeys(id_ for id_ in map(parse_id, ticked) if id_)
    return Order(action if action in ACTIONS else "", tuple(ids), email.replace("\x00", "").strip())


def plan(session: Session, order: Order, settings: Settings) -> Plan:
    """What ``order`` would do; four statements at most."""
    address = (clean_address(order.email) or "") if order.action == "referent" else ""
    if refusal := _refusal(order, address):
        return Plan(refusal)
    table: Any = Structure.__table__
    columns = (table.c.id, table.c.slug, table.c.nom, table.c.commune, table.c.in_territory)
    found = sa.select(*columns).where(table.c.id.in_(order.ids), table.c.status == Status.ACTIVE.value)
    rows = list(dicts(session.execute(found.order_by(table.c.nom, table.c.id))))
    person = session.scalars(sa.select(Person).where(Person.email == address)).first() if address else None
    if person is not None and person.state != PersonState.ACTIVE.value:
        return Plan("suspendu")
    refers_to = _refers_to(session, person)
    changing = [row for row in rows if not _is_done(order, row, refers_to)]
    if address and person is None and len(changing) > INVITATIONS_AT_MOST:
        return Plan("trop-invitations")
    stay = _by_commune(session, order.ids, settings.territory) if order.action == "retirer" else frozenset()
    return Plan("", tuple(changing), len(order.ids) - len(changing), person, address, stay)


def _refusal(order: Order, address: str) -> str:
    if not order.action:
        return "action"
    if not order.ids:
        return "rien"
    if len(order.ids) > AT_MOST:
        return "trop"
    return "adresse" if order.action == "referent" and not address else ""


def _is_done(order: Order, row: Any, refers_to: frozenset[UUID]) -> bool:
    if order.action == "verifier":
        return False
    if order.action == "referent":
        return row["id"] in refers_to
    return bool(row["in_territory"]) == (order.action == "ajouter")


def _refers_to(session: Session, person: Person | None) -> frozenset[UUID]:
    if person is None:
        return frozenset()
    place, join = present_place()
    mine = (Membership.person_id == person.id, Membership.role == "referent")
    return frozenset(session.scalars(sa.select(place).select_from(join).where(*mine)))


def _by_commune(session: Session, ids: Sequence[UUID], territory: Sequence[str]) -> frozenset[UUID]:
    found = sa.select(Structure.id).where(Structure.id.in_(ids))
    if territory:
        found = found.where(Structure.code_insee.in_(territory))
    return frozenset(session.scalars(found))


def carry_out(session: Session, order: Order, actor: Actor, settings: Settings, now: datetime) -> Plan | Done:
    """Do it. :return: what was done; or the plan, when it is refused."""
    planned = plan(session, order, settings)
    if planned.refusal:
        return planned
    ids = [row["id"] for row in planned.places]
    action = "inviter" if order.action == "referent" and planned.person is None else order.action
    if order.action == "verifier":
        because = Because(Cause.VERIFY, actor)
        changed = lifecycle.verify_many(session, ids, because, priorities.order(session, settings.sources), now)
    elif order.action == "referent":
        changed = _assign(session, planned, actor, settings, now)
    else:
        changed = lifecycle.set_territory(session, ids, order.action == "ajouter")
    for id_ in changed:
        audit.record(session, actor, AUDITED[action], now, id_)
    session.flush()
    return Done(action, len(changed))


def last_invited(session: Session, person_id: UUID) -> str:
    """The address that a person invited last, "" for none: to say it after a redirection, without writing it in the
    address of the page, which proxies keep."""
    found = sa.select(Invitation.email).where(Invitation.invited_by == person_id)
    return session.scalars(found.order_by(Invitation.created_at.desc()).limit(1)).first() or ""


def _assign(session: Session, planned: Plan, actor: Actor, settings: Settings, now: datetime) -> list[UUID]:
    """A person who is known becomes référent at once; an unknown address is invited."""
    changed = []
    for row in sorted(planned.places, key=lambda row: str(row["id"])):
        if planned.person is not None:
            join_structure(session, planned.person.id, row["id"], "referent", actor.person_id)
            changed.append(row["id"])
            continue
        wanted = Wanted(planned.address, "referent", row["id"], lang=settings.default_language)
        if invite(session, wanted, actor.person_id, settings, now) is Invited.SENT:
            changed.append(row["id"])
    return changed
