"""The house of the resources (people, places, kits) with topics, a working group and threads.

One site on each engine for all the tests of a process: each test makes the threads that it needs, counts only what is
its own, and never expects its thread on the first page of a list without asking for its topic or its author.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.cards import Ref
from reseau.core.ids import new_id
from reseau.groups import services as groups
from reseau.threads.base import services
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import Post, Thread, ThreadKind, Topic
from reseau.threads.base.services import Author, Opening, Writing
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.members.conftest import post_form
from tests.resources.conftest import Base, house_of

__all__ = ["ONE_ENGINE", "Talk", "post_form"]
_numbers = itertools.count(1)
#: For what the database does not decide: one engine is enough.
ONE_ENGINE = pytest.mark.parametrize("_talk", ["sqlite"], indirect=True)


class Talk(Base):
    """The house, with exchanges. Topics: ``public``, ``reseau`` (of the network), ``groupe`` (of a working group that
    ``membre`` animates and ``voisine`` is in)."""

    topics: dict[str, UUID]
    group_id: UUID

    def topic(self, name: str) -> Topic:
        """A topic as it is now."""
        found: Topic = self.get(Topic, self.topics[name])
        return found

    def thread(
        self, title: str = "", text: str = "Comment faites-vous ?", *, by: str | UUID = "membre", topic: str = "public",
        kind: ThreadKind = ThreadKind.QUESTION, about: Ref | None = None, lang: str = "fr", waits: bool = False,
        **more: Any,
    ) -> Thread:  # fmt: skip
        """A thread, a second after whatever was written before."""
        person = self.people[by] if isinstance(by, str) else by
        opening = Opening(self.topics[topic], kind, title or f"Question numéro{next(_numbers)}", about, **more)
        with self.site.sessions() as session:
            made, _ = services.start(
                session, opening, Writing(text, lang), Author(person, waits=waits), id_=new_id(), now=self.tick()
            )
            session.commit()
            return made

    def reply(self, thread: Thread, text: str = "Ainsi.", *, by: str | UUID = "voisine", **more: Any) -> Post:
        """An answer, a second later."""
        person = self.people[by] if isinstance(by, str) else by
        lang = more.pop("lang", "fr")
        with self.site.sessions() as session:
            made = services.reply(
                session, thread.id, Writing(text, lang, **more), Author(person), id_=new_id(), now=self.tick()
            )
            session.commit()
            return made

    def tick(self) -> Any:
        """The moment, a second after the last time it was asked."""
        self.site.clock.now += timedelta(seconds=1)
        return self.site.clock.now

    def now_of(self, thread: Thread) -> Thread:
        """A thread as it is now."""
        found: Thread = self.get(Thread, thread.id)
        return found

    def posts(self, thread: Thread) -> list[Post]:
        """Its posts, whatever their state, in order."""
        with self.site.sessions() as session:
            return list(session.scalars(sa.select(Post).where(Post.thread_id == thread.id).order_by(Post.at)))

    def address(self, thread: Thread) -> str:
        """Where it is read."""
        return path_of(self.now_of(thread))


def talk_of(make_site: Callable[..., Site], engine: str, folder: Any) -> Talk:  # noqa: F811
    """The house with exchanges, on a new database of an engine."""
    house = house_of(make_site, engine, folder)
    talk = Talk(house.site, house.people, house.places)
    now = talk.site.clock.now
    with talk.site.sessions() as session:
        group = groups.create(session, "Groupe d’essai", "groupe-d-essai", by=None, now=now, seen="members",
                              animators=[talk.people["membre"]])  # fmt: skip
        session.add(groups.GroupMember(group_id=group.id, person_id=talk.people["voisine"], since=now))
        made = {
            name: Topic(slug=f"essai-{name}", titles={"fr": f"Sujet {name}"}, seen=seen, created_at=now,
                        group_id=group.id if seen == "group" else None, procedures=procedures)
            for name, seen, procedures in (("public", "public", ["ameli"]), ("reseau", "network", []),
                                           ("groupe", "group", []))
        }  # fmt: skip
        session.add_all(made.values())
        session.commit()
        talk.topics, talk.group_id = {name: topic.id for name, topic in made.items()}, group.id
    return talk


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _talk(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Talk:  # noqa: F811
    return talk_of(make_site, request.param, tmp_path_factory.mktemp("rows"))


@pytest.fixture
def talk(_talk: Talk) -> Talk:
    """The house with exchanges."""
    return _talk
