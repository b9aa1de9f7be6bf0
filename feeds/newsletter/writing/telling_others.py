"""What the letter tells of the rest: questions that wait, dates to come, the label, what the watch kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.writing.sources import Found, Window, changed, register, said
from importers.models import ImportSource
from importers.veille import tray
from reseau.agenda.models import KIND as EVENT
from reseau.agenda.models import Event
from reseau.agenda.services import upcoming
from reseau.core import cards
from reseau.core.changes import Op
from reseau.core.clock import local_day
from reseau.core.wording import LOCALES, Wording, _, written_date, written_moment
from reseau.directory.models import Structure
from reseau.label.models import KIND as LABEL
from reseau.label.models import Label
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import KIND as THREAD
from reseau.threads.base.models import Thread, Topic, TopicSeen
from reseau.threads.base.questions import unanswered
from resources.base.models import KIND as RESOURCE

WATCH = "watch"
MOST_QUESTIONS, MOST_DATES, MOST_LABELS = 5, 10, 20
AHEAD = timedelta(days=60)
"""How far the letter looks into the agenda."""
MAX_TEXT = 300


def questions(session: Session, window: Window) -> list[Found]:
    """Questions of topics that everybody reads, to which nobody has answered; the newest first. Their title only: the
    rest is on the site, where its author can still change it."""
    wanted = (
        sa.select(Thread)
        .join(Topic, Topic.id == Thread.topic_id)
        .where(*unanswered(), Topic.seen == TopicSeen.PUBLIC.value, Topic.archived_at.is_(None))
        .order_by(Thread.created_at.desc(), Thread.id)
        .limit(MOST_QUESTIONS)
    )
    ops = changed(session, window, THREAD)
    return [
        Found(
            "questions", THREAD, row.id, {row.lang: _source(row.title)}, url=path_of(row),
            fresh=Op.PUBLISH.value in ops.get(row.id, ()),
        )
        for row in session.scalars(wanted)
    ]  # fmt: skip


def dates(session: Session, window: Window) -> list[Found]:
    """Dates that the coordination kept and that are to come."""
    ops = changed(session, window, EVENT)
    ahead = [event for event in upcoming(session, window.now, MOST_DATES) if event.starts_at < window.now + AHEAD]
    return [
        Found(
            "dates", EVENT, event.id, _event_words(event), url=event.url, source="event",
            fresh=event.id in ops,
        )
        for event in ahead
    ]  # fmt: skip


def _event_words(event: Event) -> dict[str, dict[str, str]]:
    """In its own language. When and where stand with it: they are what a reader looks for."""
    lang = event.lang if event.lang in LOCALES else "fr"
    when = moment(event.starts_at, event.timezone, lang, all_day=event.all_day)
    text = " · ".join(filter(None, (when, event.place)))
    return {event.lang: {**_source(event.title), "text": text}}


def moment(at: datetime, timezone: str, lang: str, *, all_day: bool) -> str:
    """``jeudi 3 décembre 2026, 18:30`` on the clocks of ``timezone``; the day alone when hours mean nothing."""
    local = at.astimezone(ZoneInfo(timezone))
    return written_date(local.date(), lang, "full") if all_day else written_moment(local, lang, "full")


def labels(session: Session, window: Window) -> list[Found]:
    """Labels that were given, that ended, that were withdrawn: each in its latest state."""
    ids = changed(session, window, LABEL)
    if not ids:
        return []
    wanted = (
        sa.select(Label, Structure.nom, Structure.slug, Structure.commune)
        .join(Structure, Structure.id == Label.structure_id)
        .where(Label.id.in_(list(ids)))
        .order_by(Label.decided_on.desc(), Structure.nom, Label.id)
        .limit(MOST_LABELS)
    )
    return [_label(row, window) for row in session.execute(wanted)]


def _label(row: Any, window: Window) -> Found:
    label, name, slug, commune = row
    today = local_day(window.now, window.timezone)

    def words(say: Wording) -> tuple[str, str]:
        if label.withdrawn_on and label.withdrawn_on <= today:
            return name, say.gettext(_("Ce lieu n’a plus le label."))
        if label.ends_on < today:
            return name, say.gettext(_("Le label de ce lieu est arrivé à sa fin."))
        return name, say.gettext(_("Ce lieu reçoit le label, jusqu’au %(date)s."), date=say.date(label.ends_on))

    path = f"/annuaire/{slug}-{label.structure_id}"
    return Found("label", LABEL, label.id, said(words), url=path, note=commune or "")


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
        texts = {item.lang or "fr": {**_source(item.title), "text": _short(item.summary)}}
        found.append(Found("veille", WATCH, item.id, texts, url=url, note=feeds[item.source_id], source="watch"))
    return found


def select_titles(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Names of feeds; one statement."""
    wanted = sa.select(ImportSource.id, ImportSource.title, ImportSource.name).where(ImportSource.id.in_(ids))
    return {id_: title or name for id_, title, name in session.execute(wanted)}


def told(session: Session, ids: list[Any]) -> int:
    """What the watch had for the letter was told. :return: how many."""
    return tray.told(session, ids)


def _source(title: str) -> dict[str, str]:
    return {"title": title, "text": "", "state": "source"}


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1].rsplit(" ", 1)[0] + "…"


register("questions", questions)
register("dates", dates)
register("label", labels)
register("veille", watched)
