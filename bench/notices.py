"""Notices: written from the log, then letters made of them, against bare INSERTs of the same rows in the same run.

``python -m bench.notices``. The floor of deriving: one INSERT of the same notices, one transaction. The floor of
composing: one INSERT of the same mails, one transaction for each. ``ANCIENT`` notices of before are there, seen and
mailed: a batch of the log that changes, or takes away, what was told looks for its own among them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import reseau.registered  # noqa: F401 (what is told)
from reseau.core import migrations
from reseau.core.clock import utcnow
from reseau.core.db import create_engine, session_factory
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.core.mail import Mail
from reseau.members.models import Person
from reseau.notices import delivering, deriving, following
from reseau.notices.models import LogCursor, Notice, NoticeChoice
from reseau.settings import Settings
from reseau.threads.base import services, topics
from reseau.threads.base.models import Post, PostState, Thread, Topic
from reseau.threads.base.services import Author, Opening, ThreadKind, Writing

PEOPLE, POSTS, FOLLOWERS, ANCIENT = 200, 200, 50, 500_000


def fill(sessions: Any) -> None:
    """People, a thread that many follow, posts in it; some want letters at once, some one a day."""
    now = utcnow()
    with sessions.begin() as session:
        session.add(LogCursor(name=deriving.CURSOR, seq=0))
        people = [Person(email=f"p{n}@bench.example", name=f"Personne {n}", lang="fr") for n in range(PEOPLE)]
        session.add_all(people)
        topics.lay(session, now)
        session.flush()
        topic = session.scalars(sa.select(Topic).order_by(Topic.position)).first()
        for start in range(0, PEOPLE, FOLLOWERS):
            opening = Opening(topic.id, ThreadKind.QUESTION, f"Question {start} ?")
            thread, _ = services.start(session, opening, Writing("Comment faire ?", "fr"), Author(people[start].id),
                                       id_=new_id(), now=now)  # fmt: skip
            for person in people[start : start + FOLLOWERS]:
                following.follow(session, person.id, ("thread", thread.id), now)
                if start % (2 * FOLLOWERS):
                    session.add(NoticeChoice(person_id=person.id, modes={"suivis": "aussitot"}))
            for n in range(POSTS * FOLLOWERS // PEOPLE):
                writing = Writing(f"Réponse **{n}** : ouvrez la page, puis cherchez. " * 5, "fr")
                services.reply(session, thread.id, writing, Author(people[start].id), id_=new_id(), now=now)


def age(sessions: Any) -> None:
    """Notices of before, written by the database: half of them about threads that go on."""
    with sessions.begin() as session:
        session.execute(
            sa.text("""
            INSERT INTO notice (id, person_id, kind, reason, object_kind, object_id, about_kind, about_id, at, state,
                                seen_at, mail_key)
            WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count),
                 people AS (SELECT id, row_number() OVER () - 1 AS place FROM person),
                 ours AS (SELECT id, row_number() OVER () - 1 AS place FROM thread)
            SELECT lower(hex(randomblob(16))), people.id, 'suivis', 'thread', 'post', lower(hex(randomblob(16))),
                   'thread', CASE WHEN n % 2 THEN ours.id ELSE lower(hex(randomblob(16))) END,
                   '2026-01-01 00:00:00.000000', 'mailed', '2026-01-01 00:00:00.000000', 'notice:' || n
            FROM numbers
            JOIN people ON people.place = n % (SELECT count(*) FROM people)
            JOIN ours ON ours.place = n / 2 % (SELECT count(*) FROM ours)
            """),
            {"count": ANCIENT},
        )


def rechecked(sessions: Any, settings: Settings) -> dict[str, float]:
    """Milliseconds of a batch of the log with one answer, and of one that takes an answer away."""
    found, now = {}, utcnow()
    with sessions.begin() as session:
        thread = session.scalars(sa.select(Thread).order_by(Thread.id)).first()
        made = services.reply(session, thread.id, Writing("Une de plus.", "fr"), Author(thread.author_id), id_=new_id(),
                              now=now + timedelta(hours=1))  # fmt: skip
    for name in ("reponse_ms", "retrait_ms"):
        start = time.perf_counter()
        deriving.derive(Tools(sessions, settings))
        found[name] = (time.perf_counter() - start) * 1000
        with sessions.begin() as session:
            locked = services.lock(session, thread.id)
            services.withdraw(session, locked, session.get_one(Post, made.id), PostState.HIDDEN)
    return found


def measure(folder: Path) -> dict[str, float]:
    """Per second, and ratios to the floors."""
    engine = create_engine(f"sqlite:///{folder / 'reseau.sqlite3'}")
    migrations.upgrade(engine)
    sessions = session_factory(engine)
    settings = Settings(secret="x" * 40, data_dir=folder)
    fill(sessions)
    start = time.perf_counter()
    deriving.derive(Tools(sessions, settings))
    derived = time.perf_counter() - start
    notices = _rows(sessions, Notice)
    bare_notices = _floor(sessions, Notice, [notices])
    start = time.perf_counter()
    delivering.deliver(Tools(sessions, settings, clock=lambda: utcnow() + timedelta(days=1, hours=1)))
    composed = time.perf_counter() - start
    mails = _rows(sessions, Mail)
    bare_mails = _floor(sessions, Mail, [[one] for one in mails])
    age(sessions)
    looked = rechecked(sessions, settings)
    engine.dispose()
    return {
        "avis": len(notices), "avis_s": len(notices) / derived, "avis_plancher_s": len(notices) / bare_notices,
        "avis_rapport": derived / bare_notices, "courriels": len(mails), "courriels_s": len(mails) / composed,
        "courriels_plancher_s": len(mails) / bare_mails, "courriels_rapport": composed / bare_mails,
        "anciens": ANCIENT, **looked,
    }  # fmt: skip


def _rows(sessions: Any, model: Any) -> list[dict[str, Any]]:
    with sessions() as session:
        return [dict(row) for row in session.execute(sa.select(model.__table__)).mappings()]


def _floor(sessions: Any, model: Any, batches: list[list[dict[str, Any]]]) -> float:
    """Seconds to write the same rows by bare INSERTs, one transaction for each batch."""
    with sessions.begin() as session:
        session.execute(sa.delete(model).where(sa.false() if model is Notice else sa.true()))
    if model is Notice:  # the rows are needed afterwards: the floor writes those of other ids and takes them away
        return _copies(sessions, batches)
    start = time.perf_counter()
    for batch in batches:
        with sessions.begin() as session:
            session.execute(sa.insert(model.__table__), batch)
    return time.perf_counter() - start


def _copies(sessions: Any, batches: list[list[dict[str, Any]]]) -> float:
    copies = [[{**row, "id": new_id(), "object_kind": "copie"} for row in batch] for batch in batches]
    start = time.perf_counter()
    for batch in copies:
        with sessions.begin() as session:
            session.execute(sa.insert(Notice.__table__), batch)
    taken = time.perf_counter() - start
    with sessions.begin() as session:
        session.execute(sa.delete(Notice).where(Notice.object_kind == "copie"))
    return taken


def main() -> None:
    """Print it."""
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(Path(name))), file=sys.stdout)


if __name__ == "__main__":
    main()
