"""A site on one engine for the pages of the watch; feeds and runs for the services, on both."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from importers.models import ImportSource, WatchItem
from importers.pipeline import Options, Pipeline, Summary
from importers.veille import feeds
from importers.veille.source import Veille
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.members.conftest import House

_numbers = itertools.count(1)


def rss(*items: dict[str, str], title: str = "Un partenaire", lang: str = "fr") -> bytes:
    """An RSS 2.0 feed; an item is tag → text, put as it is."""
    said = "".join(
        "<item>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in item.items()) + "</item>" for item in items
    )
    head = f"<title>{title}</title><link>https://partenaire.example/</link><language>{lang}</language>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{said}</channel></rss>'.encode()


def item(title: str, url: str = "", date: str = "Mon, 23 Nov 2026 10:00:00 +0100", **more: str) -> dict[str, str]:
    """An item of RSS; without an address, one that nobody has."""
    return {"title": title, "link": url or f"https://partenaire.example/{next(_numbers)}", "pubDate": date, **more}


class Feeds:
    """Feeds of one database, and what reading them does."""

    def __init__(self, sessions: Any, folder: Path, now: Callable[[], datetime]) -> None:
        self.sessions, self.folder, self.now = sessions, folder, now

    def add(self, url: str = "", **more: Any) -> ImportSource:
        """Watch a feed."""
        with self.sessions() as session:
            wanted = feeds.Wanted(url or f"https://flux{next(_numbers)}.example/rss", **more)
            made = feeds.add(session, wanted, by=None, now=self.now())
            session.commit()
            return made

    def read(self, feed: ImportSource, data: bytes) -> Summary:
        """Read this answer of a feed."""
        path = self.folder / f"flux{next(_numbers)}"
        path.write_bytes(data)
        pipeline = Pipeline(self.sessions, Veille(feed.name, feed.options), (), clock=self.now)
        return pipeline.run(path, feed.location, Options())

    def items(self, *where: Any) -> list[WatchItem]:
        """Entries as they are now, in the order in which they came."""
        with self.sessions() as session:
            return list(session.scalars(sa.select(WatchItem).where(*where).order_by(WatchItem.id)))


@pytest.fixture
def watch(sessions: Any, clock: Any, tmp_path: Path) -> Feeds:
    """Feeds on each engine in turn."""
    return Feeds(sessions, tmp_path, clock)


class Desk(House):
    """The house, with feeds."""

    feeds: Feeds

    def new(self, *titles: str, **more: Any) -> list[UUID]:
        """Entries of a feed of their own; their ids in order."""
        feed = self.feeds.add(**more)
        self.feeds.read(feed, rss(*[item(title) for title in titles]))
        found = {one.title: one.id for one in self.feeds.items(WatchItem.source_id == feed.id)}
        return [found[title] for title in titles]


@pytest.fixture(scope="module")
def _desk(make_site: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Desk:  # noqa: F811
    house = Desk(make_site("sqlite"))
    house.feeds = Feeds(house.site.sessions, tmp_path_factory.mktemp("flux"), lambda: house.site.clock.now)
    house.people["coordination"] = house.person("coordination", roles=["coordinator"]).id
    house.people["autre"] = house.person("autre", roles=["coordinator"]).id
    return house


@pytest.fixture
def desk(_desk: Desk) -> Desk:
    """The house; its clock says Tuesday, 10:30; no feed is watched."""
    _desk.site.fresh()
    with _desk.site.sessions() as session:
        session.execute(sa.delete(WatchItem))
        session.execute(sa.delete(ImportSource))
        session.commit()
    return _desk
