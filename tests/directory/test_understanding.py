"""Queries that name a health procedure or a moment: the site's own subject must never be a dead end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reseau.directory import params
from reseau.directory.understanding import moments, procedure
from tests.directory.site import Site, row


@pytest.mark.parametrize(
    ("query", "code", "rest"),
    [
        ("mon espace sante", "mon-espace-sante", ""),
        ("Doctolib Roubaix", "rendez-vous-en-ligne", "Roubaix"),
        ("carte vitale", "ameli", ""),
        ("AME", "ame", ""),
        ("aide médicale d’État", "ame", ""),
        ("se faire aider ameli", "ameli", "aider"),
        ("mutuelle", "mutuelle-complementaire", ""),
    ],
)
def test_a_procedure_is_recognised_by_its_names(query: str, code: str, rest: str) -> None:
    found = procedure(query)
    assert found is not None
    assert (found.term.code, found.rest) == (code, rest)


@pytest.mark.parametrize("query", ["espace numérique", "cpam", "sourd", "rdv", "handicap", "smartphone seniors", ""])
def test_other_words_are_no_procedure(query: str) -> None:
    assert procedure(query) is None


@pytest.mark.parametrize(
    ("query", "rest", "codes"),
    [
        ("ouvert samedi", "", ("weekend",)),
        ("ce soir aide ameli", "aide ameli", ("soir",)),
        ("ouvert maintenant", "", ("maintenant",)),
        ("A livre ouvert", "A livre ouvert", ()),
    ],
)
def test_moments(query: str, rest: str, codes: tuple[str, ...]) -> None:
    assert moments(query) == (rest, codes)


def test_words_of_time_are_the_filter_and_reading_them_twice_changes_nothing() -> None:
    criteria = params.read([("q", "en samedi soirée cpam")])
    assert (criteria.q, criteria.filters["ouvert"]) == ("cpam", ("soir", "weekend"))
    assert params.read([("q", criteria.q)]).q == criteria.q


def test_those_who_say_it_first_then_those_who_help_with_paperwork(roubaix_site: Site) -> None:
    answer = roubaix_site.json(q="se faire aider ameli")
    assert (answer["demarche_comprise"], answer["precis"]) == ("ameli", 2)
    assert [item["nom"] for item in answer["items"][:2]] == ["CPAM de Roubaix Tourcoing"] * 2
    general = "aide-aux-demarches-administratives"
    assert all(general in item["services"] for item in answer["items"][2:])
    assert answer["total"] == len(
        {row["id"] for row in roubaix_site.json(service=general)["items"]}
        | {row["id"] for row in roubaix_site.json(service=general, page="2")["items"]}
        | {item["id"] for item in answer["items"][:2]}
    )


def test_a_procedure_that_nobody_names_is_no_dead_end(roubaix_site: Site) -> None:
    answer = roubaix_site.json(q="mon espace sante", commune="Roubaix")
    assert (answer["demarche_comprise"], answer["precis"]) == ("mon-espace-sante", 0)
    assert answer["total"] == 23
    page = roubaix_site.app.get("/annuaire?q=mon+espace+sante&commune=Roubaix").text
    assert "démarches en général" in page
    for code, count in answer["facettes"]["public"].items():
        if count:
            assert roubaix_site.json(q="mon espace sante", commune="Roubaix", public=code)["total"] == count


def test_hours_that_are_not_known_are_said_when_one_asks_when(roubaix_site: Site) -> None:
    answer = roubaix_site.json(ouvert="soir")
    assert answer["total"] == 0
    assert answer["sans_horaires"] == sum(1 for row in roubaix_site.rows() if not row["horaires"])


def test_a_misspelt_commune_is_understood_and_said(roubaix_site: Site) -> None:
    assert roubaix_site.json(commune="Roubai")["total"] == 39
    assert "Roubai" in roubaix_site.app.get("/annuaire?commune=Roubai").text
    assert roubaix_site.json(commune="Roub")["ignores"], "too short to guess"


def test_a_telephone_number_finds_its_place(roubaix_site: Site) -> None:
    names = {item["nom"] for item in roubaix_site.json(q="03 20 81 57 57")["items"]}
    assert names == {"CCAS de Roubaix", "CCAS de ROUBAIX"}


def test_a_distance_around_a_town_that_nothing_locates_is_not_used_and_said(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = make_site("sqlite", search="null")
    site.add(row("A", latitude="", longitude=""), path=tmp_path / "f.csv")
    assert site.json(commune="Roubaix", rayon="5")["ignores"] == [{"parametre": "rayon", "valeur": "5"}]
    assert "la distance n’a pas été utilisée" in site.app.get("/annuaire?commune=Roubaix&rayon=5").text
