"""Who is written to by moderation. The coordination: one mail a day at most, for those who want mails of reports (the
same choice as reports on sheets and resources, ``suggestions``). Authors: each decision about a post of theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.members.models import Person, PersonState
from reseau.members.places import people_with
from reseau.members.profile import wants
from reseau.settings import Settings
from reseau.threads.base.addresses import post_path
from reseau.threads.base.models import Post, Thread
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
    session: Session, post: Post, settings: Settings, now: datetime, letter: Callable[[str, str, str], Letter]
) -> bool:
    """Write to who wrote a post, if they are still there. :param letter: (language, title, address) → the letter."""
    person = session.get(Person, post.author_id) if post.author_id else None
    if person is None or not person.email or person.state != PersonState.ACTIVE.value:
        return False
    title = session.get_one(Thread, post.thread_id).title
    made = letter(person.lang, title, settings.public_url.rstrip("/") + post_path(post))
    return queue(session, made, person.email, site=Site.of(settings), now=now,
                 key=f"{made.kind}:{post.id}:{post.rev}")  # fmt: skip
