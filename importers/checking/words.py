"""What the page says of a file: findings in the words of ``reasons``, and the table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from importers.checking.findings import Finding, Report, joined
from importers.checking.reasons import FORMS, OTHER, REASONS, REFUSALS
from importers.cleaning.words import sentence
from reseau.core.cells import harmless
from reseau.core.wording import Wording, _

_INSEE: Final = frozenset(("code-insee-inconnu", "code-insee-d-ailleurs"))
OF_A_LIST: Final = frozenset(("valeur-inconnue", "autre-ecriture", "services-vides"))
_LINES = (_("ligne %(rows)s"), _("lignes %(rows)s"))
_RECORDS = (_("élément %(rows)s"), _("éléments %(rows)s"))
_RUN = _("%(first)s à %(last)s")
_MORE = _("et %(count)s autres")
_TITLES, _WHOLE = _("titres des colonnes"), _("tout le fichier")
_TO = " → "
_HEAD = (_("Gravité"), _("Colonne"), _("Ce qui ne va pas"), _("Où"), _("Exemple"), _("Quoi écrire"))
ERROR, WARNING = _("Erreur"), _("Avertissement")


#: Rows of a finding that the page names; the table names all of them.
SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words. ``where``: « lignes 3 à 17, 21 ». ``values``: of the vocabulary, when its field has one."""

    finding: Finding
    what: str
    advice: str
    where: str
    has_list: bool = False


def told(finding: Finding, kind: str, say: Wording, today: date) -> Told:
    """One finding in the language of who reads. :param kind: format of the file. :param today: a date to show."""
    what, advice = REASONS.get(finding.reason, OTHER)
    if finding.reason == "repare" and finding.detail:
        what = sentence(finding.detail)
    if finding.reason in _INSEE and not finding.detail:
        advice = FORMS["code_insee"]
    if finding.reason == "format":
        advice = FORMS.get(finding.field, advice)
    values = {"detail": finding.detail, "today": today.isoformat()}
    return Told(
        finding, say.gettext(what, **values), say.gettext(advice, **values) if advice else "",
        where(finding, kind, say), finding.reason in OF_A_LIST,
    )  # fmt: skip


def where(finding: Finding, kind: str, say: Wording, runs: Sequence[Sequence[int]] | None = None) -> str:
    """The rows, as a spreadsheet numbers them (the header is the first), or the elements of a JSON list.

    :param runs: those to name; by default the first ones, and how many more there are.
    """
    if not finding.ranges:
        return say.gettext(_TITLES if finding.field else _WHOLE)
    table = kind in ("csv", "xlsx", "ods")
    chosen = joined(finding.ranges[:SHOWN] if runs is None else runs, 2 if table else 1)
    listed = ", ".join(say.gettext(_RUN, first=low, last=high) if low != high else str(low) for low, high in chosen)
    shown = sum(high - low + 1 for low, high in chosen)
    if runs is None and (rest := finding.count - shown):
        listed = f"{listed} {say.gettext(_MORE, count=rest)}"
    one, many = _LINES if table else _RECORDS
    return say.gettext(one if shown == 1 else many, rows=listed)


def refusal(report: Report, say: Wording) -> str:
    """Why nothing could be checked."""
    details = {"missing": "", "limit": "", **report.details}
    return say.gettext(REFUSALS.get(report.refused, REFUSALS["illisible"]), **details)


def as_csv(report: Report, say: Wording, today: date) -> str:
    """The table of errors and warnings, for a spreadsheet: a line for each run of rows, no cell runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([say.gettext(head) for head in _HEAD])
    for level, found in ((ERROR, report.errors), (WARNING, report.warnings)):
        for finding in found:
            one = told(finding, report.format, say, today)
            example = f"{finding.example}{_TO}{finding.after}" if finding.after else finding.example
            for place in _places(finding, report.format, say):
                cells = (say.gettext(level), finding.field, one.what, place, example, one.advice)
                writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def _places(finding: Finding, kind: str, say: Wording) -> Iterator[str]:
    if not finding.ranges:
        yield where(finding, kind, say)
    for run in finding.ranges:
        yield where(finding, kind, say, [run])
    left = finding.count - sum(last - first + 1 for first, last in finding.ranges)
    if finding.ranges and left:
        yield say.gettext(_MORE, count=left)
