"""What waits for somebody who knows: one rule for lists, the desk, the job that brings questions and whom it tells."""

from __future__ import annotations

import sqlalchemy as sa

from reseau.threads.base.models import ASKING, Thread, ThreadState


def unanswered() -> tuple[sa.ColumnElement[bool], ...]:
    """Of open threads that ask (a request for a resource does, as a question does), and to which nobody but their
    author has written: see :func:`waits`."""
    return (
        Thread.kind.in_(ASKING), Thread.state == ThreadState.OPEN.value, Thread.helpers == 0,
        Thread.answer_id.is_(None), Thread.answer_ref_id.is_(None),
    )  # fmt: skip


def waits(thread: Thread) -> bool:
    """Whether a thread is one of these."""
    return thread.open and thread.asks and not thread.solved and thread.helpers == 0
