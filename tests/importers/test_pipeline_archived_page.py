"""The sheet of a place that no register gives any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from webtest import TestApp

from reseau.directory.models import Structure
from tests.conftest import StillClock
from tests.directory.site import Page, csv_of, row

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROWS = [row(f"R{n}", nom=f"{word} services", adresse=f"{n} rue {word}") for n, word in enumerate("ABCDEFGHIJ")]


@ONE_ENGINE
def test_it_stays_at_its_address_and_says_why(
    app: TestApp, do_import: Any, reindex: Callable[[], None], session: Session, clock: StillClock, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    for end, days in ((10, 0), (9, 1), (9, 4), (9, 4)):
        clock.now += timedelta(days=days)
        path.write_text(csv_of(ROWS[:end]), encoding="utf-8", newline="")
        do_import(path, complete=True)
    reindex()
    place = session.scalars(sa.select(Structure).where(Structure.nom == "J services")).one()
    session.commit()
    page = Page(app.get(f"/annuaire/{place.slug}-{place.id}").text)
    assert not page.errors
    assert "Depuis le 25 novembre 2026, aucun registre ne donne plus ce lieu" in page.text
    assert "Plus donné par les registres" in page.text
    assert "Fermé pour toujours" not in page.text
    assert "fermé pour toujours" not in page.text
    assert "J services" not in app.get("/annuaire").text
    assert "A services" in app.get("/annuaire").text
