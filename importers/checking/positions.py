"""Points that are not where the rest of the row says: far from the other places of the commune, or from the département
of the postcode. Nobody has the outlines of départements here: 160 km from the préfecture is outside of each.
"""

from __future__ import annotations

from collections import defaultdict
from math import asin, cos, radians, sin, sqrt
from statistics import median
from typing import Any, Final

from importers.checking.findings import Report
from reseau.core.territories import departement

FROM_OTHERS_KM: Final = 30.0
OTHERS: Final = 2  # places of the commune, besides this one
FROM_PREFECTURE_KM: Final = 160.0
#: Département → latitude and longitude of its préfecture, degrees WGS84, to a tenth: enough for 160 km.
_WRITTEN: Final = """
01 46.2 5.2|02 49.6 3.6|03 46.6 3.3|04 44.1 6.2|05 44.6 6.1|06 43.7 7.3|07 44.7 4.6|08 49.8 4.7
09 43.0 1.6|10 48.3 4.1|11 43.2 2.4|12 44.4 2.6|13 43.3 5.4|14 49.2 -0.4|15 44.9 2.4|16 45.7 0.2
17 46.2 -1.2|18 47.1 2.4|19 45.3 1.8|2A 41.9 8.7|2B 42.7 9.5|21 47.3 5.0|22 48.5 -2.8|23 46.2 1.9
24 45.2 0.7|25 47.2 6.0|26 44.9 4.9|27 49.0 1.2|28 48.4 1.5|29 48.0 -4.1|30 43.8 4.4|31 43.6 1.4
32 43.6 0.6|33 44.8 -0.6|34 43.6 3.9|35 48.1 -1.7|36 46.8 1.7|37 47.4 0.7|38 45.2 5.7|39 46.7 5.6
40 43.9 -0.5|41 47.6 1.3|42 45.4 4.4|43 45.0 3.9|44 47.2 -1.6|45 47.9 1.9|46 44.4 1.4|47 44.2 0.6
48 44.5 3.5|49 47.5 -0.6|50 49.1 -1.1|51 49.0 4.4|52 48.1 5.1|53 48.1 -0.8|54 48.7 6.2|55 48.8 5.2
56 47.7 -2.8|57 49.1 6.2|58 47.0 3.2|59 50.6 3.1|60 49.4 2.1|61 48.4 0.1|62 50.3 2.8|63 45.8 3.1
64 43.3 -0.4|65 43.2 0.1|66 42.7 2.9|67 48.6 7.8|68 48.1 7.4|69 45.8 4.8|70 47.6 6.2|71 46.3 4.8
72 48.0 0.2|73 45.6 5.9|74 45.9 6.1|75 48.9 2.3|76 49.4 1.1|77 48.5 2.7|78 48.8 2.1|79 46.3 -0.5
80 49.9 2.3|81 43.9 2.1|82 44.0 1.4|83 43.1 5.9|84 43.9 4.8|85 46.7 -1.4|86 46.6 0.3|87 45.8 1.3
88 48.2 6.4|89 47.8 3.6|90 47.6 6.9|91 48.6 2.4|92 48.9 2.2|93 48.9 2.4|94 48.8 2.5|95 49.0 2.1
971 16.0 -61.7|972 14.6 -61.1|974 -20.9 55.4|976 -12.8 45.2
"""
_PREFECTURES: Final = {
    code: (float(latitude), float(longitude))
    for code, latitude, longitude in (one.split() for one in _WRITTEN.replace("\n", "|").split("|") if one)
}

Point = tuple[float, float]


class Points:
    """The points of a file. ``add`` each row, ``tell`` at the end."""

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[int, Point]]] = defaultdict(list)

    def add(self, number: int, record: dict[str, Any], report: Report) -> None:
        """Keep the point of a row; note one that is outside of the département of its postcode."""
        latitude, longitude = record["latitude"], record["longitude"]
        if latitude is None or longitude is None:
            return
        point = (latitude, longitude)
        postcode = record["code_postal"]
        if postcode and _is_outside(postcode, point):
            where = f"{latitude}, {longitude}"
            report.note("warning", number, "position-hors-departement", "latitude", where, postcode)
        elif record["code_insee"]:
            self._found[record["code_insee"]].append((number, point))

    def tell(self, report: Report) -> None:
        """Note the points that are far from the middle of the other places of their commune."""
        far: list[tuple[int, Point]] = []
        for found in self._found.values():
            if len(found) > OTHERS:
                middle = (median(point[0] for _, point in found), median(point[1] for _, point in found))
                far += [one for one in found if kilometres(one[1], middle) > FROM_OTHERS_KM]
        for number, (latitude, longitude) in sorted(far):
            report.note("warning", number, "position-loin", "latitude", f"{latitude}, {longitude}")


def _is_outside(postcode: str, point: Point) -> bool:
    if postcode.startswith("20"):
        return min(kilometres(point, _PREFECTURES["2A"]), kilometres(point, _PREFECTURES["2B"])) > FROM_PREFECTURE_KM
    there = _PREFECTURES.get(departement(postcode))
    return there is not None and kilometres(point, there) > FROM_PREFECTURE_KM


def kilometres(one: Point, other: Point) -> float:
    """Distance on a sphere of 6,371 km (haversine), points in degrees."""
    (low, left), (high, right) = (map(radians, one), map(radians, other))
    half = sin((high - low) / 2) ** 2 + cos(low) * cos(high) * sin((right - left) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(min(1.0, half)))
