"""What the drafts of a person are about, for their own page (``reseau.members``, which knows no resource)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from resources.base.addresses import parse_path
from resources.base.models import Resource, ResourceAuthor
from resources.base.shapes import Kind

Ref = tuple[Kind, str]


def named(session: Session, person_id: UUID, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Path of a form → (title of the resource, title of the section), of the resources that the person writes."""
    refs = {path: ref for path in paths if (ref := _ref(path))}
    written = _authored(session, person_id, refs.values())
    return {path: _words(written.get(ref), path) for path, ref in refs.items()}


def _authored(session: Session, person_id: UUID, named: Collection[tuple[Kind, str]]) -> dict[Ref, Resource]:
    """The resources of these addresses of which the person is an author: the path of a draft is whatever a browser
    sent, and must not tell what others are writing. One statement, none without addresses."""
    if not named:
        return {}
    mine = sa.select(Resource).join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
    mine = mine.where(ResourceAuthor.person_id == person_id, Resource.slug.in_(sorted({slug for _, slug in named})))
    found = session.scalars(mine.options(undefer(Resource.draft)))
    return {(Kind(row.kind), row.slug): row for row in found}


def _words(row: Resource | None, path: str) -> tuple[str, str]:
    """(title of the resource, title of the section) that a form is about."""
    if row is None:
        return "", ""
    blocks = (row.draft or {}).get("blocks", ())
    titles = (str(one.get("title", "")) for one in blocks if path.endswith(f"/modifier/{one.get('key')}"))
    return row.title, next(titles, "")


def _ref(path: str) -> Ref | None:
    """The resource whose form has this path: ``/kits/mon-kit/modifier/etape-1``."""
    parts = path.split("?")[0].strip("/").split("/")
    return parse_path("/" + "/".join(parts[:2])) if len(parts) > 2 else None
