"""Calendars that are read: rows of ``import_source``."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import ImportSource
from importers.targets.texts import clean_url, url_key
from reseau.core.ids import UUID_PATTERN, new_id
from reseau.core.slugs import readable
from reseau.directory.models import Status, Structure

ADAPTER = "agenda"
MOST = 200
_ID = re.compile(UUID_PATTERN)


def clean_address(text: str) -> str:
    """An http(s) address from one that may say ``webcal``; "" for anything else."""
    text = text.strip()
    if text.lower().startswith(("webcal:", "webcals:")):
        text = "https" + text[text.index(":") :]
    return clean_url(text)


def listed(session: Session) -> list[ImportSource]:
    """All calendars by title, those that are off last; one statement."""
    wanted = sa.select(ImportSource).where(ImportSource.adapter == ADAPTER)
    order = (ImportSource.enabled.desc(), sa.func.lower(ImportSource.title), ImportSource.id)
    return list(session.scalars(wanted.order_by(*order).limit(MOST)))


def same(session: Session, url: str) -> ImportSource | None:
    """The calendar that has this address already."""
    key = url_key(url) or url
    rows = session.scalars(sa.select(ImportSource).where(ImportSource.adapter == ADAPTER))
    return next((row for row in rows if (url_key(row.location) or row.location) == key), None)


def place_of(session: Session, text: str) -> UUID | None:
    """The open place whose sheet has this address, or this id."""
    found = _ID.search(text.lower())
    if found is None:
        return None
    wanted = sa.select(Structure.id).where(Structure.id == UUID(found[0]), Structure.status == Status.ACTIVE.value)
    return session.scalar(wanted)


def add(
    session: Session, url: str, title: str, place: UUID | None, *, timezone: str, by: UUID | None, now: datetime
) -> ImportSource:
    """Read a calendar each day; first when the schedule next looks. :param url: a clean one (:func:`clean_address`)."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    id_, options = new_id(), {"timezone": timezone, **({"structure": str(place)} if place else {})}
    made = ImportSource(
        id=id_, name=f"agenda-{readable(title or host, 'agenda', 20)}-{id_.hex[-8:]}", adapter=ADAPTER,
        title=title or host, location=url, options=options, complete=True, every_h=24, keep_raw=2, next_at=now,
        created_at=now, created_by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
