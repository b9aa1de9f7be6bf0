"""Real rows, grown deterministically: the 1,741 places of the Hauts-de-France, repeated with differences."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "tests" / "data" / "hdf-lieux_schema-1.0.csv.gz"
#: Words that make a copy's name its own, so that the vocabulary grows with the places as a real one does.
SYLLABLES = ("ba", "cor", "del", "fa", "gri", "ho", "jan", "lou", "mer", "nor", "pel", "quin", "ros", "tan", "vi", "wa")


def real_rows() -> list[dict[str, str]]:
    """The rows as published."""
    with gzip.open(SOURCE, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def rows(count: int) -> Iterator[dict[str, str]]:
    """``count`` rows; the first 1,741 are the real ones."""
    real = real_rows()
    chance = random.Random(20_261_122)
    for number in range(count):
        row = dict(real[number % len(real)])
        if copy := number // len(real):
            row["id"] = f"{row['id']}-{copy}"
            row["nom"] = f"{row['nom']} {''.join(chance.choices(SYLLABLES, k=3)).title()}"
            if row["latitude"]:
                row["latitude"] = f"{float(row['latitude']) + chance.uniform(-0.05, 0.05):.6f}"
                row["longitude"] = f"{float(row['longitude']) + chance.uniform(-0.05, 0.05):.6f}"
        if not row["horaires"] and chance.random() < 0.6:
            row["horaires"] = chance.choice(real)["horaires"]
        yield row


def write(path: Path, count: int) -> None:
    """Write the rows as a CSV of schema 1.0.2."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        made = rows(count)
        first = next(made)
        writer = csv.DictWriter(handle, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(made)
