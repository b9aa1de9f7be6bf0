"""The same sentence, translated once, is offered everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resources.base.diff import difference
from resources.base.models import Segment
from resources.translating import memory, services
from tests.resources.translating.conftest import Desk

Make = Callable[..., Desk]


@pytest.mark.parametrize(("text", "found"), [
    ("Ouvrez le site. Cliquez !", ["Ouvrez le site.", "Cliquez !"]),
    ("- un téléphone\n- un mail\n\n1. Ouvrez", ["un téléphone", "un mail", "Ouvrez"]),
    ("افتح الموقع. هل رأيت؟ نعم", ["افتح الموقع.", "هل رأيت؟", "نعم"]),
    ("打开网站。点击。", ["打开网站。", "点击。"]),
    ("** \n---", []), ("", []),
])  # fmt: skip
def test_sentences(text: str, found: list[str]) -> None:
    assert memory.sentences(text) == found


def test_pairs_only_where_both_sides_have_as_many_sentences() -> None:
    source = {"title": "Titre", "text": "Un. Deux."}
    assert list(memory.pairs(source, {"title": "T", "text": "One. Two."})) == [
        ("Titre", "T"), ("Un.", "One."), ("Deux.", "Two.")]  # fmt: skip
    assert list(memory.pairs(source, {"text": "One and two."})) == []


def test_what_was_published_is_offered_elsewhere(desk: Make) -> None:
    one, other = desk(), desk()
    phrase = f"Prenez la carte {one.id}."
    one.change_step(f"{phrase} Puis sortez.")
    other.change_step(f"- {phrase}")
    one.translate(words={"title": "خطوة", "text": "خذ البطاقة. ثم اخرج."})
    with other.work() as work:
        found = memory.look_up(work.session, [f"- {phrase}"], "ar")
        assert found[phrase].target == "خذ البطاقة."
        assert not found[phrase].machine
        assert memory.look_up(work.session, [phrase], "en") == memory.look_up(work.session, [""], "ar") == {}
    page = other.base.browser("membre").get(other.path)
    assert "خذ البطاقة." in page


def test_machine_text_is_kept_but_never_over_a_person(desk: Make) -> None:
    one = desk()
    phrase = f"Donnez le papier {one.id}."
    one.change_step(phrase)
    words = {"title": "خ", "text": "آلة."}
    with one.work() as work:
        services.enter_machine(work, "etape-1", words, seen=one.seen(), of=work.source("etape-1")[2])
    with one.work() as work:
        assert memory.look_up(work.session, [phrase], "ar")[phrase].machine
    one.save(words={"title": "خ", "text": "إنسان."}, send=True)
    one.publish()
    with one.work() as work:
        memory.learn(work.session, {"text": phrase}, {"text": "آلة."}, "ar", machine=True, now=work.now)
    (kept,) = one.base.rows(Segment, Segment.digest == memory.digest(phrase))
    assert (kept.target, kept.state) == ("إنسان.", "published")


def test_the_difference_gives_both_texts_back() -> None:
    before, after = "Appelez le 3646.\nC’est gratuit.", "Appelez vite le 3647.\nC’est gratuit !"
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.op != "ins") == before
    assert "".join(piece.text for piece in pieces if piece.op != "del") == after
    assert next(piece for piece in pieces if piece.op == "del").text == "3646"
    assert difference("", "") == []
    long = "mot " * 20_000
    assert [piece.op for piece in difference(long, long + "\nfin")] == ["del", "ins"]
