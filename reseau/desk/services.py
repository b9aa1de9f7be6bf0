"""What awaits somebody: the counts, one list of those who wait for an answer, oldest first, and two of sheets.

Old sheets are apart: by their dates alone they would come before every person, for ever. Each kind is one statement of
(since when, place, detail), from which both its count and its items are made, so that a number is the length of its
list. All counts are one statement and all items two, whatever there is: a coordinator of 17,500 places asks the
database for fifty rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import UTCDateTime, dicts
from reseau.core.jobs import JobRun
from reseau.core.mail import Mail, MailState
from reseau.desk import awaiting
from reseau.directory.models import Override, Status, Structure, Suggestion, SuggestionState
from reseau.directory.territory import in_territory
from reseau.directory.verification import due_order, is_due
from reseau.members.models import Decision, JoinRequest, Person, PersonState
from reseau.members.places import with_referent
from reseau.threads.base.models import Post, PostReport, Thread
from reseau.threads.base.questions import unanswered
from reseau.threads.moderating.lists import awaited
from reseau.web.security import Identity, Role
from resources.base.addresses import path_for
from resources.base.models import Resource, ResourceReport, ResourceRequest
from resources.base.services import orphaned

#: Items of each kind that are shown; the page says when there are more, and links lead to the rest.
SHOWN = 10
#: Kinds that are sheets, or resources: nobody waits for an answer.
SHEETS = {"verifier": 5, "orphelins": 5, "sans-auteur": 5}
OLDEST = datetime(1, 1, 1, tzinfo=UTC)

#: Kind → its list.
LISTS = {
    "demandes": "/gestion/demandes",
    "propositions": "/gestion/propositions",
    "suggestions": "/gestion/suggestions",
    "ecarts": "/gestion/ecarts",
    "relectures": "/gestion/ressources",
    "demandes-ressources": "/gestion/demandes-ressources",
    "signalements": "/gestion/ressources/signalements",
    "messages-signales": "/gestion/echanges/signalements",
    "messages-en-attente": "/gestion/echanges/en-attente",
    "questions": "/gestion/echanges/questions",
    "verifier": "/gestion/a-verifier",
    "orphelins": "/gestion/sans-referent",
    "sans-auteur": "/gestion/ressources/sans-auteur",
    "courriels": "/gestion/courriels",
    "taches": "/gestion/courriels",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the desk. ``places``: of which they are a référent; a coordinator sees all of the ``territory``
    (INSEE codes; none: everywhere)."""

    coordinator: bool
    administrator: bool
    places: tuple[UUID, ...]
    territory: tuple[str, ...] = ()

    @classmethod
    def of(cls, identity: Identity, territory: Sequence[str]) -> Viewer:
        """The viewer that an identity is."""
        roles = identity.roles
        places = tuple(sorted(identity.refers_to))
        return cls(Role.COORDINATOR in roles, Role.ADMINISTRATOR in roles, places, tuple(territory))

    def may_see(self, place: Any) -> sa.ColumnElement[bool]:
        """Whether a structure, given by the column of its id, is theirs to look after."""
        return sa.true() if self.coordinator else place.in_(self.places)

    @property
    def kinds(self) -> list[str]:
        """What may await them, in the order of the page."""
        staff = self.coordinator or bool(self.places)
        found = ["demandes"] if staff else []
        found += ["propositions"] if self.coordinator else []
        found += ["suggestions", "ecarts"] if staff else []
        found += ["relectures", "demandes-ressources", "signalements"] if self.coordinator else []
        found += ["messages-signales", "messages-en-attente", "questions"] if self.coordinator else []
        found += awaiting.kinds() if self.coordinator else []
        found += ["verifier"] if staff else []
        found += ["orphelins", "sans-auteur"] if self.coordinator else []
        return found + (["courriels", "taches"] if self.administrator else [])


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind await, and where their list is."""

    kind: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that awaits. ``since``: None when nobody knows. ``slug`` and ``nom``: of the place; of a resource, as
    blocks name it (``kind/slug``), and its title, in the language ``lang``. ``detail``: a code, or the name of who
    asks. ``ref``: what it is, where that has a page."""

    kind: str
    since: datetime | None
    place_id: UUID | None
    slug: str | None
    nom: str | None
    detail: str | None
    ref: UUID | None = None
    lang: str | None = None

    @property
    def resource_path(self) -> str:
        """The address of the resource that it is about."""
        kind, _slash, slug = (self.slug or "").partition("/")
        return path_for(kind, slug)


