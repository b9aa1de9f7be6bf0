"""Two sheets are joined, and the référents of both are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.desk import emails
from reseau.directory import lifecycle, present, priorities
from reseau.directory.reproject import Because
from reseau.members.joining_news import wants_mail
from reseau.members.places import referents, structures_named
from reseau.settings import Settings


def join(
    session: Session, kept: UUID, lost: UUID, keep: Mapping[str, str], because: Because, settings: Settings,
    now: datetime,
) -> None:  # fmt: skip
    """Join ``lost`` to ``kept`` (see :func:`lifecycle.merge`), then mail whoever keeps the sheet that stays: the
    référents of both, but not who has just done it.

    :raises NotMergeable: says why, nothing is changed and nobody is told.
    """
    lifecycle.merge(session, kept, lost, because, priorities.order(session, settings.sources), now, keep)
    names = structures_named(session, [kept, lost])
    site, row = Site.of(settings), names[kept]
    url = site.url + present.path(row["slug"], kept)
    for person in referents(session, [kept]).get(kept, []):
        if person.id != because.actor.person_id and wants_mail(person):
            letter = emails.joined(person.lang, row["nom"], names[lost]["nom"], url)
            key = f"fusion:{lost}:{person.id}"
            queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)
