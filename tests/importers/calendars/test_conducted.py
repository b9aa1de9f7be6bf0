"""A feed and a calendar from their addresses to their trays, as the worker does it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from importers.calendars import following, source
from importers.conducting import Conducting, conduct
from importers.veille import feeds
from reseau.settings import Settings
from tests.importers.calendars.test_calendars import SERIES, ics
from tests.importers.server import StandIn
from tests.importers.veille.conftest import item, rss


def test_nothing_new_is_the_same_until_the_day_changes(
    engine: Any, sessions: Any, settings: Settings, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(source.Agenda.__init__.__kwdefaults__, "clock", clock)
    tools = Conducting(engine, sessions, dataclasses.replace(settings, allow_private_addresses=True), clock)
    with StandIn() as server:
        server.serve("/flux", rss(item("Un"), item("Deux")), etag='"1"')
        server.serve("/a.ics", ics(SERIES), content_type="text/calendar")
        with sessions() as session:
            feed = feeds.add(session, feeds.Wanted(server.url + "/flux"), by=None, now=clock())
            more = {"timezone": "Europe/Paris", "by": None, "now": clock()}
            partner = following.add(session, server.url + "/a.ics", "", None, **more)
            session.commit()
        for name, created in ((feed.name, 2), (partner.name, 3)):
            assert conduct(tools, name).created == created
            assert conduct(tools, name).same
        clock.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
        again = conduct(tools, partner.name)
        assert (again.same, again.created, again.unchanged) == (False, 0, 3)
        assert conduct(tools, feed.name).same
