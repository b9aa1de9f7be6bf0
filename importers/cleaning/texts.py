"""Cells as text: what cannot be seen, what was encoded twice, tags, spaces.

Sources: Unicode NFC (UAX 15); the code pages 437, 850 and 1252 for what goes wrong between them; HTML entities.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from importers.cleaning.rules import NOTHING, Mended
from reseau.core.mending import ROUNDS, Rule, Step, mend

__all__ = ["MAX_LINE", "MAX_TEXT", "is_odd", "line", "paragraphs", "said", "text"]

MAX_TEXT: Final = 131_072  # Characters of a cell that are looked at.
MAX_LINE: Final = 255
_SHORT: Final = 300

_EMPTY = frozenset(("null", "none", "nan", "undefined", "n/a", "#n/a", "non renseigné", "non renseignée"))
# Invisible marks that reorder or glue text: refused everywhere (a name must not mirror the page it is on).
_INVISIBLE = frozenset("\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*(?:>|$)")
_BLOCK_TAG = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_DEEP_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)
_SUSPECT = re.compile("[ÂÃâ]")
#: Words of which no rule says anything: one blank between, short, at least one letter or digit at the start.
_PLAIN = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9éèêëàîïôùûçÉÈÊÀÎÔÇ](?:[ ]?[!-%'-;=-~éèêëàîïôùûçÉÈÊÀÎÔÇ’«»–])*")
_C1 = re.compile("[\x80-\x9f]")
_DOS = re.compile("(?<=[^\\W\\d_])[\u2500-\u259f](?=[^\\W\\d_])")


def _visible(raw: str) -> str:
    return "".join(filter(_is_visible, raw))


def _is_visible(char: str) -> bool:
    if char in "\n\t":
        return True
    return char not in _INVISIBLE and unicodedata.category(char) not in ("Cc", "Cs", "Cn")


def _from_c1(raw: str) -> str:
    return _C1.sub(lambda found: found[0].encode("latin-1").decode("cp1252", "ignore"), raw)


def _from_dos(raw: str) -> str:
    # "CH╢TEAUX": a text of code page 850 read as 437. Where that does not give a letter, the drawing stays.
    def letter(found: re.Match[str]) -> str:
        read = found[0].encode("cp437", "ignore").decode("cp850", "ignore")
        return read if read.isalpha() else found[0]

    return _DOS.sub(letter, raw)


def _without_html(raw: str) -> str:
    """Without tags, scripts or entities; blocks and ``<br>`` become newlines."""
    raw = _DEEP_AMPERSAND.sub("&", raw)
    for element in ("script", "style"):
        raw = _without_element(raw, element)
    return html.unescape(_TAG.sub("", _BLOCK_TAG.sub("\n", raw)))


def _without_element(raw: str, element: str) -> str:
    # By hand: a lazy regular expression is quadratic on a text of opening tags only.
    lowered, kept, start = raw.lower(), [], 0
    if len(lowered) != len(raw):
        return raw  # A letter grew when lowered (İ): positions differ. The tags themselves still go.
    while (opening := lowered.find(f"<{element}", start)) >= 0:
        kept.append(raw[start:opening])
        closing = lowered.find(f"</{element}", opening)
        start = len(raw) if closing < 0 else closing
    return "".join([*kept, raw[start:]])


def _decoded_again(raw: str) -> str:
    """UTF-8 once read as cp1252 (``RÃ©publique``), put right where it decodes cleanly."""
    whole = _recoded(raw)
    # Word by word otherwise: one good accent elsewhere makes the whole undecodable.
    return whole if whole is not None else " ".join(_recoded(word) or word for word in raw.split(" "))


def _recoded(raw: str) -> str | None:
    for charset in ("cp1252", "latin-1"):
        try:
            return raw.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
    return None


def _flat(raw: str) -> str:
    return " ".join(raw.split())


def _spaced(raw: str) -> str:
    lines = (" ".join(part.split()) for part in raw.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _has(*signs: str) -> Callable[[str], bool]:
    return lambda raw: any(sign in raw for sign in signs)


CELL_RULES: Final = (
    Rule("accents-decomposes", lambda raw: not unicodedata.is_normalized("NFC", raw),
         lambda raw: unicodedata.normalize("NFC", raw)),
    Rule("guillemet-large", _has("＂"), lambda raw: raw.replace("＂", '"')),
    Rule("apostrophe-windows", lambda raw: _C1.search(raw) is not None, _from_c1),
    # isprintable() is false for every character that _is_visible refuses: one call for nearly all cells.
    Rule("invisible", lambda raw: not raw.isprintable(), lambda raw: _visible(raw.replace("\r\n", "\n"))),
)  # fmt: skip
_TEXT_RULES: Final = (
    *CELL_RULES,
    Rule("caracteres-dos", lambda raw: _DOS.search(raw) is not None, _from_dos),
    Rule("html", _has("<", "&"), _without_html),
    Rule("accents-doubles", lambda raw: _SUSPECT.search(raw) is not None, _decoded_again),
)
PARAGRAPH_RULES: Final = (*_TEXT_RULES, Rule("espaces", lambda _: True, _spaced))


@lru_cache(8)
def _line_rules(cap: int) -> tuple[Rule, ...]:
    return (
        *_TEXT_RULES,
        Rule("espaces", lambda _: True, _flat),
        Rule("trop-long", lambda raw: len(raw) > cap, lambda raw: raw[:cap].rstrip()),
    )


def text(value: Any) -> str | None:
    """Return a cell as text, NFC, without control characters, or None when it says nothing.

    Numbers are written plainly (``26130.0`` → ``26130``); lists, objects and booleans are not text: None.
    """
    raw = _written(value)
    if raw is None:
        return None
    return _short_text(raw) if len(raw) <= _SHORT else _clean_text(raw)


def _written(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and value.bit_length() > 256:
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() and abs(value) < 1e15 else value
    return str(value)


@lru_cache(16_384)  # Columns are mostly empty, or hold one of a few hundred lists: half of the time of a row was here.
def _short_text(value: str) -> str | None:
    return _clean_text(value)


def _clean_text(value: str) -> str | None:
    return said(mend(value[:MAX_TEXT].strip(), CELL_RULES, rounds=ROUNDS)[0].strip())


def said(clean: str) -> str | None:
    """A text, or None when it is one of the ways of saying nothing."""
    if not any(map(str.isalnum, clean)) or clean.lower() in _EMPTY:
        return None
    return clean


def is_odd(value: Any) -> bool:
    """Say whether a scalar field holds what cannot be text: a non-empty list or object, a boolean."""
    return isinstance(value, bool) or (isinstance(value, list | tuple | dict) and bool(value))


def line(value: Any, cap: int = MAX_LINE) -> Mended:
    """Return a one-line text: no HTML, single spaces, accents mended, at most ``cap`` characters."""
    raw = _written(value)
    if not raw:
        return NOTHING
    return _short_line(raw, cap) if len(raw) <= _SHORT else _line(raw, cap)


@lru_cache(16_384)
def _short_line(raw: str, cap: int) -> Mended:
    return _line(raw, cap)


def _line(raw: str, cap: int) -> Mended:
    return _mended(raw, _line_rules(cap), cap)


def paragraphs(value: Any) -> Mended:
    """Return a text that keeps its line breaks (at most one empty line in a row), without HTML."""
    raw = _written(value)
    return _mended(raw, PARAGRAPH_RULES, MAX_TEXT) if raw else NOTHING


def _mended(raw: str, rules: tuple[Rule, ...], cap: int) -> Mended:
    if len(raw) <= cap and _PLAIN.fullmatch(raw):  # most cells: no rule has anything to say
        return Mended(raw) if raw.lower() not in _EMPTY else NOTHING
    found, steps = mend(raw[:MAX_TEXT], rules, rounds=ROUNDS)
    clean = said(found)
    return NOTHING if clean is None else Mended(clean, None, _told(steps))


def _told(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Not the blanks at the ends of a cell: nobody wrote them, nobody sees them."""
    return tuple(step for step in steps if step[0] != "espaces" or step[1].strip() != step[2])
