"""Clean-up of hours before they are read: characters, then what registers do to OSM expressions.

Each fix is named and says what it is for; ``hours_text.read`` reports those that changed something.
Source: values of *standard-mediation-num* 1.0.2 ``horaires`` met in national files, and the dirty values of
mednum-cli's own tests (``tests/data/dirt-hours-contact.csv``).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

from reseau.core.hours import Hours, InvalidHours, explicit_unknown, split_comments

Fix: TypeAlias = tuple[str, Callable[[str], str]]

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_WORD = rf"{_DAY}|PH|{_MONTH}|week|off|closed|open|unknown|easter|days?"
_WORDS = re.compile(rf"(?:\b(?:{_WORD})\b|[\d:;,\[\]+/ -])*")
_MONTH_DAY_SELECTOR = re.compile(rf"{_MONTH} ?\d\d?\b(?!:)|easter")
_PLAIN_RULE = re.compile(rf"({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) ")

# A comma starts another rule where a rule can end before it and letters follow; elsewhere it makes lists.
_BETWEEN_RULES = re.compile(r'\s*(;|(?:(?<=:\d\d)|(?<=off)|(?<=""\s)|(?<=open)|(?<=closed)),(?=\s*[A-Zw]))\s*')


def _visible(text: str) -> str:
    """Drop controls, marks of direction, other invisible characters; any white space becomes a blank, but a
    new line stays (people separate days by it)."""
    out = []
    for char in text:
        if char in "\n\r":
            out.append("\n")
        elif char.isspace():
            out.append(" ")
        elif unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cn", "Cs"}:
            out.append(char)
    return "".join(out)


def _dashes(text: str) -> str:
    return re.sub("[\u2010-\u2015\u2212\ufe58\uff0d]", "-", text)


def _quotes(text: str) -> str:
    # U+FF02: mednum-cli's replacement of the quote in its CSV files.
    return text.replace("\uff02", '"').replace("\u2019", "'")


def _blanks(text: str) -> str:
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r" {2,}", " ", text)).strip()


CHARACTER_FIXES: tuple[Fix, ...] = (
    ("html-entities", html.unescape),
    ("invisible", _visible),
    ("dashes", _dashes),
    ("quotes", _quotes),
    ("blanks", _blanks),
)


def _outside_comments(fix: Callable[[str], str]) -> Callable[[str], str]:
    def apply(osm: str) -> str:
        return "".join(fix(text) + comment for text, comment in split_comments(osm))

    return apply


def _h_for_colon(text: str) -> str:
    """``14h00``, ``9h`` among English days. Not when ``We`` is the only one: in French "WE" is the
    week-end."""
    if not re.search(r"\b(?:Mo|Tu|Th|Fr|Su)\b", text):
        return text
    return re.sub(r"(?<!\d)(\d{1,2})h(\d\d)?(?!\w)", lambda found: f"{found[1]}:{found[2] or '00'}", text)


def _separators(text: str) -> str:
    return re.sub(r"\s*(?:;\s*)+", "; ", text)


def _inner_blanks(text: str) -> str:
    text = re.sub(r"(\d) ?: ?(\d\d)(?!\d)", r"\1:\2", text)
    text = re.sub(r"(?<=\d\d:\d\d) ?- ?(?=\d)", "-", text)
    text = re.sub(r"(?<=\d\d:\d\d) ?,\s*(?=\d)|(?<=\d:\d\d) ?, ?(?=\d)", ",", text)
    # "Tu, Th 13:30-18:00": by the letter of the specification two rules, the first open all day Tuesday. No
    # register means that, and the canonical form says the other thing.
    return re.sub(rf"\b({_DAY}) ?, ?(?={_DAY}\b)", r"\1,", text)


def _trailing(osm: str) -> str:
    return re.sub(r"^[;\s]+|[;,\s]+$", "", osm)


OSM_FIXES: tuple[Fix, ...] = (
    ("h-for-colon", _outside_comments(_h_for_colon)),
    (
        "two-digit-hours",
        _outside_comments(lambda text: re.sub(r"(?<![\d:])(\d):(?=\d\d(?!\d))", r"0\1:", text)),
    ),
    ("inner-blanks", _outside_comments(_inner_blanks)),
    ("rule-separators", _outside_comments(_separators)),
    ("trailing-separator", _trailing),
)


def apply(fixes: tuple[Fix, ...], text: str) -> tuple[str, tuple[str, ...]]:
    """The text after all ``fixes`` in order, and the names of those that changed it."""
    names = []
    for name, fix in fixes:
        fixed = fix(text)
        if fixed != text:
            names.append(name)
        text = fixed
    return text, tuple(names)


def _spans(rule: str) -> list[tuple[int, int]]:
    return [(int(a) * 60 + int(b), int(c) * 60 + int(d)) for a, b, c, d in _SPAN.findall(rule)]


def _overlap(spans: list[tuple[int, int]]) -> bool:
    ordered = sorted(spans)
    return any(later[0] < earlier[1] for earlier, later in pairwise(ordered))


def _days(selector: str) -> set[int]:
    days: set[int] = set()
    for part in selector.split(","):
        first, _, last = part.partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        days.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return days


def _plausible_rule(rule: str) -> bool:
    """One rule, comments removed. Refused: an opening without hours (``Mo-Fr``), hours that do not say which
    days, a span that ends before it starts (in registers a slip more often than a night) or after 24:00."""
    if rule == "24/7":
        return True
    spans = _spans(rule)
    if not spans:
        return bool(re.search(r"\b(?:off|closed|unknown)\b", rule))
    if not re.search(rf"\b(?:{_DAY}|PH)\b", rule) and not _MONTH_DAY_SELECTOR.search(rule):
        return False
    return all(start < end <= 24 * 60 for start, end in spans) and not _overlap(spans)


def _late_opening(rules: list[tuple[str, str]]) -> bool:
    """``PH off; Mo-Fr 09:00-12:00``: the second rule opens the holidays again, which nobody means."""
    exception = False
    for separator, rule in rules:
        closed = bool(re.search(r"\b(?:off|closed)$", rule))
        if exception and separator == ";" and not closed:
            return True
        exception = exception or (closed and not _PLAIN_RULE.match(rule + " "))
    return False


def _plausible_together(rules: list[tuple[str, str]]) -> bool:
    """Rules as (separator before, text). Refused: a rule that later ones replace on each of its days (``Mo
    09:00-12:00; Mo 14:00-17:00``: the writer meant both, OSM keeps the second), additions that overlap."""
    covered: set[int] = set()
    for separator, rule in reversed(rules):
        plain = _PLAIN_RULE.match(rule + " ")
        if plain:
            days = _days(plain[1])
            if days <= covered:
                return False
            if separator == ";":
                covered |= days
    if _late_opening(rules):
        return False
    by_day: dict[int, list[tuple[int, int]]] = {}
    for separator, rule in rules:
        plain = _PLAIN_RULE.match(rule + " ")
        for day in _days(plain[1]) if plain else ():
            kept = by_day.get(day, []) if separator == "," else []
            by_day[day] = kept + _spans(rule)
    return not any(_overlap(spans) for spans in by_day.values())


def is_plausible(osm: str) -> bool:
    """Whether a tidied expression is valid OSM *and* can be what a register meant: see the two checks above.

    Stricter than ``Hours``, which takes whatever a person deliberately wrote.
    """
    pieces = split_comments(explicit_unknown(osm))
    text = "".join(piece + (' "" ' if comment else "") for piece, comment in pieces)
    if not _WORDS.fullmatch(text.replace('""', "")):
        return False
    parts = _BETWEEN_RULES.split(text)
    rules = [(";", parts[0].strip())]
    rules += [(sep.strip(), rule.strip()) for sep, rule in zip(parts[1::2], parts[2::2], strict=True)]
    bare = [(sep, rule.replace('""', "").strip()) for sep, rule in rules]
    if not all(_plausible_rule(rule) for _, rule in bare) or not _plausible_together(bare):
        return False
    if all(re.search(r"\b(?:off|closed)$", rule) for _, rule in bare):
        return False  # "Mo off" alone: closed on Monday, and nothing is said of when the place opens
    try:
        Hours(osm)
    except InvalidHours:
        return False
    return True
