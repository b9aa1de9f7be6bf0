"""Messages that were made to harm: in no time, and nobody is stopped by an absence."""

from __future__ import annotations

import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from feeds.newsletter import links
from feeds.newsletter.bounces import parsing
from feeds.newsletter.bounces.parsing import parse
from feeds.newsletter.bounces.services import take
from feeds.newsletter.models import BounceEvent, ConsentEvent, Subscriber, Suppression
from feeds.newsletter.subscribing import services
from feeds.newsletter.subscribing.services import confirm
from reseau.core.masking import masked
from tests.feeds.newsletter.bounces import letters
from tests.feeds.newsletter.bounces.conftest import MARIE, ONE_ENGINE, Post
from tests.feeds.newsletter.bounces.letters import made

DAEMON = b"From: mailer-daemon@y.example\nContent-Type: text/plain\n\nhi\n"
REPORT = (b"From: a@b.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
          b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n")  # fmt: skip
DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(150))
#: Each took from seconds to minutes.
HEAVY = {
    "failed recipients": b"X-Failed-Recipients: " + b"a" * 1_900_000 + b"\n\nhi\n",
    "recipients": b"".join(b"To: " + b"a" * 4_000 + b"\n" for _ in range(100)) + b"\nhi\n",
    "dashes": DAEMON + b"-" * 99_000 + b"\n",
    "dashes with words": DAEMON + b"--" + b"-header" * 20_000 + b"\n",
    "final recipient": REPORT + b"Final-Recipient: rfc822; " + b"a" * 1_000_000 + b"\nAction: failed\n\n--b--\n",
    "fields": REPORT + b"Final-Recipient: rfc822;a@b\n" * 2 + b"".join(b"A%d: x\n" % n for n in range(90_000)),
    "blocks": REPORT + b"Final-Recipient: rfc822;a@b\n\n" * 60_000,
    "deep": b"From: a@b.example\n" + DEEP + b"a\n" * 190_000,
    "type": b'Content-Type: text/plain; x="' + b";" * 200_000 + b"\n\nhi",
    "folded type": b"Content-Type: text/plain" + b"\r\n ;a=b" * 60_000 + b"\r\n\r\nhi",
}


@pytest.mark.parametrize("name", HEAVY)
def test_nothing_takes_more_than_a_moment(name: str) -> None:
    start = time.process_time()
    parse(HEAVY[name])
    assert time.process_time() - start < 4, "seconds of the processor; a hundred times less than before"


@ONE_ENGINE
def test_what_proves_nothing_is_not_taken_apart(post: Post) -> None:
    with patch.object(parsing, "message_from_bytes") as taken:
        assert take(post.desk, made(letters.POSTFIX, "retours+x@reseau.example")) == "unread"
        forged = links.of_bounce("another secret of another site, long enough", post.delivery)
        raw = made(letters.POSTFIX, f"retours+{forged}@reseau.example").replace(b"AAAA", b"BBBB")
        assert take(post.desk, raw) == "unread"
        taken.assert_not_called()
    assert take(post.desk, made(letters.POSTFIX, "x@y.example").replace(b"AAAA", b"C"), (post.verp,)) == "hard"


@ONE_ENGINE
def test_a_proof_in_a_quoted_printable_part_is_found(post: Post) -> None:
    raw = made(letters.COMPLAINT, "x@y.example", complaints="plaintes@reseau.example",
               key=links.of_reader(post.desk.settings.secret, post.key))  # fmt: skip
    head, mark, rest = raw.partition(b"/lettre/d/")
    cut = (head + mark + rest[:9] + b"=\r\n" + rest[9:]).replace(
        b"Content-Type: message/rfc822",
        b"Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable",
    )
    assert mark
    assert take(post.desk, cut) == "complaint"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Absence", "Bonjour, en attendant mon retour, la distribution des kits continue au Centre."),
        ("Absente", "Votre message n'a pas été acheminé à mes collègues. Le compte mail de Paul est désactivé."),
        ("Re: La lettre", "Bonjour, nous n’avons pas remis les clefs."),
    ],
)
@pytest.mark.parametrize("mark", ["Auto-Submitted: auto-replied\n", "X-Auto-Response-Suppress: All\n", ""])
@ONE_ENGINE
def test_an_absence_is_no_failure(post: Post, subject: str, body: str, mark: str) -> None:
    raw = (f"From: Marie <{MARIE}>\nTo: {post.verp}\nReturn-Path: <>\n{mark}Message-ID: <a@b>\nSubject: {subject}\n"
           f"Content-Type: text/plain; charset=utf-8\n\n{body}\n").encode()  # fmt: skip
    assert take(post.desk, raw) in ("ignored", "unread")
    assert (post.marie().state, post.marie().bounce_score) == ("active", 0.0)


def test_words_of_a_server_are_a_failure_and_not_those_that_look_like_them() -> None:
    def kind(body: str) -> str:
        head = "From: Postmaster <postmaster@x.example>\nContent-Type: text/plain; charset=utf-8\n\n"
        return parse((head + body).encode()).kind

    assert kind("Votre message n’a pas été remis.") == kind("Votre message n'a pu être distribué.") == "report"
    assert kind("Bonjour, en attendant lundi, la distribution continue.") == "unread"


def test_a_complaint_kills_the_links_of_before(post: Post) -> None:
    secret, now = post.desk.settings.secret, post.clock.now
    with post.desk.sessions.begin() as session:
        session.get_one(Subscriber, post.subscriber).asked_at = now
    token = links.confirmation(secret, post.subscriber, now)
    assert post.back(letters.COMPLAINT) == "complaint"
    assert post.marie().asked_at is None
    with post.desk.sessions.begin() as session:
        assert confirm(session, secret, token, now + timedelta(minutes=1))[0] == "dead"
    assert (post.marie().state, post.all(sa.select(Suppression.reason))) == (services.LEFT, ["complaint"])
    assert [(one.act, one.source) for one in post.all(sa.select(ConsentEvent))] == [("complained", "mail")]


def test_bytes_that_are_no_text_are_read(post: Post) -> None:
    for n, raw in enumerate((
        b"Subject: x\n\nhi", b"To: <l+\xff\xfe@x.example>\nX-Failed-Recipients: \xff@x.example\n\nhi",
        b"Subject: \xff\x00\xfe\nFrom: \xff@x\nMessage-ID: <\xff>\n\nhi",
        b"From: \xff\nReturn-Path: \xff\nTo: " + post.verp.encode() + b"\n\nhi\x00",
    )):  # fmt: skip
        assert take(post.desk, raw, (f"l{n}+\udcff@x.example",)) == "unread"
    assert len(post.all(sa.select(BounceEvent.id))) == 4


def test_links_of_readers_are_masked() -> None:
    said = "550 https://reseau.example/lettre/d/abcdefgh12345678 and /lettre/confirmer/abc.def of a@b.fr"
    assert masked(said) == "550 https://reseau.example/lettre/d/… and /lettre/confirmer/… of …"
