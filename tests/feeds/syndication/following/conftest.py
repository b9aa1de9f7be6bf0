"""A house with exchanges where people follow searches; its worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from feeds.syndication.following import alerting, keys, saved
from feeds.syndication.models import FeedKey, SavedSearch
from reseau.core.jobs import Tools
from reseau.core.mail import Mail
from reseau.members.models import Person, PersonState
from reseau.notices.models import NoticeChoice
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.threads.conftest import Talk, talk_of

A_DAY = timedelta(days=1)
PARIS = "Europe/Paris"


class Town(Talk):
    """The house, with what people follow."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk.site, talk.people, talk.places)
        self.topics, self.group_id = talk.topics, talk.group_id

    def act(self, change: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Run a service in a transaction of its own."""
        with self.site.sessions.begin() as session:
            return change(session, *args, **more)

    def follow(self, who: str, room: str, query: str = "", pace: saved.Pace = saved.Pace.DAILY) -> UUID:
        """Somebody follows a search from now on."""
        made = self.act(saved.follow, self.people[who], room, query, pace, self.site.clock.now, PARIS)
        return UUID(str(made.id))

    def search(self, id_: UUID) -> SavedSearch:
        found: SavedSearch = self.get(SavedSearch, id_)
        return found

    def key(self, who: str, name: str = "Lecteur") -> str:
        """The secret of a new address."""
        _key, secret = self.act(keys.make, self.people[who], name, self.site.clock.now)
        return str(secret)

    def later(self, by: timedelta = A_DAY) -> str | None:
        """Time passes, everything is indexed, the worker runs."""
        self.site.clock.now += by
        self.site.reindex()
        return alerting.alert(Tools(self.site.sessions, self.site.settings, clock=self.site.clock))

    def letters(self, who: str) -> list[Mail]:
        return self.mails(f"{who}@reseau.example")

    def texts(self, who: str) -> list[str]:
        return [mail.text for mail in self.letters(who)]

    def clear(self) -> None:
        """Nobody follows anything, everybody is there, no mail was written."""
        with self.site.sessions.begin() as session:
            for model in (SavedSearch, FeedKey, Mail, NoticeChoice):
                session.execute(sa.delete(model))
            session.execute(sa.update(Person).values(state=PersonState.ACTIVE.value))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _town(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Town:  # noqa: F811
    return Town(talk_of(make_site, request.param, tmp_path_factory.mktemp("rows")))


@pytest.fixture
def town(_town: Town) -> Town:
    """The house, in which nobody follows anything yet."""
    _town.site.fresh()
    _town.clear()
    return _town
