"""Rules of the code of this room."""

from __future__ import annotations

import re
from pathlib import Path

import resources

ROOT = Path(resources.__file__).parent


def test_what_sees_a_request_builds_no_query() -> None:
    """Services below the pages ask the database; they can be called without a page."""
    for room in ("writing", "files"):
        for path in sorted((ROOT / room).glob("*.py")):
            text = path.read_text()
            if re.search(r"\bRequest\b|pyramid", text):
                assert "select(" not in text, path
