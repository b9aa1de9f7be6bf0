"""What letters our PDFs can be written with: the fonts of the site, then those of the server for other scripts."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import typst
from fontTools.ttLib import TTFont, TTLibError

import reseau.core

FOLDER = Path(reseau.core.__file__).parent / "data" / "fonts"
FAMILIES = ("Atkinson Hyperlegible", "Atkinson Hyperlegible Ext", "Amiri")
#: A word of another script in a page is no reason to refuse the page.
RARE = 0.02
#: Comes with typst itself: arrows, ticks, boxes.
EMBEDDED = "DejaVu Sans Mono"


class NoFont(Exception):
    """Letters that no font of this server has. ``letters``: some of them."""

    def __init__(self, letters: Iterable[str]) -> None:
        self.letters = sorted(letters)[:20]
        super().__init__(" ".join(f"U+{ord(letter):04X}" for letter in self.letters))


@dataclass(frozen=True, slots=True)
class Chosen:
    """``families``: for typst, in order. ``files``: of the server, beside ours."""

    families: tuple[str, ...]
    files: tuple[Path, ...] = ()


def chosen_for(text: str, title: str = "") -> Chosen:
    """The fonts that a text needs.

    :raises NoFont: nothing here draws letters of its title, or too many others: the page would be full of boxes.
    """
    missing = {char for char in set(text) - _ours() if _drawn(char)}
    families, files = list(FAMILIES), list[Path]()
    known = _of_the_server() if missing else {}
    while missing:  # the family that has the most of them: a script is better drawn by one hand
        family = max(known, key=lambda name: len(missing & known[name][0]), default="")
        if not family or not missing & known[family][0]:
            break
        missing -= known[family][0]
        families.append(family)
        files += known[family][1]
    if lost := missing - _symbols():
        count = Counter(text)
        if lost & set(title) or sum(count[char] for char in lost) > RARE * sum(
            count[char] for char in count if char.isalpha()
        ):
            raise NoFont(lost)
    return Chosen((*families, EMBEDDED), tuple(files))


def _drawn(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Co", "Cn", "Cs")


@functools.cache
def _ours() -> frozenset[str]:
    """:raises FileNotFoundError: the front end has not been built."""
    paths = sorted(FOLDER.glob("*-400.ttf"))
    if not paths:
        raise FileNotFoundError(f"no fonts in {FOLDER}: run `make assets`")
    return frozenset().union(*(_letters(path, 0) for path in paths))


@functools.cache
def _symbols() -> frozenset[str]:
    """Symbols that typst's own fonts have; those it does not draw are pictograms, whose absence hides no word."""
    return frozenset(map(chr, (*range(0x2000, 0x2C00), *range(0xFE00, 0xFE10), *range(0x1F000, 0x1FB00))))


@functools.cache
def _of_the_server() -> dict[str, tuple[frozenset[str], tuple[Path, ...]]]:
    """Family → (letters, files), sans-serif Noto first. Read once, when a text first needs it."""
    found: dict[str, list[tuple[int, Path, int]]] = {}
    for font in typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts():
        if font.path and font.style == "normal" and font.weight in (400, 700):
            found.setdefault(font.family, []).append((font.weight, Path(font.path), font.index))
    known = {}
    for family in sorted(found, key=lambda name: (not name.startswith("Noto Sans"), "Mono" in name, name)):
        weight, path, index = min(found[family])
        if letters := _letters(path, index) if weight == 400 else None:
            known[family] = (letters, tuple(sorted({path for _, path, _ in found[family]})))
    return known


def _letters(path: Path, index: int) -> frozenset[str]:
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or ()))
    except (TTLibError, OSError):
        return frozenset()
