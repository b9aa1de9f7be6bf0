"""The parameters of ``/ressources``: read, checked, written back. What makes no sense is ignored and said so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

from reseau.core.asked import Asked
from reseau.core.vocabularies import vocabulary
from resources.base import langs
from resources.base.shapes import NIVEAUX, PLURALS, Kind
from resources.finding import understanding
from resources.finding.facts import FACETS

PAGE_SIZE = 20
MAX_QUERY = 200
MAX_PAGE = 10_000
MAX_LANGUAGES = 20
FILTERS: tuple[str, ...] = ("type", "theme", "demarche", "public", "niveau", "support", "langue_contenu", "licence")
Sort = Literal["pertinence", "date", "titre", "utile"]
SORTS: tuple[Sort, ...] = ("pertinence", "date", "titre", "utile")
_VOCABULARIES = {name: known for name, (_, known) in FACETS.items()} | {"licence": "licences"}
_KINDS = {plural: kind.value for kind, plural in PLURALS.items()}


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is asked. ``filters``: parameter → codes, in their order. ``ignored``: (name, value).

    ``understood``: (parameter, code) of the filters that the words of the query said. ``words``: what to look for
    instead when no resource of the kind that they said answers. ``typed``: the query, whatever it was understood as.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort | None = None
    page: int = 1
    ignored: tuple[tuple[str, str], ...] = ()
    understood: tuple[tuple[str, str], ...] = ()
    words: str = ""
    typed: str = ""

    @property
    def literal(self) -> Criteria | None:
        """The same, with what was taken for a kind of resource as words; None when nothing was."""
        if not self.words:
            return None
        said = {code for name, code in self.understood if name == understanding.KIND}
        kinds = tuple(code for code in self.filters.get(understanding.KIND, ()) if code not in said)
        left = tuple(pair for pair in self.understood if pair[0] != understanding.KIND)
        filters = {**self.filters, understanding.KIND: kinds}
        filters = {name: filters[name] for name in FILTERS if filters.get(name)}
        return replace(self, q=self.words, filters=filters, understood=left, words="")

    def query(self, **changes: Any) -> str:
        """The query string that asks for the same, with some fields replaced, in a fixed order; page 1 unless said."""
        asked = replace(self, **{"page": 1, **changes})
        pairs: list[tuple[str, str]] = [("q", asked.q)] if asked.q else []
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


def codes(parameter: str, languages: Iterable[str] = ()) -> tuple[str, ...]:
    """All values of a filter, in the order in which they are shown.

    :param languages: those of the contents that there are: any language is possible.
    """
    if parameter == "type":
        return tuple(kind.value for kind in Kind)
    if parameter == "niveau":
        return tuple(NIVEAUX)
    if parameter == "langue_contenu":
        return tuple(dict.fromkeys((*langs.OFFERED, *languages)))
    return tuple(term.code for term in vocabulary(_VOCABULARIES[parameter]).terms)


def read(pairs: Iterable[tuple[str, str]]) -> Criteria:
    """Read the parameters of a request; never raises.

    :param pairs: decoded (name, value) pairs, repeated names allowed. Unknown names are left alone (``langue``…).
    """
    return _Reader(pairs).criteria()


class _Reader(Asked):
    def criteria(self) -> Criteria:
        query = self.meaning(self.words(MAX_QUERY))
        said = understanding.asked(query)
        filters = {name: found for name in FILTERS if (found := self._filter(name, said.codes(name)))}
        sort, page = self.sort(SORTS), self.page(MAX_PAGE)
        return Criteria(said.rest, filters, sort, page, tuple(self.ignored), said.filters, said.words, query)

    def _filter(self, name: str, said: tuple[str, ...]) -> tuple[str, ...]:
        asked = set(said)
        for value in self.values.get(name, ()):
            room = name != "langue_contenu" or len(asked) < MAX_LANGUAGES  # the only filter whose values are endless
            if (code := _code(name, value)) and (room or code in asked):
                asked.add(code)
            else:
                self.ignore(name, value)
        return tuple(code for code in codes(name, sorted(asked)) if code in asked)


def _code(name: str, value: str) -> str | None:
    """The code that a value means, or None."""
    if name == "langue_contenu":
        return langs.tag(value)
    if name == "type":
        value = _KINDS.get(value, value)
    elif name in _VOCABULARIES and (term := vocabulary(_VOCABULARIES[name]).find(value)):
        return term.code
    return value if value in codes(name) else None
