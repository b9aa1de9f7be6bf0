"""A search of the directory: the text engine ranks, the facts filter, count, measure and sort.

Same criteria, same snapshot of the log, same minute → same answer in the same order: the last tie is always broken by
name, then id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from reseau.core.communes import communes, fold_name
from reseau.core.vocabularies import Term
from reseau.directory.facts import Facts, Mask
from reseau.directory.models import KIND
from reseau.directory.params import FILTERS, PAGE_SIZE, Criteria, Sort, Where, codes
from reseau.directory.understanding import GENERAL_HELP, Procedure, procedure
from reseau.search.protocol import Engine

PRECISE = 100.0


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. ``rows``: places of the page asked for, as rows of the facts.

    ``distances``: metres by row, or None when nothing says from where. ``loosened``: no place had all the words, these
    have some of them. ``unused``: (parameter, value) that were understood and mean nothing here. ``unlocated``:
    places that a map cannot show. ``procedure``: the health procedure that the words name: ``precise`` places say that
    they help with it, and come first; the others help with paperwork in general. ``without_hours``: places that a
    filter on hours left out because theirs are not known.
    """

    total: int
    rows: list[int]
    page: int
    pages: int
    sort: Sort
    facets: Mapping[str, Mapping[str, int]]
    distances: NDArray[np.float64] | None
    open_now: Mask
    marks: frozenset[tuple[str, ...]]
    corrections: tuple[tuple[str, str], ...]
    loosened: bool
    unused: tuple[tuple[str, str], ...]
    unlocated: int
    procedure: Term | None
    precise: int
    without_hours: int


