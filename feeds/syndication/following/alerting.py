"""Tells people by mail what is new in the searches that they follow: a reader of the log, with a ``seq`` per search.

One transaction for each person: their searches that are due are locked and read up to a row of the log, what is new is
one mail in the outbox, and each search says how far it was read and when it is due again. A process killed before the
commit told nothing; after it, the outbox sends the mail. What the person may not read today is not told.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from feeds.syndication import of_directory, of_resources, of_threads, reading, searches  # noqa: F401 (publishers)
from feeds.syndication.following import emails, readers, saved, stops
from feeds.syndication.following.emails import News
from feeds.syndication.models import SavedSearch
from feeds.syndication.publishers import Place
from feeds.syndication.reading import Selection, Told
from reseau.core import jobs, stopping
from reseau.core.changes import current_seq
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.directory.facts import FactsReader as PlacesReader
from reseau.members.models import Person
from reseau.notices.models import NoticeChoice
from reseau.search import make_engine
from reseau.settings import Settings
from resources.finding.facts import FactsReader as ResourcesReader

log = logging.getLogger(__name__)

A_ROUND = 100  # people
SHOWN = 10
"""Objects of a search in a mail."""
SOON = timedelta(minutes=30)
"""What is due so soon comes along: one mail rather than two."""
PUT_OFF = timedelta(hours=1)
SLICE = 10 * reading.WINDOW
"""Rows of the log that ``reading.since`` looks at for a search: what an import wrote is read in so many steps."""
MOST_SLICES = 50
_LIVE = tuple(pace.value for pace in saved.Pace)


def alert(tools: jobs.Tools) -> str | None:
    """Write the mails that are due."""
    done: Counter[str] = Counter()
    met: set[UUID] = set()
    finders: searches.Tools | None = None
    while not tools.stopping() and (people := _people(tools, met)):
        finders = finders or _finders(tools)
        for person_id in people:
            if tools.stopping():
                break
            met.add(person_id)
            done[_tell(tools, finders, person_id)] += 1
    del done[""]
    return ", ".join(f"{what} : {count}" for what, count in done.items() if count) or None


def _finders(tools: jobs.Tools) -> searches.Tools:
    settings = tools.settings
    with tools.sessions() as session:
        database = session.get_bind()
    engine = database.engine if isinstance(database, sa.Connection) else database
    return searches.Tools(
        make_engine(settings, engine), PlacesReader(settings.timezone, settings.country, 0), ResourcesReader(0)
    )


def _people(tools: jobs.Tools, met: Collection[UUID]) -> list[UUID]:
    """Those who wait longest, without those whom this run has met."""
    wanted = sa.select(SavedSearch.person_id).where(SavedSearch.mode.in_(_LIVE), SavedSearch.due_at <= tools.clock())
    wanted = wanted.group_by(SavedSearch.person_id).order_by(sa.func.min(SavedSearch.due_at), SavedSearch.person_id)
    with tools.sessions() as session:
        return [id_ for id_ in session.scalars(wanted.limit(A_ROUND + len(met))) if id_ not in met][:A_ROUND]


def _tell(tools: jobs.Tools, finders: searches.Tools, person_id: UUID) -> str:
    """One person. :return: what came of it, "" for nothing."""
    try:
        with tools.sessions.begin() as session:
            return "courriels" if compose(session, finders, person_id, tools.settings, tools.clock()) else ""
    except OperationalError:
        raise  # the database is away, or busy: it is so for everybody
    except Exception:
        log.exception("the searches of person %s cannot be told", person_id)
    now = tools.clock()
    late = sa.update(SavedSearch).where(SavedSearch.person_id == person_id, SavedSearch.due_at <= now)
    with tools.sessions.begin() as session:
        session.execute(late.values(due_at=now + PUT_OFF).execution_options(synchronize_session=False))
    return "échecs"


def compose(session: Session, finders: searches.Tools, person_id: UUID, settings: Settings, now: datetime) -> bool:
    """The mail of one person, if there is something to say. The caller commits. :return: whether there is one."""
    wanted = sa.select(SavedSearch).where(
        SavedSearch.person_id == person_id, SavedSearch.mode.in_(_LIVE), SavedSearch.due_at <= now + SOON
    )
    due = list(session.scalars(wanted.order_by(SavedSearch.created_at, SavedSearch.id).with_for_update()))
    if not any(one.due_at <= now for one in due):
        return False  # another worker was here
    person, choice = session.get_one(Person, person_id), session.get(NoticeChoice, person_id)
    place = readers.place_for(session, person, settings)
    silent = not person.email or (choice is not None and choice.off_at is not None)
    key = f"alerte:{due[0].id}:{due[0].due_at.isoformat()}"
    seq, site, news = current_seq(session), Site.of(settings), []
    for one in due:
        found = None
        if place is None or silent:
            one.seq = seq  # who comes back is told what happens from then on
        else:
            found = _news(session, finders, one, place, site, seq, now)
        # From what is due, not from now: what came along a little early is not due again in a moment.
        after = max(now, one.due_at)
        one.due_at = saved.next_due(saved.pace_of(one), choice, after, settings.timezone)
        news += [found] if found else []
    return _write(session, person, news, site, key, now) if news else False


def _news(
    session: Session, finders: searches.Tools, one: SavedSearch, place: Place, site: Site, seq: int, now: datetime
) -> News | None:
    """What is new in a search, which is then read up to there. :param seq: newest row of the log."""
    try:
        found = searches.search(session, finders, one.room, saved.pairs(one), place, now)
    except LookupError:  # a topic or a filter that is no more, or not theirs any more
        one.seq = seq
        return None
    upto = seq if found.selection.upto is None else min(found.selection.upto, seq)
    if upto <= one.seq:  # nothing was written, or the index is behind: next time
        return None
    told = newest(session, replace(found.selection, upto=upto), place, one.seq, upto)
    one.seq = upto
    if not told:
        return None
    title = saved.title(one.room, found.words, place.lang)
    stop = stops.url(site, one.person_id, now, one.id)
    return News(title, saved.path(one.room, one.query), told[:SHOWN], len(told) > SHOWN, stop)


def newest(session: Session, selection: Selection, place: Place, after: int, upto: int) -> list[Told]:
    """What is new or has changed in the rows (``after``, ``upto``], the newest first, one more than is shown at most.

    A search that finds some ids is read in steps: an import writes more rows than ``reading.since`` looks at.
    """
    if not isinstance(selection.only, frozenset):
        return reading.since(session, selection, place, after, SHOWN + 1)
    found: dict[UUID, Told] = {}
    low = upto
    for _ in range(MOST_SLICES if selection.only else 0):
        high, low = low, max(after, low - SLICE)
        some = reading.since(session, replace(selection, upto=high), place, low, SHOWN + 1)
        for told in some:
            found.setdefault(told.row.id, told)
        if low <= after or len(found) > SHOWN:
            break
    return list(found.values())[: SHOWN + 1]


def _write(session: Session, person: Person, news: Sequence[News], site: Site, key: str, now: datetime) -> bool:
    stop = stops.url(site, person.id, now)
    letter = emails.letter(person.lang, site, news, stop, stopping.url(site, person.id, now))
    headers = stopping.headers(news[0].stop if len(news) == 1 else stop)
    try:
        return queue(session, letter, person.email or "", site=site, now=now, key=key, headers=headers)
    except ValueError:  # an address that no mail can go to
        log.warning("no mail can be written to person %s", person.id)
        return False
