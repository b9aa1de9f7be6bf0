"""What people lose the right to read is taken back, in letters and in the number of what is new; one person's trouble
is not everybody's. Both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.db import affected
from reseau.core.ids import new_id
from reseau.core.mail import MailState
from reseau.groups import belonging, documents
from reseau.groups.models import DocumentKind, GroupMember
from reseau.members import governance, sessions, team
from reseau.members.models import Membership, Person
from reseau.notices import delivering, following, services, sources
from reseau.notices.models import NoticeChoice
from reseau.threads.base import services as threads
from reseau.threads.base.models import Post, PostState, Thread, ThreadKind, Topic
from reseau.threads.moderating import topics
from tests.notices.conftest import A_DAY, Town
from tests.people import at_once


def new(town: Town, who: UUID | str) -> int:
    """The number in the head."""
    person_id = town.people[who] if isinstance(who, str) else who
    with town.site.sessions() as session:
        secret = sessions.open_session(session, person_id, town.site.clock.now)
        identity = sessions.identify(session, secret, town.site.clock.now)
        session.rollback()
        assert identity is not None
        return identity.unread


def held(town: Town, topic: str, who: str) -> Thread:
    """A letter about an answer in a topic waits in the outbox."""
    thread = town.thread(topic=topic, by="coordination" if who != "coordination" else "membre")
    town.act(following.follow, town.people[who], ("thread", thread.id), town.site.clock.now)
    town.choose(who)
    town.reply(thread, by="membre" if who != "membre" else "coordination")
    town.derive()
    town.deliver()
    assert [mail.state for mail in town.letters(who)] == [MailState.WAITING.value]
    return thread


def taken_back(town: Town, who: str) -> None:
    town.derive()
    town.deliver()
    assert [mail.state for mail in town.letters(who)] == [MailState.CANCELLED.value]
    assert town.states(who) == ["dropped"]


@pytest.fixture
def put_back(town: Town) -> Iterator[Callable[[Any], None]]:
    """Rows to be there again after the test: the house is shared."""
    rows: list[Any] = []
    yield rows.append
    with town.site.sessions.begin() as session:
        for row in rows:
            session.merge(row)


# --- who may not read any more --------------------------------------------------------------------------------


def test_who_was_removed_from_a_group_while_the_letter_waits(town: Town, put_back: Any) -> None:
    held(town, "groupe", "voisine")
    put_back(GroupMember(group_id=town.group_id, person_id=town.people["voisine"]))
    assert town.act(belonging.remove, town.group_id, town.people["voisine"]) is belonging.Done.LEFT
    taken_back(town, "voisine")


def test_a_topic_that_becomes_the_network_s_while_the_letter_waits(town: Town, put_back: Any) -> None:
    held(town, "public", "personne")
    town.choose("membre", {"suivis": "site"})
    topic = town.topic("public")
    put_back(Topic(**{column.key: getattr(topic, column.key) for column in sa.inspect(Topic).column_attrs}))
    with town.site.sessions.begin() as session:
        wanted = topics.Wanted(topic.titles, topic.description, "network", topic.procedures)
        assert topics.edit(session, session.get_one(Topic, topic.id), wanted)
    taken_back(town, "personne")


def test_who_lost_their_last_place_while_the_letter_waits(town: Town, put_back: Any) -> None:
    held(town, "reseau", "voisin")
    put_back(Membership(person_id=town.people["voisin"], structure_id=town.places["ailleurs"], role="referent"))
    done = team.remove
    with town.site.sessions.begin() as session:
        rows = session.scalars(sa.select(Membership).where(Membership.person_id == town.people["voisin"])).all()
        for row in rows:
            assert (
                done(session, row.structure_id, row.person_id, town.site.clock.now, may_orphan=True) is team.Done.DONE
            )
    taken_back(town, "voisin")


def test_who_lost_their_role_while_the_letter_waits(town: Town) -> None:
    person = town.person("Roleperdu", roles=["relay"])
    town.people["roleperdu"] = person.id
    held(town, "reseau", "roleperdu")
    town.act(governance.remove_role, person.id, "relay", town.site.clock.now)
    taken_back(town, "roleperdu")


def test_who_is_suspended_while_the_letter_waits(town: Town) -> None:
    person = town.person("Suspendu")
    town.people["suspendu"] = person.id
    held(town, "public", "suspendu")
    town.act(governance.suspend, person.id, town.site.clock.now)
    town.derive()
    town.deliver()
    assert [mail.state for mail in town.letters("suspendu")] == [MailState.CANCELLED.value]
    (one,) = town.told("suspendu")
    assert (one.state, one.due_at) == ("waiting", None), "on the site, if they come back"
    town.act(governance.restore, person.id)
    assert new(town, "suspendu") == 1


def test_the_others_keep_their_letter(town: Town, put_back: Any) -> None:
    held(town, "groupe", "membre")
    held(town, "groupe", "voisine")
    put_back(GroupMember(group_id=town.group_id, person_id=town.people["voisine"]))
    town.act(belonging.remove, town.group_id, town.people["voisine"])
    town.derive()
    assert {mail.state for mail in town.letters("membre")} == {MailState.WAITING.value}


def test_what_is_on_the_site_only_is_no_news_once_it_may_not_be_read(town: Town) -> None:
    """The thread moved, then its topic: the number would never go, for the list shows nothing."""
    thread = town.thread(by="personne")
    town.choose("personne", {"reponses": "site"})
    town.reply(thread)
    town.derive()
    assert new(town, "personne") == 1
    with town.site.sessions.begin() as session:
        locked = threads.lock(session, thread.id)
        locked.topic_id = town.topics["reseau"]
        threads.tell(session, locked, threads.Op.UPDATE)
    town.derive()
    assert new(town, "personne") == 0


def test_an_announcement_is_taken_back_from_all_by_as_many_statements_as_from_one(town: Town) -> None:
    more = [town.person().id for _n in range(30)]
    thread = town.thread(kind=ThreadKind.ANNONCE, by="coordination", topic="public")
    post = town.posts(thread)[0]
    town.derive()
    town.deliver(A_DAY)
    seen: list[str] = []
    engine = town.site.engine

    def count(*args: Any) -> None:
        seen.append(args[2])

    with town.site.sessions.begin() as session:
        locked = threads.lock(session, thread.id)
        threads.withdraw(session, locked, session.get_one(Post, post.id), PostState.HIDDEN)
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        town.derive()
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= 30, seen
    with town.site.sessions() as session:
        wanted = sa.select(services.Notice).where(services.Notice.person_id.in_(more))
        assert {one.state for one in session.scalars(wanted)} == {"dropped"}
    assert all(mail.state == "cancelled" for mail in town.letters("membre"))
    with town.site.sessions.begin() as session:
        assert affected(session, sa.update(Person).where(Person.id.in_(more)).values(state="gone", email=None)) == 30


def test_who_may_read_a_document_is_said_in_one_way(town: Town, put_back: Any) -> None:
    """Of one person by ``lines``, of many by ``readers``."""
    text = documents.Writing("Réunion de mai", "Nous étions six.", "fr", None)
    made = town.act(documents.create, town.group_id, DocumentKind.MINUTES, text, id_=new_id(),
                    by=town.people["membre"], now=town.tick())  # fmt: skip
    town.derive()
    (one,) = town.told("voisine")
    about = ("group", town.group_id)
    with town.site.sessions() as session:
        pairs = {(id_, about) for id_ in town.people.values()}
        able = {id_ for id_, _ in sources.readers(session, pairs)}
        for id_ in town.people.values():
            lines = sources.lines(session, session.get_one(Person, id_), [one], town.site.settings)
            assert (id_ in able) == bool(lines)
        assert sources.shown(session, [("group-document", made.id), ("group-document", new_id())]) == {
            ("group-document", made.id)
        }


# --- one person's trouble -------------------------------------------------------------------------------------


def test_one_letter_that_cannot_be_made_stops_nobody_else_s(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = town.thread(by="voisin")
    town.reply(thread, by="membre")
    town.reply(town.thread(by="membre"), by="voisin")
    town.derive()
    first = min(("voisin", "membre"), key=lambda who: (town.told(who)[0].due_at, town.told(who)[0].person_id))
    other = "membre" if first == "voisin" else "voisin"
    real = sources.lines

    def lines(session: Any, person: Person, *more: Any) -> Any:
        if person.id == town.people[first]:
            raise ValueError("a row that nothing can be made of")
        return real(session, person, *more)

    monkeypatch.setattr(delivering.sources, "lines", lines)
    assert town.deliver() == "échecs : 1, courriels : 1"
    assert len(town.letters(other)) == 1
    assert town.states(first) == ["waiting"]
    assert town.deliver() is None, "not again and again"
    monkeypatch.undo()
    assert town.deliver(delivering.PUT_OFF) == "courriels : 1"


def test_one_row_of_the_log_that_cannot_be_told_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = town.reply(town.thread()), town.reply(town.thread())
    source = sources.source_of("post")
    assert source is not None
    real = source.candidates

    def candidates(session: Any, ids: Any, now: Any) -> Any:
        if bad.id in ids:
            raise ValueError("a post that nobody can read")
        return real(session, ids, now)

    monkeypatch.setitem(sources._SOURCES, "post", replace(source, candidates=candidates))
    assert town.derive() == "avis : 3", "and the coordination hears of both questions"
    assert [one.object_id for one in town.told("membre")] == [good.id]
    assert town.derive() is None, "the place in the log moved on"


def test_two_mail_programs_stop_the_same_mails_at_once(town: Town) -> None:
    def stop() -> None:
        with town.site.sessions.begin() as session:
            services.stop_all(session, town.loaded(session, "membre"), town.site.clock.now)

    at_once(*[stop] * 4)
    with town.site.sessions() as session:
        assert session.get_one(NoticeChoice, town.people["membre"]).off_at is not None
