"""Who is told of what an import needs: coordinators, once, in the transaction that writes down how it went."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import BAD, ImportRun, ImportSource
from importers.schedule import emails, showing
from importers.schedule.awaiting import TOO_MANY
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.members.places import people_with
from reseau.settings import Settings

#: A source that is asked seldom is told of after that time, even when it has not failed three times.
TOO_LONG = timedelta(days=3)


def tell_held(session: Session, source: ImportSource, run: ImportRun, settings: Settings, now: datetime) -> int:
    """One mail to each coordinator; of the next nights that stop for the same reason nothing, until the source has been
    good (or the mail is forgotten: after 30 days it may be said again). :return: how many mails."""
    site, sent = Site.of(settings), 0
    good = source.last_good_at.isoformat() if source.last_good_at else "jamais"
    for person in people_with(session, "coordinator"):
        if person.email:
            url = f"{site.url}/gestion/imports/{run.id}"
            letter = emails.held(person.lang, source.title, showing.why(run), url)
            key = f"import-a-decider:{source.name}:{run.error}:{good}:{person.id}"
            sent += queue(session, letter, person.email, site=site, now=now, key=key, optional_for=person.id)
    return sent


def tell_failing(session: Session, source: ImportSource, settings: Settings, now: datetime) -> int:
    """One mail to each coordinator when a source failed three times in a row, or for three days; again only after it
    has been good. :return: how many mails."""
    told = source.told_at is not None and (source.last_good_at is None or source.told_at >= source.last_good_at)
    if told or not source.failures or not (source.failures >= TOO_MANY or _for_long(session, source, now)):
        return 0
    source.told_at = now
    run = session.get(ImportRun, source.last_run_id) if source.last_run_id else None
    reason = showing.why(run) if run else ""
    site, sent = Site.of(settings), 0
    for person in people_with(session, "coordinator"):
        if person.email:
            url = f"{site.url}/gestion/sources/{source.name}"
            letter = emails.failing(person.lang, source.title, source.failures, reason, url)
            key = f"source-en-panne:{source.name}:{now.isoformat()}:{person.id}"
            sent += queue(session, letter, person.email, site=site, now=now, key=key, optional_for=person.id)
    session.flush()
    return sent


def _for_long(session: Session, source: ImportSource, now: datetime) -> bool:
    """Whether the first of its failures in a row is old."""
    first = sa.select(ImportRun.started_at).where(ImportRun.source == source.name, ImportRun.state.in_(BAD))
    if source.last_good_at:
        first = first.where(ImportRun.started_at > source.last_good_at)
    began = session.scalar(first.order_by(ImportRun.started_at).limit(1))
    return began is not None and now - began >= TOO_LONG
