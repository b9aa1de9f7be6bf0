"""The agenda as a calendar (RFC 5545, with the properties of RFC 7986): one event for each date, times in UTC.

A date that was kept and is not any more stays for a while as cancelled, without its words: programs that subscribed
take it out of the calendars of their users.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from icalendar import Calendar, vDuration, vText, vUri
from icalendar import Event as Written
from sqlalchemy.orm import Session

from feeds.atom import clean
from feeds.syndication.of_agenda import address, zone_of
from feeds.syndication.publishers import Place
from reseau.agenda.models import KIND, Event, EventState
from reseau.core.changes import Change
from reseau.core.clock import local_day
from reseau.core.nominative import without_people
from reseau.core.wording import Wording, _

log = logging.getLogger(__name__)

TYPE: Final = "text/calendar"
MOST: Final = 500
PAST: Final = timedelta(days=60)
"""How long a date that is over is still told."""
EVERY: Final = timedelta(hours=6)
TITLE, CANCELLED = _("Agenda – %(site)s"), _("Annulé")


def dates(session: Session, now: datetime) -> list[Event]:
    """Dates that are kept or were, those to come and those just over, in their order; one statement."""
    told = sa.exists().where(Change.kind == KIND, Change.object_id == Event.id)
    wanted = sa.select(Event).where(
        sa.or_(Event.state == EventState.KEPT.value, told),
        sa.func.coalesce(Event.ends_at, Event.starts_at) >= now - PAST,
    )  # fmt: skip
    return list(session.scalars(wanted.order_by(Event.starts_at, Event.id).limit(MOST)))


def written(events: Sequence[Event], place: Place, here: str) -> bytes:
    """The calendar. :param here: its own whole address. An event that cannot be said leaves the others alone."""
    say = Wording.of(place.lang)
    made = Calendar()
    made.add("prodid", f"-//{clean(place.site_name)}//agenda//FR")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    title = say.gettext(TITLE, site=clean(place.site_name))
    made.add("name", vText(title))
    made.add("x-wr-calname", vText(title))
    made.add("refresh-interval", vDuration(EVERY), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(EVERY))
    made.add("source", vUri(here), parameters={"VALUE": "URI"})
    made.add("url", vUri(f"{place.url}/flux"))
    for event in events:
        try:
            made.add_component(_event(event, place, say))
        except Exception:
            log.exception("a date cannot be told by the calendar: %s", event.id)
    found: bytes = made.to_ical()
    return found


def _event(event: Event, place: Place, say: Wording) -> Written:
    made = Written()
    made.add("uid", f"{event.id}@{urlsplit(place.url).hostname or 'localhost'}")
    made.add("sequence", event.rev)
    made.add("dtstamp", event.updated_at.astimezone(UTC))
    made.add("last-modified", event.updated_at.astimezone(UTC))
    made.add("created", event.created_at.astimezone(UTC))
    _times(made, event, place)
    if event.state != EventState.KEPT.value:
        made.add("status", "CANCELLED")
        made.add("summary", vText(say.gettext(CANCELLED)))
        return made
    made.add("status", "CONFIRMED")
    words = {"summary": event.title, "location": event.place, "description": without_people(event.description)[0]}
    for name, text in words.items():
        if said := clean(text).strip():
            made.add(name, vText(said), parameters={"LANGUAGE": event.lang or "fr"})
    made.add("url", vUri(clean(address(event, place)).replace(" ", "%20")))
    return made


def _times(made: Written, event: Event, place: Place) -> None:
    """RFC 5545, §3.6.1: the end is after the beginning, of the same type, or is not said."""
    if not event.all_day:
        made.add("dtstart", event.starts_at.astimezone(UTC))
        if event.ends_at and event.ends_at > event.starts_at:
            made.add("dtend", event.ends_at.astimezone(UTC))
        return
    zone = zone_of(event, place)
    first = local_day(event.starts_at, zone)
    last = local_day(event.ends_at, zone) if event.ends_at else first
    made.add("dtstart", first)
    made.add("dtend", max(last, first + timedelta(days=1)))
    made.add("transp", "TRANSPARENT")
