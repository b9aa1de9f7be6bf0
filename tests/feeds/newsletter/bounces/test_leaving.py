"""Who unsubscribes by the mail address of List-Unsubscribe leaves, with the proof of a letter of theirs and no other."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import timedelta
from email import policy
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa

from feeds.newsletter import links
from feeds.newsletter.bounces.jobs import purge, read_mailbox
from feeds.newsletter.bounces.services import take
from feeds.newsletter.content import Composed
from feeds.newsletter.models import ConsentEvent, Delivery, Edition, Subscriber, Suppression
from feeds.newsletter.sending.message import House, Reader, Template
from feeds.newsletter.subscribing.services import undo
from reseau.core.jobs import Tools
from tests.feeds.newsletter.bounces import letters
from tests.feeds.newsletter.bounces.conftest import MARIE, ONE_ENGINE, Post
from tests.feeds.newsletter.bounces.letters import made
from tests.threads.imap import Box, serving


def test_an_unsubscribe_by_mail_is_a_leave_by_mail_once(post: Post) -> None:
    assert [post.back(letters.UNSUBSCRIBE), post.back(letters.UNSUBSCRIBE)] == ["left", "again"]
    marie = post.marie()
    assert (marie.state, marie.left_at, marie.bounce_score) == ("left", post.clock(), 0.0)
    assert [(one.act, one.source) for one in post.all(sa.select(ConsentEvent))] == [("left", "mail")]
    assert post.all(sa.select(Suppression.reason)) == ["left"]
    assert post.all(sa.select(Delivery.bounce)) == [""]  # the letter had arrived
    with post.desk.sessions.begin() as session:  # as by the button: they may come back on it
        assert undo(session, session.get_one(Subscriber, post.subscriber), "page", post.clock(),
                    secret=post.desk.settings.secret)  # fmt: skip
    assert post.marie().left_at is None


@ONE_ENGINE
@pytest.mark.parametrize(
    "raw",
    [
        made(letters.UNSUBSCRIBE, "{verp}", subject="  UnSubscribe "),
        made(letters.UNSUBSCRIBE, "{verp}", subject="=?utf-8?Q?unsubscribe?="),
        made(letters.UNSUBSCRIBE, "{verp}", more="Auto-Submitted: auto-generated\n"),
        made(letters.UNSUBSCRIBE, "{verp}", to="autre@adresse.example"),  # forwarded to another mailbox of theirs
    ],
)
def test_mail_programs_say_it_in_their_own_way(post: Post, raw: bytes) -> None:
    assert take(post.desk, raw.replace(b"{verp}", post.verp.upper().encode())) == "left"


@ONE_ENGINE
def test_without_a_valid_proof_nobody_leaves(post: Post) -> None:
    secret = post.desk.settings.secret
    local = f"retours+{links.of_bounce(secret, post.delivery)}"
    forged = links.of_bounce("another secret of another site, long enough", post.delivery)
    reader = links.of_reader(secret, post.key)
    for verp in (f"retours+{forged}@reseau.example", "retours@reseau.example", f"{local}a@reseau.example",
                 f"{local[:-1]}@reseau.example", f"retours+{reader}@reseau.example", MARIE):  # fmt: skip
        raw = made(letters.UNSUBSCRIBE, verp).replace(b"<unsubscribe@", f"<{uuid4().hex}@".encode())
        assert take(post.desk, raw) == "unread", verp
    # The link of a letter that is quoted proves nothing here, nor the envelope of one that is enclosed.
    for more in (f"List-Unsubscribe: <https://reseau.example/lettre/d/{reader}>\n", f"Return-Path: <{post.verp}>\n"):
        raw = made(letters.UNSUBSCRIBE, "retours@reseau.example", more=more)
        assert take(post.desk, raw.replace(b"<unsubscribe@", f"<{uuid4().hex}@".encode())) == "unread"
    # A proof of a letter that is no more (erased) concerns nobody.
    gone = f"retours+{links.of_bounce(secret, uuid4())}@reseau.example"
    assert take(post.desk, made(letters.UNSUBSCRIBE, gone)) == "ignored"
    assert (post.marie().state, post.all(sa.select(Suppression.reason))) == ("active", [])


@ONE_ENGINE
@pytest.mark.parametrize("subject", ["Re: unsubscribe", "unsubscribe me from nothing", "La lettre", ""])
def test_another_subject_is_for_somebody_to_read(post: Post, subject: str) -> None:
    assert post.back(letters.UNSUBSCRIBE, subject=subject) == "unread"
    assert post.marie().state == "active"


@ONE_ENGINE
def test_the_address_that_a_letter_gives_is_the_one_that_works(post: Post) -> None:
    mine = replace(post.desk.settings, letter_bounces="retours@reseau.example")
    template = Template(House.of(mine), Composed("fr", "Objet", "<p>Bonjour</p>", "Bonjour"), Edition.GENERAL)
    letter = email.message_from_bytes(
        template.message(Reader(post.delivery, MARIE, post.key), post.clock()), policy=policy.default
    )
    address = next(one.strip("<> ") for one in str(letter["List-Unsubscribe"]).split(",") if "mailto:" in one)
    asked = urlsplit(address)
    (subject,) = parse_qs(asked.query)["subject"]
    assert take(post.desk, made(letters.UNSUBSCRIBE, asked.path, subject=subject)) == "left"
    assert post.marie().state == "left"


@ONE_ENGINE
def test_it_leaves_the_mailbox_is_told_and_is_forgotten_after_a_while(post: Post) -> None:
    box = Box()
    box.put(made(letters.UNSUBSCRIBE, post.verp))
    with serving(box) as url:
        tools = Tools(post.desk.sessions, replace(post.desk.settings, letter_inbox=url), post.clock)
        assert read_mailbox(tools) == "désinscriptions : 1"
    assert not box.messages
    post.clock.now += timedelta(days=91)
    assert purge(tools) == "effacés : 1"
    assert post.kinds() == {}
    assert post.all(sa.select(ConsentEvent.act)) == ["left"]
