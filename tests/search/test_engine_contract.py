"""What every engine does, whatever it is made of."""

from __future__ import annotations

from typing import Any

import pytest

from reseau.search.protocol import Document, Engine, Match, Missing
from tests.search.conftest import doc, ident

DOCS = [
    doc("epeule", "Médiathèque de l'Épeule", "Un conseiller reçoit sur rendez-vous.", "Roubaix 59100"),
    doc("cn", "Conseillers numériques", "Aide aux démarches administratives", "Roubaix"),
    doc("cd", "Conseil départemental du Nord", "Maison du numérique", "Lille"),
    doc("ameli", "Assurance Maladie", "Compte en ligne, carte Vitale", "Tourcoing"),
    doc("aidants", "Maison des aidants", "Soutien aux proches", "Roubaix"),
    doc("ft", "France Travail", "Emploi et formation", "Roubaix"),
    doc("fs", "France services", "Aide numérique, démarches", "Croix"),
    doc("ar", "مركز المساعدة", "مساعدة في الإجراءات", "Roubaix"),
    doc("kit", "Kit Mon espace santé", "Numérique", kind="kit"),
]
NAMES = {
    document.id: name
    for document, name in zip(DOCS, ["epeule", "cn", "cd", "ameli", "aidants", "ft", "fs", "ar", "kit"], strict=True)
}


@pytest.fixture
def full(engine: Engine) -> Engine:
    engine.rebuild(DOCS, 7)
    return engine


def found(engine: Engine, query: str, kind: str = "structure", match: Match = "all") -> list[str]:
    ranking = engine.rank(query, kind, match=match)
    assert len(ranking.ids) == len(ranking.scores) == len(ranking)
    assert str(ranking.scores.dtype) == "float32"
    assert (ranking.scores > 0).all()
    order = sorted(zip(-ranking.scores, (NAMES.get(i, str(i)) for i in ranking.ids), strict=True))
    return [name for _, name in order]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("epeule", {"epeule"}), ("L’ÉPEULE", {"epeule"}), ("epeu", {"epeule"}), ("epuele", {"epeule"}),
        ("conseiller numerique", {"cn"}), ("conseiler numerique", {"cn", "cd"}), ("numreique", {"cn", "cd", "fs"}),
        ("cpam", {"ameli"}), ("pôle emploi", {"ft"}), ("rdv", {"epeule"}), ("papiers", {"cn"}),
        ("se faire aider", {"cn", "fs"}), ("aidant", {"aidants"}), ("المساعدة", {"ar"}), ("59100", {"epeule"}),
        ("59101", set()), ("kit", set()), ("zzzzzzz", set()), ("roubaix zzzzzzz", set()), ("", set()), ("à la", set()),
        ("numerique roubaix", {"cn"}), ("roubaix maison", {"aidants"}),
    ],
)  # fmt: skip
def test_matched_documents(full: Engine, query: str, expected: set[str]) -> None:
    assert set(found(full, query)) == expected


@pytest.mark.parametrize(
    ("query", "first"),
    [("france travail", "ft"), ("assurance maladie", "ameli"), ("conseillers numériques", "cn"),
     ("conseil départemental", "cd"), ("conseiler numerique", "cn")],
)  # fmt: skip
def test_top_result(full: Engine, query: str, first: str) -> None:
    assert found(full, query)[0] == first


def test_any_ranks_by_number_of_terms_first(full: Engine) -> None:
    ranked = found(full, "numérique démarches roubaix zzzzzzz", match="any")
    assert ranked[0] == "cn"
    assert ranked[1] == "fs"
    assert set(ranked) == {"epeule", "cn", "cd", "aidants", "ft", "fs", "ar"}


def test_kinds_are_apart(full: Engine) -> None:
    assert found(full, "mes", kind="kit") == ["kit"]
    assert found(full, "numérique", kind="nothing") == []
    assert full.suggest("num", "kit") == ["numérique"]


@pytest.mark.parametrize("match", ["all", "any"])
@pytest.mark.parametrize("query", ["numérique", "numreique", "roubaix zzzzzzz", "mes numérique", "zzzzzzz", "", "à la"])
def test_several_kinds_at_once_are_as_one_by_one(full: Engine, query: str, match: Match) -> None:
    kinds = ["kit", "nothing", "structure"]
    for _ in range(2):  # with the words of the index read before, and not
        each = full.rank_each(query, kinds, match=match, also=("kit",))
        for kind, one in zip(kinds, each, strict=True):
            alone = full.rank(query, kind, match=match, also=("kit",))
            assert dict(zip(one.ids, one.scores.tolist(), strict=True)) == dict(
                zip(alone.ids, alone.scores.tolist(), strict=True)
            )
            assert (one.marks, one.corrections) == (alone.marks, alone.corrections)
    assert full.rank_each(query, []) == []


