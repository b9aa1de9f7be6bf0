"""Contacts: every dirty value met in the registers, and what must never come out."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.core.contacts import clean_emails, clean_phone, clean_urls, is_nominative

DATA = Path(__file__).parents[1] / "data"
with (DATA / "dirt-hours-contact.csv").open(encoding="utf-8", newline="") as _file:
    DIRT = [row for row in csv.DictReader(_file) if row["champ"] in ("telephone", "courriel", "site_web")]

# Where the national converter is not followed: a number that nobody knows instead of the one on the leaflet, a
# guess of which word was the address, an accented host called wrong, brackets that need no code.
DISAGREEMENTS = {
    "3960 (Service 0,06 € / mn + prix appel)": "3960",
    "39 60": "3960",
    "3230": "3230",
    "aifpplaine centrale@ml94.reseau-idf.org": "",
    "http://www.paciBouche-du-Rhône.com": "http://www.pacibouche-du-rhône.com",
    "https://www.apis-ingénierie.fr": "https://www.apis-ingénierie.fr",
    "http://www.ville-leguevin.fr/maison_des_quartiers%20(2).aspx": "http://www.ville-leguevin.fr/maison_des_quartiers%20(2).aspx",
}


@pytest.mark.parametrize("row", DIRT, ids=lambda row: f"{row['champ']} {row['valeur_sale']!r}")
def test_dirty_values_of_the_national_converter(row: dict[str, str]) -> None:
    dirty = row["valeur_sale"]
    expected = DISAGREEMENTS.get(dirty, row["attendu_mednum_cli"])
    if row["champ"] == "telephone":
        assert (clean_phone(dirty).value or "") == expected
    else:
        clean = clean_emails if row["champ"] == "courriel" else clean_urls
        assert "|".join(part.value for part in clean(dirty) if part.value) == expected


@pytest.mark.parametrize(
    "raw, value, reason",
    [
        ("475582913", "+33475582913", None),
        (475582913, "+33475582913", None),
        (475582913.0, "+33475582913", None),
        ("0473658950/0761294745", "+33473658950", None),
        ("+33(0)450336550", "+33450336550", None),
        ("+33 (0)3 20 81 57 57", "+33320815757", None),
        ("0033320815757", "+33320815757", None),
        ("06/12/34/56/78", "+33612345678", None),
        ("3646", "3646", None),
        ("36 46", "3646", None),
        ("116 117", "116117", None),
        ("0262 90 12 34", "+262262901234", None),
        ("0692123456", "+262692123456", None),
        ("0590 82 12 34", "+590590821234", None),
        ("+687250000", "+687250000", None),
        ("accueil", None, "telephone-illisible"),
        ("9999", None, "telephone-illisible"),
        ("+32 2 555 12 34", None, "telephone-etranger"),
        ("+33639980011", None, "telephone-fictif"),
        ("06 39 98 00 11", None, "telephone-fictif"),
        ("01 99 00 12 34", None, "telephone-fictif"),
        ("0261911234", None, "telephone-fictif"),
        ("0353011234", None, "telephone-fictif"),
        ("0465711234", None, "telephone-fictif"),
        ("0536491234", None, "telephone-fictif"),
        ("06 39 98 00 11 / 03 20 81 57 57", "+33320815757", None),
        ("", None, None),
        ("-----", None, None),
        (None, None, None),
        (True, None, None),
        (["0320815757"], None, None),
        (10**5000, None, None),
    ],
    ids=lambda value: repr(value)[:40] if not isinstance(value, int) else "int",
)
def test_phone(raw: object, value: str | None, reason: str | None) -> None:
    cleaned = clean_phone(raw)
    assert (cleaned.value, cleaned.reason) == (value, reason)


def test_a_repair_says_its_name() -> None:
    assert clean_phone("+33(0)450336550").rules == ("zero-optionnel",)
    assert clean_phone("475582913").rules == ("zero-perdu",)
    assert clean_urls("https//:ajdmonde.fr")[0].rules == ("deux-points-deplaces",)
    assert clean_emails("accueil[a]x.fr")[0].rules == ("arobase-cachee",)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("contact@x.invalid", [(None, "courriel-fictif")]),
        ("contact@mail.example", [(None, "courriel-fictif")]),
        ("contact@example.org", [(None, "courriel-fictif")]),
        ("contact@x.test|mairie@roubaix.fr", [(None, "courriel-fictif"), ("mairie@roubaix.fr", None)]),
        ("Mairie@Roubaix.FR, mairie@roubaix.fr", [("mairie@roubaix.fr", None)]),
        ("jean.dupont@roubaix.fr", [("jean.dupont@roubaix.fr", "courriel-nominatif")]),
        ("javascript:alert(1)@x", [(None, "courriel-illisible")]),
        ("a@b@c.fr", [(None, "courriel-illisible")]),
        ("contact@mairie www.mairie.fr", [(None, "courriel-illisible")]),
        ("x" * 300 + "@x.fr", [(None, "courriel-illisible")]),
        (None, []),
        (12.5, [(None, "courriel-illisible")]),
    ],
)
def test_emails(raw: object, expected: list[tuple[str | None, str | None]]) -> None:
    assert [(part.value, part.reason) for part in clean_emails(raw)] == expected


@pytest.mark.parametrize(
    "email",
    [
        "jean.dupont@x.fr",
        "jean-pierre.dupont@x.fr",
        "dupont.fatima@x.fr",
        "f.benali@x.fr",
        "m-dupont@x.fr",
        "Zoé.Martin@x.fr",
        "mohamed_b@x.fr",
        "camille@x.fr",
        "camille2@x.fr",
        "jean.dupont.cnfs@x.fr",
    ],
)
def test_a_person(email: str) -> None:
    assert is_nominative(email)


@pytest.mark.parametrize(
    "email",
    [
        "contact@x.fr",
        "accueil3.csrsfives@x.fr",
        "mairie.n-s-e@x.fr",
        "ccas@x.fr",
        "roubaix-epeule@france-services.gouv.fr",
        "avesnois.franceservices@x.fr",
        "en.mds@x.fr",
        "s.mediatheque@x.fr",
        "mediatheque.michel.berger@x.fr",
        "bibliotheque.ste.marie.kerque@x.fr",
        "espace_nelson_mandela@x.fr",
        "st-andre-lez-lille@x.fr",
        "france.services@x.fr",
        "lille@x.fr",
        "arras.pimms@x.fr",
        "@x.fr",
        "",
    ],
)
def test_not_a_person(email: str) -> None:
    assert not is_nominative(email)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("http:morinie.reseaubibli.fr/", [("http://morinie.reseaubibli.fr/", None)]),
        ("www.roubaix.fr", [("http://www.roubaix.fr", None)]),
        ("https://a.fr?u=https://b.fr", [("https://a.fr?u=https://b.fr", None)]),
        ("https://web.archive.org/web/2020/https://a.fr", [("https://web.archive.org/web/2020/https://a.fr", None)]),
        ("https://x.fr, https://y.fr", [("https://x.fr", None), ("https://y.fr", None)]),
        ("https://x.fr|https://x.fr", [("https://x.fr", None)]),
        ("http://|https://", []),
        ("javascript:alert(1)", [(None, "url-interdite")]),
        ("JaVaScRiPt:alert(document.domain)//http://x.fr", [(None, "url-interdite"), ("http://x.fr", None)]),
        ("data:text/html,<script>", [(None, "url-interdite")]),
        ("ftp://x.fr", [(None, "url-interdite")]),
        ("https://user:secret@x.fr", [(None, "url-interdite")]),
        ("http://localhost/", [(None, "url-illisible")]),
        ("http://127.0.0.1/", [(None, "url-illisible")]),
        ("http://[::1]/", [(None, "url-illisible")]),
        ("http://x.fr:99999/", [(None, "url-illisible")]),
        ('http://x.fr/"onmouseover="x', [("http://x.fr/onmouseover=x", None)]),
        ("http://x.fr/<script>", [(None, "url-illisible")]),
        ("https://site.example/", [(None, "url-fictive")]),
        (None, []),
    ],
)
def test_urls(raw: object, expected: list[tuple[str | None, str | None]]) -> None:
    assert [(part.value, part.reason) for part in clean_urls(raw)] == expected


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()))
CONTACTS = st.text(alphabet="0123456789+() ./-;|@abc:w\n,éhttps", max_size=60)


@given(st.one_of(ANYTHING, CONTACTS))
def test_a_phone_is_valid_or_nothing(raw: object) -> None:
    value = clean_phone(raw).value
    if value is not None and value.startswith("+"):
        assert phonenumbers.is_valid_number(phonenumbers.parse(value))
    else:
        assert value is None or re.fullmatch(r"[13]\d{1,5}", value)
    if value is not None:
        assert clean_phone(value).value == value


@given(st.one_of(ANYTHING, CONTACTS))
def test_addresses_and_links_are_sound_or_nothing(raw: object) -> None:
    for part in clean_emails(raw):
        assert part.value is None or re.fullmatch(r"[^\s@<>\"]+@[a-z0-9.-]+\.[a-z]+", part.value)
        assert part.value is None or clean_emails(part.value)[0].value == part.value
    for part in clean_urls(raw):
        assert part.value is None or re.match(r"https?://[^\s<>\"/]+\.", part.value)
