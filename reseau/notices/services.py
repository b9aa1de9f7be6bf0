"""What people do with their notices: see them, choose how they are told, stop. Whoever calls commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import stopping
from reseau.core.cards import Ref
from reseau.core.db import affected, insert
from reseau.members import profile
from reseau.members.models import Person
from reseau.notices import following, recalling
from reseau.notices.models import Level, Notice, NoticeChoice, NoticeState
from reseau.notices.preferences import chosen, due, mode_of

KEPT = timedelta(days=90)
"""What the list shows."""
MAILED_KEPT = stopping.VALID
"""What was mailed is answered by mail for as long as its other links work."""
A_PAGE = 30
OTHERS = "mails"
"""In the modes of who receives no mail: the other mails of the site that they had chosen, to give them back."""
_LIVE = (NoticeState.WAITING.value, NoticeState.MAILED.value, NoticeState.READ.value)

Place = tuple[datetime, UUID]


def page(session: Session, person_id: UUID, now: datetime, before: Place | None = None) -> tuple[list[Notice], bool]:
    """The notices of 90 days, newest first. :param before: the last one of the page before.

    :return: (at most ``A_PAGE``, whether there are more). One statement.
    """
    wanted = sa.select(Notice).where(Notice.person_id == person_id, Notice.state.in_(_LIVE), Notice.at > now - KEPT)
    if before:
        wanted = wanted.where(sa.or_(Notice.at < before[0], sa.and_(Notice.at == before[0], Notice.id < before[1])))
    found = list(session.scalars(wanted.order_by(Notice.at.desc(), Notice.id.desc()).limit(A_PAGE + 1)))
    return found[:A_PAGE], len(found) > A_PAGE


def see_all(session: Session, person_id: UUID, now: datetime, to: datetime | None = None) -> int:
    """All that a person was told, up to a moment, is seen. :return: how many were not."""
    mine = sa.update(Notice).where(Notice.person_id == person_id, Notice.seen_at.is_(None))
    mine = mine.where(Notice.at <= to) if to else mine
    return affected(session, mine.values(seen_at=now).execution_options(synchronize_session=False))


def see(session: Session, person_id: UUID, about: Ref, to: datetime, now: datetime) -> int:
    """A person has read an object up to a moment: what they were told of it until then is seen. One statement."""
    mine = sa.update(Notice).where(
        Notice.person_id == person_id, Notice.about_kind == about[0], Notice.about_id == about[1], Notice.at <= to,
        Notice.seen_at.is_(None),
    )  # fmt: skip
    return affected(session, mine.values(seen_at=now).execution_options(synchronize_session=False))


# --- choices --------------------------------------------------------------------------------------------------


def choice_of(session: Session, person_id: UUID) -> NoticeChoice | None:
    """What a person chose; None: the defaults. One statement."""
    return session.get(NoticeChoice, person_id)


def choose(
    session: Session, person_id: UUID, modes: Mapping[str, str], *, hour: int, weekday: int, now: datetime,
    timezone: str,
) -> NoticeChoice:  # fmt: skip
    """Set how a person is told, and when what waits is due from now on."""
    choice = _choice(session, person_id)
    kept = {OTHERS: choice.modes[OTHERS]} if OTHERS in choice.modes else {}
    choice.modes, choice.hour, choice.weekday = chosen(modes) | kept, hour, weekday
    _reschedule(session, choice, now, timezone)
    return choice


def _choice(session: Session, person_id: UUID) -> NoticeChoice:
    """Their row, locked; made if there is none."""
    new = insert(session, NoticeChoice).values(person_id=person_id, modes={}, hour=8, weekday=0)
    session.execute(new.on_conflict_do_nothing())  # two at once, as mail programs may be: one makes it, both find it
    locked = sa.select(NoticeChoice).where(NoticeChoice.person_id == person_id).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).one()


def _reschedule(session: Session, choice: NoticeChoice, now: datetime, timezone: str) -> None:
    """What waits to be mailed is due as chosen now. What was only for the site stays there: it is not news."""
    wanted = sa.select(Notice).where(
        Notice.person_id == choice.person_id, Notice.state == NoticeState.WAITING.value, Notice.due_at.is_not(None)
    )
    for notice in session.scalars(wanted.with_for_update()):
        notice.due_at = due(mode_of(choice, notice.kind), choice, now, timezone)
    session.flush()


# --- stopping -------------------------------------------------------------------------------------------------


def stop_all(session: Session, person: Person, now: datetime) -> None:
    """No mail any more that one may do without, of any room; letters that wait in the outbox do not leave."""
    choice = _choice(session, person.id)
    choice.off_at = choice.off_at or now
    if OTHERS not in choice.modes:
        choice.modes = choice.modes | {OTHERS: dict(person.mails)}
    person.mails = dict.fromkeys(profile.MAILS, False)
    recalling.recall(session, _keys(session, Notice.person_id == person.id))
    _keep_on_site(session, Notice.person_id == person.id)


def resume(session: Session, person: Person) -> None:
    """Mails again, as they were chosen, those of the rest of the site too; of what happens from now on."""
    choice = _choice(session, person.id)
    if choice.off_at is not None and isinstance(others := choice.modes.get(OTHERS), dict):
        # What they asked for meanwhile, on the page of their account, stays asked for.
        person.mails = others | {kind: True for kind, wanted in person.mails.items() if wanted}
    choice.off_at, choice.modes = None, {kind: mode for kind, mode in choice.modes.items() if kind != OTHERS}
    session.flush()


def stop_about(session: Session, person: Person, about: Ref, now: datetime) -> None:
    """A person does not follow an object any more: nor by a letter that waits, nor by what was to be told."""
    following.unfollow(session, person.id, about, now)
    mine = sa.and_(Notice.person_id == person.id, Notice.about_kind == about[0], Notice.about_id == about[1])
    recalling.recall(session, _keys(session, mine))
    _keep_on_site(session, sa.and_(mine, Notice.reason != "mention"))


def undo_stop(session: Session, person: Person, about: Ref | None, now: datetime) -> bool:
    """Who stopped by mistake follows it again, or has their mails again. :return: False: nothing was stopped."""
    if about is None:
        choice = choice_of(session, person.id)
        stopped = choice is not None and choice.off_at is not None
        if stopped:
            resume(session, person)
        return stopped
    stopped = following.level(session, person.id, about) is Level.MUTE
    if stopped:
        following.follow(session, person.id, about, now)
    return stopped


def _keys(session: Session, mine: sa.ColumnElement[bool]) -> list[str]:
    wanted = sa.select(Notice.mail_key).where(mine, Notice.state == NoticeState.MAILED.value).distinct()
    return [key for key in session.scalars(wanted) if key]


def _keep_on_site(session: Session, mine: sa.ColumnElement[bool]) -> None:
    waiting = sa.update(Notice).where(mine, Notice.state == NoticeState.WAITING.value)
    session.execute(waiting.values(due_at=None).execution_options(synchronize_session="fetch"))


# --- time -----------------------------------------------------------------------------------------------------


def purge(session: Session, now: datetime) -> int:
    """Delete what is older than ``KEPT`` and waits for nothing; what was mailed, ``MAILED_KEPT``, though it counts as
    unread no more. :return: how many."""
    old, mailed = Notice.at < now - KEPT, Notice.mail_key.is_not(None)
    unread = sa.update(Notice).where(old, mailed, Notice.seen_at.is_(None)).values(seen_at=Notice.at)
    session.execute(unread.execution_options(synchronize_session=False))
    waits = sa.and_(Notice.state == NoticeState.WAITING.value, Notice.due_at.is_not(None))
    over = sa.or_(sa.and_(old, ~mailed, ~waits), sa.and_(mailed, Notice.at < now - MAILED_KEPT))
    return affected(session, sa.delete(Notice).where(over))
