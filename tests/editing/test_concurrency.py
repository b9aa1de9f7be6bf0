"""Two hundred people and one sheet: each edit is either written, or told to its author. None is lost silently."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from reseau.core.actors import Actor, Side
from reseau.directory import edits
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from tests.editing.conftest import Keepers
from tests.editing.forms import open_form
from tests.editing.test_edit import history

EDITS, AT_ONCE = 200, 12
PAGES = 24


def chain(site: Keepers, id_: UUID, field: str, first: Any) -> list[Any]:
    """The values of a field one after the other, by « before »: the whole history of it, or the test fails."""
    told = history(site, field, id_)
    steps = {str(step.before["v"]): step for step in told}
    assert len(steps) == len(told), "two changes from one value"
    found, value = [], first
    while (step := steps.pop(str(value), None)) is not None:
        value = step.after["v"]
        found.append(value)
    assert not steps, "changes that nothing leads to"
    return found


def test_two_hundred_edits_of_one_sheet(keepers: Keepers) -> None:
    """Through the service. Each reads the sheet, then writes one of two fields with what it saw of it."""
    id_, because = keepers.other["id"], Because(Cause.EDIT, Actor(Side.COORDINATION, keepers.coordinator.id))
    start = keepers.row(id_)

    def one(number: int) -> tuple[str, str, bool]:
        name = "presentation_resume" if number % 2 else "structure_parente"
        value = f"Valeur {number}"
        with keepers.sessions() as session:
            seen = edits.seen(edits.locked(session, id_)[name])
            session.rollback()  # the form is open: nothing is locked while a person writes
        with keepers.sessions() as session:
            outcome = edits.save(
                session, id_, {name: value}, {name: seen}, because, ("cartographie",), keepers.clock.now
            )
            session.commit()
        assert bool(outcome.written) != bool(outcome.clashes)
        if outcome.clashes:
            assert outcome.clashes[name].theirs != value
        return name, value, bool(outcome.written)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(one, range(EDITS)))
    assert len(done) == EDITS
    written = [(name, value) for name, value, was in done if was]
    assert written
    end = keepers.row(id_)
    for name in ("presentation_resume", "structure_parente"):
        steps = chain(keepers, id_, name, start[name])
        assert Counter(steps) == Counter(value for field, value in written if field == name)
        assert end[name] == steps[-1]
    assert end["rev"] == start["rev"] + len(written)


def test_edits_through_the_pages(keepers: Keepers) -> None:
    """As many browsers with the same form open: one is written, each other is shown both values."""
    id_ = keepers.place["id"]
    before = keepers.row(id_)
    forms = [open_form(keepers.as_(keepers.coordinator), keepers) for _ in range(PAGES)]
    for number, form in enumerate(forms):
        form["structure_parente"], form["verifie"] = f"Organisme {number}", False

    def send(form: Any) -> int:
        status: int = form.submit(status="*").status_int
        return status

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(send, forms))
    assert answers == {303: 1, 422: PAGES - 1}
    assert len(history(keepers, "structure_parente")) == 1
    assert keepers.row(id_)["rev"] == before["rev"] + 1
