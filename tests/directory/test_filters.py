"""Filters, counts and distances, each computed a second time by hand from the rows."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from reseau.core.hours import Hours, InvalidHours
from reseau.directory.facts import FACETS
from reseau.directory.params import FILTERS, codes
from tests.directory.site import TUESDAY, Page, Site, row

Row = Mapping[str, Any]


@functools.cache
def hours_of(osm: str | None) -> Hours | None:
    try:
        return Hours(osm) if osm else None
    except InvalidHours:
        return None


def is_true(place: Row, name: str, code: str) -> bool:
    """Whether a value of a filter is true of a place: the plain reading of the words."""
    hours = hours_of(place["horaires"])
    if name == "ouvert":
        if hours is None:
            return False
        return {"maintenant": hours.is_open(TUESDAY), "soir": hours.opens_evening, "weekend": hours.opens_weekend}[
            code
        ] is True
    if name == "rdv":
        if code == "sans-rendez-vous":
            return "se-presenter" in place["modalites_acces"]
        says = place["prise_rdv"] or "prendre-un-rdv-en-ligne" in place["modalites_acces"]
        return bool(says or (hours and hours.by_appointment))
    if name == "label-local":
        return place["label_until"] is not None and place["label_until"] >= TUESDAY.date()
    if code == "itinerant":
        return "itinerant" in place["itinerance"]
    return code in place[FACETS[name][0]]


def expected(rows: list[dict[str, Any]], chosen: Mapping[str, list[str]]) -> set[str]:
    """OR inside a filter, AND between filters."""
    return {
        str(place["id"])
        for place in rows
        if all(any(is_true(place, name, code) for code in asked) for name, asked in chosen.items())
    }


def combinations(rows: list[dict[str, Any]], seed: int, count: int) -> list[dict[str, list[str]]]:
    """Filters made of values that occur, one to three filters with one to three values each."""
    chance = random.Random(seed)
    alive = {name: [code for code in codes(name) if any(is_true(r, name, code) for r in rows)] for name in FILTERS}
    known = [name for name in FILTERS if alive[name]]
    made = []
    for _ in range(count):
        filters = chance.sample(known, chance.randint(1, min(3, len(known))))
        made.append({name: chance.sample(alive[name], min(len(alive[name]), chance.randint(1, 3))) for name in filters})
    return made


def pairs(chosen: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, code) for name, asked in chosen.items() for code in asked]


def ids(site: Site, *query: tuple[str, Any]) -> set[str]:
    first = site.json(*query)
    pages = [first, *(site.json(*query, page=page) for page in range(2, first["pages"] + 1))]
    return {item["id"] for page in pages for item in page["items"]}


def test_or_inside_a_filter_and_between_filters(site: Site) -> None:
    rows = site.rows()
    for chosen in combinations(rows, 1, 60):
        assert ids(site, *pairs(chosen)) == expected(rows, chosen), chosen


def test_the_same_on_two_thousand_real_places(region: Site) -> None:
    rows = region.rows()
    seen = 0
    for chosen in combinations(rows, 2, 25):
        found = region.json(*pairs(chosen))
        assert found["total"] == len(expected(rows, chosen)), chosen
        seen += found["total"] > 0
    assert seen > 10, "not all of them were empty"


def test_counts_are_what_one_gets_by_clicking(site: Site) -> None:
    rows = site.rows()
    for chosen in [{}, *combinations(rows, 3, 12)]:
        facets = site.json(*pairs(chosen))["facettes"]
        assert set(facets) == set(FILTERS)
        for name in FILTERS:
            assert facets[name] == {code: len(expected(rows, {**chosen, name: [code]})) for code in codes(name)}, (
                chosen,
                name,
            )


@pytest.mark.parametrize("query", ["ccas", "numerique", "ccas médiathèque", "conseiler numerique"])
def test_counts_of_a_search_are_what_one_gets_by_clicking(site: Site, query: str) -> None:
    # No adviser finds work for people: the second question is answered with some of the words, the others with all.
    work: dict[str, list[str]] = {"service": ["insertion-professionnelle-via-le-numerique"]}
    for chosen in [{}, work, *combinations(site.rows(), 4, 6)]:
        facets = site.json(("q", query), *pairs(chosen))["facettes"]
        for name in FILTERS:
            for code, count in facets[name].items():
                if count:
                    clicked = {**chosen, name: [code]}
                    assert site.json(("q", query), *pairs(clicked))["total"] == count, (chosen, name, code)


def test_a_page_shows_the_counts_of_its_twin(roubaix_site: Site) -> None:
    page = Page(roubaix_site.app.get("/annuaire?frais=gratuit").text)
    facets = roubaix_site.json(frais="gratuit")["facettes"]
    boxes = [(str(i["name"]), str(i["value"])) for i in page.all("input") if i.get("type") == "checkbox"]
    assert sorted(boxes) == sorted(
        (name, code) for name in facets for code, count in facets[name].items() if count or name == "ouvert"
    )
    assert {"name": "frais", "value": "gratuit", "type": "checkbox", "checked": None} in page.all("input")


# --- where ------------------------------------------------------------------------------------------------


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance on a sphere of 6,371,008.8 m, by the arctangent formula (not the code's haversine)."""
    (a, b), (c, d) = (tuple(map(math.radians, point)) for point in (one, other))
    x = math.cos(c) * math.sin(d - b)
    y = math.cos(a) * math.sin(c) - math.sin(a) * math.cos(c) * math.cos(d - b)
    z = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(d - b)
    return 6_371_008.8 * math.atan2(math.hypot(x, y), z)


