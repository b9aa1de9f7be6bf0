"""The vocabularies are data: what is checked is that the data is sound, and that reading it is forgiving."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.core.vocabularies import LANGUAGES, Term, _index, fold, for_field, names, vocabulary
from reseau.core.vocabularies.deductions import deduce_demarches, deductions

DATA = Path(__file__).parents[1] / "data"
#: Their codes are those of Les Bases, not slugs of labels.
OF_LES_BASES = ("themes", "publics_ressources", "supports", "licences")
TERMS = [(name, term) for name in names() for term in vocabulary(name).terms]
NATIONAL = {
    "services": ("services", 9),
    "publics": ("publics_specifiquement_adresses", 5),
    "prises_en_charge": ("prise_en_charge_specifique", 7),
    "frais": ("frais_a_charge", 3),
    "programmes": ("dispositif_programmes_nationaux", 11),
    "labels": ("formations_labels", 10),
    "itinerances": ("itinerance", 2),
    "modalites_acces": ("modalites_acces", 6),
    "modalites_accompagnement": ("modalites_accompagnement", 4),
}


def schema_pattern(version: str, field: str) -> set[str]:
    """The values of a field of the published schema, from its regular expression."""
    schema = json.loads((DATA / f"schema-v{version}.json").read_text(encoding="utf-8"))
    pattern = next(f["constraints"]["pattern"] for f in schema["fields"] if f["name"] == field)
    inner = pattern.split(")(", 1)[1].removesuffix(")+$").removesuffix(")")
    return {re.sub(r"\\(.)", r"\1", value) for value in inner.split("|")}


@pytest.mark.parametrize("name, term", TERMS, ids=lambda value: getattr(value, "code", value))
def test_every_term_has_a_label_in_every_language(name: str, term: Term) -> None:
    assert all(term.labels[lang].strip() for lang in LANGUAGES)
    assert re.search(r"[\u0600-\u06ff]", term.labels["ar"]) or term.labels["ar"] == term.labels["fr"]


@pytest.mark.parametrize("name, term", TERMS, ids=lambda value: getattr(value, "code", value))
def test_every_spelling_finds_its_term_and_no_other(name: str, term: Term) -> None:
    found = vocabulary(name)
    for spelling in term.spellings():
        assert found.find(spelling) is term
        assert found.find(f"  {spelling.upper()} ;") is term
        assert found.find(spelling.replace("'", "’").replace(" ", "\u00a0")) is term
    assert found.get(term.code) is term
    assert found.terms[found.position(term.code)] is term


@pytest.mark.parametrize("name", [n for n in names() if n not in ("typologies", "demarches", *OF_LES_BASES)])
def test_a_code_is_the_slug_of_its_national_label(name: str) -> None:
    assert [term.code for term in vocabulary(name).terms] == [
        fold(term.national).replace(" ", "-") for term in vocabulary(name).terms
    ]


@pytest.mark.parametrize("name", NATIONAL)
def test_the_values_are_exactly_those_of_the_published_schema(name: str) -> None:
    field, count = NATIONAL[name]
    published = schema_pattern("1.0.2", field)
    ours = {term.national for term in vocabulary(name).terms}
    assert len(ours) == count
    # The pattern of 1.0.2 forgets the space of the label that its own description gives.
    assert {value.replace("numériques(La", "numériques (La") for value in published} == ours
    assert all(vocabulary(name).find(value) for value in published)


@pytest.mark.parametrize(
    "field, old, unmapped",
    [
        ("services", "services", set()),
        ("frais_a_charge", "conditions_acces", set()),
        ("modalites_accompagnement", "modalites_accompagnement", {"A ma place"}),
    ],
)
def test_every_value_of_0_1_is_read(field: str, old: str, unmapped: set[str]) -> None:
    found = for_field(field)
    assert found is not None
    unread = {value for value in schema_pattern("0.1.0", old) if found.find(value) is None}
    assert {value.split(" :")[0] for value in unread} == unmapped


def test_for_field_knows_the_fields_of_the_standard_and_no_free_one() -> None:
    for name, (field, _) in NATIONAL.items():
        assert for_field(field) is vocabulary(name)
    assert for_field("typologie") is vocabulary("typologies")
    assert for_field("autres_formations_labels") is None
    assert for_field("nom") is None


def test_an_unknown_vocabulary_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        vocabulary("../secrets")


def test_two_terms_cannot_claim_one_spelling() -> None:
    labels = dict.fromkeys(LANGUAGES, "x")
    with pytest.raises(ValueError, match="means a and b"):
        _index("test", (Term("a", "A", {**labels, "ar": "y"}), Term("b", "a", labels)))


@pytest.mark.parametrize(
    "field, text, code",
    [
        ("dispositif_programmes_nationaux", "CNFS", "conseillers-numeriques"),
        ("dispositif_programmes_nationaux", "Conseiller numérique", "conseillers-numeriques"),
        ("dispositif_programmes_nationaux", "Point d’accès numérique CAF", "point-d-acces-numerique-caf"),
        ("formations_labels", "Étapes numériques(La Poste)", "etapes-numeriques-la-poste"),
        ("formations_labels", 'Formé à "Mon espace santé"', "forme-a-mon-espace-sante"),
        ("typologie", "PE", "FT"),
        ("typologie", "Centre social", "CS"),
        ("services", "Comprehension du monde numérique", "comprehension-du-monde-numerique"),
        ("services", "numerique--prendre-en-main-un-ordinateur", "maitrise-des-outils-numeriques-du-quotidien"),
        ("frais_a_charge", "Adhésion", "payant"),
        ("modalites_acces", "Ce lieu n’accueille pas de public", "ce-lieu-n-accueille-pas-de-public"),
    ],
)
def test_usual_spellings(field: str, text: str, code: str) -> None:
    found = for_field(field)
    assert found is not None
    term = found.find(text)
    assert term is not None
    assert term.code == code


def test_what_is_not_the_same_thing_is_not_found() -> None:
    assert vocabulary("prises_en_charge").find("Handicaps psychiques : troubles psychiatriques") is None
    assert vocabulary("modalites_accompagnement").find("A ma place") is None
    assert vocabulary("programmes").find("Point relais CAF") is None
    assert vocabulary("publics").find("Adultes") is None
    assert vocabulary("publics").is_neutral("Tout  public.")
    assert not vocabulary("publics").is_neutral("Jeunes")


def test_label_falls_back_to_french() -> None:
    term = vocabulary("demarches").get("ameli")
    assert term is not None
    assert term.label("de") == term.label("fr")
    assert term.label("ar-MA") == term.labels["ar"]
    assert term.label("fr-x-falc") == term.labels["fr"]


def test_languages_not_reviewed_say_so() -> None:
    assert all(vocabulary(name).reviewed == {"en": False, "ar": False} for name in names())


@given(st.text())
def test_find_never_fails(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    for name in names():
        found = vocabulary(name).find(text)
        assert found is None or fold(text) in {fold(spelling) for spelling in found.spellings()}


@pytest.mark.parametrize(
    "record, expected",
    [
        ({"typologie": ["CPAM"]}, (("ameli", "typologie"),)),
        ({"nom": "CPAM de Roubaix-Tourcoing"}, (("ameli", "nom"),)),
        ({"nom": "CAISSE PRIMAIRE D’ASSURANCE MALADIE"}, (("ameli", "nom"),)),
        ({"nom": "M.D.P.H. du Nord"}, ()),
        ({"nom": "MDPH du Nord", "typologie": ["MDPH"]}, (("mdph-aah", "typologie"),)),
        ({"formations_labels": ["forme-a-mon-espace-sante"]}, (("mon-espace-sante", "formations_labels"),)),
        (
            {"formations_labels": ["forme-a-mon-espace-sante"], "nom": "CPAM"},
            (("mon-espace-sante", "formations_labels"), ("ameli", "nom")),
        ),
        ({"nom": "CPAMélie, coiffure"}, ()),
        ({"nom": "France services (partenaire de la CPAM)", "typologie": ["RFS"]}, ()),
        ({"nom": None, "typologie": None, "formations_labels": []}, ()),
        ({}, ()),
    ],
)
def test_deductions(record: dict[str, object], expected: tuple[tuple[str, str], ...]) -> None:
    assert deduce_demarches(record) == expected


def test_deductions_speak_of_codes_that_exist() -> None:
    for rule in deductions():
        found = for_field(rule.field)
        assert rule.code is None or (found is not None and found.get(rule.code))
