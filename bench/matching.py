"""``python -m bench.matching``: what it costs to look for the place of each new record, at 1×, 2×, 4× and 8×.

Made-up places with the names of the region; one in eight is in one large commune; one in ten is there already under
another id, written a little otherwise. The pure part only: reading, candidates, score, one after the other as an import
does. Asserts that a place is compared with no more than ``MOST_COMPARED`` others in the mean by its name, and with no
more than ``MOST_SCORES`` by all, at each size; that eight times the places cost less than sixteen times the time; and
that nearly all that are there twice are found.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from rich.console import Console
from rich.table import Table

from importers.cartographie import source
from importers.matching import pool as pools
from importers.matching.pool import Pool
from importers.matching.reading import read_place
from importers.matching.vocabulary import vocabulary

FILE = Path(__file__).parents[1] / "tests" / "data" / "hdf-lieux_schema-1.0.csv.gz"
BASE = 2_190
TIMES = (1, 2, 4, 8)
MOST = 2.0
TWICE = 10
"""One place in so many is there twice."""
MOST_COMPARED, MOST_SCORES = 12, 5
"""For one place, in the mean: names compared, whole scores."""
FOUND = 0.95


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one size. ``compared`` and ``scores``: for one place; ``found``: share of those that are there twice."""

    seconds: float
    compared: float
    scores: float
    like: int
    found: float


def made_up(number: int) -> list[dict[str, Any]]:
    """Records of so many places: real names and streets, shuffled, with contacts of their own; each tenth one again."""
    chance = random.Random(1)
    real = [read.incoming.mapped for read in source.read(FILE) if read.incoming]
    streets = [one["adresse"].lstrip("0123456789 ") for one in real if one.get("adresse")]
    found: list[dict[str, Any]] = []
    for n in range(number):
        if n % TWICE == TWICE - 1:
            found.append(_again(found[-1 - chance.randrange(TWICE - 1)]))
            continue
        one = dict(chance.choice(real))
        large = n % 8 == 0
        one |= {"code_insee": "59350" if large else str(10_000 + chance.randrange(number // 2)), "courriels": []}
        one |= {"telephone": f"+333{chance.randrange(10**8):08}", "pivot": None}
        one["adresse"] = f"{chance.randrange(1, 200)} {chance.choice(streets)}"
        one["latitude"], one["longitude"] = 50.63 + chance.gauss(0, 0.02), 3.06 + chance.gauss(0, 0.03)
        found.append(one)
    return found


def _again(one: dict[str, Any]) -> dict[str, Any]:
    """The place as another register writes it."""
    return {**one, "nom": str(one["nom"]).upper(), "latitude": one["latitude"] + 0.0002, "twin": True}


def cost(records: list[dict[str, Any]]) -> Cost:
    """Of the processor, for all of them, one after the other."""
    pool, like, right, twins = Pool(), 0, 0, 0
    with (
        mock.patch.object(pools, "score", wraps=pools.score) as scores,
        mock.patch.object(pools, "name_likeness", wraps=pools.name_likeness) as compared,
    ):
        for n, record in enumerate(records):
            place = read_place(UUID(int=n), record)
            found = pool.like(place)
            like += bool(found)
            twins += "twin" in record
            right += "twin" in record and bool(found) and found[0][0].value >= vocabulary().high
            pool.put([(place, 1)])
        counted = (compared.call_count / len(records), scores.call_count / len(records))
    return Cost(seconds(records), *counted, like, right / twins)


def seconds(records: list[dict[str, Any]]) -> float:
    """The same again, without counting."""
    pool = Pool()
    begun = time.process_time()
    for n, record in enumerate(records):
        place = read_place(UUID(int=n), record)
        pool.like(place)
        pool.put([(place, 1)])
    return time.process_time() - begun


def take(console: Console) -> dict[str, float]:
    """All sizes; seconds by number of places."""
    titles = ("lieux", "secondes", "rapport", "noms comparés par lieu", "scores par lieu", "ressemblants", "retrouvés")
    table = Table(*titles, title="Rapprochement")
    found: dict[int, Cost] = {}
    for times in TIMES:
        one = cost(made_up(BASE * times))
        found[BASE * times] = one
        ratio = one.seconds / found[BASE].seconds
        said = (f"{one.seconds:.2f}", f"{ratio:.1f}", f"{one.compared:.1f}", f"{one.scores:.1f}", str(one.like))
        table.add_row(str(BASE * times), *said, f"{one.found:.1%}")
    console.print(table)
    for number, one in found.items():
        assert one.compared <= MOST_COMPARED, f"{number}: a place is compared with {one.compared:.1f} others"
        assert one.scores <= MOST_SCORES, f"{number}: a place is scored against {one.scores:.1f} others"
        assert one.found >= FOUND, f"{number}: {one.found:.1%} of what is there twice is found"
    assert ratio <= MOST * TIMES[-1], f"{TIMES[-1]} times the places cost {ratio:.1f} times the time"
    return {str(number): round(one.seconds, 3) for number, one in found.items()}


if __name__ == "__main__":
    take(Console())
