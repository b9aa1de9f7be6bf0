"""The database floor on both engines."""

from __future__ import annotations

import threading
import traceback
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core import changes, migrations
from reseau.core.changes import Entry, LogClock, Op
from reseau.core.db import create_engine, session_factory
from reseau.core.ids import new_id, parse_id
from reseau.core.mail import Mail
from tests.conftest import TUESDAY


def test_models_equal_migrations(engine: sa.Engine) -> None:
    assert migrations.differences(engine) == []


def test_a_missing_column_would_be_seen(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE change DROP COLUMN digest"))
    assert migrations.differences(engine)


def test_migrating_twice_changes_nothing(engine: sa.Engine) -> None:
    migrations.upgrade(engine)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.select(LogClock.seq)).scalar_one() == 0


def test_a_reading_session_cannot_write(engine: sa.Engine) -> None:
    with session_factory(engine, read_only=True)() as session:
        assert changes.current_seq(session) == 0
        with pytest.raises(sa.exc.DBAPIError):
            session.execute(sa.update(LogClock).values(seq=5))
    with session_factory(engine)() as session:
        session.execute(sa.update(LogClock).values(seq=5))
        session.commit()


def test_moments_come_back_aware_and_in_utc(engine: sa.Engine) -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with session_factory(engine)() as session:
        changes.record(session, Entry("t", new_id(), 1, Op.PUBLISH))
        session.commit()
        session.execute(sa.update(changes.Change).values(at=moment))
        session.commit()
        assert session.scalars(sa.select(changes.Change.at)).one() == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    with session_factory(engine)() as session, pytest.raises(sa.exc.StatementError, match="naive"):
        session.execute(sa.update(changes.Change).values(at=datetime(2026, 7, 1)))  # noqa: DTZ001


def test_two_writers_wait_for_each_other(engine: sa.Engine) -> None:
    """Read then write, at the same time, in several threads: nobody is told that the database is locked."""
    factory, errors = session_factory(engine), list[BaseException]()

    def write() -> None:
        try:
            for _ in range(20):
                with factory() as session:
                    changes.current_seq(session)
                    changes.record(session, Entry("t", new_id(), 1, Op.UPDATE))
                    session.commit()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with factory() as session:
        assert changes.current_seq(session) == 80


def test_foreign_keys_hold(engine: sa.Engine) -> None:
    from reseau.directory.models import SourcePart

    with session_factory(engine)() as session, pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.insert(SourcePart).values(source="s", part="p", record_id=new_id()))


def test_sqlite_is_durable_and_shared(tmp_path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_ids_are_version_7_and_ordered() -> None:
    ids = [new_id() for _ in range(1000)]
    assert all(id_.version == 7 for id_ in ids)
    assert ids == sorted(ids)
    assert parse_id(str(ids[0])) == ids[0]
    assert parse_id(str(ids[0]).upper()) is None
    assert parse_id("x") is None


def test_an_error_says_no_value(engine: sa.Engine, sessions: Any) -> None:
    """It ends in the logs. PostgreSQL adds the values of a key by itself."""
    values = {"id": new_id(), "key": "nadia@ici.example", "created_at": TUESDAY, "due_at": TUESDAY, "state": "sent", "attempts": 0,
              "kind": "k", "recipient": "nadia@ici.example", "lang": "fr", "subject": "", "text": "", "html": "",
              "headers": {}}  # fmt: skip
    with sessions.begin() as session:
        session.execute(sa.insert(Mail).values(**values))
    with sessions() as session, pytest.raises(sa.exc.IntegrityError) as caught:
        session.execute(sa.insert(Mail).values(**values | {"id": new_id()}))
    assert "nadia" not in "".join(traceback.format_exception(caught.value))
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as other:
        connection.execute(sa.text("SELECT nothing FROM nowhere WHERE x = :x"), {"x": "nadia"})
    assert "nowhere" in str(other.value)
    assert "nadia" not in str(other.value)
