"""What imports joined by themselves, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.matching.pairs import pair_of
from importers.matching.review import PAGE_SIZE, PLACE
from importers.models import MatchPair, Verdict
from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.core.paging import Page, nearest, offset
from reseau.desk import comparing
from reseau.directory import priorities, splitting
from reseau.directory.edits import overrides
from reseau.directory.merging import one_at_a_time
from reseau.directory.models import Cause, SourceRecord, Structure
from reseau.directory.projection import is_empty, project
from reseau.directory.reproject import Because, override_views, records_of, same
from reseau.settings import Settings

#: ``IS NOT NULL`` says it again for the index that holds only those (``ix_source_record_joined``).
BY_SCORE = SourceRecord.joined.is_not(None) & (SourceRecord.joined["how"].as_string() == "score")


@dataclass(frozen=True, slots=True)
class Joined:
    """A record that the import joined to a place by itself."""

    id: UUID
    score: float
    reasons: Mapping[str, Any]
    at: datetime
    source: str
    nom: str
    adresse: str
    place: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parting:
    """What there would be: the sheet without the record (``kept`` of each difference), and one of the record alone
    (``lost``)."""

    joined: Joined
    differences: list[comparing.Difference]


def joined(session: Session, page: int) -> Page[Joined]:
    """Records that imports joined to a place by their score, the last ones first."""
    total = session.scalar(sa.select(sa.func.count(SourceRecord.id)).where(BY_SCORE)) or 0
    here = nearest(page, total, PAGE_SIZE)
    wanted = _records().where(BY_SCORE).order_by(SourceRecord.first_seen_at.desc(), SourceRecord.id.desc())
    rows = dicts(session.execute(wanted.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))))
    return Page([_joined(row) for row in rows], total, here, PAGE_SIZE)


def _records() -> sa.Select[Any]:
    columns = (
        SourceRecord.id,
        SourceRecord.joined,
        SourceRecord.first_seen_at,
        SourceRecord.source,
        SourceRecord.mapped,
    )
    place = [getattr(Structure, name).label(f"p_{name}") for name in PLACE]
    return sa.select(*columns, *place).join(Structure, Structure.id == SourceRecord.structure_id)


def _joined(row: Mapping[str, Any]) -> Joined:
    how, mapped = row["joined"], row["mapped"]
    place = {name: row[f"p_{name}"] for name in PLACE}
    return Joined(
        row["id"], how.get("score", 0.0), how.get("reasons", {}), row["first_seen_at"], row["source"],
        mapped.get("nom") or "", ", ".join(filter(None, (mapped.get("adresse"), mapped.get("commune")))), place,
    )  # fmt: skip


def parting(session: Session, record_id: UUID, settings: Settings) -> Parting | None:
    """What separating a record would make; None: no import joined it."""
    row = next(dicts(session.execute(_records().where(BY_SCORE, SourceRecord.id == record_id))), None)
    if row is None:
        return None
    found, sources = _joined(row), priorities.order(session, settings.sources)
    id_: UUID = found.place["id"]
    records = records_of(session, [id_])[id_]
    written = override_views(session, overrides(session, id_).values())
    stays = project([one for one in records if one.id != record_id], written, sources).values
    goes = project([one for one in records if one.id == record_id], {}, sources).values
    return Parting(found, list(differences(stays, goes)))


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[comparing.Difference]:
    """Groups of fields of which one of two says something."""
    found = []
    for group in comparing.HEADS.values():
        mine, theirs = ({name: values.get(name) for name in group} for values in (one, other))
        if not all(is_empty(value) for value in (*mine.values(), *theirs.values())):
            alike = all(same(value, theirs[name]) for name, value in mine.items())
            found.append(comparing.Difference(group, mine, theirs, "same" if alike else comparing.KEPT))
    return found


def separate(
    session: Session, record_id: UUID, because: Because, settings: Settings, now: datetime
) -> tuple[UUID, UUID]:
    """Undo what the import joined: the record has a place of its own, and the two are two for ever.

    :return: ids of the pair of the two, and of that place. :raises NotSplittable: says why; nothing is changed.
    """
    one_at_a_time(session)
    record = session.get(SourceRecord, record_id, populate_existing=True)
    if record is None or record.joined is None:
        raise splitting.NotSplittable("gone")
    how: dict[str, Any] = dict(record.joined)
    cause = Because(Cause.SPLIT, because.actor)
    left, reached = splitting.detach(session, record_id, cause, priorities.order(session, settings.sources), now)
    low, high = pair_of(left, reached)
    id_ = new_id()
    said = {"verdict": Verdict.DISTINCT.value, "decided_at": now, "decided_by": because.actor.person_id}
    values = {"id": id_, "left_id": low, "right_id": high, "created_at": now, **said}
    values |= {"score": float(how.get("score", 0)), "reasons": how.get("reasons", {})}
    session.execute(sa.insert(MatchPair).values(values))
    return id_, reached
