"""Minutes and pages of groups. Below the pages; whoever calls commits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from reseau.core import changes, slugs
from reseau.core.changes import Entry, Op
from reseau.core.limits import Limit
from reseau.core.paging import Page, nearest, offset
from reseau.groups.models import DOCUMENT_KIND, DocumentKind, GroupDocument
from reseau.groups.services import lock
from resources.files import forming

MAX_TITLE, MAX_TEXT, MAX_FILES = 150, 50_000, 20
PER_HOUR = Limit("group-document", 30, timedelta(hours=1))
SHOWN, PER_PAGE = 12, 50
"""Documents of each kind on the page of the group; on a page of all of them."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a document says. ``day``: of minutes, ISO date."""

    title: str
    text: str
    lang: str
    day: str = ""


class Taken(Exception):
    """A document with this id is there already: the same form came twice. ``document``: what it made."""

    def __init__(self, document: GroupDocument) -> None:
        super().__init__("the same form twice")
        self.document = document


class Clash(Exception):
    """Somebody else changed the document meanwhile. ``theirs``: as it is now."""

    def __init__(self, theirs: GroupDocument) -> None:
        super().__init__("changed meanwhile")
        self.theirs = theirs


def create(
    session: Session, group_id: UUID, kind: DocumentKind, writing: Writing, *, id_: UUID, by: UUID | None, now: datetime
) -> GroupDocument:
    """Write a new document; the members are told (``telling``). :raises Taken: this id is there."""
    lock(session, group_id)
    if (known := session.get(GroupDocument, id_)) is not None:
        raise Taken(known)
    made = GroupDocument(id=id_, group_id=group_id, kind=kind.value, slug=_slug(session, group_id, kind, writing),
                         title=writing.title, text=writing.text, lang=writing.lang, day=writing.day, created_at=now,
                         created_by=by, updated_at=now, updated_by=by)  # fmt: skip
    session.add(made)
    session.flush()
    changes.record(session, Entry(DOCUMENT_KIND, made.id, 1, Op.PUBLISH))
    return made


def _slug(session: Session, group_id: UUID, kind: DocumentKind, writing: Writing) -> str:
    instead = "compte-rendu" if kind is DocumentKind.MINUTES else "page"
    made = slugs.readable(writing.title, instead, 70)
    made = f"{writing.day}-{made}" if writing.day else made
    return slugs.free(session, GroupDocument.slug, made, GroupDocument.group_id == group_id)


def change(
    session: Session, id_: UUID, writing: Writing, *, seen_rev: int, by: UUID | None, now: datetime
) -> GroupDocument | None:
    """Change a document. Its address stays. :param seen_rev: of what the writer had read. :return: None: it is gone.

    :raises Clash: somebody else changed it meanwhile.
    """
    found = session.get(GroupDocument, id_, with_for_update=True, populate_existing=True)
    if found is None or of(found) == writing:
        return found
    if found.rev != seen_rev:
        raise Clash(found)
    found.title, found.text, found.lang, found.day = writing.title, writing.text, writing.lang, writing.day
    found.updated_at, found.updated_by, found.rev = now, by, found.rev + 1
    session.flush()
    changes.record(session, Entry(DOCUMENT_KIND, found.id, found.rev, Op.UPDATE))
    return found


def of(document: GroupDocument) -> Writing:
    """What a document says now."""
    return Writing(document.title, document.text, document.lang, document.day)


def delete(session: Session, id_: UUID, *, by: UUID) -> bool:
    """For good, with its files. What was told of it and has not left is taken back (``telling``).

    :return: whether it was there.
    """
    found = session.get(GroupDocument, id_, with_for_update=True, populate_existing=True)
    if found is None:
        return False
    forming.drop_all(session, (DOCUMENT_KIND, id_), by)
    changes.record(session, Entry(DOCUMENT_KIND, id_, found.rev + 1, Op.WITHDRAW))
    session.delete(found)
    session.flush()
    return True


def written_by(session: Session, id_: UUID, group_id: UUID, person_id: UUID) -> GroupDocument | None:
    """What somebody wrote in a group by the form of this id: it was sent twice."""
    known = session.get(GroupDocument, id_)
    return known if known and (known.group_id, known.created_by) == (group_id, person_id) else None


def own_id(session: Session, id_: UUID, person_id: UUID) -> bool:
    """Whether a form of somebody may bring a new document and files under an id: it is that of no document, nor one
    under which somebody else has brought files."""
    known = session.get(GroupDocument, id_)
    return known is None and not forming.theirs(session, (DOCUMENT_KIND, id_), person_id)


# --- reading --------------------------------------------------------------------------------------------------


def find(session: Session, group_id: UUID, slug: str) -> GroupDocument | None:
    """The document of an address."""
    row = GroupDocument
    return session.scalars(sa.select(row).where(row.group_id == group_id, row.slug == slug)).one_or_none()


def newest(session: Session, group_id: UUID, kind: DocumentKind, most: int = SHOWN) -> list[GroupDocument]:
    """The first documents of a kind, without their texts, and one more if there are more; one statement."""
    return list(session.scalars(_in_order(group_id, kind).limit(most + 1)))


def listed(session: Session, group_id: UUID, kind: DocumentKind, number: int) -> Page[GroupDocument]:
    """A page of all documents of a kind, without their texts; two statements."""
    row = GroupDocument
    counted = sa.select(sa.func.count()).select_from(row).where(row.group_id == group_id, row.kind == kind.value)
    total = session.scalar(counted) or 0
    number = nearest(number, total, PER_PAGE)
    wanted = _in_order(group_id, kind).limit(PER_PAGE).offset(offset(number, PER_PAGE))
    return Page(list(session.scalars(wanted)), total, number, PER_PAGE)


def _in_order(group_id: UUID, kind: DocumentKind) -> sa.Select[GroupDocument]:
    """Minutes: the newest meeting first; pages by title."""
    row = GroupDocument
    order = (row.day.desc(), row.created_at.desc()) if kind is DocumentKind.MINUTES else (row.title,)
    wanted = sa.select(row).where(row.group_id == group_id, row.kind == kind.value)
    return wanted.options(defer(row.text)).order_by(*order, row.id)


def existing(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those that are there; one statement."""
    return set(session.scalars(sa.select(GroupDocument.id).where(GroupDocument.id.in_(list(ids))))) if ids else set()


def as_markdown(document: GroupDocument, day: str, group: str) -> str:
    """A document as a plain file. :param day: of the meeting, written, or "". :param group: its name."""
    head = " – ".join(part for part in (group, day) if part)
    return f"# {document.title}\n\n{head}\n\n{document.text}\n"


def day_of(document: GroupDocument) -> date | None:
    """The day of the meeting."""
    try:
        return date.fromisoformat(document.day)
    except ValueError:
        return None


forming.register(DOCUMENT_KIND, existing)
