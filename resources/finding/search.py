"""A search of the resources: the text engine ranks, the facts filter, count and sort (see ``directory.search``).

Same criteria, same snapshot, same reader → same answer in the same order: the last tie is broken by title, then id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from reseau.search.protocol import Engine, Match
from resources.base.models import KIND
from resources.finding.documents import NETWORK_KIND
from resources.finding.facts import Facts, Mask
from resources.finding.params import FILTERS, PAGE_SIZE, Criteria, Sort, codes

Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. ``ids``: resources of the page asked for. ``everything``: how many there are for this reader.

    ``loosened``: no resource had all the words, these have some. ``unused``: (parameter, value) that were understood
    and mean nothing here. ``criteria``: what was looked for in the end (see ``Criteria.literal``).
    """

    total: int
    ids: list[UUID]
    page: int
    pages: int
    sort: Sort
    facets: Facets
    marks: frozenset[tuple[str, ...]]
    corrections: tuple[tuple[str, str], ...]
    loosened: bool
    unused: tuple[tuple[str, str], ...]
    everything: int
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class _Text:
    scores: NDArray[np.float32]
    marks: frozenset[tuple[str, ...]]
    corrections: tuple[tuple[str, str], ...]


class ResourceSearch:
    """Searches one snapshot. :param network: for whoever belongs to the network: what only it may read is there too.
    :param also: see ``Engine.rank``."""

    def __init__(self, facts: Facts, engine: Engine, *, network: bool, also: Sequence[str] = ()) -> None:
        self.facts, self.engine, self.also = facts, engine, also
        self.kinds = (KIND, NETWORK_KIND) if network else (KIND,)
        self.visible = facts.visible(network)

    def find(self, criteria: Criteria, page_size: int = PAGE_SIZE, useful: Mapping[UUID, float] | None = None) -> Found:
        """Answer the criteria. :param useful: how useful each resource was found, for that order."""
        found = self._find(criteria, page_size, useful)
        if found.total or (literal := criteria.literal) is None:
            return found
        again = self._find(literal, page_size, useful)
        return again if again.total else found

    def _find(self, criteria: Criteria, page_size: int, useful: Mapping[UUID, float] | None) -> Found:
        masks = {name: self.facts.having(name, asked) for name, asked in criteria.filters.items()}
        filtered = self.visible.copy()
        for mask in masks.values():
            filtered &= mask
        text, exact = self._text(criteria.q, filtered)
        base = self.visible if text is None else self.visible & (text.scores > 0)
        kept = filtered if text is None else filtered & (text.scores > 0)
        sort: Sort = criteria.sort or ("pertinence" if criteria.q else "date")
        if sort == "pertinence" and not criteria.q:
            sort = "date"
        order = self._order(kept, sort, text, useful or {})
        pages = max(1, -(-len(order) // page_size))
        page = criteria.page if criteria.page <= pages else 1
        rows = order[(page - 1) * page_size : page * page_size].tolist()
        return Found(
            total=len(order),
            ids=[self.facts.items[row].id for row in rows],
            page=page,
            pages=pages,
            sort=sort,
            facets=self._facets(base, masks) if exact is None else self._loose_facets(base, exact, masks),
            marks=text.marks if text else frozenset(),
            corrections=text.corrections if text else (),
            loosened=exact is not None,
            unused=tuple(_unused(criteria, page, sort)),
            everything=int(np.count_nonzero(self.visible)),
            criteria=criteria,
        )

    def _text(self, query: str, filtered: Mask) -> tuple[_Text | None, Mask | None]:
        """Scores by row. When no resource that passes the filters has all the words: those that have some and, second,
        which of those that may be seen have all."""
        if not query:
            return None, None
        text = self._rank(query, "all")
        exact = self.visible & (text.scores > 0)
        if (filtered & exact).any():
            return text, None
        some = self._rank(query, "any")
        return (some, exact) if (filtered & (some.scores > 0)).any() else (text, None)

    def _rank(self, query: str, match: Match) -> _Text:
        scores = np.zeros(len(self.facts), dtype=np.float32)
        marks: frozenset[tuple[str, ...]] = frozenset()
        corrections: tuple[tuple[str, str], ...] = ()
        for ranking in self.engine.rank_each(query, self.kinds, match=match, also=(*self.kinds, *self.also)):
            rows = self.facts.rows_of(ranking.universe)[ranking.positions]
            known = rows >= 0
            scores[rows[known]] = ranking.scores[known]
            marks |= ranking.marks
            # What was understood otherwise, said only if it found something.
            if known.any() and not corrections:
                corrections = ranking.corrections
        return _Text(scores, marks, corrections)

    def _order(self, kept: Mask, sort: Sort, text: _Text | None, useful: Mapping[UUID, float]) -> NDArray[np.int64]:
        rows = np.flatnonzero(kept)  # rows are in order of title, then id: a stable sort breaks ties by them
        if sort == "pertinence" and text is not None:
            return rows[np.argsort(-text.scores[rows], kind="stable")]
        if sort == "date":
            return rows[np.argsort(self.facts.by_date[rows], kind="stable")]
        if sort == "utile":
            scores = np.array([useful.get(self.facts.items[row].id, 0.0) for row in rows.tolist()], dtype=np.float64)
            return rows[np.argsort(-scores, kind="stable")]
        return rows

    def _facets(self, base: Mask, masks: Mapping[str, Mask]) -> dict[str, dict[str, int]]:
        """For each value, how many resources one would get by choosing it alone in its filter, the others unchanged."""
        counts: dict[str, dict[str, int]] = {}
        for name in FILTERS:
            context = base.copy()
            for other, mask in masks.items():
                if other != name:
                    context &= mask
            counts[name] = {code: self._count(context, name, code) for code in codes(name, self.facts.languages)}
        return counts

    def _loose_facets(self, base: Mask, exact: Mask, masks: Mapping[str, Mask]) -> dict[str, dict[str, int]]:
        """The same when some of the words were enough: a value with resources that have all gives only those."""
        loose, precise = self._facets(base, masks), self._facets(exact, masks)
        return {name: {code: precise[name][code] or n for code, n in counts.items()} for name, counts in loose.items()}

    def _count(self, context: Mask, name: str, code: str) -> int:
        mask = self.facts.terms.get((name, code))
        return 0 if mask is None else int(np.count_nonzero(context & mask))


def _unused(criteria: Criteria, page: int, sort: Sort) -> Iterator[tuple[str, str]]:
    """What was understood and means nothing here: nothing to be relevant to, a page after the last."""
    if criteria.sort is not None and criteria.sort != sort:
        yield "tri", criteria.sort
    if criteria.page != page:
        yield "page", str(criteria.page)