@dataclass(frozen=True, slots=True)
class Shown:
    """The oldest items of one kind, or of all kinds that wait for an answer. ``rest``: what is not shown of each kind
    that is cut."""

    items: list[Item]
    rest: list[Count]


@dataclass(frozen=True, slots=True)
class Desk:
    """All that awaits: counts of every kind; who waits for an answer, oldest first; then sheets, by kind."""

    counts: list[Count]
    waiting: Shown
    sheets: dict[str, Shown]

    @property
    def total(self) -> int:
        """How many things await."""
        return sum(count.number for count in self.counts)


def desk(session: Session, viewer: Viewer, today: date) -> Desk:
    """What awaits ``viewer``; three statements at most. :param today: where the site is."""
    counts = count(session, viewer, today)
    found = items(session, viewer, today, {one.kind for one in counts if one.number})
    waiting = [one for one in counts if one.kind not in SHEETS]
    sheets = {one.kind: _shown([one], found) for one in counts if one.kind in SHEETS and one.number}
    return Desk(counts, _shown(waiting, found), sheets)


def _shown(counts: list[Count], found: list[Item]) -> Shown:
    shown = [item for item in found if item.kind in {one.kind for one in counts}]
    listed = [one for one in counts if one.kind not in awaiting.kinds()]  # the others are one item, with its number
    rest = [(one, one.number - sum(item.kind == one.kind for item in shown)) for one in listed]
    return Shown(shown, [Count(one.kind, more, one.url) for one, more in rest if more > 0])


def count(session: Session, viewer: Viewer, today: date) -> list[Count]:
    """How many of each kind, in one statement."""
    asked = {kind: number(kind, viewer, today).label(kind) for kind in viewer.kinds}
    if not asked:
        return []
    found = session.execute(sa.select(*asked.values())).one()
    paths = {**LISTS, **{kind: one.path for kind, one in awaiting.kinds().items()}}
    return [Count(kind, number, paths[kind]) for kind, number in zip(asked, found, strict=True)]


def number(kind: str, viewer: Viewer, today: date) -> sa.ColumnElement[int]:
    """How many rows :func:`rows_of` has, without the columns that an index does not have: at 17,500 places that is 1 ms
    instead of 20 for each kind of sheets."""
    if kind == "orphelins":  # all places but those with a référent, who are few: id is not in the index of all
        there = sa.select(sa.func.count()).select_from(Structure)
        kept = there.where(_is_open(), in_territory(viewer.territory), Structure.id.in_(with_referent()))
        every = there.where(Structure.status == Status.ACTIVE.value, in_territory(viewer.territory))
        return every.scalar_subquery() - kept.scalar_subquery()
    if other := awaiting.kinds().get(kind):
        return other.number().scalar_subquery()
    rows = rows_of(kind, viewer, today).order_by(None).group_by(None)
    grouped = {"ecarts": Override.structure_id, "messages-signales": PostReport.post_id}.get(kind)
    what = sa.func.count() if grouped is None else sa.func.count(sa.distinct(grouped))
    return rows.with_only_columns(what, maintain_column_froms=True).scalar_subquery()


def items(session: Session, viewer: Viewer, today: date, kinds: set[str]) -> list[Item]:
    """The oldest of each of ``kinds``, oldest first."""
    found: list[Item] = []
    limited = {kind: rows_of(kind, viewer, today).limit(SHEETS.get(kind, SHOWN)) for kind in viewer.kinds}
    dated = [sa.select(rows.subquery()) for kind, rows in limited.items() if kind in kinds and kind != "verifier"]
    if dated:
        found += [Item(**row) for row in dicts(session.execute(sa.union_all(*dated)))]
    if "verifier" in kinds:  # its dates are days, not moments: another type, another statement
        for row in dicts(session.execute(limited["verifier"])):
            found.append(Item(**{**row, "since": _midnight(row["since"])}))
    order = {kind: rank for rank, kind in enumerate(viewer.kinds)}
    return sorted(found, key=lambda item: (item.since or OLDEST, order[item.kind], item.nom or "", str(item.place_id)))


