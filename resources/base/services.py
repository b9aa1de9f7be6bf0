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
from sqlalchemy.orm import Session, aliased

from reseau.core import changes
from reseau.core.changes import Entry, Op
from reseau.core.db import dicts, insert, site_day
from reseau.core.ids import new_id
from reseau.directory.models import Structure
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
from resources.base.models import (
    KIND,
    WORDS_KIND,
    Resource,
    ResourceAuthor,
    ResourceSource,
    ResourceVersion,
    State,
    Visibility,
)
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


def versions(session: Session, resource_id: UUID) -> list[Mapping[str, Any]]:
    """Its versions without their contents (number, at, by, note, minor), newest first."""
    table = ResourceVersion
    wanted = sa.select(table.number, table.at, table.by, table.note, table.minor).where(
        table.resource_id == resource_id
    )
    return list(dicts(session.execute(wanted.order_by(table.number.desc()))))


def contents(session: Session, resource_id: UUID, numbers: Iterable[int]) -> dict[int, Content]:
    """What readers saw of some versions, by number; one statement."""
    table = ResourceVersion
    wanted = sa.select(table.number, table.content).where(table.resource_id == resource_id)
    rows = session.execute(wanted.where(table.number.in_(list(numbers))))
    return {number: from_json(content) for number, content in rows}


def orphans(session: Session) -> list[Resource]:
    """Resources that only the coordination can write any more: of no place, and whose authors have left. By title.

    Not those that came from plain files or from an import and never had an author.
    """
    return list(session.scalars(sa.select(Resource).where(*orphaned()).order_by(Resource.title, Resource.id)))


def orphaned() -> tuple[sa.ColumnElement[bool], ...]:
    """What :func:`orphans` looks for, for those that count or page."""
    written = sa.exists().where(ResourceAuthor.resource_id == Resource.id)
    adopted = sa.exists().where(ResourceSource.resource_id == Resource.id, ResourceSource.adopted_at.is_not(None))
    return Resource.structure_id.is_(None), sa.or_(Resource.created_by.is_not(None), adopted), ~written


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


def present_place(session: Session, structure_id: UUID | None) -> UUID | None:
    """The place that a structure means today: the one that it was merged into, or itself. None: there is none."""
    if structure_id is None:
        return None
    today = sa.func.coalesce(Structure.merged_into, Structure.id)
    return session.execute(sa.select(today).where(Structure.id == structure_id)).scalar()


def today_among(places: Iterable[UUID]) -> sa.Select[Any]:
    """The structures that mean one of ``places`` today: themselves, and those that were merged into them."""
    return sa.select(Structure.id).where(sa.func.coalesce(Structure.merged_into, Structure.id).in_(list(places)))


def present_structure(session: Session, structure_id: UUID | None) -> Mapping[str, Any] | None:
    """The same place, named: id, slug, nom, commune, status; one statement."""
    if structure_id is None:
        return None
    was, now = aliased(Structure), aliased(Structure)
    wanted = sa.select(now.id, now.slug, now.nom, now.commune, now.status)
    wanted = wanted.join(was, now.id == sa.func.coalesce(was.merged_into, was.id)).where(was.id == structure_id)
    return next(iter(dicts(session.execute(wanted))), None)


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
    content, id_ = checked(content), new_id()
    values = {
        "id": id_, "kind": content.kind.value, "lang": content.lang, "created_by": by, "structure_id": structure_id,
        "created_at": now, "updated_at": now, "draft": content.to_json(), "draft_rev": 1, "draft_at": now,
        "draft_by": by, "origin_seen": {}, **_listed(content),
    }  # fmt: skip
    made = None
    while made is None:  # somebody else may take the slug at this very moment: then the next one
        row = insert(session, Resource).values(slug=free_slug(session, content, slug), **values)
        row = row.on_conflict_do_nothing(index_elements=["kind", "slug"])
        made = session.execute(row.returning(Resource.id)).scalar()
    resource = session.get_one(Resource, id_)
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
    resource.removed = resource.review_at = resource.review_by = resource.review = None
    resource.published_at = resource.published_at or now
    for name, value in _listed(content).items():
        setattr(resource, name, value)
    resource.verify_every = content.verifier_tous_les
    if verified:
        verify(session, resource, by=by, now=now, say=False)
    _set_due(session, resource)
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
    if (former := resource.visibility) != visibility.value:
        resource.visibility = visibility.value
        touched(session, resource, now)
        tell_narrowed(session, resource, former)


def tell_narrowed(session: Session, resource: Resource, former: str) -> None:
    """What everybody could read goes to the network: those who were told of it are told that. :param former: who could
    read it."""
    if resource.published_at is not None and (former, resource.visibility) == (Visibility.PUBLIC, Visibility.NETWORK):
        changes.record_narrowed(session, KIND, resource.id, resource.rev)


def verify(session: Session, resource: Resource, *, by: UUID | None, now: datetime, say: bool = True) -> None:
    """A person of the network says that all of it is right today."""
    resource.verified_at, resource.verified_by = now, by
    _set_due(session, resource)
    if say:
        touched(session, resource, now)


def _set_due(session: Session, resource: Resource) -> None:
    """By when it is to be verified: so many months after it was, or was published first."""
    since = resource.verified_at or resource.published_at
    if since is not None:
        resource.due_on = add_months(site_day(session, since), resource.verify_every).isoformat()


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


def reread(session: Session, resource: Resource) -> None:
    """The words of a file of a published resource are known now: the index reads it again, nothing else has changed."""
    if resource.state == State.PUBLISHED.value:
        changes.record(session, Entry(WORDS_KIND, resource.id, resource.rev, Op.UPDATE, digest=resource.digest))


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
