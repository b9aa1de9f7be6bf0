"""What is done to resources, whoever asks: the pages, the demonstration, an import of plain files.

Readers see versions; authors write a draft beside them; publishing makes the draft the next version. Services flush and
never commit; each thing published, changed or withdrawn leaves a row in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.changes import Entry, Op
from reseau.core.db import dicts, site_day
from resources.base import translations
from resources.base.content import (
    HEADER,
    Content,
    ContentError,
    checked,
    from_json,
    missing_to_publish,
    slug_of,
)
from resources.base.models import KIND, Resource, ResourceAuthor, ResourceVersion, State, Visibility
from resources.base.shapes import Kind
from resources.base.translations import Reading


class Clash(Exception):
    """Somebody else has written the same draft since it was read. ``theirs``: what it is now."""

    def __init__(self, theirs: Content) -> None:
        super().__init__("the draft has changed")
        self.theirs = theirs


class NotReady(Exception):
    """A resource cannot be published yet. ``errors``: what it lacks."""

    def __init__(self, errors: Sequence[ContentError]) -> None:
        super().__init__(", ".join(map(str, errors)))
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class Published:
    """A resource with what its readers see."""

    resource: Resource
    content: Content
    version: ResourceVersion


# --- Reading ---------------------------------------------------------------------------------------------------------


def find(session: Session, kind: Kind | str, slug: str) -> Resource | None:
    """The resource at an address, whatever its state."""
    wanted = sa.select(Resource).where(Resource.kind == str(kind), Resource.slug == slug)
    return session.scalars(wanted).one_or_none()


def current(session: Session, resource: Resource) -> Published | None:
    """What readers see of it, or None: it was never published."""
    version = session.get(ResourceVersion, (resource.id, resource.version)) if resource.version else None
    return Published(resource, from_json(version.content), version) if version else None


def working(session: Session, resource: Resource) -> Content:
    """What its authors are writing: the draft, else the version that readers see."""
    if resource.draft is not None:
        return from_json(resource.draft)
    found = current(session, resource)
    if found is None:
        raise LookupError(f"resource {resource.id} has neither draft nor version")
    return found.content


def reading(session: Session, found: Published, lang: str) -> tuple[Reading, list[str]]:
    """(what is read in ``lang``, the languages in which it can be read); one statement."""
    rows = translations.rows(session, [found.resource.id])[found.resource.id]
    return translations.read_in(found.content, rows, lang), translations.languages(found.content, rows)


def version(session: Session, resource_id: UUID, number: int) -> ResourceVersion | None:
    """One version of a resource."""
    return session.get(ResourceVersion, (resource_id, number))


def versions(session: Session, resource_id: UUID) -> list[Mapping[str, Any]]:
    """Its versions without their contents (number, at, by, note, minor), newest first."""
    table = ResourceVersion
    wanted = sa.select(table.number, table.at, table.by, table.note, table.minor).where(
        table.resource_id == resource_id
    )
    return list(dicts(session.execute(wanted.order_by(table.number.desc()))))


def by_ids(session: Session, ids: Iterable[UUID]) -> dict[UUID, Resource]:
    """Resources by id; one statement."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.id: row for row in session.scalars(sa.select(Resource).where(Resource.id.in_(wanted)))}


def by_refs(session: Session, refs: Iterable[str]) -> dict[str, Resource]:
    """Resources by ``kind/slug``, as blocks name them; one statement."""
    pairs = [tuple(ref.split("/", 1)) for ref in set(refs) if ref.count("/") == 1]
    if not pairs:
        return {}
    wanted = sa.select(Resource).where(sa.tuple_(Resource.kind, Resource.slug).in_(pairs))
    return {f"{row.kind}/{row.slug}": row for row in session.scalars(wanted)}


def author_ids(session: Session, resource_id: UUID) -> set[UUID]:
    """Who may write it, beside its structure and the coordination."""
    wanted = sa.select(ResourceAuthor.person_id).where(ResourceAuthor.resource_id == resource_id)
    return set(session.scalars(wanted))


# --- Writing ---------------------------------------------------------------------------------------------------------


def create(
    session: Session, content: Content, *, by: UUID | None, structure_id: UUID | None, now: datetime, slug: str = ""
) -> Resource:
    """A draft that nobody else sees.

    :param slug: wished for; another is found if it is taken. :raises ContentError: it cannot be kept.
    """
    content = checked(content)
    resource = Resource(
        kind=content.kind.value, slug=free_slug(session, content, slug), lang=content.lang, created_by=by,
        structure_id=structure_id, created_at=now, updated_at=now, draft=content.to_json(), draft_rev=1, draft_at=now,
        draft_by=by, origin_seen={}, **_listed(content),
    )  # fmt: skip
    session.add(resource)
    session.flush()
    if by is not None:
        session.add(ResourceAuthor(resource_id=resource.id, person_id=by, added_at=now))
        session.flush()
    return resource


def free_slug(session: Session, content: Content, wish: str = "") -> str:
    """A slug that no resource of the kind has."""
    stem = slug_of(wish or content.title) or "sans-titre"
    like = sa.select(Resource.slug).where(Resource.kind == content.kind.value, Resource.slug.startswith(stem))
    taken = set(session.scalars(like))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def save_draft(
    session: Session, resource: Resource, content: Content, *, seen_rev: int | None, by: UUID | None, now: datetime
) -> Resource:
    """Keep what an author writes.

    :param seen_rev: ``draft_rev`` that they had read; None: whatever it is. :raises Clash: it is another by now.
    :raises ContentError: it cannot be kept.
    """
    content = checked(content)
    lock(session, resource)
    if seen_rev is not None and resource.draft_rev != seen_rev:
        raise Clash(working(session, resource))
    resource.draft, resource.draft_at, resource.draft_by = content.to_json(), now, by
    resource.draft_rev += 1
    if resource.version == 0:
        for name, value in _listed(content).items():
            setattr(resource, name, value)
    session.flush()
    return resource


