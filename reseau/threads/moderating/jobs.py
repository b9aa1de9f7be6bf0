"""What is done by the clock: questions that nobody answers, requests that were answered on the desk. Run twice, or
killed, each does the same once: what was done is on the thread, in the transaction of the log that tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.changes import Entry, Op, record
from reseau.core.jobs import Job, Tools
from reseau.notices.models import Notice
from reseau.threads.base import services
from reseau.threads.base.choices import choices
from reseau.threads.base.models import HELP_KIND, Thread, ThreadKind, ThreadState
from reseau.threads.base.questions import unanswered, waits
from resources.base.models import KIND as RESOURCE
from resources.base.models import ResourceRequest

AT_ONCE = 50
AGAIN_AFTER = timedelta(days=1)


def bring(session: Session, now: datetime) -> int:
    """Questions without an answer for too long are brought to those who know: the newest first, fifty at most.

    :return: how many.
    """
    before, late = now - choices(session).forgotten_after, Thread.brought_at.is_(None)
    wanted = sa.select(Thread.id).where(*unanswered(), late, Thread.created_at <= before)
    ids = session.scalars(wanted.order_by(Thread.created_at.desc(), Thread.id).limit(AT_ONCE)).all()
    count = 0
    for id_ in sorted(ids, key=lambda one: one.int):  # one order of locks, as where threads are joined
        thread = services.lock(session, id_)
        if session.scalar(sa.select(sa.exists().where(Thread.id == id_, *unanswered(), late))):
            thread.brought_at = now
            record(session, Entry(HELP_KIND, thread.id, 1, Op.PUBLISH))
            count += 1
    session.flush()
    return count


def bring_again(session: Session, thread_id: UUID, now: datetime) -> bool:
    """A question without an answer is brought to those who know once more, whoever heard of it before.

    :return: False: it has an answer by now, or was brought less than a day ago.
    """
    thread = services.lock(session, thread_id)
    if not waits(thread) or (thread.brought_at and thread.brought_at > now - AGAIN_AFTER):
        return False
    thread.brought_at = now
    session.execute(sa.delete(Notice).where(Notice.object_kind == HELP_KIND, Notice.object_id == thread.id))
    record(session, Entry(HELP_KIND, thread.id, 1, Op.PUBLISH))
    session.flush()
    return True


def settle(session: Session, now: datetime) -> int:
    """Threads of requests that were answered or declined on the desk close themselves. :return: how many."""
    decided = sa.select(Thread.id).join(ResourceRequest, ResourceRequest.id == Thread.request_id)
    decided = decided.where(Thread.kind == ThreadKind.DEMANDE.value, Thread.state == ThreadState.OPEN.value,
                            ResourceRequest.state.in_(("answered", "declined")))  # fmt: skip
    return sum(_settle(session, id_, now) for id_ in sorted(session.scalars(decided), key=lambda one: one.int))


def _settle(session: Session, thread_id: UUID, now: datetime) -> bool:
    thread = services.lock(session, thread_id)
    asked = session.get(ResourceRequest, thread.request_id) if thread.request_id else None
    if asked is None or not thread.open:
        return False
    if asked.state == "answered" and asked.answer_id and not thread.solved:
        thread.answer_ref_kind, thread.answer_ref_id, thread.answered_at = RESOURCE, asked.answer_id, now
    services.close(session, thread, now=now, reason=asked.answer if asked.state == "declined" else "")
    session.flush()
    return True


def bring_questions(tools: Tools) -> str | None:
    """See :func:`bring`."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        if count := bring(session, now):
            audit.record(session, SYSTEM, "thread.bring", now, rows=count)
    return f"{count} questions proposées" if count else None


def settle_requests(tools: Tools) -> str | None:
    """See :func:`settle`."""
    now = tools.clock()
    with tools.sessions.begin() as session:
        if count := settle(session, now):
            audit.record(session, SYSTEM, "thread.settle", now, rows=count)
    return f"{count} demandes fermées" if count else None


JOBS: tuple[Job, ...] = (
    Job("questions-oubliees", timedelta(hours=1), bring_questions),
    Job("demandes-repondues", timedelta(minutes=10), settle_requests),
)
