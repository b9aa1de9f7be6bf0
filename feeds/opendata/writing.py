"""Files of places: CSV, JSON and GeoJSON of the national standard, written piece by piece."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from feeds.opendata.national import NUMBERS, Unsaid, row
from feeds.opendata.reading import Place
from importers.cartographie.columns import FIELDS
from reseau.core.cells import harmless

Rows = Iterable[Mapping[str, str]]
BOM: Final = "\ufeff"


def rows(places: Iterable[Place], site: str, unsaid: Counter[str]) -> Iterator[dict[str, str]]:
    """Rows of the places that the standard can say; ``unsaid`` counts the others, by the field that they lack."""
    for place in places:
        try:
            yield row(place.row, place.parts, site)
        except Unsaid as error:
            unsaid[error.field] += 1


def as_csv(found: Rows) -> Iterator[str]:
    """Comma, UTF-8, LF, every value quoted (RFC 4180), as the national file is."""
    yield _line(FIELDS, ",")
    for one in found:
        yield _line((one[name] for name in FIELDS), ",")


def as_spreadsheet(found: Rows) -> Iterator[str]:
    """For a spreadsheet of a French computer: ``;``, a BOM, no cell that would run as a formula."""
    yield BOM + _line(FIELDS, ";")
    for one in found:
        yield _line((harmless(one[name]) for name in FIELDS), ";")


def as_json(found: Rows) -> Iterator[str]:
    """A flat array as the national file: lists as ``|`` texts, keys without value left out."""
    return array((_object(one) for one in found), "[", "]")


def as_geojson(found: Rows) -> Iterator[str]:
    """A FeatureCollection (RFC 7946); a place without a point has no geometry."""
    return array((_feature(one) for one in found), '{"type":"FeatureCollection","features":[', "]}")


def array(items: Iterable[str], head: str, tail: str) -> Iterator[str]:
    """A JSON array of items that are JSON already, one a line. :param head, tail: around them."""
    before = head + "\n"
    for item in items:
        yield before + item
        before = ",\n"
    yield ("\n" if before == ",\n" else before) + tail + "\n"


def _line(cells: Iterable[str], delimiter: str) -> str:
    return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def _object(one: Mapping[str, str]) -> str:
    # Numbers by hand: json would write 1e-05, which some readers of the national file refuse.
    pairs = (f"{json.dumps(name)}:{text(name, one[name])}" for name in FIELDS if one[name])
    return "{" + ",".join(pairs) + "}"


def text(name: str, value: str) -> str:
    """A value as JSON."""
    return value if name in NUMBERS else json.dumps(value, ensure_ascii=False)


def _feature(one: Mapping[str, str]) -> str:
    point = f'{{"type":"Point","coordinates":[{one["longitude"]},{one["latitude"]}]}}' if one["latitude"] else "null"
    return f'{{"type":"Feature","geometry":{point},"properties":{_object(one)}}}'
