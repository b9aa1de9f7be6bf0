"""The files are made beside the pages: those of a large site take a minute, and a page must not."""

from __future__ import annotations

from datetime import timedelta

from feeds.opendata.files import KINDS, Shelf
from feeds.opendata.inclusion import Publisher
from feeds.opendata.offering import Offer, Stopped
from reseau.core.db import session_factory
from reseau.core.jobs import Job, Tools

EVERY = timedelta(minutes=10)


def make_files(tools: Tools) -> str | None:
    """Make each file again that is not as the directory is now; the one before is served meanwhile."""
    settings, made = tools.settings, 0
    shelf = Shelf(settings.data_dir / "donnees")
    shelf.sweep_leftovers()
    # Reading only: a writing transaction of a minute would keep everybody from writing (SQLite).
    reading = session_factory(tools.sessions.kw["bind"], read_only=True, timezone=settings.timezone)
    for kind in KINDS:
        if tools.stopping():
            break
        with reading() as session:
            offer = Offer(session, shelf, settings.territory, Publisher.of(settings))
            if not offer.is_old(kind.name):
                continue
            try:
                offer.make(kind.name, tools.stopping)
            except Stopped:
                break
        made += 1
    return f"fichiers refaits : {made}" if made else None


JOBS: tuple[Job, ...] = (Job("donnees-ouvertes", EVERY, make_files),)
