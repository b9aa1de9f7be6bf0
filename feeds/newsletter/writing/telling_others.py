"""What the letter tells of the rest: questions that wait, dates to come, the label, what the watch kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.composing import when
from feeds.newsletter.writing.sources import Found, Limited, Window, changed, register, said, short
from importers.models import ImportSource
from importers.veille import tray
from reseau.agenda.models import KIND as EVENT
from reseau.agenda.services import upcoming
from reseau.core import cards
from reseau.core.changes import Change, Op
from reseau.core.clock import local_day
from reseau.core.wording import Wording, _
from reseau.directory.models import Status, Structure
from reseau.label.models import KIND as LABEL
from reseau.label.models import Label
from reseau.label.services import place_of, places
from reseau.threads.base import text
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import KIND as THREAD
from reseau.threads.base.models import Post, PostState, Thread, Topic, TopicSeen
from reseau.threads.base.questions import unanswered
from resources.base.models import KIND as RESOURCE

WATCH = "watch"
MOST_QUESTIONS, MOST_DATES, MOST_LABELS = 5, 10, 20
AHEAD = timedelta(days=60)
"""How far the letter looks into the agenda."""
MAX_WORDS = 140
"""Characters of the first words of a question."""
LABELLED = "/annuaire?label-local=oui"


def questions(session: Session, window: Window) -> list[Found]:
    """Questions of topics that everybody reads, to which nobody has answered; the newest first. Their title and first
    words, without names of people; the rest is on the site, where its author can still change it."""
    wanted = (
        sa.select(Thread, Post)
        .join(Topic, Topic.id == Thread.topic_id)
        .outerjoin(Post, sa.and_(Post.thread_id == Thread.id, Post.first, Post.state == PostState.SHOWN.value))
        .where(*unanswered(), Topic.seen == TopicSeen.PUBLIC.value, Topic.archived_at.is_(None))
        .order_by(Thread.created_at.desc(), Thread.id)
        .limit(MOST_QUESTIONS)
    )
    ops = changed(session, window, THREAD)
    return [
        Found(
            "questions", THREAD, row.id, {row.lang: {**_source(row.title), "text": _first_words(post)}},
            url=path_of(row), fresh=Op.PUBLISH.value in ops.get(row.id, ()),
        )
        for row, post in session.execute(wanted)
    ]  # fmt: skip


def _first_words(post: Post | None) -> str:
    return text.plain(text.veiled(post.text, post.mentions), MAX_WORDS) if post else ""


def dates(session: Session, window: Window) -> list[Found]:
    """Dates that the coordination kept and that are to come. ``note``: when and where; a letter says it again in each
    of its languages (``composing.reading_rows``)."""
    ops = changed(session, window, EVENT)
    ahead = [event for event in upcoming(session, window.now, MOST_DATES) if event.starts_at < window.now + AHEAD]
    return [
        Found(
            "dates", EVENT, event.id, {event.lang: _source(event.title)}, url=event.url, source="event",
            note=when.of_event(event, "fr"), fresh=event.id in ops,
        )
        for event in ahead
    ]  # fmt: skip


def labels(session: Session, window: Window) -> list[Found]:
    """Labels that were given, that ended, that were withdrawn: each in its latest state, of the place where it is now.
    A place that holds one has lost none, whatever became of those before: it was renewed. A label that begins was told
    when it was given. One statement more."""
    ids = changed(session, window, LABEL)
    if not ids:
        return []
    today = local_day(window.now, window.timezone)
    over = sa.or_(Label.ends_on < today, sa.func.coalesce(Label.withdrawn_on <= today, sa.false()))
    known = sa.select(Change.object_id).where(Change.kind == LABEL, Change.seq <= window.log_from)
    given = sa.and_(sa.not_(over), Label.id.not_in(known), Structure.status == Status.ACTIVE.value)
    lost = sa.and_(over, Structure.id.not_in(places(today)))
    place, join = place_of()
    wanted = (
        sa.select(Label, Structure.id.label("place"), Structure.nom, Structure.slug, Structure.commune)
        .select_from(join)
        .join(Structure, Structure.id == place)
        .where(Label.id.in_(list(ids)), sa.or_(lost, given))
        .order_by(Label.decided_on.desc(), Structure.nom, Label.ends_on.desc(), Label.id)
    )
    told: dict[tuple[UUID, bool], Found] = {}
    for row in session.execute(wanted):
        said = _lost(row[0], today)
        told.setdefault((row.place, bool(said)), _label(row, said))  # two renewals of one place are one news
    return _with_others(list(told.values()))


def _lost(label: Label, today: date) -> str:
    """What is said of a label that is over, or ""."""
    if label.withdrawn_on and label.withdrawn_on <= today:
        return _("Ce lieu n’a plus le label.")
    return _("Le label de ce lieu est arrivé à sa fin.") if label.ends_on < today else ""


def _label(row: Any, lost: str) -> Found:
    label, place, name, slug, commune = row

    def words(say: Wording) -> tuple[str, str]:
        if lost:
            return name, say.gettext(lost)
        return name, say.gettext(_("Ce lieu reçoit le label, jusqu’au %(date)s."), date=say.date(label.ends_on))

    return Found("label", LABEL, label.id, said(words), url=f"/annuaire/{slug}-{place}", note=commune or "")


def _with_others(lines: list[Found]) -> list[Found]:
    cut = Limited.of(lines, MOST_LABELS)
    if not cut.others:
        return cut.lines

    def words(say: Wording) -> tuple[str, str]:
        return say.ngettext("et %(num)s autre lieu", "et %(num)s autres lieux", cut.others), ""

    rest = uuid5(UUID(int=0), "labels")
    return [*cut.lines, Found("label", "labels-more", rest, said(words), url=LABELLED)]


def watched(session: Session, window: Window) -> list[Found]:
    """What the coordination kept of the watch for the letter; what became a link of ours leads to its page, which says
    what it is worth. ``note``: who says it."""
    items = tray.for_letter(session)
    if not items:
        return []
    feeds = select_titles(session, {item.source_id for item in items})
    ours = cards.by_refs(session, [(RESOURCE, item.resource_id) for item in items if item.resource_id])
    found = []
    for item in items:
        card = ours.get((RESOURCE, item.resource_id)) if item.resource_id else None
        url = card.path if card and card.readable(network=False) else item.url
        texts = {item.lang or "fr": {**_source(item.title), "text": short(item.summary)}}
        found.append(Found("veille", WATCH, item.id, texts, url=url, note=feeds[item.source_id], source="watch"))
    return found


def select_titles(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Names of feeds; one statement."""
    wanted = sa.select(ImportSource.id, ImportSource.title, ImportSource.name).where(ImportSource.id.in_(ids))
    return {id_: title or name for id_, title, name in session.execute(wanted)}


def told(session: Session, ids: list[Any]) -> int:
    """What the watch had for the letter was told. :return: how many."""
    return tray.told(session, ids)


def untold(session: Session, ids: list[Any]) -> int:
    """It was not told after all. :return: how many."""
    return tray.untold(session, ids)


def _source(title: str) -> dict[str, str]:
    return {"title": title, "text": "", "state": "source"}


register("questions", questions)
register("dates", dates)
register("label", labels)
register("veille", watched)
