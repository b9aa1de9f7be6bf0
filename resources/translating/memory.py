"""Segment memory: a sentence that was translated once is offered wherever it comes again.

Only whole sentences that are the same: a near match saves little, and its mistakes look right.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import insert
from resources.base.content import TRANSLATED
from resources.base.models import Segment
from resources.base.translations import UnitState

#: French, Arabic and Urdu, Chinese, Devanagari: what ends a sentence. After the first three, blanks follow.
_END = re.compile(r"(?<=[.!?…؟۔])[\"»)*_]*\s+|(?<=[。！？])|(?<=।)\s*|\n+")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•>]|\d+[.)]|#{1,6})[ \t]+", re.MULTILINE)
MAX_SEGMENT = 1_000  # characters
MAX_LOOKED_UP = 500


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence of a section that was translated elsewhere. ``machine``: nobody has reviewed it."""

    source: str
    target: str
    machine: bool


def sentences(text: str) -> list[str]:
    """The sentences of a text, with their Markdown but without marks of lists; blanks do not count."""
    pieces = (" ".join(piece.split()) for piece in _END.split(_ITEM.sub("", text)))
    return [piece for piece in pieces if any(char.isalnum() for char in piece)]


def digest(sentence: str) -> str:
    """What a sentence is found by: 16 hex digits."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


def pairs(source: Mapping[str, str], target: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(sentence, its translation) of a section, where both sides of a field have as many sentences."""
    for name in TRANSLATED:
        left, right = sentences(source.get(name, "")), sentences(target.get(name, ""))
        if left and len(left) == len(right):
            yield from zip(left, right, strict=True)


def learn(
    session: Session, source: Mapping[str, str], target: Mapping[str, str], lang: str, *, machine: bool, now: datetime
) -> int:
    """Keep the sentences of a section. Machine text never takes the place of a person's. :return: how many."""
    state = (UnitState.MACHINE if machine else UnitState.PUBLISHED).value
    rows = {
        digest(left): {"digest": digest(left), "lang": lang, "source": left, "target": right, "state": state, "at": now}
        for left, right in pairs(source, target)
        if len(left) <= MAX_SEGMENT and len(right) <= 2 * MAX_SEGMENT
    }
    if not rows:
        return 0
    statement = insert(session, Segment).values(list(rows.values()))
    new = {name: statement.excluded[name] for name in ("target", "state", "at")}
    where = Segment.state == UnitState.MACHINE.value if machine else None
    session.execute(statement.on_conflict_do_update(index_elements=["digest", "lang"], set_=new, where=where))
    return len(rows)


def look_up(session: Session, texts: Iterable[str], lang: str) -> dict[str, Match]:
    """What is known of the sentences of some texts, by sentence; one statement, none for no sentence."""
    wanted = {digest(one): one for text in texts for one in sentences(text)}
    if not wanted:
        return {}
    keys = list(wanted)[:MAX_LOOKED_UP]
    rows = session.execute(
        sa.select(Segment.digest, Segment.source, Segment.target, Segment.state).where(
            Segment.digest.in_(keys), Segment.lang == lang
        )
    )
    return {wanted[row.digest]: Match(row.source, row.target, row.state == UnitState.MACHINE.value) for row in rows}
