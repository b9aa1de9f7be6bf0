"""kill -9 at each step, from the log to the mail server: everybody is told, nobody twice. Both engines, real SIGKILL,
a real mail server."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from reseau.core.mail_delivery import STALE, SmtpTransport
from reseau.core.mail_delivery import deliver as send
from reseau.notices import delivering, following
from reseau.notices.models import NoticeState
from tests.core.mailbox import SITE, Inbox
from tests.notices.conftest import MINUTES, Town

KILLED = -9
FOLLOWERS = ("membre", "voisin", "referent")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox().start()
    yield made
    made.stop()


def run(town: Town, inbox: Inbox, step: str, point: str = "-") -> int:
    """One step in a process of its own."""
    url = town.site.engine.url.render_as_string(hide_password=False)
    folder = str(town.site.settings.data_dir)
    command = [sys.executable, "-W", "ignore", "-m", "tests.notices.driver", step, point, url, folder, inbox.url,
               town.site.clock.now.isoformat()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, KILLED), done.stderr
    return done.returncode


def talked(town: Town) -> int:
    """Five answers that three people follow, at once. :return: how many posts."""
    thread = town.thread("Le fil", by="coordination")
    for who in FOLLOWERS:
        town.act(following.follow, town.people[who], ("thread", thread.id), town.site.clock.now)
        town.choose(who)
    for n in range(5):
        town.reply(thread, f"Message numéro {n}.", by="voisine")
    return 5


def finish(town: Town, inbox: Inbox) -> None:
    """A worker that starts again and runs until there is nothing to do."""
    town.derive()
    town.later(MINUTES)
    delivering.deliver(town.tools)
    town.later(STALE + timedelta(minutes=1))
    for _ in range(3):
        town.derive()
        delivering.deliver(town.tools)
        send(town.site.sessions, SmtpTransport(inbox.url), SITE, town.site.clock)
        town.later(MINUTES)


def told_once(town: Town, inbox: Inbox, posts: int) -> None:
    """Each person has heard of each post by exactly one mail, which the server has."""
    for who in FOLLOWERS:
        notices = town.told(who)
        assert len(notices) == posts == len({one.object_id for one in notices})
        assert {one.state for one in notices} == {NoticeState.MAILED.value}
        sent = {mail.key: mail for mail in town.letters(who)}
        assert {one.mail_key for one in notices} == set(sent), "no mail that tells nothing, none that is missing"
        assert {mail.state for mail in sent.values()} == {"sent"}
        # What arrives twice in the window that no protocol closes has one Message-ID: one mail for its reader.
        arrived = {str(message["Message-ID"]) for to, message in inbox.received if to == f"{who}@reseau.example"}
        assert len(arrived) == len(sent)
        words = Counter[int]()
        read = {str(m["Message-ID"]): m for to, m in inbox.received if to == f"{who}@reseau.example"}
        for message in read.values():
            body = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            words.update(n for n in range(posts) if f"Message numéro {n}." in body)
        assert words == Counter(dict.fromkeys(range(posts), 1))


@pytest.mark.parametrize(
    ("step", "point"),
    [
        ("derive", "before-commit"),
        ("derive", "after-commit"),
        ("compose", "before-commit"),
        ("compose", "after-commit"),
        ("compose", "second-person"),
        ("send", "before-dot"),
        ("send", "after-dot"),
    ],
)
def test_killed_at_each_step_nobody_is_missed_nor_told_twice(town: Town, inbox: Inbox, step: str, point: str) -> None:
    posts = talked(town)
    for before in ("derive", "compose", "send"):
        if before == step:
            break
        (town.derive if before == "derive" else town.deliver)()
    if step == "compose":
        town.later(MINUTES)
    assert run(town, inbox, step, point) == KILLED
    finish(town, inbox)
    told_once(town, inbox, posts)


def test_killed_again_and_again(town: Town, inbox: Inbox) -> None:
    """A worker that dies at every step in turn, while people go on writing."""
    posts = talked(town)
    assert run(town, inbox, "derive", "after-commit") == KILLED
    town.later(MINUTES)
    for point in ("before-commit", "after-commit", "after-commit"):
        assert run(town, inbox, "compose", point) == KILLED
    assert run(town, inbox, "send", "after-dot") == KILLED
    town.later(STALE + timedelta(minutes=1))
    assert run(town, inbox, "send", "before-dot") == KILLED
    finish(town, inbox)
    told_once(town, inbox, posts)
