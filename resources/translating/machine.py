"""Machine translation, as a protocol. The engine of the site is ``registry["translation.engine"]``; by default none.

What an engine gives is machine text: readers are told so until a person has reviewed it. No engine may be given
anything but published content.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Engine(Protocol):
    """Translates texts (Markdown). It answers within seconds, or not at all."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str] | None:
        """As many texts in ``target``, or None: it cannot, or not now. Tags are BCP 47."""


class NullEngine:
    """Translates nothing."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str] | None:
        """None."""
        return None


def is_there(engine: Engine) -> bool:
    """Whether a button for it would do something."""
    return not isinstance(engine, NullEngine)
