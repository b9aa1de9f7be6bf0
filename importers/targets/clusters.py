"""Which entries of feeds tell the same news. Pure; see ``docs/decisions/023-watch.md`` for what was measured.

Better two lines about one thing than one line that hides another thing: whoever sorts sees two lines at a glance.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from rapidfuzz import fuzz, process

from importers.targets.texts import url_key
from reseau.core.text import fold, stems

WITHIN = timedelta(days=14)
FIRST_LOOK = 60
"""Of whole titles: what is below is not looked at."""
THRESHOLD = 90
"""Of ``fuzz.token_set_ratio`` on folded titles: a first, cheap look; the words decide."""
LEAST_WORDS = 4
"""Words with a meaning that two titles share at least: "Revue de presse" is the title of many things."""
MOST_MORE = 0.75
"""How many words one title may have more than the other, as a share of the other's."""
TYPO = 85
MOST_TYPOS = 2
"""Words of a title that may be written otherwise in the other (by ``TYPO``), for them to be compared at all."""
_HEAD = re.compile(r"^(.{3,60}?)\s*[:|–—]\s+(?=\S)")
_NUMBER = re.compile(r"\d+")
#: Words that make another news of the same words.
_TURNS = frozenset(
    ("pas", "non", "sans", "plus", "fin", "annule", "annulee", "annules", "annulees", "annulation", "report", "reporte",
     "reportee", "reportes", "suspendu", "suspendue", "suspension", "dementi", "fermeture", "reouverture")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is there. ``at``: when it was published, else seen. ``source``: which feed."""

    cluster: UUID
    source: UUID
    url: str
    title: str
    at: datetime


def near_same(left: str, right: str) -> bool:
    """Whether two titles of different feeds announce one thing.

    What both begin with ("Communiqué de presse : …") says nothing. The words of one must all be in the other, up to a
    letter; numbers must be the same; and there must be enough words.
    """
    left, right = _without_head(left, right)
    if fuzz.token_set_ratio(fold(left), fold(right)) < THRESHOLD:
        return False
    if set(_NUMBER.findall(left)) != set(_NUMBER.findall(right)) or _turns(left) != _turns(right):
        return False
    few, many = sorted((_words(left), _words(right)), key=len)
    if len(few) < LEAST_WORDS or len(many) > len(few) * (1 + MOST_MORE):
        return False
    return all(word in many or any(fuzz.ratio(word, other) >= TYPO for other in many) for word in few)


def _without_head(left: str, right: str) -> tuple[str, str]:
    heads = _HEAD.match(left), _HEAD.match(right)
    if heads[0] and heads[1] and fold(heads[0][1]) == fold(heads[1][1]):
        return left[heads[0].end() :], right[heads[1].end() :]
    return left, right


def _turns(title: str) -> frozenset[str]:
    return _TURNS.intersection(fold(title).split())


@lru_cache(maxsize=4096)
def _words(title: str) -> frozenset[str]:
    return frozenset(stems(title))


@dataclass
class Clusters:
    """Entries that are known, to find the one that tells the same as a new one.

    By their words: of thousands of titles, only the few that share rare words with a new one are compared with it.
    """

    known: list[Known] = field(default_factory=list)
    _by_url: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    _words: list[frozenset[str]] = field(default_factory=list)
    _by_word: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, known: Iterable[Known]) -> Clusters:
        """Of entries in any order."""
        made = cls()
        for one in known:
            made.add(one)
        return made

    def add(self, one: Known) -> None:
        """One more."""
        words = frozenset(stems(one.title))
        for word in words:
            self._by_word[word].append(len(self.known))
        self.known.append(one)
        self._words.append(words)
        if key := url_key(one.url):
            self._by_url[key].append(one)

    def find(self, source: UUID, url: str, title: str, at: datetime) -> UUID | None:
        """The cluster of the same news, or None.

        The same address in two feeds is the same news; in one feed it is when the titles say so too (some feeds link
        all that they say to one page). Near titles count only between feeds: in one feed they are a series.
        """
        for one in self._by_url.get(url_key(url), ()):
            if one.source != source or fold(one.title) == fold(title) or near_same(one.title, title):
                return one.cluster
        near = [self.known[place] for place in self._candidates(title)]
        near = [one for one in near if one.source != source and abs(one.at - at) <= WITHIN]
        folded = {place: fold(one.title) for place, one in enumerate(near)}
        scores = process.extract(
            fold(title), folded, scorer=fuzz.token_set_ratio, score_cutoff=FIRST_LOOK, limit=None
        )  # fmt: skip
        return next((near[place].cluster for _, _, place in scores if near_same(near[place].title, title)), None)

    def _candidates(self, title: str) -> list[int]:
        """Places of what shares enough words with a title to be near it, in the order in which they came.

        ``near_same`` wants all words of the one in the other, which has at most ``MOST_MORE`` more: so two near titles
        share ``least`` words, but for misspellt ones. Who shares so many of n words has one of the n - ``least`` + 1
        rarest: only those are looked up.
        """
        words = _words(title)
        if len(words) < LEAST_WORDS:
            return []
        least = max(1, math.ceil(len(words) / (1 + MOST_MORE)) - MOST_TYPOS)
        rarest = sorted(words, key=lambda word: (len(self._by_word.get(word, ())), word))[: len(words) - least + 1]
        places = {place for word in rarest for place in self._by_word.get(word, ())}
        return sorted(place for place in places if _may_be_near(self._words[place], words))


def _may_be_near(left: frozenset[str], right: frozenset[str]) -> bool:
    few, many = sorted((len(left), len(right)))
    return len(left & right) >= few - MOST_TYPOS and many <= few * (1 + MOST_MORE)
