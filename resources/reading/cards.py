"""Cards to cut out, as they are written in the text of a document: ``### front``, then the back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """One card. ``front``: plain text. ``back``: Markdown."""

    front: str
    back: str


def cards(text: str) -> tuple[str, list[Card]]:
    """(what stands before the first card, the cards)."""
    before: list[str] = []
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("### "):
            found.append((line[4:].strip(), []))
        else:
            (found[-1][1] if found else before).append(line)
    return "\n".join(before).strip(), [Card(front, "\n".join(back).strip()) for front, back in found]
