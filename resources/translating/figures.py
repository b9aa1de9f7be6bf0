"""How far a translation is, in numbers; and whether a text has the shape of its source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from resources.base.models import TranslationUnit
from resources.base.translations import UnitState, UnitView

_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


@dataclass(frozen=True, slots=True)
class Figures:
    """Sections of a translation. ``published``: a person reviewed what readers see, and it is up to date. ``machine``:
    readers see machine text. ``reviewing``: somebody is to review them. ``my_drafts``: mine, not sent yet."""

    published: int
    machine: int
    reviewing: int
    my_drafts: int


def figures(views: Sequence[UnitView], rows: Mapping[str, TranslationUnit], person: UUID) -> Figures:
    """Of a whole resource in a language."""
    pairs = [(view, rows[view.section]) for view in views if view.section in rows]
    return Figures(
        sum(1 for view, row in pairs if row.words and row.state == UnitState.PUBLISHED.value and not view.stale),
        sum(1 for _, row in pairs if row.state == UnitState.MACHINE.value),
        sum(1 for _, row in pairs if row.pending_state == UnitState.IN_REVIEW.value),
        sum(1 for _, row in pairs if row.pending_by == person and row.pending_state == UnitState.DRAFT.value),
    )


class Shape(NamedTuple):
    """How many items of lists, and how many paragraphs, a text has."""

    items: int
    paragraphs: int


def shape(text: str) -> Shape:
    """Of Markdown. A list that follows a paragraph without a blank line is of that paragraph."""
    return Shape(len(_ITEM.findall(text)), len([one for one in _BLANK.split(text.strip()) if one.strip()]))
