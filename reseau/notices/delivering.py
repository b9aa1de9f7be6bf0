"""Makes letters of the notices that are due, in the outbox: of each thread that is told at once, one; of the rest, one.

One transaction for each person: their notices are locked, what each says today is asked, the letters are written and
the notices say which one told them. A process killed before the commit wrote nothing; after it, the outbox sends
them (``core.mail_delivery``: at worst the one in flight twice, with the same Message-ID, which is one for its reader).
Who cannot be written to, by a mistake of ours, is passed over for an hour; the others are written to.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from reseau.core import stopping
from reseau.core.jobs import Tools
from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.members.models import Person, PersonState
from reseau.notices import following, letters, recalling, sources
from reseau.notices.letters import Told
from reseau.notices.models import Notice, NoticeChoice, NoticeState
from reseau.notices.preferences import SOON, Mode, mode_of
from reseau.settings import Settings

log = logging.getLogger(__name__)

A_ROUND = 200  # people
MOST_AT_ONCE = 10  # letters to one person
PUT_OFF = timedelta(hours=1)
MENTION = "mention"
"""The reason that passes over a thread that somebody does not follow any more: somebody speaks to them."""


def deliver(tools: Tools) -> str | None:
    """Write the letters that are due."""
    done: Counter[str] = Counter()
    with tools.sessions.begin() as session:
        done["repris"] = recalling.sweep(session)
    met: set[UUID] = set()
    while not tools.stopping() and (people := _people(tools, met)):
        for person_id in people:
            if tools.stopping():
                break
            met.add(person_id)
            done[_tell(tools, person_id)] += 1
    del done[""]
    return ", ".join(f"{what} : {count}" for what, count in done.items() if count) or None


def _tell(tools: Tools, person_id: UUID) -> str:
    """One person. :return: what came of it, "" for nothing."""
    try:
        with tools.sessions.begin() as session:
            return "courriels" if compose(session, person_id, tools.settings, tools.clock()) else ""
    except OperationalError:
        raise  # the database is away, or busy: it is so for everybody
    except Exception:
        log.exception("the letter of person %s cannot be made", person_id)
    now = tools.clock()
    late = sa.update(Notice).where(
        Notice.person_id == person_id, Notice.state == NoticeState.WAITING.value, Notice.due_at <= now + SOON
    )
    with tools.sessions.begin() as session:
        session.execute(late.values(due_at=now + PUT_OFF).execution_options(synchronize_session=False))
    return "échecs"


def _people(tools: Tools, met: Collection[UUID]) -> list[UUID]:
    """Those who wait longest, without those whom this run has met."""
    waiting = (Notice.state == NoticeState.WAITING.value, Notice.due_at <= tools.clock())
    wanted = sa.select(Notice.person_id).where(*waiting).group_by(Notice.person_id)
    with tools.sessions() as session:
        found = session.scalars(wanted.order_by(sa.func.min(Notice.due_at), Notice.person_id).limit(A_ROUND + len(met)))
        return [id_ for id_ in found if id_ not in met][:A_ROUND]


def compose(session: Session, person_id: UUID, settings: Settings, now: datetime) -> bool:
    """The letters of one person, if there is something to say. The caller commits. :return: whether there is one."""
    # What is due in a moment comes along: an answer and the next one are one letter.
    due = (Notice.person_id == person_id, Notice.state == NoticeState.WAITING.value, Notice.due_at <= now + SOON)
    wanted = sa.select(Notice).where(*due).order_by(Notice.at, Notice.id).with_for_update()
    notices = list(session.scalars(wanted))
    if not any(one.due_at and one.due_at <= now for one in notices):
        return False  # another worker was here
    person, choice = session.get_one(Person, person_id), session.get(NoticeChoice, person_id)
    kept = _kept(session, person, choice, notices)
    told = _look(session, person, kept, settings)
    return _write(session, person, choice, told, settings, now) if told else False


def _kept(session: Session, person: Person, choice: NoticeChoice | None, notices: Sequence[Notice]) -> list[Notice]:
    """Those that may be mailed; the others stay on the site."""
    reachable = person.state == PersonState.ACTIVE.value and person.email and not (choice and choice.off_at)
    abouts = {(one.about_kind, one.about_id) for one in notices}
    muted = following.muted_by(session, person.id, abouts) if reachable else abouts
    kept = [one for one in notices if reachable
            and ((one.about_kind, one.about_id) not in muted or one.reason == MENTION)]  # fmt: skip
    _set(session, [one for one in notices if one not in kept], due_at=None)
    return kept


def _set(session: Session, notices: Sequence[Notice], **values: Any) -> None:
    """Of many notices, by one statement; the objects are not read again."""
    if notices:
        mine = sa.update(Notice).where(Notice.id.in_([one.id for one in notices]))
        session.execute(mine.values(**values).execution_options(synchronize_session=False))


def _look(session: Session, person: Person, notices: Sequence[Notice], settings: Settings) -> list[Told]:
    """What is still to be told, in order; what was read or may not be seen any more says so."""
    lines = sources.lines(session, person, notices, settings)
    there = [Told(one, lines[one.id]) for one in notices if one.id in lines]
    told = [one for one in there if not one.line.read and one.notice.seen_at is None]
    new = {one.notice.id for one in told}
    _set(session, [one for one in notices if one.id not in lines], state=NoticeState.DROPPED.value)
    _set(session, [one.notice for one in there if one.notice.id not in new], state=NoticeState.READ.value)
    return told


def _write(
    session: Session, person: Person, choice: NoticeChoice | None, told: Sequence[Told], settings: Settings,
    now: datetime,
) -> bool:  # fmt: skip
    site, made = Site.of(settings), False
    for some in _letters(choice, told):
        all_of_it = stopping.url(site, person.id, now)
        stops = {ref: stopping.url(site, person.id, now, ref) for ref in {one.notice.about for one in some}}
        if len({one.line.about_path for one in some}) == 1:
            about = some[-1].notice.about
            letter, reply_to = letters.of_one(person.lang, site, some, stops[about], all_of_it)
            more = stopping.headers(stops[about]) | (letters.threading(site, about) if some[-1].line.talk else {})
        else:
            letter, reply_to = letters.of_many(person.lang, site, some, stops, all_of_it), ""
            more = stopping.headers(all_of_it)
        made = _queue(session, letter, person, some, site, now, reply_to, more) or made
    return made


def _letters(choice: NoticeChoice | None, told: Sequence[Told]) -> list[list[Told]]:
    """What each letter tells: of a thread of which something is told at once, all; of the others together, the rest.
    Whoever comes back to dozens of them, after a breakdown of ours, finds one letter."""
    by_about: dict[str, list[Told]] = {}
    for one in told:
        by_about.setdefault(one.line.about_path, []).append(one)
    at_once = [some for some in by_about.values() if any(_is_now(choice, one) for one in some)]
    alone = at_once if len(at_once) <= MOST_AT_ONCE else []
    met = {one.notice.id for some in alone for one in some}
    rest = [one for one in told if one.notice.id not in met]
    return [*alone, *([rest] if rest else [])]


def _is_now(choice: NoticeChoice | None, one: Told) -> bool:
    return mode_of(choice, one.notice.kind) is Mode.NOW


def _queue(
    session: Session, letter: Letter, person: Person, told: Sequence[Told], site: Site, now: datetime, reply_to: str,
    headers: dict[str, str],
) -> bool:  # fmt: skip
    # The first one was not told before: it waited, and is locked. Taken back letters gave their key back.
    key = f"notice:{told[0].notice.id}"
    try:
        made = queue(session, letter, person.email or "", site=site, now=now, key=key, headers=headers,
                     reply_to=reply_to or None)  # fmt: skip
    except ValueError:  # an address that no mail can go to
        log.warning("no mail can be written to person %s", person.id)
        _set(session, [one.notice for one in told], due_at=None)
        return False
    _set(session, [one.notice for one in told], state=NoticeState.MAILED.value, mail_key=key)
    return made
