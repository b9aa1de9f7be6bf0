"""Structures and their offers enter the directory together: first the places, then what they offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy.orm import Session

from importers.pipeline.contract import How
from importers.targets.structures import Structures
from reseau.directory.imported_offers import IncomingOffer, OfferApplier


class PlacesAndOffers(Structures):
    """Records are ``directory.apply.Incoming`` or ``directory.imported_offers.IncomingOffer``."""

    def inside(self, incoming: Any, territory: frozenset[str] | None) -> bool:
        """An offer is where its structure is: a structure that is not here has no offers here."""
        return isinstance(incoming, IncomingOffer) or super().inside(incoming, territory)

    def count(self, session: Session, how: How, territory: frozenset[str] | None) -> int:
        """Places and offers, as the rows of a file are counted."""
        return super().count(session, how, territory) + self._offers(session, how).present(territory)

    def apply(self, session: Session, how: How, batch: Sequence[Any]) -> Counter[str]:
        """Places first: an offer may come in the same batch as its place."""
        places = [one for one in batch if not isinstance(one, IncomingOffer)]
        offers = [one for one in batch if isinstance(one, IncomingOffer)]
        counts = super().apply(session, how, places) if places else Counter()
        return counts + (self._offers(session, how).apply(offers) if offers else Counter())

    def absent(self, session: Session, how: How, named: Set[str], territory: frozenset[str] | None) -> Counter[str]:
        """Places, then offers that the run does not name."""
        offers = self._offers(session, how).absent(named, territory, witness=how.witness)
        return super().absent(session, how, named, territory) + offers

    def again(self, session: Session, how: How, territory: frozenset[str] | None) -> Counter[str]:
        """What is absent already is so once more."""
        return super().again(session, how, territory) + self._offers(session, how).again(territory)

    def _offers(self, session: Session, how: How) -> OfferApplier:
        return OfferApplier(session, how.source, how.sources, how.now, how.run)
