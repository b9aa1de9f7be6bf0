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
from importers.cartographie.lists import items
from importers.cartographie.mapping import Mapped, Rejected, map_row
from importers.checking import doubts, whole
from importers.checking.findings import Level, Report
from importers.checking.positions import Points
from importers.checking.tables import MAX_BYTES, MAX_ROWS
from importers.sheets.naming import EXAMPLE, HELP
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


def check(path: Path, titles: list[str], report: Report) -> None:
    """Read the file and note what is wrong. :param titles: of its columns. :raises NotThisSchema: it cannot be read to
    its end."""
    seen, points = dict[str, int](), Points()
    with open_rows(path, max_bytes=MAX_BYTES) as rows:
        for row in rows:
            if rows.read > MAX_ROWS:
                break
            report.rows = rows.read
            if isinstance(row, BadRow):
                report.note("error", row.number, row.reason, value=row.raw)
            elif _of_template(row):
                report.note("warning", row.number, "ligne-du-modele")
            else:
                _row(row, report, seen, points)
        unknown = sorted(rows.unknown)
        report.details["warnings"] = " ".join(rows.warnings)
    points.tell(report)
    header = {columns.normal_name(title) for title in titles}
    known = {*header, *(columns.ALIASES[name] for name in header & columns.ALIASES.keys())}
    for name in header & set(columns.SPLIT):
        known.update(whole.RENAMED[name].split(", "))
    missing = [name for name in columns.FIELDS if header and name not in known]
    for title, names in (("unknown", unknown), ("missing", missing)):
        if names:
            report.details[title] = ", ".join(names[:40])


def _of_template(row: Row) -> bool:
    id_ = str(row.values.get("id", ""))
    return id_.startswith(HELP) or id_ == EXAMPLE


def _row(row: Row, report: Report, seen: dict[str, int], points: Points) -> None:
    said: set[str] = set()
    mapped = None
    try:
        mapped = map_row(row.values)
    except Rejected as error:
        report.note("error", row.number, error.reason, error.field, error.value)
        said.add(error.field)
    else:
        _issues(mapped, row, said, report)
        if seen.setdefault(mapped.id, row.number) != row.number:
            report.note("error", row.number, "identifiant-deja-lu", "id", mapped.id)
    for name, field in _schema().items():
        if name not in said and (any(one in row.values for one in columns.sources(name)) or _required(field)):
            _cell(name, field, row, report, said, mapped)
    for name in columns.SPLIT:
        if text := _text(row.values.get(name)):
            _values(name, text, None, row.number, report, said)
    if mapped:
        doubts.check(row.number, row.values, mapped, said, report)
        points.add(row.number, mapped.record, report)


def _issues(mapped: Mapped, row: Row, said: set[str], report: Report) -> None:
    """What the cleaning could not use. Values of lists are left to the schema, which says more of each."""
    for issue in mapped.issues:
        if issue.reason == "valeur-inconnue":
            continue
        said.add(issue.field)
        level: Level = "warning" if issue.reason in _WARNINGS else "error"
        kept = mapped.record["telephone"] or "" if issue.reason == "telephone-autre" else ""
        value = _text(row.values.get("telephone")) if kept else issue.value
        report.note(level, row.number, issue.reason, issue.field, value, after=kept)


def _required(field: Mapping[str, Any]) -> bool:
    return bool(field.get("constraints", {}).get("required"))


def _text(cell: Any) -> str:
    """A cell as one text; an array of JSON as the standard writes it."""
    if isinstance(cell, list):
        return "|".join(items(cell))
    return cell.strip() if isinstance(cell, str) else values.text(cell) or ""


def _cell(
    name: str, field: Mapping[str, Any], row: Row, report: Report, said: set[str], mapped: Mapped | None
) -> None:  # fmt: skip
    raw = next((row.values[one] for one in columns.sources(name) if row.values.get(one) not in (None, "", [])), None)
    text = _text(raw)
    if not text:
        if _required(field):
            report.note("error", row.number, "obligatoire", name)
        return
    most = field["constraints"].get("maxLength") if "constraints" in field else None
    if most and len(text) > most:
        report.note("error", row.number, "trop-long", name, text, str(most))
        said.add(name)
    wrong_date = field["type"] == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    number = field["type"] == "number" and isinstance(raw, str)
    if wrong_date or (number and not re.fullmatch(r"-?\d+(\.\d+)?", text)):
        report.note("error", row.number, "format", name, text)
        said.add(name)
    if name in _LISTS and ";" in text and "|" not in text and "://" not in text:
        report.note("error", row.number, "separateur", name, text)
        said.add(name)
    if (pattern := _pattern(name)) is None:
        return
    if for_field(name):
        _values(name, text, pattern, row.number, report, said)
    elif not pattern.fullmatch(text):
        _form(name, text, row.number, report, mapped)
        said.add(name)


def _form(name: str, text: str, number: int, report: Report, mapped: Mapped | None) -> None:
    """A value that the schema refuses and the cleaning, perhaps, can read."""
    read = mapped.record[name] if mapped and name in ("telephone", "code_postal", "code_insee") else ""
    if name == "telephone" and read and not read.startswith("+"):
        report.note("warning", number, "telephone-court", name, text)
    else:
        report.note("error", number, "format", name, text, after=read if read != text else "")


def _values(
    name: str, text: str, pattern: re.Pattern[str] | None, number: int, report: Report, said: set[str]
) -> None:  # fmt: skip
    """Each value of a list, also when they are separated by what they should not be."""
    if ";" in text and "|" not in text:
        report.note("error", number, "separateur", name, text)
        said.add(name)
    for item in filter(None, map(str.strip, re.split(r"[|;]", text))):
        if pattern and (pattern.fullmatch(item) or item == _SPELLED):
            continue
        found = [one for one in map(for_field, _homes(name)) if one]
        term = next(filter(None, (one.find(item) for one in found)), None)
        if term is not None and (pattern or term.national != item):
            report.note("error", number, "autre-ecriture", name, item, term.national)
        elif term is None and (pattern or not any(one.is_neutral(item) for one in found)):
            report.note("error", number, "valeur-inconnue", name, item)
        else:
            continue
        said.add(name)


def _homes(name: str) -> list[str]:
    return whole.RENAMED[name].split(", ") if name in columns.SPLIT else [name]
