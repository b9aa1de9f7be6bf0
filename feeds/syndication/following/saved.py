"""Searches that people follow by mail: followed, paced, stopped. Whoever calls commits.

A link of a mail only stops the mails (``daily-off``, ``weekly-off``), so that it can be taken back; on the site, the
search is deleted.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.catalogue import FEEDS
from feeds.syndication.models import SavedSearch
from feeds.syndication.of_threads import readable
from feeds.syndication.publishers import Place
from feeds.syndication.searches import words_of
from reseau.core.changes import current_seq
from reseau.core.ids import new_id
from reseau.core.wording import Wording, _
from reseau.members.models import Person
from reseau.notices.models import NoticeChoice
from reseau.notices.preferences import Mode, due
from reseau.threads.base.models import Topic

MOST = 20
"""Searches that a person follows."""
MAX_QUERY: Final = 500  # of its column
_OFF: Final = "-off"


class Pace(enum.StrEnum):
    """How often a mail is made of a search."""

    DAILY = "daily"
    WEEKLY = "weekly"


PACES: Final = {Pace.DAILY: _("Chaque jour"), Pace.WEEKLY: _("Chaque semaine")}
_MODES: Final = {Pace.DAILY: Mode.DAY, Pace.WEEKLY: Mode.WEEK}


class TooManyError(Exception):
    """A person follows ``MOST`` searches already."""


class TooLongError(Exception):
    """A search of more than ``MAX_QUERY`` characters."""


def pace_of(search: SavedSearch) -> Pace:
    """The pace that was chosen, even while its mails are stopped."""
    return Pace(search.mode.removesuffix(_OFF))


def is_off(search: SavedSearch) -> bool:
    """Whether its mails are stopped."""
    return search.mode.endswith(_OFF)


def next_due(pace: Pace, choice: NoticeChoice | None, now: datetime, timezone: str) -> datetime:
    """When its next mail is: at the hour and on the day that the person chose for their other notices."""
    return due(_MODES[pace], choice, now, timezone) or now


def follow(
    session: Session, person_id: UUID, room: str, query: str, pace: Pace, now: datetime, timezone: str
) -> SavedSearch:
    """Follow a search by mail from now on; the same one again only changes its pace.

    :param query: canonical (``searches.Search.query``). :raises TooManyError: they follow enough. :raises TooLongError:
        its query cannot be kept.
    """
    if len(query) > MAX_QUERY:
        raise TooLongError
    session.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update())
    known = one_of(session, person_id, room, query)
    if known is not None:
        set_pace(session, known, pace, now, timezone)
        return known
    if len(mine(session, person_id)) >= MOST:
        raise TooManyError
    made = SavedSearch(
        id=new_id(), person_id=person_id, room=room, query=query, mode=pace.value, seq=current_seq(session),
        due_at=next_due(pace, session.get(NoticeChoice, person_id), now, timezone), created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def one_of(session: Session, person_id: UUID, room: str, query: str) -> SavedSearch | None:
    """That search, if they follow it; one statement."""
    wanted = sa.select(SavedSearch).where(
        SavedSearch.person_id == person_id, SavedSearch.room == room, SavedSearch.query == query
    )
    return session.scalars(wanted).one_or_none()


def mine(session: Session, person_id: UUID) -> list[SavedSearch]:
    """What a person follows, the newest first; one statement."""
    wanted = sa.select(SavedSearch).where(SavedSearch.person_id == person_id)
    return list(session.scalars(wanted.order_by(SavedSearch.created_at.desc(), SavedSearch.id)))


def theirs(session: Session, person_id: UUID, id_: UUID) -> SavedSearch | None:
    """One that they follow, locked; None: it is not theirs, or they follow it no more."""
    wanted = sa.select(SavedSearch).where(SavedSearch.id == id_, SavedSearch.person_id == person_id)
    return session.scalars(wanted.with_for_update()).one_or_none()


def set_pace(session: Session, search: SavedSearch, pace: Pace, now: datetime, timezone: str) -> None:
    """Another pace. Whose mails were stopped gets news from now on."""
    if search.mode == pace.value:
        return
    if is_off(search):
        search.seq = current_seq(session)
    search.mode = pace.value
    search.due_at = next_due(pace, session.get(NoticeChoice, search.person_id), now, timezone)


def stop(session: Session, person_id: UUID, id_: UUID | None) -> int:
    """No mails of a search any more, or of any (None). :return: how many searches were stopped."""
    found = [one for one in _locked(session, person_id, id_) if not is_off(one)]
    for one in found:
        one.mode = f"{one.mode}{_OFF}"
    return len(found)


def undo_stop(session: Session, person_id: UUID, id_: UUID | None) -> int:
    """It was a mistake: their mails again, at the pace that they had, without a gap. :return: how many."""
    found = [one for one in _locked(session, person_id, id_) if is_off(one)]
    for one in found:
        one.mode = pace_of(one).value
    return len(found)


def _locked(session: Session, person_id: UUID, id_: UUID | None) -> Sequence[SavedSearch]:
    wanted = sa.select(SavedSearch).where(SavedSearch.person_id == person_id)
    wanted = wanted.where(SavedSearch.id == id_) if id_ else wanted
    return session.scalars(wanted.order_by(SavedSearch.id).with_for_update()).all()


def titles(session: Session, searches: Sequence[SavedSearch], place: Place) -> dict[UUID, str]:
    """What each asks, in words, without looking for it; one statement at most. Topics that the reader of the place may
    not read are not named."""
    topics: dict[str, Topic] = {}
    if any(one.room == "echanges" for one in searches):
        topics = {topic.slug: topic for topic in session.scalars(sa.select(Topic).where(readable(place)))}
    return {one.id: title(one.room, words_of(one.room, pairs(one), place.lang, topics), place.lang) for one in searches}


def title(room: str, words: Sequence[str], lang: str) -> str:
    """A search in words."""
    return " – ".join([*words, Wording.of(lang).gettext(FEEDS[room].title)])


def pairs(search: SavedSearch) -> list[tuple[str, str]]:
    """Its parameters, decoded."""
    return parse_qsl(search.query)


def path(room: str, query: str) -> str:
    """The page of a search, from the root of the site."""
    return f"/{room}?{query}" if query else f"/{room}"
