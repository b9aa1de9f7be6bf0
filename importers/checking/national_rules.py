"""The rules of standard-mediation-num 1.0.2 for one file: what the schema refuses (errors), what an importer has to
guess or to leave (warnings). The reading and the cleaning are the cartography's own, so that what is said here is what
happens there.

Source: ``schema-v1.0.2.json`` beside this module, LaMednum/standard-mediation-num (Licence Ouverte 2.0), unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from importers.cartographie import columns, values
from importers.cartographie.formats import BadRow, Row, open_rows
from importers.cartographie.mapping import Rejected, map_row
from importers.checking.findings import Report
from importers.checking.tables import MAX_BYTES, MAX_ROWS
from reseau.core.vocabularies import for_field

#: What the cleaning says that the schema does not forbid: the value is read, moved or kept, and should be looked at.
_WARNINGS: Final = frozenset((
    "horaires-non-lus", "courriel-nominatif", "telephone-fictif", "courriel-fictif", "url-fictive", "pivot-invalide",
    "telephone-etranger",
))  # fmt: skip
_SPELLED: Final = "Étapes numériques (La Poste)"  # right by the documentation, without its space by the pattern
_LISTS: Final = ("courriels", "site_web", "typologie", "autres_formations_labels")


@cache
def _schema() -> Mapping[str, Mapping[str, Any]]:
    text = files(__package__).joinpath("schema-v1.0.2.json").read_text(encoding="utf-8")
    return {one["name"]: one for one in json.loads(text)["fields"]}


@cache
def _pattern(name: str) -> re.Pattern[str] | None:
    rule = _schema()[name].get("constraints", {}).get("pattern")
    # The patterns of lists are open at their head: of "foo|Gratuit" they see the end. So each value by itself.
    return re.compile(rule.removeprefix("^").removesuffix("$")) if rule else None


def check(path: Path, report: Report) -> None:
    """Read the file and note what is wrong. :raises NotThisSchema: it cannot be read to its end."""
    seen: dict[str, int] = {}
    with open_rows(path, max_bytes=MAX_BYTES) as rows:
        for row in rows:
            if row.number > MAX_ROWS:
                break
            report.rows = row.number
            if isinstance(row, BadRow):
                report.note("error", row.number, row.reason, value=row.raw)
            else:
                _row(row, report, seen)
        unknown = sorted(rows.unknown)
        header = set(rows.columns)
        report.details["warnings"] = " ".join(rows.warnings)
    old = sorted(name for name in header if name in columns.ALIASES or name in columns.SPLIT)
    missing = [name for name in columns.FIELDS if header and name not in header]
    for title, names in (("unknown", unknown), ("old", old), ("missing", missing)):
        if names:
            report.details[title] = ", ".join(names[:40])


def _row(row: Row, report: Report, seen: dict[str, int]) -> None:
    said: set[str] = set()
    try:
        mapped = map_row(row.values)
    except Rejected as error:
        report.note("error", row.number, error.reason, error.field, error.value)
        said.add(error.field)
    else:
        for issue in mapped.issues:
            said.add(issue.field)
            report.note(
                "warning" if issue.reason in _WARNINGS else "error", row.number, issue.reason, issue.field, issue.value
            )
        if seen.setdefault(mapped.id, row.number) != row.number:
            report.note("error", row.number, "identifiant-deja-lu", "id", mapped.id)
    for name, field in _schema().items():
        if name not in said and (name in row.values or _required(field)):
            _cell(name, field, row, report)


def _required(field: Mapping[str, Any]) -> bool:
    return bool(field.get("constraints", {}).get("required"))


def _cell(name: str, field: Mapping[str, Any], row: Row, report: Report) -> None:
    raw = next((row.values[one] for one in columns.sources(name) if row.values.get(one) not in (None, "")), None)
    text = raw.strip() if isinstance(raw, str) else values.text(raw)
    if not text:
        if _required(field):
            report.note("error", row.number, "obligatoire", name)
        return
    most = field["constraints"].get("maxLength") if "constraints" in field else None
    if most and len(text) > most:
        report.note("error", row.number, "trop-long", name, text, str(most))
    if field["type"] == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        report.note("error", row.number, "format", name, text)
    if field["type"] == "number" and isinstance(raw, str) and not re.fullmatch(r"-?\d+(\.\d+)?", text):
        report.note("error", row.number, "format", name, text)
    if name in _LISTS and ";" in text and "|" not in text and "://" not in text:
        report.note("error", row.number, "separateur", name, text)
    if (pattern := _pattern(name)) is not None:
        _matched(name, text, pattern, row.number, report)


def _matched(name: str, text: str, pattern: re.Pattern[str], number: int, report: Report) -> None:
    vocabulary = for_field(name)
    if vocabulary is None:
        if not pattern.fullmatch(text):
            report.note("error", number, "format", name, text)
        return
    if ";" in text and "|" not in text:
        report.note("error", number, "separateur", name, text)
        return
    for item in filter(None, map(str.strip, text.split("|"))):
        if pattern.fullmatch(item) or item == _SPELLED:
            continue
        term = vocabulary.find(item)
        if term is not None:
            report.note("error", number, "autre-ecriture", name, item, term.national)
        else:
            report.note("error", number, "valeur-inconnue", name, item)
