"""The review queue: pairs of places that may be one, and what is decided of them.

A pair is asked once. What was decided is kept for ever; when a place is merged into another one, what was asked of it
is asked of that one (``pairs.follow``), what was said of it is true of that one (``pairs.pairs_of``). Nothing is
decided twice: who comes second is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from importers.matching.pairs import follow
from importers.matching.reading import read_place
from importers.matching.scoring import metres
from importers.models import MatchPair, Verdict
from reseau.core.db import dicts
from reseau.core.paging import Page, nearest, offset
from reseau.desk import comparing, joining
from reseau.directory import priorities, splitting
from reseau.directory.merging import one_at_a_time
from reseau.directory.models import Cause, Status, Structure
from reseau.directory.reproject import Because
from reseau.settings import Settings

PAGE_SIZE = 25
_L, _R = aliased(Structure), aliased(Structure)
_OPEN = MatchPair.verdict == Verdict.OPEN.value
PLACE = ("id", "slug", "nom", "adresse", "commune", "code_insee", "latitude", "longitude", "created_at")
_SIDES = [getattr(side, name).label(f"{at}_{name}") for at, side in (("l", _L), ("r", _R)) for name in PLACE]
_TWO = frozenset([Verdict.DISTINCT, Verdict.INSIDE, Verdict.AROUND])


class Decided(Exception):
    """Somebody else was faster. ``verdict``: what they said."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair in the list. ``left`` and ``right``: columns of ``PLACE``."""

    id: UUID
    score: float
    reasons: Mapping[str, Any]
    left: Mapping[str, Any]
    right: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """A pair side by side. ``older``: id of the place that was there first; ``metres``: between the two, None: unknown;
    ``comparison``: ``kept`` is the left one."""

    pair: MatchPair
    comparison: comparing.Comparison
    older: UUID
    metres: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A pair that a person has decided. ``left`` and ``right``: columns of ``PLACE``; ``undoable``: it can be asked
    again."""

    id: UUID
    verdict: Verdict
    at: datetime
    left: Mapping[str, Any]
    right: Mapping[str, Any]

    @property
    def undoable(self) -> bool:
        return self.verdict in _TWO


def number() -> sa.Select[Any]:
    """How many pairs are asked, all communes."""
    return _asked(sa.func.count(MatchPair.id))


def oldest() -> sa.Select[Any]:
    """When the oldest of them was seen."""
    return _asked(sa.func.min(MatchPair.created_at, type_=MatchPair.created_at.type))


def _asked(*columns: Any) -> sa.Select[Any]:
    both_open = (_L.status == Status.ACTIVE.value) & (_R.status == Status.ACTIVE.value)
    found = sa.select(*columns).select_from(MatchPair).join(_L, _L.id == MatchPair.left_id)
    return found.join(_R, _R.id == MatchPair.right_id).where(_OPEN, both_open)


def _of_town(statement: sa.Select[Any], town: str) -> sa.Select[Any]:
    return statement.where((_L.code_insee == town) | (_R.code_insee == town)) if town else statement


def queue(session: Session, town: str, page: int) -> Page[Asked]:
    """Pairs that await a person, the most alike first, of two equal ones the oldest. ``town``: INSEE code, or ""."""
    total = session.scalar(_of_town(number(), town)) or 0
    here = nearest(page, total, PAGE_SIZE)
    wanted = _of_town(_asked(MatchPair.id, MatchPair.score, MatchPair.reasons, *_SIDES), town)
    wanted = wanted.order_by(MatchPair.score.desc(), MatchPair.id).limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))
    rows = [Asked(row["id"], row["score"], row["reasons"], *_both(row)) for row in dicts(session.execute(wanted))]
    return Page(rows, total, here, PAGE_SIZE)


def _both(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The two sides of a row with ``_SIDES``."""
    return ({name: row[f"{at}_{name}"] for name in PLACE} for at in "lr")


def decided(session: Session, page: int) -> Page[Answer]:
    """Pairs that people have decided, the last ones first."""
    said = MatchPair.verdict.in_([verdict.value for verdict in Verdict if verdict is not Verdict.OPEN])
    total = session.scalar(sa.select(sa.func.count(MatchPair.id)).where(said)) or 0
    here = nearest(page, total, PAGE_SIZE)
    wanted = _answers().where(said).order_by(MatchPair.decided_at.desc(), MatchPair.id.desc())
    rows = dicts(session.execute(wanted.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))))
    return Page([_answer(row) for row in rows], total, here, PAGE_SIZE)


def answer(session: Session, pair_id: UUID) -> Answer | None:
    """Which two places a pair is about, and what was said of them; None: there is no such pair."""
    row = next(dicts(session.execute(_answers().where(MatchPair.id == pair_id))), None)
    return _answer(row) if row else None


def _answers() -> sa.Select[Any]:
    columns = (MatchPair.id, MatchPair.verdict, MatchPair.decided_at, MatchPair.created_at)
    found = sa.select(*columns, *_SIDES).join(_L, _L.id == MatchPair.left_id)
    return found.join(_R, _R.id == MatchPair.right_id)


def _answer(row: Mapping[str, Any]) -> Answer:
    return Answer(row["id"], Verdict(row["verdict"]), row["decided_at"] or row["created_at"], *_both(row))


