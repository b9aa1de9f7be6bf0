"""Entries of feeds enter the tray of the watch."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import ImportSource, WatchItem, WatchState
from importers.pipeline.contract import How, Refused
from importers.targets.clusters import Clusters, Known
from reseau.core.ids import new_id

OLDEST = timedelta(days=90)
"""An entry that nobody knows and that is older is no news: a feed that is new here would bring years of them."""
COMPARED = timedelta(days=30)
"""How long an entry is compared with those that come."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, cleaned. ``guid``: at most 64 characters, the same at each run. ``published_at``: aware, or None."""

    guid: str
    url: str
    title: str
    summary: str = ""
    lang: str = "fr"
    theme: str = ""
    published_at: datetime | None = None

    @property
    def source_id(self) -> str:
        """Its id in its feed."""
        return self.guid

    @property
    def parts(self) -> tuple[str, ...]:
        """An entry is one thing."""
        return (self.guid,)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what is kept of it."""
        moment = self.published_at.isoformat() if self.published_at else ""
        said = (self.url, self.title, self.summary, self.lang, self.theme, moment)
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


class Watch:
    """See :class:`importers.pipeline.contract.Target`; records are :class:`Entry`. Absence means nothing: a feed only
    says its latest entries."""

    kind = "watch"

    def inside(self, incoming: Any, territory: frozenset[str] | None) -> bool:
        """News have no commune."""
        return True

    def kept_outside(self, session: Session, how: How, parts: Set[str], territory: frozenset[str]) -> frozenset[str]:
        """None: nothing is outside."""
        return frozenset()

    def count(self, session: Session, how: How, territory: frozenset[str] | None) -> int:
        """0: no feed is complete, none is ever too small."""
        return 0

    def apply(self, session: Session, how: How, batch: Sequence[Entry]) -> Counter[str]:
        """New entries join the cluster of their news and share what was decided of it; entries of which nobody has
        decided follow their feed."""
        counts: Counter[str] = Counter()
        source_id = _source_id(session, how.source)
        known = _known(session, source_id, [one.guid for one in batch])
        fresh = [one for one in batch if one.guid not in known and not _too_old(one, how.now)]
        for one in batch:
            if one.guid in known:
                counts["updated" if _follow(known[one.guid], one, how.now) else "unchanged"] += 1
            elif _too_old(one, how.now):
                counts["unchanged"] += 1
        if fresh:
            _enter(session, source_id, fresh, how.now)
        counts["created"] = len(fresh)
        session.flush()
        return counts

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """Nothing."""
        return Counter()


def _source_id(session: Session, name: str) -> UUID:
    found = session.scalars(sa.select(ImportSource.id).where(ImportSource.name == name)).one_or_none()
    if found is None:
        raise Refused("veille-sans-source", name=name)
    return found


def _known(session: Session, source_id: UUID, guids: list[str]) -> dict[str, WatchItem]:
    wanted = sa.select(WatchItem).where(WatchItem.source_id == source_id, WatchItem.guid.in_(guids))
    return {item.guid: item for item in session.scalars(wanted)}


def _too_old(one: Entry, now: datetime) -> bool:
    return one.published_at is not None and one.published_at < now - OLDEST


def _sane(moment: datetime | None, now: datetime) -> datetime | None:
    """A date to come is a mistake or a trick to stay on top: the moment when it was seen."""
    return min(moment, now) if moment else None


def _follow(item: WatchItem, one: Entry, now: datetime) -> bool:
    if item.digest == one.digest or item.state != WatchState.NEW.value:
        return False
    item.url, item.title, item.summary, item.lang = one.url, one.title, one.summary, one.lang
    item.theme, item.published_at, item.digest = one.theme, _sane(one.published_at, item.seen_at), one.digest
    return True


def _enter(session: Session, source_id: UUID, fresh: Sequence[Entry], now: datetime) -> None:
    clusters = Clusters.of(_recent(session, now))
    entering: list[WatchItem] = []
    for one in fresh:
        item = WatchItem(
            id=new_id(), source_id=source_id, guid=one.guid, url=one.url, title=one.title, summary=one.summary,
            lang=one.lang, theme=one.theme, published_at=_sane(one.published_at, now), seen_at=now, digest=one.digest,
        )  # fmt: skip
        at = item.published_at or now
        item.cluster_id = clusters.find(source_id, one.url, one.title, at) or item.id
        clusters.add(Known(item.cluster_id, source_id, one.url, one.title, at))
        entering.append(item)
    _share_decisions(session, entering)
    session.add_all(entering)


def _recent(session: Session, now: datetime) -> list[Known]:
    at = sa.func.coalesce(WatchItem.published_at, WatchItem.seen_at)
    columns = (WatchItem.cluster_id, WatchItem.source_id, WatchItem.url, WatchItem.title,
               WatchItem.published_at, WatchItem.seen_at)  # fmt: skip
    rows = session.execute(
        sa.select(*columns).where(WatchItem.seen_at >= now - COMPARED).order_by(at.desc(), WatchItem.id)
    )
    return [
        Known(cluster, source, url, title, published or seen) for cluster, source, url, title, published, seen in rows
    ]


def _share_decisions(session: Session, entering: Sequence[WatchItem]) -> None:
    """What was decided of a news holds for those who tell it later: nobody is asked twice."""
    joined = {item.cluster_id for item in entering if item.cluster_id != item.id}
    if not joined:
        return
    decided = sa.select(WatchItem).where(WatchItem.id.in_(joined), WatchItem.state != WatchState.NEW.value)
    first = {item.cluster_id: item for item in session.scalars(decided)}
    for item in entering:
        if lead := first.get(item.cluster_id):
            item.state, item.resource_id = lead.state, lead.resource_id
            item.decided_at, item.decided_by = lead.decided_at, lead.decided_by