def test_corrections_and_stems(full: Engine) -> None:
    ranking = full.rank("epuele numreique", "structure", match="any")
    assert ranking.corrections == (("epuele", "épeule"), ("numreique", "numérique"))
    assert ranking.marks == {("epeul",), ("numer",)}


def test_suggestions(full: Engine) -> None:
    assert full.suggest("aide num", "structure") == ["numérique", "numériques"]
    assert full.suggest("l'épe", "structure") == ["épeule"]
    assert full.suggest("r", "structure", limit=1) == ["roubaix"]
    assert full.suggest("aide ", "structure") == full.suggest("", "structure") == full.suggest("?", "structure") == []


HOSTILE = [
    "*",
    '"',
    "AND OR NOT",
    "(",
    "a\x00b",
    "👩‍👧",
    "x" * 100_000,
    "a b c " * 20_000,
    "'",
    "\\",
    "a' | 'b",
    "\ud800",
    ":*",
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda q: repr(q[:10]))
def test_hostile_queries(full: Engine, query: str) -> None:
    assert found(full, query) == []
    full.rank(query, "structure", match="any")
    full.suggest(query, "structure")


def test_hostile_documents(engine: Engine) -> None:
    texts = ["\x00", "\ud800 bon", "o'o\\ \x1f\x1e bon", "mot " * 70_000, "x" * 300_000, "İSTANBUL" * 20, ""]
    engine.rebuild([doc(f"h{n}", content, content) for n, content in enumerate(texts)], 1)
    assert len(engine.rank("bon", "structure")) == 2
    assert len(engine.rank("mot", "structure")) == 1
    assert engine.status().documents == len(texts)


def test_update_replaces_deletes_and_notes_the_cursor(full: Engine) -> None:
    assert full.cursor() == 7
    full.update([doc("ft", "Cap emploi"), doc("new", "Fablab")], [ident("cn"), ident("never there")], 9)
    assert full.cursor() == 9
    assert found(full, "travail") == []
    assert found(full, "cap emploi") == ["ft"]
    assert found(full, "fablab") == [str(ident("new"))]
    assert found(full, "démarches") == ["fs"]
    assert full.suggest("numériq", "structure") == ["numérique"], "words of deleted documents are gone"
    assert full.status().documents == len(DOCS)
    full.update([doc("ft", "Vieux contenu")], [], 8)
    assert full.cursor() == 9
    assert found(full, "contenu") == [], "an update from the past does nothing"
    full.update([], [ident(str(n)) for n in range(3)], 10)
    assert full.cursor() == 10


def test_update_gives_a_document_both_written_and_deleted(full: Engine) -> None:
    full.update([doc("ft", "Fablab")], [ident("ft")], 8)
    assert found(full, "fablab") == ["ft"]


def test_absent_index(engine: Engine) -> None:
    assert engine.cursor() == 0
    assert not engine.status().present
    assert found(engine, "aide") == []
    assert engine.suggest("ai", "structure") == []
    with pytest.raises(Missing):
        engine.update(DOCS, [], 3)
    engine.rebuild([], 4)
    assert (engine.cursor(), engine.status().present, engine.status().documents) == (4, True, 0)
    assert found(engine, "aide") == []
    engine.update(DOCS[:1], [], 5)
    assert found(engine, "épeule") == ["epeule"]


def test_failed_rebuild_changes_nothing(full: Engine) -> None:
    def broken() -> Any:
        yield doc("x", "Fablab")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        full.rebuild(broken(), 12)
    assert (full.cursor(), found(full, "fablab")) == (7, [])
    full.update([doc("x", "Fablab")], [], 8)
    assert len(found(full, "fablab")) == 1


def test_a_document_given_twice_counts_once(engine: Engine) -> None:
    engine.rebuild([doc("a", "Premier"), doc("a", "Second")], 1)
    assert (len(engine.rank("premier", "structure")), len(engine.rank("second", "structure"))) == (1, 0)


def test_updates_rank_as_a_rebuild(engine: Engine) -> None:
    engine.rebuild(DOCS[:3], 1)
    for at, document in enumerate(DOCS[3:] + DOCS[:2] + [doc("gone", "Aide numérique roubaix")], start=2):
        engine.update([document], [], at)
    engine.update([], [ident("gone")], 50)
    queries = ["numérique", "roubaix aide", "conseiler", "maison", "franc"]
    grown = [_scores(engine, query) for query in queries]
    engine.rebuild(DOCS, 60)
    assert grown == [_scores(engine, query) for query in queries]


def _scores(engine: Engine, query: str) -> tuple[dict[Any, float], Any]:
    ranking = engine.rank(query, "structure", match="any")
    return dict(zip(ranking.ids, ranking.scores.tolist(), strict=True)), ranking.corrections


def test_documents_are_values() -> None:
    assert Document(ident("a"), "k", (("t", 1.0),)) == Document(ident("a"), "k", (("t", 1.0),))
