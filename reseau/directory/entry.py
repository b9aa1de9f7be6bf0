"""What another room's page (the home page) shows of the directory: figures and short ways in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from reseau.core.vocabularies import Term, vocabulary
from reseau.directory.facts import Facts


@dataclass(frozen=True, slots=True)
class Entry:
    """Figures of a snapshot. ``period``: changes when a place opens or closes. ``demarches``: (term, places)."""

    seq: int
    period: str
    places: int
    open_now: int
    evening: int
    weekend: int
    demarches: list[tuple[Term, int]]
    services: list[tuple[Term, int]]
    any_procedure: int


def entry(facts: Facts, now: datetime) -> Entry:
    """Figures of the directory at a moment."""

    def count(parameter: str, code: str) -> int:
        return int(np.count_nonzero(facts.having(parameter, [code])))

    return Entry(
        seq=facts.seq,
        period=facts.stable_since(now),
        places=len(facts),
        open_now=int(np.count_nonzero(facts.open_at(now))),
        evening=count("ouvert", "soir"),
        weekend=count("ouvert", "weekend"),
        demarches=[(term, count("demarche", term.code)) for term in vocabulary("demarches").terms],
        services=[(term, count("service", term.code)) for term in vocabulary("services").terms],
        any_procedure=count("service", "aide-aux-demarches-administratives"),
    )
