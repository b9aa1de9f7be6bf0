"""What a query to the resources says that is not words to look for: a language to read in, a kind of resource.

"mot de passe en arabe" looked for word by word finds what speaks of Arabic. A language that a query names is the
filter ``langue_contenu``, a kind ("tutoriel", "kit") the filter ``type`` (see ``reseau.directory.understanding``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reseau.core import text
from reseau.core.vocabularies import LANGUAGES
from resources.base import langs
from resources.base.shapes import Kind

LANGUAGE, KIND = "langue_contenu", "type"
_LANGUAGES = {
    "falc": langs.FALC,
    "facile à lire": langs.FALC,
    "facile à lire et à comprendre": langs.FALC,
    "français facile": langs.FALC,
    "français simplifié": langs.FALC,
    "easy french": langs.FALC,
    "en français": "fr",
    "in french": "fr",
    "بالفرنسية": "fr",
    "عربي": "ar",
    "بالعربية": "ar",
    "بالعربي": "ar",
    "بالإنجليزية": "en",
    "farsi": "fa",
}
_TUTORIAL, _KIT, _TOOL, _STORY = (Kind.TUTORIEL,), (Kind.KIT,), (Kind.OUTIL,), (Kind.EXPERIENCE,)
_KINDS: dict[str, tuple[str, ...]] = {
    "tutoriel": _TUTORIAL,
    "tutoriels": _TUTORIAL,
    "tuto": _TUTORIAL,
    "tutos": _TUTORIAL,
    "tutorial": _TUTORIAL,
    "tutorials": _TUTORIAL,
    "kit": _KIT,
    "kits": _KIT,
    "outil": _TOOL,
    "outils": _TOOL,
    "fiche outil": _TOOL,
    "fiches outils": _TOOL,
    "fiche expérience": _STORY,
    "fiches expérience": _STORY,
    "fiches expériences": _STORY,
    "fiche": (*_TUTORIAL, *_STORY),  # a sheet to print, or what is called one here
    "fiches": (*_TUTORIAL, *_STORY),
}
#: Phrases that stay words, whatever is in them.
_WORDS = ("boîte à outils", "boîtes à outils", "outil numérique", "outils numériques", "kit de connexion")
#: Words that say nothing more before a language.
_BEFORE = frozenset(("en", "in", "langue", "language", text.fold("باللغة"), text.fold("اللغة")))


@dataclass(frozen=True, slots=True)
class Asked:
    """``rest``: the words to look for. ``filters``: (parameter, code). ``words``: those to look for when no resource of
    that kind answers: what was taken for a kind may have been a word ("inventer des outils"); "" when there is none."""

    rest: str
    filters: tuple[tuple[str, str], ...] = ()
    words: str = ""

    def codes(self, parameter: str) -> tuple[str, ...]:
        """The values of a filter that the query says."""
        return tuple(code for name, code in self.filters if name == parameter)


def asked(query: str) -> Asked:
    """What a query means; without a language nor a kind, ``rest`` is the query itself."""
    words = text.words(query[: text.MAX_QUERY])
    found = sorted(_found([word.folded for word in words]))
    if not found:
        return Asked(query)
    filters = dict.fromkeys((name, code) for _, _, name, codes in found for code in codes)
    spoken = [one for one in found if one[2] == LANGUAGE]
    whole = _without(words, spoken) if spoken else query
    return Asked(_without(words, found), tuple(filters), whole if len(spoken) < len(found) else "")


def language_in(query: str) -> bool:
    """Whether a query names a language to be helped or to read in."""
    return bool(asked(query).codes(LANGUAGE))


_Part = tuple[int, int, str, tuple[str, ...]]
"""(first word, word after the last, parameter, codes)."""


def _found(folded: Sequence[str]) -> Iterator[_Part]:
    taken: set[int] = set()
    for phrase, name, codes in _phrases():
        for start in range(len(folded) - len(phrase) + 1):
            end = start + len(phrase)
            if tuple(folded[start:end]) == phrase and taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                before = name == LANGUAGE and start > 0 and folded[start - 1] in _BEFORE and start - 1 not in taken
                if name:
                    yield start - before, end, name, codes


def _without(words: Sequence[text.Word], parts: Sequence[_Part]) -> str:
    """The other words, as written; "" when they say nothing ("un", "pour")."""
    gone = {at for start, end, _, _ in parts for at in range(start, end)}
    kept = [word for at, word in enumerate(words) if at not in gone]
    return " ".join(word.surface for word in kept) if any(word.stem for word in kept) else ""


@functools.cache
def _phrases() -> Sequence[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """(folded words, parameter, codes), the longest phrase first."""
    spoken = dict(_LANGUAGES)
    for code in langs.OFFERED:
        if code not in ("fr", langs.FALC):  # "apprendre le français" is no wish to read in French
            names = (langs.own_name(code), *(langs.name(code, lang) for lang in LANGUAGES))
            spoken |= dict.fromkeys(names, code)
    phrases: list[tuple[str, str, tuple[str, ...]]] = [(phrase, LANGUAGE, (code,)) for phrase, code in spoken.items()]
    phrases += [(phrase, KIND, tuple(map(str, kinds))) for phrase, kinds in _KINDS.items()]
    phrases += [(phrase, "", ()) for phrase in _WORDS]
    split = [(tuple(word.folded for word in text.words(phrase)), name, codes) for phrase, name, codes in phrases]
    return sorted(split, key=lambda one: -len(one[0]))
