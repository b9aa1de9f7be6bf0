"""Which entries tell the same news: pairs judged by hand, those of ``docs/decisions/023-watch.md``."""

from __future__ import annotations

from datetime import timedelta

import pytest

from importers.targets import clusters
from importers.targets.clusters import Clusters, Known, near_same
from importers.targets.texts import url_key
from reseau.core.ids import new_id
from tests.conftest import TUESDAY

SAME = [
    ("Communiqué de presse : Mon espace santé franchit le cap des 20 millions",
     "Mon espace santé franchit le cap des 20 millions"),
    ("Mon espace santé : une nouvelle application mobile pour les aidants",
     "Mon espace santé, une nouvelle application mobile pour les aidants familiaux"),
    ("La carte Vitale numérique généralisée dans toute la France",
     "Carte vitale numérique : généralisée dans toute la France"),
    ("Appel à projets inclusion numérique dans les Hauts-de-France",
     "APPEL A PROJETS – Inclusion numérique dans les Hauts de France : candidatures ouvertes"),
]  # fmt: skip
OTHER = [
    ("Communiqué de presse : ouverture d’un Espace France services à Roubaix",
     "Communiqué de presse : ouverture d’un Espace France services à Tourcoing"),
    ("Communiqué de presse : la carte Vitale change de forme en janvier",
     "Communiqué de presse : la campagne de vaccination commence en janvier"),
    ("Atelier numérique à Roubaix : créer sa boîte mail", "Atelier numérique à Roubaix : créer son compte ameli"),
    ("Revue de presse", "Revue de presse"),
    ("Baromètre du numérique 2025 : les résultats de l’enquête", "Baromètre du numérique 2026 : les résultats de l’enquête"),
    ("Feuille de route du numérique en santé : point d’étape", "Feuille de route du numérique en santé : appel à projets"),
    ("Le forum de l’inclusion numérique de Lille en santé", "Le forum de l’inclusion numérique de Lille en santé annulé"),
    ("Santé numérique", "Santé numérique : tout ce qui change pour les patients et leurs médecins en 2026"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), SAME)
def test_one_news(left: str, right: str) -> None:
    assert near_same(left, right)
    assert near_same(right, left)


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_two_news(left: str, right: str) -> None:
    assert not near_same(left, right)
    assert not near_same(right, left)


def test_near_titles_count_between_feeds_and_within_two_weeks() -> None:
    mine, theirs, cluster = new_id(), new_id(), new_id()
    title = SAME[2][0]
    known = Clusters.of([Known(cluster, mine, "https://a.example/1", title, TUESDAY)])
    other = SAME[2][1]
    assert known.find(theirs, "https://b.example/2", other, TUESDAY + timedelta(days=14)) == cluster
    assert known.find(theirs, "https://b.example/2", other, TUESDAY + timedelta(days=15)) is None
    assert known.find(mine, "https://a.example/2", title, TUESDAY) is None  # a series of one feed


def test_one_address_is_one_news_but_for_front_pages_and_in_one_feed() -> None:
    mine, theirs, cluster = new_id(), new_id(), new_id()
    known = Clusters.of([Known(cluster, mine, "https://www.a.example/un/", "Un titre", TUESDAY)])
    later = TUESDAY + timedelta(days=29)
    assert known.find(theirs, "http://a.example/un#x", "Tout autre chose", later) == cluster
    assert known.find(mine, "https://a.example/un", "Tout autre chose", later) is None
    assert known.find(mine, "https://a.example/un", "UN TITRE", later) == cluster
    assert url_key("https://www.a.example/") == ""


@pytest.mark.parametrize(("left", "right"), SAME)
def test_near_titles_are_found_among_thousands_and_few_are_compared(
    left: str, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    monkeypatch.setattr(clusters, "near_same", lambda one, other: compared.append(one) or near_same(one, other))
    many = [Known(new_id(), new_id(), f"https://a.example/{n}", f"Atelier numérique en santé du lieu {n} : mot{n} rue{n}",
                  TUESDAY) for n in range(3000)]  # fmt: skip
    one = Known(new_id(), new_id(), "https://b.example/", left, TUESDAY)
    known = Clusters.of([*many[:1500], one, *many[1500:]])
    assert known.find(new_id(), "https://c.example/1", right, TUESDAY) == one.cluster
    assert len(compared) < 20


def test_misspelt_words_are_near_all_the_same() -> None:
    one = Known(
        new_id(), new_id(), "https://b.example/1", "Journée régionale de la médiation numérique à Lille", TUESDAY
    )
    found = Clusters.of([one]).find(
        new_id(), "https://c.example/1", "Journée régionnale de la médiattion numérique à Lille", TUESDAY
    )
    assert found == one.cluster
