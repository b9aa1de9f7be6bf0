"""What nobody sorts leaves the tray after half a year. Both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from importers.models import WatchState
from importers.veille import tray
from importers.veille.jobs import JOBS, forget
from reseau.core.jobs import Tools
from tests.importers.veille.conftest import Feeds, item, rss

NEWS = "La carte Vitale numérique généralisée dans toute la France"


def test_only_what_nobody_sorted_goes(watch: Feeds, settings: Any, clock: Any) -> None:
    (job,) = JOBS
    assert (job.name, job.every) == ("veille-ancienne", timedelta(days=1))
    feed = watch.add()
    watch.read(feed, rss(item("Gardé"), item("Écarté"), item("Jamais trié")))
    ids = {one.title: one.id for one in watch.items()}
    with watch.sessions() as session:
        tray.decide(session, [ids["Gardé"]], WatchState.KEPT, by=None, now=clock())
        tray.decide(session, [ids["Écarté"]], WatchState.DROPPED, by=None, now=clock())
        session.commit()
    then = clock()
    assert forget(Tools(watch.sessions, settings, lambda: then + timedelta(days=180))) is None
    later = Tools(watch.sessions, settings, lambda: then + timedelta(days=180, seconds=1))
    assert forget(later) == "actualités jamais triées, effacées : 1"
    assert {one.title for one in watch.items()} == {"Gardé", "Écarté"}
    assert forget(later) is None


def test_a_news_that_is_still_told_stays_whole(watch: Feeds, settings: Any, clock: Any) -> None:
    watch.read(watch.add(), rss(item(NEWS, date="")))
    then = clock()
    watch.now = lambda: then + timedelta(days=10)
    watch.read(watch.add(), rss(item(NEWS, date="")))
    first, second = watch.items()
    assert first.cluster_id == second.cluster_id
    assert forget(Tools(watch.sessions, settings, lambda: then + timedelta(days=181))) is None
    assert len(watch.items()) == 2


def test_its_feed_does_not_bring_it_back(watch: Feeds, settings: Any, clock: Any) -> None:
    feed, then = watch.add(), clock()
    data = rss(item("Datée", "https://p.example/d"), item("Sans date", "https://p.example/s", date=""))
    watch.read(feed, data)
    watch.now = lambda: then + timedelta(days=181)
    assert forget(Tools(watch.sessions, settings, watch.now)) == "actualités jamais triées, effacées : 2"
    assert watch.read(feed, data).created == 0
    assert [(one.title, one.state) for one in watch.items()] == [("Sans date", WatchState.DROPPED.value)]
