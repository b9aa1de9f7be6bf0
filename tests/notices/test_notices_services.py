"""From the log to the outbox: who is told, once, when, and what is taken back. Both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core.changes import current_seq
from reseau.core.mail import Mail, MailState, retry
from reseau.groups import belonging
from reseau.groups.models import GroupMember
from reseau.members import profile
from reseau.members.models import Person, PersonState
from reseau.notices import delivering, deriving, following, services
from reseau.notices.models import LogCursor, Notice, NoticeChoice
from reseau.notices.preferences import Mode, due
from reseau.threads.base import services as threads
from reseau.threads.base.models import Post, PostState, Thread, ThreadRead, ThreadState
from tests.notices.conftest import A_DAY, MINUTES, Town
from tests.people import at_once


def hide(town: Town, post: Post) -> None:
    with town.site.sessions.begin() as session:
        thread = threads.lock(session, post.thread_id)
        threads.withdraw(session, thread, session.get_one(Post, post.id), PostState.HIDDEN)


def show(town: Town, post: Post) -> None:
    with town.site.sessions.begin() as session:
        thread = threads.lock(session, post.thread_id)
        threads.appear(session, thread, session.get_one(Post, post.id))


def edit(town: Town, post: Post, text: str) -> None:
    with town.site.sessions.begin() as session:
        threads.lock(session, post.thread_id)
        threads.edit(session, session.get_one(Post, post.id), threads.Writing(text, "fr"), by=None, now=town.tick())


# --- told once ------------------------------------------------------------------------------------------------


def test_an_answer_is_told_at_once_by_one_letter(town: Town) -> None:
    thread = town.thread("Où est le code ?")
    answer = town.reply(thread, "Dans le **courrier**.")
    assert town.derive() == "avis : 2"
    (one,) = town.told("membre")
    assert (one.kind, one.reason, one.object_id, one.about_id) == ("reponses", "answer", answer.id, thread.id)
    assert town.deliver(timedelta()) is None, "in two minutes: what follows goes into the same letter"
    assert town.deliver() == "courriels : 1"
    (mail,) = town.letters("membre")
    assert mail.subject == "Re: Où est le code ?"
    assert "voisine a répondu à votre question" in mail.text
    assert "Dans le courrier." in mail.text
    assert town.states("membre") == ["mailed"]
    assert (town.derive(), town.deliver()) == (None, None)
    assert len(town.letters("membre")) == 1


def test_fifty_posts_and_three_followers_are_three_letters(town: Town) -> None:
    thread = town.thread(by="coordination")
    for who in ("membre", "voisin", "referent"):
        town.act(following.follow, town.people[who], ("thread", thread.id), town.site.clock.now)
        town.choose(who)
    for n in range(50):
        town.reply(thread, f"Message {n}.", by="voisine")
    assert town.derive() == f"avis : {50 * 4}"
    assert town.deliver() == "courriels : 4"
    for who in ("membre", "voisin", "referent"):
        (mail,) = town.letters(who)
        assert town.states(who) == ["mailed"] * 50
        assert "Message 49." in mail.text
        assert "Message 29." not in mail.text
        assert "Et 30 autres notifications" in mail.text


def test_two_workers_at_once_do_no_harm(town: Town) -> None:
    thread = town.thread()
    for n in range(30):
        town.reply(thread, f"Message {n}.")
    at_once(town.derive, town.derive, town.derive)
    assert len(town.told("membre")) == 30
    town.later(MINUTES)
    at_once(*[lambda: delivering.deliver(town.tools)] * 3)
    assert len(town.letters("membre")) == 1


def test_a_log_longer_than_a_batch(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = town.thread()
    for n in range(7):
        town.reply(thread, f"Message {n}.")
    more = True
    while more:
        with town.site.sessions.begin() as session:
            _made, more = deriving.step(session, town.site.settings, town.site.clock.now, batch=3)
            assert session.get_one(LogCursor, deriving.CURSOR).seq <= current_seq(session)
    assert len(town.told("membre")) == 7


def test_a_new_site_does_not_tell_its_past(town: Town) -> None:
    with town.site.sessions.begin() as session:
        session.execute(sa.delete(LogCursor))
    town.reply(town.thread())
    assert town.derive() is None
    town.reply(town.thread())
    assert town.derive() == "avis : 2", "the author of the question; the coordination, of the question"


def test_what_happens_before_the_first_run_of_the_worker_is_told(town: Town) -> None:
    with town.site.sessions.begin() as session:
        session.execute(sa.delete(LogCursor))
    town.thread("Avant")
    town.act(deriving.begin)
    town.reply(town.thread("Après"))
    town.act(deriving.begin)  # ``reseau init`` again: nothing is skipped
    assert town.derive() == "avis : 2"
    town.thread("Inventé")
    town.act(deriving.pass_over)
    assert town.derive() is None


# --- read, left, taken back -----------------------------------------------------------------------------------


def test_reading_first_is_no_letter(town: Town) -> None:
    thread = town.thread()
    answer = town.reply(thread)
    town.derive()
    with town.site.sessions.begin() as session:
        session.add(ThreadRead(person_id=town.people["membre"], thread_id=thread.id, read_to=answer.at))
    assert town.deliver() is None
    assert (town.states("membre"), town.letters("membre")) == (["read"], [])


def test_seeing_it_in_the_list_is_no_letter(town: Town) -> None:
    town.reply(town.thread())
    town.derive()
    assert town.act(services.see_all, town.people["membre"], town.site.clock.now) == 1
    assert town.deliver() is None
    assert town.states("membre") == ["read"]


def test_who_left_the_group_is_told_nothing(town: Town) -> None:
    thread = town.thread(topic="groupe")
    town.reply(thread)
    town.reply(thread, by="membre")
    town.choose("voisine")
    town.derive()
    assert len(town.told("voisine")) == 1
    key = (town.group_id, town.people["voisine"])
    assert town.act(belonging.remove, *key) is belonging.Done.LEFT
    try:
        town.deliver()
        assert (town.states("voisine"), town.letters("voisine")) == (["dropped"], [])
    finally:
        with town.site.sessions.begin() as session:
            session.add(GroupMember(group_id=key[0], person_id=key[1]))


def test_who_does_not_follow_any_more_before_it_is_due(town: Town) -> None:
    thread = town.thread()
    town.reply(thread)
    town.derive()
    town.act(following.unfollow, town.people["membre"], ("thread", thread.id), town.site.clock.now)
    assert town.deliver() is None
    (one,) = town.told("membre")
    assert (one.state, one.due_at) == ("waiting", None), "it stays on the site"


def test_all_off_before_it_is_due(town: Town) -> None:
    town.reply(town.thread())
    town.derive()
    with town.site.sessions.begin() as session:
        services.stop_all(session, town.loaded(session, "membre"), town.site.clock.now)
    assert town.deliver() is None
    assert not profile.wanted(town.get(Person, town.people["membre"]))
    town.reply(town.thread())
    town.derive()
    assert town.deliver() is None
    with town.site.sessions.begin() as session:
        services.resume(session, town.loaded(session, "membre"))
    town.reply(town.thread())
    town.derive()
    assert town.deliver() == "courriels : 1"


@pytest.mark.parametrize("state", [PersonState.SUSPENDED, PersonState.GONE])
def test_who_is_not_active_is_written_nothing(town: Town, state: PersonState) -> None:
    person = town.person()
    thread = town.thread(by=person.id)
    town.reply(thread)
    town.derive()
    with town.site.sessions.begin() as session:
        session.get_one(Person, person.id).state = state.value
    assert town.deliver() is None
    assert town.mails(person.email or "") == []


def test_what_is_hidden_before_it_is_due(town: Town) -> None:
    answer = town.reply(town.thread())
    town.derive()
    hide(town, answer)
    town.derive()
    assert town.states("membre") == ["dropped"]
    assert town.deliver() is None
    show(town, answer)
    assert town.derive() is None
    assert town.deliver() == "courriels : 1", "it is shown again, and had not been told"


def test_what_is_hidden_while_its_letter_waits_in_the_outbox(town: Town) -> None:
    thread = town.thread("Titre de ce fil")
    kept, answer = town.reply(thread, "Gardé."), town.reply(thread, "Secret.")
    town.derive()
    assert town.deliver() == "courriels : 1"
    hide(town, answer)
    town.derive()
    (mail,) = town.letters("membre")
    assert (mail.state, mail.text, mail.html) == (MailState.CANCELLED.value, "", "")
    assert not town.act(retry, mail.id, town.site.clock.now), "nobody can send it again"
    assert sorted(town.states("membre")) == ["dropped", "waiting"]
    assert town.deliver() == "courriels : 1"
    again = town.letters("membre")[1]
    assert "Gardé." in again.text
    assert "Secret." not in again.text + again.html
    assert [one.object_id for one in town.told("membre") if one.state == "mailed"] == [kept.id]


def test_what_is_hidden_after_its_letter_left_is_never_told_again(town: Town) -> None:
    answer = town.reply(town.thread())
    town.derive()
    town.deliver()
    with town.site.sessions.begin() as session:
        session.execute(sa.update(Mail).values(state=MailState.SENT.value, sent_at=town.site.clock.now))
    hide(town, answer)
    town.derive()
    (one,) = town.told("membre")
    assert one.seen_at is not None
    show(town, answer)
    town.derive()
    assert town.deliver() is None


def test_a_letter_on_its_way_that_comes_back_is_swept(town: Town) -> None:
    answer = town.reply(town.thread())
    town.derive()
    town.deliver()
    with town.site.sessions.begin() as session:
        session.execute(sa.update(Mail).values(state=MailState.SENDING.value, claimed_at=town.site.clock.now))
    hide(town, answer)
    town.derive()
    with town.site.sessions.begin() as session:
        session.execute(sa.update(Mail).values(state=MailState.WAITING.value))
    assert town.deliver() == "repris : 1"
    assert [mail.state for mail in town.letters("membre")] == [MailState.CANCELLED.value]


def test_words_that_change_while_the_letter_waits(town: Town) -> None:
    answer = town.reply(town.thread(), "Madame Durand a 80 ans.")
    town.derive()
    town.deliver()
    edit(town, answer, "Une personne a 80 ans.")
    town.derive()
    town.deliver()
    first, second = town.letters("membre")
    assert first.state == MailState.CANCELLED.value
    assert "Durand" not in second.text
    assert "Une personne a 80 ans." in second.text


def test_a_thread_moved_where_one_may_not_read(town: Town) -> None:
    thread = town.thread(by="personne")
    town.reply(thread)
    town.derive()
    town.deliver()
    assert len(town.letters("personne")) == 1
    with town.site.sessions.begin() as session:
        locked = threads.lock(session, thread.id)
        locked.topic_id = town.topics["reseau"]
        threads.tell(session, locked, threads.Op.UPDATE)
    town.derive()
    assert [mail.state for mail in town.letters("personne")] == [MailState.CANCELLED.value]
    assert town.states("personne") == ["dropped"]


def test_a_thread_that_is_hidden(town: Town) -> None:
    thread = town.thread()
    town.reply(thread)
    town.derive()
    with town.site.sessions.begin() as session:
        locked: Thread = threads.lock(session, thread.id)
        locked.state = ThreadState.HIDDEN.value
        threads.tell(session, locked, threads.Op.WITHDRAW)
    town.derive()
    assert town.states("membre") == ["dropped"]


# --- when -----------------------------------------------------------------------------------------------------


def test_the_rest_is_one_letter_a_day_at_the_hour_that_one_chose(town: Town) -> None:
    thread = town.thread(by="coordination")
    other = town.thread("Autre fil", by="voisine")
    for one in (thread, other):
        town.act(following.follow, town.people["membre"], ("thread", one.id), town.site.clock.now)
    town.choose("membre", {}, hour=18)
    town.reply(thread, by="voisin")
    town.reply(other, by="voisin")
    town.derive()
    assert {one.due_at.astimezone(UTC).hour for one in town.told("membre")} == {17}  # 18:00 in winter
    town.deliver(timedelta(hours=7))
    assert town.letters("membre") == []
    town.deliver(timedelta(minutes=31))
    (mail,) = town.letters("membre")
    assert mail.subject == "2 nouveaux messages dans les échanges"
    assert "Reply-To" not in mail.headers
    assert "Autre fil" in mail.text


def test_another_choice_changes_what_waits(town: Town) -> None:
    town.reply(town.thread())
    town.derive()
    town.choose("membre", {"reponses": "semaine"}, hour=7, weekday=4)
    (one,) = town.told("membre")
    assert one.due_at is not None
    assert (one.due_at.weekday(), one.due_at.hour) == (4, 6)
    town.choose("membre", {"reponses": "site"})
    town.choose("membre", {"reponses": "aussitot"})
    assert town.told("membre")[0].due_at is None, "what was for the site only is no news"


MARCH, OCTOBER = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "mode", "hour", "weekday", "expected"),
    [
        (MARCH, Mode.DAY, 8, 0, "2026-03-29T06:00"),  # summer begins in the night
        (OCTOBER, Mode.DAY, 8, 0, "2026-10-25T07:00"),  # and ends
        (MARCH, Mode.DAY, 2, 0, "2026-03-29T01:00"),  # an hour that there is not is the next one
        (OCTOBER, Mode.DAY, 2, 0, "2026-10-25T00:00"),  # one that comes twice is the first
        (OCTOBER, Mode.WEEK, 8, 5, "2026-10-31T07:00"),  # today, later: next week, an hour of winter
        (MARCH, Mode.WEEK, 18, 5, "2026-03-28T17:00"),
        (MARCH, Mode.NOW, 8, 0, "2026-03-28T12:02"),
    ],
)  # fmt: skip
def test_hours_are_those_of_the_places_summer_and_winter(
    now: datetime, mode: Mode, hour: int, weekday: int, expected: str
) -> None:
    choice = NoticeChoice(modes={}, hour=hour, weekday=weekday)
    found = due(mode, choice, now, "Europe/Paris")
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


# --- stopping -------------------------------------------------------------------------------------------------


def test_stopping_one_thread_takes_its_letter_back_and_leaves_the_others(town: Town) -> None:
    thread, other = town.thread(), town.thread("L’autre")
    town.reply(thread)
    town.derive()
    town.deliver()
    town.reply(other)
    town.derive()
    with town.site.sessions.begin() as session:
        services.stop_about(session, town.loaded(session, "membre"), ("thread", thread.id), town.site.clock.now)
    town.deliver()
    first, second = town.letters("membre")
    assert (first.state, second.state) == ("cancelled", "waiting")
    assert second.subject == "Re: L’autre"


def test_what_is_old_is_forgotten_but_not_what_waits(town: Town) -> None:
    thread = town.thread()
    town.reply(thread)
    town.derive()
    town.deliver()
    town.reply(thread)
    town.derive()
    town.later(services.KEPT)
    assert town.act(services.purge, town.site.clock.now + A_DAY) == 0
    assert town.states("membre") == ["mailed", "waiting"], "what was mailed is answered by mail, for a year"
    assert [one.seen_at is None for one in town.told("membre")] == [False, True], "but it is no news"
    shown, _more = town.act(services.page, town.people["membre"], town.site.clock.now + A_DAY)
    assert shown == []
    town.later(services.MAILED_KEPT - services.KEPT)
    assert town.act(services.purge, town.site.clock.now + A_DAY) == 1
    assert town.states("membre") == ["waiting"]


def test_what_is_held_of_a_person_is_given_and_forgotten(town: Town) -> None:
    from reseau.members import export, leaving

    person = town.person()
    thread = town.thread(by=person.id)
    town.reply(thread)
    town.derive()
    with town.site.sessions.begin() as session:
        found: dict[str, Any] = export.everything(session, person.id, town.site.clock.now)
        assert [len(found[name]) for name in ("abonnements", "avis_recus", "reglages_des_avis")] == [1, 1, 0]
        assert "mail_key" not in found["avis_recus"][0]
        leaving.anonymise(session, session.get_one(Person, person.id), town.site.clock.now)
    assert town.rows(Notice, Notice.person_id == person.id) == []
