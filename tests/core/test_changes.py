"""The log and its cursor rule: a reader that keeps the last ``seq`` never misses a row."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from reseau.core import changes
from reseau.core.changes import Change, Entry, Op
from reseau.core.db import ReseauSession, create_engine, session_factory
from reseau.core.ids import new_id

WRITERS, EACH = 8, 25


def entry(**values: object) -> Entry:
    return Entry("thing", new_id(), 1, Op.PUBLISH, **values)  # type: ignore[arg-type]


def test_rows_are_written_at_commit_in_order(session: ReseauSession) -> None:
    first, second = entry(digest="a"), entry(digest="b")
    changes.record(session, first)
    changes.record(session, second)
    assert changes.current_seq(session) == 0
    session.commit()
    rows = changes.changes_after(session, 0, 10)
    assert [(row.seq, row.object_id) for row in rows] == [(1, first.object_id), (2, second.object_id)]
    assert rows[0].op == "publish"
    assert rows[0].at.tzinfo is not None
    assert changes.current_seq(session) == 2


def test_limit_and_cursor(session: ReseauSession) -> None:
    for _ in range(5):
        changes.record(session, entry())
    session.commit()
    assert [row.seq for row in changes.changes_after(session, 2, 2)] == [3, 4]
    assert changes.changes_after(session, 5, 2) == []


def test_rollback_forgets(session: ReseauSession) -> None:
    changes.record(session, entry())
    session.rollback()
    changes.record(session, entry())
    session.commit()
    assert changes.current_seq(session) == 1


def test_a_rolled_back_savepoint_forgets_only_its_own(session: ReseauSession) -> None:
    kept, lost, inner = entry(), entry(), entry()
    changes.record(session, kept)
    outer = session.begin_nested()
    changes.record(session, lost)
    with session.begin_nested():
        changes.record(session, inner)
    outer.rollback()
    released = entry()
    with session.begin_nested():
        changes.record(session, released)
    session.commit()
    assert [row.object_id for row in changes.changes_after(session, 0, 9)] == [kept.object_id, released.object_id]


def test_a_failing_commit_writes_nothing(sessions: sessionmaker[ReseauSession]) -> None:
    with sessions() as session:
        changes.record(session, entry(origin=None))
        with pytest.raises(sa.exc.IntegrityError):
            session.commit()
    with sessions() as session:
        assert changes.current_seq(session) == 0


def test_digest_is_of_the_content_not_of_its_order() -> None:
    assert changes.digest({"a": 1, "b": [1, 2]}) == changes.digest({"b": [1, 2], "a": 1})
    assert changes.digest({"a": [1, 2]}) != changes.digest({"a": [2, 1]})


def read_along(factory: sessionmaker[ReseauSession], table: sa.Table, stop: threading.Event) -> list[int]:
    """A reader as all readers are: asks for what follows the last ``seq`` it has seen."""
    cursor, seen = 0, list[int]()
    while True:
        last_round = stop.is_set()
        with factory() as session:
            rows = session.scalars(sa.select(table.c.seq).where(table.c.seq > cursor).order_by(table.c.seq)).all()
        seen += rows
        cursor = rows[-1] if rows else cursor
        if last_round:
            return seen
        time.sleep(0.001)


def write_all(write: Callable[[int], None], factory: sessionmaker[ReseauSession], table: sa.Table) -> list[int]:
    """Eight writers at once, and a reader; what the reader saw."""
    stop, seen = threading.Event(), list[int]()
    reader = threading.Thread(target=lambda: seen.extend(read_along(factory, table, stop)))
    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    return seen


@pytest.fixture
def pg(new_pg_url: Callable[[str | None], str], _template: Callable[[str], str]) -> Iterator[sa.Engine]:
    engine = create_engine(new_pg_url(_template("postgresql")), pool_size=WRITERS + 2)
    yield engine
    engine.dispose()


def work_after_taking_a_number(number: int) -> None:
    """Transactions do not commit in the order in which they began."""
    time.sleep(0.001 * ((number * 7) % 5))


def test_a_plain_autoincrement_skips_rows(pg: sa.Engine) -> None:
    """Why the clock exists: the same writers and reader with an identity column lose rows."""
    naive = sa.Table("naive", sa.MetaData(), sa.Column("seq", sa.BigInteger, sa.Identity(), primary_key=True),
                     sa.Column("thing", sa.Uuid))  # fmt: skip
    naive.create(pg)
    factory = session_factory(pg)

    def write(number: int) -> None:
        for turn in range(EACH):
            with factory() as session:
                session.execute(sa.insert(naive).values(thing=uuid.uuid4()))
                work_after_taking_a_number(number + turn)
                session.commit()

    seen = write_all(write, factory, naive)
    assert len(seen) < WRITERS * EACH, "if this fails, the test no longer shows anything: make commits overlap more"


def test_the_clock_never_skips_a_row(pg: sa.Engine) -> None:
    factory = session_factory(pg)

    def write(number: int) -> None:
        for turn in range(EACH):
            with factory() as session:
                changes.record(session, entry())
                changes.current_seq(session)  # the transaction has begun, as in the naive test
                work_after_taking_a_number(number + turn)
                session.commit()

    seen = write_all(write, factory, Change.__table__)  # type: ignore[arg-type]
    assert seen == list(range(1, WRITERS * EACH + 1))
