"""Cells of tables that a spreadsheet will open."""

from __future__ import annotations

import re
from typing import Final

#: Where a spreadsheet may see a new cell, whichever separator it believes in; and what makes one be computed.
_BREAK: Final = re.compile(r"([,;\t\r\n|])")
_FORMULA: Final = re.compile(
    r"[\s\"'`«»\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]*[=+\-@＝＋－＠]"
)  # fmt: skip


def harmless(cell: str) -> str:
    """A cell, with an apostrophe before each part of it that a spreadsheet could compute (OWASP, CSV injection)."""
    parts = [f"'{part}" if _FORMULA.match(part) else part for part in _BREAK.split(cell)]
    return "".join(["'", *parts] if cell[:1] in ("\t", "\r", "\n") else parts)
