"""The national vocabularies, and our own list of health procedures, as data.

One TOML file per vocabulary. A file is the single place where a value of the standard is tied to
what a resident reads (three languages), to the other spellings met in real files, to the words that
people type, and to what data·inclusion calls it.

What this package is not: a database table. A vocabulary changes with the standard, by a commit, and
the rows of the database keep the codes; an unknown value stays the text it was.

Source: LaMednum/standard-mediation-num 1.0.2 (``schema.json``, Licence Ouverte 2.0) for every
``national`` label; 0.1.0 and data·inclusion v0/v1 for the aliases; ``demarches`` is ours.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

__all__ = ["LANGUAGES", "Term", "Vocabulary", "fold", "for_field", "names", "vocabulary"]

LANGUAGES: Final = ("fr", "en", "ar")

# Fixed rather than listed from the folder: a stray file must not become a vocabulary, and the
# order is the one in which the filters are shown.
_NAMES: Final = (
    "services",
    "demarches",
    "publics",
    "prises_en_charge",
    "frais",
    "modalites_acces",
    "modalites_accompagnement",
    "itinerances",
    "programmes",
    "labels",
    "typologies",
    "themes",
    "publics_ressources",
    "supports",
    "licences",
)

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})


def fold(text: str) -> str:
    """Return the comparison key of ``text``: its letters and digits, lower-case, without accents.

    Everything else (apostrophes of any shape, hyphens, brackets, quotation marks, no-break spaces)
    only separates words, so ``Point d’accès``, ``point d'acces`` and ``point-d-acces`` are one key,
    and a code, which is the slug of its label, is found like the label. Arabic loses its vowel
    marks and hamzas. Refused: a shared search folding with stems, because two labels of the
    standard may differ by an ending only.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(_WORD.findall(bare))


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a vocabulary.

    ``code``: slug of the national label (typologies keep the national code). ``national``: the label
    exactly as in 1.0.2. ``labels``: what is shown, by language. ``aliases``: spellings that mean this
    term on input. ``mots``: words that a person would type. ``data_inclusion``: v1 values (may be
    empty; a loss is said by a comment in the file).
    """

    code: str
    national: str
    labels: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    mots: tuple[str, ...] = ()
    data_inclusion: tuple[str, ...] = ()

    def label(self, lang: str) -> str:
        """Return the label in ``lang`` (a BCP 47 tag, its region is ignored), else in French."""
        return self.labels.get(lang) or self.labels.get(lang.split("-")[0]) or self.labels["fr"]

    def spellings(self) -> Iterator[str]:
        """Yield every text that means this term: code, national label, labels, aliases."""
        yield self.code
        yield self.national
        yield from self.labels.values()
        yield from self.aliases


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms in display order. ``reviewed`` says, by language, whether a person has read the labels.

    ``neutral``: values met on input that mean "nothing in particular" (``Adultes``, ``Tout public``):
    neither a term nor an unknown value.
    """

    name: str
    fields: tuple[str, ...]
    terms: tuple[Term, ...]
    reviewed: Mapping[str, bool]
    neutral: tuple[str, ...] = ()
    _codes: Mapping[str, Term] = field(default_factory=dict, repr=False, compare=False)
    _index: Mapping[str, Term] = field(default_factory=dict, repr=False, compare=False)
    _neutral: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def get(self, code: str) -> Term | None:
        """Return the term with exactly this code, or None."""
        return self._codes.get(code)

    def find(self, text: str) -> Term | None:
        """Return the term that ``text`` means (code, label in any language, alias; folded), or None."""
        return self._index.get(fold(text))

    def is_neutral(self, text: str) -> bool:
        """Say whether ``text`` is one of the values that mean nothing in particular."""
        return fold(text) in self._neutral

    def position(self, code: str) -> int:
        """Return the rank of ``code`` in display order; after all terms when it is not one."""
        return next((rank for rank, term in enumerate(self.terms) if term.code == code), len(self.terms))


def names() -> tuple[str, ...]:
    """Return the names of the vocabularies, in the order in which filters are shown."""
    return _NAMES


@cache
def vocabulary(name: str) -> Vocabulary:
    """Return the vocabulary ``name``, read once.

    Raises ``KeyError`` when there is none of that name, ``ValueError`` when its file is not sound (a
    language missing, one spelling claimed by two terms): a mistake in data must stop start-up and
    tests, not show as a wrong filter.
    """
    if name not in _NAMES:
        raise KeyError(name)
    content = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return _build(name, content)


@lru_cache(256)
def for_field(field: str) -> Vocabulary | None:
    """Return the vocabulary of a field of the standard (1.0.2 name), or None for a free field."""
    return next((found for found in map(vocabulary, _NAMES) if field in found.fields), None)


def _build(name: str, content: Mapping[str, Any]) -> Vocabulary:
    terms = tuple(_term(name, raw) for raw in content["terme"])
    neutral = tuple(content.get("neutres", ()))
    return Vocabulary(
        name=name,
        fields=tuple(content.get("champs", ())),
        terms=terms,
        reviewed=MappingProxyType(dict(content["relu"])),
        neutral=neutral,
        _codes=MappingProxyType({term.code: term for term in terms}),
        _index=MappingProxyType(_index(name, terms)),
        _neutral=frozenset(map(fold, neutral)),
    )


def _term(name: str, raw: Mapping[str, Any]) -> Term:
    missing = [lang for lang in LANGUAGES if not str(raw.get(lang, "")).strip()]
    if missing:
        raise ValueError(f"{name}: {raw.get('code')} has no label in {', '.join(missing)}")
    return Term(
        code=raw["code"],
        # Typologies are national codes and our own procedures have no national label: the code stands.
        national=raw.get("national", raw["code"]),
        labels=MappingProxyType({lang: raw[lang] for lang in LANGUAGES}),
        aliases=tuple(raw.get("aliases", ())),
        mots=tuple(raw.get("mots", ())),
        data_inclusion=tuple(raw.get("data_inclusion", ())),
    )


def _index(name: str, terms: tuple[Term, ...]) -> dict[str, Term]:
    index: dict[str, Term] = {}
    for term in terms:
        for spelling in term.spellings():
            key = fold(spelling)
            if not key:
                raise ValueError(f"{name}: {term.code} has an empty spelling")
            if index.setdefault(key, term) is not term:
                raise ValueError(f"{name}: {spelling!r} means {index[key].code} and {term.code}")
    return index
