"""A held run: what it would change, as its page shows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reseau.core.paging import Page, nearest, offset

PAGE = 20


@dataclass(frozen=True, slots=True)
class Would:
    """A structure that a held run would change. ``op``: create or update. ``fields``: (name, before, after)."""

    id: str
    name: str
    op: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class Preview(Page[Would]):
    """One page of them. ``absent``: (id, name) of places that the source has no more, on the first page."""

    absent: tuple[tuple[str, str], ...] = ()


def preview(stored: Mapping[str, Any], number: int) -> Preview:
    """``import_run.preview`` for its page; what another version wrote otherwise is left out."""
    every = [one for one in stored.get("structures") or () if isinstance(one, Mapping)]
    number = nearest(number, len(every), PAGE)
    shown = every[offset(number, PAGE) : offset(number, PAGE) + PAGE]
    rows = [
        Would(
            str(one.get("id", "")), str(one.get("name", "")), str(one.get("op", "")),
            tuple((str(f[0]), f[1], f[2]) for f in one.get("fields") or () if len(f) == 3),
        )
        for one in shown
    ]  # fmt: skip
    return Preview(rows, len(every), number, PAGE, missing(stored) if number == 1 else ())


def missing(stored: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(id, name) of the places that the file of a held run does not name any more."""
    every = (one for one in stored.get("absent") or () if isinstance(one, Mapping))
    return tuple((str(one.get("id", "")), str(one.get("name", ""))) for one in every)
