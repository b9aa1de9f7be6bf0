"""Resources that an import brings from elsewhere: what it wrote it may write again, what a person wrote it never does.

A resource that came so has a row of ``resource_source``. Nobody is its author until a person adopts it
(``resources.writing.adopting``). Services flush and never commit; one run of a source at a time calls them (it holds
the lock of the source), while people write and adopt on pages: the row of provenance is locked first, then the
resource.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from resources.base import services
from resources.base.content import Content, checked
from resources.base.models import Resource, ResourceAuthor, ResourceSource, ResourceVersion, State
from resources.base.shapes import Kind

#: Kinds that imports make.
KINDS = (Kind.LIEN.value, Kind.OUTIL.value)
SOURCE_CHANGED = "Mise à jour : la ressource d’origine a changé."
ADDRESS_CHANGED = "L’adresse de la ressource d’origine a changé."
#: Kept by us in ``said``: that we withdrew it; by which rules it was read; who asked to adopt it.
_OURS, _RULES, _ASKED = "retiree_ici", "regles", "adoption"
_KEPT = frozenset({_OURS, _RULES, _ASKED})
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Incoming:
    """A resource as its source has it today.

    :param source_id: its id there, which never changes. :param url: of its page there. :param updated: what the source
        says of its last change, aware, or None. :param content: what is taken of it; None: it is still there, and
        nothing of it was read this time. :param digest: of all that is taken. :param licence: code, "": none was read.
    :param said: what the source says and we have no column for (``nom``: of the source, for people).
    :param rules: version of those that read it; no part of ``digest``.
    """

    source_id: str
    url: str
    updated: datetime | None = None
    content: Content | None = None
    digest: str = ""
    licence: str = ""
    licence_text: str = ""
    base: str = ""
    base_url: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    rules: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Its id: it joins no others."""
        return (self.source_id,)


def of(session: Session, resource_id: UUID, *, lock: bool = False) -> ResourceSource | None:
    """Where a resource comes from; None: it was written here. :param lock: no import nor adoption meanwhile."""
    wanted = sa.select(ResourceSource).where(ResourceSource.resource_id == resource_id)
    wanted = wanted.with_for_update() if lock else wanted
    return session.scalars(wanted.execution_options(populate_existing=lock)).one_or_none()


def known(session: Session, source: str) -> dict[str, dict[str, str]]:
    """What was had of each resource of a source: id → ``updated`` (ISO 8601; "": it is to be read again), ``url``,
    ``rules`` (version of those that read it, ""); one statement. What was withdrawn is read again before it comes
    back."""
    table = ResourceSource
    there = sa.case((table.withdrawn_at.is_(None), table.source_updated_at))
    rules = table.said[_RULES].as_string()
    wanted = sa.select(table.source_id, there, table.url, rules).where(table.source == source)
    return {
        id_: {"updated": at.isoformat() if at else "", "url": url, "rules": read_by or ""}
        for id_, at, url, read_by in session.execute(wanted)
    }


def lock(session: Session, resource: Resource) -> ResourceSource | None:
    """As ``services.lock``, and where it comes from before it: whoever writes both locks them in this order."""
    row = of(session, resource.id, lock=True) if resource.kind in KINDS else None
    services.lock(session, resource)
    return row


def ask(row: ResourceSource, *, by: UUID, structure_id: UUID | None, joined: bool) -> None:
    """A person asks to adopt it. It is not theirs before their words are published: until then the source may take it
    back. :param joined: they became an author of it for that. The row must be locked."""
    row.adopted_by, row.changed_at = by, None
    row.said = {**row.said, _ASKED: {"lieu": str(structure_id) if structure_id else "", "auteur": joined}}


def is_asked(row: ResourceSource | None) -> bool:
    """Whether a person has asked to adopt it, and their words are not published yet."""
    return row is not None and _ASKED in row.said


def settle(session: Session, row: ResourceSource | None, resource: Resource, now: datetime) -> None:
    """Their words were published: it is theirs, and their place's. Nothing when nobody asked. Both must be locked."""
    if row is None or not is_asked(row):
        return
    place = row.said[_ASKED].get("lieu")
    row.adopted_at = now
    resource.structure_id = resource.structure_id or (UUID(place) if place else None)
    _forget(row)
    session.flush()
    services.touched(session, resource, now)


