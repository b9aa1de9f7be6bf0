"""One at a time: a named lock held by one process of the house, on one machine or several."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


class Locked(RuntimeError):
    """Another process holds the lock."""


@contextmanager
def exclusive(engine: sa.Engine, data_dir: Path, name: str) -> Iterator[None]:
    """Hold the lock ``name``; it is let go when the process dies, however it dies.

    PostgreSQL: a session advisory lock, so that it holds across machines. SQLite: ``flock`` on a file of the data
    folder (a row would stay locked after a ``kill -9``).

    :raises Locked: at once when somebody else holds it.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            key = zlib.crc32(f"reseau:{name}".encode())
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar_one():
                raise Locked(name)
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
        return
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(name) from None
        yield
