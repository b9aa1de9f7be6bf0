"""Open now, evenings, week-ends: against the hours themselves, minute by minute; and what browsers may keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from reseau.core.hours import Hours
from tests.directory.site import PARIS, Site, row

#: What is hard: nights, a night before a closed day, all day, appointments, holidays, weeks, a lone half hour.
HOURS = {
    "bureau": "Mo-Fr 09:00-12:00,13:30-17:30",
    "nuit": "Fr 20:00-02:00",
    "toujours": "24/7",
    "fériés": "Mo-Sa 10:00-18:00; PH off",
    "rdv": 'Mo-Fr 08:00-11:30 "sur rendez-vous"',
    "impaire": "week 1-53/2 We 14:00-16:00",
    "premier": "Sa[1] 10:00-12:00",
    "soir": "Tu 18:00-20:00",
    "fin": "Su 22:00-24:00",
    "inconnu": "",
}
MONDAY = datetime(2026, 10, 19, tzinfo=PARIS)  # the clock goes back on the Sunday
CHRISTMAS = datetime(2026, 12, 21, tzinfo=PARIS)


@pytest.fixture(scope="module")
def timed(make_site: Callable[..., Site]) -> Site:
    """One place for each of ``HOURS``."""
    made: Site = make_site("sqlite", search="null")
    made.put(*({"nom": name, "horaires": osm} for name, osm in HOURS.items()))
    return made


def week(monday: datetime, step: int) -> Iterator[datetime]:
    """Moments of a week, ``step`` minutes apart (real minutes: the hour that October repeats comes twice)."""
    start = monday.astimezone(tz=None)
    return (start + timedelta(minutes=minutes) for minutes in range(0, 7 * 24 * 60, step))


def doubted(name: str, moment: datetime) -> bool:
    """Christmas 2026 is a Friday, and only two of the places say what they do on holidays. The night of Friday ends on
    Saturday at two."""
    local = moment.astimezone(PARIS)
    night = name == "nuit" and (local.month, local.day) == (12, 26) and local.hour < 2
    return name not in ("toujours", "fériés") and ((local.month, local.day) == (12, 25) or night)


@pytest.mark.parametrize("monday", [MONDAY, CHRISTMAS], ids=["october", "christmas"])
def test_open_now_is_what_the_hours_say_all_week(timed: Site, monday: datetime) -> None:
    known = {name: Hours(osm) for name, osm in HOURS.items() if osm}
    for moment in week(monday, 30):
        timed.clock.now = moment
        found = timed.json(ouvert="maintenant")
        expected = {name for name, hours in known.items() if hours.is_open(moment) and not doubted(name, moment)}
        assert {item["nom"] for item in found["items"]} == expected, moment
        assert all(item["ouvert"] is True for item in found["items"])
        assert found["facettes"]["ouvert"]["maintenant"] == len(expected)


def test_each_card_says_open_closed_or_unknown_and_until_when(timed: Site) -> None:
    timed.clock.now = Site.moment("2026-11-24 17:00")
    items = {item["nom"]: item for item in timed.json()["items"]}
    assert items["bureau"]["ouvert"] is True
    assert items["bureau"]["change_a"] == "2026-11-24T17:30:00+01:00"
    assert items["soir"]["ouvert"] is False
    assert items["soir"]["change_a"] == "2026-11-24T18:00:00+01:00"
    assert (items["inconnu"]["ouvert"], items["inconnu"]["change_a"]) == (None, None), "unknown is not closed"
    assert (items["toujours"]["ouvert"], items["toujours"]["change_a"]) == (True, None)


def test_a_holiday_that_the_hours_do_not_speak_of_is_unknown_not_open(timed: Site) -> None:
    timed.clock.now = Site.moment("2026-12-25 10:00")
    items = {item["nom"]: item for item in timed.json()["items"]}
    assert (items["bureau"]["ouvert"], items["bureau"]["ferie"]) == (None, True)
    assert items["fériés"]["ouvert"] is False, "it says that it is closed"
    assert items["toujours"]["ouvert"] is True
    assert items["soir"]["ouvert"] is False, "closed on Fridays, holiday or not"
    assert "Jour férié" in timed.app.get("/annuaire").text
    timed.clock.now = Site.moment("2026-12-24 18:00")
    items = {item["nom"]: item for item in timed.json()["items"]}
    assert items["bureau"]["change_a"] == "2026-12-28T09:00:00+01:00", "not on Christmas morning"


def test_a_minute_before_and_a_minute_after(timed: Site) -> None:
    for moment, expected in (("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("17:30", False)):
        timed.clock.now = Site.moment(f"2026-11-24 {moment}")
        assert ("bureau" in {item["nom"] for item in timed.json(ouvert="maintenant")["items"]}) is expected, moment


def test_evening_and_weekend_are_what_happens_in_ordinary_weeks(region: Site) -> None:
    samples = [18 * 60 + 1 + 15 * n for n in range(24)]  # 18:01, 18:16 … 23:46
    monday = datetime(2026, 9, 14, tzinfo=PARIS)
    known: dict[str, tuple[bool, bool]] = {}
    for osm in {r["horaires"] for r in region.rows() if r["horaires"]}:
        hours, days = Hours(osm), [monday + timedelta(days=n) for n in range(35)]
        evening = any(hours.is_open(day + timedelta(minutes=m)) for day in days for m in samples)
        weekend = any(
            hours.is_open(d + timedelta(minutes=m)) for d in days if d.weekday() > 4 for m in range(1, 1440, 14)
        )
        known[osm] = (evening, weekend)
    for rank, code in enumerate(("soir", "weekend")):
        expected = sum(1 for r in region.rows() if r["horaires"] and known[r["horaires"]][rank])
        assert region.json(ouvert=code)["total"] == expected > 0


# --- what browsers may keep -------------------------------------------------------------------------------


def ask(site: Site, path: str, etag: str | None = None) -> Any:
    return site.app.get(path, headers={"If-None-Match": etag} if etag else {}, expect_errors=True)


@pytest.mark.parametrize(("path", "step"), [("/annuaire.json", 30), ("/annuaire", 60)])
def test_a_page_that_is_kept_is_never_wrong(timed: Site, path: str, step: int) -> None:
    """A browser that asks again and again for a week, and is told "unchanged" only when nothing has changed."""
    kept: tuple[str, bytes] | None = None
    unchanged = 0
    for moment in week(datetime(2026, 11, 23, tzinfo=PARIS), step):
        timed.clock.now = moment
        fresh = ask(timed, path)
        if kept and ask(timed, path, kept[0]).status_int == 304:
            unchanged += 1
            assert fresh.body == kept[1], f"{path} at {moment.astimezone(PARIS)}"
        kept = fresh.headers["ETag"], fresh.body
    assert unchanged > 70, "and most of the time nothing has"


def test_a_sheet_that_is_kept_is_never_wrong(timed: Site) -> None:
    for name in ("nuit", "rdv"):
        for path in (timed.path(name), timed.path(name) + ".json"):
            kept: tuple[str, bytes] | None = None
            for moment in week(datetime(2026, 11, 23, tzinfo=PARIS), 120):
                timed.clock.now = moment
                fresh = ask(timed, path)
                if kept and ask(timed, path, kept[0]).status_int == 304:
                    assert fresh.body == kept[1], f"{path} at {moment.astimezone(PARIS)}"
                kept = fresh.headers["ETag"], fresh.body


@pytest.mark.parametrize(
    "path", ["/annuaire", "/annuaire.json", "/annuaire/carte", "/annuaire/carte.json", "/annuaire/imprimer"]
)
def test_unchanged_at_once_changed_when_a_place_opens_or_an_import_ran(
    make_site: Callable[..., Site], tmp_path: Any, path: str
) -> None:
    site = make_site("sqlite", search="null")
    site.add(row("A", horaires="Tu 09:00-12:00"), row("B"), path=tmp_path / "f.csv")
    site.clock.now = Site.moment("2026-11-24 08:50")
    closed = ask(site, path).headers["ETag"]
    site.clock.now = Site.moment("2026-11-24 08:59")
    again = ask(site, path, closed)
    assert (again.status_int, again.body) == (304, b"")
    assert ask(site, path + "?q=x", closed).status_int == 200, "another question"
    site.clock.now = Site.moment("2026-11-24 09:00")
    opened = ask(site, path, closed)
    assert opened.status_int == 200
    site.add(row("A", horaires="Tu 09:00-12:00"), row("B", telephone="03 20 00 00 01"), path=tmp_path / "f.csv")
    assert ask(site, path, opened.headers["ETag"]).status_int == 200
