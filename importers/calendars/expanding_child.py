"""Expands one calendar that a stranger made. Run as a program, alone, with limits (``expanding``).

Arguments: the file, the first moment, the moment after the last (ISO, aware), the zone of the site (IANA), how
many occurrences at most. It writes one JSON object: ``title``, ``occurrences`` (in order of their start),
``refused`` (reason, title and UID of events that cannot be read), ``cut``: whether there were more.
Addresses of people are never written out: ORGANIZER, ATTENDEE and CONTACT are not even looked at.

Sources: RFC 5545 (iCalendar), RFC 7986 (NAME, COLOR…), Windows names of zones (CLDR, by ``icalendar``).
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

EACH_S = 2.0  # seconds of computing, for one event and its repetitions
MAX_EVENTS = 5_000
MAX_EACH = 400  # occurrences of one event
MAX_TEXT = 5_000  # characters
TOO_CLOSE = re.compile(r"FREQ=(SECONDLY|MINUTELY)|BYSECOND|BYMINUTE=[^;]*,", re.IGNORECASE)
LONGEST = timedelta(days=400)


class TooLong(Exception):
    """The repetitions of one event take too long to compute."""


def stop(_signal: int, _frame: FrameType | None) -> None:
    """Called by the timer."""
    raise TooLong


def expand(data: bytes, first: datetime, last: datetime, zone: ZoneInfo, most: int) -> dict[str, Any]:
    """See the head of this file. :raises ValueError: no calendar."""
    calendars = [one for one in Calendar.from_ical(data, multiple=True) if one.name == "VCALENDAR"]
    if not calendars:
        raise ValueError("no calendar")
    found: list[dict[str, Any]] = []
    refused: list[tuple[str, str, str]] = []
    for one in calendars:
        for group in grouped(one):
            tight = False
            try:
                tight = loosen(group)
                found += occurrences(one, group, first, last, zone)
            except TooLong:
                refused.append(unread("repetition-impossible", group))
            except Exception:  # of a library, over what strangers write: one event is lost, not the calendar
                refused.append(unread("evenement-sans-debut", group))
            if tight:
                refused.append(unread("repetition-trop-serree", group))
    found.sort(key=lambda said: (said["start"], said["uid"], said["occurrence"]))
    title = text(calendars[0], "NAME") or text(calendars[0], "X-WR-CALNAME")
    return {"title": title[:200], "occurrences": found[:most], "refused": refused, "cut": len(found) > most}


def unread(reason: str, group: list[Component]) -> tuple[str, str, str]:
    """An event that is refused."""
    return reason, text(group[0], "SUMMARY")[:200], text(group[0], "UID")


def grouped(calendar: Calendar) -> list[list[Component]]:
    """Events that have one UID: an event and the occurrences of it that were moved. Without a UID, each is alone."""
    groups: dict[str, list[Component]] = defaultdict(list)
    for number, event in enumerate(calendar.walk("VEVENT")):
        if number >= MAX_EVENTS:
            break
        groups[str(event.get("UID") or f"\x00{number}")].append(event)
    return list(groups.values())


def occurrences(
    calendar: Calendar, group: list[Component], first: datetime, last: datetime, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """The occurrences of one event in the window, cancelled ones left out. :raises TooLong:"""
    alone = Calendar()
    for part in calendar.walk("VTIMEZONE"):
        alone.add_component(part)
    for event in group:
        alone.add_component(event)
    # Of this program, not of the clock: what another one takes of the machine is no fault of an event.
    signal.setitimer(signal.ITIMER_PROF, EACH_S)
    try:
        found = recurring_ical_events.of(alone, skip_bad_series=False).between(first, last)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    kept = [one for one in found[:MAX_EACH] if text(one, "STATUS").upper() != "CANCELLED"]
    recurring = any(name in event for event in group for name in ("RRULE", "RDATE", "RECURRENCE-ID"))
    names = occurrence_names([first_said(one, zone) for one in found[:MAX_EACH]], zone) if recurring else {}
    said = [{**described(one, zone), "occurrence": names.get(first_said(one, zone), "")} for one in kept]
    since = first.isoformat()
    return [one for one in said if one["end"] > since or one["start"] >= since]


def occurrence_names(moments: list[datetime], zone: ZoneInfo) -> dict[datetime, str]:
    """What names each occurrence of an event in its series: its day, so that a series that moves by an hour stays the
    same; the moment, when there are two on one day."""
    days = [one.astimezone(zone).date().isoformat() for one in moments]
    if len(set(days)) == len(days):
        return dict(zip(moments, days, strict=True))
    return {one: one.isoformat() for one in moments}


def first_said(event: Component, zone: ZoneInfo) -> datetime:
    """When an occurrence was to begin before it was moved."""
    return moment(event.decoded("RECURRENCE-ID" if "RECURRENCE-ID" in event else "DTSTART"), zone)


def loosen(group: list[Component]) -> bool:
    """Take away the rules that would be counted for ever. :return: whether an event was to repeat more than once an
    hour: no date of a network does."""
    tight = False
    for event in group:
        for name in ("RRULE", "EXRULE"):
            rules = event.get(name)
            listed = rules if isinstance(rules, list) else [rules] if rules is not None else []
            if any(TOO_CLOSE.search(rule.to_ical().decode("utf-8", "replace")) for rule in listed):
                del event[name]
                tight = tight or name == "RRULE"
    return tight


def described(event: Component, zone: ZoneInfo) -> dict[str, Any]:
    """What we keep of an occurrence. Moments are ISO, in UTC."""
    start = event.decoded("DTSTART")
    all_day = not isinstance(start, datetime)
    name = zone.key if all_day or start.tzinfo is None else zone_name(start, zone)
    begins = moment(start, zone)
    end = event.decoded("DTEND") if "DTEND" in event else None
    if end is None and "DURATION" in event:
        end = begins + event.decoded("DURATION") if not all_day else start + event.decoded("DURATION")
    ends = moment(end, zone) if end is not None else begins + (timedelta(days=1) if all_day else timedelta())
    if not begins <= ends <= begins + LONGEST:
        ends = begins
    return {
        "uid": text(event, "UID"), "start": begins.isoformat(),
        "end": ends.isoformat(), "zone": name, "all_day": all_day, "title": text(event, "SUMMARY"),
        "place": text(event, "LOCATION"), "description": text(event, "DESCRIPTION"), "url": text(event, "URL"),
        "lang": str(getattr(event.get("SUMMARY"), "params", {}).get("LANGUAGE", "")),
    }  # fmt: skip


def moment(said: date | datetime, zone: ZoneInfo) -> datetime:
    """A moment in UTC. A day begins at midnight of the site; a time without a zone is one of the site."""
    if not isinstance(said, datetime):
        said = datetime.combine(said, time())
    return said.replace(tzinfo=said.tzinfo or zone).astimezone(UTC)


def zone_name(start: datetime, zone: ZoneInfo) -> str:
    """The IANA name of the zone in which a time is told; that of the site for one without a name (and for UTC, in which
    programs write, not people)."""
    key = getattr(start.tzinfo, "key", None) or str(start.tzinfo)
    if key in ("UTC", "Etc/UTC", "Z") or "/" not in key:
        return zone.key
    try:
        return ZoneInfo(key).key
    except (ValueError, OSError, KeyError):
        return zone.key


def text(component: Component, name: str) -> str:
    """A text, the first when there are several."""
    value = component.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return "" if value is None else str(value)[:MAX_TEXT]


def main() -> None:
    """See the head of this file."""
    signal.signal(signal.SIGPROF, stop)
    path, first, last, zone, most = sys.argv[1:6]
    try:
        said = expand(
            Path(path).read_bytes(),
            datetime.fromisoformat(first),
            datetime.fromisoformat(last),
            ZoneInfo(zone),
            int(most),
        )
    except (ValueError, IndexError, KeyError, RecursionError):
        said = {"unreadable": True}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
