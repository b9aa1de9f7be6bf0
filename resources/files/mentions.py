"""Which files a content names, read from its JSON as it is kept: of versions, drafts, and blocks put aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def mentions(kept: Any) -> Iterator[tuple[str, str]]:
    """(SHA-256, name) of each file, wherever it stands."""
    if isinstance(kept, list):
        for one in kept:
            yield from mentions(one)
    elif isinstance(kept, dict):
        if isinstance(sha := kept.get("sha"), str):
            yield sha, str(kept.get("name", ""))
        for one in kept.values():
            if isinstance(one, (dict, list)):
                yield from mentions(one)
