"""A house with exchanges, of whose log nothing is to be told yet: each test begins there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.changes import current_seq
from reseau.core.jobs import Tools
from reseau.core.mail import Mail
from reseau.members.models import Person
from reseau.notices import delivering, deriving, services
from reseau.notices.models import LogCursor, Notice, NoticeChoice, NoticeState, Subscription
from reseau.notices.preferences import KINDS
from reseau.threads.base.models import ReadAll, ThreadRead
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import TUESDAY, Site
from tests.threads.conftest import Talk, talk_of

NOW = dict.fromkeys(KINDS, "aussitot")
A_DAY = timedelta(days=1)
MINUTES = timedelta(minutes=3)
ONE_ENGINE = pytest.mark.parametrize("_town", ["sqlite"], indirect=True)


class Town(Talk):
    """The house, with what the worker does for notices."""

    @property
    def tools(self) -> Tools:
        return Tools(self.site.sessions, self.site.settings, clock=self.site.clock)

    def later(self, by: timedelta) -> datetime:
        self.site.clock.now += by
        now: datetime = self.site.clock.now
        return now

    def derive(self) -> str | None:
        return deriving.derive(self.tools)

    def deliver(self, after: timedelta = MINUTES) -> str | None:
        self.later(after)
        return delivering.deliver(self.tools)

    def choose(self, who: str, modes: dict[str, str] | None = None, hour: int = 8, weekday: int = 0) -> None:
        with self.site.sessions.begin() as session:
            services.choose(session, self.people[who], NOW if modes is None else modes, hour=hour, weekday=weekday,
                            now=self.site.clock.now, timezone="Europe/Paris")  # fmt: skip

    def told(self, who: str) -> list[Notice]:
        found: list[Notice] = self.rows(Notice, Notice.person_id == self.people[who])
        return sorted(found, key=lambda one: (one.at, one.id))

    def states(self, who: str) -> list[str]:
        return [one.state for one in self.told(who)]

    def letters(self, who: str) -> list[Mail]:
        return self.mails(f"{who}@reseau.example")

    def act(self, change: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Run a service in a transaction of its own."""
        with self.site.sessions.begin() as session:
            return change(session, *args, **more)

    def loaded(self, session: Any, who: str) -> Person:
        found: Person = session.get_one(Person, self.people[who])
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _town(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Town:  # noqa: F811
    talk = talk_of(make_site, request.param, tmp_path_factory.mktemp("rows"))
    town = Town(talk.site, talk.people, talk.places)
    town.topics, town.group_id = talk.topics, talk.group_id
    return town


@pytest.fixture
def town(_town: Town) -> Town:
    """Nothing was told, nothing is to be told; Tuesday, 10:30."""
    _town.site.clock.now = max(_town.site.clock.now + A_DAY, TUESDAY)
    _town.site.clock.now = _town.site.clock.now.replace(hour=9, minute=30, second=0, microsecond=0)
    with _town.site.sessions.begin() as session:
        for model in (Notice, Mail, Subscription, NoticeChoice, LogCursor, ThreadRead, ReadAll):
            session.execute(sa.delete(model))
        session.add(LogCursor(name=deriving.CURSOR, seq=current_seq(session)))
        for id_ in _town.people.values():
            person = session.get_one(Person, id_)
            person.mails, person.lang = {}, "fr"
    return _town


def waiting(one: Notice) -> bool:
    return one.state == NoticeState.WAITING.value


def ids(*things: Any) -> list[UUID]:
    return [thing.id for thing in things]
