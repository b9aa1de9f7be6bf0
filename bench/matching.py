"""``python -m bench.matching``: what it costs to look for the place of each new record, at 1×, 2×, 4× and 8×.

Made-up places with the names of the region; one in eight is in one large commune. The pure part only: reading,
candidates, score, one after the other as an import does. Asserts that eight times the places cost less than sixteen
times the time.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from importers.cartographie import source
from importers.matching.pool import Pool
from importers.matching.reading import read_place

FILE = Path(__file__).parents[1] / "tests" / "data" / "hdf-lieux_schema-1.0.csv.gz"
BASE = 2_190
TIMES = (1, 2, 4, 8)
MOST = 2.0


def made_up(number: int) -> list[dict[str, Any]]:
    """Records of so many places: real names and streets, shuffled, with contacts of their own."""
    chance = random.Random(1)
    real = [read.incoming.mapped for read in source.read(FILE) if read.incoming]
    streets = [one["adresse"].lstrip("0123456789 ") for one in real if one.get("adresse")]
    found = []
    for n in range(number):
        one = dict(chance.choice(real))
        large = n % 8 == 0
        one |= {"code_insee": "59350" if large else str(10_000 + chance.randrange(number // 2)), "courriels": []}
        one |= {"telephone": f"+333{chance.randrange(10**8):08}", "pivot": None}
        one["adresse"] = f"{chance.randrange(1, 200)} {chance.choice(streets)}"
        one["latitude"], one["longitude"] = 50.63 + chance.gauss(0, 0.02), 3.06 + chance.gauss(0, 0.03)
        found.append(one)
    return found


def seconds(records: list[dict[str, Any]]) -> tuple[float, int]:
    """Of the processor, for all of them, one after the other; how many had a place like them."""
    pool, like = Pool(), 0
    begun = time.process_time()
    for n, record in enumerate(records):
        place = read_place(n, record, [f"emetteur-{n % 7}"])
        town = pool.town(place.town)
        like += bool(town.like(place))
        town.add(place)
    return time.process_time() - begun, like


def take(console: Console) -> dict[str, float]:
    """All sizes; seconds by number of places."""
    table = Table("lieux", "dont une commune", "secondes", "rapport", "ressemblants", title="Rapprochement")
    found: dict[str, float] = {}
    for times in TIMES:
        records = made_up(BASE * times)
        spent, like = seconds(records)
        found[str(len(records))] = round(spent, 3)
        first = next(iter(found.values()))
        table.add_row(str(len(records)), str(len(records) // 8), f"{spent:.2f}", f"{spent / first:.1f}", str(like))
    console.print(table)
    ratio = list(found.values())[-1] / next(iter(found.values()))
    assert ratio <= MOST * TIMES[-1], f"{TIMES[-1]} times the places cost {ratio:.1f} times the time"
    return found


if __name__ == "__main__":
    take(Console())
