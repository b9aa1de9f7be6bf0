"""Groups and their documents as other rooms name them (``core.cards``)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card, Visibility
from reseau.core.wording import _
from reseau.groups.addresses import TAKEN, document_path, group_path
from reseau.groups.models import DOCUMENT_KIND, KIND, GroupDocument, Seen, WorkingGroup
from reseau.groups.words import DOCUMENTS

_VISIBILITY: dict[str, Visibility] = {
    Seen.PUBLIC.value: "public",
    Seen.NETWORK.value: "network",
    Seen.MEMBERS.value: "members",
}


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The groups of these ids."""
    rows = session.scalars(sa.select(WorkingGroup).where(WorkingGroup.id.in_(list(ids)))) if ids else ()
    return {row.id: _card(row) for row in rows}


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The groups at these addresses, or at one of their pages that is no document."""
    named = {path: parts[0] for path in paths if (parts := _parts(path)) and parts[0] and not parts[1]}
    if not named:
        return {}
    rows = session.scalars(sa.select(WorkingGroup).where(WorkingGroup.slug.in_(sorted(set(named.values())))))
    known = {row.slug: _card(row) for row in rows}
    return {path: known[slug] for path, slug in named.items() if slug in known}


def documents_by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Card]:
    """The documents of these ids."""
    rows = session.execute(_documents().where(GroupDocument.id.in_(list(ids)))) if ids else ()
    return {row.id: _document(row) for row in rows}


def documents_by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """The documents at these addresses."""
    named = {path: parts for path in paths if (parts := _parts(path)) and parts[1]}
    if not named:
        return {}
    pair = sa.tuple_(WorkingGroup.slug, GroupDocument.slug).in_(sorted(set(named.values())))
    known = {(row.group_slug, row.slug): _document(row) for row in session.execute(_documents().where(pair))}
    return {path: known[key] for path, key in named.items() if key in known}


def _parts(path: str) -> tuple[str, str] | None:
    """(slug of a group, slug of a document or "") of an address."""
    parts = path.partition("?")[0].partition("#")[0].split("/")
    if len(parts) < 3 or parts[:2] != ["", "groupes"] or parts[2] in TAKEN:
        return None
    document = parts[4].removesuffix(".md") if len(parts) > 4 and parts[3] == "documents" else ""
    return parts[2][:80], document[:100]


def _documents() -> sa.Select[Any]:
    row, group = GroupDocument, WorkingGroup
    columns: Any = (
        row.id,
        row.slug,
        row.title,
        row.lang,
        row.kind,
        group.slug.label("group_slug"),
        group.name,
        group.seen,
    )
    return sa.select(*columns, group.id.label("group_id")).join(group, group.id == row.group_id)


def _card(row: WorkingGroup) -> Card:
    return Card(KIND, row.id, row.name, group_path(row.slug), _("Groupe de travail"), lang=row.lang,
                visibility=_VISIBILITY[row.seen], owner_id=row.id)  # fmt: skip


def _document(row: Any) -> Card:
    return Card(DOCUMENT_KIND, row.id, row.title, document_path(row.group_slug, row.slug), DOCUMENTS[row.kind],
                lang=row.lang, note=row.name, visibility=_VISIBILITY[row.seen], owner_id=row.group_id)  # fmt: skip


cards.register(KIND, by_ids, by_paths)
cards.register(DOCUMENT_KIND, documents_by_ids, documents_by_paths)
