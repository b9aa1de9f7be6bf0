"""Records that are resources of others enter the knowledge base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy.orm import Session

from importers.pipeline.contract import How
from resources.base import provided
from resources.base.provided import Incoming, Provided


class Resources:
    """See :class:`importers.pipeline.contract.Target`; records are :class:`resources.base.provided.Incoming`.

    A resource concerns every territory. What a complete run does not name is withdrawn at once: it is private or
    deleted where it comes from; it comes back as soon as it does there.
    """

    kind = "resource"

    def inside(self, incoming: Any, territory: frozenset[str] | None) -> bool:
        """Always."""
        return True

    def kept_outside(self, session: Session, how: How, parts: Set[str], territory: frozenset[str]) -> frozenset[str]:
        """None: nothing is outside."""
        return frozenset()

    def count(self, session: Session, how: How, territory: frozenset[str] | None) -> int:
        """Resources of the source that it still had."""
        return provided.present_count(session, how.source)

    def known(self, session: Session, source: str) -> Mapping[str, Any]:
        """For ``Where.known``: id → ``updated``, ``url``."""
        return provided.known(session, source)

    def apply(self, session: Session, how: How, batch: Sequence[Incoming]) -> Counter[str]:
        """See ``resources.base.provided``."""
        return Provided(session, how.source, how.now).apply(batch)

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """Withdraw what the run did not name."""
        return Provided(session, how.source, how.now).absent(named)
