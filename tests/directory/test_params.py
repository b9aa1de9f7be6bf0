"""The parameters of ``/annuaire``: whatever they hold, the page answers, and says what it did not use."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reseau.core.communes import communes
from reseau.directory import params
from reseau.directory.params import FILTERS, SORTS, Criteria, codes, find_commune, read
from tests.directory.site import Page, Site

LONG = "é" * 100_000
SENSELESS = [
    ("page", "0"), ("page", "-1"), ("page", "x"), ("page", "1e9"), ("page", "٣"), ("page", "1.5"), ("page", "10001"),
    ("page", "77"), ("page", "9" * 5000),
    ("lat", "nan"), ("lat", "inf"), ("lat", "-inf"), ("lat", "1e400"), ("lat", "90.01"), ("lat", "nord"), ("lat", "0x32"),
    ("lon", "nan"), ("lon", "-180.5"), ("lat", "50.69"), ("lon", "3.17"),
    ("rayon", "5"), ("rayon", "nan"), ("rayon", "-1"), ("rayon", "0"), ("rayon", "1e400"), ("rayon", "201"),
    ("tri", "distance"), ("commune", "59999"), ("commune", "00000"), ("commune", "Xoubaixxy"), ("commune", "'; DROP TABLE structure; --"),
    ("commune", "روبيه"), ("commune", "-----"), ("commune", LONG),
    ("tri", "prix"), ("tri", "NOM"), ("ouvert", "jamais"), ("ouvert", "true"), ("frais", "cher"), ("rdv", "1"),
    ("service", "nope"), ("demarche", "ameli;mdph-aah"), ("public", "{{7*7}}"), ("prise_en_charge", "%"),
    ("programme", "⚠"), ("label", LONG), ("modalite", "a_distance' OR 1=1"), ("q", "mot " * 25_000),
]  # fmt: skip


def ids(value: object) -> str:
    return str(value)[:20]


@pytest.mark.parametrize(("name", "value"), SENSELESS, ids=ids)
def test_what_makes_no_sense_is_ignored_and_said(roubaix_site: Site, name: str, value: str) -> None:
    query = f"{name}={quote(value)}"
    answer = roubaix_site.app.get(f"/annuaire.json?{query}").json
    (said,) = answer["ignores"]
    assert said["parametre"] == name
    assert 0 < len(said["valeur"]) <= 60, "the page does not grow with the address"
    if name != "q":
        assert answer["total"] == 39, "as if it had not been asked"
        assert answer["page"] == 1
    for path in ("/annuaire", "/annuaire/carte"):
        page = Page(roubaix_site.app.get(f"{path}?{query}").text)
        assert page.notes


@pytest.mark.parametrize("name", ["q", "commune", "lat", "lon", "rayon", "tri", "page", *FILTERS])
def test_an_empty_value_is_as_good_as_none(roubaix_site: Site, name: str) -> None:
    for value in ("", "%20", "%00", "%09%0A"):
        answer = roubaix_site.app.get(f"/annuaire.json?{name}={value}").json
        assert (answer["total"], answer["ignores"]) == (39, [])


@pytest.mark.parametrize("name", ["q", "commune", "tri", "page"])
def test_a_single_value_given_twice_counts_once_and_the_other_is_named(roubaix_site: Site, name: str) -> None:
    first, second = {"q": ("ccas", "caf"), "commune": ("Roubaix", "Lille"), "tri": ("nom", "date"), "page": ("2", "1")}[
        name
    ]
    answer = roubaix_site.json((name, first), (name, second))
    once = roubaix_site.json((name, first))
    assert answer["ignores"] == [{"parametre": name, "valeur": second}]
    assert [item["id"] for item in answer["items"]] == [item["id"] for item in once["items"]]


def test_half_a_position_is_no_position(roubaix_site: Site) -> None:
    for query in ("lat=50.69", "lon=3.17", "lat=50.69&lon=x", "lat=nan&lon=3.17"):
        answer = roubaix_site.app.get(f"/annuaire.json?{query}&tri=distance").json
        assert {said["parametre"] for said in answer["ignores"]} >= {part.split("=")[0] for part in query.split("&")}
        assert all(item["distance_m"] is None for item in answer["items"])


def test_a_value_of_a_list_that_is_unknown_does_not_cost_the_known_ones(roubaix_site: Site) -> None:
    alone = roubaix_site.json(("service", "acces-internet-et-materiel-informatique"))
    mixed = roubaix_site.json(
        ("service", "nope"), ("service", "acces-internet-et-materiel-informatique"), ("service", "")
    )
    assert 0 < alone["total"] < 39
    assert mixed["total"] == alone["total"]
    assert mixed["ignores"] == [{"parametre": "service", "valeur": "nope"}]


def test_a_label_instead_of_a_code_means_the_code(roubaix_site: Site) -> None:
    by_code = roubaix_site.json(("programme", "conseillers-numeriques"))
    for label in ("Conseillers numériques", "CONSEILLERS NUMERIQUES"):
        assert roubaix_site.json(("programme", label)) == by_code


@pytest.mark.parametrize("text", ["59512", "59100", "Roubaix", "ROUBAIX", "roubaix ", "59100 Roubaix", "Roubaix 59100", "Roubaix (59100)"])  # fmt: skip
def test_every_way_to_write_a_commune(roubaix_site: Site, text: str) -> None:
    answer = roubaix_site.json(commune=text)
    assert (answer["total"], answer["ignores"]) == (39, [])


def test_another_commune_gives_nothing_and_the_page_says_what_to_do(roubaix_site: Site) -> None:
    page = Page(roubaix_site.app.get("/annuaire?commune=59599").text)
    assert page.text_of(".no-results")
    assert "Tourcoing" in page.text


def test_a_name_that_several_communes_have_means_all_of_them(make_site, tmp_path) -> None:
    from tests.directory.site import row

    site = make_site("sqlite")
    there = [("93066", "93200"), ("97411", "97400"), ("30247", "30500")]
    rows = [row(code, commune="Saint-Denis", code_insee=code, code_postal=post) for code, post in there]
    site.add(*rows, row("R"), path=tmp_path / "f.csv")
    assert site.json(commune="Saint-Denis")["total"] == 3
    assert site.json(commune="st denis")["total"] == 3
    assert [item["code_insee"] for item in site.json(commune="93200 Saint-Denis")["items"]] == ["93066"]
    assert [item["code_insee"] for item in site.json(commune="97400")["items"]] == ["97411"]


def test_one_bad_byte_does_not_lose_the_other_parameters(roubaix_site: Site) -> None:
    answer = roubaix_site.app.get(
        "/annuaire.json?commune=59512&service=acces-internet-et-materiel-informatique&q=%ff"
    ).json
    assert answer["total"] == 28
    assert [ignored["parametre"] for ignored in answer["ignores"]] == ["q"]


def test_bytes_that_are_not_utf8_do_no_harm(roubaix_site: Site) -> None:
    for query in ("q=%ff", "q=%ED%A0%80", "%ff=1", "commune=%C3"):
        answer = roubaix_site.app.get(f"/annuaire.json?{query}").json
        assert answer["total"] == 39
        assert answer["ignores"] or query.startswith("%ff"), "a parameter of ours that was not understood is said"
        roubaix_site.app.get(f"/annuaire?{query}")


@pytest.mark.parametrize("path", ["/annuaire", "/annuaire.json", "/annuaire/carte", "/annuaire/carte.json", "/annuaire/imprimer", "/annuaire/suggestions.json"])  # fmt: skip
def test_a_hostile_address_is_a_page_like_any_other(roubaix_site: Site, path: str) -> None:
    everything = "&".join(f"{name}={quote(value[:3000])}" for name, value in SENSELESS)
    for query in (
        everything,
        "q=" + quote("\x00<script>alert(1)</script>‮"),
        "&&&=;=&",
        "q[]=1&page[]=2",
        f"{'a' * 9000}=1",
    ):
        roubaix_site.app.get(f"{path}?{query}", status=200)


def test_what_was_not_understood_is_shown_as_text(roubaix_site: Site) -> None:
    for name in ("page", "tri", "commune", "service", "q"):
        answer = roubaix_site.app.get(f"/annuaire?{name}={quote('<script>alert(1)</script>')}")
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text


# --- there and back ---------------------------------------------------------------------------------------

places = st.sampled_from(["59512", "59100", "Roubaix", "59100 Roubaix", "Saint-Denis", "2A004", "Lille"])
numbers = st.one_of(
    st.floats().map(str), st.floats(-90, 90).map(str), st.integers(-400, 400).map(str), st.just("50,69"), st.just("1_0")
)
values = {
    "q": st.text(max_size=260),
    "commune": st.one_of(places, st.text(max_size=120)),
    "lat": numbers,
    "lon": numbers,
    "rayon": numbers,
    "tri": st.one_of(st.sampled_from(SORTS), st.text(max_size=5)),
    "page": st.one_of(st.integers(-3, 20_000).map(str), st.text(max_size=5)),
    **{name: st.one_of(st.sampled_from(codes(name)), st.text(max_size=12)) for name in FILTERS},
}
pairs = st.lists(st.one_of(*(st.tuples(st.just(name), value) for name, value in values.items())), max_size=14)


def understood(criteria: Criteria) -> Criteria:
    return Criteria(**{name: getattr(criteria, name) for name in Criteria.__dataclass_fields__ if name != "ignored"})


@settings(max_examples=400, deadline=None)
@given(pairs)
@example([("q", "a" * 199 + " b")])
@example([("commune", "Roubaix" + " " * 93 + "x")])
@example([("rayon", "0.0500004"), ("commune", "59512")])
@example([("lat", "-0.0000001"), ("lon", "1e-7")])
def test_an_address_that_is_written_back_asks_for_the_same(given_pairs: list[tuple[str, str]]) -> None:
    first = read(given_pairs)
    second = read(parse_qsl(first.query(page=first.page), keep_blank_values=True))
    assert second.ignored == ()
    rounded = understood(second)
    third = read(parse_qsl(second.query(page=second.page)))
    assert understood(third) == rounded, "written twice, nothing moves"
    exact = ("q", "where", "filters", "sort", "page")
    assert {name: getattr(rounded, name) for name in exact} == {name: getattr(first, name) for name in exact}
    for ours, theirs in (
        (first.point or (), rounded.point or ()),
        ((first.radius_km or 0,), (rounded.radius_km or 0,)),
    ):
        assert len(ours) == len(theirs)
        assert all(abs(a - b) < 1e-6 for a, b in zip(ours, theirs, strict=True)), "a tenth of a metre"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.sampled_from(sorted(values)), st.text()), st.text()), max_size=8))
def test_reading_never_fails_and_stays_in_bounds(given_pairs: list[tuple[str, str]]) -> None:
    found = read(given_pairs)
    assert len(found.q) <= params.MAX_QUERY
    assert 1 <= found.page <= params.MAX_PAGE
    assert all(set(chosen) <= set(codes(name)) for name, chosen in found.filters.items())
    assert all(name in values and len(value) <= 60 for name, value in found.ignored)


def test_a_changed_question_starts_again_at_the_first_page() -> None:
    criteria = read([("q", "caf"), ("page", "3"), ("frais", "gratuit"), ("frais", "payant")])
    assert "page" not in criteria.without("frais", "gratuit")
    assert criteria.without("frais", "gratuit") == "q=caf&frais=payant"
    assert criteria.query(page=3).endswith("page=3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("59512", ["59512"]),
        ("2a004", ["2A004"]),
        ("59100 Roubaix", ["59512"]),
        ("59100 Lille", ["59350"]),  # the name is right, the postcode of another: the name in the same département
        ("St-Denis 93200", ["93066"]),
        ("75056", ["75056"]),
        ("", None),
        ("59999", None),
        ("nulle part", None),
    ],
)
def test_what_a_person_means_by_a_commune(text: str, expected: list[str] | None) -> None:
    found = find_commune(text)
    assert (found and [commune.code for commune in found.communes]) == expected


def test_five_digits_that_are_a_code_and_a_postcode_mean_both() -> None:
    found = find_commune("59100")
    assert found is not None
    assert found.postcode == "59100", "what people type for Roubaix"
    assert [commune.code for commune in found.communes] == ["59100"], "and the code of a village"
    assert "59100" in found.label
    assert found.communes[0].name in found.label, "the page says that it looks at both"
    assert communes().by_postcode("59512") == []
    assert find_commune("59512").postcode == ""
