"""Everything that is held about one person, as plain JSON, for that person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import personal
from reseau.core.audit import Audit
from reseau.core.mail import Mail
from reseau.directory.models import FieldChange, Override, Service, Suggestion
from reseau.members import places
from reseau.members.models import (
    Draft,
    Governance,
    Invitation,
    JoinRequest,
    Membership,
    PeopleList,
    Person,
    PersonSession,
    SignIn,
)

#: Never given, even to their owner: a copied file must open nothing. The text of a mail may hold a link that acts.
SECRET = {"person_session": {"digest"}, "mail": {"text", "html", "headers", "key"}}


def everything(session: Session, person_id: UUID, now: datetime) -> dict[str, Any]:
    """All rows about a person, by kind, oldest first. Names of the columns are those of the tables.

    :raises NoResultFound: nobody has that id.
    """
    person = session.get_one(Person, person_id)
    mine = Membership.person_id == person_id
    found: dict[str, Any] = {
        "exporte_le": now.isoformat(),
        "personne": _plain_row(person),
        "lieux": _rows(session, Membership, mine, Membership.since),
        "invitations_recues": _rows(session, Invitation, Invitation.email == person.email, Invitation.created_at),
        "invitations_envoyees": _rows(session, Invitation, Invitation.invited_by == person_id, Invitation.created_at),
        "demandes": _rows(session, JoinRequest, JoinRequest.person_id == person_id, JoinRequest.created_at),
        "connexions_demandees": _rows(session, SignIn, SignIn.email == person.email, SignIn.created_at),
        "sessions": _rows(session, PersonSession, PersonSession.person_id == person_id, PersonSession.created_at),
        "brouillons": _rows(session, Draft, Draft.person_id == person_id, Draft.saved_at),
        "listes_de_personnes": _rows(session, PeopleList, PeopleList.given_by == person_id, PeopleList.created_at),
        "gouvernance": _rows(session, Governance, Governance.changed_by == person_id, Governance.changed_at),
        "courriels": _rows(session, Mail, Mail.recipient == person.email, Mail.created_at),
        **_contributions(session, person),
        **_held_elsewhere(session, person),
        "journal": _rows(session, Audit, Audit.person_id == person_id, Audit.at),
    }
    names = places.structures_named(session, {UUID(row["structure_id"]) for row in found["lieux"]})
    for row in found["lieux"]:
        row["nom"] = names[UUID(row["structure_id"])]["nom"]
    return found


def _contributions(session: Session, person: Person) -> dict[str, Any]:
    said = sa.or_(Suggestion.author_id == person.id, sa.func.lower(Suggestion.contact) == person.email)
    return {
        "modifications": _rows(session, FieldChange, FieldChange.author_id == person.id, FieldChange.at),
        "valeurs_choisies": _rows(session, Override, Override.author_id == person.id, Override.set_at),
        "offres_modifiees": _rows(session, Service, Service.updated_by == person.id, Service.updated_at),
        "suggestions": _rows(session, Suggestion, said, Suggestion.created_at),
    }


def _held_elsewhere(session: Session, person: Person) -> dict[str, Any]:
    return {
        name: [_plain(dict(row)) if isinstance(row, Mapping) else _plain_row(row, holder.secret) for row in rows]
        for holder in personal.holders()
        for name, rows in holder.rows_of(session, person.id, person.email).items()
    }


def _rows(session: Session, model: Any, mine: Any, order: Any) -> list[dict[str, Any]]:
    return [_plain_row(row) for row in session.scalars(sa.select(model).where(mine).order_by(order))]


def _plain_row(row: Any, secret: Mapping[str, Collection[str]] = SECRET) -> dict[str, Any]:
    table = row.__table__
    hidden = secret.get(table.name, ())
    found = {column.name: _plain(getattr(row, column.key)) for column in table.columns if column.name not in hidden}
    if isinstance(found.get("held"), dict):
        found["held"].pop("browser", None)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, UUID):
        return str(value)
    return value.value if isinstance(value, Enum) else value
