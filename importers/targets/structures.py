"""Records that are places enter the directory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy.orm import Session

from importers.pipeline.contract import How
from reseau.directory.apply import Applier, Incoming, present_count


class Structures:
    """See :class:`importers.pipeline.contract.Target`; records are :class:`reseau.directory.apply.Incoming`."""

    kind = "structure"

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
        """See ``directory.apply``."""
        return self._applier(session, how).apply(batch)

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """Mark what the run did not name."""
        return Counter(absent=self._applier(session, how).mark_absent(named, territory))

    def _applier(self, session: Session, how: How) -> Applier:
        return Applier(session, how.source, how.sources, how.now, how.run)
