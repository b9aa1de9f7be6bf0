"""Mail addresses that say who a person is: told from those of a service, and hidden in texts that anybody may read.

A known first name, or an initial before a name, makes a person; a functional word a service. In doubt it is a person's:
a hidden service can be shown by its owner, a shown person cannot be hidden again. No list of surnames is used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["ANY_AT", "is_nominative", "is_of_service", "without_people"]

_SIGNS: Final = r"[@\uff20\ufe6b]{1,9}"
_BLANK: Final = r"[^\S\n]"
#: An @, as the rules above mend it, and as people write it who fear robots.
_AT: Final = rf"(?:{_SIGNS}|[\[({{]{_BLANK}?(?:a|at|arobase|@){_BLANK}?[\])}}]|(?<=\s)(?:at|arobase)(?=\s))"
_DOT: Final = rf"(?:{_BLANK}{{0,3}}\.|{_BLANK}?[\[(]{_BLANK}?(?:dot|point){_BLANK}?[\])]{_BLANK}?)"
ANY_AT = re.compile(_AT, re.IGNORECASE)
_ANY_EMAIL = re.compile(
    rf"(?P<local>[\w.+\-]{{1,64}}(?:{_BLANK}{{1,3}}\.[\w.+\-]{{1,63}})?){_BLANK}{{0,3}}{_AT}{_BLANK}{{0,3}}"
    rf"[\w\-]{{1,63}}(?P<rest>(?:{_DOT}[\w\-]{{1,63}}){{0,5}})",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(rf"([^\W\d_][\w\-]{{1,30}}){_BLANK}{{1,3}}\Z")
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))  # they stand in an address and nobody sees it


def without_people(text: str) -> tuple[str, bool]:
    """``text`` with ``…`` in place of each mail address that looks like a person's, and whether there was one.

    For free text of registers: a sheet is public, and an address in its description is as public as one in its field.
    Odd spellings, that ``clean_emails`` would mend, are seen as what they mean (``jean.dupont[a]gmail.com``).
    """
    if not _has_at(text):
        return text, False
    plain, kept, since = text.translate(_UNSEEN), list[str](), 0
    for found in _ANY_EMAIL.finditer(plain):
        if (start := _start_of_person(found, since)) is not None:
            kept += [plain[since:start], "…"]
            since = found.end()
    return ("".join([*kept, plain[since:]]), True) if kept else (text, False)


def _has_at(text: str) -> bool:
    # Most texts of a register have none of these, and looking for them one by one costs less than a pattern.
    if not any(sign in text for sign in ("@", "[", "(", "{", " at ", "rob", "\uff20", "\ufe6b", "ROB", " AT ")):
        return False
    return ANY_AT.search(text) is not None


def _start_of_person(found: re.Match[str], since: int) -> int | None:
    """Where an address of a person begins; None: it is none. ``jean dupont@…`` begins with its first name."""
    local, whole = "".join(found["local"].split()), found[0]
    if not found["rest"] and (len(whole.split()) > 1 or "@" not in whole):
        return None  # "Marie @ Roubaix", "Marie (a) dit": without a point after it, an @ among words is no address
    if is_nominative(local):
        return found.start()
    before = _WORD_BEFORE.search(found.string, max(since, found.start() - 34), found.start())
    if before and _folded(before[1]) in _words("prenoms.txt") and not is_of_service(local):
        return before.start()
    return None


def is_nominative(email: str) -> bool:
    """Say whether the local part looks like a person: ``prenom.nom``, ``nom.prenom``, ``p.nom``, ``prenom``.

    A known first name at the head decides, even before a function (``jean.dupont.cnfs``); otherwise one
    functional word anywhere (``contact``, ``ccas``, ``mediatheque``, data in ``fonctions_courriel.txt``)
    makes it a service. In doubt the address counts as a person's: a hidden service can be shown by its
    owner, a shown person cannot be hidden again. A name glued to another word is not seen.
    """
    tokens, first_names = _tokens(email), _words("prenoms.txt")
    if not tokens:
        return False
    if tokens[0] in first_names:
        return True
    if is_of_service(email):
        return False
    initial = len(tokens[0]) == 1 and any(len(token) > 1 for token in tokens[1:])
    return initial or (len(tokens) > 1 and tokens[-1] in first_names)


def is_of_service(email: str) -> bool:
    """Say whether the local part has a functional word (``contact``, ``ccas``)."""
    functions = _words("fonctions_courriel.txt")
    return any(token in functions for token in _tokens(email))


def _tokens(email: str) -> list[str]:
    local = _folded(email.split("@")[0])
    tokens = (token.strip("0123456789") for token in re.split(r"[._+\-]+", local))
    return [token for token in tokens if token]


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if not unicodedata.combining(c)).lower()


@cache
def _words(filename: str) -> frozenset[str]:
    lines = files("reseau.core").joinpath(filename).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
