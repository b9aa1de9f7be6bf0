"""What a register gives no more: said on the sheet first, out of the lists much later, back when it returns.

A complete run of a register that does not name a record is one witness, one a day at most. A register that was asked
again and has nothing new does not name it either: that is one too; a file that was read before and is read again is
none. Three of them, and a week, and no other register that still gives the place, and nobody who verified it since:
then the place is *archived*. Its sheet stays at its address and says so, with all that people wrote on it; nothing is
ever deleted. A place that a person made, or opened again, is theirs to close.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.actors import IMPORT, Side
from reseau.core.db import dicts, site_day
from reseau.directory.models import Cause, FieldChange, SourcePart, SourceRecord, Status, Structure
from reseau.directory.reproject import Because, Projector, change_row

ARCHIVE_RUNS = 3
"""Complete runs in a row without the record."""
ARCHIVE_AFTER = timedelta(days=7)
"""From the first of them."""
CHUNK = 500
READ = 5_000

_RECORD = cast("sa.Table", SourceRecord.__table__)
_STRUCTURE = cast("sa.Table", Structure.__table__)


@dataclass(frozen=True, slots=True)
class _Absent:
    id: UUID
    structure_id: UUID
    since: datetime | None


def mark(
    session: Session,
    source: str,
    named: Set[str],
    territory: frozenset[str] | None,
    sources: Sequence[str],
    now: datetime,
    run: UUID | None = None,
    witness: bool = True,
) -> Counter[str]:
    """After a complete file of ``source``: records in the territory that it did not name are "not seen since"; places
    that have been so for long enough are archived.

    :param named: parts of all ids of the file, those of rows that were refused or lie outside too: a row that cannot be
        used is no proof that the place is gone. :param sources: order of sources. :param witness: False: this run does
        not count for what was absent before it.
    :return: ``absent`` (newly marked), ``archived``.
    """
    gone = list(_absent(session, source, named, territory))
    for some in _chunks([one for one in gone if witness or one.since is None]):
        update = sa.update(_RECORD).where(_RECORD.c.id == sa.bindparam("record"))
        values = {"absent_runs": _RECORD.c.absent_runs + 1, "not_seen_since": sa.bindparam("since")}
        session.connection().execute(
            update.values(values), [{"record": one.id, "since": one.since or now} for one in some]
        )
    counts = Counter(absent=sum(1 for one in gone if one.since is None))
    for ids in _chunks(sorted({one.structure_id for one in gone})):
        counts["archived"] += _archive(session, ids, source, sources, now, run)
    return counts


def again(
    session: Session,
    source: str,
    territory: frozenset[str] | None,
    sources: Sequence[str],
    now: datetime,
    run: UUID | None = None,
) -> Counter[str]:
    """The register was asked again, and its complete file is the one that it gave last: what is absent already is so
    once more, as far as that changes anything (up to ``ARCHIVE_RUNS``). :return: ``archived``.
    """
    wanted = (
        sa.select(_RECORD.c.id, _RECORD.c.structure_id, _RECORD.c.absent_runs, _RECORD.c.code_insee)
        .join(_STRUCTURE, _STRUCTURE.c.id == _RECORD.c.structure_id)
        .where(_RECORD.c.source == source, _RECORD.c.not_seen_since.is_not(None))
        .where(_STRUCTURE.c.status == Status.ACTIVE.value)
    )
    rows = [row for row in session.execute(wanted) if territory is None or row.code_insee in territory]
    for some in _chunks(sorted(row.id for row in rows if row.absent_runs < ARCHIVE_RUNS)):
        update = sa.update(_RECORD).where(_RECORD.c.id.in_(some))
        session.connection().execute(update.values(absent_runs=_RECORD.c.absent_runs + 1))
    archived = 0
    for ids in _chunks(sorted({row.structure_id for row in rows})):
        archived += _archive(session, ids, source, sources, now, run)
    return Counter(archived=archived)


def would_go(
    session: Session, source: str, named: Set[str], territory: frozenset[str] | None, limit: int
) -> list[dict[str, Any]]:
    """What :func:`mark` would newly mark: ``{"id", "name"}`` of at most ``limit`` open structures."""
    ids = {one.structure_id for one in _absent(session, source, named, territory) if one.since is None}
    found: list[dict[str, Any]] = []
    for some in _chunks(sorted(ids)):
        statement = sa.select(_STRUCTURE.c.id, _STRUCTURE.c.nom).where(
            _STRUCTURE.c.id.in_(some), _STRUCTURE.c.status == Status.ACTIVE.value
        )
        found += [{"id": str(id_), "name": nom} for id_, nom in session.execute(statement)]
    return sorted(found, key=lambda one: (one["name"], one["id"]))[:limit]


def back(
    session: Session,
    structure_ids: Iterable[UUID],
    source: str,
    sources: Sequence[str],
    now: datetime,
    run: UUID | None = None,
) -> list[UUID]:
    """Open again those of the structures that were archived: ``source`` names a record of theirs again. To be called
    after the record was written. A place that a person closed stays closed.

    :return: those that were opened.
    """
    opened: list[UUID] = []
    because = Because(Cause.REOPEN, IMPORT, source, run)
    for some in _chunks(sorted(set(structure_ids))):
        wanted = sa.select(_STRUCTURE.c.id, _STRUCTURE.c.closed_on).where(
            _STRUCTURE.c.id.in_(some),
            _STRUCTURE.c.status == Status.CLOSED.value,
            _STRUCTURE.c.archived_at.is_not(None),
        )
        rows = list(dicts(session.execute(wanted.order_by(_STRUCTURE.c.id).with_for_update())))
        values = {"status": Status.ACTIVE.value, "closed_on": None, "closed_reason": None, "archived_at": None}
        told = [change_row(row["id"], "", row["closed_on"], None, because, now) for row in rows]
        _turn(session, [row["id"] for row in rows], values, told)
        Projector(session, sources, now).reproject([row["id"] for row in rows], because, changes.Op.PUBLISH)
        opened += [row["id"] for row in rows]
    return opened


def known_digests(session: Session, source: str, territory: frozenset[str] | None) -> frozenset[bytes]:
    """Digests of the rows that made the records of the source as they are, in the territory, that are not absent.

    As bytes: there may be a hundred thousand.
    """
    columns: tuple[Any, ...] = (SourceRecord.raw_digest, SourceRecord.code_insee)
    present = sa.select(*columns).where(
        SourceRecord.source == source, SourceRecord.not_seen_since.is_(None), SourceRecord.raw_digest != ""
    )
    rows = session.execute(present.execution_options(yield_per=READ))
    return frozenset(bytes.fromhex(digest) for digest, code in rows if territory is None or code in territory)


def _absent(session: Session, source: str, named: Set[str], territory: frozenset[str] | None) -> Iterator[_Absent]:
    """Records none of whose parts is named; read a few thousand at a time."""
    statement = (
        sa.select(_RECORD.c.id, _RECORD.c.structure_id, _RECORD.c.not_seen_since, _RECORD.c.code_insee, SourcePart.part)
        .join(SourcePart, SourcePart.record_id == _RECORD.c.id, isouter=True)
        .where(_RECORD.c.source == source)
        .order_by(_RECORD.c.id)
    )
    last: _Absent | None = None
    seen = False
    for id_, structure_id, since, code, part in session.execute(statement.execution_options(yield_per=READ)):
        if last is None or last.id != id_:
            if last and not seen:
                yield last
            last, seen = _Absent(id_, structure_id, since), territory is not None and code not in territory
        seen = seen or part in named
    if last and not seen:
        yield last


def _archive(
    session: Session, ids: Collection[UUID], source: str, sources: Sequence[str], now: datetime, run: UUID | None
) -> int:
    """Archive those of the structures that no register has given for long enough. :return: how many."""
    since = _given_no_more(session, ids, now)
    if not since:
        return 0
    wanted = sa.select(_STRUCTURE.c.id, _STRUCTURE.c.verified_at).where(
        _STRUCTURE.c.id.in_(since), _STRUCTURE.c.status == Status.ACTIVE.value
    )
    rows = session.execute(wanted.order_by(_STRUCTURE.c.id).with_for_update()).all()
    theirs = _of_people(session, since)
    gone = [id_ for id_, verified in rows if id_ not in theirs and not (verified and verified > since[id_])]
    day = site_day(session, now).isoformat()
    because = Because(Cause.CLOSE, IMPORT, source, run)
    values = {"status": Status.CLOSED.value, "closed_on": day, "closed_reason": "", "archived_at": now}
    _turn(session, gone, values, [change_row(id_, "", None, day, because, now) for id_ in gone])
    Projector(session, sources, now).reproject(gone, because, changes.Op.WITHDRAW)
    return len(gone)


def _given_no_more(session: Session, ids: Collection[UUID], now: datetime) -> dict[UUID, datetime]:
    """Structures all of whose records have been absent for long enough → since when none gives them."""
    of: dict[UUID, list[tuple[int, datetime | None]]] = defaultdict(list)
    columns = (SourceRecord.structure_id, SourceRecord.absent_runs, SourceRecord.not_seen_since)
    for id_, runs, since in session.execute(sa.select(*columns).where(SourceRecord.structure_id.in_(ids))):
        of[id_].append((runs, since))
    return {
        id_: max(since for _, since in records if since)
        for id_, records in of.items()
        if all(runs >= ARCHIVE_RUNS and since and now - since >= ARCHIVE_AFTER for runs, since in records)
    }


def _of_people(session: Session, since: dict[UUID, datetime]) -> frozenset[UUID]:
    """Those that a person made (themselves, or one that was joined with them), or opened again since."""
    merged = sa.func.coalesce(_STRUCTURE.c.merged_into, _STRUCTURE.c.id)
    joined = sa.join(FieldChange, _STRUCTURE, FieldChange.structure_id == _STRUCTURE.c.id)
    made = (Cause.CREATE.value, Cause.REOPEN.value)
    said = (
        sa.select(merged, FieldChange.cause, FieldChange.at)
        .select_from(joined)
        .where(sa.or_(_STRUCTURE.c.id.in_(since), _STRUCTURE.c.merged_into.in_(since)))
        .where(FieldChange.cause.in_(made), FieldChange.side != Side.IMPORT.value)
    )
    rows = session.execute(said)
    return frozenset(id_ for id_, cause, at in rows if cause == Cause.CREATE.value or at > since[id_])


def _turn(session: Session, ids: list[UUID], values: dict[str, Any], told: list[dict[str, Any]]) -> None:
    if ids:
        session.flush()
        session.connection().execute(sa.update(Structure).where(Structure.id.in_(ids)).values(**values))
        session.connection().execute(sa.insert(FieldChange), told)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
