"""Health procedures that a national record implies, read from ``deductions.toml``.

Not a guess engine: a rule stands only where the fact makes the procedure true by definition, and the
page shows the field that it came from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from reseau.core.vocabularies import fold, vocabulary

__all__ = ["Deduction", "deduce_demarches", "deductions"]


@dataclass(frozen=True, slots=True)
class Deduction:
    """One rule: ``field`` holds ``code`` (a list field), or begins with one of ``prefixes`` (folded)."""

    demarche: str
    field: str
    code: str | None
    prefixes: tuple[str, ...]

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Say whether the rule applies to ``record`` (field names of 1.0.2; lists hold codes)."""
        value = record.get(self.field)
        if self.code is not None:
            return isinstance(value, list | tuple) and self.code in value
        # Whole words only: "CPAM" must not be read in a name that merely starts with these letters.
        return isinstance(value, str) and f"{fold(value)} ".startswith(self.prefixes)


@cache
def deductions() -> tuple[Deduction, ...]:
    """Return the rules in file order. Raises ``ValueError`` for a rule about an unknown procedure."""
    content = tomllib.loads(files(__package__).joinpath("deductions.toml").read_text(encoding="utf-8"))
    rules = []
    for raw in content["deduction"]:
        if vocabulary("demarches").get(raw["demarche"]) is None:
            raise ValueError(f"deductions: {raw['demarche']!r} is not a procedure")
        prefixes = tuple(f"{fold(text)} " for text in raw.get("debut", ()))
        rules.append(Deduction(raw["demarche"], raw["champ"], raw.get("code"), prefixes))
    return tuple(rules)


def deduce_demarches(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return ``(code of the procedure, field that implies it)`` pairs for a mapped record.

    ``record``: fields of 1.0.2, list fields holding codes as ``importers.cartographie.mapping`` writes
    them. One pair per procedure (the first rule that holds), in the order of the vocabulary. Never raises.
    """
    found: dict[str, str] = {}
    for rule in deductions():
        if rule.demarche not in found and rule.holds(record):
            found[rule.demarche] = rule.field
    terms = vocabulary("demarches").terms
    return tuple((term.code, found[term.code]) for term in terms if term.code in found)
