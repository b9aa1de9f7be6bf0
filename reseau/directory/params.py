"""The parameters of ``/annuaire``: read, checked, written back. What makes no sense is ignored and said so.

One place knows them all, so that list, map, JSON, print and links agree. Values are vocabulary codes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

from reseau.core.asked import Asked
from reseau.core.communes import Commune, communes
from reseau.core.vocabularies import vocabulary
from reseau.directory import understanding
from reseau.directory.facts import FACETS, LABEL_LOCAL, OUVERT, RDV

PAGE_SIZE = 20
MAX_QUERY = 200
MAX_RADIUS_KM = 200.0
MAX_PAGE = 10_000
EXTRA = {"modalite": ("itinerant",)}
FILTERS: tuple[str, ...] = (
    "ouvert", "service", "demarche", "public", "prise_en_charge", "frais", "rdv", "modalite", "programme", "label",
    "label-local",
)  # fmt: skip
Sort = Literal["pertinence", "distance", "nom", "date"]
SORTS: tuple[Sort, ...] = ("pertinence", "distance", "nom", "date")
_PHONE = re.compile(r"0\d(?:[ .-]?\d\d){4}")


@dataclass(frozen=True, slots=True)
class Where:
    """A place as it was asked for: communes, a postcode, or both when five digits are a postcode and, elsewhere, an
    INSEE code (59100 is the postcode of Roubaix and the code of another commune)."""

    text: str
    communes: tuple[Commune, ...] = ()
    postcode: str = ""
    corrected: bool = False

    @property
    def label(self) -> str:
        """What the page calls it."""
        return ", ".join(filter(None, (self.postcode, *(commune.name for commune in self.communes))))


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is asked of the directory. ``filters``: parameter → codes, in their order. ``ignored``: (name, value)."""

    q: str = ""
    where: Where | None = None
    point: tuple[float, float] | None = None
    radius_km: float | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort | None = None
    page: int = 1
    ignored: tuple[tuple[str, str], ...] = ()

    def query(self, **changes: Any) -> str:
        """The query string that asks for the same, with some fields replaced (``page=2``), in a fixed order.

        Without ``page``, it is page 1: a link that changes what is asked starts again at the beginning.
        """
        asked = replace(self, **{"page": 1, **changes})
        pairs: list[tuple[str, str]] = [("q", asked.q)] if asked.q else []
        if asked.where:
            pairs.append(("commune", asked.where.text))
        if asked.point:
            pairs += [("lat", _number(asked.point[0])), ("lon", _number(asked.point[1]))]
        if asked.radius_km:
            pairs.append(("rayon", _number(asked.radius_km)))
        pairs += [(name, code) for name in FILTERS for code in asked.filters.get(name, ())]
        if asked.sort:
            pairs.append(("tri", asked.sort))
        if asked.page > 1:
            pairs.append(("page", str(asked.page)))
        return urlencode(pairs)

    def without(self, parameter: str, code: str) -> str:
        """The query string with one filter value taken away."""
        kept = tuple(value for value in self.filters.get(parameter, ()) if value != code)
        return self.query(filters={**self.filters, parameter: kept})


def codes(parameter: str) -> tuple[str, ...]:
    """All values of a filter, in the order in which they are shown."""
    if parameter == "ouvert":
        return OUVERT
    if parameter == "rdv":
        return RDV
    if parameter == "label-local":
        return LABEL_LOCAL
    return (*(term.code for term in vocabulary(FACETS[parameter][1]).terms), *EXTRA.get(parameter, ()))


def read(pairs: Iterable[tuple[str, str]]) -> Criteria:
    """Read the parameters of a request; never raises.

    :param pairs: decoded (name, value) pairs, repeated names allowed. Unknown names are left alone (``langue``…).
    """
    return _Reader(pairs).criteria()


class _Reader(Asked):
    def criteria(self) -> Criteria:
        query, moments = self._moments(self.words(MAX_QUERY))
        query = self.meaning(query)
        point = self._point()
        where = self._where()
        return Criteria(
            q=query,
            where=where,
            point=point,
            radius_km=self._radius(located=point is not None or where is not None),
            filters={name: found for name in FILTERS if (found := self._filter(name, moments))},
            sort=self.sort(SORTS),
            page=self.page(MAX_PAGE),
            ignored=tuple(self.ignored),
        )

    def _float(self, name: str, low: float, high: float) -> float | None:
        if not (text := self.one(name)):
            return None
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if low <= value <= high:
            return value
        self.ignore(name, text)
        return None

    def _point(self) -> tuple[float, float] | None:
        latitude, longitude = self._float("lat", -90, 90), self._float("lon", -180, 180)
        if latitude is not None and longitude is not None:
            return latitude, longitude
        for name, value in (("lat", latitude), ("lon", longitude)):
            if value is not None:
                self.ignore(name, _number(value))
        return None

    def _where(self) -> Where | None:
        if not (text := self.one("commune")):
            return None
        found = find_commune(text)
        if found is None:
            self.ignore("commune", text)
        return found

    def _radius(self, located: bool) -> float | None:
        radius = self._float("rayon", 0.05, MAX_RADIUS_KM)
        if radius is not None and not located:
            self.ignore("rayon", _number(radius))
            return None
        return radius

    def _moments(self, query: str) -> tuple[str, tuple[str, ...]]:
        """Words of time become values of ``ouvert``; digits of a telephone number are written together."""
        found: tuple[str, ...] = ()
        if _PHONE.fullmatch(query):
            return re.sub(r"\D", "", query), found
        while True:  # what is left may be words of time in its turn ("ce samedi soir")
            query, more = understanding.moments(query)
            if not more:
                return query, found
            found += more

    def _filter(self, name: str, moments: tuple[str, ...]) -> tuple[str, ...]:
        known, asked = codes(name), set(moments if name == "ouvert" else ())
        for value in self.values.get(name, ()):
            term = vocabulary(FACETS[name][1]).find(value) if name in FACETS and value not in known else None
            code = term.code if term else value
            if code in known:
                asked.add(code)
            else:
                self.ignore(name, value)
        return tuple(code for code in known if code in asked)


def find_commune(text: str) -> Where | None:
    """What a person means by a commune: an INSEE code, a postcode, a name, or ``59100 Roubaix``; None if nothing.

    A name with a typing error is understood when only one name is that near. Five digits that are both a code and a
    postcode mean both: a guess would lose the places that were meant.
    """
    text = text[:100].strip()
    known = communes()
    commune, postcode = known.by_code(text.upper()), text if known.by_postcode(text) else ""
    if commune or postcode:
        return Where(text, (commune,) if commune else (), postcode)
    words = re.split(r"[\s,()]+", text)
    number = next((word for word in words if len(word) == 5 and word.isdigit()), None)
    name = " ".join(word for word in words if word and word != number)
    if number and (found := known.resolve(name, number)):
        return Where(text, (found,))
    if named := known.by_name(name):
        return Where(text, tuple(named))
    near = known.nearest(name)
    return Where(text, tuple(near), corrected=True) if near else None


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
