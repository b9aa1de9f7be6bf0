"""Pairs of places as ``match_pair`` keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.models import MatchPair, Verdict
from reseau.directory.models import Status, Structure

CHUNK = 500
"""Values of one statement. Each number of them is a text of its own, of which the driver of SQLite keeps 128 prepared:
with 5,000 they took some 80 MB in an import of 20,000 places."""
_PAIR, _STRUCTURE = (cast("sa.Table", one.__table__) for one in (MatchPair, Structure))
_L, _R = _STRUCTURE.alias(), _STRUCTURE.alias()
_NOW_LEFT, _NOW_RIGHT = (sa.func.coalesce(side.c.merged_into, side.c.id) for side in (_L, _R))
_GONE = sa.select(Structure.id).where(Structure.status == Status.MERGED.value)
#: What is turned round with its pair; what weighs more than what.
_TURNED = {Verdict.INSIDE.value: Verdict.AROUND.value, Verdict.AROUND.value: Verdict.INSIDE.value}
_WEIGHT = {"same": 0, "open": 1, "inside": 2, "around": 2, "distinct": 3}


def pair_of(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Two ids in their order."""
    return (one, other) if one < other else (other, one)


def pairs_of(session: Session, ids: Iterable[Any], *said: Verdict) -> dict[tuple[UUID, UUID], str]:
    """All pairs that one of the structures is in → what was said of each (``models.Verdict``). ``said``: only those of
    which that was said.

    What was said of a place that was merged since is said of the one that it is now: after A ≠ B and B into C, A ≠ C.
    Of several, what a person has said comes first. The rows stay as they were decided.
    """
    columns = sa.select(_NOW_LEFT, _NOW_RIGHT, _PAIR.c.verdict)
    joined = columns.join_from(_PAIR, _L, _L.c.id == _PAIR.c.left_id).join(_R, _R.c.id == _PAIR.c.right_id)
    if said:  # not the bare column: its index is a way to all pairs of the site, for some hundred
        joined = joined.where(sa.func.coalesce(_PAIR.c.verdict, "").in_([one.value for one in said]))
    found: dict[tuple[UUID, UUID], str] = {}
    for some in chunks(ids):
        gone = session.scalars(_GONE.where(Structure.merged_into.in_(some)))
        for names in chunks([*some, *gone]):
            rows = session.execute(joined.where(_PAIR.c.left_id.in_(names) | _PAIR.c.right_id.in_(names)))
            for left, right, verdict in rows:
                _say(found, left, right, verdict)
    return found


def _say(found: dict[tuple[UUID, UUID], str], left: UUID, right: UUID, verdict: str) -> None:
    """Note what was said of two places, as they are now, unless something weightier is there."""
    pair = pair_of(left, right)
    if left == right or _WEIGHT[verdict] <= _WEIGHT.get(found.get(pair, ""), -1):
        return
    turned = pair != (left, right) and verdict in _TURNED
    found[pair] = _TURNED[verdict] if turned else verdict


def follow(session: Session) -> None:
    """Ask of the place that stays what was asked of one that was merged into it, unless it is known already."""
    gone = MatchPair.left_id.in_(_GONE) | MatchPair.right_id.in_(_GONE)
    moved = sa.select(MatchPair.id, _NOW_LEFT, _NOW_RIGHT).join(_L, _L.c.id == MatchPair.left_id)
    moved = moved.join(_R, _R.c.id == MatchPair.right_id).where(MatchPair.verdict == Verdict.OPEN.value, gone)
    rows = session.execute(moved.order_by(MatchPair.score.desc(), MatchPair.id)).all()
    if not rows:
        return
    known = _others(session, {id_ for _, *both in rows for id_ in both}, {row[0] for row in rows})
    for pair_id, one, other in rows:
        wanted = pair_of(one, other)
        here = MatchPair.id == pair_id
        if one == other or wanted in known:
            session.execute(sa.delete(MatchPair).where(here))
        else:
            known.add(wanted)
            session.execute(sa.update(MatchPair).where(here).values(left_id=wanted[0], right_id=wanted[1]))


def _others(session: Session, ids: Iterable[Any], moving: set[UUID]) -> set[tuple[UUID, UUID]]:
    """Pairs that the structures, as they are now, are in, but for those that are about to move."""
    wanted = sa.select(MatchPair.id, _NOW_LEFT, _NOW_RIGHT).join(_L, _L.c.id == MatchPair.left_id)
    wanted = wanted.join(_R, _R.c.id == MatchPair.right_id)
    found: set[tuple[UUID, UUID]] = set()
    for some in chunks(ids):
        rows = session.execute(wanted.where(_NOW_LEFT.in_(some) | _NOW_RIGHT.in_(some)))
        found |= {pair_of(left, right) for id_, left, right in rows if id_ not in moving}
    return found


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """As many as one statement can hold."""
    every = list(values)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]
