"""Pairs of places as ``match_pair`` keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from importers.models import MatchPair, Verdict
from reseau.directory.models import Status, Structure

CHUNK = 5_000
_L, _R = aliased(Structure), aliased(Structure)


def pair_of(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Two ids in their order."""
    return (one, other) if one < other else (other, one)


def pairs_of(session: Session, ids: Iterable[Any]) -> dict[tuple[UUID, UUID], str]:
    """All pairs that one of the structures is in → what was said of each (``models.Verdict``)."""
    columns = sa.select(MatchPair.left_id, MatchPair.right_id, MatchPair.verdict)
    found: dict[tuple[UUID, UUID], str] = {}
    for some in chunks(ids):
        rows = session.execute(columns.where(MatchPair.left_id.in_(some) | MatchPair.right_id.in_(some)))
        found |= {(left, right): verdict for left, right, verdict in rows}
    return found


def follow(session: Session) -> None:
    """Ask of the place that stays what was asked of one that was merged into it, unless it is known already."""
    left, right = (sa.func.coalesce(side.merged_into, side.id) for side in (_L, _R))
    gone = (_L.status == Status.MERGED.value) | (_R.status == Status.MERGED.value)
    moved = sa.select(MatchPair.id, left, right).join(_L, _L.id == MatchPair.left_id)
    moved = moved.join(_R, _R.id == MatchPair.right_id).where(MatchPair.verdict == Verdict.OPEN.value, gone)
    rows = session.execute(moved.order_by(MatchPair.score.desc(), MatchPair.id)).all()
    known = set(pairs_of(session, {id_ for _, *both in rows for id_ in both}))
    for pair_id, one, other in rows:
        wanted = pair_of(one, other)
        here = MatchPair.id == pair_id
        if one == other or wanted in known:
            session.execute(sa.delete(MatchPair).where(here))
        else:
            known.add(wanted)
            session.execute(sa.update(MatchPair).where(here).values(left_id=wanted[0], right_id=wanted[1]))


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """As many as one statement can hold."""
    every = list(values)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
