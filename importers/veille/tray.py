"""The tray of the watch: what feeds brought, by news, and what was decided of it.

A *news* is a cluster of entries that tell the same; it is named by the id of any of them. What is decided holds for all
its entries. Nothing is decided twice: ``decide`` says how many entries it changed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import ImportSource, WatchItem, WatchState
from reseau.core.db import affected
from reseau.core.ids import parse_id
from reseau.core.paging import Page, nearest, offset
from reseau.core.vocabularies import vocabulary
from resources.base.models import Resource

PAGE_SIZE = 20
MOST_AT_ONCE = 100
MOST_PURGED = 500
NEW, KEPT, DROPPED, TURNED = (state.value for state in WatchState)


class View(enum.StrEnum):
    """Which entries are shown: the value is that of the parameter ``etat``."""

    NEW = "nouveaux"
    KEPT = "gardes"
    LETTER = "lettre"
    TURNED = "liens"
    DROPPED = "ecartes"


STATES = {View.NEW: (NEW,), View.KEPT: (KEPT, TURNED), View.TURNED: (TURNED,), View.DROPPED: (DROPPED,)}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked of the tray. ``theme``: a code, or ""; ``feed``: id, or None."""

    view: View = View.NEW
    theme: str = ""
    feed: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who tells a news: the title of a feed, its page there."""

    feed: str
    url: str


@dataclass(frozen=True, slots=True)
class News:
    """One news. ``item``: the entry that is shown (the first seen); ``feed``: the title of its feed; ``others``: who
    else tells it; ``at``: when its last entry came out."""

    item: WatchItem
    feed: str
    at: datetime
    others: tuple[Told, ...] = ()

    @property
    def for_letter(self) -> bool:
        """Whether it is for the next newsletter."""
        return self.item.for_letter


def read_filters(asked: Mapping[str, str]) -> Filters:
    """Filters from the parameters of an address; what makes no sense is left out."""
    view, theme = asked.get("etat", ""), asked.get("theme", "")
    return Filters(
        View(view) if view in list(View) else View.NEW,
        theme if vocabulary("themes").get(theme) else "",
        parse_id(asked.get("flux", "")),
    )


def _where(filters: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if filters.view is View.LETTER:
        found.append(WatchItem.for_letter.is_(True))
    else:
        found.append(WatchItem.state.in_(STATES[filters.view]))
    if filters.theme:
        found.append(WatchItem.theme == filters.theme)
    if filters.feed:
        found.append(WatchItem.source_id == filters.feed)
    return found


def page(session: Session, filters: Filters, number: int = 1) -> Page[News]:
    """The news of one page, the newest first; three statements."""
    where = _where(filters)
    total = session.scalar(sa.select(sa.func.count(sa.distinct(WatchItem.cluster_id))).where(*where)) or 0
    here = nearest(number, total, PAGE_SIZE)
    newest = sa.func.max(sa.func.coalesce(WatchItem.published_at, WatchItem.seen_at))
    wanted = sa.select(WatchItem.cluster_id).where(*where).group_by(WatchItem.cluster_id)
    wanted = wanted.order_by(newest.desc(), WatchItem.cluster_id).limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))
    return Page(_news(session, list(session.scalars(wanted))), total, here, PAGE_SIZE)


def _news(session: Session, clusters: Sequence[UUID]) -> list[News]:
    """News in the order of ``clusters``; one statement."""
    wanted = (
        sa.select(WatchItem, ImportSource.title)
        .join(ImportSource, ImportSource.id == WatchItem.source_id)
        .where(WatchItem.cluster_id.in_(clusters))
        .order_by(WatchItem.seen_at, WatchItem.id)
    )
    found: dict[UUID, list[tuple[WatchItem, str]]] = {}
    for item, title in session.execute(wanted):
        found.setdefault(item.cluster_id, []).append((item, title))
    return [_one(found[id_]) for id_ in clusters if id_ in found]


def _one(told: list[tuple[WatchItem, str]]) -> News:
    # The entry marked for the letter stands for its news, else the one from which it was first known.
    told = sorted(told, key=lambda one: (not one[0].for_letter, one[0].id != one[0].cluster_id))
    (item, feed), *rest = told
    seen = {item.url}
    others = []
    for other, title in rest:
        if other.url not in seen:
            seen.add(other.url)
            others.append(Told(title, other.url))
    at = max(one.published_at or one.seen_at for one, _ in told)
    return News(item, feed, at, tuple(others))


def counts(session: Session) -> dict[View, int]:
    """How many news each view has; one statement."""
    number = sa.func.count(sa.distinct(WatchItem.cluster_id))
    parts = [sa.select(number).where(*_where(Filters(view))).scalar_subquery() for view in View]
    row = session.execute(sa.select(*parts)).one()
    return dict(zip(View, row, strict=True))


def find(session: Session, id_: UUID) -> News | None:
    """The news of an entry, or None."""
    cluster = session.scalar(sa.select(WatchItem.cluster_id).where(WatchItem.id == id_))
    return next(iter(_news(session, [cluster])), None) if cluster else None


# --- Deciding --------------------------------------------------------------------------------------------------------


def _of_news(ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    clusters = sa.select(WatchItem.cluster_id).where(WatchItem.id.in_(ids[:MOST_AT_ONCE]))
    return WatchItem.cluster_id.in_(clusters.scalar_subquery())


def decide(session: Session, ids: Sequence[UUID], state: WatchState, *, by: UUID | None, now: datetime) -> int:
    """Keep or drop the news of these entries. What has become a link stays one; what is dropped is not for the letter.

    :return: how many entries changed.
    """
    values: dict[str, Any] = {"state": state.value, "decided_at": now, "decided_by": by}
    if state is WatchState.DROPPED:
        values["for_letter"] = False
    where = (_of_news(ids), WatchItem.state.not_in((state.value, TURNED)))
    return affected(session, sa.update(WatchItem).where(*where).values(**values))


def mark(session: Session, id_: UUID, *, by: UUID | None, now: datetime) -> bool | None:
    """For the newsletter, or no more; what is for it is kept.

    :return: whether it is now; None: there is no such entry.
    """
    item = session.get(WatchItem, id_, with_for_update=True)
    if item is None:
        return None
    others = session.scalars(sa.select(WatchItem).where(WatchItem.cluster_id == item.cluster_id)).all()
    marked = not any(one.for_letter for one in others)
    for one in others:
        one.for_letter = marked and one.id == item.id
    session.flush()
    if marked:
        decide(session, [id_], WatchState.KEPT, by=by, now=now)
    return marked


def undo(session: Session, ids: Sequence[UUID], to: WatchState, *, by: UUID | None) -> int:
    """Take back what ``by`` decided of these news: they are again what they were. A link stays one.

    :return: how many entries changed.
    """
    back: dict[str, Any] = {
        "state": to.value,
        "for_letter": False if to is not WatchState.KEPT else WatchItem.for_letter,
    }
    if to is WatchState.NEW:
        back |= {"decided_at": None, "decided_by": None}
    mine = WatchItem.decided_by == by
    where = (_of_news(ids), WatchItem.state.in_((KEPT, DROPPED)), WatchItem.state != to.value, mine)
    return affected(session, sa.update(WatchItem).where(*where).values(**back))


def turned(session: Session, news: News, resource_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """It has become a resource."""
    session.execute(
        sa.update(WatchItem)
        .where(WatchItem.cluster_id == news.item.cluster_id)
        .values(state=TURNED, resource_id=resource_id, decided_at=now, decided_by=by)
    )


def links(session: Session, ids: Sequence[UUID]) -> dict[UUID, Resource]:
    """Entry → the resource that it became; one statement, none when there are no ids."""
    wanted = sa.select(WatchItem.id, Resource).join(Resource, Resource.id == WatchItem.resource_id)
    return {id_: made for id_, made in session.execute(wanted.where(WatchItem.id.in_(ids)))} if ids else {}  # noqa: C416


def purge(session: Session, before: datetime) -> int:
    """Take the news out of the tray that nobody has sorted, and all of whose entries were seen before a moment. They
    are deleted; those without a date are dropped instead: their feed may still say them, and would bring them back.

    :return: how many entries left the tray.
    """
    stays = sa.select(WatchItem.cluster_id).where(sa.or_(WatchItem.state != NEW, WatchItem.seen_at >= before))
    where = (WatchItem.state == NEW, WatchItem.seen_at < before, WatchItem.cluster_id.not_in(stays))
    ids = list(session.scalars(sa.select(WatchItem.id).where(*where).order_by(WatchItem.id).limit(MOST_PURGED)))
    gone = (WatchItem.id.in_(ids), WatchItem.state == NEW)
    number = affected(session, sa.delete(WatchItem).where(*gone, WatchItem.published_at.is_not(None)))
    return number + affected(session, sa.update(WatchItem).where(*gone).values(state=DROPPED))


# --- The newsletter --------------------------------------------------------------------------------------------------


def for_letter(session: Session) -> list[WatchItem]:
    """What is to be told in the next newsletter, one entry for each news, oldest decision first. ``resource_id``, when
    it is there, has a page of ours that says what it is worth."""
    wanted = sa.select(WatchItem).where(WatchItem.for_letter.is_(True))
    return list(session.scalars(wanted.order_by(WatchItem.decided_at, WatchItem.id)))


def told(session: Session, ids: Iterable[UUID]) -> int:
    """These were told. :return: how many were still to be."""
    where = (WatchItem.id.in_(list(ids)), WatchItem.for_letter.is_(True))
    return affected(session, sa.update(WatchItem).where(*where).values(for_letter=False))


def untold(session: Session, ids: Iterable[UUID]) -> int:
    """These were not told after all, and are to be; what was dropped since stays dropped. :return: how many."""
    where = (WatchItem.id.in_(list(ids)), WatchItem.for_letter.is_(False), WatchItem.state.in_((KEPT, TURNED)))
    return affected(session, sa.update(WatchItem).where(*where).values(for_letter=True))
