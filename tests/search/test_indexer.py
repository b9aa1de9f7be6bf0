"""The index follows the log, whatever happens between the two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core import changes
from reseau.core.db import Base, create_engine, session_factory
from reseau.search import indexer as module
from reseau.search.indexer import Indexer, IndexerThread
from reseau.search.protocol import Busy, Document, Engine
from reseau.search.whoosh_engine import WhooshEngine
from tests.search.conftest import doc, ident


class House:
    """A log and the objects that it speaks of."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.objects: dict[UUID, Document] = {}
        self.loaded: list[Sequence[UUID] | None] = []

    def put(self, name: str, title: str, op: str = "publish", kind: str = "structure") -> None:
        self.objects[ident(name)] = doc(name, title)
        self.note(name, op, kind)

    def note(self, name: str, op: str, kind: str = "structure") -> None:
        if op in ("withdraw", "erase"):
            self.objects.pop(ident(name), None)
        self.log.append(SimpleNamespace(seq=len(self.log) + 1, kind=kind, object_id=ident(name), op=op))

    def source(self, _session: Any, ids: Sequence[UUID] | None) -> Iterable[Document]:
        self.loaded.append(ids)
        return [self.objects[i] for i in (self.objects if ids is None else ids) if i in self.objects]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    house = House()
    monkeypatch.setattr(module, "current_seq", lambda _session: len(house.log))
    monkeypatch.setattr(module, "changes_after", lambda _session, seq, limit: house.log[seq : seq + limit])
    return house


@pytest.fixture
def indexer(engine: Engine, house: House) -> Indexer:
    return Indexer(engine, {"structure": house.source})


SESSION: Any = None


def titles(engine: Engine, *queries: str) -> list[int]:
    return [len(engine.rank(query, "structure")) for query in queries]


def test_from_nothing_then_change_by_change(engine: Engine, indexer: Indexer, house: House) -> None:
    house.put("a", "Fablab")
    house.put("b", "Mairie")
    assert indexer.catch_up(SESSION) == 2
    assert house.loaded == [None]
    house.put("a", "Ludothèque", "update")
    house.note("b", "withdraw")
    house.put("c", "Piscine")
    house.note("x", "publish", kind="letter")
    assert indexer.catch_up(SESSION, batch=2) == 4
    assert engine.cursor() == 6
    assert titles(engine, "fablab", "ludothèque", "mairie", "piscine") == [0, 1, 0, 1]
    assert indexer.catch_up(SESSION) == 0


def test_what_the_source_no_longer_gives_goes(engine: Engine, indexer: Indexer, house: House) -> None:
    house.put("a", "Fablab")
    indexer.catch_up(SESSION)
    del house.objects[ident("a")]
    house.note("a", "update")
    indexer.catch_up(SESSION)
    assert titles(engine, "fablab") == [0]


def test_published_again_after_withdrawal(engine: Engine, indexer: Indexer, house: House) -> None:
    house.put("a", "Fablab")
    indexer.catch_up(SESSION)
    house.note("a", "withdraw")
    house.put("a", "Fablab")
    indexer.catch_up(SESSION)
    assert titles(engine, "fablab") == [1]


def test_a_new_house_is_built_once(engine: Engine, indexer: Indexer, house: House) -> None:
    for _ in range(3):
        assert indexer.catch_up(SESSION) == 0
    assert house.loaded == [None]


def test_an_index_ahead_of_the_log_is_rebuilt(engine: Engine, indexer: Indexer, house: House) -> None:
    house.put("a", "Fablab")
    engine.rebuild([doc("ghost", "Fantôme")], 40)
    indexer.catch_up(SESSION)
    assert engine.cursor() == 1
    assert titles(engine, "fantôme", "fablab") == [0, 1]


def test_crash_before_the_index_commits(
    engine: Engine, indexer: Indexer, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("a", "Fablab")
    indexer.catch_up(SESSION)
    house.put("b", "Mairie")

    def crash(*_args: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "update", crash)
        with pytest.raises(RuntimeError):
            indexer.catch_up(SESSION)
    assert engine.cursor() == 1
    assert indexer.catch_up(SESSION) == 1
    assert titles(engine, "mairie") == [1]


def test_change_during_a_rebuild_is_indexed_again(engine: Engine, house: House) -> None:
    house.put("a", "Fablab")

    def slow(session: Any, ids: Sequence[UUID] | None) -> Iterable[Document]:
        found = list(house.source(session, ids))
        if ids is None:
            house.put("b", "Mairie")  # too late for this reading
        return found

    indexer = Indexer(engine, {"structure": slow})
    indexer.catch_up(SESSION)
    assert (engine.cursor(), titles(engine, "mairie")) == (1, [0])
    indexer.catch_up(SESSION)
    assert titles(engine, "mairie") == [1]


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_thread_survives_errors_and_a_deleted_folder(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = WhooshEngine(tmp_path / "index")
    indexer = Indexer(engine, {"structure": house.source})
    errors = iter([RuntimeError("database away"), Busy("another")])
    real, lock = indexer.catch_up, threading.Lock()

    def sometimes(session: Any) -> int:
        with lock:
            if (error := next(errors, None)) is not None:
                raise error
        return real(session)

    class Sessions:
        def __enter__(self) -> Any:
            return None

        def __exit__(self, *_error: object) -> None:
            return None

    monkeypatch.setattr(indexer, "catch_up", sometimes)
    house.put("a", "Fablab")
    thread = IndexerThread(indexer, Sessions, interval=0.02)
    thread.start()
    try:
        wait_for(lambda: titles(engine, "fablab") == [1])
        assert "could not be brought up to date" in caplog.text
        (tmp_path / "index").rename(tmp_path / "gone")  # at once: the thread may be writing in it
        wait_for(lambda: engine.cursor() == 1)
        house.put("b", "Mairie")
        thread.wake()
        wait_for(lambda: titles(engine, "mairie") == [1])
    finally:
        thread.stop()
    assert not thread.is_alive()


def test_against_the_real_log(tmp_path: Path) -> None:
    database = create_engine(f"sqlite:///{tmp_path / 'log.sqlite3'}", poolclass=sa.NullPool)
    Base.metadata.create_all(database, tables=[changes.LogClock.__table__, changes.Change.__table__])
    sessions, objects = session_factory(database), {ident("a"): doc("a", "Fablab")}
    with sessions() as session, session.begin():
        session.add(changes.LogClock(id=1, seq=0))
    engine = WhooshEngine(tmp_path / "index")
    indexer = Indexer(engine, {"structure": lambda _s, ids: [objects[i] for i in ids or objects if i in objects]})
    for op, expected in ((changes.Op.PUBLISH, [1]), (changes.Op.UPDATE, [1]), (changes.Op.ERASE, [0])):
        with sessions() as session, session.begin():
            changes.record(session, changes.Entry("structure", ident("a"), 1, op))
            if op is changes.Op.ERASE:
                objects.clear()
        with session_factory(database, read_only=True)() as session:
            assert indexer.catch_up(session) == 1
        assert titles(engine, "fablab") == expected
    assert engine.cursor() == 3
    database.dispose()