def _midnight(day: str | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None


def rows_of(kind: str, viewer: Viewer, today: date) -> sa.Select[Any]:
    """One kind as a statement of the columns of :class:`Item`, oldest first."""
    if other := awaiting.kinds().get(kind):  # its own list tells them apart: here they are one item, the oldest
        return _rows(kind, sa.type_coerce(other.oldest().scalar_subquery(), UTCDateTime()), None)
    if kind == "verifier":
        return _rows(kind, Structure.due_on, Structure).where(*stale(viewer, today)).order_by(*due_order())
    made = {
        "demandes": _requests, "propositions": _proposals, "suggestions": _suggestions, "ecarts": _conflicts,
        "orphelins": _orphans, "courriels": _mails, "taches": _jobs, "relectures": _reviews,
        "demandes-ressources": _wishes, "signalements": _reports, "sans-auteur": _unkept,
        "messages-signales": _reported, "messages-en-attente": _awaited, "questions": _questions,
    }[kind]  # fmt: skip
    return made(kind, viewer)


def _rows(
    kind: str, since: Any, place: Any, detail: Any = None, ref: Any = None, resource: Any = None, nom: Any = None,
    thread: Any = None,
) -> sa.Select[Any]:  # fmt: skip
    """:param resource, thread: what it is about, instead of a place. :param nom: its words, when it is about none."""
    no_id, no_text = sa.cast(sa.null(), sa.Uuid()), sa.cast(sa.null(), sa.String())
    there: dict[str, Any] = {"place_id": no_id, "slug": no_text, "nom": no_text if nom is None else nom}
    if place:
        there = {"place_id": place.id, "slug": place.slug, "nom": place.nom}
    if resource:
        there |= {"slug": resource.kind + "/" + resource.slug, "nom": resource.title}
    if thread:
        there |= {"slug": thread.slug, "nom": thread.title}
    there["detail"] = no_text if detail is None else detail
    there["ref"] = no_id if ref is None else ref
    told = resource or thread
    there["lang"] = told.lang if told else no_text
    columns = [column.label(name) for name, column in there.items()]
    return sa.select(sa.literal(kind, sa.String()).label("kind"), since.label("since"), *columns)


def _requests(kind: str, viewer: Viewer) -> sa.Select[Any]:
    was, now = sa.orm.aliased(Structure), Structure
    rows = _rows(kind, JoinRequest.created_at, now, Person.name).select_from(JoinRequest)
    rows = rows.join(was, was.id == JoinRequest.structure_id)
    rows = rows.join(now, now.id == sa.func.coalesce(was.merged_into, was.id))
    rows = rows.join(Person, Person.id == JoinRequest.person_id)
    return rows.where(*_asking(), viewer.may_see(now.id)).order_by(JoinRequest.created_at, JoinRequest.id)


def _proposals(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    rows = _rows(kind, JoinRequest.created_at, None, Person.name).select_from(JoinRequest)
    rows = rows.join(Person, Person.id == JoinRequest.person_id)
    rows = rows.where(*_asking(), JoinRequest.structure_id.is_(None))
    return rows.order_by(JoinRequest.created_at, JoinRequest.id)


def _asking() -> tuple[sa.ColumnElement[bool], ...]:
    """Of requests that wait, as their own pages list them: who asks is still there."""
    return JoinRequest.state == Decision.OPEN.value, Person.state == PersonState.ACTIVE.value


def _suggestions(kind: str, viewer: Viewer) -> sa.Select[Any]:
    rows = _rows(kind, Suggestion.created_at, Structure, Suggestion.reason, Suggestion.id)
    rows = rows.join(Structure, Structure.id == Suggestion.structure_id)
    waiting = (Suggestion.state == SuggestionState.OPEN.value, viewer.may_see(Structure.id))
    return rows.where(*waiting).order_by(Suggestion.created_at, Suggestion.id)


def _conflicts(kind: str, viewer: Viewer) -> sa.Select[Any]:
    """One for each place: its differences are looked at together."""
    since = sa.func.min(Override.conflict_since, type_=UTCDateTime())
    rows = _rows(kind, since, Structure).join(Override, Override.structure_id == Structure.id)
    rows = rows.where(Override.conflict_since.is_not(None), _is_open(), *_theirs(viewer))
    return rows.group_by(Structure.id, Structure.slug, Structure.nom).order_by(since, Structure.id)


def _orphans(kind: str, viewer: Viewer) -> sa.Select[Any]:
    return _rows(kind, Structure.created_at, Structure).where(*orphans(viewer)).order_by(*orphans_order())


def _mails(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    rows = _rows(kind, Mail.created_at, None, Mail.kind).where(Mail.state == MailState.ASIDE.value)
    return rows.order_by(Mail.created_at, Mail.id)


def _jobs(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    return _rows(kind, JobRun.ended_at, None, JobRun.name).where(JobRun.ok.is_(False)).order_by(JobRun.ended_at)


def _reviews(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    rows = _rows(kind, Resource.review_at, None, resource=Resource).where(Resource.review_at.is_not(None))
    return rows.order_by(Resource.review_at, Resource.id)


def _wishes(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    asked = ResourceRequest
    rows = _rows(kind, asked.at, None, ref=asked.id, nom=asked.words).where(asked.state == "open")
    return rows.order_by(asked.at, asked.id)


def _reports(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    report = ResourceReport
    rows = _rows(kind, report.at, None, report.reason, report.id, Resource)
    rows = rows.join(Resource, Resource.id == report.resource_id).where(report.state == "open")
    return rows.order_by(report.at, report.id)


def _reported(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    """One for each message, however many people reported it."""
    since = sa.func.min(PostReport.at, type_=UTCDateTime())
    rows = _rows(kind, since, None, ref=Post.id, thread=Thread).select_from(PostReport)
    rows = rows.join(Post, Post.id == PostReport.post_id).join(Thread, Thread.id == Post.thread_id)
    rows = rows.where(PostReport.state == "open").group_by(Post.id, Thread.slug, Thread.title, Thread.lang)
    return rows.order_by(since, Post.id)


def _awaited(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    rows = _rows(kind, Post.at, None, ref=Post.id, thread=Thread).select_from(Post)
    return rows.join(Thread, Thread.id == Post.thread_id).where(*awaited()).order_by(Post.at, Post.id)


def _questions(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    """That nobody but their author answered, as the exchanges list them."""
    rows = _rows(kind, Thread.created_at, None, ref=Thread.id, thread=Thread)
    return rows.where(*unanswered()).order_by(Thread.created_at, Thread.id)


def _unkept(kind: str, _viewer: Viewer) -> sa.Select[Any]:
    rows = _rows(kind, Resource.updated_at, None, resource=Resource).where(*orphaned())
    return rows.order_by(*unkept_order())


# --- what the lists share with the counts -------------------------------------------------------------------


def _is_open() -> sa.ColumnElement[bool]:
    """For few places, found by their ids: said so that no index has it. SQLite would rather begin by all open places,
    and look at each (20 ms instead of 1 at 17,500)."""
    return Structure.status.concat("") == Status.ACTIVE.value


def _theirs(viewer: Viewer) -> tuple[sa.ColumnElement[bool], ...]:
    """Structures that a viewer looks after: a coordinator those of the territory, a référent their own."""
    return in_territory(viewer.territory) if viewer.coordinator else sa.true(), viewer.may_see(Structure.id)


def stale(viewer: Viewer, today: date) -> tuple[sa.ColumnElement[bool], ...]:
    """Sheets that are to be verified: their day has come, or nobody ever dated them."""
    return is_due(today), *_theirs(viewer)


def orphans(viewer: Viewer) -> tuple[sa.ColumnElement[bool], ...]:
    """Places of the territory without an active référent."""
    listed = (Structure.status == Status.ACTIVE.value, in_territory(viewer.territory))
    return *listed, Structure.id.not_in(with_referent())


def orphans_order() -> tuple[Any, ...]:
    """The first to come first."""
    return Structure.created_at, Structure.nom, Structure.id


def unkept_order() -> tuple[Any, ...]:
    """Of resources without an author: those that nobody touched for the longest time first."""
    return Resource.updated_at, Resource.title, Resource.id
