"""What a table is: where its header is, which of its lines are places, what each column seems to hold. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from importers.cleaning import codes, reach
from importers.sheets.fields import DAYS, JOINS, LISTS
from importers.sheets.naming import EXAMPLE, HELP, by_name, is_nir, is_of_people, is_of_people_helped
from importers.tableur.reading import Line
from reseau.core.vocabularies import fold, for_field

FIRST_LINES: Final = 40
SAMPLES: Final = 3
MAX_SAMPLE: Final = 60  # characters
ENOUGH: Final = 0.6
#: Of the street, beside a column of streets; else they number the lines, and mean nothing.
NUMBERS: Final = frozenset({"n", "no", "num", "numero"})
_TOTAL: Final = re.compile(r"((sous|grand) )?tota(l|ux)\b.*|moyenne|nombre (total|de (lieux|structures))\b.*")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a header. ``field``: where it goes by default, "" nowhere. ``why``: ``personne``, ``vide`` or "".
    ``samples``: first different values; none of a column of people."""

    rank: int
    name: str
    field: str
    why: str
    samples: tuple[str, ...]


class OfPeopleHelped(Exception):
    """The table speaks of the people who are helped. ``column``: the name that says so."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def header(lines: Sequence[Line]) -> int | None:
    """Rank, among the first lines, of the one that names the columns; None: there is no table."""
    best, rank = 0.0, None
    for number, (_line, texts) in enumerate(lines[:FIRST_LINES]):
        words = [text for text in texts if text and not re.fullmatch(r"[\d\s.,/:-]+", text)]
        if len(words) < 2 or len(set(map(fold, words))) < len(words) * 0.7:
            continue
        score = 3.0 * sum(bool(by_name(text)) for text in words) + 0.5 * min(len(words), 10)
        score -= sum(len(text) > 60 for text in words) + 0.5 * (len([t for t in texts if t]) - len(words))
        if score > best:
            best, rank = score, number
    return rank


def digest(names: Iterable[str]) -> str:
    """Of a header: the same names in the same order, whatever their accents and capitals."""
    return hashlib.sha256("\n".join(fold(name) for name in names).encode()).hexdigest()


def is_place(texts: Sequence[str]) -> bool:
    """Whether a line under the header is one: no total, no help nor example of the template."""
    first = next((text for text in texts if text), "")
    if first.startswith(HELP) or first == EXAMPLE:
        return False
    others = [text for text in texts if text and text != first and not re.fullmatch(r"[\d\s.,%€]+", text)]
    return not (_TOTAL.fullmatch(fold(first)) and not others)


def columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Each column, recognised. :param rows: some of the places. :raises OfPeopleHelped:"""
    found: list[Column] = []
    width = max([len(names), *(len(row) for row in rows)], default=0)
    for rank in range(width):
        name = names[rank] if rank < len(names) else ""
        values = [row[rank] for row in rows if rank < len(row) and row[rank]]
        if is_of_people_helped(name) or _share(values, is_nir) >= 0.3:
            raise OfPeopleHelped(name or f"colonne {rank + 1}")
        if name or values:
            beside = names[rank + 1] if rank + 1 < len(names) else ""
            number = fold(name) in NUMBERS and by_name(beside) == "adresse"
            found.append(_column(rank, "numéro de voie" if number else name, values, {one.field for one in found}))
            if number:
                found[-1] = replace(found[-1], name=name)
    return found


def _column(rank: int, name: str, values: Sequence[str], taken: set[str]) -> Column:
    people = is_of_people(name) or _share(values, _is_persons_mail) >= 0.3
    if people:
        return Column(rank, name, "", "personne", ())
    samples = tuple(value[:MAX_SAMPLE] for value in dict.fromkeys(values))[:SAMPLES]
    # Also of an empty column, which the next file with this header may fill.
    field = by_name(name) or (_by_content(values) if values else "")
    if field in taken and field not in JOINS:
        field = ""
    return Column(rank, name, field, "" if values else "vide", samples)


def _share(values: Sequence[str], test: object) -> float:
    assert callable(test)
    return sum(map(bool, map(test, values))) / len(values) if values else 0.0


def _is_persons_mail(value: str) -> bool:
    return "@" in value and bool(reach.mails(value).people)


def _is_phone(value: str) -> bool:
    return bool(re.fullmatch(r"(\+33|0033|0)?[\s.]?[1-9]([\s.-]?\d\d){4}", value))


def _is_degrees(low: float, high: float, value: str) -> bool:
    found, wrong = codes.number(value)
    return not wrong and found is not None and "." in value.replace(",", ".") and low <= found <= high


def _is_hours(value: str) -> bool:
    return bool(re.search(r"\d\s*[hH:]\s*\d?", value)) and reach.hours(value).osm is not None


#: What values say of a column whose name says nothing, the surest first.
_CONTENTS = (
    ("pivot", lambda value: len(re.sub(r"\D", "", value)) == 14 and codes.pivot(value).value is not None),
    ("courriels", lambda value: bool(reach.mails(value).values)),
    ("site_web", lambda value: value.startswith(("http://", "https://", "www."))),
    ("telephone", _is_phone),
    ("code_postal", lambda value: bool(re.fullmatch(r"(0[1-9]|[1-8]\d|9[0-8])\d{3}", value))),
    ("latitude", lambda value: _is_degrees(41.0, 51.5, value)),
    ("longitude", lambda value: _is_degrees(-5.5, 10.0, value)),
    ("horaires", _is_hours),
)  # fmt: skip


def _by_content(values: Sequence[str]) -> str:
    some = values[:50]
    for field, test in _CONTENTS:
        if _share(some, test) >= ENOUGH:
            return field
    for field in sorted(LISTS):
        known = for_field(field)
        if known and _share([one for value in some for one in re.split(r"[|;,]", value)], known.find) >= ENOUGH:
            return field
    return ""


def default_mapping(found: Sequence[Column]) -> dict[str, str]:
    """Rank (text) → field, of columns that go somewhere. Hours of days give way to a column of the whole week."""
    mapping = {str(one.rank): one.field for one in found if one.field}
    if "horaires" in mapping.values():
        mapping = {rank: field for rank, field in mapping.items() if field not in DAYS}
    return mapping
