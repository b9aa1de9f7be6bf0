"""Both engines, and a PostgreSQL database for the tests of search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import sqlalchemy as sa

from reseau.core.db import create_engine
from reseau.search.postgres_engine import PostgresEngine, tables
from reseau.search.protocol import Document, Engine
from reseau.search.whoosh_engine import WhooshEngine


def ident(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def doc(name: str, title: str, body: str = "", labels: str = "", kind: str = "structure") -> Document:
    return Document(ident(name), kind, ((title, 8.0), (labels, 3.0), (body, 1.0)))


@pytest.fixture(scope="session")
def pg_url(new_pg_url: Callable[[str | None], str]) -> str:
    """A real PostgreSQL database, started once for the session by tests/conftest.py."""
    return new_pg_url(None)


@pytest.fixture(params=["whoosh", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "whoosh":
        yield WhooshEngine(tmp_path / "index", patience=0.3)
        return
    metadata = sa.MetaData()
    found = tables(metadata)
    database = create_engine(request.getfixturevalue("pg_url"), poolclass=sa.NullPool)
    metadata.drop_all(database)
    metadata.create_all(database)
    yield PostgresEngine(database, found, patience=0.3)
    database.dispose()
