"""Rules that mend: total, idempotent, inventing nothing, silent about what is clean; and each with a sentence."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importers.cartographie.mapping import Rejected, map_row
from importers.cleaning import codes, places, reach, texts
from importers.cleaning.rules import MAX_SHOWN, repairs
from importers.cleaning.words import SENTENCES, sentence
from reseau.core import contacts, hours_fixes, hours_tokens

TODAY = date(2026, 11, 24)
DIRT = st.text(st.sampled_from("aéÃ©Ââ€™<>&;ampl#38; \n\t\x92\x00╢²\u200b0123456789@.,:/+-()|") , max_size=60)  # fmt: skip
CELL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=80), DIRT, st.lists(DIRT, max_size=3),
    st.dictionaries(DIRT, DIRT, max_size=2),
)  # fmt: skip


@given(CELL)
@example("&amp;amp;amp;amp;lt;b&amp;gt;RÃƒÂ©")
@example("&#38;#38;#38;#60;b>")
@example("Ã" + "Â©" * 40)
def test_texts_are_total_and_idempotent(cell: Any) -> None:
    for read in (texts.line, texts.paragraphs):
        once = read(cell)
        assert once.reason is None
        again = read(once.value)
        assert again.value == once.value
        assert again.steps == ()  # what is clean is left alone
    line = texts.line(cell).value
    assert line is None or ("\n" not in line and len(line) <= 255 and line == line.strip())


@given(DIRT)
def test_letters_of_a_text_come_from_it(raw: str) -> None:
    """Nothing is invented: without entities and codings that went wrong, each letter was there."""
    if not set(raw).isdisjoint("&Ãâ\x92╢Â"):
        return
    line = texts.line(raw).value or ""
    assert set(line) <= set(unicodedata.normalize("NFC", raw)) | {" "}


@given(CELL)
@example("null null 00 null rue")
@example("00 null, , ;")
@example("59100 59200 cedex cedex 12")
def test_places_are_total_and_idempotent(cell: Any) -> None:
    street = places.address(cell)
    assert places.address(street.value) == street._replace(steps=())
    name, carried = places.commune(cell)
    assert carried is None or (len(carried) == 5 and carried.isdecimal())
    if name.value and not name.value[:1].isdecimal():
        assert places.commune(name.value).name.value == name.value


@given(CELL)
def test_codes_are_total_idempotent_and_derived(cell: Any) -> None:
    for read in (codes.postcode, codes.insee, codes.pivot):
        once = read(cell)
        assert once.value is None or read(once.value) == (once.value, None, ())
        if once.value:
            digits = "".join(c for c in str(cell) if c.isdecimal())
            assert "".join(c for c in once.value if c.isdecimal()).lstrip("0") in digits.lstrip("0") or not digits
    day = codes.day(cell, TODAY)
    assert day.value is None or codes.day(day.value, TODAY) == (day.value, None, ())


@given(st.text(st.sampled_from("0123456789+()./ -posteP;ou|"), max_size=40), st.sampled_from([None, "NC", "PF", "RE"]))
def test_phones_are_derived(raw: str, region: str | None) -> None:
    found = reach.phone(raw, region)
    if found.values:
        (value,) = found.values
        digits = "".join(c for c in raw if c.isdecimal())
        national = value.removeprefix("+33").removeprefix("+687").removeprefix("+689")
        assert national in digits or value.lstrip("+") in digits
        again = reach.phone(value, region)
        assert (again.values, again.steps) == ([value], [])


@given(st.dictionaries(st.sampled_from(["nom", "commune", "code_postal", "adresse", "code_insee"]), CELL))
def test_a_row_cleaned_twice_is_cleaned_once(row: dict[str, Any]) -> None:
    base = {"id": "A_1", "nom": "Lieu", "latitude": "50.6", "longitude": "3.1"}
    try:
        first = map_row({**base, **row}, today=TODAY)
    except Rejected:
        return
    fields = ("nom", "commune", "code_postal", "adresse", "code_insee")
    again = map_row({**base, **{name: first.record[name] for name in fields}}, today=TODAY)
    assert {name: again.record[name] for name in fields} == {name: first.record[name] for name in fields}


def test_a_clean_row_is_not_touched() -> None:
    row = {
        "id": "A_1", "nom": "Médiathèque", "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512",
        "adresse": "2 Rue Pierre Motte", "telephone": "+33320665150", "courriels": "contact@mediathequederoubaix.fr",
        "site_web": "https://www.mediathequederoubaix.fr", "horaires": "Tu-Sa 10:00-18:00", "date_maj": "2026-01-02",
        "pivot": "26590512500018", "latitude": "50.690383", "longitude": "3.192008", "services": "Accès internet et matériel informatique",
    }  # fmt: skip
    found = map_row(row, today=TODAY)
    assert (found.repairs, found.issues) == ((), ())


def test_each_change_says_before_and_after() -> None:
    found = map_row(
        {"id": "A", "nom": "Lieu", "commune": "ROUBAIX", "adresse": "null Grande Rue", "telephone": "475582913",
         "code_postal": 59100.0, "courriels": "Jean.Dupont[a]x.fr|courriel : Accueil@x.fr"},
        today=TODAY,
    )  # fmt: skip
    assert list(found.repairs) == [
        {"rule": "point-zero", "field": "code_postal", "before": "59100.0", "after": "59100"},
        {"rule": "prefixe-vide", "field": "adresse", "before": "null Grande Rue", "after": "Grande Rue"},
        {"rule": "commune-reconnue", "field": "code_insee", "before": "59100 ROUBAIX", "after": "59512"},
        {"rule": "nom-officiel", "field": "commune", "before": "ROUBAIX", "after": "Roubaix"},
        {"rule": "zero-perdu", "field": "telephone", "before": "475582913", "after": "0475582913"},
        {"rule": "arobase-cachee", "field": "courriels", "before": "…", "after": "…@x.fr"},
        {"rule": "casse", "field": "courriels", "before": "…", "after": "…@x.fr"},
        {"rule": "libelle", "field": "courriels", "before": "courriel : Accueil@x.fr", "after": "Accueil@x.fr"},
        {"rule": "casse", "field": "courriels", "before": "Accueil@x.fr", "after": "accueil@x.fr"},
    ]


def test_addresses_of_people_are_masked_and_long_texts_cut() -> None:
    (one,) = repairs("presentation_resume", [("html", "jean.dupont@x.fr " + "x" * 900, "jean.dupont@x.fr")])
    assert one["before"].startswith("… xxx")
    assert len(one["before"]) == MAX_SHOWN
    assert one["after"] == "…"


@pytest.mark.parametrize(
    ("raw", "region", "value", "others"),
    [
        ("0450950700 Poste 152", None, "+33450950700", []),
        ("0473658950/0473761294", None, "+33473658950", ["+33473761294"]),
        ("03 20 81 57 57 ou 3646", None, "+33320815757", []),  # a short number is no other line of the place
        ("3960 (Service 0,06 € / mn + prix appel)", None, "3960", []),
        ("25 00 00", "NC", "+687250000", []),
        ("687 25 00 00", "NC", "+687250000", []),
        ("40 41 42 43", "PF", "+68940414243", []),
        ("41 24 10", "PM", "+508412410", []),
        ("25 00 00", None, None, []),
        ("0262 90 12 34", "RE", "+262262901234", []),
    ],
)
def test_phones(raw: str, region: str | None, value: str | None, others: list[str]) -> None:
    found = reach.phone(raw, region)
    assert (found.values[0] if found.values else None) == value
    assert [raw for reason, raw in found.problems if reason == "telephone-autre"] == others


def test_regions_by_the_commune_or_the_postcode() -> None:
    assert places.region("98818", None) == "NC"
    assert places.region(None, "98713") == "PF"
    assert places.region("59512", "59100") is None
    found = map_row({"id": "A", "nom": "B", "commune": "Nouméa", "code_postal": "98800", "telephone": "25 00 00"})
    assert found.record["telephone"] == "+687250000"


def test_a_name_that_is_no_place_is_reported() -> None:
    found = map_row({"id": "A", "nom": "Wifi", "commune": "Roubaix"})
    assert found.record["nom"] == "Wifi"
    assert [(issue.field, issue.reason) for issue in found.issues] == [("nom", "nom-sans-lieu")]


def test_every_rule_has_a_sentence() -> None:
    fixes = [*hours_fixes.CHARACTER_FIXES, *hours_fixes.OSM_FIXES, *hours_tokens.FRENCH_FIXES]
    named = {f"horaires-{name}" for name, _ in fixes} | {"horaires-french", "valeur-deplacee", "id-de-remplacement"}
    for rules in (
        texts._line_rules(texts.MAX_LINE), texts.PARAGRAPH_RULES, codes.POSTCODE_RULES, codes.INSEE_RULES, codes.PIVOT_RULES,
        places.ADDRESS_RULES, places.COMMUNE_RULES, contacts._PHONE_RULES, contacts._NUMBER_RULES,
        contacts._LOCAL_RULES, contacts._EMAIL_RULES, contacts._URL_RULES,
    ):  # fmt: skip
        named |= {rule.name for rule in rules}
    assert named <= set(SENTENCES)
    assert all(words.endswith(".") and words[:1] in "«" + words[:1].upper() for words in SENTENCES.values())
    assert sentence("regle-inconnue") == "regle-inconnue"


@pytest.mark.parametrize("raw", ["a" * 200, "é a" * 80 + "\u00a0b", "mot " * 50])
def test_a_line_is_never_longer_than_its_cap(raw: str) -> None:
    for cap in (1, 150, 199):
        assert len(texts.line(raw, cap).value) <= cap
    assert texts.line("a" * 150, 150) == ("a" * 150, None, ())
