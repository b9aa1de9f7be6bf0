"""How many letters, and what each can be answered and stopped by."""

from __future__ import annotations

from datetime import timedelta

from reseau.core.mail import Mail
from reseau.notices import delivering
from reseau.notices.models import Level
from tests.members.conftest import post_form
from tests.notices.conftest import ONE_ENGINE, Town
from tests.notices.test_notices_pages import following_level, link


def answers(town: Town, *counts: int) -> list[Mail]:
    """Letters about as many threads of "membre", with as many answers."""
    for n, count in enumerate(counts):
        thread = town.thread(f"Fil {n}")
        for _answer in range(count):
            town.reply(thread)
    town.derive()
    return town.letters("membre")


def test_at_once_is_one_letter_a_thread(town: Town) -> None:
    answers(town, 3, 1)
    town.deliver()
    assert town.deliver() is None
    mails = sorted(town.letters("membre"), key=lambda one: one.subject)
    assert [one.subject for one in mails] == ["Re: Fil 0", "Re: Fil 1"]
    assert [one.text.count("a répondu à votre question") for one in mails] == [3, 1]
    assert len({one.headers["References"] for one in mails}) == 2
    assert town.states("membre") == ["mailed"] * 4


@ONE_ENGINE
def test_too_many_at_once_are_one_letter(town: Town) -> None:
    answers(town, *[1] * (delivering.MOST_AT_ONCE + 1))
    town.deliver()
    (mail,) = town.letters("membre")
    assert "References" not in mail.headers


@ONE_ENGINE
def test_the_daily_letter_about_one_thread_is_answered_as_any(town: Town) -> None:
    town.choose("membre", {"reponses": "jour"})
    answers(town, 2)
    town.deliver(timedelta(days=1))
    (mail,) = town.letters("membre")
    assert mail.subject == "Re: Fil 0"
    assert "References" in mail.headers
    assert "Ne plus suivre ce fil" in mail.text


@ONE_ENGINE
def test_each_thread_of_a_daily_letter_has_its_link(town: Town) -> None:
    town.choose("membre", {"reponses": "jour"})
    answers(town, 2, 1)
    town.deliver(timedelta(days=1))
    (mail,) = town.letters("membre")
    assert mail.text.count("Ne plus suivre ce fil") == 2
    post_form(town.browser().get(link(mail, header=False, label="Ne plus suivre ce fil"))).submit()
    levels = [following_level(town, ref) for ref in sorted({one.about for one in town.told("membre")})]
    assert sorted(levels, key=str) == [Level.FOLLOW, Level.MUTE]
