"""What stops a run before it writes: too few, too many refused, another schema. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ENOUGH = 0.8
"""Of what is known, that a file given as complete must still have."""
REJECTS = 0.1
FROM_ROWS = 20
"""Fewer rows say nothing about a share."""
LOOSE = frozenset({"watch", "event"})
"""Kinds of targets whose sources, written by anybody's program, always have odd entries: they are left out, and what
can be read is no less true for it."""
SELDOM = 5
"""Per cent of the rows. A JSON record has no key for what it does not say: a column as rare as that comes and goes."""


@dataclass(slots=True)
class Figures:
    """What the first reading found. ``inside``: records in the territory; ``named``: parts of all ids; ``same``: rows
    that are known as they are."""

    rows: int = 0
    inside: int = 0
    rejected: int = 0
    same: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    named: set[str] = field(default_factory=set)


def too_few(figures: Figures, known: int) -> dict[str, Any] | None:
    """Details of ``trop-peu``; None: enough. For a file that is given as complete."""
    if figures.inside >= ENOUGH * known:
        return None
    return {"incoming": figures.inside, "known": known}


def too_many_rejects(figures: Figures, kind: str) -> dict[str, Any] | None:
    """Details of ``trop-de-rejets``; None: few enough, or a file of a few rows, or one of a ``LOOSE`` kind."""
    if kind in LOOSE or figures.rows < FROM_ROWS or figures.rejected <= REJECTS * figures.rows:
        return None
    return {"rejected": figures.rejected, "rows": figures.rows}


def other_schema(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any] | None:
    """Details of ``schema-change`` between the facts of two files of one source; None: the same, or nothing to compare.

    Facts: ``format``, ``columns`` (names of the schema), ``filled`` (column → per cent of the rows that have it, of
    formats that leave out what is empty).
    """
    if not now.get("columns") or not before.get("columns") or now.get("format") != before.get("format"):
        return None
    gone = _missed(before, now)
    new = _missed(now, before)
    return {"gone": ", ".join(gone) or "aucune", "new": ", ".join(new) or "aucune"} if gone or new else None


def _missed(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    filled: Mapping[str, int] = one.get("filled") or {}
    return sorted(name for name in set(one["columns"]) - set(other["columns"]) if filled.get(name, 100) >= SELDOM)
