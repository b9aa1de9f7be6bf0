"""Dates of the agenda as feeds tell them: those that the coordination keeps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.publishers import Item, Items, Place, Publisher, each, register
from feeds.syndication.said import facts, paragraph
from reseau.agenda.models import KIND, Event, EventState
from reseau.core.clock import local_day
from reseau.core.nominative import without_people
from reseau.core.wording import Wording, _
from reseau.directory.models import Structure

WHEN, WHERE = _("Quand :"), _("Où :")


def entries(session: Session, ids: Collection[UUID], place: Place) -> Items:
    """Kept dates; one statement."""
    wanted = (
        sa.select(Event, Structure.nom)
        .outerjoin(Structure, Structure.id == Event.structure_id)
        .where(Event.id.in_(list(ids)), Event.state == EventState.KEPT.value)
    )
    say = Wording.of(place.lang)
    return each({row[0].id: row for row in session.execute(wanted)}, lambda row: _item(row[0], row[1], place, say))


def _item(event: Event, by: str | None, place: Place, say: Wording) -> Item:
    html = facts([(say.gettext(WHEN), when(event, place, say)), (say.gettext(WHERE), event.place)])
    html += paragraph(without_people(event.description)[0])
    return Item(
        event.id, KIND, event.title, address(event, place), html, by or place.site_name, event.created_at,
        event.updated_at, event.lang,
    )  # fmt: skip


def address(event: Event, place: Place) -> str:
    """The page of a date where it has one, else where the agenda is followed."""
    return event.url if event.url.lower().startswith(("http://", "https://")) else f"{place.url}/flux#agenda"


def zone_of(event: Event, place: Place) -> str:
    """The time zone in which a date is told: its own, the site's if nobody knows that one."""
    try:
        return ZoneInfo(event.timezone).key
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return place.timezone
    except KeyError:
        return place.timezone


def when(event: Event, place: Place, say: Wording) -> str:
    """``3 novembre 2026, 18:30``, or the days."""
    zone = zone_of(event, place)
    if not event.all_day:
        return say.datetime(event.starts_at, zone)
    first = local_day(event.starts_at, zone)
    last = local_day(event.ends_at, zone) - timedelta(days=1) if event.ends_at else first
    return say.date(first) if last <= first else f"{say.date(first)} – {say.date(last)}"


register(Publisher(KIND, entries))
