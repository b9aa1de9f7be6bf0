"""The journal and the outbox, for administrators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.audit import Audit
from reseau.core.ids import parse_id
from reseau.core.jobs import JobRun
from reseau.core.mail import Mail, MailState
from reseau.core.paging import Page, nearest, offset
from reseau.desk.journal_words import PEOPLE, PLACES, RESOURCES, THREADS, ids_of
from reseau.members.models import Person
from reseau.members.places import names, structures_named
from reseau.threads.base.access import LISTED
from reseau.threads.base.models import Post, Thread, Topic, TopicSeen
from resources.base.addresses import path_for
from resources.base.models import Resource

PAGE_SIZE = 100
SHOWN_MAILS = 100
_ADDRESS = re.compile(r"([^\s<>@,;:\"'()]+)@([^\s<>@,;:\"'()]+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters of the journal. ``who``: part of a name, or an id. ``day``: on the clocks of the site."""

    action: str = ""
    who: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """A page of the journal, newest first. ``people``, ``places``, ``resources`` and ``threads`` (by the id of the
    thread, or of a message of it): those that are still there, of rows and of their details."""

    page: Page[Audit]
    people: Mapping[UUID, str]
    places: Mapping[UUID, Any]
    resources: Mapping[UUID, Any]
    threads: Mapping[UUID, Any]
    actions: list[str]


def read_filters(asked: Mapping[str, str]) -> Asked:
    """Filters from the parameters of an address; what makes no sense is left out."""
    try:
        day = date.fromisoformat(asked.get("jour", ""))
    except ValueError:
        day = None
    clean = {name: asked.get(name, "").replace("\x00", "").strip() for name in ("action", "personne")}
    in_range = day is not None and date(2000, 1, 1) <= day <= date(9000, 1, 1)  # the ends of time have no time zone
    return Asked(clean["action"], clean["personne"], day if in_range else None)


def journal(session: Session, asked: Asked, zone: ZoneInfo, page: int) -> Journal:
    """One page; eight statements."""
    where = _where(asked, zone)
    total = session.execute(sa.select(sa.func.count()).select_from(Audit).where(*where)).scalar_one()
    number = nearest(page, total, PAGE_SIZE)
    found = sa.select(Audit).where(*where).order_by(Audit.at.desc(), Audit.id.desc())
    rows = list(session.scalars(found.limit(PAGE_SIZE).offset(offset(number, PAGE_SIZE))))
    actions = list(session.scalars(sa.select(Audit.action).distinct().order_by(Audit.action)))
    details = [row.detail for row in rows]
    objects = [row.object_id for row in rows if row.object_id]
    people = names(session, [*(row.person_id for row in rows), *objects, *ids_of(details, PEOPLE)])
    places = structures_named(session, [*objects, *ids_of(details, PLACES)])
    resources = _resources(session, [*objects, *ids_of(details, RESOURCES)])
    threads = _threads(session, [*objects, *ids_of(details, THREADS)])
    return Journal(Page(rows, total, number, PAGE_SIZE), people, places, resources, threads, actions)


def _threads(session: Session, ids: list[UUID]) -> dict[UUID, Any]:
    """id → (lang, path, title) of some threads, and of the threads of some messages; two statements. Of a group's, of
    one that is hidden or gone: nothing, who administers the site does not read them for that."""
    if not ids:
        return {}
    columns = (Thread.id, Thread.lang, Thread.slug, Thread.title)
    open_ = (Thread.state.in_(LISTED), Topic.seen.in_((TopicSeen.PUBLIC.value, TopicSeen.NETWORK.value)))
    of_topics = sa.select(Thread.id, *columns).join(Topic, Topic.id == Thread.topic_id).where(*open_)
    wanted = sorted(set(ids))
    found = session.execute(of_topics.where(Thread.id.in_(wanted))).all()
    posts = sa.select(Post.id, *columns).join(Thread, Thread.id == Post.thread_id)
    posts = posts.join(Topic, Topic.id == Thread.topic_id).where(*open_, Post.id.in_(wanted))
    known = {id_: {"lang": lang, "path": f"/echanges/{slug}-{thread_id}", "title": title}
             for id_, thread_id, lang, slug, title in found}  # fmt: skip
    return known | {
        id_: {"lang": lang, "path": f"/echanges/messages/{id_}", "title": title}
        for id_, _thread_id, lang, _slug, title in session.execute(posts)
    }


def _resources(session: Session, ids: list[UUID]) -> dict[UUID, Any]:
    """id → (id, lang, path, title) of some resources. Of a draft no title: it is its authors' until they publish it."""
    columns = (Resource.id, Resource.kind, Resource.slug, Resource.lang, Resource.title)
    wanted = sa.select(*columns).where(Resource.id.in_(sorted(set(ids))), Resource.version > 0)
    rows = session.execute(wanted).all() if ids else []
    return {id_: {"id": id_, "lang": lang, "path": path_for(kind, slug), "title": title}
            for id_, kind, slug, lang, title in rows}  # fmt: skip


def _where(asked: Asked, zone: ZoneInfo) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.action:
        found.append(Audit.action == asked.action)
    if asked.who:
        id_ = parse_id(asked.who)
        named = sa.select(Person.id).where(Person.name.icontains(asked.who, autoescape=True))
        found.append(Audit.person_id == id_ if id_ else Audit.person_id.in_(named))
    if asked.day:
        start = datetime.combine(asked.day, datetime.min.time(), zone)
        end = datetime.combine(asked.day + timedelta(days=1), datetime.min.time(), zone)
        found += [Audit.at >= start, Audit.at < end]
    return found


# --- the outbox -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that has not left. ``recipient`` and ``error``: addresses are partly hidden."""

    id: UUID
    kind: str
    subject: str
    recipient: str
    created_at: datetime
    due_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The last run of a job, which failed. ``message``: addresses are partly hidden."""

    name: str
    ended_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """Mails put aside and mails that wait (the oldest ``SHOWN_MAILS`` of each), jobs that failed."""

    aside: list[Letter]
    waiting: list[Letter]
    aside_total: int
    waiting_total: int
    jobs: list[Failed]


def outbox(session: Session) -> Outbox:
    """What is stuck; four statements."""
    states = {"aside": [MailState.ASIDE.value], "waiting": [MailState.WAITING.value, MailState.SENDING.value]}
    counted = session.execute(
        sa.select(
            *(
                sa.select(sa.func.count()).select_from(Mail).where(Mail.state.in_(some)).scalar_subquery()
                for some in states.values()
            )
        )
    ).one()
    failed = session.scalars(sa.select(JobRun).where(JobRun.ok.is_(False)).order_by(JobRun.ended_at))
    jobs = [Failed(run.name, run.ended_at, mask(run.message)) for run in failed]
    aside, waiting = (_letters(session, some) for some in states.values())
    return Outbox(aside, waiting, counted[0], counted[1], jobs)


def _letters(session: Session, states: list[str]) -> list[Letter]:
    columns = (Mail.id, Mail.kind, Mail.subject, Mail.recipient, Mail.created_at, Mail.due_at, Mail.attempts)
    found = sa.select(*columns, Mail.last_error).where(Mail.state.in_(states)).order_by(Mail.created_at, Mail.id)
    return [
        Letter(*row[:3], mask(row.recipient), *row[4:7], mask(row.last_error or ""))
        for row in session.execute(found.limit(SHOWN_MAILS))
    ]


def mask(text: str) -> str:
    """``text`` with each mail address partly hidden: enough to know one's own, not enough to take it away."""
    return _ADDRESS.sub(lambda found: f"{found[1][0]}•••@{found[2]}", text)
