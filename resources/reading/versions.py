"""What changed from one version of a resource to the next, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from resources.base import services
from resources.base.content import HEADER, Content


@dataclass(frozen=True, slots=True)
class Changed:
    """A section that is new, gone, or says something else. ``what``: ``new``, ``gone`` or ``changed``."""

    key: str
    what: str
    title: str


def changed(before: Content, after: Content) -> list[Changed]:
    """What ``after`` has otherwise than ``before``: in the order of ``after``, then what is gone."""
    found = []
    if before.header_words() != after.header_words():
        found.append(Changed(HEADER, "changed", after.title))
    old = {block.key: block for block in before.blocks}
    for block in after.blocks:
        former = old.pop(block.key, None)
        if former is None:
            found.append(Changed(block.key, "new", block.title))
        elif _said(former) != _said(block):
            found.append(Changed(block.key, "changed", block.title))
    return [*found, *(Changed(block.key, "gone", block.title) for block in old.values())]


def _said(block: Any) -> tuple[Any, ...]:
    return (
        block.words(),
        dict(block.data),
        block.minutes,
        block.image,
        block.file,
        block.kind,
        block.part,
        block.exact,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A version in the list. ``changes``: since the one before, for the versions that are compared."""

    row: Mapping[str, Any]
    changes: Sequence[Changed] | None


COMPARED = 5


def history(session: Session, resource_id: UUID, compared: int = COMPARED) -> list[Line]:
    """All versions, newest first; the newest ``compared`` say what changed. Two statements, one for none of them."""
    rows = services.versions(session, resource_id)
    wanted = [row["number"] for row in rows[: compared + 1]] if compared else []
    contents = services.contents(session, resource_id, wanted) if wanted else {}
    lines = []
    for row in rows:
        before, after = contents.get(row["number"] - 1), contents.get(row["number"])
        lines.append(Line(row, changed(before, after) if before and after else None))
    return lines
