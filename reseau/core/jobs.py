"""Work that is done again and again, beside the pages. Which jobs there are, and the clock, are ``reseau.worker``.

A job may be run at any moment, twice at once (a lock can be lost with its database connection), or not for days: it
looks at what there is to do, and does it. The last run of each is a row, so that the desk sees what is late.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from reseau.core.clock import Clock, utcnow
from reseau.core.db import Base
from reseau.core.masking import masked
from reseau.settings import Settings

log = logging.getLogger(__name__)

#: A run that found nothing to do is written down this often at most: one every 5 s would be 17,000 commits a day.
QUIET = timedelta(minutes=1)
MAX_MESSAGE = 500  # characters


class JobRun(Base):
    """The last run of a job that ended. ``message``: what it did, or why it failed."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    ok: Mapped[bool]
    message: Mapped[str] = mapped_column(sa.Text)


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Tools:
    """What a job works with. ``sessions`` makes writing sessions; ``stopping`` says True when it should end soon."""

    sessions: sessionmaker[Any]
    settings: Settings
    clock: Clock = utcnow
    stopping: Callable[[], bool] = _never


@dataclass(frozen=True)
class Job:
    """Something to do every so often.

    :param name: at most 40 characters, as typed after ``reseau worker --job``. :param every: from start to start.
    :param run: commits what it does; gives a short French line for the log and the desk, or None for nothing done.
    """

    name: str
    every: timedelta
    run: Callable[[Tools], str | None]


def run_job(job: Job, tools: Tools) -> bool:
    """Run ``job`` now and write down how it went. Never raises. :return: whether it went well."""
    started, ok = tools.clock(), True
    try:
        message = job.run(tools)
    except Exception as error:
        log.exception("job %s failed", job.name)
        message, ok = masked(f"{type(error).__name__}: {error}"), False
    if message and ok:
        log.info("job %s: %s", job.name, message)
    try:
        _record(tools, job, started, ok, message)
    except SQLAlchemyError:
        log.exception("the run of job %s could not be written down", job.name)
        return False
    return ok


def last_runs(session: Session) -> dict[str, JobRun]:
    """The last run of each job that has run, by name; jobs that are no more included."""
    return {run.name: run for run in session.scalars(sa.select(JobRun))}


def due_at(job: Job, last: JobRun | None, now: datetime) -> datetime:
    """When ``job`` is to be run: ``now`` if it never ran, is late or failed the last time."""
    if last is None or not last.ok:
        return now
    return min(max(now, last.started_at + job.every), now + job.every)  # a clock that was wrong must not stop it


def _record(tools: Tools, job: Job, started: datetime, ok: bool, message: str | None) -> None:
    with tools.sessions.begin() as session:
        last = session.get(JobRun, job.name)
        ended = tools.clock()
        if ok and not message and last and last.ok and timedelta() <= ended - last.ended_at < QUIET:
            return
        text = (message or "").replace("\x00", "")[:MAX_MESSAGE]
        session.merge(JobRun(name=job.name, started_at=started, ended_at=ended, ok=ok, message=text))
