"""What a person writes, and what awaits them there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.web.security import Identity, Role
from resources.base import services
from resources.base.models import Resource, ResourceAuthor, State
from resources.writing import reviewing


@dataclass(slots=True)
class Mine:
    """``drafts``: never published. ``published``: readers see them. ``withdrawn``. ``due``: to be verified by now.
    ``sent_back``: a coordinator asked for changes. ``original``: the resource that it was copied from has changed.
    ``changed``: written since they were published. ``reviews``: how many wait for this person as a coordinator."""

    drafts: list[Resource] = field(default_factory=list)
    published: list[Resource] = field(default_factory=list)
    withdrawn: list[Resource] = field(default_factory=list)
    due: list[Resource] = field(default_factory=list)
    sent_back: list[Resource] = field(default_factory=list)
    original: list[Resource] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    reviews: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is none."""
        return not (self.drafts or self.published or self.withdrawn)

    @property
    def awaits(self) -> bool:
        """Whether something awaits the person."""
        return bool(self.due or self.sent_back or self.original or self.reviews)


def of(session: Session, identity: Identity, now: datetime) -> Mine:
    """Those of which a person is an author, and those of places that they keep, without drafts; three statements at
    most."""
    authored = sa.select(ResourceAuthor.resource_id).where(ResourceAuthor.person_id == identity.person_id)
    kept = Resource.structure_id.in_(services.today_among(identity.refers_to)) if identity.refers_to else sa.false()
    wanted = sa.select(Resource, Resource.draft.is_not(None)).where(sa.or_(Resource.id.in_(authored), kept))
    found, today = Mine(), site_day(session, now).isoformat()
    written = session.execute(wanted.order_by(Resource.title, Resource.id)).all()
    rows = [row for row, _ in written]
    found.changed = {row.id for row, has_draft in written if has_draft and row.version}
    copied = {row.origin_id for row in rows if row.origin_id}
    origin = sa.select(Resource.id, Resource.version).where(
        Resource.id.in_(copied), Resource.state == State.PUBLISHED.value
    )
    versions = {one.id: one.version for one in session.execute(origin)} if copied else {}
    for row in rows:
        _sort(found, row, today)
        if row.origin_id in versions and versions[row.origin_id] != row.origin_version:
            found.original.append(row)
    if Role.COORDINATOR in identity.roles:
        found.reviews = reviewing.count_waiting(session)
    return found


def _sort(found: Mine, row: Resource, today: str) -> None:
    lists = {State.PUBLISHED.value: found.published, State.WITHDRAWN.value: found.withdrawn}
    lists.get(row.state, found.drafts).append(row)
    if row.state == State.PUBLISHED.value and row.due_on and row.due_on <= today:
        found.due.append(row)
    if row.review_note:
        found.sent_back.append(row)
