"""Who may publish what, and that nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from resources.base import services as resources
from resources.base.content import ContentError
from resources.base.models import Resource
from resources.base.translations import Shown
from resources.translating import services
from resources.translating.services import Overtaken, Refused
from tests.resources.translating.conftest import ARABIC, Desk

Make = Callable[..., Desk]


def read(desk: Desk, key: str = "etape-1") -> tuple[str, Shown, bool]:
    with desk.base.site.sessions() as session:
        found = resources.current(session, session.get_one(Resource, desk.id))
        assert found is not None
        reading, _ = resources.reading(session, found, desk.lang)
        block = reading.content.block(key)
        return block.text if block else "", reading.mark(key).shown, reading.mark(key).stale


def test_a_draft_is_not_read_and_another_person_publishes_it(desk: Make) -> None:
    one = desk()
    one.save()
    assert read(one)[1] is Shown.MISSING
    with pytest.raises(Refused, match="not-sent"):
        one.publish("voisine")
    one.save(send=True)
    one.publish("voisine")
    row = one.row()
    assert row is not None
    assert read(one) == ("افعل هذا.", Shown.PUBLISHED, False)
    assert (row.author_id, row.reviewer_id, row.pending) == (one.name("membre"), one.name("voisine"), None)


@pytest.mark.parametrize("who", ["membre", "coordination", "admin", "referent"])
def test_nobody_publishes_their_own_words(desk: Make, who: str) -> None:
    one = desk()
    one.save(who, send=True)
    with pytest.raises(Refused, match="own-text"):
        one.publish(who)
    assert read(one)[1] is Shown.MISSING


def test_passing_on_what_another_wrote_does_not_let_them_review_it(desk: Make) -> None:
    one = desk()
    one.save("membre")
    one.save("voisine", send=True)
    row = one.row()
    assert row is not None
    assert (row.pending_by, row.pending_state) == (one.name("membre"), "in_review")
    with pytest.raises(Refused, match="own-text"):
        one.publish("membre")
    one.save("voisine", words={**ARABIC, "text": "غير ذلك."}, send=True)
    with pytest.raises(Refused, match="own-text"):
        one.publish("voisine")
    one.publish("membre")
    assert read(one)[0] == "غير ذلك."


def test_what_is_published_moves_the_resource_in_the_log_and_its_languages(desk: Make) -> None:
    one = desk()
    before = one.base.resource(one.id).rev
    one.translate("entete", {"title": "عنوان", "text": "ملخص."})
    after = one.base.resource(one.id)
    assert (after.rev, after.langs) == (before + 1, ["fr", "ar"])


def test_somebody_wrote_the_same_section_meanwhile(desk: Make) -> None:
    one = desk()
    seen = one.seen()
    one.save("voisine")
    with one.work("membre") as work, pytest.raises(Overtaken) as caught:
        services.save(work, "etape-1", {"text": "x"}, seen=seen, of=work.source("etape-1")[2])
    assert not caught.value.source
    row = one.row()
    assert row is not None
    assert row.pending == ARABIC


def test_the_source_changed_meanwhile(desk: Make) -> None:
    one = desk()
    with one.work() as work:
        of = work.source("etape-1")[2]
    one.change_step("Autre chose.")
    with one.work() as work, pytest.raises(Overtaken) as caught:
        services.save(work, "etape-1", {"text": "x"}, seen="new", of=of)
    assert caught.value.source
    with one.work() as work, pytest.raises(Overtaken) as caught:  # a version was published since it was read
        services.save(replace(work, version=1), "etape-1", {"text": "x"}, seen="new", of=work.source("etape-1")[2])
    assert caught.value.source
    assert one.row() is None


def test_what_waits_is_not_published_when_its_source_has_changed(desk: Make) -> None:
    one = desk()
    one.save(send=True)
    one.change_step("Faites tout autre chose.")
    with pytest.raises(Refused, match="outdated"):
        one.publish()
    one.change_step("Faites tout autre chose !", minor=True)
    one.save(send=True)  # the same words, looked at again
    one.publish()
    assert read(one) == ("افعل هذا.", Shown.PUBLISHED, False)


def test_a_minor_change_asks_nobody_to_read_again(desk: Make) -> None:
    one = desk()
    one.save(send=True)
    one.change_step("Faites  le geste un.", minor=True)
    one.publish()
    assert read(one)[2] is False


def test_sent_back_with_a_word_then_corrected(desk: Make) -> None:
    one = desk()
    one.save(send=True)
    for who, word, code in (("membre", "non", "own-text"), ("voisine", "  ", "no-word")):
        with one.work(who) as work, pytest.raises(Refused, match=code):
            services.send_back(work, "etape-1", word, seen=one.seen())
    with one.work("voisine") as work:
        row, translator = services.send_back(work, "etape-1", "Le ton est trop dur.", seen=one.seen())
        assert translator == one.name("membre")
        assert services.said(row) == ("Le ton est trop dur.", one.name("voisine"))
    row = one.row()
    assert row is not None
    assert (row.pending_state, row.pending, row.pending_word) == ("draft", ARABIC, "Le ton est trop dur.")
    better = {**ARABIC, "text": "ألطف."}
    one.save(words=better)
    assert services.said(one.row()), "until it is sent again"
    one.save(words=better, send=True)
    row = one.row()
    assert row is not None
    assert (services.said(row), row.pending_word_by) == (None, None)


def test_a_text_of_mine_is_withdrawn_by_me_alone(desk: Make) -> None:
    one = desk()
    one.save()
    with one.work("coordination") as work, pytest.raises(Refused, match="not-yours"):
        services.withdraw(work, "etape-1", seen=one.seen())
    with one.work() as work:
        services.withdraw(work, "etape-1", seen=one.seen())
    assert one.row() is None
    one.translate()
    one.save(words={**ARABIC, "text": "جديد."})
    with one.work() as work:
        services.withdraw(work, "etape-1", seen=one.seen())
    assert read(one)[0] == "افعل هذا."


def test_machine_text_is_labelled_until_a_person_says_it_is_right(desk: Make) -> None:
    one = desk()
    one.machine()
    assert read(one)[1] is Shown.MACHINE
    with one.work("voisine") as work, pytest.raises(Refused, match="changed"):
        services.mark_reviewed(work, "etape-1", seen=one.seen(), words={**ARABIC, "text": "غيره."})
    with one.work("voisine") as work:
        services.mark_reviewed(work, "etape-1", seen=one.seen(), words=ARABIC)
    row = one.row()
    assert row is not None
    assert (read(one)[1], row.author_id, row.reviewer_id) == (Shown.PUBLISHED, one.name("membre"), one.name("voisine"))


def test_who_corrects_machine_text_is_its_translator(desk: Make) -> None:
    one = desk()
    one.machine("voisine")
    one.save("membre", words={**ARABIC, "text": "أحسن."}, send=True)
    assert read(one)[:2] == ("افعل هذا.", Shown.MACHINE)  # readers keep what they had
    with pytest.raises(Refused, match="own-text"):
        one.publish("membre")
    one.publish("voisine")
    assert read(one)[:2] == ("أحسن.", Shown.PUBLISHED)


def test_machine_text_never_takes_the_place_of_a_person(desk: Make) -> None:
    one = desk()
    one.translate()
    with pytest.raises(Refused, match="human-text"):
        one.machine()
    one.change_step("Tout est nouveau.")
    with pytest.raises(Refused, match="human-text"):
        one.machine()


def test_machine_text_of_an_older_source_is_not_said_to_be_right(desk: Make) -> None:
    one = desk()
    one.machine()
    one.change_step("Tout est nouveau.")
    with one.work("voisine") as work, pytest.raises(Refused, match="outdated"):
        services.mark_reviewed(work, "etape-1", seen=one.seen())


@pytest.mark.parametrize(("section", "words", "error"), [
    ("entete", {"title": "x" * 151}, "long-title"), ("entete", {"title": "x", "text": "x" * 601}, "long-summary"),
    ("etape-1", {"text": "x" * 20_001}, "long-text"),
])  # fmt: skip
def test_what_is_too_long_is_refused(desk: Make, section: str, words: dict[str, str], error: str) -> None:
    one = desk()
    with pytest.raises(ContentError) as caught:
        one.save(section=section, words=words)
    assert caught.value.code == error


@pytest.mark.parametrize(("section", "words", "send", "code"), [
    ("etape-1", {"text": " \n"}, False, "empty"), ("etape-1", {"text": "x"}, True, "incomplete"),
    ("etape-1", {"alt": "no such field here"}, False, "empty"), ("ailleurs", {"text": "x"}, False, "no-section"),
])  # fmt: skip
def test_what_says_nothing_is_refused(desk: Make, section: str, words: dict[str, str], send: bool, code: str) -> None:
    one = desk()
    with pytest.raises(Refused, match=code):
        one.save(section=section, words=words, send=send)


def test_all_my_drafts_and_all_that_i_reviewed(desk: Make) -> None:
    one = desk()
    one.save(section="etape-1")
    one.save(section="etape-2")
    one.save(section="etape-3", words={"text": "ناقص."})
    one.save("voisine", section="avoir", send=True)
    with one.work() as work:
        assert services.send_all(work) == (2, 1)
    with one.work("voisine") as work:
        seen = services.list_token(services.reviewable(work))
    one.save(section="entete", words={"title": "عنوان", "text": "ملخص."}, send=True)
    with one.work("voisine") as work, pytest.raises(Overtaken):
        services.publish_all(work, seen=seen)
    with one.work("voisine") as work:
        seen = services.list_token(services.reviewable(work))
        assert services.publish_all(work, seen=seen) == [one.name("membre")] * 3
    with one.work("voisine") as work, pytest.raises(Refused, match="nothing"):
        services.publish_all(work, seen=services.list_token([]))
    assert [read(one, key)[1] for key in ("etape-1", "etape-2", "avoir")] == [
        Shown.PUBLISHED, Shown.PUBLISHED, Shown.MISSING]  # fmt: skip
