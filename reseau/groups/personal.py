"""What groups hold of a person: given to them whole, forgotten when they leave. What they wrote for their groups stays,
signed by nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import personal
from reseau.groups.addresses import document_path, group_path
from reseau.groups.models import GroupDocument, GroupMember, WorkingGroup


def rows_of(session: Session, person_id: UUID, _email: str | None) -> dict[str, list[Any]]:
    """The groups of a person, what they wrote in groups, the groups that they made."""
    group, row, member = WorkingGroup, GroupDocument, GroupMember
    mine = sa.select(member, group.name, group.slug).join(group, group.id == member.group_id)
    wrote = sa.select(row.title, row.slug, row.created_at, group.slug.label("place"), row.created_by, row.updated_at)
    wrote = wrote.join(group, group.id == row.group_id)
    wrote = wrote.where(sa.or_(row.created_by == person_id, row.updated_by == person_id))
    made = sa.select(group).where(group.created_by == person_id).order_by(group.created_at)
    return {
        "groupes_de_travail": [
            {"groupe": name, "adresse": group_path(slug), "place": one.belonging, "anime": one.animates,
             "depuis": one.since, "message": one.message}
            for one, name, slug in session.execute(mine.where(member.person_id == person_id).order_by(member.since))
        ],
        "documents_de_groupes": [
            {"titre": one.title, "adresse": document_path(one.place, one.slug), "ecrit_le": one.created_at,
             "modifie_le": one.updated_at, "auteur": one.created_by == person_id}
            for one in session.execute(wrote.order_by(row.created_at, row.id))
        ],
        "groupes_crees": [{"groupe": one.name, "adresse": group_path(one.slug), "le": one.created_at}
                          for one in session.scalars(made)],
    }  # fmt: skip


def forget(session: Session, person_id: UUID, _email: str | None) -> None:
    """They are in no group any more; what they wrote is signed by nobody."""
    session.execute(sa.delete(GroupMember).where(GroupMember.person_id == person_id))
    for column in (GroupDocument.created_by, GroupDocument.updated_by, WorkingGroup.created_by):
        session.execute(sa.update(column.class_).where(column == person_id).values({column.key: None}))


personal.register("groups", rows_of, forget)
