"""Places that a person proposes: is it there already under another name, and what a coordinator makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from reseau.core import letters, mail
from reseau.core.actors import Actor
from reseau.core.communes import Commune, communes
from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.core.vocabularies import fold
from reseau.directory import lifecycle, priorities
from reseau.directory.models import Cause, Status, Structure
from reseau.directory.reproject import Because
from reseau.members import joining_emails, places, requests
from reseau.members.invitations import place_of
from reseau.members.models import Decision, JoinRequest, Person, PersonState
from reseau.settings import Settings

#: Out of 100: below, two names of one commune are two places.
ALIKE = 70
SHOWN = 5
#: What the names of many places are made of, folded. Two "centre social" of one city are not one place for that.
_GENERIC = """
accueil agence antenne association asso atelier bibliotheque bureau ccas centre cidff comite commune communal communale
cpam d de des du departement espace et france l la le les local locale maison mairie mediatheque mission municipal
municipale numerique point pole public publique relais service services social sociale socioculturel solidarite
solidarites union ville
"""
GENERIC = frozenset(_GENERIC.split())


def read_commune(text: str, postcode: str = "") -> Commune | None:
    """The commune that people mean by a name, a postcode, or both ("59100 Roubaix"); None when that is not sure."""
    digits = [word for word in text.split() if word.isdigit() and len(word) == 5]
    name = " ".join(word for word in text.split() if word not in digits).strip(" ,()")
    return communes().resolve(name or None, postcode.strip() or (digits[0] if digits else None))


def similar(session: Session, name: str, commune: Commune | None, phone: str | None) -> list[Any]:
    """Listed places that may be the one meant: same telephone number, or a name that is alike in the commune.

    :param phone: E.164. :return: rows (id, slug, nom, adresse, commune, telephone), the likeliest first, 5 at most.
    """
    table: Any = Structure.__table__
    near = [table.c.code_insee == commune.code] if commune else []
    near += [table.c.telephone == phone] if phone else []
    if not near:
        return []
    columns = (table.c.id, table.c.slug, table.c.nom, table.c.adresse, table.c.commune, table.c.telephone)
    found = sa.select(*columns).where(table.c.status == Status.ACTIVE.value, sa.or_(*near))
    wanted, generic = fold(name), generic_in(commune.name if commune else "")
    scored = []
    for row in dicts(session.execute(found)):
        called = bool(phone) and row["telephone"] == phone
        score = 101.0 if called else likeness(wanted, fold(row["nom"]), generic)
        if score >= ALIKE:
            scored.append((-score, row["nom"], str(row["id"]), row))
    return [entry[-1] for entry in sorted(scored, key=lambda entry: entry[:3])[:SHOWN]]


def likeness(one: str, other: str, generic: frozenset[str] = GENERIC) -> float:
    """How alike two folded names are, out of 100: by the words that tell places apart.

    Who writes general words only ("mairie", "centre social") means any place that has all of them.
    """
    mine, theirs = (" ".join(word for word in name.split() if word not in generic) for name in (one, other))
    if mine:
        return float(fuzz.token_set_ratio(mine, theirs)) if theirs else 0.0
    kind, their_kind = ([word for word in name.split() if word in GENERIC and len(word) > 3] for name in (one, other))
    if kind and set(kind) <= set(their_kind):
        return 100.0
    return 0.0 if theirs else float(fuzz.token_set_ratio(" ".join(kind), " ".join(their_kind)))


def generic_in(commune: str) -> frozenset[str]:
    """General words, and those of the commune: all the places compared are in it."""
    return GENERIC | frozenset(fold(commune).split())


def propose(
    session: Session, person_id: UUID, values: dict[str, Any], message: str, settings: Settings, now: datetime
) -> JoinRequest:
    """Keep a proposal and tell the coordinators; the same one, sent twice by its author, is kept once.

    :param values: field → value, of the shape that ``directory.fields`` says.
    """
    person = requests.lock_person(session, person_id)
    mine = (JoinRequest.person_id == person_id, JoinRequest.structure_id.is_(None))
    for known in session.scalars(sa.select(JoinRequest).where(*mine, JoinRequest.state == Decision.OPEN.value)):
        if _key(known.proposal or {}) == _key(values):
            return known
    row = JoinRequest(
        id=new_id(), person_id=person_id, structure_id=None, proposal=values, message=message, created_at=now,
        state=Decision.OPEN.value, reminders=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    requests.tell(session, row, person, settings, now)
    return row


def accept(session: Session, id_: UUID, actor: Actor, settings: Settings, now: datetime) -> requests.Decided | None:
    """The place enters the directory, whoever proposed it becomes its référent. :return: None: no such proposal.

    :raises ValueError: the actor is not a person: nobody else decides.
    """
    if actor.person_id is None:
        raise ValueError("a proposal is accepted by a person")
    row = requests.lock(session, id_)
    if row is None or row.proposal is None:
        return None
    if row.state != Decision.OPEN.value:
        return requests.already(session, row)
    because = Because(Cause.CREATE, actor, ref=row.id)
    structure_id = lifecycle.create(session, row.proposal, because, priorities.order(session, settings.sources), now)
    row.structure_id = structure_id
    person = session.get_one(Person, row.person_id)
    if person.state == PersonState.ACTIVE.value:
        places.join_structure(session, person.id, structure_id, "referent", actor.person_id)
        _answer(session, person, place_of(session, structure_id), settings, now)
    return requests.decide(session, row, Decision.ACCEPTED, actor.person_id, now)


def _answer(session: Session, person: Person, place: Any, settings: Settings, now: datetime) -> None:
    site = letters.Site.of(settings)
    if person.email:
        url = f"{site.url}/annuaire/{place['slug']}-{place['id']}"
        letter = joining_emails.entered(person.lang, place["nom"], url)
        mail.queue(session, letter, person.email, site=site, now=now)


def likely(session: Session, waiting: Sequence[requests.Waiting]) -> dict[UUID, list[Any]]:
    """For each proposal, the places that may be the same; one statement for all."""
    table: Any = Structure.__table__
    codes = {code for w in waiting if (code := (w.request.proposal or {}).get("code_insee"))}
    phones = {phone for w in waiting if (phone := (w.request.proposal or {}).get("telephone"))}
    columns = (table.c.id, table.c.slug, table.c.nom, table.c.commune, table.c.code_insee, table.c.telephone)
    near = sa.or_(table.c.code_insee.in_(sorted(codes)), table.c.telephone.in_(sorted(phones)))
    rows = list(dicts(session.execute(sa.select(*columns).where(table.c.status == Status.ACTIVE.value, near))))
    found: dict[UUID, list[Any]] = {}
    for one in waiting:
        said = one.request.proposal or {}
        wanted, generic = fold(said.get("nom", "")), generic_in(said.get("commune", ""))
        found[one.request.id] = [
            row for row in rows
            if (said.get("telephone") and row["telephone"] == said["telephone"])
            or (
                row["code_insee"] == said.get("code_insee") and likeness(wanted, fold(row["nom"]), generic) >= ALIKE
            )
        ][:SHOWN]  # fmt: skip
    return found


def _key(values: dict[str, Any]) -> tuple[str, Any]:
    return fold(str(values.get("nom", ""))), values.get("code_insee")


def refuse(
    session: Session, id_: UUID, reason: str, by: UUID, settings: Settings, now: datetime
) -> requests.Decided | None:
    """Say no to a proposal, and why. :return: None: there is no such proposal."""
    row = requests.lock(session, id_)
    if row is None or row.proposal is None:
        return None
    return requests.refuse(session, id_, reason, by, settings, now)
