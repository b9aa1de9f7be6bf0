"""Taking back what was told and is not to be read any more: hidden, taken away, moved, changed, or told to somebody who
lost their place, their group, their account.

What still waits to be mailed is looked at again when it is due (``delivering``); here it only leaves the number of
unread notices. A letter that waits in the outbox, for hours when the mail server is down, holds words of before: it is
cancelled, and what it told besides is told again by another one. A few statements, however many people were told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.db import affected
from reseau.core.mail import Mail, MailState
from reseau.members.models import Person, PersonState
from reseau.notices import sources
from reseau.notices.models import Notice, NoticeState
from reseau.notices.sources import Pair

MAIL_KIND = "notices"
_HELD = (MailState.WAITING.value, MailState.ASIDE.value)
"""A letter in these states has not left, and would still."""
_LIVE = (NoticeState.WAITING.value, NoticeState.MAILED.value)
_CHUNK = 500
T = TypeVar("T")


def _chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


@dataclass(frozen=True, slots=True)
class Changed:
    """What the log says has happened.

    :param gone: ids of what was withdrawn, or of what notices are about. :param changed: of what may be moved, or says
        something else: letters that wait are taken back. :param hangs: kind of what changed → ids: what hangs on it may
        be for fewer people. :param people: who may read less.
    """

    gone: Collection[UUID] = ()
    changed: Collection[UUID] = ()
    hangs: Mapping[str, Collection[UUID]] = field(default_factory=dict)
    people: Collection[UUID] = ()


def recheck(session: Session, what: Changed) -> int:
    """Look again at what was told. Whoever calls commits. :return: notices that are not to be told any more."""
    keys = _reworded(session, what.changed) | _of_inactive(session, what.people)
    dropped = 0
    for lost in _chunks(sorted(_gone(session, what.gone)), _CHUNK):
        # The ids are said twice: of a pair alone, SQLite reads the whole table.
        objects = sa.tuple_(Notice.object_kind, Notice.object_id).in_(lost)
        dropped += _drop(session, sa.and_(_object_in({id_ for _, id_ in lost}), objects), keys)
    for pairs in _chunks(sorted(_lost(session, what)), _CHUNK):
        rows = [(person_id, *about) for person_id, about in pairs]
        about = sa.tuple_(Notice.person_id, Notice.about_kind, Notice.about_id).in_(rows)
        dropped += _drop(session, sa.and_(_about_in({id_ for _, _, id_ in rows}), about), keys)
    recall(session, keys)
    return dropped


# --- what to look at ------------------------------------------------------------------------------------------


def _object_in(ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    return sa.and_(Notice.object_kind.in_(sources.object_kinds()), Notice.object_id.in_(ids))


def _about_in(ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    return sa.and_(Notice.about_kind.in_(sources.about_kinds()), Notice.about_id.in_(ids))


def _held(*more: MailState) -> sa.Select[str | None]:
    states = (*_HELD, *(state.value for state in more))
    return sa.select(Mail.key).where(Mail.kind == MAIL_KIND, Mail.state.in_(states), Mail.key.is_not(None))


def _keys(session: Session, mine: sa.ColumnElement[bool]) -> set[str]:
    """The letters that wait and tell some notices."""
    wanted = sa.select(Notice.mail_key).where(mine, Notice.mail_key.in_(_held())).distinct()
    return {key for key in session.scalars(wanted) if key}


def _reworded(session: Session, changed: Collection[UUID]) -> set[str]:
    """Letters that say what is said in other words today."""
    return _keys(session, _object_in(changed)) if changed else set()


def _of_inactive(session: Session, people: Collection[UUID]) -> set[str]:
    """Letters to people who may not come in now; what these told stays on the site, where they may find it one day."""
    if not people:
        return set()
    inactive = sa.select(Person.id).where(Person.id.in_(people), Person.state != PersonState.ACTIVE.value)
    return _keys(session, Notice.person_id.in_(inactive))


def _gone(session: Session, ids: Collection[UUID]) -> set[Ref]:
    """The objects of notices that nobody reads any more."""
    refs: set[Ref] = set()
    for named in (_object_in(ids), _about_in(ids)) if ids else ():
        wanted = sa.select(Notice.object_kind, Notice.object_id).where(Notice.state.in_(_LIVE), named).distinct()
        refs |= {(kind, id_) for kind, id_ in session.execute(wanted)}
    return refs - sources.shown(session, refs)


def _lost(session: Session, what: Changed) -> set[Pair]:
    """Who may not read any more what they were told something about: unseen, or in a letter that has not left."""
    named: list[sa.ColumnElement[bool]] = []
    if ids := {*what.gone, *what.changed}:
        named.append(_about_in(ids))
    for kind, changed in what.hangs.items():
        for about, within in sources.hanging(kind, changed):
            named.append(sa.and_(Notice.about_kind == about, Notice.about_id.in_(within)))
    if what.people:
        active = sa.select(Person.id).where(Person.id.in_(what.people), Person.state == PersonState.ACTIVE.value)
        named.append(Notice.person_id.in_(active))
    fresh = sa.or_(Notice.seen_at.is_(None), Notice.mail_key.in_(_held(MailState.SENDING)))
    pairs: set[Pair] = set()
    for one in named:
        wanted = sa.select(Notice.person_id, Notice.about_kind, Notice.about_id)
        rows = session.execute(wanted.where(one, Notice.state.in_(_LIVE), fresh).distinct())
        pairs |= {(person_id, (kind, id_)) for person_id, kind, id_ in rows}
    lost: set[Pair] = set()
    for some in _chunks(sorted(pairs), 10 * _CHUNK):
        lost |= set(some) - sources.readers(session, some)
    return lost


# --- taking back ----------------------------------------------------------------------------------------------


def _drop(session: Session, which: sa.ColumnElement[bool], keys: set[str]) -> int:
    """Not to be told. What was told by a mail that left stays told, or it would be told twice if it came back. :param
    keys: the letters to take back are added. :return: how many."""
    # No condition on the state: without statistics, SQLite would choose its index, and read all that was ever mailed.
    found = sa.select(Notice.id, Notice.state).order_by(Notice.person_id, Notice.at, Notice.id)
    ids = [id_ for id_, state in session.execute(found.where(which)) if state in _LIVE]
    dropped = 0
    for some in _chunks(ids, _CHUNK):
        # In one order: whoever writes a letter of them locks them in the same one.
        locked = session.execute(found.where(Notice.id.in_(some)).with_for_update())
        mine = Notice.id.in_([id_ for id_, state in locked if state in _LIVE])
        keys |= _keys(session, mine)
        untold = sa.or_(Notice.state == NoticeState.WAITING.value, Notice.mail_key.in_(_held(MailState.SENDING)))
        values = {
            "state": sa.case((untold, NoticeState.DROPPED.value), else_=Notice.state),
            "seen_at": sa.case((untold, Notice.seen_at), else_=sa.func.coalesce(Notice.seen_at, Notice.at)),
        }
        update = sa.update(Notice).where(mine).values(values)
        dropped += affected(session, update.execution_options(synchronize_session=False))
    return dropped


def recall(session: Session, keys: Iterable[str]) -> int:
    """Cancel letters that have not left, for ever: nobody can send them again, since they hold no words any more. What
    they told waits again, but for what was dropped. :return: how many letters.
    """
    return sum(_recall(session, some) for some in _chunks(sorted(keys), _CHUNK))


def _recall(session: Session, keys: Sequence[str]) -> int:
    locked = sa.select(Mail.key).where(Mail.key.in_(keys), Mail.state.in_(_HELD)).order_by(Mail.key).with_for_update()
    if not (held := list(session.scalars(locked))):
        return 0
    told = sa.update(Notice).where(Notice.mail_key.in_(held)).execution_options(synchronize_session="fetch")
    session.execute(
        told.where(Notice.state == NoticeState.MAILED.value).values(state=NoticeState.WAITING.value, mail_key=None)
    )
    session.execute(told.values(mail_key=None))
    values = {"state": MailState.CANCELLED.value, "text": "", "html": "", "key": None, "last_error": "recalled"}
    gone = sa.update(Mail).where(Mail.key.in_(held)).values(values)
    return affected(session, gone.execution_options(synchronize_session=False))


def sweep(session: Session) -> int:
    """Letters that were on their way when what they tell was withdrawn, and came back to the outbox because their
    sender died. :return: how many were taken back."""
    wanted = (
        sa.select(Notice.mail_key).distinct()
        .join(Mail, Mail.key == Notice.mail_key)
        .where(Mail.kind == MAIL_KIND, Mail.state.in_(_HELD), Notice.state == NoticeState.DROPPED.value)
    )  # fmt: skip
    return recall(session, [key for key in session.scalars(wanted) if key])