def test_the_formula_of_the_test_is_right() -> None:
    assert metres((0, 0), (0, 90)) == pytest.approx(6_371_008.8 * math.pi / 2)
    assert metres((50.6942, 3.1746), (48.8566, 2.3522)) == pytest.approx(212_600, rel=0.01), "Roubaix to Paris"


@pytest.mark.parametrize("point", [(50.6942, 3.1746), (50.63, 3.06), (0.0, 0.0), (90.0, 0.0), (-50.7, -176.8)])
def test_distance_sorts_and_radius_cuts(region: Site, point: tuple[float, float]) -> None:
    where = {"lat": point[0], "lon": point[1]}
    located = {
        str(r["id"]): metres(point, (r["latitude"], r["longitude"])) for r in region.rows() if r["latitude"] is not None
    }
    found = region.json(**where)
    assert found["tri"] == "distance"
    assert found["total"] == len(region.rows()), "a position alone hides nothing"
    shown = [item["distance_m"] for item in found["items"]]
    assert shown == sorted(shown)
    assert shown == pytest.approx(sorted(located.values())[:20], abs=1)
    for item in found["items"]:
        assert item["distance_m"] == pytest.approx(located[item["id"]], abs=1)
    for radius in (0.5, 3, 20):
        near = {id_ for id_, distance in located.items() if distance <= radius * 1000}
        assert region.json(**where, rayon=radius)["total"] == len(near)


@pytest.fixture(scope="module")
def scattered(make_site: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Places with and without a position, in Roubaix (59512), Croix (59163, 2 km away) and Dunkerque."""
    made: Site = make_site("sqlite")
    croix = {"commune": "Croix", "code_insee": "59163", "code_postal": "59170"}
    rows = [
        row("centre", latitude="50.6900", longitude="3.1700"),
        row("nord", latitude="50.7000", longitude="3.1700"),
        row("sans-point"),
        row("sans-code", code_insee="", code_postal=""),
        row("croix", **croix, latitude="50.6780", longitude="3.1500"),
        row("croix-sans-point", **croix),
        row(
            "dunkerque",
            commune="Dunkerque",
            code_insee="59183",
            code_postal="59140",
            latitude="51.03",
            longitude="2.37",
        ),
    ]
    made.add(*rows, path=tmp_path_factory.mktemp("scattered") / "f.csv")
    return made


def nommes(site: Site, **query: Any) -> list[str]:
    return [item["nom"].removeprefix("Lieu ") for item in site.json(**query)["items"]]


def test_a_place_without_position_is_found_by_its_commune_even_with_a_radius(scattered: Site) -> None:
    assert set(nommes(scattered, commune="Roubaix")) == {"centre", "nord", "sans-point", "sans-code"}
    assert set(nommes(scattered, commune="59512", rayon=0.7)) == {"centre", "nord", "sans-point", "sans-code"}
    found = nommes(scattered, commune="59512", rayon=5)
    assert set(found) == {"centre", "nord", "sans-point", "sans-code", "croix"}, (
        "the neighbour comes in by its position"
    )
    assert set(found[3:]) == {"sans-point", "sans-code"}, "what cannot be measured comes last"


def test_a_position_sorts_all_and_a_radius_keeps_what_can_be_measured(scattered: Site) -> None:
    here = {"lat": 50.69, "lon": 3.17}
    assert nommes(scattered, **here)[:4] == ["centre", "nord", "croix", "dunkerque"]
    assert len(nommes(scattered, **here)) == 7
    assert nommes(scattered, **here, rayon=1.5) == ["centre", "nord"]


def test_a_position_and_a_commune_and_a_radius_all_hold(scattered: Site) -> None:
    """A filter that is shown as chosen is applied: the radius must not bring another commune back in."""
    here = {"lat": 50.6785, "lon": 3.1505}
    assert nommes(scattered, **here, commune="Croix") == ["croix", "croix-sans-point"]
    assert nommes(scattered, **here, commune="Croix", rayon=50) == ["croix", "croix-sans-point"]
    assert nommes(scattered, **here, commune="Dunkerque", rayon=5) == []


def test_a_radius_around_a_commune_without_any_known_position_is_said_to_be_unused(scattered: Site) -> None:
    found = scattered.json(commune="Lille", rayon=5)
    assert found["total"] == 0
    assert found["ignores"] == [{"parametre": "rayon", "valeur": "5"}]


def test_the_map_says_how_many_places_it_cannot_show(scattered: Site) -> None:
    page = Page(scattered.app.get("/annuaire/carte").text)
    assert any("3 lieux" in text for text in page.text_of("p"))
    shown = scattered.app.get("/annuaire/carte.json").json["features"]
    assert len(shown) == 4
    centre = next(f for f in shown if f["properties"]["nom"] == "Lieu centre")
    assert centre["geometry"]["coordinates"] == [3.17, 50.69], "longitude first (RFC 7946)"
