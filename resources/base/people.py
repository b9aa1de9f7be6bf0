"""What the knowledge base holds of a person: given to them whole, forgotten when they leave.

What they wrote for others stays, signed by nobody: versions, translations, uses. What says who they are goes.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, undefer

from reseau.core import personal
from resources.base import services
from resources.base.addresses import path_for, path_of
from resources.base.models import (
    AttachedFile,
    Collection,
    CollectionItem,
    FileUse,
    GlossaryTerm,
    Opinion,
    Resource,
    ResourceAuthor,
    ResourceReport,
    ResourceRequest,
    ResourceSource,
    ResourceUse,
    ResourceVersion,
    TranslationUnit,
)

#: Never given: an address that opens a collection; contents, which are on the pages.
SECRET = {
    "collection": frozenset({"secret"}),
    "resource": frozenset({"draft", "removed"}),
    "resource_version": frozenset({"content"}),
}


def rows_of(session: Session, person_id: UUID, email: str | None) -> dict[str, list[Any]]:
    """All rows about a person, by kind, oldest first; of what others read too, only where it is."""
    mine = sa.select(Collection.id).where(Collection.person_id == person_id)
    translated = sa.or_(
        TranslationUnit.author_id == person_id,
        TranslationUnit.reviewer_id == person_id,
        TranslationUnit.pending_by == person_id,
        TranslationUnit.pending_word_by == person_id,
    )
    wanted: dict[str, tuple[Any, Any, Any]] = {
        "ressources_creees": (Resource, Resource.created_by == person_id, Resource.created_at),
        "ressources_coecrites": (ResourceAuthor, ResourceAuthor.person_id == person_id, ResourceAuthor.added_at),
        "ressources_adoptees": (ResourceSource, ResourceSource.adopted_by == person_id, ResourceSource.adopted_at),
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
    found = {name: list(session.scalars(sa.select(model).where(where).order_by(order)))
             for name, (model, where, order) in wanted.items()}  # fmt: skip
    return {
        **found,
        "brouillons_de_ressources": _drafts(session, person_id),
        "fichiers_ajoutes": _files(session, person_id),
        "fichiers_joints": _attached(session, person_id),
        "ressources_verifiees": _verified(session, person_id),
    }


def _drafts(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """What they are writing: where it is and what it is called. Its contents are on its page."""
    mine = sa.exists().where(ResourceAuthor.resource_id == Resource.id, ResourceAuthor.person_id == person_id)
    title = sa.func.coalesce(Resource.draft["title"].as_string(), Resource.title)
    wanted = sa.select(Resource.kind, Resource.slug, title, Resource.draft_at)
    wanted = wanted.where(Resource.draft.is_not(None), sa.or_(mine, Resource.draft_by == person_id))
    return [{"titre": said, "adresse": path_for(kind, slug), "ecrit_le": at}
            for kind, slug, said, at in session.execute(wanted.order_by(Resource.draft_at, Resource.id))]  # fmt: skip


def _files(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """The files that they added, by the names that contents give them."""
    wanted = sa.select(FileUse, Resource).join(Resource, Resource.id == FileUse.resource_id)
    wanted = wanted.where(FileUse.added_by == person_id).order_by(FileUse.added_at, FileUse.sha)
    rows = session.execute(wanted.options(undefer(Resource.draft))).all()
    names = {one.id: {ref.sha: ref.name for ref in services.working(session, one).files()} for _, one in rows}
    return [{"nom": names[one.id].get(use.sha, ""), "ressource": path_of(one), "sha256": use.sha,
             "ajoute_le": use.added_at} for use, one in rows]  # fmt: skip


def _attached(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """What they joined to messages and documents of groups."""
    wanted = sa.select(AttachedFile).where(AttachedFile.added_by == person_id)
    return [{"nom": one.name, "de": one.owner_kind, "sha256": one.sha, "ajoute_le": one.added_at}
            for one in session.scalars(wanted.order_by(AttachedFile.added_at, AttachedFile.sha))]  # fmt: skip


def _verified(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    wanted = sa.select(Resource).where(Resource.verified_by == person_id).order_by(Resource.verified_at, Resource.id)
    return [{"titre": one.title, "adresse": path_of(one), "verifie_le": one.verified_at}
            for one in session.scalars(wanted)]  # fmt: skip


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
    session.execute(sa.update(ResourceSource).where(ResourceSource.adopted_by == person_id).values(adopted_by=None))
    for said in (ResourceReport, ResourceRequest):
        session.execute(sa.update(said).where(said_by(said, person_id, email)).values(contact=None))
        session.execute(sa.update(said).where(said.author_id == person_id).values(author_id=None))


personal.register("resources", rows_of, forget, SECRET)
