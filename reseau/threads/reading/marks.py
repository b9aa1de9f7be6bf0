"""How far each person has read each thread. A GET changes nothing, so marks wait in memory and are written by a thread.

A process that is killed forgets the marks of a few seconds: some posts look new once more. What waits here is known to
the pages of this process at once.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.background import Writer
from reseau.core.clock import utcnow
from reseau.core.db import insert
from reseau.members.models import Person
from reseau.notices import services as notices
from reseau.threads.base.models import KIND, Thread, ThreadRead

Key = tuple[UUID, UUID]


class Marks(Writer[Key, datetime]):
    """Marks of this process: (person, thread) → the moment of the last post that was read."""

    name = "marks of readers"
    every = 3.0

    def add(self, person_id: UUID, thread_id: UUID, at: datetime) -> None:
        """A person has read a thread up to the post of this moment."""
        self.put((person_id, thread_id), at)

    def waiting(self, person_id: UUID, thread_id: UUID) -> datetime | None:
        """What waits to be written for a person and a thread."""
        with self._lock:
            return self._waiting.get((person_id, thread_id))

    def of(self, person_id: UUID) -> dict[UUID, datetime]:
        """Thread → what waits to be written for a person: for lists."""
        with self._lock:
            return {thread: at for (person, thread), at in self._waiting.items() if person == person_id}

    def _both(self, before: datetime, more: datetime) -> datetime:
        return max(before, more)

    def _rest(self, now: datetime, written: datetime) -> datetime | None:
        return now if now > written else None

    def _write(self, session: Session, key: Key, value: datetime) -> None:
        _raise_to(session, key, value)
        notices.see(session, key[0], (KIND, key[1]), value, utcnow())


def _raise_to(session: Session, key: Key, at: datetime) -> None:
    """Keep the greater of two moments; a person or a thread that is gone meanwhile is passed over."""
    person, thread = key
    there = sa.select(
        sa.literal(person, sa.Uuid()), sa.literal(thread, sa.Uuid()), sa.bindparam("at", at, Thread.last_at.type)
    )
    there = there.where(
        sa.exists().where(Person.id == person).correlate(None), sa.exists().where(Thread.id == thread).correlate(None)
    )
    made = insert(session, ThreadRead).from_select(["person_id", "thread_id", "read_to"], there)
    session.execute(
        made.on_conflict_do_update(
            index_elements=["person_id", "thread_id"], set_={"read_to": at}, where=ThreadRead.read_to < at
        )
    )
