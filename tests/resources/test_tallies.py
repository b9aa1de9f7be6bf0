"""Counts: in memory, bounded, written by a thread that nothing stops, in each process its own."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from resources.base.models import Tally
from resources.base.tallies import Tallies, by_version, counted_lang, only_place, totals
from tests.resources.conftest import Base

DAY = "2026-11-24"


def counts(base: Base, id_: UUID) -> int:
    with base.site.sessions() as session:
        return session.execute(sa.select(sa.func.coalesce(sa.func.sum(Tally.count), 0)).where(Tally.object_id == id_)).scalar_one()  # fmt: skip


def test_nothing_is_started_before_something_is_counted(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tallies, "every", 0.02)
    before = set(threading.enumerate())  # other sites of this process count too
    made, id_ = Tallies(base.site.sessions), new_id()
    assert set(threading.enumerate()) == before
    assert made._thread is None
    made.add("view", id_, day=DAY)
    thread = made._thread
    assert thread is not None
    for _ in range(200):
        if counts(base, id_):
            break
        thread.join(0.02)
    assert counts(base, id_) == 1
    made.add("view", id_, day=DAY)
    made.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert counts(base, id_) == 2, "what waits at the end is written"


def test_by_hand(base: Base) -> None:
    made, id_ = Tallies(base.site.sessions, background=False), new_id()
    made.add("view", id_, day=DAY)
    assert made._thread is None
    assert (made.flush(), made.flush(), counts(base, id_)) == (1, 0, 1)


def test_whatever_happens_the_thread_goes_on_and_nothing_is_lost(base: Base) -> None:
    broken = [RuntimeError("who knows"), sa.exc.OperationalError("x", {}, Exception()), OSError("disk")]

    @contextmanager
    def sessions() -> Iterator[Any]:
        if broken:
            raise broken.pop()
        with base.site.sessions() as session:
            yield session

    made, id_ = Tallies(sessions, background=False), new_id()
    made.add("view", id_, day=DAY)
    assert [made.flush() for _ in range(4)] == [0, 0, 0, 1]
    assert counts(base, id_) == 1


def test_memory_is_bounded_and_says_so_once(
    base: Base, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Tallies, "most", 3)
    made, known = Tallies(base.site.sessions, background=False), new_id()
    made.add("view", known, day=DAY)
    with caplog.at_level(logging.WARNING):
        for _ in range(9):
            made.add("view", new_id(), day=DAY)
    made.add("view", known, day=DAY)
    assert len([one for one in caplog.records if "dropped" in one.message]) == 1
    assert made.flush() == 3
    assert counts(base, known) == 2, "what is counted already goes on"


def test_a_forked_process_counts_too_and_writes_only_its_own() -> None:
    made = Tallies(lambda: pytest.fail("nothing is written here"), background=False)
    made.add("view", new_id(), day=DAY)
    made._lock.acquire()  # as if another thread were counting at that very moment
    child = os.fork()
    if not child:
        made.background = True
        empty = not made._waiting
        made.add("view", new_id(), day=DAY)
        os._exit(0 if empty and made._thread is not None and len(made._waiting) == 1 else 1)
    made._lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(made._waiting) == 1


def test_what_a_count_is_kept_by() -> None:
    one, two = new_id(), new_id()
    assert (only_place([one]), only_place([one, two]), only_place([])) == (one, None, None)
    assert (counted_lang("ar", ["fr", "ar"]), counted_lang("fr-x-anything", ["fr"])) == ("ar", "")


def test_sums(base: Base) -> None:
    made, id_ = Tallies(base.site.sessions, background=False), new_id()
    for what, version, lang in (("view", 1, "fr"), ("view", 2, "fr"), ("zip", 2, "fr"), ("pdf", 2, "ar")):
        made.add(what, id_, day=DAY, version=version, lang=lang)
    made.flush()
    with base.site.sessions() as session:
        assert (totals(session, id_), totals(session, new_id())) == ((2, 2), (0, 0))
        assert by_version(session, id_) == {1: [("fr", 1, 0)], 2: [("ar", 0, 1), ("fr", 1, 1)]}
