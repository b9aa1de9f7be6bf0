"""The database: SQLite (default) or PostgreSQL, one declarative base, one session class.

SQLite: WAL, ``synchronous=FULL``, foreign keys, busy timeout; every *writing* transaction is ``BEGIN IMMEDIATE``
(a deferred one that upgrades to a write fails at once when another writer holds the lock, busy timeout or not:
measured, 5,000 "database is locked" against 0). A *reading* session cannot write on either engine: "a GET never
changes anything" is then kept by the database, not by discipline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from reseau.core.clock import local_day

BUSY_TIMEOUT_MS = 15_000
TIMEZONE = "Europe/Paris"
"""Of a session that nobody told another: the default of the setting."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware moment, stored in UTC, read back aware (SQLite forgets time zones).

    :raises ValueError: a naive datetime is given: nobody can know which moment it is.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def dicts(result: sa.Result[Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of a result as mappings by column name (for a type checker, SQLAlchemy's own are something else)."""
    for row in result.mappings():
        yield cast("Mapping[str, Any]", row)


# None is NULL, not the JSON word null: a question for "is there one?" must have one answer.
Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def insert(session: Session, table: Any) -> postgresql.Insert:
    """An INSERT that can say ``on_conflict_do_nothing`` and ``on_conflict_do_update``, in the words of either engine.

    Refused: a savepoint and a caught error. PostgreSQL makes the second writer of a key wait for the first, and answers
    by what became of it.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return cast("postgresql.Insert", sqlite.insert(table))


def affected(session: Session, statement: sa.Executable) -> int:
    """Run an UPDATE or DELETE. :return: how many rows it touched."""
    return cast("sa.CursorResult[Any]", session.execute(statement)).rowcount


class Base(DeclarativeBase):
    """The declarative base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {
        UUID: sa.Uuid(),
        datetime: UTCDateTime(),
        dict[str, Any]: Json,
        list[str]: Json,
    }


class ReseauSession(Session):
    """The session of the house. ``core.changes`` listens to it, so that the log is written at commit."""


def create_engine(url: str, **options: Any) -> sa.Engine:
    """An engine with the house's settings for SQLite; ``postgresql://`` means psycopg 3.

    Its errors say no value: they end in the logs, and values are addresses and digests of people.

    :param url: SQLAlchemy database URL.
    """
    made = sa.make_url(url)
    if made.drivername == "postgresql":
        made = made.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(made, hide_parameters=True, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "begin", _postgres_begin)
        event.listen(engine, "handle_error", _postgres_error)
    return engine


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late, and deferred
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _postgres_begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("read_only", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _postgres_error(context: sa.ExceptionContext) -> None:
    """Cut ``DETAIL: Key (email)=(…) already exists``: ``hide_parameters`` knows only what we sent."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\nDETAIL:")[0], *error.args[1:])


def session_factory(
    engine: sa.Engine, *, read_only: bool = False, timezone: str = TIMEZONE
) -> sessionmaker[ReseauSession]:
    """A session maker.

    :param read_only: its transactions do not wait for writers and cannot write. :param timezone: of the site (IANA
        name): see :func:`site_day`.
    """
    bind = engine.execution_options(read_only=True) if read_only else engine
    return sessionmaker(bind, class_=ReseauSession, expire_on_commit=False, info={"timezone": timezone})


def site_day(session: Session, moment: datetime) -> date:
    """The day of a moment at the places of the site. The session knows the zone, so that no service has to be told."""
    return local_day(moment, session.info.get("timezone", TIMEZONE))
