"""What the knowledge base holds of a person: given to them whole, forgotten when they leave.

What they wrote for others stays, signed by nobody: versions, translations, uses. What says who they are goes.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from resources.base.models import (
    Collection,
    CollectionItem,
    GlossaryTerm,
    Opinion,
    Resource,
    ResourceAuthor,
    ResourceReport,
    ResourceRequest,
    ResourceUse,
    ResourceVersion,
    TranslationUnit,
)


def rows_of(session: Session, person_id: UUID, email: str | None) -> dict[str, list[Any]]:
    """All rows about a person, by kind, oldest first."""
    mine = sa.select(Collection.id).where(Collection.person_id == person_id)
    translated = sa.or_(
        TranslationUnit.author_id == person_id,
        TranslationUnit.reviewer_id == person_id,
        TranslationUnit.pending_by == person_id,
    )
    wanted: dict[str, tuple[Any, Any, Any]] = {
        "ressources_creees": (Resource, Resource.created_by == person_id, Resource.created_at),
        "ressources_coecrites": (ResourceAuthor, ResourceAuthor.person_id == person_id, ResourceAuthor.added_at),
        "versions_publiees": (ResourceVersion, ResourceVersion.by == person_id, ResourceVersion.at),
        "traductions": (TranslationUnit, translated, TranslationUnit.updated_at),
        "mots_du_glossaire": (GlossaryTerm, GlossaryTerm.by == person_id, GlossaryTerm.at),
        "avis": (Opinion, Opinion.person_id == person_id, Opinion.at),
        "utilisations": (ResourceUse, ResourceUse.by == person_id, ResourceUse.at),
        "signalements": (ResourceReport, said_by(ResourceReport, person_id, email), ResourceReport.at),
        "ressources_demandees": (ResourceRequest, said_by(ResourceRequest, person_id, email), ResourceRequest.at),
        "collections": (Collection, Collection.person_id == person_id, Collection.created_at),
        "contenu_des_collections": (CollectionItem, CollectionItem.collection_id.in_(mine), CollectionItem.position),
    }
    return {name: list(session.scalars(sa.select(model).where(where).order_by(order)))
            for name, (model, where, order) in wanted.items()}  # fmt: skip


def said_by(model: Any, person_id: UUID, email: str | None) -> Any:
    """Rows that a person signed in, or left their address in."""
    return sa.or_(model.author_id == person_id, sa.func.lower(model.contact) == email)


def forget(session: Session, person_id: UUID, email: str | None) -> None:
    """Erase what is about a person only: opinions, own collections, addresses left; take their name off the rest.

    A draft that nobody else may write goes with them.
    """
    mine, others = aliased(ResourceAuthor), aliased(ResourceAuthor)
    shared = sa.exists().where(others.resource_id == Resource.id, others.person_id != person_id)
    wrote = sa.exists().where(mine.resource_id == Resource.id, mine.person_id == person_id)
    only_theirs = sa.and_(Resource.version == 0, Resource.structure_id.is_(None), wrote, ~shared)
    session.execute(sa.delete(Resource).where(only_theirs).execution_options(synchronize_session=False))
    for model in (ResourceAuthor, Opinion, Collection):
        session.execute(sa.delete(model).where(model.person_id == person_id))
    for said in (ResourceReport, ResourceRequest):
        session.execute(sa.update(said).where(said_by(said, person_id, email)).values(contact=None))
        session.execute(sa.update(said).where(said.author_id == person_id).values(author_id=None))
