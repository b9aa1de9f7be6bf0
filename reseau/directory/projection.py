"""The projection: which value of each field is shown, and why. Pure: no database, no clock.

Override first; then the best record's value: sources in the order of the settings, within a source the newest
``date_maj`` (undated last), gaps filled from the next record. Values that only mean something together
(``fields.TOGETHER``) come from one record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from reseau.core.vocabularies.deductions import deduce_demarches
from reseau.directory.fields import FIELDS, GROUPS, LISTS

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordView:
    """What the projection needs of a source record."""

    id: UUID
    source: str
    date_maj: str | None
    mapped: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OverrideView:
    """What the projection needs of an override. ``date``: ISO date on which it was set."""

    value: Any
    date: str


@dataclass(frozen=True, slots=True)
class Projection:
    """Effective values (every field present) and the provenance of each value that is not empty."""

    values: Values
    provenance: dict[str, dict[str, Any]]


def project(records: Sequence[RecordView], overrides: Mapping[str, OverrideView], sources: Sequence[str]) -> Projection:
    """Effective fields of a structure.

    :param records: all records of the structure, any order, any source.
    :param overrides: by field name.
    :param sources: names of sources, best first; others come after, in alphabetical order.
    """
    ranked = rank(records, sources)
    values: Values = {field.name: [] if field.kind == "list" else None for field in FIELDS}
    provenance: dict[str, dict[str, Any]] = {}
    for group in GROUPS:
        for record in ranked:
            found = {name: record.mapped.get(name) for name in group}
            if any(not is_empty(value) for value in found.values()):
                for name, value in found.items():
                    if not is_empty(value):
                        values[name] = value
                        provenance[name] = _from_record(record)
                break
    if "horaires" in overrides:  # the register's words beside a person's hours would contradict them
        values["horaires_texte"] = None
        provenance.pop("horaires_texte", None)
    for name, override in overrides.items():
        _override(values, provenance, name, override)
    if "demarches" not in overrides:
        _deduce(values, provenance)  # from what is shown, not from what a person has corrected
    return Projection(values, provenance)


def _override(values: Values, provenance: dict[str, dict[str, Any]], name: str, override: OverrideView) -> None:
    """What a person set. Who it was stays in the table: a sheet is public, its editors are not."""
    if name == "nom" and is_empty(override.value):
        return  # a place without a name cannot be shown
    values[name] = ([] if name in LISTS else None) if is_empty(override.value) else override.value
    provenance[name] = {"source": "reseau", "via": None, "date": override.date}


def rank(records: Sequence[RecordView], sources: Sequence[str]) -> list[RecordView]:
    """Records, best first. Ties end with the id: the order never depends on how they were read."""
    order = {name: position for position, name in enumerate(sources)}
    by_id = sorted(records, key=lambda record: record.id)
    by_date = sorted(by_id, key=lambda record: record.date_maj or "", reverse=True)
    return sorted(by_date, key=lambda record: (order.get(record.source, len(order)), record.source))


def is_empty(value: Any) -> bool:
    """Unknown: None, "" or an empty list. ``False`` and ``0`` are values."""
    return value is None or value == "" or value == []


def _from_record(record: RecordView) -> dict[str, Any]:
    return {
        "source": record.source,
        "via": record.mapped.get("source"),
        "date": record.date_maj,
        "record": str(record.id),
    }


def _deduce(values: Values, provenance: dict[str, dict[str, Any]]) -> None:
    """Health procedures that follow by definition from another field (a CPAM helps with Ameli), said as such."""
    deduced = [(code, field) for code, field in deduce_demarches(values) if code not in values["demarches"]]
    if deduced and "demarches" not in provenance:
        origin = provenance.get(deduced[0][1], {})
        provenance["demarches"] = {"source": "deduction", "via": deduced[0][1], "date": origin.get("date")}
    values["demarches"] = [*values["demarches"], *(code for code, _ in deduced)]
