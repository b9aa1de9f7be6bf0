"""What a look at the index of PostgreSQL costs, and that it never answers with words of an older index."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core.db import create_engine
from reseau.search.postgres_engine import PostgresEngine, tables
from tests.search.conftest import doc, ident


@pytest.fixture
def database(pg_url: str) -> Any:
    found = create_engine(pg_url, poolclass=sa.NullPool)
    metadata = sa.MetaData()
    tables(metadata)
    metadata.drop_all(found)
    metadata.create_all(found)
    yield found
    found.dispose()


def test_a_look_is_one_statement_once_the_words_are_known(database: sa.Engine) -> None:
    engine, seen = PostgresEngine(database, tables(sa.MetaData())), []
    engine.rebuild([doc("a", "Un atelier")], 1)
    engine.rank("atelier", "structure")
    sa.event.listen(database, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    for words, found in (("atelier", [ident("a")]), ("introuvablissime", []), ("atelier introuvablissime", [])):
        seen.clear()
        assert engine.rank(words, "structure").ids == found
        assert len(seen) == 1, words
    seen.clear()
    assert engine.rank("atelier introuvablissime", "structure", match="any").ids == [ident("a")]
    assert len(seen) == 1


def test_several_kinds_are_one_look(database: sa.Engine) -> None:
    engine, seen = PostgresEngine(database, tables(sa.MetaData())), []
    engine.rebuild([doc("a", "Un atelier"), doc("b", "Un atelier", kind="kit"), doc("c", "Autre", kind="avis")], 1)
    kinds = ["structure", "kit", "avis"]
    engine.rank_each("atelier", kinds)
    sa.event.listen(database, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    assert [one.ids for one in engine.rank_each("atelier", kinds)] == [[ident("a")], [ident("b")], []]
    assert len(seen) == 1


def test_what_another_process_wrote_is_found_at_once(database: sa.Engine) -> None:
    here, there = (PostgresEngine(database, tables(sa.MetaData())) for _ in range(2))
    here.rebuild([doc("a", "Un atelier")], 1)
    assert here.rank("atelier", "structure").ids == [ident("a")]
    assert here.rank("narval", "structure").ids == []
    there.update([doc("b", "Un narval dans un atelier")], [ident("a")], 2)
    assert here.rank("atelier", "structure").ids == [ident("b")]
    there.update([doc("c", "Un béluga")], [], 3)
    assert here.rank("béluga", "structure").ids == [ident("c")]
    there.update([], [ident("b"), ident("c")], 4)
    assert here.rank("béluga", "structure").ids == []
