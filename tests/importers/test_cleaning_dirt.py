"""The dirty values met in the national tool's own tests: what we make of each, written by hand.

Of the 41 rows of ``dirt-adresses.csv``, 39 are read as the national tool reads them or more carefully; the values where we
differ are in ``OURS``, with the reason. Hours and contacts (220 pairs) have their own tables in ``tests/core``; their
counts are here.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from importers.cartographie.mapping import Mapped, map_row
from importers.cleaning import reach
from reseau.core.hours_text import read_day
from tests.core.test_hours_dirt import DAY, WEEK

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2026, 11, 24)
Place = tuple[str, str, str, str]

#: (street, postcode, commune) as written → (street, postcode, commune, INSEE code) of ours, where the national tool differs.
OURS: dict[tuple[str, str, str], Place] = {
    # Its test refuses for want of a street: the commune is known all the same.
    ("", "75020", "Paris"): ("", "75020", "Paris", "75056"),
    ("", "87000", "Limoges"): ("", "87000", "Limoges", "87085"),
    # Two addresses in one cell: taking the first would be a guess. The commune is in its own cell.
    (
        "5, rue Malakoff,\n38000 Grenoble \n\n-\n\\\n29, bis rue Colonel Bougault, 38100 Grenoble", "", "grenoble",
    ): ("5, rue Malakoff, 38000 Grenoble - \\ 29, bis rue Colonel Bougault, 38100 Grenoble", "", "Grenoble", "38185"),
    # The comma after the number is an old usage, not a mistake.
    ("122, avenue des 4 cantons", "", "Saint Laurent de Chamousset"):
        ("122, avenue des 4 cantons", "69930", "Saint-Laurent-de-Chamousset", "69220"),
    ("9, Place de la paix 51530 MOUSSY", "", ""): ("9, Place de la paix", "51530", "Moussy", "51390"),
    # The typographic apostrophe is a good one.
    ("52 Route des Ducs d\x92Anjou", "78000", "Versailles"): ("52 Route des Ducs d’Anjou", "78000", "Versailles", "78646"),
    # The old commune keeps its name, which people know; its code is that of the commune of today.
    ("12 rue des lilas", "87330", "Saint-Barbant"): ("12 rue des lilas", "87330", "Saint-Barbant", "87028"),
    # The only Vernon of each département; its postcode is left as it is, it may be that of a delivery office.
    ("3 place de la Mairie", "27220", "Vernon"): ("3 place de la Mairie", "27220", "Vernon", "27681"),
    ("3 place de la Mairie", "07330", "Vernon"): ("3 place de la Mairie", "07330", "Vernon", "07336"),
    # Blois is in the Loir-et-Cher, 42000 in the Loire: name or postcode, one is wrong, nobody says which.
    ("11 place René Coty 42000 Blois", "42000", "Blois"): ("11 place René Coty 42000 Blois", "42000", "Blois", ""),
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    """A table of the test data."""
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def place(street: str, postcode: str, commune: str) -> Mapped:
    """A row with this address (and a position: an empty address is no place)."""
    cells = {"adresse": street, "code_postal": postcode, "commune": commune}
    return map_row({"id": "A", "nom": "Lieu", "latitude": "45", "longitude": "3", **cells}, today=TODAY)


@pytest.mark.parametrize("row", rows("dirt-adresses.csv"), ids=lambda row: row["titre_du_test"])
def test_addresses(row: dict[str, str]) -> None:
    dirty = (row["voie_sale"], row["code_postal_sale"], row["commune_sale"])
    theirs = (row["voie_attendue"], row["code_postal_attendu"], row["commune_attendue"], row["code_insee_attendu"])
    found = place(*dirty)
    read = tuple(found.record[name] or "" for name in ("adresse", "code_postal", "commune", "code_insee"))
    assert read == OURS.get(dirty, theirs)
    assert found.repairs or read[:3] == dirty, "a change without a name"


@pytest.mark.parametrize(
    ("street", "postcode", "commune", "expected"),
    [
        ("BP 12345 Roubaix", "", "Roubaix", ("BP 12345 Roubaix", "59100", "Roubaix", "59512")),  # no postcode of Roubaix
        ("1 rue X 59100 Roubaix", "", "Lille", ("1 rue X 59100 Roubaix", "", "Lille", "59350")),  # who is right?
        ("1 rue X 59100 Roubaix", "59000", "", ("1 rue X 59100 Roubaix", "59000", "Lille", "59350")),  # the cell is believed
        ("59100 Roubaix", "", "", ("", "59100", "Roubaix", "59512")),
        ("1 rue X, 59100 ROUBAIX CEDEX 1", "", "Roubaix", ("1 rue X", "59100", "Roubaix", "59512")),
        ("1 rue X", "59072", "ROUBAIX CEDEX", ("1 rue X", "59100", "Roubaix", "59512")),
        ("1 rue X", "69003", "LYON 03", ("1 rue X", "69003", "LYON 03", "69123")),
        ("1 rue X", "", "Paris 12ème arrondissement", ("1 rue X", "", "Paris 12ème arrondissement", "75056")),
        ("1 rue X", "", "Vernon (27)", ("1 rue X", "27200", "Vernon", "27681")),
        ("1 rue X", "97400", "Vernon (27)", ("1 rue X", "97400", "Vernon (27)", "")),
        ("1 rue X", "97450", "Saint-Louis", ("1 rue X", "97450", "Saint-Louis", "97414")),
        ("1 rue X", "20000", "Ajaccio", ("1 rue X", "20000", "Ajaccio", "2A004")),
        ("00 Rue de Lille", "59100", "Roubaix", ("Rue de Lille", "59100", "Roubaix", "59512")),
        ("Rue du m² vert", "59100", "Roubaix", ("Rue du m² vert", "59100", "Roubaix", "59512")),
        ("1 rue X", "59100", "Tourcoing", ("1 rue X", "59100", "Tourcoing", "59599")),
        ("1 rue X", "", "Saint-Martin", ("1 rue X", "", "Saint-Martin", "")),  # there are dozens
    ],
)  # fmt: skip
def test_addresses_of_our_own(street: str, postcode: str, commune: str, expected: Place) -> None:
    found = place(street, postcode, commune).record
    assert tuple(found[name] or "" for name in ("adresse", "code_postal", "commune", "code_insee")) == expected


def test_a_code_that_does_not_exist_gives_way_to_a_sure_name() -> None:
    found = map_row({"id": "A", "nom": "B", "commune": "Roubaix", "code_insee": "59999"}, today=TODAY)
    assert found.record["code_insee"] == "59512"
    assert [one["rule"] for one in found.repairs] == ["code-insee-inconnu", "code-postal-retrouve"]
    lost = map_row({"id": "A", "nom": "B", "commune": "Saint-Martin", "code_insee": "59999"}, today=TODAY)
    assert lost.record["code_insee"] is None


def test_what_becomes_of_the_pairs_of_hours_and_contacts() -> None:
    """Never a wrong hour, never a guess: what is not read stays as text, with a reason. The values themselves are in
    ``tests/core/test_hours_dirt.py``, ``test_hours_text.py`` and ``test_contacts.py``."""
    counts: Counter[tuple[str, str]] = Counter()
    assert sum(read is None for read in (*DAY.values(), *WEEK.values())) == 24 + 14
    for row in rows("dirt-hours-contact.csv"):
        field, dirty = row["champ"], row["valeur_sale"]
        counts[field, _fate(field, dirty)] += 1
    assert sum(counts.values()) == 220
    assert counts == COUNTS


def _fate(field: str, dirty: str) -> str:
    if field == "horaires_jour":
        return "read" if read_day(dirty) else "text"
    if field.startswith("horaires"):
        hours = reach.hours(dirty)
        return "text" if hours.osm is None else "mended" if hours.steps else "read"
    by_field = {"telephone": reach.phone, "courriel": reach.mails, "site_web": reach.links}
    found = by_field[field](dirty)
    return "refused" if not found.values + found.people else "mended" if found.steps else "read"


#: Of 149 timetables, 111 are read and 38 stay as text (the tables of ``tests/core/test_hours_dirt.py`` say which, by hand).
#: Of 71 contacts, 20 were clean, 35 are mended, 16 are refused: no number, no domain, two ``@``, a bare ``http://``.
COUNTS: dict[tuple[str, str], int] = {
    ("horaires_jour", "read"): 61, ("horaires_jour", "text"): 24,
    ("horaires_semaine", "read"): 4, ("horaires_semaine", "mended"): 46, ("horaires_semaine", "text"): 14,
    ("telephone", "read"): 6, ("telephone", "mended"): 14, ("telephone", "refused"): 5,
    ("courriel", "read"): 6, ("courriel", "mended"): 11, ("courriel", "refused"): 8,
    ("site_web", "read"): 8, ("site_web", "mended"): 10, ("site_web", "refused"): 3,
}  # fmt: skip
