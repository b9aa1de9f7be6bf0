"""How rooms that know nothing of indicators are counted. Each is one statement."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.counting import Count, register
from reseau.core.wording import _
from reseau.groups.models import Belonging, GroupDocument, GroupMember, WorkingGroup
from reseau.label.services import places
from reseau.members.models import Membership, Person, PersonState
from reseau.members.places import present_place
from resources.base.models import Resource, State


def partners(session: Session, _day: date) -> int:
    """Structures with an active member; one that was merged is the one that it is now."""
    place, join = present_place()
    found = sa.select(sa.func.count(sa.distinct(place))).select_from(
        join.join(Person, Person.id == Membership.person_id)
    )
    return session.scalar(found.where(Person.state == PersonState.ACTIVE.value)) or 0


def documents(session: Session, _day: date) -> int:
    """Published resources, minutes and pages of groups."""
    resources = sa.select(sa.func.count()).select_from(Resource).where(Resource.state == State.PUBLISHED.value)
    written = sa.select(sa.func.count()).select_from(GroupDocument)
    return session.scalar(sa.select(resources.scalar_subquery() + written.scalar_subquery())) or 0


def grouped(session: Session, _day: date) -> int:
    """Structures with an active member who is in a working group that works."""
    place, join = present_place()
    people = (
        join.join(Person, Person.id == Membership.person_id)
        .join(GroupMember, GroupMember.person_id == Person.id)
        .join(WorkingGroup, WorkingGroup.id == GroupMember.group_id)
    )
    found = sa.select(sa.func.count(sa.distinct(place))).select_from(people)
    inside = (GroupMember.belonging == Belonging.IN.value, WorkingGroup.archived_at.is_(None))
    return session.scalar(found.where(Person.state == PersonState.ACTIVE.value, *inside)) or 0


def labelled(session: Session, day: date) -> int:
    """Open structures that hold the local label."""
    return session.scalar(sa.select(sa.func.count()).select_from(places(day).subquery())) or 0


register(
    Count(
        name="partenaires",
        title=_("Partenaires qui ont accès à l’espace"),
        words=_("Les lieux dont au moins une personne a un compte ouvert sur ce site. Un lieu compte une fois, même "
                "s’il a plusieurs personnes."),
        number=partners,
        order=10,
    )
)  # fmt: skip
register(
    Count(
        name="documents",
        title=_("Documents dans l’espace"),
        words=_("Les ressources publiées (kits, tutoriels, fiches, outils, liens), et les comptes rendus et pages des "
                "groupes de travail. Les fichiers joints et les brouillons ne comptent pas."),
        number=documents,
        order=20,
    )
)  # fmt: skip
register(
    Count(
        name="structures_groupe",
        title=_("Structures dans le groupe"),
        words=_("Les lieux dont au moins une personne fait partie d’un groupe de travail en cours. Un lieu compte une "
                "fois, même s’il est dans plusieurs groupes."),
        number=grouped,
        order=30,
    )
)  # fmt: skip
register(
    Count(
        name="labellisees",
        title=_("Structures labellisées"),
        words=_("Les lieux ouverts qui ont le label local ce jour-là. Un label terminé ou retiré ne compte plus."),
        number=labelled,
        order=40,
    )
)
