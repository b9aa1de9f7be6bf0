"""Words and times of the French of opening hours. What is not in these tables makes a text unreadable, on
purpose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from reseau.core.hours_fixes import Fix


class Unreadable(Exception):
    """The text is not understood in full, or can be understood in two ways. Never leaves these modules."""


@dataclass(frozen=True, slots=True)
class Token:
    """``value``: minutes of a time, number of a day (Monday 0), of a month (January 0), rank (-1 the last).
    ``bare``: a time without "h" or ":"."""

    kind: str
    value: int = 0
    text: str = ""
    bare: bool = False
    days: tuple[int, ...] = ()


_DAY_NAMES = (
    ("lundi", "lun", "lu"),
    ("mardi", "mar", "ma"),
    ("mercredi", "mer", "me"),
    ("jeudi", "jeu", "je"),
    ("vendredi", "ven", "ve"),
    ("samedi", "sam", "sa"),
    ("dimanche", "dim", "di"),
)
_DAY_OF = {name: number for number, names in enumerate(_DAY_NAMES) for name in names}
_MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
_RANKS = {"premier": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "quatrieme": 4, "dernier": -1}

_LAST = r"(?![a-z])"
_BOOKED = r"(?:(?:sur|avec) (?:rdv|rendez[- ]?vous|reservation))"
_ONLY = r"(?:uniquement|seulement|exclusivement|obligatoire)"
_COMMENT = re.compile(rf"\(?\s*(?:{_ONLY} )?({_BOOKED}|sans (?:rdv|rendez[- ]?vous))(?: {_ONLY})?{_LAST}\s*\)?")

_DAY = re.compile(
    rf"((?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?=s?{_LAST}))s?"
    rf"|((?:lun|mar|mer|jeu|ven|sam|dim|lu|ma|me|je|ve|sa|di){_LAST})\.?"
)
_RANK = re.compile(rf"(?:([1-4])\s?(?:er|e|eme|nd|ere)|({'|'.join(_RANKS)})){_LAST}")
_MONTH = re.compile(rf"({'|'.join(_MONTHS)}){_LAST}")

_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("afternoon", re.compile(rf"apres[- ]?midi{_LAST}")),
    ("morning", re.compile(rf"(?:matin|matinee)s?{_LAST}")),
    ("of_month", re.compile(rf"(?:du|de chaque) mois{_LAST}")),
    ("holidays", re.compile(rf"(?:les )?jours feries{_LAST}")),
    ("except", re.compile(rf"(?:sauf|hors|excepte){_LAST}")),
    ("closed", re.compile(rf"(?:fermee?s?|fermetures?){_LAST}")),
    ("open", re.compile(rf"(?:ouverte?s?|horaires?(?: d'ouverture)?|ouverture(?: au public)?){_LAST}")),
    ("between", re.compile(rf"entre{_LAST}")),
    ("in", re.compile(rf"(?:en|(?:au|pendant le) mois (?:de |d'))(?={'|'.join(_MONTHS)})|en{_LAST}")),
    ("article", re.compile(rf"(?:du|des|de|les|le|la){_LAST}|[dl]'")),
    ("a", re.compile(rf"(?:jusqu')?(?:au|a){_LAST}")),
    ("&", re.compile(rf"(?:et|ainsi que|puis){_LAST}|&")),
    ("\n", re.compile(r"\n")),
)
_EVERY_DAY = re.compile(rf"(?:tous les jours|7\s?j(?:ours)?\s?(?:/|sur)\s?7(?:\s?j(?:ours)?)?){_LAST}")
_WEEKEND = re.compile(rf"week[- ]?ends?{_LAST}")
_NAMED_TIME = re.compile(rf"(midi|minuit){_LAST}")
_MARKS = "-/,;:.|_+>"

_HOUR = re.compile(r"(\d{1,2})(\s*)h(?!ors)(?:eures?|rs?)?")
_GLUED = re.compile(r"([0-5]\d)(?=\d{1,2}\s*h)")
_MINUTES = re.compile(r"(\s*)([0-5]\d)(?!\d)(\s*h(?!ors))?")
_COLON = re.compile(r"(\d{1,2})(\s?):(\s?)([0-5]\d)(?::00)?(?!\d)")
_DANGLING_COLON = re.compile(r"(\d{1,2}):(?=\s*(?:[-/]|$))")
_SLASH = re.compile(r"(\d{1,2})/(30|45)(?![\d:h])")
_FOUR_DIGITS = re.compile(r"([01]\d|2[0-3])(00|15|30|45)(?!\d)")
_BARE = re.compile(r"(\d{1,2})(?!\d)")
_LONE_ZERO = re.compile(r"0(?!\d)")
_QUARTERS = (0, 15, 30, 45)


def _fold(text: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def is_always(text: str) -> bool:
    """``24h/24 7j/7``, in either order."""
    day, week = r"24 ?h? ?/ ?24 ?h?", r"7 ?j?(?:ours)? ?/ ?7 ?j?(?:ours)?"
    return bool(re.fullmatch(rf"(?:ouvert )?(?:{day}[ ,;-]+{week}|{week}[ ,;-]+{day})\.?", _fold(text)))


def _all_year(text: str) -> str:
    """ "hors et en vacances scolaires": in and out of them, that is, always."""
    return re.sub(r"\s*\bhors et (?:en|pendant les) vacances(?: scolaires)?(?!\w)", "", text, flags=re.IGNORECASE)


FRENCH_FIXES: tuple[Fix, ...] = (
    ("all-year", _all_year),
    # Next to "à" on the keyboard: "9hè16h", "9h 0 12h". Before "12h", a lone 0 is no minute.
    ("e-for-a", lambda text: re.sub(r"(?<=[hH\d])è(?=\d)", " à ", text)),
    ("0-for-a", lambda text: re.sub(r"(\dh(?:\d\d)?) 0 (?=\d{1,2}h)", r"\1 à ", text, flags=re.IGNORECASE)),
)


def _minutes(hour: int, minute: int, *, bare: bool = False) -> Token:
    # Nobody opens at 9:12: "9:12 14:18" is two openings badly written.
    if hour > 24 or minute > 59 or minute % 5 or hour * 60 + minute > 24 * 60:
        raise Unreadable("no such time")
    return Token("time", hour * 60 + minute, bare=bare)


def _after_h(hour: int, spaced: bool, text: str, at: int) -> tuple[Token, int]:
    """Minutes after "9h". "9h 12h" are two hours and "13 h 30 h" one time; "8 h 15 h" may be either."""
    if glued := _GLUED.match(text, at):
        return _minutes(hour, int(glued[1])), glued.end()
    found = _MINUTES.match(text, at)
    if not found:
        if _LONE_ZERO.match(text, at):  # "12h0"
            return _minutes(hour, 0), at + 1
        if text[at : at + 1].isdigit():  # "16h3": cut, and nobody knows after what
            raise Unreadable("one digit of minutes")
        return _minutes(hour, 0), at
    minute, apart = int(found[2]), bool(found[1])
    if found[3]:
        if minute > 24:
            return _minutes(hour, minute), found.end()
        if spaced and minute % 5 == 0:
            raise Unreadable("hour or minutes")
        return _minutes(hour, 0), at
    if not apart or minute == 0 or minute > 24 or (spaced and minute % 5 == 0):
        return _minutes(hour, minute), found.end()
    raise Unreadable("hour or minutes")


def _time(text: str, at: int) -> tuple[Token, int] | None:
    if found := _HOUR.match(text, at):
        return _after_h(int(found[1]), bool(found[2]), text, found.end())
    if found := _COLON.match(text, at):
        blanks = len(found[2]) + len(found[3])
        # "lundi 9-12 : 14-18" has a colon between two blanks, and no minutes.
        if blanks == 0 or (blanks == 1 and int(found[4]) in _QUARTERS):
            return _minutes(int(found[1]), int(found[4])), found.end()
        raise Unreadable("colon")
    if found := _DANGLING_COLON.match(text, at):
        return _minutes(int(found[1]), 0), found.end()
    if found := _SLASH.match(text, at):  # "13/30": 30 is no hour
        return _minutes(int(found[1]), int(found[2])), found.end()
    if found := _FOUR_DIGITS.match(text, at):
        if 2000 <= int(found[0]) <= 2045:
            raise Unreadable("time or year")
        return _minutes(int(found[1]), int(found[2])), found.end()
    if found := _BARE.match(text, at):
        return _minutes(int(found[1]), 0, bare=True), found.end()
    if found := _NAMED_TIME.match(text, at):
        return Token("time", 720 if found[1] == "midi" else 1440), found.end()
    return None


def _comment(said: str) -> str:
    if said.startswith("sans"):
        return "sans rendez-vous"
    return "sur réservation" if said.endswith("reservation") else "sur rendez-vous"


_SCANNERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Token]], ...] = (
    (_COMMENT, lambda found: Token("comment", text=_comment(found[1]))),
    (_EVERY_DAY, lambda _: Token("days", days=tuple(range(7)))),
    (_WEEKEND, lambda _: Token("days", days=(5, 6))),
    (_RANK, lambda found: Token("rank", _RANKS[found[2]] if found[2] else int(found[1]))),
    (_DAY, lambda found: Token("day", _DAY_OF[found[1] or found[2]])),
    (_MONTH, lambda found: Token("month", _MONTHS.index(found[1]))),
)


def _word(text: str, at: int) -> tuple[Token, int] | None:
    for pattern, make in _SCANNERS:
        if found := pattern.match(text, at):
            return make(found), found.end()
    for kind, pattern in _WORDS:
        if found := pattern.match(text, at):
            return Token(kind), found.end()
    if text[at] in _MARKS:
        return Token(text[at]), at + 1
    return None


def tokens(text: str) -> list[Token]:
    """All of ``text`` as tokens; ``Unreadable`` at the first character that belongs to none."""
    folded = _fold(text)
    found: list[Token] = []
    at = 0
    while at < len(folded):
        if folded[at] == " ":
            at += 1
            continue
        read = _word(folded, at) or _time(folded, at)
        if read is None:
            raise Unreadable("unknown word")
        token, at = read
        found.append(token)
    return found
