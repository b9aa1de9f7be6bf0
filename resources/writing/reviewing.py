"""Publishing at once or after a review: who may, what waits, and what a coordinator answers.

A resource that readers see already can wait too (``Resource.review_at``): they go on seeing its last version.
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
from resources.base import provided, services
from resources.base.models import Resource, ResourceVersion, State, Visibility
from resources.writing import adapting, lacking

#: How many wait on one page; the oldest first, so that each has its turn.
SHOWN = 50


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A resource that waits. ``title``: as it would be published."""

    resource: Resource
    title: str
    asked: Asked


def may_publish(identity: Identity | None, settings: Settings) -> bool:
    """Whether a person publishes without a review: coordinators always; others when they belong to a place and the
    site asks for no review."""
    if identity is None:
        return False
    return Role.COORDINATOR in identity.roles or (not settings.resources_review and bool(identity.places))


def publish(session: Session, resource: Resource, said: Said, *, by: UUID | None, now: datetime) -> ResourceVersion:
    """Make the draft what readers see; nobody is asked any more.

    :raises services.NotReady: it lacks something. :raises adapting.NotThisWay: its original does not allow it.
    """
    row = provided.lock(session, resource)
    content = services.working(session, resource)
    if errors := lacking.lacks(session, resource, content):
        raise services.NotReady(errors)
    adapting.check(session, resource, content.licence, said.visibility)
    former, again = resource.visibility, resource.published_at is not None
    resource.visibility = said.visibility.value
    try:
        version = services.publish(
            session, resource, by=by, note=said.note, minor=said.minor, now=now, verified=said.verified
        )
    except services.NotReady:
        resource.visibility = former
        raise
    if again:
        services.tell_narrowed(session, resource, former)
    provided.settle(session, row, resource, now)
    return version


def ask(session: Session, resource: Resource, said: Said, *, by: UUID | None, now: datetime) -> None:
    """Ask a coordinator to publish the draft.

    :raises services.NotReady: it lacks something. :raises adapting.NotThisWay: its original does not allow it.
    """
    services.lock(session, resource)
    content = services.working(session, resource)
    if errors := lacking.lacks(session, resource, content):
        raise services.NotReady(errors)
    adapting.check(session, resource, content.licence, said.visibility)
    resource.review_at, resource.review_by = resource.review_at or now, by  # asked again, it keeps its turn
    resource.review = {"note": said.note, "minor": said.minor, "verified": said.verified,
                       "visibility": said.visibility.value}  # fmt: skip
    if resource.version == 0:
        resource.state = State.REVIEW.value
    resource.review_note = ""
    session.flush()


def asked(resource: Resource) -> Asked | None:
    """The review that was asked for and not answered, or None."""
    if resource.review_at is None:
        return None
    told = resource.review or {}
    said = Said(told.get("note", ""), told.get("minor", False), told.get("verified", False),
                Visibility(told.get("visibility", resource.visibility)))  # fmt: skip
    return Asked(resource.review_by, resource.review_at, said)


def waiting(session: Session) -> list[Waiting]:
    """What waits for a review, the oldest first, at most ``SHOWN``; one statement, which reads no draft but its
    title."""
    title = sa.func.coalesce(Resource.draft["title"].as_string(), Resource.title)
    wanted = sa.select(Resource, title).where(Resource.review_at.is_not(None))
    rows = session.execute(wanted.order_by(Resource.review_at, Resource.id).limit(SHOWN))
    return [Waiting(row, str(said), one) for row, said in rows if (one := asked(row))]


def count_waiting(session: Session) -> int:
    """How many wait for a review."""
    wanted = sa.select(sa.func.count()).select_from(Resource).where(Resource.review_at.is_not(None))
    return int(session.execute(wanted).scalar_one())


def accept(session: Session, resource: Resource, *, by: UUID | None, now: datetime) -> ResourceVersion | None:
    """Publish what waits, in the name of who asked. :return: None when nothing waits (somebody answered meanwhile).

    :raises services.NotReady: it lacks something by now. :raises adapting.NotThisWay: its original does not allow it.
    """
    provided.lock(session, resource)
    one = asked(resource)
    return publish(session, resource, one.said, by=one.by or by, now=now) if one else None


def send_back(session: Session, resource: Resource, reason: str) -> bool:
    """Say what to change first. :return: False when nothing waits."""
    services.lock(session, resource)
    if asked(resource) is None:
        return False
    _drop_question(session, resource)
    resource.review_note = reason.strip()
    session.flush()
    return True


def take_back(session: Session, resource: Resource) -> bool:
    """Its authors do not want it published yet. :return: False when nothing waits."""
    services.lock(session, resource)
    if asked(resource) is None:
        return False
    _drop_question(session, resource)
    return True


def _drop_question(session: Session, resource: Resource) -> None:
    resource.review_at = resource.review_by = resource.review = None
    if resource.version == 0:
        resource.state = State.DRAFT.value
    session.flush()


def detail(version: ResourceVersion, visibility: str) -> dict[str, Any]:
    """For the journal."""
    return {"version": version.number, "minor": version.minor, "visibility": visibility}
