"""The national standard as it leaves: each rule by hand, each row against the schema itself, and back again."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from feeds.opendata import national, writing
from feeds.opendata.inclusion import Told
from feeds.opendata.reading import of_communes, of_site, places
from importers import cartographie
from importers.cartographie import columns
from importers.pipeline import Options, Pipeline, Summary
from reseau.core.cells import harmless
from reseau.core.changes import current_seq
from reseau.core.db import ReseauSession
from reseau.directory.fields import FIELDS
from reseau.directory.models import Structure
from tests.conftest import DATA, ROUBAIX_CSV, TUESDAY

SCHEMA = json.loads((DATA / "schema-v1.0.2.json").read_text(encoding="utf-8"))
HDF = DATA / "hdf-lieux_schema-1.0.csv.gz"
ID = "01a20568-112e-71f3-b276-8cd9c376f138"
EMPTY: dict[str, Any] = {field.name: [] if field.kind == "list" else None for field in FIELDS}


def place(**values: Any) -> dict[str, Any]:
    """The columns of a structure with just what the standard requires."""
    base = {"id": ID, "nom": "Le Lieu", "commune": "Roubaix", "code_postal": "59100", "adresse": "1 rue du Lieu"}
    return {**EMPTY, "provenance": {}, "verified_at": None, **base, **values}


def said(parts: tuple[str, ...] = (), **values: Any) -> dict[str, str]:
    return national.row(place(**values), parts, "Réseau")


def problems(one: dict[str, str]) -> list[str]:
    """What the schema finds wrong in a row: required, pattern, length, type; each value of a closed list by itself."""
    found = []
    for field in SCHEMA["fields"]:
        name, rule = field["name"], field.get("constraints", {})
        value = one[name]
        if not value:
            found += [f"{name} missing"] if rule.get("required") else []
            continue
        pattern = rule.get("pattern", "")
        values = value.split("|") if r"\|" in pattern else [value]
        # The patterns of lists are open at their head: of "foo|Gratuit" they see the end.
        found += [f"{name}: {part}" for part in values if pattern and not re.fullmatch(anchored(pattern), part)]
        if len(value) > rule.get("maxLength", 10**6):
            found.append(f"{name} too long")
        if field.get("type") == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            found.append(f"{name}: {value}")
        if field.get("type") == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            found.append(f"{name}: {value}")
    return found


def anchored(pattern: str) -> str:
    return pattern.removeprefix("^").removesuffix("$")


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def exported(session: ReseauSession, told: Told | None = None) -> str:
    told = told or Told()
    return "".join(writing.as_csv(writing.rows(places(session, of_site(())), "Réseau", told.left_out)))


def test_the_columns_are_those_of_the_schema_in_their_order() -> None:
    assert list(columns.FIELDS) == [field["name"] for field in SCHEMA["fields"]]
    assert len(columns.FIELDS) == 32


def test_unknown_things_are_said_as_the_standard_says_them() -> None:
    one = said()
    assert (one["pivot"], one["date_maj"]) == ("00000000000000", "1970-01-01")
    assert (one["latitude"], one["telephone"], one["services"]) == ("", "", "")
    assert (one["id"], one["source"]) == (f"Reseau_{ID}", "Réseau")
    assert not problems(one)


def test_the_id_joins_the_parts_of_the_national_file_and_ours_sorted() -> None:
    one = said(("dora_dora--12", "Coop-numérique_b", "dora--12", "SIILAB_3"))
    assert one["id"] == f"Coop-numérique_b__Reseau_{ID}__SIILAB_3__dora_dora--12"
    assert one["source"] == "", "a register said it: which one, it did not say"
    assert national.identifier(ID, [f"Reseau_{ID}"]) == f"Reseau_{ID}"
    many = [f"Source_{number:04}" for number in range(400)]
    long = national.identifier(ID, many)
    assert len(long.encode()) <= 2_000
    assert f"Reseau_{ID}" in long.split("__")


def test_labels_are_those_of_the_standard_and_unknown_ones_stay_here() -> None:
    one = said(
        services=["aide-aux-demarches-administratives", "Club informatique"], frais_a_charge=["gratuit-sous-condition"],
        formations_labels=["forme-a-mon-espace-sante", "etapes-numeriques-la-poste"], typologie=["CCAS", "INCONNUE"],
        autres_formations_labels=["QPV", "a|b"], modalites_acces=["ce-lieu-n-accueille-pas-de-public"],
    )  # fmt: skip
    assert one["services"] == "Aide aux démarches administratives"
    assert one["frais_a_charge"] == "Gratuit sous condition"
    # The pattern of the schema has no space before its bracket, the documentation has one.
    assert one["formations_labels"] == "Formé à « Mon Espace Santé »|Étapes numériques(La Poste)"
    assert one["typologie"] == "CCAS|INCONNUE", "an open field"
    assert one["autres_formations_labels"] == "QPV|a/b"
    assert one["modalites_acces"] == "Ce lieu n'accueille pas de public"
    assert not problems(one)


@pytest.mark.parametrize(("value", "expected"), [
    (1e-05, "0.00001"), (50.69, "50.69"), (3.0, "3"), (-21.1, "-21.1"), (100.0, "100"), (3.1416789123, "3.1416789123"),
])  # fmt: skip
def test_numbers_are_written_plainly(value: float, expected: str) -> None:
    assert national.number(value) == expected
    assert float(expected) == value


def test_a_place_without_both_coordinates_has_none() -> None:
    assert said(latitude=50.1)["latitude"] == ""


@pytest.mark.parametrize(("phone", "expected"), [
    ("+33320000000", "+33320000000"), ("+590590000000", "+590590000000"), ("3960", ""), ("+3223456789", ""),
])  # fmt: skip
def test_one_phone_in_the_pattern(phone: str, expected: str) -> None:
    assert said(telephone=phone)["telephone"] == expected


def test_mails_of_people_never_leave() -> None:
    one = said(
        courriels=["contact@ccas.fr", "jean.dupont@ccas.fr"], presentation_detail="Écrire à jean.dupont@ccas.fr.",
        horaires_texte="Sur rendez-vous : marie.durand@ccas.fr",
    )  # fmt: skip
    assert one["courriels"] == "contact@ccas.fr"
    assert "dupont" not in str(one)
    assert "durand" not in str(one)


def test_a_long_summary_is_cut_at_a_word_and_kept_whole_beside() -> None:
    long = "mot " * 80
    one = said(presentation_resume=long)
    assert len(one["presentation_resume"]) <= 280
    assert one["presentation_resume"].endswith("mot…")
    assert one["presentation_detail"] == long.strip()
    assert said(presentation_resume=long, presentation_detail="Autre")["presentation_detail"] == "Autre"


def test_the_date_is_the_newest_of_the_register_of_ours_and_of_who_verified() -> None:
    ours = {
        "telephone": {"source": "reseau", "date": "2026-03-01"},
        "nom": {"source": "cartographie", "date": "2027-01-01"},
    }
    assert said(date_maj="2024-05-06")["date_maj"] == "2024-05-06"
    assert said(date_maj="2024-05-06", provenance=ours)["date_maj"] == "2026-03-01"
    assert said(provenance=ours, verified_at=TUESDAY)["date_maj"] == "2026-11-24"


@pytest.mark.parametrize("field", ["commune", "code_postal", "adresse"])
def test_what_the_standard_requires_is_never_invented(field: str) -> None:
    with pytest.raises(national.Unsaid, match=field):
        said(**{field: None})


@pytest.mark.parametrize("cell", ["=1+1", "+33320", "-2", "@a", "\tx", "\rx", " =1", "＝1"])
def test_formulas_are_neutralised_for_spreadsheets_alone(cell: str) -> None:
    one = {**dict.fromkeys(columns.FIELDS, ""), "nom": cell}
    assert read("".join(writing.as_csv([one])).replace("\r", "\n"))[0]["nom"] == cell.replace("\r", "\n")
    sheet = "".join(writing.as_spreadsheet([one]))
    assert sheet.startswith("\ufeff")
    assert f';"\'{cell}";' in sheet


def test_no_part_of_a_cell_is_run() -> None:
    assert [*map(harmless, ("x;=1+1", "a\n=cmd()", "Lieu, 3 rue-du-Bac"))] == [
        "x;'=1+1", "a\n'=cmd()", "Lieu, 3 rue-du-Bac",
    ]  # fmt: skip


def test_json_and_geojson_are_sound_and_leave_out_what_is_empty() -> None:
    rows = [said(latitude=1e-05, longitude=3.0), said(nom='Le "Lieu"\n2')]
    flat = json.loads("".join(writing.as_json(rows)))
    assert flat[0]["latitude"] == 0.00001
    assert "telephone" not in flat[0]
    assert "1e-05" not in "".join(writing.as_json(rows))
    assert flat[1]["nom"] == 'Le "Lieu"\n2'
    features = json.loads("".join(writing.as_geojson(rows)))["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [3.0, 0.00001]}
    assert features[1]["geometry"] is None
    assert json.loads("".join(writing.as_json([]))) == []
    assert json.loads("".join(writing.as_geojson([]))) == {"type": "FeatureCollection", "features": []}


# --- there and back -------------------------------------------------------------------------------------------------


def run(sessions: sessionmaker[Any], path: Path, match: bool = False) -> Summary:
    pipeline = Pipeline(sessions, cartographie.source, ("cartographie",), clock=lambda: TUESDAY)
    return pipeline.run(path, str(path), Options(match=match))


@pytest.fixture(scope="module")
def hdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hdf") / "hdf.csv"
    with gzip.open(HDF, "rb") as packed, path.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return path


#: The whole region on one engine: what differs between them shows in a town.
REGISTERS = pytest.mark.parametrize(
    ("database_url", "register"), [("sqlite", "roubaix"), ("postgresql", "roubaix"), ("sqlite", "hdf")], indirect=True
)


@pytest.fixture
def register(request: pytest.FixtureRequest) -> Path:
    return ROUBAIX_CSV if request.param == "roubaix" else request.getfixturevalue("hdf")


def shown(session: ReseauSession) -> dict[Any, Any]:
    """What readers see of every place."""
    names = [field.name for field in FIELDS]
    columns = [Structure.__table__.c[name] for name in ("id", "slug", "status", "rev", *names)]
    return {row[0]: tuple(row) for row in session.execute(sa.select(*columns))}


@REGISTERS
def test_every_row_is_valid_and_comes_back_as_it_was(
    sessions: sessionmaker[ReseauSession], register: Path, tmp_path: Path
) -> None:
    run(sessions, register)
    with sessions() as session:
        told = Told()
        text = exported(session, told)
        before, seq = shown(session), current_seq(session)
    rows = read(text)
    assert [found for one in rows for found in problems(one)] == []
    assert len(rows) + sum(told.left_out.values()) == len(before)
    assert dict(told.left_out) == ({} if register == ROUBAIX_CSV else {"adresse": 4})
    assert all('"' + '","'.join(columns.FIELDS) + '"' == line for line in text.splitlines()[:1])
    path = tmp_path / "retour.csv"
    path.write_text(text, encoding="utf-8", newline="")
    again = run(sessions, path)
    assert (again.created, again.merged, again.rejected) == (0, 0, 0)
    with sessions() as session:
        assert shown(session) == before
        assert current_seq(session) == seq, "the log has no new row"
        assert exported(session) == text, "and what leaves then is the same"


@REGISTERS
def test_records_that_were_found_to_be_one_place_come_back_as_one_and_show_the_same(
    sessions: sessionmaker[ReseauSession], register: Path, tmp_path: Path
) -> None:
    """The register then says itself that they are one: their records become one, and only where a value comes from
    (which record of it) is logged."""
    run(sessions, register, match=True)
    with sessions() as session:
        text, before = exported(session), shown(session)
    path = tmp_path / "retour.csv"
    path.write_text(text, encoding="utf-8", newline="")
    again = run(sessions, path, match=True)
    assert (again.created, again.rejected, again.queued) == (0, 0, 0)
    with sessions() as session:
        after = shown(session)
        assert {id_: (*row[:3], *row[4:]) for id_, row in after.items()} == {
            id_: (*row[:3], *row[4:]) for id_, row in before.items()
        }
        assert sum(after[id_] != row for id_, row in before.items()) <= again.merged
        assert exported(session) == text


@pytest.fixture
def another(_template: Callable[[str], str], tmp_path: Path) -> Iterator[sessionmaker[ReseauSession]]:
    from reseau.core.db import create_engine, session_factory

    path = tmp_path / "another.sqlite3"
    shutil.copy(_template("sqlite"), path)
    engine = create_engine(f"sqlite:///{path}")
    yield session_factory(engine)
    engine.dispose()


@pytest.mark.parametrize(("database_url", "register"), [("sqlite", "roubaix"), ("sqlite", "hdf")], indirect=True)
def test_an_empty_site_filled_with_our_file_gives_the_same_file_but_for_its_own_ids(
    sessions: sessionmaker[ReseauSession], another: sessionmaker[ReseauSession], register: Path, tmp_path: Path
) -> None:
    run(sessions, register)
    with sessions() as session:
        text = exported(session)
    path = tmp_path / "ailleurs.csv"
    path.write_text(text, encoding="utf-8", newline="")
    run(another, path)
    with another() as session:
        there = read(exported(session))
    here = {one["id"]: one for one in read(text)}
    assert len(there) == len(here)
    for one in there:
        parts = one["id"].split("__")
        (own,) = [
            part for part in parts
            if part.startswith("Reseau_") and national.identifier("", []) != part and "__".join(
                other for other in parts if other != part) in here
        ]  # fmt: skip
        origin = here["__".join(part for part in parts if part != own)]
        assert {**one, "id": ""} == {**origin, "id": ""}


def test_only_open_places_of_the_territory_leave(sessions: sessionmaker[ReseauSession]) -> None:
    run(sessions, ROUBAIX_CSV)
    with sessions() as session:
        every = len(shown(session))
    with sessions.begin() as session:
        closed = session.scalars(sa.select(Structure).order_by(Structure.id)).first()
        assert closed is not None
        closed.status = "closed"
        far = session.scalars(sa.select(Structure).where(Structure.status == "active").order_by(Structure.id)).first()
        assert far is not None
        far.code_insee = "59350"
    with sessions() as session:
        assert len(list(places(session, of_site(())))) == every - 1
        assert len(list(places(session, of_site(("59512",))))) == every - 2
        assert [one.row["id"] for one in places(session, of_communes(["59350"]))] == [far.id]
