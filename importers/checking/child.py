"""Checks one file that a stranger made. Run as a program, alone, with limits (``running``): a file that takes it over,
or eats all that it may have, takes no more than that. Arguments: the file, a folder of its own. One JSON object comes
out.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from importers.cartographie.formats import NotThisSchema
from importers.checking import national_rules, tables
from importers.checking.findings import Report

MAX_MEMORY = 900_000_000  # bytes of addresses
MAX_CPU = 20  # seconds
MAX_OUTPUT = 70_000_000  # bytes of one file that is written


def limit() -> None:
    """Take from this process what it does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_CPU), (resource.RLIMIT_FSIZE, MAX_OUTPUT),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
    ):  # fmt: skip
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def checked(path: Path, folder: Path) -> Report:
    """All that is found out of a file. Never raises for what the file holds, but ``MemoryError``."""
    report = Report()
    try:
        report.format = tables.format_of(path)
        plain = tables.rewritten(path, report.format, folder)
        names = tables.names_of(plain, report.format)
        report.schema = tables.schema_of(names)
        if not report.schema:
            raise NotThisSchema("inconnu", columns=", ".join(sorted(filter(None, names))[:20]))
        if report.schema == "national":
            national_rules.check(plain, report)
        else:
            from importers.checking import inclusion_rules  # the models of v1 take a third of a second to load

            inclusion_rules.check(plain, report.format, report)
        if not report.rows:
            raise NotThisSchema("vide")
    except NotThisSchema as error:
        report.refused = error.code
        report.details |= {name: str(value)[:400] for name, value in error.details.items()}
    return report


if __name__ == "__main__":
    limit()
    print(json.dumps(checked(Path(sys.argv[1]), Path(sys.argv[2])).as_dict()))
