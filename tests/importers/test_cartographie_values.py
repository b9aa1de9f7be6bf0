"""One cell of a row: what it says in a normal form, or nothing, with the reason."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.cartographie import values
from importers.cartographie.mapping import Mapped, map_row

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2026, 11, 24)
PLACE = {"id": "A_1", "nom": "Médiathèque", "commune": "Roubaix"}


def mapped(**cells: Any) -> Mapped:
    """A sound place with these cells besides."""
    return map_row({**PLACE, **cells}, today=TODAY)


def one(field: str, cell: Any, **others: Any) -> tuple[Any, list[str]]:
    """A field of the record and the reasons given for it."""
    found = mapped(**{field: cell}, **others)
    return found.record[field], [issue.reason for issue in found.issues if issue.field == field]


@pytest.mark.parametrize(
    "cell, value, reasons",
    [
        ("00000000000000", None, []),
        ("26590512500018", "26590512500018", []),
        ("265 905 125 00018", "26590512500018", []),
        (26590512500018, "26590512500018", []),
        ("35600000000048", "35600000000048", []),
        ("35600000049837", "35600000049837", []),  # Luhn fails, the sum of the digits is a multiple of five.
        ("W595012345", "W595012345", []),
        ("w595012345", "W595012345", []),
        ("26590512500019", None, ["pivot-invalide"]),
        ("265905125", None, ["pivot-invalide"]),
        ("4.3493312300029E+13", None, ["pivot-invalide"]),
        ("", None, []),
        ({}, None, []),
        ({"a": 1}, None, ["type-inattendu"]),
        (True, None, ["type-inattendu"]),
    ],
)
def test_pivot(cell: Any, value: str | None, reasons: list[str]) -> None:
    assert one("pivot", cell) == (value, reasons)


@pytest.mark.parametrize(
    "cell, value, reasons",
    [
        ("2022-05-11", "2022-05-11", []),
        ("2024-04-02T10:11:12.123Z", "2024-04-02", []),
        ("2024-04-02 10:11:12+00", "2024-04-02", []),
        ("02/04/2024", "2024-04-02", []),
        ("02/04/2024 10:11", "2024-04-02", []),
        ("1654041600", "2022-06-01", []),
        (1654041600, "2022-06-01", []),
        (1654041600000, "2022-06-01", []),
        ("2026-11-25", "2026-11-25", []),  # Tomorrow: the other side of midnight.
        ("1970-01-01", None, []),
        ("1970-01-01T00:00:00.000Z", None, []),
        ("01/01/1970", None, []),
        (0, None, []),
        ("2026-11-26", None, ["date-invalide"]),
        ("2024-13-45", None, ["date-invalide"]),
        ("0001-01-01", None, ["date-invalide"]),
        ("hier", None, ["date-invalide"]),
        ("9999999999999", None, ["date-invalide"]),
        ("", None, []),
    ],
)
def test_date(cell: Any, value: str | None, reasons: list[str]) -> None:
    assert one("date_maj", cell) == (value, reasons)


@pytest.mark.parametrize(
    "latitude, longitude, expected, reasons",
    [
        ("50.690383", "3.192008", (50.690383, 3.192008), []),
        ("50,690383", "3,192008", (50.690383, 3.192008), []),
        (50.690383, 3.192008, (50.690383, 3.192008), []),
        ("48.85", "0", (48.85, 0.0), []),  # Greenwich crosses France.
        ("-20.88", "55.45", (-20.88, 55.45), []),
        ("0", "0", (None, None), []),
        ("", "0", (None, None), []),
        (None, None, (None, None), []),
        ("3.19", "50.69", (None, None), ["coordonnees-invalides"]),
        ("91", "3", (None, None), ["coordonnees-invalides"]),
        ("705000", "7060000", (None, None), ["coordonnees-invalides"]),
        ("50.6", "", (None, None), ["coordonnees-invalides"]),
        ("1_0", "3", (None, None), ["coordonnees-invalides"]),
        (float("nan"), 3.0, (None, None), ["coordonnees-invalides"]),
        (True, 3.0, (None, None), ["coordonnees-invalides"]),
        ("POINT (3 50)", "3", (None, None), ["coordonnees-invalides"]),
    ],
)
def test_coordinates(latitude: Any, longitude: Any, expected: tuple[Any, Any], reasons: list[str]) -> None:
    found = mapped(latitude=latitude, longitude=longitude)
    assert (found.record["latitude"], found.record["longitude"]) == expected
    assert [issue.reason for issue in found.issues] == reasons


@pytest.mark.parametrize(
    "field, cell, value, reasons",
    [
        ("nom", "  CCAS\n de   Roubaix ", "CCAS de Roubaix", []),
        ("nom", "<b>Centre</b> <script>alert(1)</script>social", "Centre social", []),
        ("nom", "L&#39;Escale &amp; Co", "L'Escale & Co", []),
        ("nom", "&lt;img src=x onerror=alert(1)&gt;Nom", "Nom", []),
        ("nom", "Moins de 3 < 4", "Moins de 3 < 4", []),
        ("nom", "MAIRIE D'ANNAY", "MAIRIE D'ANNAY", []),
        ("nom", "Nom\u202egauche\u200b\x07", "Nomgauche", []),
        ("nom", "x" * 300, "x" * 255, []),
        ("adresse", "null Grande Rue", "Grande Rue", []),
        ("adresse", "00 Rue de Lille", "Rue de Lille", []),
        ("adresse", "0", "0", []),
        ("adresse", "01 rue X", "01 rue X", []),
        ("adresse", "-----", None, []),
        ("adresse", "43 Rue de la RÃ©publique", "43 Rue de la République", []),
        ("adresse", "Rue du Château, RÃ©sidence", "Rue du Château, Résidence", []),
        ("adresse", "Rue du Château", "Rue du Château", []),
        ("adresse", "13     rue Saint     Louis  ", "13 rue Saint Louis", []),
        ("code_postal", "26130.0", "26130", []),
        ("code_postal", 26130.0, "26130", []),
        ("code_postal", "2800", "02800", []),
        ("code_postal", 2800, "02800", []),
        ("code_postal", "59100 CEDEX 1", "59100", []),
        # Roubaix has one postcode only: it is that one, whatever the cell says that cannot be read.
        ("code_postal", "00000", "59100", []),
        ("code_postal", "591", "59100", ["code-postal-invalide"]),
        ("code_postal", "٥٩١٠٠", "59100", ["code-postal-invalide"]),
        ("code_insee", "59512", "59512", []),
        ("code_insee", "2a004", "2A004", []),
        ("code_insee", 1001, "01001", []),
        ("code_insee", "XX", "59512", ["code-insee-invalide"]),  # from the name, which is one commune's only
        ("commune", "ROUBAIX CEDEX 1", "Roubaix", []),
        ("commune", "59100 - Roubaix", "Roubaix", []),
        ("commune", "Villeneuve d'Ascq cedex", "Villeneuve-d'Ascq", []),
        ("commune", "Vernon", "Vernon", []),  # there are two: nobody knows which
        ("presentation_detail", "<p>Un</p><p>Deux</p>\n\n\n\nTrois", "Un\nDeux\n\nTrois", []),
        ("presentation_resume", "Prix < 5 €", "Prix < 5 €", []),
        ("telephone", "475582913", "+33475582913", []),
        ("telephone", 320815757, "+33320815757", []),
        ("telephone", "0639980011", None, ["telephone-fictif"]),
        ("prise_rdv", "javascript:alert(1)", None, ["url-interdite"]),
        ("prise_rdv", "www.rdv.fr|https://b.fr", "http://www.rdv.fr", []),
        ("courriels", "contact@x.fr|y@exemple.invalid", ["contact@x.fr"], ["courriel-fictif"]),
        ("courriels", ["contact@x.fr"], ["contact@x.fr"], []),
        ("site_web", "http://", [], []),
    ],
)
def test_scalars(field: str, cell: Any, value: Any, reasons: list[str]) -> None:
    assert one(field, cell) == (value, reasons)


def test_the_postcode_of_the_town_fills_an_empty_one_only() -> None:
    assert mapped(commune="59100 Roubaix").record["code_postal"] == "59100"
    assert mapped(commune="59100 Roubaix", code_postal="59170").record["code_postal"] == "59170"


def dirty_addresses() -> list[dict[str, str]]:
    """Dirty addresses whose parts can be put right without a gazetteer."""
    with (DATA / "dirt-adresses.csv").open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["titre_du_test"].startswith(
                (
                    "should remove null",
                    "should fix wrong",
                    "should process a voie",
                    "should process an address with a number",
                )
            )
        ]


@pytest.mark.parametrize("row", dirty_addresses(), ids=lambda row: row["titre_du_test"])
def test_dirty_addresses_of_the_national_converter(row: dict[str, str]) -> None:
    found = mapped(adresse=row["voie_sale"], code_postal=row["code_postal_sale"], commune=row["commune_sale"]).record
    assert found["adresse"] == row["voie_attendue"]
    assert found["code_postal"] == row["code_postal_attendu"]
    assert found["commune"] == row["commune_attendue"]


@given(st.text())
def test_clean_text_stays_clean(raw: str) -> None:
    once = values.line(raw)
    assert once is None or "\n" not in once
    assert values.line(once) == once
