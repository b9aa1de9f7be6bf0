"""The proof: a server that refuses, delays, drops before and after the dot; the worker really killed, again and again.

Each recipient gets the letter once or not at all, and once wherever the server was sane; where a process was killed
between the mark and what the server answered, the ledger says that nobody knows, and there are at most as many of these
as connections that were cut.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import Delivery, Edition, Issue, Subscriber
from feeds.newsletter.sending import launching, ledger
from feeds.newsletter.sending.launching import NotNow
from reseau.core.clock import utcnow
from reseau.settings import Settings
from tests.conftest import SECRET
from tests.feeds.newsletter.sending.office import Sessions, issue, readers

HERE = "tests.feeds.newsletter.sending"
CONNECTIONS = 8
KINDS = {"ok": 90, "rcpt550": 2, "dot554": 1, "rcpt450": 2, "dot451": 1, "before": 1, "after": 1, "lost": 1, "delay": 1}
SANE = {"ok", "delay", "rcpt450", "dot451", "before"}
NEVER = {"rcpt550", "dot554", "lost"}


def process(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def say(to: subprocess.Popen[str], line: str = "") -> str:
    assert to.stdin
    assert to.stdout
    if line:
        to.stdin.write(line + "\n")
        to.stdin.flush()
    return to.stdout.readline().strip()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "taken"


@pytest.fixture
def zygote(book: Path, settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Makes workers that send to a sink of its own, which writes to ``book``."""
    book.touch()
    sink = process(f"{HERE}.sink", str(book))
    url = say(sink)
    database = settings.database_url
    made = process(f"{HERE}.zygote", database, url, str(settings.data_dir), SECRET)
    assert say(made) == "ready"
    yield made
    for one in (made, sink):
        one.kill()
        one.wait()
        for pipe in (one.stdin, one.stdout):
            assert pipe
            pipe.close()


def people(number: int, chance: random.Random) -> list[str]:
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=number)
    return [f"{kind}-{n}@{chance.choice(('la', 'ici', 'ailleurs'))}.example" for n, kind in enumerate(kinds)]


def launch(sessions: Sessions, settings: Settings, emails: list[str]) -> UUID:
    with sessions.begin() as session:
        for at in range(0, len(emails), 1000):
            readers(session, *emails[at : at + 1000])
        made = issue(session)
        assert launching.launch(session, made, Edition.GENERAL, settings, utcnow()) == len(emails)
    return made.id


def kill_again_and_again(zygote: subprocess.Popen[str], book: Path, moments: list[int], until: float) -> int:
    """Kill the worker when that many were taken. :return: how many were killed before they had ended."""
    killed = 0
    for moment in moments:
        pid = int(say(zygote, "go"))
        while taken(book) < moment and time.monotonic() < until:
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
        killed += int(say(zygote, str(pid))) == signal.SIGKILL
    return killed


def taken(book: Path) -> int:
    return book.stat().st_size // 75  # about: a line is that long


def verify(sessions: Sessions, id_: UUID, book: Path, emails: list[str], killed: int) -> None:
    lines = [line.split() for line in book.read_text().splitlines()]
    received, ids = Counter(line[0] for line in lines), Counter(line[1] for line in lines)
    assert max(received.values()) == 1, "nobody gets it twice"
    assert max(ids.values()) == 1
    with sessions() as session:
        wanted = sa.select(Subscriber.email, Delivery.state).join(Delivery, Delivery.subscriber_id == Subscriber.id)
        said = dict(tuple(row) for row in session.execute(wanted))
        counts = ledger.counts(session, id_)
        state = session.get_one(Issue, id_).state
    assert (state, counts.launched, counts.adds_up, counts.waiting) == ("sent", len(emails), True, 0)
    uncertain = 0
    for email in emails:
        kind, state, number = email.partition("-")[0], said[email], received[email]
        if state == "accepted":
            assert number == 1, email
        elif state == "failed":
            assert (number, kind in NEVER) == (0, True), email
        else:
            assert state == "unknown", (email, state)
            uncertain += kind not in ("after", "lost")
        if kind in NEVER:
            assert number == 0, email
        elif kind in SANE and state != "unknown":
            assert (state, number) == ("accepted", 1), email
    assert uncertain <= killed * CONNECTIONS
    assert said.keys() == set(emails)


def finished(zygote: subprocess.Popen[str]) -> None:
    assert int(say(zygote, say(zygote, "go"))) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ten_thousand_and_a_worker_killed_twenty_times(
    sessions: Sessions, settings: Settings, zygote: Any, book: Path
) -> None:
    chance = random.Random(7)
    emails = people(10_000, chance)
    id_ = launch(sessions, settings, emails)
    moments = sorted(chance.randrange(100, 9000) for _ in range(20))
    killed = kill_again_and_again(zygote, book, moments, time.monotonic() + 60)
    assert killed == 20
    finished(zygote)
    verify(sessions, id_, book, emails, killed)
    with sessions() as session, pytest.raises(NotNow, match="launched"):
        launching.launch(session, session.get_one(Issue, id_), Edition.GENERAL, settings, datetime.now().astimezone())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_postgresql_too(sessions: Sessions, settings: Settings, zygote: Any, book: Path) -> None:
    chance = random.Random(8)
    emails = people(600, chance)
    id_ = launch(sessions, settings, emails)
    killed = kill_again_and_again(
        zygote, book, sorted(chance.randrange(20, 500) for _ in range(5)), time.monotonic() + 60
    )
    assert killed == 5
    finished(zygote)
    verify(sessions, id_, book, emails, killed)
