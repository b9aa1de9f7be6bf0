"""What the schema lets pass and is not right, in one row: the import repairs it, guesses, or shows less than there is.
Nothing is said of a field that has an error already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from importers.cartographie.lists import items
from importers.cartographie.mapping import Mapped
from importers.checking.findings import Report
from importers.cleaning import codes
from importers.locating import lookup
from reseau.core.communes import communes
from reseau.core.vocabularies import for_field

#: Additions to what is right as it is, and what has a sentence of its own here.
_NO_FAULT: Final = frozenset(("commune-reconnue", "code-postal-retrouve", "code-insee-inconnu", "id-de-remplacement"))


def check(number: int, row: Mapping[str, Any], mapped: Mapped, said: set[str], report: Report) -> None:
    """Note them. :param said: fields with something else to say; those of here are added."""
    _insee(number, row, mapped, said, report)
    _repairs(number, mapped, said, report)
    if not mapped.record["services"] and "services" not in said:
        report.note("warning", number, "services-vides", "services")
    kinds = for_field("typologie")
    for item in items(row.get("typologie")):
        if kinds and kinds.find(item) is None:
            report.note("warning", number, "valeur-inconnue", "typologie", item)


def _insee(number: int, row: Mapping[str, Any], mapped: Mapped, said: set[str], report: Report) -> None:
    """A code that is no commune's, or not that of the commune that the row names."""
    written = codes.insee(row.get("code_insee")).value
    if not written or "code_insee" in said:
        return
    name, postcode = mapped.record["commune"], mapped.record["code_postal"]
    meant = lookup(name, postcode)
    coded, named = communes().by_code(written), [meant] if meant else communes().by_name(name or "")
    right = f"{meant.code} ({meant.name})" if meant else ""
    if coded is None:
        said.add("code_insee")
        report.note("error", number, "code-insee-inconnu", "code_insee", written, right)
    elif named and coded not in named:
        said.add("code_insee")
        report.note("error", number, "code-insee-d-ailleurs", "code_insee", f"{written} ({coded.name})", right)


def _repairs(number: int, mapped: Mapped, said: set[str], report: Report) -> None:
    """One sentence for a value, whatever the number of its repairs: from how it is written to what is kept."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in mapped.repairs:
        if one["rule"] not in _NO_FAULT and one["field"] not in said:
            found.setdefault(one["field"], []).append(one)
    for field, steps in found.items():
        said.add(field)
        first, last = steps[0], steps[-1]
        if field == "horaires":
            report.note("warning", number, "horaires-lus", field, first["before"], after=last["after"])
        else:
            report.note("warning", number, "repare", field, first["before"], first["rule"], last["after"])
