"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_WORD = re.compile(r"\s+|[^\W_]+|[\W_]", re.UNICODE)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
MOST = 3_000  # words of both: beyond, whole lines are compared


class Piece(NamedTuple):
    """A run of text. ``op``: ``same``, ``ins`` or ``del``."""

    op: str
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order: without ``del`` it reads ``after``, without ``ins`` it reads ``before``."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > MOST:
        old, new = _LINE.findall(before), _LINE.findall(after)
    if len(old) + len(new) > MOST:  # even so: all is said to be new
        old, new = [before], [after]
    found: list[Piece] = []
    # With the heuristic of difflib: without it, a text that repeats itself takes minutes (measured).
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if op == "equal":
            found.append(Piece("same", "".join(new[j1:j2])))
            continue
        if i1 < i2:
            found.append(Piece("del", "".join(old[i1:i2])))
        if j1 < j2:
            found.append(Piece("ins", "".join(new[j1:j2])))
    return found
