"""Which rows of a file go further: the first of those that share an id, those of the territory. For a run and for a
trial of one alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from importers.pipeline.contract import How, Problem, Read, Target


def distinct(reads: Iterable[Read]) -> Iterator[Read]:
    """Rows of a file; one that shares a part of its id with an earlier one is refused: which is true?"""
    owner: dict[str, int] = {}
    for read in reads:
        parts = read.incoming.parts if read.incoming else read.parts if read.same else ()
        if first := next((owner[part] for part in parts if part in owner), None):
            id_ = read.incoming.source_id if read.incoming else "__".join(parts)
            problem = Problem(read.row, id_, None, "identifiant-deja-lu", f"ligne {first}")
            yield Read(read.row, None, (*read.problems, problem), read.parts, read.raw)
            continue
        owner |= dict.fromkeys(parts, read.row)
        yield read


def concerned(
    session: Session, target: Target, how: How, batch: list[Read], territory: frozenset[str] | None
) -> list[Read]:
    """Rows of the batch without those outside the territory; but a place that we know in it and that has moved out is
    kept, or its sheet would give its old address for ever."""
    outside = [read for read in batch if read.incoming and not target.inside(read.incoming, territory)]
    parts = {part for read in outside for part in read.parts}
    known = target.kept_outside(session, how, parts, territory or frozenset()) if outside else frozenset()
    gone = {read.row for read in outside if known.isdisjoint(read.parts)}
    return [read for read in batch if read.row not in gone]
