"""What a cleaned cell is, and how its repairs are kept: named, before and after, no one's mail address in them.

Rules are :class:`reseau.core.mending.Rule` s, one module for each family of fields; ``words`` has a French sentence for
each. They are *total* (anything may come: numbers, lists, a megabyte of brackets), *idempotent* (what is clean stays
as it is), and *invent nothing*: what could be repaired in two ways is unknown, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from reseau.core.contacts import without_people
from reseau.core.mending import Step

__all__ = ["MAX_SHOWN", "NOTHING", "Mended", "repairs"]

MAX_SHOWN: Final = 200  # Characters of a text kept on either side of a repair.


class Mended(NamedTuple):
    """A cell once read. ``value``: None when it says nothing, or nothing that can be used; ``reason``: machine code of
    the latter (``sentences.REASONS``); ``steps``: what rules did."""

    value: Any = None
    reason: str | None = None
    steps: tuple[Step, ...] = ()


NOTHING: Final = Mended()


def repairs(field: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps as a source record keeps them: ``{"rule", "field", "before", "after"}``."""
    return [{"rule": rule, "field": field, "before": _shown(old), "after": _shown(new)} for rule, old, new in steps]


def _shown(text: str) -> str:
    # Masked first: half an address, cut in its middle, would not be recognised.
    whole = without_people(text[: 4 * MAX_SHOWN])[0]
    return whole if len(whole) <= MAX_SHOWN else f"{whole[: MAX_SHOWN - 1]}…"
