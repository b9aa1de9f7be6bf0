"""Words by which somebody who is helped would be recognised: looked for before a message is there for all to read.

Only what is nearly sure: whoever is asked each time does not read the question any more. A directrice, a postal code,
the number of a service, the day of a meeting are nobody's secret.
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass

from reseau.core.wording import _


class Seen(enum.StrEnum):
    """What a text seems to hold."""

    NUMBER = "numero"
    BIRTH = "naissance"
    NAME = "nom"
    PHONE = "portable"


LABELS: dict[Seen, str] = {
    Seen.NUMBER: _("un numéro de sécurité sociale"),
    Seen.BIRTH: _("une date de naissance"),
    Seen.NAME: _("le nom d’une personne"),
    Seen.PHONE: _("le numéro de portable d’une personne"),
}
"""What was seen, in words."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was seen. ``words``: as they stand in the text."""

    seen: Seen
    words: str


#: Nothing is looked for beyond: a text is not longer, and a search over what never ends is no search.
_MOST, _FOUND = 21_000, 6
_GAP = r"[  .\-]?"  # between groups of digits: a space, one that does not break, a point, a dash
#: 13 digits (sex, year, month, department, commune, order), and the key of two.
_NUMBER = re.compile(
    rf"(?<![\w+])([1-478]){_GAP}(\d\d){_GAP}(0[1-9]|1[0-2]|[2-9]\d){_GAP}(\d\d|2[ABab]){_GAP}(\d{{3}}){_GAP}(\d{{3}})"
    rf"(?:{_GAP}(\d\d))?(?!\w)"
)
_MONTHS = "janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre"
_DATE = rf"\d{{1,2}}(?:er)?(?:\s?[/.\-]\s?\d{{1,2}}\s?[/.\-]\s?\d{{2,4}}|\s(?:{_MONTHS})\s\d{{2,4}})"
_BIRTH = re.compile(
    rf"(?:\bné(?:e|\(e\)|\.e|·e)?|\bnee|date de naissance|naissance|مواليد|تاريخ الميلاد)\s?:?\s(?:le\s)?{_DATE}", re.I
)
_CAPITAL = "A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒ"
_WORD = rf"[{_CAPITAL}][\w’'-]+"
#: "M. Dupont", "Mme Fatima B", "Monsieur Ben Ali": a capital after the title, and no office.
_NAME = re.compile(
    rf"(?<![\w])(?:M\.|MM\.|Mr\.?|Mme\.?|Mlle\.?|Mmes|Monsieur|Madame|Mademoiselle|monsieur|madame|mademoiselle)"
    rf"\s((?:{_WORD}|[{_CAPITAL}]\.?)(?:\s(?:{_WORD}|[{_CAPITAL}]\b\.?))?)"
)
_OFFICE_WORDS = """
le la les l’ l' directeur directrice maire préfet préfète président présidente docteur docteure ministre bonjour merci
juge procureur sénateur sénatrice député députée ce cette responsable secrétaire conseiller conseillère médiateur
médiatrice défenseur défenseure infirmier infirmière médecin en à au pour et ou de
"""
_OFFICES = frozenset(_OFFICE_WORDS.split())
_PHONE = re.compile(r"(?<!\w)(?:(?:\+|00)33\s?(?:\(0\)\s?)?|0)[67](?:[  .\-]?\d\d){4}(?!\d)")
#: A mobile number is somebody's when it stands near one of the others.
_NEAR = 120


def seen(text: str) -> list[Found]:
    """What a text seems to say of somebody, in its order by kind, a few at most; nothing for most texts."""
    text = text[:_MOST]
    found = [(one.start(), Found(Seen.NUMBER, one[0])) for one in _NUMBER.finditer(text) if _is_number(one)]
    found += [(one.start(), Found(Seen.BIRTH, one[0])) for one in _BIRTH.finditer(text)]
    found += [(one.start(), Found(Seen.NAME, one[0])) for one in _NAME.finditer(text) if _is_name(one)]
    near = [at for at, _one in found]
    found += [
        (one.start(), Found(Seen.PHONE, one[0]))
        for one in _PHONE.finditer(text)
        if any(abs(at - one.start()) <= _NEAR for at in near)
    ]
    kinds = list(Seen)
    found.sort(key=lambda one: (kinds.index(one[1].seen), one[0]))
    return list(dict.fromkeys(one for _at, one in found))[:_FOUND]


def digest_of(*texts: str) -> str:
    """What a button carries of a text whose author has read the question: changed since, it is looked at again."""
    return hashlib.sha256("\x00".join(texts).encode("utf-8", "replace")).hexdigest()[:32]


def holds_number(text: str) -> bool:
    """Whether a text seems to hold a social security number: what is never published, by whichever door."""
    return any(_is_number(one) for one in _NUMBER.finditer(text[:_MOST]))


def _is_number(found: re.Match[str]) -> bool:
    """With its key: it fits. Without: digits of a number stand in groups, or thirteen in a row."""
    if found[7] is None:
        return True
    department = {"2A": "19", "2B": "18"}.get(found[4].upper(), found[4])
    number = int(f"{found[1]}{found[2]}{found[3]}{department}{found[5]}{found[6]}")
    return 97 - number % 97 == int(found[7])


def _is_name(found: re.Match[str]) -> bool:
    return found[1].split()[0].strip(".").casefold() not in _OFFICES
