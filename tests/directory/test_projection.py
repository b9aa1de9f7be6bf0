"""Which value of each field is shown, and why."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from reseau.directory.fields import FIELDS
from reseau.directory.projection import OverrideView, RecordView, project

OLD, NEW, OTHER = (UUID(int=n) for n in (1, 2, 3))


def record(id_: UUID, source: str = "cartographie", date: str | None = "2024-01-01", **mapped: Any) -> RecordView:
    return RecordView(id_, source, date, {"nom": "Lieu", "source": "registre", **mapped})


def test_override_beats_every_source_and_says_so() -> None:
    got = project(
        [record(OLD, telephone="+33320000001")], {"telephone": OverrideView("+33320000002", "2026-01-02")}, []
    )
    assert got.values["telephone"] == "+33320000002"
    assert got.provenance["telephone"] == {"source": "reseau", "via": None, "date": "2026-01-02"}


def test_an_override_can_say_that_there_is_none() -> None:
    overrides = {
        "telephone": OverrideView(None, "2026-01-02"),
        "courriels": OverrideView(None, "2026-01-02"),
    }
    got = project([record(OLD, telephone="+33320000001", courriels=["a@b.fr"])], overrides, [])
    assert got.values["telephone"] is None
    assert got.values["courriels"] == []
    assert got.provenance["telephone"]["source"] == "reseau"


def test_sources_in_the_order_of_the_settings_then_the_newest_and_gaps_filled() -> None:
    records = [
        record(OLD, date="2020-01-01", telephone="+33320000001", site_web=["https://old.fr"]),
        record(NEW, date="2024-01-01", telephone="+33320000002"),
        record(OTHER, source="finess", date="2025-01-01", telephone="+33320000003", structure_parente="CHU"),
    ]
    got = project(records, {}, ["cartographie", "finess"])
    assert got.values["telephone"] == "+33320000002"
    assert got.values["site_web"] == ["https://old.fr"]
    assert got.provenance["site_web"]["date"] == "2020-01-01"
    assert got.values["structure_parente"] == "CHU"
    assert project(records, {}, ["finess"]).values["telephone"] == "+33320000003"


def test_an_undated_record_comes_after_dated_ones() -> None:
    records = [
        record(OLD, date=None, telephone="+33320000001"),
        record(NEW, date="2018-01-01", telephone="+33320000002"),
    ]
    assert project(records, {}, []).values["telephone"] == "+33320000002"


def test_an_address_is_never_made_of_two() -> None:
    records = [
        record(NEW, date="2024-01-01", commune="Roubaix", code_postal="59100"),
        record(OLD, date="2020-01-01", adresse="1 rue de Lille", commune="Lille", code_postal="59000"),
    ]
    got = project(records, {}, [])
    assert (got.values["adresse"], got.values["commune"]) == (None, "Roubaix")


def test_a_position_is_never_made_of_two() -> None:
    records = [
        record(NEW, date="2024-01-01", latitude=50.7),
        record(OLD, date="2020-01-01", latitude=50.6, longitude=3.1),
    ]
    got = project(records, {}, [])
    assert (got.values["latitude"], got.values["longitude"]) == (50.7, None)


def test_every_field_is_there_even_from_nothing() -> None:
    got = project([], {}, [])
    assert set(got.values) == {field.name for field in FIELDS}
    assert got.provenance == {}


def test_the_order_in_which_records_are_read_changes_nothing() -> None:
    records = [record(UUID(int=n), date="2024-01-01", telephone=f"+3332000000{n}") for n in range(1, 8)]
    expected = project(records, {}, [])
    for seed in range(20):
        shuffled = random.Random(seed).sample(records, len(records))
        assert project(shuffled, {}, []) == expected


def test_a_cpam_helps_with_ameli_and_the_sheet_says_that_it_was_deduced() -> None:
    got = project([record(OLD, nom="CPAM de Roubaix Tourcoing")], {}, [])
    assert got.values["demarches"] == ["ameli"]
    assert got.provenance["demarches"]["source"] == "deduction"


def test_a_person_can_deny_what_was_deduced() -> None:
    got = project([record(OLD, nom="CPAM de Roubaix")], {"demarches": OverrideView([], "2026-01-02")}, [])
    assert got.values["demarches"] == []


def test_who_corrected_a_field_is_not_published() -> None:
    got = project([record(OLD)], {"telephone": OverrideView("+33320000002", "2026-01-02")}, [])
    assert got.provenance["telephone"]["via"] is None


def test_what_is_deduced_follows_what_a_person_corrected() -> None:
    got = project(
        [record(OLD, nom="CPAM de Roubaix")], {"nom": OverrideView("Maison des associations", "2026-01-02")}, []
    )
    assert got.values["demarches"] == []


def test_corrected_hours_do_not_stand_beside_the_words_of_the_register() -> None:
    overrides = {"horaires": OverrideView("Mo 09:00-12:00", "2026-01-02")}
    got = project([record(OLD, horaires_texte="sauf le mercredi")], overrides, [])
    assert (got.values["horaires"], got.values["horaires_texte"]) == ("Mo 09:00-12:00", None)


def test_a_place_never_loses_its_name() -> None:
    assert project([record(OLD)], {"nom": OverrideView("", "2026-01-02")}, []).values["nom"] == "Lieu"
