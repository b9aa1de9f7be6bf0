"""Reads one spreadsheet that somebody made elsewhere. Run as a program, alone, with limits (``running``): a file that
takes it over, or eats all that it may have, takes no more than that.

Arguments: ``describe FILE OUT``, ``describe FILE OUT LINE SHEET`` (the header is that line), or
``rows FILE OUT MAPPINGS`` (a JSON file: ``{digest of a header: {"sheet": name, "columns": {rank: field}, "line": where
a person says that it is}}``). What is found is written to OUT: a JSON object; or lines of JSON, the first with facts,
then ``[number of the line in the sheet, {field: [texts]}]``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from importers.tableur import recognising
from importers.tableur.reading import Line, Sheet, Unreadable, sheets

LISTS = "Listes"  # of our template: vocabularies, no places
SEEN = 300  # places of which values are looked at


def described(path: Path, line: int | None = None, only: str = "") -> dict[str, Any]:
    """The tables of a file: ``sheets``, or ``refused`` with ``column``.

    :param line: number of the line of the titles, of the sheet named ``only``; None: to be found, of every sheet.
    """
    try:
        wanted = (one for one in sheets(path) if one.name == only or (line is None and one.name != LISTS))
        found = [one for sheet in wanted if (one := _described(sheet, line))]
    except Unreadable as error:
        return {"refused": error.code}
    except recognising.OfPeopleHelped as error:
        return {"refused": "personnes-aidees", "column": error.column[:100]}
    return {"sheets": found} if found else {"refused": "sans-tableau"}


def _described(sheet: Sheet, asked: int | None) -> dict[str, Any] | None:
    first = list(islice(sheet.lines, recognising.FIRST_LINES + SEEN))
    if asked is None:
        rank = recognising.header(first)
    else:
        rank = next((rank for rank, (number, _texts) in enumerate(first) if number == asked), None)
    if rank is None:
        return None
    line, names = first[rank]
    places = [texts for _number, texts in first[rank + 1 :] if recognising.is_place(texts)]
    columns = recognising.columns(names, places)
    rows = len(places) + sum(recognising.is_place(texts) for _number, texts in sheet.lines)
    if not rows or not any(one.name for one in columns):
        return None
    return {
        "name": sheet.name, "line": line, "rows": rows, "digest": recognising.digest(names),
        "columns": [
            {"rank": one.rank, "name": one.name[:200], "field": one.field, "why": one.why, "samples": one.samples}
            for one in columns
        ],
        "mapping": recognising.default_mapping(columns),
    }  # fmt: skip


def rows(path: Path, mappings: Mapping[str, Any]) -> Iterator[Any]:
    """Facts, then the places of the first sheet whose header is known (that of the same name before others)."""
    sheet_names = [one["sheet"] for one in mappings.values()]
    chosen = _chosen(path, mappings, sheet_names) or _chosen(path, mappings, None)
    if chosen is None:
        raise Unreadable("entete-inconnu")
    name, line, mapping = chosen
    yield {"sheet": name, "line": line}
    for sheet in sheets(path):
        if sheet.name == name:
            yield from _places(sheet.lines, line, mapping)
            return


def _chosen(path: Path, mappings: Mapping[str, Any], names: list[str] | None) -> tuple[str, int, Any] | None:
    for sheet in sheets(path):
        found = None
        last = max((one.get("line") or 0 for one in mappings.values()), default=0)
        for rank, (number, texts) in enumerate(sheet.lines):
            if rank >= recognising.FIRST_LINES and (found or number > last):
                break
            known = mappings.get(recognising.digest(texts))
            if known and (names is None or known["sheet"] == sheet.name):
                here = sheet.name, number, known["columns"]
                if known.get("line") in (None, number):
                    return here
                found = found or here  # the line may have moved since a person said it
        if found:
            return found
    return None


def _places(lines: Iterator[Line], header: int, mapping: Mapping[str, str]) -> Iterator[Any]:
    ranks = sorted((int(rank), field) for rank, field in mapping.items())
    for number, texts in lines:
        if number <= header or not recognising.is_place(texts):
            continue
        found: dict[str, list[str]] = {}
        for rank, field in ranks:
            if rank < len(texts) and texts[rank]:
                found.setdefault(field, []).append(texts[rank])
        if found:
            yield [number, found]


def main(arguments: list[str]) -> None:
    """One of the two."""
    what, path, out = arguments[0], Path(arguments[1]), Path(arguments[2])
    with out.open("w", encoding="utf-8") as file:
        if what == "describe":
            json.dump(described(path, int(arguments[3]), arguments[4]) if arguments[3:] else described(path), file)
            return
        try:
            for one in rows(path, json.loads(Path(arguments[3]).read_bytes())):
                file.write(json.dumps(one) + "\n")
        except Unreadable as error:
            file.seek(0)
            file.truncate()
            file.write(json.dumps({"refused": error.code}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
