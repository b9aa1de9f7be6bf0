"""Adopting a resource that an import brought: a person of the network says what it is worth and for whom.

From then on it is theirs and their place's: imports change its words no more, and tell its authors when the source
has changed. Where it comes from stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.web.security import Identity
from resources.base import provided, services
from resources.base.content import Block, Content, fresh_key
from resources.base.models import Resource, ResourceAuthor, State, Visibility
from resources.base.shapes import BlockKind, Kind
from resources.writing import drafting, reviewing
from resources.writing.reviewing import Said

#: Kits that are offered, by title.
MOST_KITS = 100
KIT_PART = "plus-loin"


class AlreadyAdopted(Exception):
    """Somebody else has adopted it."""


class BeingWritten(Exception):
    """Somebody has a draft of it: publishing words of another would publish that too."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What is said. ``audience``: "" when nothing is. ``note``: line of the new version."""

    value: str
    audience: str
    note: str


def kits(session: Session, identity: Identity) -> list[Resource]:
    """The kits that a person may write, as author or as référent; one statement."""
    authored = sa.select(ResourceAuthor.resource_id).where(ResourceAuthor.person_id == identity.person_id)
    kept = Resource.structure_id.in_(services.today_among(identity.refers_to)) if identity.refers_to else sa.false()
    wanted = sa.select(Resource).where(Resource.kind == Kind.KIT.value, Resource.state != State.WITHDRAWN.value)
    wanted = wanted.where(sa.or_(Resource.id.in_(authored), kept)).order_by(Resource.title, Resource.id)
    return list(session.scalars(wanted.limit(MOST_KITS)))


def adopt(
    session: Session, resource: Resource, worth: Worth, *, by: UUID, structure_id: UUID | None, now: datetime,
    at_once: bool,
) -> bool:  # fmt: skip
    """Write the words of a person into a resource, and make it theirs as soon as they are published.

    :param at_once: publish; else a coordinator reads it first: sent back or taken back, they may write it again or
        throw it away, and it is not theirs. :return: False when they did it already (sent twice).
    :raises AlreadyAdopted: somebody else was first. :raises BeingWritten: somebody writes it. :raises ContentError: the
        words cannot be kept. :raises LookupError: it does not come from elsewhere.
    """
    row = provided.of(session, resource.id, lock=True)
    if row is None:
        raise LookupError("not provided")
    if row.adopted_at is not None:
        if row.adopted_by != by:
            raise AlreadyAdopted
        return False
    services.lock(session, resource)
    if provided.is_asked(row) and row.adopted_by == by and resource.review_at is not None:
        return False
    if resource.draft is not None:
        raise BeingWritten
    content = _with_words(services.working(session, resource), worth)
    services.save_draft(session, resource, content, seen_rev=None, by=by, now=now)
    said = Said(note=worth.note, visibility=Visibility(resource.visibility))
    joined = by not in services.author_ids(session, resource.id)
    if joined:
        session.add(ResourceAuthor(resource_id=resource.id, person_id=by, added_at=now))
    provided.ask(row, by=by, structure_id=structure_id, joined=joined)
    (reviewing.publish if at_once else reviewing.ask)(session, resource, said, by=by, now=now)
    return True


def _with_words(content: Content, worth: Worth) -> Content:
    """After what is there already in the same parts."""
    for part, text in (("utilite", worth.value), ("pour-qui", worth.audience)):
        if text:
            block = Block(fresh_key(content, part), part, text=text)
            content = replace(content, blocks=(*content.blocks, block))
    return content


def put_into(session: Session, kit: Resource, resource: Resource, *, by: UUID, now: datetime) -> bool:
    """Name a resource at the end of the draft of a kit. :return: False when it is there already.

    :raises ContentError: the kit is too long.
    """
    ref = f"{resource.kind}/{resource.slug}"
    services.lock(session, kit)
    if any(block.data.get("ressource") == ref for block in services.working(session, kit).blocks):
        return False

    def edit(content: Content) -> Content:
        key = fresh_key(content, resource.title)
        block = Block(key, KIT_PART, BlockKind.RESSOURCE, data={"ressource": ref})
        return replace(content, blocks=(*content.blocks, block))

    drafting.change(session, kit, edit, by=by, now=now)
    return True


def seen(session: Session, resource_id: UUID) -> bool:
    """Its authors have looked at what changed at the source. :return: whether something had."""
    row = provided.of(session, resource_id, lock=True)
    if row is None or row.changed_at is None:
        return False
    row.changed_at = None
    session.flush()
    return True
