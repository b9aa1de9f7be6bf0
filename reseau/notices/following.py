"""Who follows what. Below the pages; whoever calls commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.db import insert
from reseau.notices.models import Level, Subscription


def follow(session: Session, person_id: UUID, ref: Ref, now: datetime) -> None:
    """A person says that they follow an object, whatever they said before."""
    _say(session, person_id, ref, Level.FOLLOW, now)


def unfollow(session: Session, person_id: UUID, ref: Ref, now: datetime) -> None:
    """A person does not want to hear of an object any more, even if they write there again."""
    _say(session, person_id, ref, Level.MUTE, now)


def join(session: Session, person_id: UUID, ref: Ref, now: datetime) -> bool:
    """A person wrote there: they follow it, unless they ever said what they want. :return: whether this is new."""
    values = {"person_id": person_id, "object_kind": ref[0], "object_id": ref[1], "level": Level.FOLLOW.value,
              "chosen": False, "at": now}  # fmt: skip
    made = insert(session, Subscription).values(**values).on_conflict_do_nothing().returning(Subscription.person_id)
    return session.execute(made).first() is not None


def _say(session: Session, person_id: UUID, ref: Ref, level: Level, now: datetime) -> None:
    values = {"level": level.value, "chosen": True, "at": now}
    made = insert(session, Subscription).values(person_id=person_id, object_kind=ref[0], object_id=ref[1], **values)
    key = ["person_id", "object_kind", "object_id"]
    session.execute(made.on_conflict_do_update(index_elements=key, set_=values))


def level(session: Session, person_id: UUID, ref: Ref) -> Level | None:
    """What a person said of an object, or None; one statement."""
    row = Subscription
    wanted = sa.select(row.level).where(row.person_id == person_id, row.object_kind == ref[0], row.object_id == ref[1])
    found = session.scalar(wanted)
    return Level(found) if found else None


def followers(session: Session, refs: Collection[Ref]) -> dict[UUID, set[Ref]]:
    """Person → which of these objects they follow; one statement, none for none."""
    return _who(session, refs, Level.FOLLOW)


def muted(session: Session, refs: Collection[Ref]) -> dict[UUID, set[Ref]]:
    """Person → which of these objects they want to hear nothing of; one statement, none for none."""
    return _who(session, refs, Level.MUTE)


def _who(session: Session, refs: Collection[Ref], wanted: Level) -> dict[UUID, set[Ref]]:
    found: dict[UUID, set[Ref]] = {}
    if not refs:
        return found
    row = Subscription
    pair = sa.tuple_(row.object_kind, row.object_id).in_(list(refs))
    query = sa.select(row.person_id, row.object_kind, row.object_id).where(pair, row.level == wanted.value)
    for person_id, kind, id_ in session.execute(query):
        found.setdefault(person_id, set()).add((kind, id_))
    return found


def muted_by(session: Session, person_id: UUID, refs: Collection[Ref]) -> set[Ref]:
    """Which of these objects a person wants to hear nothing of; one statement, none for none."""
    row = Subscription
    pair = sa.tuple_(row.object_kind, row.object_id).in_(list(refs))
    wanted = sa.select(row.object_kind, row.object_id).where(row.person_id == person_id, pair)
    found = session.execute(wanted.where(row.level == Level.MUTE.value)) if refs else ()
    return {(kind, id_) for kind, id_ in found}


def followed(
    session: Session, person_id: UUID, kinds: Iterable[str] = (), level: Level = Level.FOLLOW
) -> list[Subscription]:
    """What a person follows (or does not want to hear of), the last first; one statement. :param kinds: only of
    these."""
    row = Subscription
    wanted = sa.select(row).where(row.person_id == person_id, row.level == level.value)
    if chosen := list(kinds):
        wanted = wanted.where(row.object_kind.in_(chosen))
    return list(session.scalars(wanted.order_by(row.at.desc(), row.object_id)))


def page(
    session: Session, person_id: UUID, level: Level, most: int, after: tuple[datetime, UUID] | None = None
) -> tuple[list[Subscription], bool]:
    """What a person follows (or does not want to hear of), the last first. :param after: the last one of the page
    before. :return: (at most ``most``, whether there are more). One statement."""
    row = Subscription
    wanted = sa.select(row).where(row.person_id == person_id, row.level == level.value)
    if after:
        wanted = wanted.where(sa.or_(row.at < after[0], sa.and_(row.at == after[0], row.object_id > after[1])))
    found = list(session.scalars(wanted.order_by(row.at.desc(), row.object_id).limit(most + 1)))
    return found[:most], len(found) > most
