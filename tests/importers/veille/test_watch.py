"""Entries come into the tray, on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from importers.models import WatchState
from importers.pipeline import Options, Pipeline
from importers.pipeline.contract import Refused
from importers.veille import feeds, tray
from importers.veille.source import Veille
from tests.importers.veille.conftest import Feeds, item, rss

NEWS = "Mon espace santé franchit le cap des vingt millions de comptes"


def test_a_second_run_changes_nothing(watch: Feeds) -> None:
    feed = watch.add(theme="numerique_en_sante")
    data = rss(item("Un", "https://p.example/1"), item("Deux", "https://p.example/2"))
    assert watch.read(feed, data).created == 2
    before = [(one.id, one.digest, one.seen_at) for one in watch.items()]
    again = watch.read(feed, data)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert [(one.id, one.digest, one.seen_at) for one in watch.items()] == before
    assert {one.theme for one in watch.items()} == {"numerique_en_sante"}


def test_an_entry_follows_its_feed_until_somebody_decides(watch: Feeds) -> None:
    feed = watch.add()
    watch.read(feed, rss(item("Avant", "https://p.example/1", guid="g")))
    assert watch.read(feed, rss(item("Après", "https://p.example/1", guid="g"))).updated == 1
    (one,) = watch.items()
    assert one.title == "Après"
    with watch.sessions() as session:
        assert tray.decide(session, [one.id], WatchState.KEPT, by=None, now=watch.now()) == 1
        session.commit()
    assert watch.read(feed, rss(item("Encore", "https://p.example/1", guid="g"))).updated == 0
    assert watch.items()[0].title == "Après"


def test_what_is_not_there_any_more_stays(watch: Feeds) -> None:
    feed = watch.add()
    watch.read(feed, rss(item("Un")))
    watch.read(feed, rss(item("Deux")))
    assert [one.title for one in watch.items()] == ["Un", "Deux"]


def test_old_entries_of_a_new_feed_stay_out_and_dates_to_come_are_now(watch: Feeds) -> None:
    feed = watch.add()
    old = item("Ancien", date="Sat, 22 Aug 2026 10:00:00 +0000")
    recent = item("Récent", date="Fri, 28 Aug 2026 10:00:00 +0000")
    watch.read(feed, rss(old, recent, item("Demain", date="Mon, 01 Jan 2035 10:00:00 +0000"), item("Sans", date="")))
    found = {one.title: one.published_at for one in watch.items()}
    assert set(found) == {"Récent", "Demain", "Sans"}
    assert (found["Demain"], found["Sans"]) == (watch.now(), None)


def test_the_same_news_of_two_feeds_is_one_line_and_is_decided_once(watch: Feeds) -> None:
    first, second, third = watch.add(), watch.add(), watch.add()
    watch.read(first, rss(item(NEWS), item("Tout autre chose ici")))
    watch.read(second, rss(item(f"Communiqué : {NEWS}")))
    with watch.sessions() as session:
        found = tray.page(session, tray.Filters())
        assert sorted((one.item.title, len(one.others)) for one in found.rows) == [
            (NEWS, 1),
            ("Tout autre chose ici", 0),
        ]
        lead = next(one.item for one in found.rows if one.others)
        assert tray.decide(session, [lead.id], WatchState.DROPPED, by=None, now=watch.now()) == 2
        assert tray.decide(session, [lead.id], WatchState.DROPPED, by=None, now=watch.now()) == 0
        session.commit()
    watch.read(third, rss(item(NEWS)))
    assert [one.state for one in watch.items() if one.title.endswith(NEWS)] == ["dropped"] * 3


def test_for_the_letter_one_entry_of_each_news(watch: Feeds) -> None:
    first, second = watch.add(), watch.add()
    watch.read(first, rss(item(NEWS)))
    watch.read(second, rss(item(NEWS)))
    one, other = watch.items()
    with watch.sessions() as session:
        assert tray.mark(session, other.id, by=None, now=watch.now()) is True
        session.commit()
        assert [found.id for found in tray.for_letter(session)] == [other.id]
        assert tray.counts(session)[tray.View.KEPT] == 1
        assert tray.mark(session, one.id, by=None, now=watch.now()) is False
        assert tray.for_letter(session) == []
        assert tray.mark(session, one.id, by=None, now=watch.now()) is True
        assert (tray.told(session, [one.id]), tray.told(session, [one.id])) == (1, 0)


def test_a_feed_that_is_not_in_the_list_is_refused(sessions: Any, tmp_path: Any, clock: Any) -> None:
    path = tmp_path / "flux"
    path.write_bytes(rss(item("Un")))
    with pytest.raises(Refused, match="veille-sans-source"):
        Pipeline(sessions, Veille("inconnu"), (), clock=clock).run(path, "x", Options())


def test_lists_of_feeds_are_taken_once(watch: Feeds) -> None:
    with watch.sessions() as session:
        wanted = [feeds.Wanted("https://a.example/rss"), feeds.Wanted("http://www.a.example/rss/", "Le même"),
                  feeds.Wanted("ftp://x", "Mauvais"), feeds.Wanted("https://b.example/rss", "B")]  # fmt: skip
        taken = feeds.take(session, wanted, by=None, now=watch.now())
        session.commit()
        assert (taken.added, taken.known, taken.refused) == (2, ("a.example",), ("Mauvais",))
        assert feeds.take(session, wanted, by=None, now=watch.now()).added == 0
        assert [one.title for one in feeds.everything(session)] == ["a.example", "B"]


def test_a_feed_that_changes_address_forgets_what_the_other_said(watch: Feeds) -> None:
    feed = watch.add("https://a.example/rss")
    watch.read(feed, rss(item("Un")))
    with watch.sessions() as session:
        row = feeds.find(session, feed.id)
        assert row is not None
        row.etag, row.failures = '"x"', 4
        wanted = feeds.Wanted("https://a.example/atom", theme="numerique_en_sante")
        assert feeds.change(session, row, wanted, enabled=True, now=watch.now() + timedelta(hours=1))
        assert (row.etag, row.failures, row.title) == (None, 0, "a.example")
        assert not feeds.change(session, row, wanted, enabled=True, now=watch.now())
        session.commit()
    assert [one.theme for one in watch.items()] == ["numerique_en_sante"]
