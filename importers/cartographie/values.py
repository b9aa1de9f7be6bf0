"""Ids of the cartography; and, under their old names, the texts of ``importers.cleaning``.

Source: mednum-cli (``merge-lieux.ts``) for how ids are joined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from importers.cleaning import texts
from importers.cleaning.texts import is_odd, text

__all__ = ["MAX_ID_BYTES", "identifier", "is_odd", "line", "parts", "said", "text"]

MAX_ID_BYTES: Final = 2_000  # What the national data space accepts of one id, and our table of one part.
_MAX_PARTS: Final = 500


def line(value: Any, cap: int = texts.MAX_LINE) -> str | None:
    """The value of :func:`importers.cleaning.texts.line`."""
    found: str | None = texts.line(value, cap).value
    return found


def said(cell: Any) -> str:
    """A cell as it came, for people: an array is its values one after the other, nothing is ""."""
    if isinstance(cell, list):
        return " | ".join(filter(None, map(said, cell)))
    if isinstance(cell, Mapping):
        return " | ".join(f"{name} : {text}" for name, value in cell.items() if (text := said(value)))
    return "" if cell is None else str(cell)


def identifier(value: Any) -> tuple[str | None, str | None]:
    """Return the source's id, NFC, trimmed, and a reason: ``id-manquant``, ``id-trop-long``.

    A place that joins many others may have an id of any length: it is used by its parts. Too long is an id one of whose
    parts is over 2,000 bytes, or with over 500 parts.
    """
    raw = text(value)
    if raw is None:
        return None, "id-manquant"
    found = " ".join(raw.split())
    if len(found.encode("utf-8")) <= MAX_ID_BYTES:
        return found, None
    pieces = parts(found)
    sound = len(pieces) <= _MAX_PARTS and all(len(piece.encode("utf-8")) <= MAX_ID_BYTES for piece in pieces)
    return (found, None) if sound else (None, "id-trop-long")


def parts(identifier: str) -> tuple[str, ...]:
    """Return the ids that a grouped id joins (``A__B``; ``A|B`` in older files), sorted, each once.

    The *last* two underscores of a run separate: some sources end their ids with one (``…_TL_206_``), so
    ``A___B`` is ``A_`` and ``B``. A lone ``_`` is inside an id.
    """
    pieces = (piece.strip() for piece in re.split(r"__(?!_)|\|", identifier))
    return tuple(sorted({piece for piece in pieces if piece}))