def lock(session: Session, resource: Resource) -> None:
    """Nobody else writes it until the commit; its columns are read again."""
    session.flush()
    session.refresh(resource, with_for_update=True)


def publish(
    session: Session, resource: Resource, *, by: UUID | None, note: str = "", minor: bool = False,
    now: datetime, verified: bool = False,
) -> ResourceVersion:  # fmt: skip
    """Make the draft the version that readers see; without a draft, publish again what was withdrawn.

    :param minor: spelling only: translations that were up to date stay so. :param verified: the author has checked
        that all is right today. :raises NotReady: it lacks something.
    """
    lock(session, resource)
    before = current(session, resource)
    content = working(session, resource)
    if errors := missing_to_publish(content):
        raise NotReady(errors)
    if before is not None:
        content = keep_digests(before.content, content, minor=minor)
    if before is None or content.to_json() != before.version.content:
        resource.version += 1
        session.add(ResourceVersion(resource_id=resource.id, number=resource.version, at=now, by=by,
                                    note=note.strip()[:300], minor=minor, content=content.to_json()))  # fmt: skip
    first = resource.state != State.PUBLISHED.value
    resource.state, resource.draft, resource.review_note = State.PUBLISHED.value, None, ""
    resource.published_at = resource.published_at or now
    for name, value in _listed(content).items():
        setattr(resource, name, value)
    resource.verify_every = content.verifier_tous_les
    if verified:
        verify(session, resource, by=by, now=now, say=False)
    session.flush()
    refresh_languages(session, resource, content)
    say(session, resource, Op.PUBLISH if first else Op.UPDATE, content, now)
    found = session.get(ResourceVersion, (resource.id, resource.version))
    if found is None:
        raise LookupError("a version that was just written")
    return found


def keep_digests(before: Content, content: Content, *, minor: bool) -> Content:
    """Carry over which former texts differ by spelling only; with ``minor``, those of ``before`` too."""

    def same_as(old_good: frozenset[str], today: str, old_today: str) -> tuple[str, ...]:
        if today != old_today and not minor:
            return ()
        return tuple(sorted(old_good - {today}))

    blocks = []
    for block in content.blocks:
        old = before.block(block.key)
        same = same_as(old.digests(), block.digest, old.digest) if old else ()
        blocks.append(replace(block, same_as=same))
    _, old_good, old_today = before.units()[HEADER]
    _, _, today = content.units()[HEADER]
    return replace(content, header_same_as=same_as(old_good, today, old_today), blocks=tuple(blocks))


def withdraw(session: Session, resource: Resource, now: datetime) -> bool:
    """Readers do not see it any more; its authors do, and its versions stay. :return: whether it was published."""
    lock(session, resource)
    if resource.state != State.PUBLISHED.value:
        return False
    resource.state = State.WITHDRAWN.value
    say(session, resource, Op.WITHDRAW, None, now)
    return True


def set_visibility(session: Session, resource: Resource, visibility: Visibility, now: datetime) -> None:
    """Everyone, or the network."""
    if resource.visibility != visibility.value:
        resource.visibility = visibility.value
        touched(session, resource, now)


def verify(session: Session, resource: Resource, *, by: UUID | None, now: datetime, say: bool = True) -> None:
    """A person of the network says that all of it is right today."""
    resource.verified_at, resource.verified_by = now, by
    resource.due_on = add_months(site_day(session, now), resource.verify_every).isoformat()
    if say:
        touched(session, resource, now)


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last of the month if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


def touched(session: Session, resource: Resource, now: datetime) -> None:
    """What readers see of a published resource has changed beside its content (a translation, who sees it…)."""
    if resource.state == State.PUBLISHED.value:
        found = current(session, resource)
        if found is not None:
            refresh_languages(session, resource, found.content)
            say(session, resource, Op.UPDATE, found.content, now)


def refresh_languages(session: Session, resource: Resource, content: Content) -> None:
    """Write again in which languages it can be read."""
    session.flush()
    rows = translations.rows(session, [resource.id])[resource.id]
    resource.langs = translations.languages(content, rows)


def say(session: Session, resource: Resource, op: Op, content: Content | None, now: datetime) -> None:
    """Raise ``rev`` and leave a row in the log."""
    resource.rev += 1
    resource.updated_at = now
    resource.digest = changes.digest({"content": content.to_json() if content else None, "version": resource.version,
                                      "visibility": resource.visibility, "langs": resource.langs})  # fmt: skip
    session.flush()
    changes.record(session, Entry(KIND, resource.id, resource.rev, op, digest=resource.digest))


def _listed(content: Content) -> dict[str, Any]:
    """The columns that list, filter and count."""
    return {
        "title": content.title, "summary": content.summary, "themes": list(content.themes),
        "demarches": list(content.demarches), "publics": list(content.publics), "supports": list(content.supports),
        "niveau": content.niveau, "licence": content.licence, "duree": content.duree, "langs": [content.lang],
    }  # fmt: skip
