"""What another room's page (the home page) shows of the directory: figures and short ways in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from reseau.core.vocabularies import Term, vocabulary
from reseau.directory.facts import Facts
from reseau.directory.params import find_commune
from reseau.directory.search import in_place


@dataclass(frozen=True, slots=True)
class Entry:
    """Figures of a snapshot. ``period``: changes when a place opens or closes. ``demarches``: (term, places)."""

    seq: int
    period: str
    commune: str
    places: int
    open_now: int
    evening: int
    weekend: int
    demarches: list[tuple[Term, int]]
    services: list[tuple[Term, int]]
    any_procedure: int


def entry(facts: Facts, now: datetime, commune: str = "") -> Entry:
    """Figures of the directory at a moment.

    :param commune: those of its places only, if it has any (the figures lead to a list that is asked there too).
    """
    where = find_commune(commune) if commune else None
    here = in_place(facts, where) if where else facts.everything()
    if not here.any():
        where, here = None, facts.everything()

    def count(parameter: str, code: str) -> int:
        return int(np.count_nonzero(here & facts.having(parameter, [code])))

    return Entry(
        seq=facts.seq,
        period=facts.stable_since(now),
        commune=where.text if where else "",
        places=int(np.count_nonzero(here)),
        open_now=int(np.count_nonzero(here & facts.open_at(now))),
        evening=count("ouvert", "soir"),
        weekend=count("ouvert", "weekend"),
        demarches=[(term, count("demarche", term.code)) for term in vocabulary("demarches").terms],
        services=[(term, count("service", term.code)) for term in vocabulary("services").terms],
        any_procedure=count("service", "aide-aux-demarches-administratives"),
    )