class DirectorySearch:
    """Searches one snapshot. :param now: aware; what "open now" means. :param also: see ``Engine.rank``."""

    def __init__(self, facts: Facts, engine: Engine, now: datetime, also: Sequence[str] = ()) -> None:
        self.facts, self.engine, self.also = facts, engine, also
        self.open_now = facts.open_at(now)
        #: Values of filters that depend on the moment: no column knows them.
        self.now: Mapping[tuple[str, str], Mask] = MappingProxyType({
            ("ouvert", "maintenant"): self.open_now,
            ("label-local", "oui"): facts.labelled(now.astimezone(facts.timezone).date()),
        })  # fmt: skip

    def find(self, criteria: Criteria, page_size: int = PAGE_SIZE) -> Found:
        """Answer the criteria. :param page_size: places a page."""
        place, distances = self._where(criteria)
        masks = {name: self._filter(name, asked) for name, asked in criteria.filters.items()}
        filtered = place.copy()
        for mask in masks.values():
            filtered &= mask
        text, exact, named = self._text(criteria.q, filtered)
        base = place if text is None else place & (text.scores > 0)
        kept = filtered if text is None else filtered & (text.scores > 0)
        sort = self._sort(criteria, distances is not None)
        order = self._order(kept, sort, text, distances)
        pages = max(1, -(-len(order) // page_size))
        page = criteria.page if criteria.page <= pages else 1
        return Found(
            total=len(order),
            rows=order[(page - 1) * page_size : page * page_size].tolist(),
            page=page,
            pages=pages,
            sort=sort,
            facets=self._facets(base, masks) if exact is None else self._loose_facets(base, place & exact, masks),
            distances=distances,
            open_now=self.open_now,
            marks=text.marks if text else frozenset(),
            corrections=text.corrections if text else (),
            loosened=exact is not None,
            unused=tuple(_unused(criteria, page, distances is not None)),
            unlocated=int(np.count_nonzero(np.isnan(self.facts.latitude[order]))),
            procedure=named.term if named else None,
            precise=int(np.count_nonzero(text.scores[order] > PRECISE)) if named and text else 0,
            without_hours=self._without_hours(base, masks),
        )

    def _where(self, criteria: Criteria) -> tuple[Mask, NDArray[np.float64] | None]:
        """Where it may be, and how far it is from the point asked for or from the middle of the commune."""
        inside = in_place(self.facts, criteria.where) if criteria.where else None
        point = criteria.point
        if point is None and inside is not None and criteria.radius_km:
            point = self.facts.centre(inside)
        distances = None if point is None else self.facts.distances(*point)
        if distances is None:
            return (self.facts.everything() if inside is None else inside), None
        if criteria.radius_km is None:
            return (self.facts.everything() if inside is None else inside), distances
        near = np.nan_to_num(distances, nan=np.inf) <= criteria.radius_km * 1000
        if inside is None:
            return near, distances
        # A place of the commune without a position is still in the commune: a radius does not lose it. Around the
        # commune the radius adds its neighbours; around a point it is one more condition.
        return (inside & (near | np.isnan(distances)) if criteria.point else near | inside), distances

    def _filter(self, name: str, asked: Sequence[str]) -> Mask:
        mask = self.facts.having(name, asked)
        for code in asked:
            if (name, code) in self.now:
                mask |= self.now[name, code]
        return mask

    def _text(self, query: str, filtered: Mask) -> tuple[_Text | None, Mask | None, Procedure | None]:
        """Scores by row. When no place that passes the filters has all the words: those that have some, and, second,
        which places (that the filters leave out) have all. Third: the procedure that the words name."""
        if not query:
            return None, None, None
        if named := procedure(query):
            return self._procedure(named, query), None, named
        text = self._rank(query, "all")
        exact = text.scores > 0
        if (filtered & exact).any():
            return text, None, None
        some = self._rank(query, "any")
        return (some, exact, None) if (filtered & (some.scores > 0)).any() else (text, None, None)

    def _procedure(self, named: Procedure, query: str) -> _Text:
        """Places that say the procedure and the other words, above ``PRECISE``; then those of general help, those with
        more of the words first."""
        some = self._rank(query, "any")
        says = self.facts.having("demarche", [named.term.code])
        if named.words == 1:  # it may be written in a name or a text; several would be found scattered
            says |= self._rank(query, "all").scores > 0
        if named.rest:
            says &= self._rank(named.rest, "all").scores > 0
        general = self.facts.having(*GENERAL_HELP[:1], GENERAL_HELP[1:])
        closeness = some.scores / (1 + some.scores)
        scores = np.where(says, PRECISE + 1 + closeness, np.where(general, 1 + closeness, 0)).astype(np.float32)
        return _Text(scores, some.marks, some.corrections)

    def _without_hours(self, base: Mask, masks: Mapping[str, Mask]) -> int:
        """Places left out by the filter on hours only because theirs are unknown."""
        if "ouvert" not in masks:
            return 0
        context = base & ~self.facts.known_hours
        for name, mask in masks.items():
            if name != "ouvert":
                context &= mask
        return int(np.count_nonzero(context))

    def _rank(self, query: str, match: str) -> _Text:
        ranking = self.engine.rank(query, KIND, match="all" if match == "all" else "any", also=self.also)
        scores = np.zeros(len(self.facts), dtype=np.float32)
        rows = self.facts.rows_of(ranking.universe)[ranking.positions]
        known = rows >= 0
        scores[rows[known]] = ranking.scores[known]
        return _Text(scores, ranking.marks, ranking.corrections)

    def _sort(self, criteria: Criteria, measured: bool) -> Sort:
        """The order asked for if it means something here, else the one a person would expect."""
        if criteria.sort in ("nom", "date"):
            return criteria.sort
        if criteria.sort == "distance" and measured:
            return "distance"
        if criteria.q and criteria.sort in (None, "pertinence", "distance"):
            return "pertinence"
        return "distance" if measured else "nom"

    def _order(
        self, kept: Mask, sort: Sort, text: _Text | None, distances: NDArray[np.float64] | None
    ) -> NDArray[np.int64]:
        rows = np.flatnonzero(kept)  # rows are in order of name, then id: a stable sort breaks ties by them
        if sort == "pertinence" and text is not None:
            return rows[np.argsort(-text.scores[rows], kind="stable")]
        if sort == "distance" and distances is not None:
            return rows[np.argsort(np.nan_to_num(distances[rows], nan=np.inf), kind="stable")]
        if sort == "date":
            return rows[np.argsort(self.facts.by_date[rows], kind="stable")]
        return rows

    def _facets(self, base: Mask, masks: Mapping[str, Mask]) -> dict[str, dict[str, int]]:
        """For each value, how many places one would get by choosing it alone in its filter, the others unchanged."""
        counts: dict[str, dict[str, int]] = {}
        for name in FILTERS:
            context = base.copy()
            for other, mask in masks.items():
                if other != name:
                    context &= mask
            counts[name] = {code: self._count(context, name, code) for code in codes(name)}
        return counts

    def _loose_facets(self, base: Mask, exact: Mask, masks: Mapping[str, Mask]) -> dict[str, dict[str, int]]:
        """The same when some of the words were enough: a value with places that have all of them gives only those."""
        loose, precise = self._facets(base, masks), self._facets(exact, masks)
        return {name: {code: precise[name][code] or n for code, n in counts.items()} for name, counts in loose.items()}

    def _count(self, context: Mask, name: str, code: str) -> int:
        mask = self.now[name, code] if (name, code) in self.now else self.facts.terms.get((name, code))
        return 0 if mask is None else int(np.count_nonzero(context & mask))


def _unused(criteria: Criteria, page: int, measured: bool) -> Iterator[tuple[str, str]]:
    """What was understood and means nothing here: nothing to measure from, a page after the last."""
    if criteria.radius_km and not measured:
        yield "rayon", f"{criteria.radius_km:g}"
    if criteria.sort == "distance" and not measured:
        yield "tri", "distance"
    if criteria.page != page:
        yield "page", str(criteria.page)


@dataclass(frozen=True, slots=True)
class _Text:
    scores: NDArray[np.float32]
    marks: frozenset[tuple[str, ...]]
    corrections: tuple[tuple[str, str], ...]


def in_place(facts: Facts, where: Where) -> Mask:
    """Places of a commune or postcode. A commune that has no other postcode is all in it, whatever its places wrote
    (CEDEX, a wrong digit: 3 of the 39 of Roubaix)."""
    mask = facts.in_postcode(where.postcode) if where.postcode else ~facts.everything()
    whole = (commune for commune in communes().by_postcode(where.postcode) if len(commune.postcodes) == 1)
    for commune in (*where.communes, *whole):
        mask |= facts.in_commune(commune.code, fold_name(commune.name))
    return mask
