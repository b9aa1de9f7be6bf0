"""The threads of the demonstration: believable, and each kind is there."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

import reseau.registered  # noqa: F401 (the cards of the kits)
from reseau.core.clock import utcnow
from reseau.core.db import ReseauSession
from reseau.core.files import FileStore
from reseau.demonstration import exchanges, people
from reseau.threads.base.models import PollVote, Post, PostThank, Thread, ThreadState
from resources.commands import STARTER, load_folder
from tests.directory.site import ROUBAIX_CSV, import_file


def test_twenty_threads_around_the_starter_kits(sessions: sessionmaker[ReseauSession], tmp_path: Path) -> None:
    now = utcnow()
    import_file(sessions, ROUBAIX_CSV)
    with sessions() as session:
        load_folder(session, FileStore(tmp_path / "files"), STARTER, now)
        people.seed(session, ("cartographie",), now)
        assert exchanges.seed(session, now) == 20
        session.commit()
        assert exchanges.seed(session, now) == 0
        threads = list(session.scalars(sa.select(Thread)))
    kinds = Counter(thread.kind for thread in threads)
    assert kinds == {"question": 9, "discussion": 7, "demande": 2, "annonce": 1, "sondage": 1}
    about = [thread for thread in threads if thread.object_kind]
    assert len(about) == 10, "each address of an object leads somewhere"
    assert {thread.object_kind for thread in about} == {"resource"}
    asking = [thread for thread in threads if thread.kind == "question"]
    assert sum(thread.helpers == 0 for thread in asking) == 4
    assert sum(thread.solved for thread in asking) == 4
    (closed,) = (thread for thread in threads if thread.state == ThreadState.CLOSED.value)
    assert (closed.kind, closed.answer_ref_kind) == ("demande", "resource")
    assert [thread.lang for thread in threads].count("ar") == 1
    assert all(now - timedelta(days=30) < thread.created_at < now for thread in threads)


def test_what_they_hold_is_counted_right(sessions: sessionmaker[ReseauSession], tmp_path: Path) -> None:
    now = utcnow()
    with sessions() as session:
        people.seed(session, ("cartographie",), now)
        exchanges.seed(session, now)
        session.commit()
        for post, thanks in session.execute(
            sa.select(Post, sa.func.count(PostThank.person_id))
            .outerjoin(PostThank, PostThank.post_id == Post.id)
            .group_by(Post.id)
        ):
            assert post.thanks == thanks
        poll = session.scalars(sa.select(Thread).where(Thread.kind == "sondage")).one()
        votes = Counter(session.scalars(sa.select(PollVote.option).where(PollVote.thread_id == poll.id)))
        assert votes == {1: 4, 2: 2, 3: 2}
        for thread in session.scalars(sa.select(Thread)):
            posts = list(session.scalars(sa.select(Post).where(Post.thread_id == thread.id).order_by(Post.at)))
            assert (thread.posts, posts[0].first, thread.last_at) == (len(posts), True, posts[-1].at)
