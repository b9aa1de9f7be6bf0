"""Where columns go, as a person says it in the form: a label of the shared list in any case, or the code of a field.
Pure, for views."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from importers.sheets.fields import FIELDS
from importers.sheets.naming import by_name
from importers.tableur import words
from reseau.core.vocabularies import fold
from reseau.core.wording import Wording, _

SHOWN: Final = 60  # columns of one page
NOWHERE: Final = _("ne pas importer")
MAX_SAID: Final = 100  # characters


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns of one page of the form. ``others``: (rank, what is said) of those of other pages, which the form
    carries along. ``pages``: (number, first, last) of each, when there are several."""

    columns: Sequence[Mapping[str, Any]]
    others: Sequence[tuple[str, str]]
    number: int
    pages: Sequence[tuple[int, int, int]]


def labels(say: Wording) -> list[str]:
    """The shared list, in the language of the page."""
    return [say.gettext(label) for label in FIELDS.values()]


def said_of(columns: Mapping[str, str], say: Wording) -> dict[str, str]:
    """Rank → label, of rank → field."""
    return {rank: say.gettext(FIELDS[field]) for rank, field in columns.items() if field in FIELDS}


def understood(said: Mapping[str, str], say: Wording) -> tuple[dict[str, str], dict[str, str]]:
    """Rank → field, of what was written; and rank → sentence, of what means nothing."""
    known = {fold(label): field for field, label in FIELDS.items()}
    known |= {fold(say.gettext(label)): field for field, label in FIELDS.items()}
    known |= {"": "", fold(NOWHERE): "", fold(say.gettext(NOWHERE)): ""}
    columns, wrong = {}, {}
    for rank, text in said.items():
        field = text if text in FIELDS else known.get(fold(text), "?") if fold(text) or not text.strip() else "?"
        if field == "?":
            wrong[rank] = _no_field(text, known, say)
        elif field:
            columns[rank] = field
    return columns, wrong


def _no_field(text: str, known: Mapping[str, str], say: Wording) -> str:
    near = difflib.get_close_matches(fold(text), [one for one in known if known[one]], 1)
    field = by_name(text) or (known[near[0]] if near else "")
    if field:
        return say.gettext(words.DID_YOU_MEAN, said=text, field=say.gettext(FIELDS[field]))
    return say.gettext(words.NO_FIELD, said=text)


def shown(columns: Sequence[Mapping[str, Any]], said: Mapping[str, str], number: int, at: str = "") -> Shown:
    """One page of the columns; those that hold nothing come last, when there are several.

    :param at: rank of a column that is to be on the page, before ``number``.
    """
    if len(columns) > SHOWN:
        columns = sorted(columns, key=lambda one: one["why"] == "vide")
    starts = range(0, len(columns), SHOWN)
    found = next((n for n, one in enumerate(columns) if at and str(one["rank"]) == at), None)
    page = found // SHOWN if found is not None else min(max(number, 1), len(starts)) - 1
    here = columns[page * SHOWN : (page + 1) * SHOWN]
    ranks = {str(one["rank"]) for one in here}
    every = (str(one["rank"]) for one in columns)
    others = [(rank, said.get(rank, "")) for rank in every if rank not in ranks]
    pages = [(n + 1, start + 1, min(start + SHOWN, len(columns))) for n, start in enumerate(starts)]
    return Shown(here, others, page + 1, pages if len(pages) > 1 else [])
