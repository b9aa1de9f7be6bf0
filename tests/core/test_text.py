"""French and Arabic as people type them, and what hostile people type."""

from __future__ import annotations

import itertools
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau.core import text


def asked(query: str) -> list[str]:
    return [term.word for term in text.parse_query(query)]


def alternatives(query: str) -> tuple[tuple[str, ...], ...]:
    (term,) = text.parse_query(query)
    return term.alternatives


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("accès", "acces"), ("Épeule", "epeule"), ("démarches", "DEMARCHE"), ("formé", "formée"),
        ("employés", "employee"), ("musées", "musee"), ("numérique", "numeriques"), ("œuvres", "oeuvre"),
        ("cœur", "coeur"), ("conseillère", "conseillers"), ("conseiller", "Conseillers"),
        ("médiateur", "médiation"), ("aide", "aider"), ("l’aidant", "aidants"), ("rendez-vous", "rendez vous"),
        ("e\u0301cole", "école"), ("ﬁnances", "finances"), ("jeu", "jeux"), ("ordi", "ordinateurs"),
        ("المساعدة", "مساعدة"), ("مُسَاعَدَة", "مساعدة"), ("مســاعدة", "مساعدة"), ("إدارة", "ادارة"),
        ("للمساعدة", "مساعدة"), ("مستشفى", "مستشفي"), ("٥٩١٠٠", "59100"),
    ],
)  # fmt: skip
def test_forms_of_one_word_are_joined(one: str, other: str) -> None:
    assert text.stems(one) == text.stems(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("aide", "aidant"), ("France", "français"), ("retrait", "retraite"), ("commune", "communication"),
        ("format", "formation"), ("ordinateur", "ordination"), ("porte", "portable"), ("tablette", "table"),
        ("0320123456", "0320123457"), ("C2S", "C3S"),
    ],
)  # fmt: skip
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert text.stems(one) != text.stems(other)


def test_stop_words_and_elisions() -> None:
    assert text.stems("se faire aider à l'Épeule") == text.stems("aider épeule")
    assert text.stems("jusqu’au rendez-vous d'aujourd'hui") == ["rendezvous", "aujourdhui"]
    assert text.stems("Grand'Place") == text.stems("grand place")
    assert text.fold("Villeneuve-d’Ascq") == text.fold("VILLENEUVE D'ASCQ") == "villeneuve ascq"
    assert text.fold("  Saint-Étienne  ") == "saint etienne"


def test_mes_is_an_acronym_only_where_it_can_be() -> None:
    assert asked("mes papiers") == ["papiers"]
    assert asked("MES PAPIERS") == ["PAPIERS"]
    assert asked("activer mes") == ["activer", "mes"]
    assert alternatives("mes")[1:] == (tuple(text.stems("espace santé")),)
    assert text.stems("ouvrir MES") == ["ouvr", "mes"]


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("rdv", "rendez-vous"), ("cpam", "assurance maladie"), ("sécu", "ameli"), ("sécurité sociale", "ameli"),
        ("pôle emploi", "france travail"), ("POLE-EMPLOI", "france travail"), ("c2s", "cmu"), ("tel", "téléphone"),
        ("portable", "smartphone"), ("papiers", "démarches administratives"), ("vieux", "seniors"),
        ("âgées", "seniors"), ("sourds", "surdité"), ("lire", "illettrisme"), ("malvoyants", "aveugle"),
    ],
)  # fmt: skip
def test_synonyms(query: str, means: str) -> None:
    assert tuple(text.stems(means)) in alternatives(query)
    assert alternatives(query)[0] == tuple(text.stems(query)), "the word itself comes first"


def test_one_way_synonyms_do_not_come_back() -> None:
    assert text.stems("rdv")[0] not in {stem for other in alternatives("rendez-vous") for stem in other}


def test_query_limits() -> None:
    assert asked("aide Aides AIDER") == ["aide"]
    assert len(asked(" ".join(f"mot{n}" for n in range(50)))) == text.MAX_TERMS
    assert asked("à la") == ["à", "la"], "a query of stop words keeps them"
    assert asked("") == asked(" ?!…") == []


HOSTILE = [
    "*", '"', "AND OR NOT", "(((", "a:b", "'", "\\", "\x00", "a\x00b", "👩‍👩‍👧 santé", "é" * 100_000, "l'" * 50_000,
    "a" * 100_000, "\u0301" * 1000, "½ ﷺ ²", "\ud800", "%_", "'; DROP TABLE", "&|!<->", "ـــ",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed[:12]))
def test_hostile_input_is_only_text(typed: str) -> None:
    started = time.perf_counter()
    assert len(text.parse_query(typed)) <= text.MAX_TERMS
    assert all(len(word.folded) <= text.MAX_WORD for word in text.words(typed))
    assert "".join(part for part, _ in text.highlight(typed, {("a",)})) == typed
    assert time.perf_counter() - started < 2


@given(st.text())
def test_offsets_and_highlight(typed: str) -> None:
    found = text.words(typed)
    assert all(typed[word.start : word.end] == word.surface for word in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    stems = {word.stem for word in found[::2] if word.stem}
    segments = text.highlight(typed, {(stem,) for stem in stems})
    assert "".join(part for part, _ in segments) == typed
    assert sum(hit for _, hit in segments) == sum(word.stem in stems for word in found)


@given(st.text(alphabet="éàçœ'’ -aidentslqu\u0301", max_size=40))
def test_fold_is_stable(typed: str) -> None:
    assert text.fold(text.fold(typed)).replace(" ", "") in (text.fold(typed).replace(" ", ""),) or "'" in typed
    assert text.fold(unicodedata.normalize("NFD", typed)) == text.fold(unicodedata.normalize("NFC", typed))


@given(st.text(max_size=400), st.integers(20, 200))
def test_snippet_is_part_of_the_text(typed: str, width: int) -> None:
    parts = text.snippet(typed, {(stem,) for stem in text.stems(typed)[-2:]}, width)
    shown = "".join(part for part, _ in parts).removeprefix("… ").removesuffix(" …")
    assert shown.strip() in typed
    assert len(shown) <= max(width, 20) + 2


def test_snippet_shows_the_match() -> None:
    long = "Rien à voir ici. " * 30 + "Un conseiller numérique reçoit sur rendez-vous. " + "Encore rien. " * 30
    parts = text.snippet(long, {(stem,) for stem in text.stems("conseiller numérique")})
    assert [part for part, hit in parts if hit] == ["conseiller", "numérique"]
    assert parts[0] == ("… ", False)
    assert parts[-1] == (" …", False)
    assert text.snippet(long, set())[0][0].startswith("Rien à voir")


def test_several_words_are_marked_only_where_they_all_are() -> None:
    marks = {tuple(text.stems("personnes âgées"))}
    assert [part for part, hit in text.highlight("Les personnes âgées", marks) if hit] == ["personnes", "âgées"]
    assert text.highlight("Personnes sourdes", marks) == [("Personnes sourdes", False)]
