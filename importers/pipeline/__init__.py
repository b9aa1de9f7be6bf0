"""One pipeline for every source: what it is is in ``contract``, how it runs in ``running``."""

from __future__ import annotations

from importers.pipeline.contract import (
    COUNTS,
    Adapter,
    Fetched,
    Held,
    How,
    Options,
    Problem,
    Read,
    Refused,
    Source,
    Summary,
    Target,
    Where,
)
from importers.pipeline.running import BATCH, Pipeline
from importers.pipeline.runs import Ticket

__all__ = [
    "BATCH", "COUNTS", "Adapter", "Fetched", "Held", "How", "Options", "Pipeline", "Problem", "Read", "Refused",
    "Source", "Summary", "Target", "Ticket", "Where",
]  # fmt: skip
