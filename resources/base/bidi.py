"""Characters that turn the direction of what follows them, in what people write: no name reads as another."""

from __future__ import annotations

import re

#: Embeddings and overrides, U+202A to U+202E: a file \u202efdp.exe would read as exe.pdf.
_TURNS = re.compile("[\u202a-\u202e]")
_ANY = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OPENS, _CLOSES = frozenset("\u2066\u2067\u2068"), "\u2069"


def straight(line: str) -> str:
    """A line without embeddings and overrides, nor isolates that it does not close or open itself.

    Marks (U+200E, U+200F, U+061C) and isolates in pairs stay: texts of two directions need them.
    """
    if not _ANY.search(line):
        return line
    line = _TURNS.sub("", line)
    opened: list[int] = []
    alone: set[int] = set()
    for at, char in enumerate(line):
        if char in _OPENS:
            opened.append(at)
        elif char == _CLOSES:
            if opened:
                opened.pop()
            else:
                alone.add(at)
    alone.update(opened)
    return "".join(char for at, char in enumerate(line) if at not in alone)
