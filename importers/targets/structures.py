"""Records that are places enter the directory."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence, Set
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from importers.matching.matcher import Matcher
from importers.matching.pool import Pool
from importers.pipeline.contract import How
from reseau.directory import absences, trials
from reseau.directory.apply import Applier, Incoming, present_count


class Structures:
    """See :class:`importers.pipeline.contract.Target`; records are :class:`reseau.directory.apply.Incoming`.

    What was read of the places of a commune is kept from one batch to the next, for each thread.
    """

    kind = "structure"

    def __init__(self) -> None:
        self._kept = threading.local()

    def inside(self, incoming: Any, territory: frozenset[str] | None) -> bool:
        """By the commune that the record says."""
        return territory is None or incoming.mapped.get("code_insee") in territory

    def kept_outside(self, session: Session, how: How, parts: Set[str], territory: frozenset[str]) -> frozenset[str]:
        """A place that we know in the territory and that has moved out, or its sheet would give its old address."""
        return self._applier(session, how).parts_known_in(territory, parts)

    def count(self, session: Session, how: How, territory: frozenset[str] | None) -> int:
        """Records of the source that are not marked as absent."""
        return present_count(session, how.source, territory)

    def apply(self, session: Session, how: How, batch: Sequence[Incoming]) -> Counter[str]:
        """See ``directory.apply``; a record whose id is unknown is looked for by what it says (``How.match``)."""
        return self._applier(session, how, self._matcher(session, how)).apply(batch)

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """Mark what the run did not name; archive what has been gone for long (``directory.absences``)."""
        return absences.mark(session, how.source, named, territory, how.sources, how.now, how.run, how.witness)

    def again(self, session: Session, how: How, territory: frozenset[str] | None) -> Counter[str]:
        """What is absent already is so once more."""
        return absences.again(session, how.source, territory, how.sources, how.now, how.run)

    def digests(self, session: Session, how: How, territory: frozenset[str] | None) -> frozenset[bytes]:
        """Of the rows that made the records that are there."""
        return absences.known_digests(session, how.source, territory)

    def changes(self, session: Session, how: How, since: UUID, limit: int) -> list[dict[str, Any]]:
        """What was just applied, before it is rolled back."""
        return trials.changes(session, how.run, since, limit)

    def going(
        self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None, limit: int
    ) -> list[dict[str, Any]]:
        """What the run would newly mark as absent."""
        return absences.would_go(session, how.source, named, territory, limit)

    def _applier(self, session: Session, how: How, matcher: Matcher | None = None) -> Applier:
        return Applier(session, how.source, how.sources, how.now, how.run, matcher)

    def _matcher(self, session: Session, how: How) -> Matcher | None:
        if not how.match:
            return None
        pool: Pool = self._kept.__dict__.setdefault("pool", Pool())
        return Matcher(session, how.source, pool, how.now, how.run)