def give_up(session: Session, row: ResourceSource | None) -> None:
    """Their words were thrown away: it is nobody's, as before. Nothing when nobody asked. The row must be locked."""
    if row is None or not is_asked(row):
        return
    if row.said[_ASKED].get("auteur") and row.adopted_by is not None:
        mine = (ResourceAuthor.resource_id == row.resource_id, ResourceAuthor.person_id == row.adopted_by)
        session.execute(sa.delete(ResourceAuthor).where(*mine))
    row.adopted_by = None
    _forget(row)
    session.flush()


def _forget(row: ResourceSource) -> None:
    row.said = {name: value for name, value in row.said.items() if name != _ASKED}


def present_count(session: Session, source: str) -> int:
    """How many resources of a source are still there."""
    table = ResourceSource
    wanted = sa.select(sa.func.count()).where(table.source == source, table.withdrawn_at.is_(None))
    return int(session.execute(wanted).scalar_one())


class Provided:
    """Takes what an import brings. :param source: name of the source. :param now: of the run, aware."""

    def __init__(self, session: Session, source: str, now: datetime) -> None:
        self.session, self.source, self.now = session, source, now

    def apply(self, batch: Sequence[Incoming]) -> Counter[str]:
        """Create, update, publish again. :return: created, updated, unchanged."""
        counts: Counter[str] = Counter()
        rows = self._rows({one.source_id for one in batch})
        for one in batch:
            if (row := rows.get(one.source_id)) is not None:
                counts["updated" if self._seen(row, one) else "unchanged"] += 1
            elif one.content is not None:
                rows[one.source_id] = self._create(one, one.content)
                counts["created"] += 1
            else:  # a replay where it was never read: there is nothing to make it of
                counts["unchanged"] += 1
        self.session.flush()
        return counts

    def absent(self, named: Set[str]) -> Counter[str]:
        """After a complete run: withdraw what it did not name; what a person adopted stays.

        :return: absent, and how many of those readers do not see any more (archived).
        """
        counts: Counter[str] = Counter()
        table = ResourceSource
        wanted = sa.select(table.source_id).where(table.source == self.source, table.withdrawn_at.is_(None))
        gone = sorted(set(self.session.scalars(wanted)) - set(named))
        for start in range(0, len(gone), _AT_ONCE):
            for row in self._rows(gone[start : start + _AT_ONCE]).values():
                row.withdrawn_at = self.now
                counts["absent"] += 1
                counts["archived"] += self._take_down(row)
        self.session.flush()
        return counts

    def _rows(self, ids: Iterable[str]) -> dict[str, ResourceSource]:
        wanted = sa.select(ResourceSource).where(ResourceSource.source == self.source)
        wanted = wanted.where(ResourceSource.source_id.in_(list(ids))).order_by(ResourceSource.resource_id)
        found = self.session.scalars(wanted.with_for_update().execution_options(populate_existing=True))
        return {row.source_id: row for row in found}

    def _create(self, one: Incoming, content: Content) -> ResourceSource:
        resource = services.create(self.session, content, by=None, structure_id=None, now=self.now)
        services.publish(self.session, resource, by=None, now=self.now)
        row = ResourceSource(resource_id=resource.id, source=self.source, source_id=one.source_id,
                             fetched_at=self.now)  # fmt: skip
        _provenance(row, one, self.now)
        self.session.add(row)
        self.session.flush()
        return row

    def _seen(self, row: ResourceSource, one: Incoming) -> bool:
        """It is there. :return: whether readers or authors see something new."""
        back = row.withdrawn_at is not None and one.content is not None and self._put_back(row)
        # The same there, read by other rules of ours: nothing of which authors are to be told.
        ours = row.said.get(_RULES, "") != one.rules and row.source_updated_at == one.updated
        if one.content is None or row.digest == one.digest:
            if one.content is not None:
                self._read_again(row, one)
            return back
        resource, former = self._resource(row), row.url
        _provenance(row, one, self.now)
        if self._is_a_persons(row, resource):
            row.changed_at = row.changed_at if ours else self.now
            self._follow(resource, former, one.url)
            return True
        return self._rewrite(resource, one.content) or back

    def _read_again(self, row: ResourceSource, one: Incoming) -> None:
        """It was read, and is what it was."""
        if row.source_updated_at != one.updated:  # changed there, unpublished
            row.source_updated_at = one.updated
        if row.said.get(_RULES, "") != one.rules:
            row.said = {**row.said, _RULES: one.rules}

    def _rewrite(self, resource: Resource, content: Content) -> bool:
        """Write what the source says now; its kind and its address stay. :return: whether it is something else."""
        content = checked(replace(content, kind=Kind(resource.kind)))
        before = services.current(self.session, resource)
        if before is not None and _same(before.content, content):
            return False
        services.save_draft(self.session, resource, content, seen_rev=None, by=None, now=self.now)
        services.publish(self.session, resource, by=None, note=SOURCE_CHANGED, now=self.now)
        return True

    def _follow(self, resource: Resource, former: str, url: str) -> None:
        """A person's words stay; the address that they lead to is that of today, unless they are writing just now."""
        if url == former or resource.draft is not None or resource.state != State.PUBLISHED.value:
            return
        content = services.working(self.session, resource)
        if content.url == former:
            content = replace(content, url=url)
            services.save_draft(self.session, resource, content, seen_rev=None, by=None, now=self.now)
            services.publish(self.session, resource, by=None, note=ADDRESS_CHANGED, minor=True, now=self.now)

    def _take_down(self, row: ResourceSource) -> bool:
        resource = self._resource(row)
        if row.adopted_at is not None:
            services.touched(self.session, resource, self.now)  # its page says so
            return False
        gone = services.withdraw(self.session, resource, self.now)
        if is_asked(row):  # what would be published is not there any more; their words stay in the draft
            resource.review_at = resource.review_by = resource.review = None
        row.said = {**row.said, _OURS: gone}
        return gone

    def _put_back(self, row: ResourceSource) -> bool:
        """It is there again: publish what we withdrew; what a person withdrew stays so."""
        row.withdrawn_at = None
        resource, ours = self._resource(row), row.said.get(_OURS)
        row.said = {name: value for name, value in row.said.items() if name != _OURS}
        if row.adopted_at is not None:
            services.touched(self.session, resource, self.now)
        elif ours and resource.state == State.WITHDRAWN.value and (resource.draft is None or is_asked(row)):
            self._show_again(resource)
        return True

    def _show_again(self, resource: Resource) -> None:
        """What readers saw; words that wait to be published go on waiting."""
        names = ("draft", "removed", "review_at", "review_by", "review", "review_note")
        waiting = {name: getattr(resource, name) for name in names}
        resource.draft = None
        services.publish(self.session, resource, by=None, now=self.now)
        for name, value in waiting.items():
            setattr(resource, name, value)
        self.session.flush()

    def _resource(self, row: ResourceSource) -> Resource:
        resource = self.session.get_one(Resource, row.resource_id)
        services.lock(self.session, resource)
        return resource

    def _is_a_persons(self, row: ResourceSource, resource: Resource) -> bool:
        """Whether a person adopted it, wrote into it, or decided that readers do not see it."""
        if row.adopted_at or resource.draft is not None or resource.state != State.PUBLISHED.value:
            return True
        written = sa.exists().where(ResourceVersion.resource_id == resource.id, ResourceVersion.by.is_not(None))
        authored = sa.exists().where(ResourceAuthor.resource_id == resource.id)
        return bool(self.session.execute(sa.select(sa.or_(written, authored))).scalar())


def _provenance(row: ResourceSource, one: Incoming, now: datetime) -> None:
    """What the source says of it, beside its words."""
    row.url, row.digest, row.source_updated_at, row.fetched_at = one.url, one.digest, one.updated, now
    row.licence, row.licence_text, row.base, row.base_url = one.licence, one.licence_text, one.base, one.base_url
    kept = {name: value for name, value in (row.said or {}).items() if name in _KEPT}
    row.said = {**one.said, **kept} | ({_RULES: one.rules} if one.rules else {})


def _same(before: Content, content: Content) -> bool:
    """Whether readers would see the same (former digests of spelling are not seen)."""

    def seen(one: Content) -> dict[str, Any]:
        blocks = tuple(replace(block, same_as=()) for block in one.blocks)
        return replace(one, header_same_as=(), blocks=blocks).to_json()

    return seen(before) == seen(content)
