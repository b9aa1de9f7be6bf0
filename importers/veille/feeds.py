"""Feeds that are watched: rows of ``import_source``, added, changed, switched off; deleted if nothing ever came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers import sentences
from importers.models import ImportRun, ImportSource, WatchItem, WatchState
from importers.pipeline import keeping
from importers.targets.texts import clean_url, url_key
from reseau.core.ids import new_id
from reseau.core.masking import masked
from reseau.core.paging import Page, nearest, offset
from reseau.core.slugs import readable

ADAPTER = "veille"
EVERY_H, KEEP_RAW = 6, 2
PAGE_SIZE = 50
MOST_FEEDS = 500
MOST_NAMES = 150
"""Of the filter: a page has at most 60 kB. The list of feeds leads to the news of the others."""
OPTIONS = ("theme", "words", "without", "lang")
#: Of ``import_source.title``.
MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed as somebody describes it. ``title`` "": that of the site's name. See ``source.Veille`` for the options."""

    url: str
    title: str = ""
    theme: str = ""
    words: str = ""
    without: str = ""
    lang: str = ""

    @property
    def options(self) -> dict[str, Any]:
        """As ``import_source`` keeps them: what is not said is not there."""
        return {name: value for name in OPTIONS if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Line:
    """A feed in the list. ``new``: entries that nobody has sorted."""

    feed: ImportSource
    new: int


def _all() -> sa.Select[Any]:
    return sa.select(ImportSource).where(ImportSource.adapter == ADAPTER)


def listed(session: Session, page: int = 1) -> Page[Line]:
    """All feeds by title, those that are off last; three statements."""
    total = session.scalar(sa.select(sa.func.count()).select_from(_all().subquery())) or 0
    here = nearest(page, total, PAGE_SIZE)
    order = (ImportSource.enabled.desc(), sa.func.lower(ImportSource.title), ImportSource.id)
    rows = list(session.scalars(_all().order_by(*order).limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))))
    counted = (
        sa.select(WatchItem.source_id, sa.func.count())
        .where(WatchItem.state == WatchState.NEW.value, WatchItem.source_id.in_([row.id for row in rows]))
        .group_by(WatchItem.source_id)
    )
    new = {id_: number for id_, number in session.execute(counted)}  # noqa: C416 (rows are no pairs for the types)
    return Page([Line(row, new.get(row.id, 0)) for row in rows], total, here, PAGE_SIZE)


def names(session: Session) -> list[tuple[UUID, str]]:
    """(id, title) of the first feeds by title, for a filter; one statement."""
    wanted = sa.select(ImportSource.id, ImportSource.title).where(ImportSource.adapter == ADAPTER)
    rows = session.execute(wanted.order_by(sa.func.lower(ImportSource.title)).limit(MOST_NAMES))
    return [(id_, title) for id_, title in rows]


def find(session: Session, id_: UUID) -> ImportSource | None:
    """The feed, or None."""
    return session.scalars(_all().where(ImportSource.id == id_)).one_or_none()


def same(session: Session, url: str, but: UUID | None = None) -> ImportSource | None:
    """The feed that has this address already, up to what does not matter in it."""
    key = _key(url)
    return next((row for row in session.scalars(_all()) if row.id != but and _key(row.location) == key), None)


def _key(url: str) -> str:
    return url_key(url) or (urlsplit(url).hostname or "").removeprefix("www.")


def add(session: Session, wanted: Wanted, *, by: UUID | None, now: datetime) -> ImportSource:
    """Watch a feed; it is read when the schedule next looks. The address must be a clean one (``clean_url``)."""
    host = (urlsplit(wanted.url).hostname or "").removeprefix("www.")
    id_ = new_id()
    made = ImportSource(
        id=id_, name=f"veille-{readable(wanted.title or host, 'flux', 20)}-{id_.hex[-8:]}", adapter=ADAPTER,
        title=(wanted.title or host)[:MAX_TITLE], location=wanted.url, options=wanted.options, every_h=EVERY_H,
        keep_raw=KEEP_RAW, next_at=now, created_at=now, created_by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def change(session: Session, feed: ImportSource, wanted: Wanted, *, enabled: bool, now: datetime) -> bool:
    """Change a feed. What nobody has sorted of it gets its new theme; new words hold for what comes.

    :return: whether anything is other than before.
    """
    moved = wanted.url != feed.location
    woken = enabled and not feed.enabled
    before = (feed.location, feed.title, feed.options, feed.enabled)
    if wanted.theme != feed.options.get("theme", ""):
        session.execute(
            sa.update(WatchItem)
            .where(WatchItem.source_id == feed.id, WatchItem.state == WatchState.NEW.value)
            .values(theme=wanted.theme)
        )
    feed.location, feed.options, feed.enabled = wanted.url, {**_others(feed), **wanted.options}, enabled
    feed.title = (wanted.title or feed.title)[:MAX_TITLE]
    if moved:  # nothing that the other address said holds for this one
        feed.etag = feed.last_modified = feed.digest = None
    if not enabled:
        feed.next_at = None
    elif moved or woken:
        feed.failures, feed.next_at = 0, now
    session.flush()
    return before != (feed.location, feed.title, feed.options, feed.enabled)


def last_failure(session: Session, feed: ImportSource) -> str:
    """Why its last reading failed, in French; "" when it did not."""
    run = session.get(ImportRun, feed.last_run_id) if feed.failures and feed.last_run_id else None
    return masked(sentences.said(run.error, run.error_detail)) if run and run.error else ""


def deletable(session: Session, feed: ImportSource) -> bool:
    """Whether nothing ever came from it."""
    return not keeping.has_given(session, feed)


def delete(session: Session, feed: ImportSource) -> bool:
    """Take away a feed from which nothing ever came, with its readings that failed. :return: False: something did."""
    return keeping.forget(session, feed)


def _others(feed: ImportSource) -> dict[str, Any]:
    """Options that are none of ours."""
    return {name: value for name, value in feed.options.items() if name not in OPTIONS}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list of feeds. ``known``: titles of those that are watched already; ``refused``: addresses that
    are none; ``over``: how many were too many."""

    added: int
    known: tuple[str, ...]
    refused: tuple[str, ...]
    over: int = 0


def take(session: Session, wanted: Iterable[Wanted], *, by: UUID | None, now: datetime) -> Taken:
    """Watch several feeds; what is there already stays as it is."""
    there = {_key(row.location): row.title for row in session.scalars(_all())}
    added, over = 0, 0
    known: list[str] = []
    refused: list[str] = []
    for one in wanted:
        url = clean_url(one.url)
        if not url:
            refused.append(one.title or one.url[:100])
        elif (key := _key(url)) in there:
            known.append(there[key])
        elif len(there) >= MOST_FEEDS:
            over += 1
        else:
            made = add(session, Wanted(url, one.title, one.theme, lang=one.lang), by=by, now=now)
            there[key] = made.title
            added += 1
    return Taken(added, tuple(known), tuple(refused), over)


def off(session: Session) -> int:
    """How many feeds are not read: the export leaves them out."""
    return session.scalar(sa.select(sa.func.count()).select_from(_all().where(~ImportSource.enabled).subquery())) or 0


def everything(session: Session) -> list[ImportSource]:
    """All feeds by title: for the export."""
    return list(session.scalars(_all().order_by(sa.func.lower(ImportSource.title), ImportSource.id)))
