"""A place made by hand, or a branch of one: what may be the same place already, what a branch takes from its parent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.actors import Actor, Side
from reseau.core.clock import local_day
from reseau.core.communes import Commune
from reseau.core.db import dicts
from reseau.core.letters import Site
from reseau.core.limits import Limit
from reseau.core.mail import queue
from reseau.desk import emails
from reseau.directory import lifecycle, present, priorities
from reseau.directory.models import Cause, Status, Structure
from reseau.directory.reproject import Because
from reseau.members.joining_news import wants_mail
from reseau.members.places import join_structure, names, people_with
from reseau.members.proposals import similar
from reseau.settings import Settings

#: Branches of a référent: the fifth place of a day is work, the thirtieth is a mistake or worse.
BRANCHES = Limit("branch", 5, timedelta(days=1))
#: What the branch of a place does as its parent does; its address, telephone and hours are its own.
INHERITED = (
    "typologie", "courriels", "site_web", "prise_rdv", "publics_specifiquement_adresses",
    "prise_en_charge_specifique", "frais_a_charge", "dispositif_programmes_nationaux", "modalites_acces",
    "modalites_accompagnement",
)  # fmt: skip


def duplicates(session: Session, values: Mapping[str, Any], commune: Commune | None) -> list[Any]:
    """Open places that may be the one described: same SIRET, same telephone, or a name alike in the same commune.

    :return: rows (id, slug, nom, adresse, commune, telephone), 5 by name or telephone at most.
    """
    table: Any = Structure.__table__
    found: dict[UUID, Any] = {}
    if values.get("pivot"):
        columns = (table.c.id, table.c.slug, table.c.nom, table.c.adresse, table.c.commune, table.c.telephone)
        same = sa.select(*columns).where(table.c.pivot == values["pivot"], table.c.status == Status.ACTIVE.value)
        found = {row["id"]: row for row in dicts(session.execute(same.order_by(table.c.nom, table.c.id).limit(5)))}
    for row in similar(session, values["nom"], commune, values.get("telephone")):
        found.setdefault(row["id"], row)
    return list(found.values())


def make(session: Session, values: Mapping[str, Any], actor: Actor, settings: Settings, now: datetime) -> UUID:
    """A new place. See :func:`lifecycle.create`."""
    sources = priorities.order(session, settings.sources)
    return lifecycle.create(session, values, Because(Cause.CREATE, actor), sources, now)


def make_branch(
    session: Session, parent: Mapping[str, Any], values: Mapping[str, Any], actor: Actor, settings: Settings,
    now: datetime,
) -> UUID:  # fmt: skip
    """A branch of a place; whoever makes it for the place becomes its référent, else they could not go on with it.

    :param parent: all columns.
    """
    inherited = {name: parent[name] for name in INHERITED}
    said = {**inherited, **values, "structure_parente": parent["nom"]}
    sources = priorities.order(session, settings.sources)
    id_ = lifecycle.create(session, said, Because(Cause.CREATE, actor), sources, now, parent["id"])
    if actor.side is Side.PLACE and actor.person_id is not None:
        join_structure(session, actor.person_id, id_, "referent", actor.person_id)
    return id_


def tell_coordination(
    session: Session, parent: Mapping[str, Any], branch: str, by: UUID, settings: Settings, now: datetime
) -> None:
    """A référent made a branch, which nobody had to accept: mail each coordinator, once for each référent and day.

    :param parent: id, slug and nom. :param branch: its name. :param by: the référent.
    """
    site, day = Site.of(settings), local_day(now, settings.timezone)
    url, who = site.url + present.path(parent["slug"], parent["id"]), names(session, [by]).get(by, "")
    for person in people_with(session, "coordinator"):
        if person.id != by and wants_mail(person):
            letter = emails.branch_made(person.lang, who, parent["nom"], branch, url)
            key = f"antenne:{by}:{day.isoformat()}:{person.id}"
            queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)


def path_of(session: Session, structure_id: UUID) -> str:
    """The address of a sheet."""
    slug = session.execute(sa.select(Structure.slug).where(Structure.id == structure_id)).scalar_one()
    return f"/annuaire/{slug}-{structure_id}"
