"""What shows by the titles of the columns, and in every cell whatever its column: old names, people, formulas, what
separates. For both schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from importers.cartographie import columns
from importers.checking import formulas, tables
from importers.checking.findings import Report
from importers.sheets.naming import by_name, is_nir, is_of_people_helped
from reseau.core.contacts import without_people
from reseau.core.vocabularies import fold

#: Columns of 0.1.0 and of the drafts → those of 1.0.2; "": no longer used.
RENAMED: Final[Mapping[str, str]] = {
    **columns.ALIASES,
    "publics_accueillis": "publics_specifiquement_adresses, prise_en_charge_specifique",
    "labels_nationaux": "dispositif_programmes_nationaux, formations_labels",
    "cle_ban": "",
}
_OF_A_PERSON: Final = frozenset(("prenom", "prenoms", "civilite", "nir"))


def people(titles: Iterable[str]) -> list[str]:
    """Columns that speak of persons, as they are written."""
    return [one for one in titles if is_of_people_helped(one) or _OF_A_PERSON & set(fold(one).split())]


def said_of(titles: Iterable[str]) -> dict[str, str]:
    """Details of a refusal: ``columns``, ``means`` (a line each: title, tabulation, our name), ``people``."""
    names = [_shown(one) for one in titles if one.strip()][:40]
    means = {one: by_name(one) for one in names}
    return {
        "columns": "\n".join(names), "people": "\n".join(people(names)),
        "means": "\n".join(f"{one}\t{field}" for one, field in means.items() if field and field != one),
    }  # fmt: skip


def _shown(title: str) -> str:
    return without_people(" ".join(title.split())[:60])[0]


def check_titles(titles: list[str], report: Report) -> None:
    """Old names, of the national standard only."""
    if report.schema != "national":
        return
    names = [columns.normal_name(one) for one in titles]
    for name in dict.fromkeys(names):
        if RENAMED.get(name):
            report.note("error", 0, "colonne-renommee", name, detail=RENAMED[name])
        elif name in RENAMED:
            report.note("warning", 0, "colonne-inutile", name)
    if any(name in RENAMED for name in names):
        report.details["old"] = "0.1.0"


def check_separator(plain: Path, report: Report) -> None:
    """A CSV of the standards has commas."""
    delimiter = tables.delimiter_in(plain)
    if delimiter != ",":
        report.note("warning", 0, "separateur-de-colonnes", detail={"\t": "tabulation"}.get(delimiter, delimiter))


def check_cells(plain: Path, kind: str, titles: list[str], report: Report) -> None:
    """Every cell of every column: formulas, numbers of social security, what columns of people hold."""
    personal = {columns.normal_name(one) for one in people(titles)}
    for name in sorted(personal):
        report.note("error", 0, "personnes", name)
    # The reader of v1 has its JSON with names as they are; here all are of the tables' own reading.
    for number, row in tables.rows(plain, kind):
        for name, value in (row or {}).items():
            text = str(value) if isinstance(value, str | int) else ""
            if name in personal:
                if text.strip():
                    report.note("error", number, "personnes", name)
            elif text[:1] == "=" and kind == "csv" and len(text) > 1:
                report.note("warning", number, "formule", name, text)
            elif len(text) >= 13 and is_nir(text) and (name not in columns.FIELDS or _has_key(text)):
                report.note("error", number, "nir", name)


def _has_key(text: str) -> bool:
    digits = re.sub(r"\D", "", text.upper().replace("2A", "19").replace("2B", "18"))
    return len(digits) == 15 and 97 - int(digits[:13]) % 97 == int(digits[13:])


def check_formulas(path: Path, plain: tables.Plain, report: Report) -> None:
    """Cells that a spreadsheet computes."""
    some, lines = formulas.of_spreadsheet(path, report.format, plain.sheet)
    for line in lines:
        report.note("warning", max(line - 1, 0), "formule-calculee")
    if some and not lines:
        report.note("warning", 0, "formule-calculee")


def facts(values: Mapping[str, Any]) -> dict[str, str]:
    """Details as a report has them: texts, cut."""
    return {name: str(value)[:2_000] for name, value in values.items()}
