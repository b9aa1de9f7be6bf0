"""What a query says that is not words to look for: a health procedure, a moment of opening.

The registers do not say which procedures a place helps with: "mon espace santé" or "doctolib" are written nowhere, and
looked for word by word they find an *Espace* Numérique. When a query names a procedure (a label or alias of
``demarches``), the places that say so come first, then those that help with paperwork in general; the page says which
are which. Words of time ("ce soir", "samedi") are the filter ``ouvert``, not words of a name.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from reseau.core import text
from reseau.core.vocabularies import Term, vocabulary

#: The service that means "any procedure".
GENERAL_HELP = ("service", "aide-aux-demarches-administratives")

_MOMENTS = {
    "maintenant": "maintenant",
    "en ce moment": "maintenant",
    "ce soir": "soir",
    "le soir": "soir",
    "en soirée": "soir",
    "après 18h": "soir",
    "après 18 h": "soir",
    "samedi": "weekend",
    "dimanche": "weekend",
    "week-end": "weekend",
    "weekend": "weekend",
    "now": "maintenant",
    "this evening": "soir",
    "الآن": "maintenant",
    "هذا المساء": "soir",
}  # fmt: skip
#: Words that say nothing more once a moment is understood.
_AROUND = frozenset(
    ("ouvert", "ouverts", "ouverte", "ouvertes", "ce", "cette", "le", "la", "les", "du", "open", "مفتوح")
)


@dataclass(frozen=True, slots=True)
class Procedure:
    """A health procedure that a query names, in ``words`` words. ``rest``: the other words of the query."""

    term: Term
    words: int
    rest: str


def procedure(query: str) -> Procedure | None:
    """The procedure with the longest name in the query, or None."""
    found = [word for word in text.words(query) if word.stem is not None]
    best: tuple[int, int, Term] | None = None
    for stems, term in _names():
        for start in range(len(found) - len(stems) + 1):
            same = tuple(word.stem for word in found[start : start + len(stems)]) == stems
            if same and (best is None or len(stems) > best[1]):
                best = start, len(stems), term
    if best is None:
        return None
    start, length, term = best
    rest = [word.surface for word in (*found[:start], *found[start + length :])]
    return Procedure(term, length, " ".join(rest))


def moments(query: str) -> tuple[str, tuple[str, ...]]:
    """The query without its words of time, and the values of ``ouvert`` that they mean."""
    words = text.words(query)
    folded = [word.folded for word in words]
    taken: set[int] = set()
    codes: list[str] = []
    for phrase, code in _moments():
        for start in range(len(folded) - len(phrase) + 1):
            places = range(start, start + len(phrase))
            if tuple(folded[start : start + len(phrase)]) == phrase and taken.isdisjoint(places):
                taken.update(places)
                codes.append(code)
    if not codes:
        return query, ()
    kept = [word.surface for at, word in enumerate(words) if at not in taken and word.folded not in _AROUND]
    return " ".join(kept), tuple(dict.fromkeys(codes))


@functools.cache
def _names() -> Sequence[tuple[tuple[str, ...], Term]]:
    names = {
        tuple(text.stems(spelling)): term
        for term in vocabulary("demarches").terms
        for spelling in (term.code, *term.labels.values(), *term.aliases)
    }
    return [(stems, term) for stems, term in names.items() if stems]


@functools.cache
def _moments() -> Sequence[tuple[tuple[str, ...], str]]:
    phrases = [(tuple(word.folded for word in text.words(phrase)), code) for phrase, code in _MOMENTS.items()]
    return sorted(phrases, key=lambda pair: -len(pair[0]))
