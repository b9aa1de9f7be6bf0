"""The rules of data·inclusion v1 for one file: those of the official models, each row, nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from data_inclusion.schema.v1 import Service, Structure
from pydantic import BaseModel, ValidationError

from importers.checking.findings import Report
from importers.checking.tables import rows

MODELS: Final[Mapping[str, type[BaseModel]]] = {"structures": Structure, "services": Service}
_LISTS: Final = frozenset((
    "reseaux_porteurs", "thematiques", "publics", "modes_accueil", "zone_eligibilite", "modes_mobilisation",
    "mobilisable_par",
))  # fmt: skip
#: Kind of error of pydantic → our reason. What is not here is ``format``.
_REASONS: Final = {
    "missing": "obligatoire", "string_too_short": "trop-court", "string_too_long": "trop-long",
    "enum": "valeur-inconnue", "too_short": "liste-vide", "avertissement": "conseil",
    "greater_than_equal": "trop-petit", "set_type": "pas-une-liste", "list_type": "pas-une-liste",
    "string_type": "pas-un-texte",
}  # fmt: skip


def check(path: Path, kind: str, report: Report) -> None:
    """Read the file and note what is wrong. :raises NotThisSchema: it cannot be read to its end."""
    model, seen, unknown = MODELS[report.schema], set[str](), set[str]()
    for number, row in rows(path, kind):
        report.rows += 1
        if row is None:
            report.note("error", number, "ligne-illisible")
            continue
        unknown |= row.keys() - model.model_fields.keys()
        values = {name: _value(name, value) for name, value in row.items() if name in model.model_fields}
        values = {name: value for name, value in values.items() if value is not None}
        _row(model, values, number, report)
        id_ = str(values.get("id", ""))[:2_000]
        if id_ and id_ in seen:
            report.note("error", number, "identifiant-deja-lu", "id", id_)
        seen.add(id_)
        if id_ and "--" not in id_:
            report.note("warning", number, "identifiant-sans-source", "id", id_)
    if unknown := {name for name in unknown if name}:
        report.details["unknown"] = ", ".join(sorted(unknown)[:40])


def _value(name: str, value: Any) -> Any:
    """A cell of a table as the value that it stands for; what comes from JSON stays as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    if name not in _LISTS:
        return text
    if text.startswith("["):
        try:
            return json.loads(text.replace("'", '"'))
        except (ValueError, RecursionError):
            return text
    return [part.strip() for part in text.replace("|", ",").split(",") if part.strip()]


def _row(model: type[BaseModel], values: dict[str, Any], number: int, report: Report) -> None:
    try:
        model.model_validate(values, context={"ignore_warnings": False})
    except ValidationError as error:
        for one in error.errors(include_url=False)[:50]:
            name = str(one["loc"][0]) if one["loc"] else ""
            reason = _REASONS.get(one["type"], "format")
            limits = one.get("ctx", {})
            detail = str(limits.get("min_length", limits.get("max_length", limits.get("ge", ""))))
            if name == "date_maj" and one["type"] == "value_error":
                reason = "date-impossible"
            if name == "publics" and one["type"] == "value_error":
                reason = "tous-publics-seul"
            shown = "" if reason == "obligatoire" else one["input"]
            report.note("warning" if reason == "conseil" else "error", number, reason, name, shown, detail)
