"""Who draws, in which order, within which limits; nothing here needs a site."""

from __future__ import annotations

import itertools
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from resources.taking import typesetter
from resources.taking.remembered import Remembered
from tests.people import at_once


def test_one_that_brings_the_process_down_takes_no_other_along(tmp_path: Path, monkeypatch: Any) -> None:
    made, runs = typesetter.Typesetter(tmp_path / "cache"), []

    def run(given: dict[str, Any]) -> dict[str, Any]:
        runs.append([job["template"] for job in given["jobs"]])
        done = list(itertools.takewhile(lambda job: job["template"] != "bad.typ", given["jobs"]))
        for job in done:
            Path(job["out"]).write_bytes(b"%PDF")
        return {job["out"]: {"out": job["out"]} for job in done}

    monkeypatch.setattr(typesetter.Typesetter, "_run", staticmethod(run))
    sheets = [typesetter.Sheet(name, {"n": n}, 0) for n, name in enumerate(("a", "bad", "c"))]
    assert [bool(path) for path in made.made(*sheets)] == [True, False, True]
    assert runs == [["a.typ", "bad.typ", "c.typ"], ["c.typ"]]
    with pytest.raises(typesetter.CannotTypeset):
        made.one(sheets[1])
    assert len(runs) == 2  # it is not tried again at once


def test_too_much_memory_or_time_ends_the_drawing_and_not_the_server(tmp_path: Path, monkeypatch: Any) -> None:
    data = {"lang": "fr", "text": "mot"}
    monkeypatch.setattr(typesetter, "BYTES", 40 * 1024**2)
    assert typesetter.Typesetter(tmp_path).made(typesetter.Sheet("feuille", data, 0)) == [None]


def test_the_cache_forgets_what_was_used_the_longest_ago(tmp_path: Path) -> None:
    made = typesetter.Typesetter(tmp_path, most=25)
    for age, name in enumerate(("new", "middle", "old")):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(b"x" * 10)
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    made._shrink()
    assert sorted(path.stem for path in tmp_path.glob("*.pdf")) == ["middle", "new"]


def test_one_draws_one_waits_a_moment_and_nobody_else(tmp_path: Path, monkeypatch: Any) -> None:
    made, begun, done = typesetter.Typesetter(tmp_path), threading.Event(), threading.Event()

    def run(given: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        done.wait(10)
        for job in given["jobs"]:
            Path(job["out"]).write_bytes(b"%PDF")
        return {job["out"]: {"out": job["out"]} for job in given["jobs"]}

    monkeypatch.setattr(typesetter.Typesetter, "_run", staticmethod(run))
    monkeypatch.setattr(typesetter, "WAIT", 0.2)
    first, *others = (typesetter.Sheet("a", {"n": n}, 0) for n in range(4))
    drawing = threading.Thread(target=made.one, args=(first,))
    drawing.start()
    begun.wait(10)

    def ask(sheet: typesetter.Sheet) -> bool:
        with pytest.raises(typesetter.Busy):
            made.one(sheet)
        return True

    assert all(at_once(*[lambda sheet=sheet: ask(sheet) for sheet in others]))
    done.set()
    drawing.join()
    assert made.one(others[0]).read_bytes() == b"%PDF"


def test_what_is_remembered_stays_within_bounds() -> None:
    made = Remembered[str](10)
    made.put("a", "A", 4)
    made.put("b", "B", 4)
    assert made.get("a") == "A"
    made.put("c", "C", 4)
    made.put("d", "too heavy", 11)
    assert [made.get(key) for key in "abcd"] == ["A", None, "C", None]
    made.put("a", "again", 10)
    assert [made.get(key) for key in "ac"] == ["again", None]
