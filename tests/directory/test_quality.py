"""The ten criteria of a sheet: each alone, and what they say together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.directory import quality
from reseau.directory.fields import FIELDS

TODAY = date(2026, 11, 24)
EMPTY: dict[str, Any] = {field.name: [] if field.kind == "list" else None for field in FIELDS} | {
    "fresh_on": None, "verified_at": None,
}  # fmt: skip
FULL: dict[str, Any] = EMPTY | {
    "horaires": "Mo-Fr 09:00-12:00", "telephone": "+33320112233", "adresse": "1 rue X", "commune": "Roubaix",
    "services": ["a"], "demarches": ["b"], "modalites_acces": ["c"], "modalites_accompagnement": ["d"],
    "frais_a_charge": ["gratuit"], "presentation_resume": "x" * 80, "courriels": ["accueil@lieu.fr"],
    "latitude": 50.0, "longitude": 3.0, "fresh_on": "2026-11-24", "date_maj": "2026-11-24",
}  # fmt: skip


def test_nothing_and_everything() -> None:
    assert quality.score(EMPTY, TODAY) == 0
    assert quality.missing(EMPTY, TODAY) == ["fraicheur", *quality.CRITERIA]
    assert quality.score(FULL, TODAY) == quality.OUT_OF == 10
    assert quality.missing(FULL, TODAY) == []


@pytest.mark.parametrize(
    ("without", "lacks"),
    [
        ({"horaires": None}, "horaires"), ({"telephone": ""}, "telephone"), ({"adresse": None}, "adresse"),
        ({"commune": None}, "adresse"), ({"services": []}, "offre"), ({"demarches": []}, "offre"),
        ({"modalites_acces": []}, "acces"), ({"modalites_accompagnement": []}, "acces"), ({"frais_a_charge": []}, "prix"),
        ({"presentation_resume": "x" * 79}, "description"), ({"presentation_resume": "x" * 2001}, "description"),
        ({"courriels": []}, "contact"), ({"latitude": None}, "position"), ({"longitude": None}, "position"),
        ({"fresh_on": "2025-11-23"}, "fraicheur"), ({"fresh_on": None}, "fraicheur"),
        ({"date_maj": None}, "fraicheur"),  # somebody made the sheet, and nobody looked again
    ],
    ids=str,
)  # fmt: skip
def test_each_criterion_alone(without: dict[str, Any], lacks: str) -> None:
    assert quality.missing(FULL | without, TODAY) == [lacks]
    assert quality.score(FULL | without, TODAY) == 9


@pytest.mark.parametrize(
    "instead",
    [
        {"horaires": None, "horaires_texte": "le mardi"}, {"adresse": None, "itinerance": ["itinerant"]},
        {"courriels": [], "site_web": ["https://lieu.fr"]}, {"courriels": [], "prise_rdv": "https://rdv.fr"},
        {"presentation_resume": "x", "presentation_detail": "y" * 2000}, {"latitude": 0.0, "longitude": 0.0},
        {"fresh_on": "2025-11-24"}, {"date_maj": None, "verified_at": datetime(2026, 11, 24, tzinfo=UTC)},
    ],
    ids=str,
)  # fmt: skip
def test_what_does_as_well(instead: dict[str, Any]) -> None:
    assert quality.missing(FULL | instead, TODAY) == []


@given(st.sets(st.sampled_from(sorted(FULL))), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_score_is_ten_less_what_is_missing_and_more_is_never_worse(gone: set[str], today: date) -> None:
    row = FULL | {name: EMPTY[name] for name in gone}
    assert quality.score(row, today) == quality.OUT_OF - len(quality.missing(row, today))
    assert quality.timeless(row) in range(quality.OUT_OF)
    for name in gone:
        assert quality.score(row | {name: FULL[name]}, today) >= quality.score(row, today)
    fresh = row["fresh_on"]
    assert quality.is_fresh(row, today) == (
        fresh is not None and row["date_maj"] is not None and date.fromisoformat(fresh) >= today - timedelta(days=365)
    )
