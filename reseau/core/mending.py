"""Rules that mend a text: each has a name, says when it applies and what it does, and leaves a trace.

A repair that nobody can see is a guess: what a rule changed is a :data:`Step`, kept beside the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["ROUNDS", "Rule", "Step", "mend", "sub"]

Step: TypeAlias = tuple[str, str, str]
"""One change: (name of the rule, text before, text after)."""

ROUNDS: Final = 40
"""One rule may uncover what an earlier one mends (an entity, a letter encoded twice). Each round of the rules that use
it shortens the text or is the last: what is still not stable then was made to be so."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``when``: whether the rule has something to say of a text; ``fix``: what it becomes (the same text: nothing)."""

    name: str
    when: Callable[[str], bool]
    fix: Callable[[str], str]


def sub(name: str, pattern: str, replacement: str = "", flags: int = re.IGNORECASE) -> Rule:
    """A rule that replaces what ``pattern`` finds, everywhere, and trims what is left."""
    compiled = re.compile(pattern, flags)
    return Rule(
        name, lambda text: compiled.search(text) is not None, lambda text: compiled.sub(replacement, text).strip()
    )


def mend(text: str, rules: Iterable[Rule], *, rounds: int = 1) -> tuple[str, tuple[Step, ...]]:
    """The text after all rules in their order, and the steps that changed it. Again, at most ``rounds`` times, until
    none does."""
    steps: list[Step] = []
    for _ in range(rounds):
        before = text
        for rule in rules:
            if rule.when(text) and (fixed := rule.fix(text)) != text:
                steps.append((rule.name, text, fixed))
                text = fixed
        if text == before:
            break
    return text, tuple(steps)
