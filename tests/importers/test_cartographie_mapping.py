"""One row, any dialect: what comes out is 1.0.2, and nothing is lost without a word."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.cartographie import columns
from importers.cartographie.formats import Row, open_rows
from importers.cartographie.lists import LIST_FIELDS, items
from importers.cartographie.mapping import Issue, Mapped, Rejected, map_row
from reseau.core.vocabularies import for_field

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2026, 11, 24)
PLACE = {"id": "A_1", "nom": "Médiathèque", "commune": "Roubaix"}
EXTRA = {"horaires_texte", "courriels_nominatifs", "demarches_sante"}


def mapped(**cells: Any) -> Mapped:
    """A sound place with these cells besides."""
    return map_row({**PLACE, **cells}, today=TODAY)


def rows_of(name: str) -> list[Mapped]:
    """A whole file of the test data."""
    with open_rows(DATA / name) as rows:
        return [map_row(row.values, today=TODAY) for row in rows if isinstance(row, Row)]


def test_csv_and_json_of_roubaix_are_the_same_places() -> None:
    from_csv, from_json = rows_of("roubaix-lieux_schema-1.0.csv"), rows_of("roubaix-lieux_schema-1.0.json")
    assert len(from_csv) == 39
    assert from_csv == from_json


def test_a_record_has_every_field() -> None:
    assert set(mapped().record) == set(columns.FIELDS) - {"id"} | EXTRA
    assert mapped().issues == ()


@pytest.mark.parametrize("name", ["hdf-lieux_schema-1.0.csv.gz", "cnfs-2022_hauts-de-france_schema-0.1.json"])
def test_whole_files(name: str) -> None:
    found = rows_of(name)
    assert len(found) in (1741, 421)
    for place in found:
        for field in LIST_FIELDS:
            vocabulary = for_field(field)
            assert vocabulary is None or all(vocabulary.get(code) for code in place.record[field])
        assert not (place.record["telephone"] or "").startswith("+3363998")
        assert not any(mail.endswith(".invalid") for mail in place.record["courriels"])
    reasons = {issue.reason for place in found for issue in place.issues}
    assert reasons <= {"horaires-non-lus", "courriel-fictif", "telephone-fictif", "url-illisible", "url-interdite"}


def test_the_example_of_0_1() -> None:
    (place,) = rows_of("exemple-valide-v0.1.0.csv")
    record = place.record
    assert record["typologie"] == ["ASSO", "TIERS_LIEUX"]
    assert record["services"] == ["aide-aux-demarches-administratives", "maitrise-des-outils-numeriques-du-quotidien"]
    assert record["publics_specifiquement_adresses"] == ["familles-et-ou-enfants"]
    assert record["prise_en_charge_specifique"] == ["deficience-visuelle"]
    assert record["frais_a_charge"] == ["gratuit-sous-condition", "payant"]
    assert record["dispositif_programmes_nationaux"] == ["france-services"]
    assert record["formations_labels"] == ["sud-labs-paca"]
    assert record["autres_formations_labels"] == ["Nièvre médiation numérique", "APTIC", "Point relais CAF"]
    assert record["modalites_accompagnement"] == ["en-autonomie", "accompagnement-individuel"]
    assert record["courriels"] == ["contact@laquincaillerie.tl"]
    assert len(record["site_web"]) == 2
    assert record["fiche_acces_libre"].startswith("https://acceslibre.beta.gouv.fr/")
    assert place.issues == ()


def test_the_example_of_1_0_2() -> None:
    (place,) = rows_of("exemple-valide-v1.0.2.csv")
    assert place.record["formations_labels"] == ["forme-a-mon-espace-sante", "arnia-mednum-bfc-bourgogne-franche-comte"]
    assert len(place.record["modalites_accompagnement"]) == 4
    assert place.issues == ()


def test_0_1_health_service_is_kept_apart() -> None:
    found = mapped(services="Accompagner les démarches de santé;Créer avec le numérique")
    assert found.record["services"] == ["aide-aux-demarches-administratives", "loisirs-et-creations-numeriques"]
    assert found.record["demarches_sante"] is True
    assert mapped(services="Aide aux démarches administratives").record["demarches_sante"] is None
    assert mapped(services=["numerique--accompagner-les-demarches-de-sante"]).record["demarches_sante"] is True


def test_publics_of_0_1_split_in_two() -> None:
    found = mapped(
        publics_accueillis="Seniors (+ 65 ans);Adultes;Uniquement femmes;Public langues étrangères;"
        "Handicaps psychiques : troubles psychiatriques donnant lieu à des atteintes comportementales;"
        "Personnes en situation d'illettrisme"
    )
    assert found.record["publics_specifiquement_adresses"] == ["seniors", "femmes"]
    psychic = "Handicaps psychiques : troubles psychiatriques donnant lieu à des atteintes comportementales"
    assert found.record["prise_en_charge_specifique"] == ["illettrisme", "langues-etrangeres-autres", psychic]
    assert found.issues == (Issue("prise_en_charge_specifique", "valeur-inconnue", psychic),)


def test_labels_of_0_1_split_in_two() -> None:
    found = mapped(
        labels_nationaux="CNFS;Fabriques de Territoire;French Tech;Label du Hainaut", labels_autres="ORDI 3.0;QPV"
    )
    assert found.record["dispositif_programmes_nationaux"] == ["conseillers-numeriques"]
    assert found.record["formations_labels"] == ["fabriques-de-territoire", "ordi-3-0"]
    assert found.record["autres_formations_labels"] == ["QPV", "French Tech", "Label du Hainaut"]
    assert found.issues == (Issue("autres_formations_labels", "valeur-inconnue", "Label du Hainaut"),)


def test_doing_it_for_the_person_has_no_value_in_1_0_2() -> None:
    text = "A ma place : une personne habilitée fait les démarches à ma place"
    found = mapped(modalites_accompagnement=f"Seul : j'ai accès à du matériel et une connexion;{text}")
    assert found.record["modalites_accompagnement"] == ["en-autonomie", text]
    assert found.issues == (Issue("modalites_accompagnement", "valeur-inconnue", text),)


def test_a_value_in_the_wrong_half_of_a_split_goes_to_the_right_one() -> None:
    found = mapped(publics_specifiquement_adresses="Surdité|Jeunes", formations_labels="Aidants Connect")
    assert found.record["publics_specifiquement_adresses"] == ["jeunes"]
    assert found.record["prise_en_charge_specifique"] == ["surdite"]
    assert found.record["dispositif_programmes_nationaux"] == ["aidants-connect"]
    assert found.issues == ()


@pytest.mark.parametrize(
    "cell, expected",
    [
        ("Payant|Gratuit", ["gratuit", "payant"]),
        ("Payant;Gratuit", ["gratuit", "payant"]),
        ("Payant; gratuit | GRATUIT", ["gratuit", "payant"]),
        ("Payant, Gratuit", ["gratuit", "payant"]),
        (["Payant", ["Gratuit"]], ["gratuit", "payant"]),
        ("foo|Gratuit", ["gratuit", "foo"]),
        ("foo|FOO|Foo ", ["foo"]),
        ('Gratuit,"Agrée Pass Numérique', ['Gratuit,"Agrée Pass Numérique']),
        ("", []),
        (None, []),
        (7, ["7"]),
        ({"a": 1}, []),
    ],
)
def test_lists(cell: Any, expected: list[str]) -> None:
    assert mapped(frais_a_charge=cell).record["frais_a_charge"] == expected


def test_hybrid_columns_add_up() -> None:
    found = mapped(
        frais_a_charge="Gratuit", conditions_access="Adhésion", courriel="j.dupont@x.fr", courriels="contact@x.fr"
    )
    assert found.record["frais_a_charge"] == ["gratuit", "payant"]
    assert found.record["courriels"] == ["contact@x.fr"]
    assert found.record["courriels_nominatifs"] == ["j.dupont@x.fr"]
    assert found.issues == (Issue("courriels", "courriel-nominatif", "…@x.fr"),)


def test_list_items_are_bounded() -> None:
    nested: Any = "x"
    for _ in range(50_000):
        nested = [nested]
    assert list(items(nested)) == ["x"]
    assert len(list(items("a|" * 100_000))) <= 200
    assert len(list(items(["a"] * 100_000))) <= 200


@pytest.mark.parametrize(
    "cell, parts",
    [
        ("France-Services_1819", ("France-Services_1819",)),
        ("B_2__A_1", ("A_1", "B_2")),
        ("Conseiller-Numerique_62|Département_LMN075|Aidants-Connect_1", ("Aidants-Connect_1", "Conseiller-Numerique_62", "Département_LMN075")),
        ("A__A__", ("A",)),
        ("Mednum-BFC_TL_206___dora_1", ("Mednum-BFC_TL_206_", "dora_1")),
        ("  Coop-nume\u0301rique_1 ", ("Coop-numérique_1",)),
        (12, ("12",)),
        (12.0, ("12",)),
    ],
)  # fmt: skip
def test_ids_are_sets_of_parts(cell: Any, parts: tuple[str, ...]) -> None:
    assert mapped(id=cell).parts == parts


@pytest.mark.parametrize(
    "cells, reason, field",
    [
        ({"id": ""}, "id-manquant", "id"),
        ({"id": None}, "id-manquant", "id"),
        ({"id": "__"}, "id-manquant", "id"),
        ({"id": ["a"]}, "id-manquant", "id"),
        ({"id": "é" * 1001}, "id-trop-long", "id"),
        ({"nom": " "}, "nom-manquant", "nom"),
        ({"nom": "-----"}, "nom-manquant", "nom"),
        ({"nom": "<b></b>"}, "nom-manquant", "nom"),
        ({"commune": ""}, "sans-lieu", "commune"),
        ({"commune": None, "latitude": 0, "longitude": 0}, "sans-lieu", "commune"),
    ],
)
def test_rejected(cells: dict[str, Any], reason: str, field: str) -> None:
    with pytest.raises(Rejected) as caught:
        mapped(**cells)
    assert (caught.value.reason, caught.value.field) == (reason, field)


def test_a_postcode_or_a_position_is_a_place() -> None:
    assert mapped(commune=None, code_postal="59100").record["commune"] == "Roubaix"  # nobody else has it
    assert mapped(commune=None, code_postal="38100").record["commune"] == "Grenoble"
    assert mapped(commune=None, code_postal="59242").record["commune"] is None  # several communes share it
    assert mapped(commune=None, latitude=50.6, longitude=3.1).record["latitude"] == 50.6


def test_names_of_drafts_and_columns_of_no_use() -> None:
    found = mapped(
        presentation_resumee="Court", accessibilite="https://acceslibre.beta.gouv.fr/x", structureId="1", cle_ban="2"
    )
    assert found.record["presentation_resume"] == "Court"
    assert found.record["fiche_acces_libre"] == "https://acceslibre.beta.gouv.fr/x"
    assert found.issues == ()


def test_hours() -> None:
    found = mapped(horaires="Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00")
    assert found.record["horaires"] == "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00"
    assert found.record["horaires_texte"] is None
    found = mapped(horaires="Du lundi au vendredi de 9h à 12h")
    assert found.record["horaires"] == "Mo-Fr 09:00-12:00"
    assert found.record["horaires_texte"] == "Du lundi au vendredi de 9h à 12h"
    found = mapped(horaires="selon les semaines; sur rendez-vous | voir le site")
    assert found.record["horaires"] is None
    assert found.record["horaires_texte"] == "selon les semaines; sur rendez-vous | voir le site"
    assert [(issue.field, issue.reason) for issue in found.issues] == [("horaires", "horaires-non-lus")]
    assert mapped(horaires="").record["horaires_texte"] is None


HOSTILE = st.sampled_from(["\ud800", "\0", "é" * 140_000, "<script" * 20_000, "\n" * 140_000, "|" * 140_000])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), HOSTILE)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)
COLUMNS = st.sampled_from((*columns.FIELDS, *columns.ALIASES, *columns.SPLIT, "structureId", "autre"))


@given(st.dictionaries(COLUMNS, ANYTHING, max_size=12), st.booleans())
def test_arbitrary_values_are_mapped_or_rejected(cells: dict[str, Any], sound: bool) -> None:
    try:
        found = map_row({**cells, **PLACE} if sound else cells, today=TODAY)
    except Rejected:
        return
    assert set(found.record) == set(columns.FIELDS) - {"id"} | EXTRA
    assert found.parts
    for issue in found.issues:
        assert issue.field in columns.FIELDS
        assert len(issue.value) <= 500
    for field in (*LIST_FIELDS, "courriels", "site_web", "courriels_nominatifs"):
        assert all(isinstance(value, str) and value for value in found.record[field])
    for name, value in found.record.items():
        assert value is None or isinstance(value, list | float | bool | str)
        assert not isinstance(value, str) or value.encode(), name


@pytest.mark.parametrize(
    "cell",
    [10**5000, -(10**5000), 1e308, float("inf"), "9" * 5000, [[10**5000]]],
    ids=["huge", "minus-huge", "float", "inf", "digits", "nested"],
)
@pytest.mark.parametrize("column", sorted({*columns.FIELDS, *columns.SPLIT} - {"id", "nom", "commune"}))
def test_numbers_without_end_are_no_value(column: str, cell: Any) -> None:
    assert mapped(**{column: cell}).parts == ("A_1",)


def test_a_person_s_address_in_any_text_is_masked_and_reported() -> None:
    people, service = "marie.dupont@gmail.com", "accueil@ccas.fr"
    found = mapped(
        presentation_detail=f"Écrire à {people} ou à {service}", horaires=f"voir avec {people}", services=people
    )
    assert people not in str(found.record)
    assert service in found.record["presentation_detail"]
    assert {issue.field for issue in found.issues if issue.reason == "courriel-nominatif"} == {
        "presentation_detail", "horaires_texte", "services",
    }  # fmt: skip
    assert people not in str(found.issues)
