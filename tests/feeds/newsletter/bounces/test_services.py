"""What comes back counts once, against the address, and only with proof."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from feeds.newsletter import links
from feeds.newsletter.bounces import holding, listing
from feeds.newsletter.bounces.commands import letter
from feeds.newsletter.bounces.jobs import Later, purge, read_mailbox
from feeds.newsletter.bounces.services import refused, take
from feeds.newsletter.models import ConsentEvent, Delivery, Subscriber, Suppression
from feeds.newsletter.subscribing.suppressing import suppressed
from reseau.cli import App, main
from reseau.core.jobs import Tools
from reseau.core.mailbox import MailboxError
from tests.feeds.newsletter.bounces import letters
from tests.feeds.newsletter.bounces.conftest import MARIE, ONE_ENGINE, Post
from tests.feeds.newsletter.bounces.letters import made
from tests.people import at_once
from tests.threads.imap import Box, serving


def test_a_hard_failure_ends_the_letters_to_an_address_once(post: Post) -> None:
    assert [post.back(), post.back()] == ["hard", "again"]
    marie = post.marie()
    assert (marie.state, marie.bounce_score, marie.bounced_on) == ("bounced", 1.0, post.clock().date())
    assert post.all(sa.select(Delivery.bounce)) == ["hard"]
    assert post.all(sa.select(Delivery.state)) == ["accepted"]
    assert post.all(sa.select(Suppression.reason)) == ["bounce"]
    assert post.all(sa.select(ConsentEvent.act)) == ["bounced"]
    with post.desk.sessions() as session:
        assert suppressed(session, post.desk.settings.secret, [MARIE]) == {MARIE}


def test_soft_failures_count_half_once_a_day_and_end_at_three(post: Post) -> None:
    start = post.clock.now
    for day in range(6):
        post.clock.now = start + timedelta(days=day)
        assert post.again(f"a{day}") == "soft"
        assert post.again(f"b{day}") == "soft"
        assert post.marie().bounce_score == 0.5 * (day + 1)
        assert post.marie().state == ("bounced" if day == 5 else "active")
    assert post.all(sa.select(Suppression.reason)) == ["bounce"]


def test_soft_failures_of_long_ago_are_forgotten(post: Post) -> None:
    start = post.clock.now
    post.again("a")
    post.clock.now = start + timedelta(days=30)
    post.again("b")
    assert post.marie().bounce_score == 1.0
    post.clock.now = start + timedelta(days=61)
    post.again("c")
    assert post.marie().bounce_score == 0.5


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        (letters.POSTFIX, {"action": "delayed", "status": "4.4.1"}),
        (letters.POSTFIX, {"action": "relayed", "status": "2.0.0"}),
        (letters.POSTFIX, {"status": "5.7.1", "words": "not welcome"}),
        (letters.ABSENCE, {}),
        (letters.SEVERAL, {"second": "delivered", "second_status": "2.0.0"}),
        (letters.COMPLAINT, {"kind": "not-spam"}),
    ],
)
@ONE_ENGINE
def test_what_says_nothing_of_the_address_counts_for_nothing(post: Post, shape: str, values: dict[str, str]) -> None:
    assert post.back(shape, **values) == "ignored"
    assert (post.marie().state, post.marie().bounce_score) == ("active", 0.0)
    assert post.all(sa.select(Delivery.bounce)) == [""]


@ONE_ENGINE
def test_several_behind_one_address_count_when_all_failed_by_the_mildest(post: Post) -> None:
    assert post.back(letters.SEVERAL, second="failed", second_status="4.2.2") == "soft"
    assert post.marie().bounce_score == 0.5


def test_a_complaint_is_a_leave_for_ever(post: Post) -> None:
    assert post.back(letters.COMPLAINT) == "complaint"
    marie = post.marie()
    assert (marie.state, marie.left_at) == ("left", post.clock())
    assert post.all(sa.select(ConsentEvent.act)) == ["complained"]
    assert post.all(sa.select(Suppression.reason)) == ["complaint"]
    assert post.all(sa.select(Delivery.bounce)) == ["complaint"]
    assert post.back() == "hard"
    assert (post.marie().state, post.all(sa.select(Delivery.bounce))) == ("left", ["complaint"])


@ONE_ENGINE
def test_a_complaint_is_proven_by_the_envelope_or_the_link_that_it_gives_back(post: Post) -> None:
    link = links.of_reader(post.desk.settings.secret, post.key)
    forged = made(letters.COMPLAINT, "retours+x@reseau.example", key="y" * 32)
    assert take(post.desk, forged) == "unread"
    assert post.marie().state == "active"
    raw = made(letters.COMPLAINT, "retours@reseau.example", key=link)
    assert take(post.desk, raw) == "complaint"
    assert post.marie().state == "left"


@ONE_ENGINE
def test_the_envelope_in_an_arf_report_is_a_proof(post: Post) -> None:
    more = f"Original-Mail-From: <{post.verp.upper()}>\n"
    raw = made(letters.COMPLAINT, "x@y.example", complaints="plaintes@reseau.example", more=more)
    assert take(post.desk, raw) == "complaint"


def test_a_forged_report_touches_nobody(post: Post) -> None:
    token = links.of_bounce("another secret of another site, long enough", post.delivery)
    cut = post.verp.replace("@", "a@")
    for verp in (f"retours+{token}@reseau.example", "marie@reseau.example", cut, "retours+@reseau.example"):
        raw = made(letters.POSTFIX, verp).replace(b"20261124090000.AAAA", uuid4().hex.encode())
        assert take(post.desk, raw) == "unread"
    assert (post.marie().state, post.marie().bounce_score) == ("active", 0.0)
    with post.desk.sessions() as session:
        seen = listing.unread(session)
        assert [one.said for one in seen] == ["Undelivered Mail Returned to Sender"] * 4
        assert all(one.subscriber_id is None for one in seen)
        assert listing.bouncing(session) == []


@ONE_ENGINE
def test_the_envelope_recipient_is_enough_whatever_became_of_its_case(post: Post) -> None:
    raw = made(letters.POSTFIX, "ailleurs@x.example")
    assert take(post.desk, raw, (f"<{post.verp.upper()}>",)) == "hard"


@ONE_ENGINE
def test_an_address_that_changed_since_is_not_blamed(post: Post) -> None:
    with post.desk.sessions.begin() as session:
        session.execute(sa.update(Subscriber).values(email="marie@nouvelle.example"))
    assert post.back() == "ignored"
    assert post.marie().state == "active"


@ONE_ENGINE
def test_a_test_letter_touches_no_score(post: Post) -> None:
    verp = f"retours+{links.of_bounce(post.desk.settings.secret, uuid4())}@reseau.example"
    assert take(post.desk, made(letters.POSTFIX, verp)) == "ignored"
    assert post.kinds() == {"ignored": 1}


def test_the_same_report_at_the_same_time_counts_once(post: Post) -> None:
    found = at_once(*[lambda: post.again("same")] * 4)
    assert Counter(found) == {"soft": 1, "again": 3}
    assert post.marie().bounce_score == 0.5


def test_a_refusal_while_handing_over_counts_once(post: Post) -> None:
    secret = post.desk.settings.secret

    def refuse(said: str, delivery: UUID) -> str:
        with post.desk.sessions.begin() as session:
            return refused(session, post.subscriber, said, post.clock(), secret=secret, delivery_id=delivery)

    assert refuse("554 5.7.1 policy", post.delivery) == "ignored"
    assert refuse("550 5.1.1 <marie@ailleurs.example>: unknown", post.delivery) == "again"
    assert post.marie().state == "active"
    with post.desk.sessions.begin() as session:
        assert refused(session, post.subscriber, "550 5.1.1 no", post.clock(), secret=secret) == "hard"
        assert refused(session, uuid4(), "550 5.1.1 no", post.clock(), secret=secret) == "ignored"
    assert post.marie().state == "bounced"
    assert post.all(sa.select(Delivery.bounce)) == [""]


def test_lists_and_numbers_for_the_coordination(post: Post) -> None:
    post.again("a")
    post.back(status="5.7.1", words="not welcome")
    with post.desk.sessions() as session:
        (one,) = listing.bouncing(session)
        assert (one.email, one.state, one.score, one.status) == (MARIE, "active", 0.5, "5.2.2")
        assert "@" not in one.said
        assert listing.numbers(session, post.clock() - timedelta(days=1)) == {"soft": 1, "policy": 1}
        assert listing.numbers(session, post.clock() + timedelta(days=1)) == {}


def test_what_came_back_long_ago_is_forgotten(post: Post) -> None:
    start = post.clock.now
    post.back()
    post.back(letters.ABSENCE)
    tools = Tools(post.desk.sessions, post.desk.settings, post.clock)
    assert purge(tools) is None
    post.clock.now = start + timedelta(days=91)
    assert purge(tools) == "effacés : 1"
    post.clock.now = start + timedelta(days=401)
    assert purge(tools) == "effacés : 1"
    assert post.kinds() == {}


# --- the mailbox, the command -----------------------------------------------------------------------------------------


def tools_of(post: Post, url: str) -> Tools:
    return Tools(post.desk.sessions, replace(post.desk.settings, letter_inbox=url), post.clock)


@ONE_ENGINE
def test_the_mailbox_keeps_only_what_somebody_must_look_at(post: Post) -> None:
    box = Box()
    box.put(made(letters.POSTFIX, post.verp))
    person = box.put(made(letters.ANSWER, post.verp))
    box.put(made(letters.ABSENCE, post.verp))
    forged = box.put(made(letters.EXIM, "retours@reseau.example"))
    with serving(box) as url:
        assert read_mailbox(tools_of(post, "")) is None
        assert read_mailbox(tools_of(post, url)) == "adresses mortes : 1, sans suite : 1, à regarder : 2"
        assert list(box.messages) == [person, forged]
        assert box.flags(person) == box.flags(forged) == {r"\Flagged"}
        assert read_mailbox(tools_of(post, url)) is None
        with pytest.raises(MailboxError):
            read_mailbox(tools_of(post, url.replace("s3cr", "faux")))


@ONE_ENGINE
def test_a_message_leaves_the_mailbox_only_after_its_commit(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box()
    uid = box.put(made(letters.POSTFIX, post.verp))
    with serving(box) as url:
        with monkeypatch.context() as patch:
            patch.setattr("feeds.newsletter.bounces.services.suppress", _away)
            with pytest.raises(Later):
                read_mailbox(tools_of(post, url))
        assert list(box.messages) == [uid]
        assert not box.flags(uid)
        assert (post.marie().state, post.kinds()) == ("active", {})
        box.cut_at = "UID STORE"  # committed, and the connection breaks before the mailbox hears of it
        with pytest.raises(Exception, match=r"."):
            read_mailbox(tools_of(post, url))
        assert read_mailbox(tools_of(post, url)) == "déjà lus : 1"
        assert not box.messages
    assert post.marie().bounce_score == 1.0


def _away(*_args: object) -> None:
    raise OSError(28, "no space")


def invoke(post: Post, raw: bytes, *args: str, engine: sa.Engine) -> Any:
    app = App({})
    app.__dict__.update(settings=post.desk.settings, engine=engine)
    return CliRunner().invoke(letter, ["bounce", *args], input=raw, obj=app)


@ONE_ENGINE
def test_the_command_takes_a_message(post: Post, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    done = invoke(post, made(letters.POSTFIX, post.verp), engine=engine)
    assert (done.exit_code, done.stderr) == (0, "lettre : hard\n")
    done = invoke(post, b"", "--imap", engine=engine)
    assert (done.exit_code, "letter_inbox" in done.stderr) == (75, True)
    huge = made(letters.POSTFIX, "x@y.example").replace(b"I'm sorry", b"x" * 3_000_000).replace(b"AAAA", b"BBBB")
    assert invoke(post, huge, "--recipient", post.verp, engine=engine).stderr == "lettre : unread\n"
    monkeypatch.setattr("feeds.newsletter.bounces.services.take", _away)
    done = invoke(post, b"x", engine=engine)
    assert (done.exit_code, "@" in done.output) == (75, False)


def test_a_wrong_line_of_the_mail_server_keeps_the_report() -> None:
    for args in (("letter", "bounce", "--nope"), ("letter", "x"), ("-c", "/nulle/part.ini", "letter", "bounce")):
        assert CliRunner().invoke(main, args, input=b"x").exit_code == 75


def test_the_day_of_a_score_is_that_of_the_site(post: Post) -> None:
    post.clock.now = datetime.fromisoformat("2026-11-24T23:30:00+00:00")
    post.again("late")
    assert str(post.marie().bounced_on) == "2026-11-25"


def test_a_refusal_at_once_is_suppressed_by_the_job_that_knows_the_secret(post: Post) -> None:
    with post.desk.sessions.begin() as session:
        assert refused(session, post.subscriber, "550 5.1.1 no such user", post.clock()) == "hard"
    assert post.marie().state == "bounced"
    assert post.all(sa.select(Suppression.reason)) == []
    for _twice in range(2):
        read_mailbox(tools_of(post, ""))
        assert post.all(sa.select(Suppression.reason)) == ["bounce"]


def test_who_asks_is_given_what_came_back(post: Post) -> None:
    post.back()
    with post.desk.sessions() as session:
        (row,) = holding.rows_of(session, uuid4(), MARIE.upper())["retours_de_la_lettre"]
    assert (row["kind"], row["status"], row["at"]) == ("hard", "5.1.1", post.clock())
