"""Who is written to by moderation. The coordination: one mail a day at most, for those who want mails of reports (the
same choice as reports on sheets and resources, ``suggestions``). Authors: each decision about a post of theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.members import governance
from reseau.members.models import Person, PersonState
from reseau.members.places import people_with
from reseau.members.profile import wants
from reseau.settings import Settings
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import Post, PostReport, PostState, Thread, ThreadState
from reseau.threads.moderating import emails

REPORTS = "suggestions"
"""Kind of mail, as people choose them (``members.profile.MAILS``): what is reported to the coordination."""
DESK_REPORTS = "/gestion/echanges/signalements"


def tell_moderators(session: Session, by: UUID | None, settings: Settings, now: datetime) -> int:
    """A post was reported. :param by: who did: they need no mail. :return: mails."""
    day, sent = site_day(session, now), 0
    for person in people_with(session, "coordinator"):
        if not person.email or person.id == by or not wants(person, REPORTS):
            continue
        letter = emails.reported(person.lang, settings.public_url.rstrip("/") + DESK_REPORTS)
        key = f"message-signale:{person.id}:{day.isoformat()}"
        sent += queue(session, letter, person.email, site=Site.of(settings), now=now, key=key)
    return sent


def tell_author(
    session: Session, post: Post, settings: Settings, now: datetime, letter: Callable[[emails.Case], Letter]
) -> bool:
    """Write to who wrote a post, if they are still there. :param letter: makes it."""
    person = _reached(session, post.author_id)
    if person is None:
        return False
    title, root = session.get_one(Thread, post.thread_id).title, settings.public_url.rstrip("/")
    said, contact = emails.quoted(post.text, post.lang), _contact(session, root)
    made = letter(emails.Case(person.lang, title, root + post_path(post), said, contact))
    return queue(session, made, person.email or "", site=Site.of(settings), now=now,
                 key=f"{made.kind}:{post.id}:{post.rev}")  # fmt: skip


def tell_reporters(session: Session, post: Post, settings: Settings, now: datetime) -> int:
    """Write to those who reported a post what became of it, on which somebody decided just now. :return: mails."""
    thread, sent = session.get_one(Thread, post.thread_id), 0
    root = settings.public_url.rstrip("/")
    url = root + ("/echanges" if thread.state == ThreadState.DELETED.value else path_of(thread))
    wanted = (PostReport.post_id == post.id, PostReport.decided_at == now, PostReport.author_id.is_not(None))
    for said in session.scalars(sa.select(PostReport).where(*wanted)):
        person = _reached(session, said.author_id)
        if person is None or person.id == said.decided_by:
            continue
        became = "deleted" if post.state == PostState.DELETED.value else said.state
        letter = emails.decided(person.lang, thread.title, became, url, _contact(session, root))
        key = f"{letter.kind}:{said.id}"
        sent += queue(session, letter, person.email or "", site=Site.of(settings), now=now, key=key)
    return sent


def _reached(session: Session, person_id: UUID | None) -> Person | None:
    """Somebody who may be written to."""
    person = session.get(Person, person_id) if person_id else None
    return person if person and person.email and person.state == PersonState.ACTIVE.value else None


def _contact(session: Session, root: str) -> str:
    """Where one writes to the coordination: its address, or the page that says who it is."""
    return governance.read(session)["contact_courriel"] or f"{root}/qui-sommes-nous"
