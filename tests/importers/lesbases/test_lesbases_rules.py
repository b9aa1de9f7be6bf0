"""When our rules change, what has not changed there is read again, some each night. Both engines."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from importers.lesbases import LesBases, fetching, making
from resources.base import services
from tests.importers.lesbases.conftest import Visits
from tests.importers.lesbases.standin import Bases, many
from tests.importers.lesbases.test_lesbases_runs import some


def texts(bases: Bases, since: int) -> list[str]:
    """Which resources were asked for."""
    return sorted(path for path in bases.asked[since:] if path.endswith("/markdown"))


def other_rules(monkeypatch: pytest.MonkeyPatch, but: str) -> str:
    """Tomorrow, all is of another theme than ``but``, and the rules say so. :return: its code."""
    table: dict[str, Mapping[str, str]] = dict(making.taxonomies())
    code = next(code for code in table["themes"].values() if code and code != but)
    table["themes"] = dict.fromkeys(table["themes"], code)
    monkeypatch.setattr(making, "taxonomies", lambda: table)
    monkeypatch.setattr(LesBases, "rules", "neuves")
    return code


def test_known_resources_get_the_new_mapping(visit: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = many(3)
    visit(bases)
    (theme,) = visit.of("id-0001")[2].themes
    asked = len(bases.asked)
    visit(bases)
    assert not texts(bases, asked), "the rules are the same"
    code = other_rules(monkeypatch, but=theme)
    assert some(visit(bases).counts) == {"updated": 3}
    assert visit.of("id-0001")[2].themes == (code,)
    asked = len(bases.asked)
    assert some(visit(bases).counts) == {"unchanged": 3}
    assert not texts(bases, asked), "read once by these rules"


def test_some_each_night(visit: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = many(5)
    visit(bases)
    monkeypatch.setattr(fetching, "MOST_AGAIN", 2)
    monkeypatch.setattr(LesBases, "rules", "neuves")
    read: list[list[str]] = []
    for _ in range(4):
        asked = len(bases.asked)
        assert some(visit(bases).counts) == {"unchanged": 5}, "other rules that say the same write nothing"
        read.append(texts(bases, asked))
    assert [len(one) for one in read] == [2, 2, 1, 0]
    assert len({path for one in read for path in one}) == 5


def test_what_changed_there_does_not_wait(visit: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = many(4)
    visit(bases)
    monkeypatch.setattr(fetching, "MOST_AGAIN", 1)
    monkeypatch.setattr(LesBases, "rules", "neuves")
    for number in (1, 2):
        bases.change(f"id-000{number}", description="Autre.", updated="2026-11-24T08:00:00.000Z")
    asked = len(bases.asked)
    assert some(visit(bases).counts) == {"updated": 2, "unchanged": 2}
    assert len(texts(bases, asked)) == 3


def test_those_that_cannot_be_read_any_more_do_not_keep_the_others_waiting(
    visit: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    bases = many(4)
    visit(bases)
    monkeypatch.setattr(fetching, "MOST_AGAIN", 1)
    monkeypatch.setattr(LesBases, "rules", "neuves")
    bases.broken = {f"/ressources/ressource-{number}/markdown" for number in (0, 1)}
    asked = len(bases.asked)
    for day in range(1, 25):
        bases.change("id-0003", updated=f"2026-11-{day:02}T08:00:00.000Z")
        visit(bases)
    assert {"/ressources/ressource-2/markdown", "/ressources/ressource-3/markdown"} <= set(texts(bases, asked))


def test_authors_are_not_told_of_our_rules(visit: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = many(1)
    visit(bases)
    row, resource, content = visit.of("id-0000")
    row.adopted_at = visit.now
    visit.session.commit()
    (theme,) = content.themes
    other_rules(monkeypatch, but=theme)
    visit(bases)
    row, resource, now = visit.of("id-0000")
    assert (row.changed_at, now) == (None, content)
    bases.change("id-0000", description="Autre.", updated="2026-11-24T08:00:00.000Z")
    monkeypatch.setattr(LesBases, "rules", "encore")
    visit(bases)
    assert visit.of("id-0000")[0].changed_at is not None
    assert services.working(visit.session, resource) == content


def test_a_file_of_other_rules_is_not_gone_on_with(visit: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    bases = many(2)
    raw = visit.fetch(bases)
    monkeypatch.setattr(LesBases, "rules", "neuves")
    source = LesBases()
    asked = len(bases.asked)
    source.fetch(fetching.Where(""), bases, raw.parent)
    assert len(texts(bases, asked)) == 2


def test_the_table_of_words_is_one_of_the_rules() -> None:
    version = LesBases().rules
    assert len(version) == 64
    assert version == LesBases("autre").rules
