"""The log: one row for everything shareable that was published, updated, withdrawn or erased.

Readers (search index, facts, feeds, newsletter, federation) keep the last ``seq`` they have read and ask for what
comes after it. That is only safe if rows *appear* in the order of ``seq``. A plain autoincrement is taken when the
row is inserted and shows when its transaction commits: a slow writer's row then appears behind a reader that has
passed it. Here ``seq`` comes from one row, ``UPDATE clock SET seq = seq + n RETURNING seq``, in the last moment
before commit: its lock makes commits of writers follow each other, and lasts only for that moment.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base, ReseauSession

_PENDING = "reseau.changes.pending"
NARROWED = ".public"
"""After the kind of an object: the kind of the rows of :func:`record_narrowed`."""


class Op(enum.StrEnum):
    """What happened to the object."""

    PUBLISH = "publish"
    UPDATE = "update"
    WITHDRAW = "withdraw"
    ERASE = "erase"


class LogClock(Base):
    """One row: the last ``seq`` given. Made by the first migration."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.BigInteger)


class Change(Base):
    """One row of the log. Never updated, never deleted."""

    __tablename__ = "change"
    __table_args__ = (sa.Index("ix_change_kind_seq", "kind", "seq"),)

    seq: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[UUID] = mapped_column(index=True)
    rev: Mapped[int]
    op: Mapped[str] = mapped_column(sa.String(10))
    origin: Mapped[str] = mapped_column(sa.String(255))
    digest: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a service says has happened; becomes a ``Change`` at commit.

    :param kind: kind of object (``structure``). :param rev: its revision after the change, from 1.
    :param origin: the instance that owns it ("" = this one). :param digest: see :func:`digest`.
    """

    kind: str
    object_id: UUID
    rev: int
    op: Op
    origin: str = ""
    digest: str = ""


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of an object's public content: same content, same digest."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def record(session: Session, entry: Entry) -> None:
    """Write ``entry`` to the log when the session commits, in the same transaction; nothing if it rolls back."""
    if not session.in_transaction():
        session.begin()  # without a transaction, a rollback would tell nobody, and the entry would stay
    session.info.setdefault(_PENDING, []).append((session.get_nested_transaction(), entry))


def record_narrowed(session: Session, kind: str, object_id: UUID, rev: int) -> None:
    """Write to the log that everybody could read an object and only some can from now on: who told everybody of it has
    to tell them that it is gone. Of what was never public nobody is told, not even that.

    A row of a kind of its own beside those of the object: for who may read it, it goes on.
    """
    record(session, Entry(kind + NARROWED, object_id, rev, Op.WITHDRAW))


def pending(session: Session) -> list[Entry]:
    """What this transaction has said and not written yet, in order."""
    return [entry for _, entry in session.info.get(_PENDING, ())]


def current_seq(session: Session) -> int:
    """The ``seq`` of the newest row that this session can see; 0 for an empty log."""
    return session.execute(sa.select(LogClock.seq).where(LogClock.id == 1)).scalar_one()


def changes_after(session: Session, seq: int, limit: int) -> list[Change]:
    """At most ``limit`` rows that follow ``seq``, in order. What is not there yet will have a greater ``seq``."""
    return list(session.scalars(sa.select(Change).where(Change.seq > seq).order_by(Change.seq).limit(limit)))


@event.listens_for(ReseauSession, "before_commit")
def _write_pending(session: Session) -> None:
    if session.in_nested_transaction() or not (pending := session.info.pop(_PENDING, None)):
        return
    session.flush()
    last = session.execute(
        sa.update(LogClock)
        .where(LogClock.id == 1)
        .values(seq=LogClock.seq + len(pending))
        .returning(LogClock.seq)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    now, first = utcnow(), last - len(pending) + 1
    session.execute(
        sa.insert(Change.__table__),  # type: ignore[arg-type]
        [
            {"seq": first + i, "at": now, "kind": e.kind, "object_id": e.object_id, "rev": e.rev, "op": e.op.value,
             "origin": e.origin, "digest": e.digest}
            for i, (_, e) in enumerate(pending)
        ],
    )  # fmt: skip


@event.listens_for(ReseauSession, "after_soft_rollback")
def _forget_rolled_back(session: Session, rolled_back: SessionTransaction) -> None:
    if pending := session.info.pop(_PENDING, None):
        kept = [(tx, entry) for tx, entry in pending if rolled_back.parent and not _inside(tx, rolled_back)]
        if kept:
            session.info[_PENDING] = kept


def _inside(transaction: SessionTransaction | None, ancestor: SessionTransaction) -> bool:
    while transaction is not None:
        if transaction is ancestor:
            return True
        transaction = transaction.parent
    return False
