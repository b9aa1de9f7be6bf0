"""A reader that polls sees each change exactly once, deletes included, whatever happens between two polls."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.agenda import services
from reseau.agenda.models import Event, EventState
from reseau.core.actors import IMPORT
from reseau.core.changes import Entry, Op, record
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.directory import lifecycle
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.label.jobs import follow_days
from tests.conftest import TUESDAY
from tests.feeds.syndication.polling import Poller
from tests.label.making import SOURCES, given, place, version

pytestmark = pytest.mark.usefixtures("short")


class Agenda:
    """Dates that are kept, change, are dropped and erased, at random."""

    def __init__(self, sessions: Any, seed: int) -> None:
        self.sessions, self.random, self.number = sessions, random.Random(seed), 0

    def step(self) -> None:
        with self.sessions() as session:
            kept = list(
                session.scalars(sa.select(Event).where(Event.state == EventState.KEPT.value).order_by(Event.id))
            )
            dropped = session.scalars(sa.select(Event).where(Event.state != EventState.KEPT.value).order_by(Event.id))
            what = self.random.choice(("publish", "publish", "update", "withdraw", "back", "erase", "noise", "noise"))
            self.number += 1
            getattr(self, what)(session, kept, list(dropped))
            session.commit()

    def publish(self, session: Any, _kept: list[Event], _dropped: list[Event]) -> None:
        event = Event(id=new_id(), uid=f"u{self.number}", title=f"Date {self.number}", starts_at=TUESDAY,
                      state=EventState.KEPT.value, rev=1, digest="", created_at=TUESDAY, updated_at=TUESDAY)  # fmt: skip
        session.add(event)
        services.log(session, event, Op.PUBLISH)

    def update(self, session: Any, kept: list[Event], _dropped: list[Event]) -> None:
        if kept:
            event = self.random.choice(kept)
            event.title, event.rev = f"Date {self.number}", event.rev + 1
            event.updated_at = TUESDAY + timedelta(minutes=self.number)
            services.log(session, event, Op.UPDATE)

    def withdraw(self, session: Any, kept: list[Event], _dropped: list[Event]) -> None:
        if kept:
            services.drop(session, [self.random.choice(kept).id], by=None, now=TUESDAY)

    def back(self, session: Any, _kept: list[Event], dropped: list[Event]) -> None:
        if dropped:
            now = TUESDAY + timedelta(minutes=self.number)
            services.keep(session, [self.random.choice(dropped).id], by=None, now=now)

    def erase(self, session: Any, kept: list[Event], _dropped: list[Event]) -> None:
        if kept:
            event = self.random.choice(kept)
            record(session, Entry("event", event.id, event.rev + 1, Op.ERASE))
            session.delete(event)

    def noise(self, session: Any, _kept: list[Event], _dropped: list[Event]) -> None:
        for _ in range(self.random.randrange(12)):
            record(session, Entry("autre", new_id(), 1, Op.PUBLISH))

    def truth(self) -> dict[str, tuple[str, str]]:
        with self.sessions() as session:
            rows = session.scalars(sa.select(Event).where(Event.state == EventState.KEPT.value))
            return {f"urn:uuid:{row.id}": (row.title, row.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")) for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_reader_that_polls_sees_each_change_once(wsgi: Any, app: Any, seed: int) -> None:
    agenda = Agenda(wsgi.registry["write_sessions"], seed)
    reader, pace = Poller(app, "/flux/agenda.atom"), random.Random(seed)
    for _ in range(16):
        before = agenda.truth()
        for _ in range(pace.randrange(7)):
            agenda.step()
        after = agenda.truth()
        expected = {(id_, said[0]) for id_, said in after.items() if before.get(id_) != said}
        expected |= {(id_, "") for id_ in before.keys() - after.keys()}
        told = reader.poll()
        assert set(told) == expected
        assert len(told) == len(expected), "once each"
        assert reader.known == after
        assert reader.poll() == []
    assert 304 in reader.asked
    assert reader.archives, "it went through archives"
    late = Poller(app, "/flux/agenda.atom")
    late.poll()
    assert late.known == agenda.truth(), "who comes late meets everything"
    everything = Poller(app, "/flux/tout.atom")
    everything.poll()
    assert everything.known == agenda.truth()


def test_a_label_behind_an_archive_goes_with_its_place_and_comes_back(wsgi: Any, app: Any, settings: Any) -> None:
    sessions, because = wsgi.registry["write_sessions"], Because(Cause.CLOSE, IMPORT)
    with sessions.begin() as session:
        here, of = place(session), version(session)
        label = given(session, here, of, "2026-11-01", "2027-11-30")
        later = given(session, here, of, "2099-01-01", "2099-12-31")
        id_ = f"urn:uuid:{label.id}"
    with sessions.begin() as session:
        for n in range(25):
            record(session, Entry("label" if n == 24 else "autre", new_id(), 1, Op.PUBLISH))
    reader = Poller(app, "/flux/label.atom")
    assert reader.poll() == [(id_, "La Maison a le label")]
    assert reader.archives
    assert str(later.id) not in str(reader.known), "it has not begun"
    day = datetime(2026, 11, 25, 12, tzinfo=UTC)
    with sessions.begin() as session:
        lifecycle.close(session, here, day.date(), "", because, SOURCES, TUESDAY)
    follow_days(Tools(sessions, settings, lambda: day))
    assert reader.poll() == [(id_, "")]
    with sessions.begin() as session:
        lifecycle.reopen(session, here, because, SOURCES, TUESDAY)
    follow_days(Tools(sessions, settings, lambda: day))
    assert reader.poll() == [(id_, "La Maison a le label")]
