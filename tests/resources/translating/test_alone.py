"""Nobody leads a text to "published" alone, whatever they do first and whoever they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from resources.base import services as resources
from resources.base.models import Resource
from resources.base.translations import UnitState
from resources.translating import services
from resources.translating.services import Refused
from resources.writing import adapting
from tests.resources.translating.conftest import ARABIC, ONE_ENGINE, Desk

Make = Callable[..., Desk]
OTHER = {**ARABIC, "text": "غير ذلك."}
#: The author of the resource, a référent of its place, the coordination, an administrator, somebody of elsewhere.
EVERYONE = ("membre", "referent", "coordination", "admin", "voisine")


def refused(one: Desk, act: Callable[[], None], code: str = "own-text") -> None:
    with pytest.raises(Refused, match=code):
        act()
    row = one.row()
    assert row is None or row.state != UnitState.PUBLISHED.value


@ONE_ENGINE
@pytest.mark.parametrize("who", EVERYONE)
def test_saved_sent_and_published_by_one(desk: Make, who: str) -> None:
    one = desk()
    one.save(who, send=True)
    refused(one, lambda: one.publish(who))
    one.save(who, words=OTHER, send=True)
    refused(one, lambda: one.publish(who))


@ONE_ENGINE
@pytest.mark.parametrize("who", EVERYONE)
def test_machine_text_entered_and_reviewed_by_one(desk: Make, who: str) -> None:
    one = desk()
    one.machine(who)
    refused(one, lambda: one.review(who))
    one.machine(who, words=OTHER)
    refused(one, lambda: one.review(who))
    one.review("voisin")
    row = one.row()
    assert row is not None
    assert (row.state, row.author_id, row.reviewer_id) == ("published", one.name(who), one.name("voisin"))


@ONE_ENGINE
def test_what_the_engine_gave_has_no_author_and_anybody_reviews_it(desk: Make) -> None:
    one = desk()
    one.machine("membre", by_engine=True)
    row = one.row()
    assert row is not None
    assert row.author_id is None
    one.machine("membre")  # the same words, by hand: still the engine's
    one.review("membre")
    row = one.row()
    assert row is not None
    assert (row.state, row.author_id, row.reviewer_id) == ("published", None, one.name("membre"))


@ONE_ENGINE
def test_what_the_engine_gave_and_one_changed_is_theirs(desk: Make) -> None:
    one = desk()
    one.machine("membre", by_engine=True)
    one.machine("membre", words=OTHER)
    refused(one, lambda: one.review("membre"))
    one.save("membre", send=True)
    refused(one, lambda: one.publish("membre"))


@ONE_ENGINE
def test_machine_text_corrected_and_published_by_one(desk: Make) -> None:
    one = desk()
    one.machine("membre")
    one.save("membre", words=OTHER, send=True)
    refused(one, lambda: one.publish("membre"))
    refused(one, lambda: one.review("membre"))


@ONE_ENGINE
def test_machine_text_that_another_enters_again_stays_its_author_s(desk: Make) -> None:
    one = desk()
    one.machine("membre")
    one.machine("voisine")
    refused(one, lambda: one.review("membre"))
    one.review("voisine")


@ONE_ENGINE
def test_machine_text_that_another_sends_unchanged_stays_its_author_s(desk: Make) -> None:
    one = desk()
    one.machine("membre")
    one.save("voisine", send=True)
    refused(one, lambda: one.publish("membre"))
    one.publish("voisine")


@ONE_ENGINE
def test_a_draft_that_another_enters_as_machine_text_stays_its_author_s(desk: Make) -> None:
    one = desk()
    one.save("membre")
    one.machine("voisine")
    refused(one, lambda: one.review("membre"))


@ONE_ENGINE
def test_a_draft_that_another_takes_over_unchanged_stays_its_author_s(desk: Make) -> None:
    one = desk()
    one.save("membre")
    one.save("voisine")
    one.save("voisine", send=True)
    refused(one, lambda: one.publish("membre"))
    one.change_step("Faites un autre geste.")
    one.save("voisine", send=True)  # the same words for another source
    refused(one, lambda: one.publish("membre"))
    one.publish("voisine")


@ONE_ENGINE
def test_a_text_that_was_sent_back_and_is_passed_on(desk: Make) -> None:
    one = desk()
    one.save("membre", send=True)
    with one.work("voisine") as work:
        services.send_back(work, "etape-1", "À revoir.", seen=one.seen())
    one.save("voisin", send=True)
    refused(one, lambda: one.publish("membre"))


@ONE_ENGINE
def test_all_at_once_leaves_one_s_own(desk: Make) -> None:
    one = desk()
    one.save("membre", send=True)
    one.machine("membre", "etape-2")
    with one.work("membre") as work:
        assert services.reviewable(work) == []
    with one.work("membre") as work, pytest.raises(Refused, match="nothing"):
        services.publish_all(work, seen=services.list_token([]))


@ONE_ENGINE
@pytest.mark.parametrize("lang", ["ar-MA", "en"])
def test_a_text_is_published_in_the_language_in_which_it_was_sent(desk: Make, lang: str) -> None:
    one = desk()
    one.save("membre", send=True)
    with one.work("voisine") as work, pytest.raises(Refused, match="nothing"):
        services.publish(replace(work, lang=lang), "etape-1", seen="new")
    elsewhere = Desk(one.base, one.base.resource(one.id), lang)
    elsewhere.save("membre", send=True)
    refused(elsewhere, lambda: elsewhere.publish("membre"))
    elsewhere.machine("membre")
    refused(elsewhere, lambda: elsewhere.review("membre"))


@ONE_ENGINE
def test_the_copy_of_a_resource_keeps_who_entered_its_machine_text(desk: Make) -> None:
    one = desk()
    one.machine("membre")
    with one.base.site.sessions() as session:
        found = resources.current(session, session.get_one(Resource, one.id))
        assert found is not None
        made = adapting.adapt(session, found, credits="", by=one.name("membre"), structure_id=None,
                              now=one.base.site.clock.now, quota=10**9)  # fmt: skip
        session.commit()
    one.base.publish(made.id)
    copy = Desk(one.base, one.base.resource(made.id))
    refused(copy, lambda: copy.review("membre"))


@ONE_ENGINE
def test_a_minor_change_of_the_source_changes_nobody_s_name(desk: Make) -> None:
    one = desk()
    one.machine("membre")
    one.change_step("Faites  le geste un.", minor=True)
    refused(one, lambda: one.review("membre"))
    one.save("membre", send=True)
    refused(one, lambda: one.publish("membre"))
