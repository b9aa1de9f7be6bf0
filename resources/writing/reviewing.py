"""Publishing at once or after a review: who may, what waits, and what a coordinator answers.

What was said when a review was asked for is beside the draft (``drafting.REVIEW``), for a resource that readers see
already too: they go on seeing its last version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.settings import Settings
from reseau.web.security import Identity, Role
from resources.base import services
from resources.base.content import missing_to_publish
from resources.base.models import Resource, ResourceVersion, State, Visibility
from resources.writing import drafting


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of what is published."""

    note: str = ""
    minor: bool = False
    verified: bool = False
    visibility: Visibility = Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Asked:
    """A review that was asked for."""

    by: UUID | None
    at: datetime
    said: Said


def may_publish(identity: Identity | None, settings: Settings) -> bool:
    """Whether a person publishes without a review: coordinators always; others when they belong to a place and the
    site asks for no review."""
    if identity is None:
        return False
    return Role.COORDINATOR in identity.roles or (not settings.resources_review and bool(identity.places))


def publish(session: Session, resource: Resource, said: Said, *, by: UUID | None, now: datetime) -> ResourceVersion:
    """Make the draft what readers see. :raises services.NotReady: it lacks something."""
    services.lock(session, resource)
    former = resource.visibility
    resource.visibility = said.visibility.value
    try:
        return services.publish(
            session, resource, by=by, note=said.note, minor=said.minor, now=now, verified=said.verified
        )
    except services.NotReady:
        resource.visibility = former
        raise


def ask(session: Session, resource: Resource, said: Said, *, by: UUID | None, now: datetime) -> None:
    """Ask a coordinator to publish the draft. :raises services.NotReady: it lacks something."""
    services.lock(session, resource)
    if errors := missing_to_publish(services.working(session, resource)):
        raise services.NotReady(errors)
    told = {"by": str(by) if by else None, "at": now.isoformat(), "note": said.note, "minor": said.minor,
            "verified": said.verified, "visibility": said.visibility.value}  # fmt: skip
    drafting.change(session, resource, lambda content: content, by=by, now=now, review=told)
    if resource.version == 0:
        resource.state = State.REVIEW.value
    resource.review_note = ""
    session.flush()


def asked(resource: Resource) -> Asked | None:
    """The review that was asked for and not answered, or None."""
    told = (resource.draft or {}).get(drafting.REVIEW)
    if not told:
        return None
    said = Said(told["note"], told["minor"], told["verified"], Visibility(told["visibility"]))
    return Asked(UUID(told["by"]) if told["by"] else None, datetime.fromisoformat(told["at"]), said)


def waiting(session: Session) -> list[tuple[Resource, Asked]]:
    """What waits for a review, the oldest first."""
    # The draft is JSON; its text holds this name, with quotes that a text of its own would have escaped.
    named = sa.cast(Resource.draft, sa.Text).like(f'%"{drafting.REVIEW}": {{%')
    found = [(row, one) for row in session.scalars(sa.select(Resource).where(named)) if (one := asked(row))]
    return sorted(found, key=lambda pair: pair[1].at)


def accept(session: Session, resource: Resource, *, by: UUID | None, now: datetime) -> ResourceVersion | None:
    """Publish what waits, in the name of who asked. :return: None when nothing waits (somebody answered meanwhile).

    :raises services.NotReady: it lacks something by now.
    """
    services.lock(session, resource)
    one = asked(resource)
    return publish(session, resource, one.said, by=one.by or by, now=now) if one else None


def send_back(session: Session, resource: Resource, reason: str, *, by: UUID | None, now: datetime) -> bool:
    """Say what to change first. :return: False when nothing waits."""
    services.lock(session, resource)
    if asked(resource) is None:
        return False
    _drop_question(session, resource, by, now)
    resource.review_note = reason.strip()
    session.flush()
    return True


def take_back(session: Session, resource: Resource, *, by: UUID | None, now: datetime) -> bool:
    """Its authors do not want it published yet. :return: False when nothing waits."""
    services.lock(session, resource)
    if asked(resource) is None:
        return False
    _drop_question(session, resource, by, now)
    return True


def _drop_question(session: Session, resource: Resource, by: UUID | None, now: datetime) -> None:
    drafting.change(session, resource, lambda content: content, by=by, now=now, review=None)
    if resource.version == 0:
        resource.state = State.DRAFT.value
    session.flush()


def detail(version: ResourceVersion) -> dict[str, Any]:
    """For the journal."""
    return {"version": version.number, "minor": version.minor}
