"""The shapes in which places are published, beside the flat file: nested answers, GeoJSON, the Data Space; and ids."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import sessionmaker

from importers.adapters import ADAPTERS
from importers.cartographie.formats import BadRow, NotThisSchema, Row, open_rows
from importers.cartographie.lists import read_lists
from importers.cartographie.mapping import Mapped, Rejected, map_row
from importers.cartographie.nested import flattened, made_up_id
from importers.cartographie.source import Cartographie
from importers.pipeline import Options, Pipeline
from reseau.core.db import Base

TODAY = date(2026, 11, 24)
FLAT = {
    "id": "A_1", "pivot": "26590512500018", "nom": "Médiathèque", "commune": "Roubaix", "code_postal": "59100",
    "code_insee": "59512", "adresse": "2 bis Rue Pierre Motte", "latitude": 50.69, "longitude": 3.17,
    "telephone": "+33320665150", "courriels": "contact@x.fr|accueil@x.fr", "services": "Accès internet et matériel informatique",
}  # fmt: skip
MEDIATOR = {
    "nom": "Zorglubine",
    "prenom": "Philiberte",
    "email": "philiberte.zorglubine@x.fr",
    "telephone": "0612345678",
}
NESTED = {
    "id": "A_1", "pivot": "26590512500018", "nom": "Médiathèque",
    "adresse": {"numero_voie": 2, "repetition": "bis", "nom_voie": "Rue Pierre Motte", "commune": "Roubaix",
                "code_postal": "59100", "code_insee": "59512"},
    "localisation": {"latitude": 50.69, "longitude": 3.17},
    "contact": {"telephone": "+33320665150", "courriels": ["contact@x.fr", "accueil@x.fr"]},
    "services": ["Accès internet et matériel informatique"], "mediateurs": [MEDIATOR],
}  # fmt: skip
FEATURE = {
    "type": "Feature", "geometry": {"type": "Point", "coordinates": [3.17, 50.69]},
    "properties": {name: value for name, value in FLAT.items() if name not in ("latitude", "longitude")},
}  # fmt: skip


def read(data: str | bytes) -> list[Row | BadRow]:
    """All rows of a file with this content."""
    raw = data.encode() if isinstance(data, str) else data
    with open_rows(io.BytesIO(raw)) as rows:
        return list(rows)


def places(data: str | bytes) -> list[Mapped]:
    """Its places."""
    return [map_row(row.values, today=TODAY) for row in read(data) if isinstance(row, Row)]


SHAPES = {
    "flat": [FLAT],
    "legacy answer": [NESTED],
    "page of an API": {"data": [NESTED], "meta": {"totalItems": 1}, "links": {"next": None}},
    "GeoJSON": {"type": "FeatureCollection", "crs": {"type": "name"}, "features": [FEATURE]},
    "GeoJSON, id outside": {
        "type": "FeatureCollection",
        "features": [{**FEATURE, "id": "A_1", "properties": {k: v for k, v in FEATURE["properties"].items() if k != "id"}}],
    },
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_is_the_same_place(shape: str) -> None:
    (place,) = places(json.dumps(SHAPES[shape]))
    assert place == map_row(FLAT, today=TODAY)


def test_formats_have_names() -> None:
    for shape, name in (("flat", "json"), ("page of an API", "json"), ("GeoJSON", "geojson")):
        with open_rows(io.BytesIO(json.dumps(SHAPES[shape]).encode())) as rows:
            assert rows.format == name


@pytest.mark.parametrize("data", ['{"message": "features"}', '{"error": {"features": 1}}', "{}", '{"data": {"id": 1}}'])
def test_an_object_of_something_else_is_refused(data: str) -> None:
    with pytest.raises(NotThisSchema) as caught:
        read(data)
    assert caught.value.code == "hors-schema"


def test_a_cut_geojson_is_refused() -> None:
    whole = json.dumps(SHAPES["GeoJSON"])
    with pytest.raises(NotThisSchema) as caught:
        read(whole[: len(whole) - 20])
    assert caught.value.code == "tronque"


def test_a_column_beside_the_object_stands() -> None:
    found = flattened({"adresse": {"commune": "Lille", "voie": "1 rue X"}, "commune": "Roubaix"})
    assert dict(found) == {"commune": "Roubaix", "adresse": "1 rue X"}


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)
       | st.dictionaries(st.sampled_from(["adresse", "type", "properties", "geometry", "coordinates", "voie", "contact"]),
                         inner, max_size=4), max_leaves=12))  # fmt: skip
def test_flattening_takes_anything(value: Any) -> None:
    if isinstance(value, dict):
        flattened(value)
    try:
        map_row({**FLAT, "adresse": value, "courriels": value}, today=TODAY)
    except Rejected:
        pytest.fail("the other cells are those of a place")


# --- the Data Space ---

HEADER = "id;pivot;nom;commune;code_postal;code_insee;adresse;date_maj;services"


def data_space(*lines: str) -> bytes:
    """A CSV as the Data Space writes it."""
    return b"\xef\xbb\xbf" + "\n".join([HEADER, *lines, ""]).encode()


def test_the_data_space() -> None:
    line = ";00000000000000;Médiathèque;Roubaix;59100;59512;2 Rue Pierre Motte;2026-04-02 10:11:12.123+00;"
    (place,) = places(data_space(line))
    assert place.parts == (place.id,)
    assert place.id.startswith("sans-id--")
    assert place.record["pivot"] is None
    assert place.record["date_maj"] == "2026-04-02"
    rules = {(one["rule"], one["field"]) for one in place.repairs}
    assert {("id-de-remplacement", "id"), ("date-sans-heure", "date_maj")} <= rules
    # The same place has the same id in the next file; another place has another.
    later = line.replace("2026-04-02", "2026-05-02").replace("Médiathèque", " MÉDIATHÈQUE ")
    (again, other) = places(data_space(later, line.replace("2 Rue", "4 Rue")))
    assert again.id == place.id != other.id


def test_without_an_id_elsewhere_is_an_error_of_the_row() -> None:
    comma = HEADER.replace(";", ",") + "\n,,Médiathèque,Roubaix,59100,59512,2 Rue,2026-04-02,\n"
    semicolon = HEADER + "\n;;Médiathèque;Roubaix;59100;59512;2 Rue;2026-04-02;\n"
    for data in (comma, semicolon, json.dumps([{**FLAT, "id": ""}])):
        with pytest.raises(Rejected) as caught:
            places(data)
        assert caught.value.reason == "id-manquant"
    with pytest.raises(Rejected):
        places(data_space(";;;;;;;;"))
    assert made_up_id({"nom": "Seul"}) is None


def test_the_regional_file() -> None:
    data = "id;nom;commune;code_postal;services;pivot\nSIILAB_3183;Mairie;Hirson;02500;Accès internet et matériel informatique;\n"
    (place,) = places(data)
    assert (place.id, place.record["code_insee"]) == ("SIILAB_3183", "02381")


def test_adapters() -> None:
    for code in ("cartographie", "regional", "carto-api"):
        source = ADAPTERS[code].make("un-nom", {"x": 1})
        assert (source.name, source.options) == ("un-nom", {"x": 1})
    assert ADAPTERS["cartographie"].complete
    assert not ADAPTERS["carto-api"].complete


# --- ids ---


def test_a_long_id_is_used_by_its_parts() -> None:
    parts = sorted(f"Coop-numérique_{n:04}" for n in range(300))
    place = map_row({**FLAT, "id": "__".join(parts)}, today=TODAY)
    assert len(place.id.encode()) > 2_000
    assert place.parts == tuple(parts)
    older = map_row({**FLAT, "id": "|".join(reversed(parts))}, today=TODAY)
    assert older.parts == place.parts


@pytest.mark.parametrize("id_", ["x" * 2_001, "A_1__" + "é" * 1_001, "__".join(f"A_{n}" for n in range(501))])
def test_an_id_with_a_part_that_is_too_long_is_refused(id_: str) -> None:
    with pytest.raises(Rejected) as caught:
        map_row({**FLAT, "id": id_}, today=TODAY)
    assert caught.value.reason == "id-trop-long"


def test_accents_of_an_id_are_composed() -> None:
    assert map_row({**FLAT, "id": "Coop-nume\u0301rique_1"}, today=TODAY).id == "Coop-numérique_1"
    assert map_row({**FLAT, "id": "SIILAB_TL_206_"}, today=TODAY).parts == ("SIILAB_TL_206_",)
    assert map_row({**FLAT, "id": "SIILAB_TL_206___B_1"}, today=TODAY).parts == ("B_1", "SIILAB_TL_206_")


# --- people ---

WITH_PEOPLE = {
    "json": json.dumps([NESTED, {**NESTED, "id": "B_2", "Médiateurs": "Philiberte Zorglubine", "nom": None},
                        {**NESTED, "id": "C_3", "nom": "Autre", "courriels": "philiberte.zorglubine\x00@x.fr"}, "Texte"]),
    "geojson": json.dumps({"type": "FeatureCollection", "features": [
        {**FEATURE, "properties": {**FEATURE["properties"], "prenom_referent": "Philiberte", "mediateurs": [MEDIATOR]}}]}),
    "csv": "id,nom,commune,pivot,mediateur_nom\nA_1,Lieu,Roubaix,,Philiberte Zorglubine\nB_2,,Roubaix,,Zorglubine\n"
           "C_3,Trop,Roubaix,,Philiberte,Zorglubine,de,trop\nD_4,Zorglubine\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", WITH_PEOPLE)
def test_no_mediator_is_stored_in_any_table(kind: str, sessions: sessionmaker[Any], tmp_path: Path) -> None:
    path = tmp_path / "lieux"
    path.write_text(WITH_PEOPLE[kind], encoding="utf-8")
    source = ADAPTERS["cartographie"].make("cartographie", {})
    summary = Pipeline(sessions, source, ("cartographie",)).run(path, "lieux", Options())
    assert summary.created >= 1
    with sessions() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(sa.select(table)):
                written = repr(tuple(row)).casefold()
                assert "zorglubine" not in written, (table.name, row)
                assert "philiberte" not in written, (table.name, row)


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        *((name, "S_1") for name in ("conseiller_nom", "contact_nom", "responsable", "nom_conseiller", "agent", "xyz")),
        ("cle_ban", "S_1,Lieu,Roubaix,x,Jeanne Durand,trop"),  # known, hence known to hold nobody's name
        ("telephone", "S_1,Lieu,Roubaix,x,Jeanne Durand,trop"),
    ],
)
def test_a_row_out_of_shape_does_not_show_a_column_that_may_be_of_people(
    tmp_path: Path, column: str, shown: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"id,nom,commune,services,{column}\nS_1,Lieu,Roubaix,x,Jeanne Durand,trop\n")
    (read,) = Cartographie().read(path)
    assert (read.raw, [problem.value for problem in read.problems]) == ({"ligne": shown}, [shown])


def test_nor_its_first_cell_when_that_is_of_people(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("agent,id,nom,commune,services\nJeanne Durand,S_1\nJeanne Durand,S_2,Lieu,Roubaix,x\n")
    assert "Durand" not in str(list(Cartographie().read(path)))


def test_arrays_stay_arrays_in_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    cells = {**FLAT, "courriels": ["contact@x.fr", "accueil@x.fr"], "services": ["a", 1, None, {"b": "c\u0000"}]}
    path.write_text(json.dumps([cells, {**cells, "nom": "", "courriels": ["jean dupont@x.fr", "a@x.fr"]}]))
    kept, refused = Cartographie().read(path)
    assert kept.incoming.raw["courriels"] == ["contact@x.fr", "accueil@x.fr"]
    assert kept.incoming.raw["services"] == ["a", 1, None, {"b": "c"}]
    assert refused.raw is not None
    assert refused.raw["courriels"] == "…@x.fr | a@x.fr"
    assert refused.raw["services"] == "a | 1 | b : c"


def test_where_numbers_are_dialled_otherwise_is_known_from_the_name_of_the_commune() -> None:
    found = map_row({"id": "A_1", "nom": "Lieu", "commune": "Nouméa", "services": "x", "telephone": "27 31 15"})
    assert found.record["code_insee"] == "98818"
    assert found.record["telephone"] == "+687273115"


def test_lists_that_were_read_before_are_as_those_that_were_not() -> None:
    row = {"services": "Acquisition de matériel informatique à prix solidaire|Inconnu", "frais_a_charge": "Gratuit"}
    first = read_lists(row)
    expected = (dict(first.fields), list(first.unknown))
    first.fields["services"].append("changé")
    first.unknown.clear()
    second = read_lists(row)
    assert (second.fields, second.unknown) == ({**expected[0], "services": second.fields["services"]}, expected[1])
    assert "changé" not in second.fields["services"]
    assert read_lists({**row, "services": [row["services"]]}).fields == second.fields
    assert read_lists({"services": [1]}).unknown != read_lists({"services": [True]}).unknown
