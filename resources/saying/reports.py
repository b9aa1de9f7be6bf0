"""Reports: anyone says that a resource is outdated, wrong, a duplicate or out of place; its authors or the
coordination answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import affected, insert
from reseau.core.paging import Page, nearest, offset
from reseau.core.wording import _
from resources.base import services
from resources.base.addresses import parse_path
from resources.base.models import Resource, ResourceReport

OPEN, RESOLVED, REFUSED = "open", "resolved", "refused"
DUPLICATE = "duplicate"
REASONS = {
    "outdated": _("Ce n’est plus à jour"),
    "wrong": _("Il y a une erreur"),
    DUPLICATE: _("C’est un doublon d’une autre ressource"),
    "inappropriate": _("Elle n’a pas sa place ici"),
}
STATES = {OPEN: _("En attente"), RESOLVED: _("Traité"), REFUSED: _("Refusé")}
MAX_TEXT, MAX_ANSWER = 2000, 1000
PAGE_SIZE = 30
#: After the answer, until the address of who wrote is erased.
CONTACT_KEPT = timedelta(days=30)
#: The same when nobody answered, after they wrote.
CONTACT_KEPT_UNANSWERED = timedelta(days=365)


class Answered(Exception):
    """Somebody else has answered this report."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said. ``other_id``: of a duplicate, the other one."""

    reason: str
    text: str
    contact: str | None = None
    other_id: UUID | None = None


def other_of(session: Session, address: str) -> Resource | None:
    """The resource of an address as people copy it: with or without the site, a query, a fragment."""
    try:
        parts = urlsplit(address.strip()).path.rstrip("/").split("/")
    except ValueError:
        return None
    found = parse_path("/" + "/".join(parts[-2:]))
    return services.find(session, *found) if found else None


def send(
    session: Session, id_: UUID, resource: Resource, said: Said, *, lang: str, author_id: UUID | None, now: datetime
) -> ResourceReport | None:
    """Store a report. :param id_: of its form: a second click stores nothing. :return: None then."""
    values = {
        "id": id_, "resource_id": resource.id, "reason": said.reason, "text": said.text, "other_id": said.other_id,
        "contact": said.contact, "author_id": author_id, "lang": lang, "version": resource.version, "at": now,
        "state": OPEN, "answer": "",
    }  # fmt: skip
    statement = insert(session, ResourceReport).values(values).on_conflict_do_nothing(index_elements=["id"])
    stored = session.scalar(statement.returning(ResourceReport.id))
    return session.get_one(ResourceReport, id_) if stored else None


def find(session: Session, resource_id: UUID, id_: UUID) -> ResourceReport | None:
    """A report about that resource."""
    found = session.get(ResourceReport, id_)
    return found if found is not None and found.resource_id == resource_id else None


def answer(session: Session, report: ResourceReport, state: str, words: str, *, by: UUID | None, now: datetime) -> None:
    """Close a report. :param state: ``RESOLVED`` or ``REFUSED``. :raises Answered: somebody was faster."""
    session.flush()
    session.refresh(report, with_for_update=True)
    if report.state != OPEN:
        raise Answered
    report.state, report.answer, report.decided_at, report.decided_by = state, words, now, by
    session.flush()


def waiting(session: Session, number: int) -> Page[tuple[ResourceReport, Resource]]:
    """Open reports about all resources, the oldest first; two statements."""
    where = ResourceReport.state == OPEN
    total = session.execute(sa.select(sa.func.count()).select_from(ResourceReport).where(where)).scalar_one()
    return _page(session, where, (ResourceReport.at, ResourceReport.id), total, number)


def of_resource(session: Session, resource_id: UUID, number: int) -> Page[tuple[ResourceReport, Resource]]:
    """Reports about one resource, those that wait first, then the last answered; two statements."""
    where = ResourceReport.resource_id == resource_id
    total = session.execute(sa.select(sa.func.count()).select_from(ResourceReport).where(where)).scalar_one()
    order = (sa.case((ResourceReport.state == OPEN, 0), else_=1), ResourceReport.at.desc(), ResourceReport.id)
    return _page(session, where, order, total, number)


def how_many_wait(session: Session, resource_id: UUID) -> int:
    """Open reports about one resource."""
    where = (ResourceReport.resource_id == resource_id, ResourceReport.state == OPEN)
    return int(session.execute(sa.select(sa.func.count()).select_from(ResourceReport).where(*where)).scalar_one())


def _page(
    session: Session, where: sa.ColumnElement[bool], order: tuple[Any, ...], total: int, number: int
) -> Page[tuple[ResourceReport, Resource]]:
    here = nearest(number, total, PAGE_SIZE)
    found = (
        sa.select(ResourceReport, Resource)
        .join(Resource, Resource.id == ResourceReport.resource_id)
        .where(where)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset(offset(here, PAGE_SIZE))
    )
    return Page([(report, resource) for report, resource in session.execute(found)], total, here, PAGE_SIZE)


def forget_contacts(session: Session, now: datetime) -> int:
    """Erase the addresses of those who reported ``CONTACT_KEPT`` after the answer, or ``CONTACT_KEPT_UNANSWERED`` after
    they wrote. :return: how many."""
    table = ResourceReport
    late = sa.or_(table.decided_at < now - CONTACT_KEPT, table.at < now - CONTACT_KEPT_UNANSWERED)
    return affected(session, sa.update(table).where(table.contact.is_not(None), late).values(contact=None))