def towns(session: Session) -> list[tuple[str, str, int]]:
    """Communes with pairs that await: (INSEE code, name, how many), by name."""
    columns = (_L.code_insee, sa.func.min(_L.commune), sa.func.count(MatchPair.id))
    rows = session.execute(_asked(*columns).where(_L.code_insee.is_not(None)).group_by(_L.code_insee))
    return sorted(((code, name or code, n) for code, name, n in rows), key=lambda one: (one[1], one[0]))


def review(session: Session, pair_id: UUID) -> Review | None:
    """One pair, open or not; None: there is none, or one of the two is no open place any more."""
    pair = session.get(MatchPair, pair_id)
    if pair is None:
        return None
    wanted = sa.select(Structure.__table__).where(Structure.id.in_((pair.left_id, pair.right_id)))
    rows = {row["id"]: row for row in dicts(session.execute(wanted))}
    left, right = rows[pair.left_id], rows[pair.right_id]
    if any(row["status"] != Status.ACTIVE.value for row in rows.values()):
        return None
    older = min(rows.values(), key=lambda row: (row["created_at"], row["id"]))
    apart = metres(read_place(0, left).point, read_place(0, right).point)
    return Review(pair, comparing.compare(session, left, right), older["id"], apart)


def exists(session: Session, pair_id: UUID) -> bool:
    """Whether there is such a pair, be its places there or not."""
    return session.get(MatchPair, pair_id) is not None


def following(session: Session, pair_id: UUID, town: str = "") -> UUID | None:
    """The pair that comes after one in the list; None: it was the last."""
    at = session.get(MatchPair, pair_id)
    wanted = _of_town(_asked(MatchPair.id), town).order_by(MatchPair.score.desc(), MatchPair.id).limit(1)
    if at is not None:
        later = (MatchPair.score == at.score) & (MatchPair.id > at.id)
        wanted = wanted.where((MatchPair.score < at.score) | later)
    found: UUID | None = session.scalar(wanted)
    return found


def decide(
    session: Session,
    pair_id: UUID,
    verdict: Verdict,
    kept: UUID | None,
    because: Because,
    settings: Settings,
    now: datetime,
) -> None:
    """Say what two places are. ``kept``: of two that are the same, the sheet that stays (None: the older one).

    :raises LookupError: there is no such pair. :raises Decided: somebody was faster.
    :raises NotMergeable, NotNestable: says why; nothing is changed.
    """
    one_at_a_time(session)  # before the row: an import that merges moves pairs too
    pair = _locked(session, pair_id)
    if pair.verdict != Verdict.OPEN.value:
        raise Decided(Verdict(pair.verdict))
    left, right = pair.left_id, pair.right_id
    if verdict is Verdict.SAME:
        stays = kept if kept in (left, right) else _older(session, left, right)
        goes = right if stays == left else left
        joining.join(session, stays, goes, {}, Because(Cause.MERGE, because.actor), settings, now)
    elif verdict in (Verdict.INSIDE, Verdict.AROUND):
        inner, outer = (left, right) if verdict is Verdict.INSIDE else (right, left)
        before = splitting.nest(session, inner, outer, because, priorities.order(session, settings.sources), now)
        pair.reasons = {**pair.reasons, "avant": str(before) if before else None}
    pair.verdict, pair.decided_at, pair.decided_by = verdict.value, now, because.actor.person_id
    session.flush()
    if verdict is Verdict.SAME:
        follow(session)


def undo(session: Session, pair_id: UUID, because: Because, settings: Settings, now: datetime) -> bool:
    """Ask a pair again that was said to be two places, or one inside the other.

    :return: False: it was not; or the inner place has been put elsewhere since, and that is not for this to undo.
    :raises LookupError: there is no such pair. :raises NotNestable: says why; nothing is changed.
    """
    one_at_a_time(session)
    pair = _locked(session, pair_id)
    said = Verdict(pair.verdict)
    if said not in _TWO:
        return False
    reasons = dict(pair.reasons)
    before = reasons.pop("avant", None)
    if said is not Verdict.DISTINCT:
        ends = (pair.left_id, pair.right_id)
        inside, around = ends if said is Verdict.INSIDE else ends[::-1]
        inner, outer = _now(session, inside), _now(session, around)
        if inner.parent_id == outer.id:
            again = _now(session, UUID(before)) if before else None
            wanted = again.id if again and again.status == Status.ACTIVE.value else None
            splitting.nest(session, inner.id, wanted, because, priorities.order(session, settings.sources), now)
        elif inner.id == inside:  # of one that was merged since, nothing is left to take back
            return False
    pair.reasons, pair.verdict, pair.decided_at, pair.decided_by = reasons, Verdict.OPEN.value, None, None
    session.flush()
    follow(session)
    return True


def _now(session: Session, id_: UUID) -> Any:
    """``id``, ``status`` and ``parent_id`` of a place, as what it is now (``merged_into`` followed)."""
    where = sa.select(sa.func.coalesce(Structure.merged_into, Structure.id)).where(Structure.id == id_)
    columns = sa.select(Structure.id, Structure.status, Structure.parent_id)
    return session.execute(columns.where(Structure.id == where.scalar_subquery())).one()


def _locked(session: Session, pair_id: UUID) -> MatchPair:
    wanted = sa.select(MatchPair).where(MatchPair.id == pair_id).with_for_update()
    pair = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if pair is None:
        raise LookupError(pair_id)
    return pair


def _older(session: Session, left: UUID, right: UUID) -> UUID:
    both = sa.select(Structure.id).where(Structure.id.in_((left, right)))
    return session.scalars(both.order_by(Structure.created_at, Structure.id).limit(1)).one()
