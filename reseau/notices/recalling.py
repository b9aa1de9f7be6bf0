"""Taking back what was told and is not to be read any more: hidden, taken away, moved, changed.

What still waits to be mailed is looked at again when it is due (``delivering``); here it only leaves the number of
unread notices. A letter that waits in the outbox, for hours when the mail server is down, holds words of before: it is
cancelled, and what it told besides is told again by another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import affected
from reseau.core.mail import Mail, MailState
from reseau.members.models import Person
from reseau.notices import sources
from reseau.notices.models import Notice, NoticeState
from reseau.settings import Settings

MAIL_KIND = "notices"
_HELD = (MailState.WAITING.value, MailState.ASIDE.value)
"""A letter in these states has not left, and would still."""


def recheck(session: Session, settings: Settings, *, gone: Collection[UUID], changed: Collection[UUID]) -> int:
    """Look again at what was told of some objects. Whoever calls commits.

    :param gone: ids of what was withdrawn, or of what it was about. :param changed: of what may be moved, or says
        something else: letters that wait are taken back. :return: notices that are not to be told any more.
    """
    dropped, keys = 0, set()
    for person, notices in _by_person(session, _touched(session, gone, changed)):
        seen = sources.lines(session, person, notices, settings)
        for notice in notices:
            if notice.id not in seen:
                dropped += 1
                _drop(session, notice)
            if notice.mail_key and (notice.id not in seen or notice.object_id in changed):
                keys.add(notice.mail_key)
    session.flush()
    recall(session, keys)
    return dropped


def _drop(session: Session, notice: Notice) -> None:
    """Not to be told. What was told by a mail that left stays told, or it would be told twice if it came back."""
    if notice.state == NoticeState.MAILED.value and not _is_held(session, notice.mail_key):
        notice.seen_at = notice.seen_at or notice.at
    else:
        notice.state = NoticeState.DROPPED.value


def _is_held(session: Session, key: str | None) -> bool:
    """Whether its mail may still be sent: it waits, or is being sent by a process that may have died."""
    states = (*_HELD, MailState.SENDING.value)
    return bool(session.scalar(sa.select(sa.exists().where(Mail.key == key, Mail.state.in_(states)))))


def _touched(session: Session, gone: Collection[UUID], changed: Collection[UUID]) -> list[Notice]:
    """The notices to look at, in the order of people; locked until the commit."""
    found: dict[UUID, Notice] = {}
    live = Notice.state.in_((NoticeState.WAITING.value, NoticeState.MAILED.value))
    base = sa.select(Notice).where(live).order_by(Notice.person_id, Notice.at, Notice.id)
    if gone:
        named = sa.or_(Notice.object_id.in_(gone), Notice.about_id.in_(gone))
        found |= {one.id: one for one in session.scalars(base.where(named).with_for_update())}
    if changed:
        named = sa.or_(Notice.object_id.in_(changed), Notice.about_id.in_(changed))
        held = base.join(Mail, Mail.key == Notice.mail_key).where(Mail.state.in_(_HELD), Mail.kind == MAIL_KIND)
        wanted = held.where(named).with_for_update(of=Notice)
        found |= {one.id: one for one in session.scalars(wanted)}
    return sorted(found.values(), key=lambda one: (one.person_id, one.at, one.id))


def _by_person(session: Session, notices: Sequence[Notice]) -> Iterator[tuple[Person, list[Notice]]]:
    for person_id, mine in groupby(notices, key=lambda one: one.person_id):
        yield session.get_one(Person, person_id), list(mine)


def recall(session: Session, keys: Iterable[str]) -> int:
    """Cancel letters that have not left, for ever: nobody can send them again, since they hold no words any more. What
    they told waits again, but for what was dropped. :return: how many letters.
    """
    count = 0
    for key in sorted(keys):
        held = sa.update(Mail).where(Mail.key == key, Mail.state.in_(_HELD))
        values = {"state": MailState.CANCELLED.value, "text": "", "html": "", "key": None, "last_error": "recalled"}
        if affected(session, held.values(values).execution_options(synchronize_session=False)) != 1:
            continue
        count += 1
        told = sa.update(Notice).where(Notice.mail_key == key).execution_options(synchronize_session="fetch")
        session.execute(
            told.where(Notice.state == NoticeState.MAILED.value).values(state=NoticeState.WAITING.value, mail_key=None)
        )
        session.execute(told.values(mail_key=None))
    return count


def sweep(session: Session) -> int:
    """Letters that were on their way when what they tell was withdrawn, and came back to the outbox because their
    sender died. :return: how many were taken back."""
    wanted = (
        sa.select(Notice.mail_key).distinct()
        .join(Mail, Mail.key == Notice.mail_key)
        .where(Mail.kind == MAIL_KIND, Mail.state.in_(_HELD), Notice.state == NoticeState.DROPPED.value)
    )  # fmt: skip
    return recall(session, [key for key in session.scalars(wanted) if key])
