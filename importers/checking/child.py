"""Checks one file that a stranger made. Run as a program, alone, with limits (``running``): a file that takes it over,
or eats all that it may have, takes no more than that. Arguments: the file, a folder of its own. One JSON object comes
out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from importers.cartographie.columns import normal_name
from importers.cartographie.formats import NotThisSchema
from importers.checking import national_rules, tables, whole
from importers.checking.findings import Report
from importers.shallow import TooDeep


def checked(path: Path, folder: Path) -> Report:
    """All that is found out of a file. Never raises for what the file holds, but ``MemoryError``."""
    report = Report()
    titles: list[str] = []
    try:
        report.format = tables.format_of(path)
        plain = tables.rewritten(path, report.format, folder)
        titles = tables.titles_of(plain.path, report.format)
        report.schema = tables.schema_of({normal_name(title) for title in titles})
        if not report.schema:
            raise NotThisSchema("inconnu")
        _check(path, plain, titles, report)
        if not report.rows:
            raise NotThisSchema("vide")
    except NotThisSchema as error:
        # The cartography's reader has one word for all that its parser refuses.
        report.refused = "trop-profond" if isinstance(error.__cause__, TooDeep) else error.code
        if report.refused in ("inconnu", "hors-schema"):
            report.details |= whole.said_of(error.details.pop("titles", titles))
        report.details |= whole.facts(error.details)
    return report


def _check(path: Path, plain: tables.Plain, titles: list[str], report: Report) -> None:
    if report.schema == "national":
        national_rules.check(plain.path, titles, report)
    else:
        from importers.checking import inclusion_rules  # the models of v1 take a third of a second to load

        inclusion_rules.check(plain.path, report.format, report)
    whole.check_titles(titles, report)
    whole.check_cells(plain.path, report.format, titles, report)
    if report.format == "csv":
        whole.check_separator(plain.path, report)
    if plain.sheet:
        whole.check_formulas(path, plain, report)
        report.details |= whole.facts({"sheet": plain.sheet, "others": ", ".join(plain.others)})


if __name__ == "__main__":
    print(json.dumps(checked(Path(sys.argv[1]), Path(sys.argv[2])).as_dict()))
