"""The people of the demonstration, plainly made up, and what they have begun: something for each page to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.actors import Actor, Side
from reseau.core.ids import new_id
from reseau.core.wording import _
from reseau.directory import edits
from reseau.directory.models import Cause, Override, Status, Structure
from reseau.directory.reproject import Because, Projector
from reseau.directory.suggestions import Said, suggest
from reseau.members.invitations import account
from reseau.members.models import JoinRequest, Person, PersonState
from reseau.members.places import join_structure

DOMAIN = "demo.example"
REFERENT_OF = "LE FIL DE L'EPEULE"
MEMBER_OF = "CCAS de Roubaix"
HOURS = "Tu-Fr 09:00-12:30,13:30-17:30"


@dataclass(frozen=True, slots=True)
class Played:
    """Somebody to be for a while. :param what: what one can do as them, for the page of the demonstration."""

    local: str
    name: str
    what: str = ""
    roles: tuple[str, ...] = ()
    place: tuple[str, str] | None = None

    @property
    def email(self) -> str:
        """Their address, which exists nowhere (RFC 2606)."""
        return f"{self.local}@{DOMAIN}"


PLAYED = (
    Played(
        "mediatrice", "Amina (démonstration)", place=(MEMBER_OF, "member"),
        what=_("Médiatrice : elle vérifie la fiche de son lieu et signale ce qui a changé."),
    ),
    Played(
        "referent", "Bruno (démonstration)", place=(REFERENT_OF, "referent"),
        what=_("Référent d’un lieu : il tient la fiche à jour, répond aux erreurs signalées, invite ses collègues."),
    ),
    Played(
        "coordination", "Claire (démonstration)", roles=("coordinator",),
        what=_("Coordinatrice : elle agit pour tous les lieux et répond quand personne ne répond."),
    ),
    Played(
        "comite-label", "Driss (démonstration)", roles=("label-committee",),
        what=_("Membre du comité qui donnera le label."),
    ),
    Played(
        "cpts", "Émilie (démonstration)", roles=("relay",),
        what=_("Relais santé (CPTS) : elle informe les professionnels de santé."),
    ),
    Played(
        "admin", "Farid (démonstration)", roles=("administrator",),
        what=_("Administrateur : il donne les rôles et lit le journal."),
    ),
)  # fmt: skip
NEWCOMER = Played("nouvelle", "Gaëlle (démonstration)")


def seed(session: Session, sources: Sequence[str], now: datetime) -> int:
    """Make the people and what they have begun, once.

    :return: how many people were made; 0 when they were there.
    """
    if session.execute(sa.select(Person.id).where(Person.email == PLAYED[0].email)).first():
        return 0
    people = {}
    for played in (*PLAYED, NEWCOMER):
        people[played.local] = make(session, played, now)
    if place := _place(session, REFERENT_OF):
        _begin(session, place, people["referent"].id, people["nouvelle"].id, sources, now)
    session.flush()
    return len(people)


def make(session: Session, played: Played, now: datetime) -> Person:
    """The account of one of them, as on the first day: visitors may delete, suspend or empty what they play with."""
    person = account(session, played.email, played.name, "fr", now)
    person.state, person.roles = PersonState.ACTIVE.value, sorted({*person.roles, *played.roles})
    if played.place and (place := _place(session, played.place[0])):
        join_structure(session, person.id, place, played.place[1], None)
    session.flush()
    return person


def _place(session: Session, name: str) -> UUID | None:
    found = sa.select(Structure.id).where(Structure.nom == name, Structure.status == Status.ACTIVE.value)
    return session.scalars(found.order_by(Structure.id)).first()


def _begin(
    session: Session, place: UUID, referent: UUID, newcomer: UUID, sources: Sequence[str], now: datetime
) -> None:
    """A request to join, a suggestion, and a value that its register contradicts since."""
    session.add(
        JoinRequest(
            person_id=newcomer, structure_id=place, created_at=now - timedelta(days=4),
            message="Je viens d’arriver comme conseillère numérique. (Demande fictive.)",
        )
    )  # fmt: skip
    said = Said("horaires", "Fermé le mardi matin depuis la rentrée. (Suggestion fictive.)")
    suggest(session, place, said, language="fr", nonce=new_id(), now=now - timedelta(days=2))
    because = Because(Cause.EDIT, Actor(Side.PLACE, referent))
    edits.save(session, place, {"horaires": HOURS}, {}, because, sources, now - timedelta(days=20))
    override = session.scalars(sa.select(Override).where(Override.structure_id == place)).one()
    override.source_value = {"v": "Tu-Fr 09:00-12:00"}  # as if the register had said this when Bruno wrote his
    session.flush()
    Projector(session, sources, now - timedelta(days=1)).reproject([place], because)
