"""What the sheet of a place offers to those who keep it true: the panel "Tenir cette fiche à jour"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reseau.directory import edits
from reseau.directory.models import Status
from reseau.directory.words import CRITERIA_TITLES

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.directory.sheet_page import SheetPage

TEMPLATE = "reseau.editing:templates/keep_panel.jinja2"
#: Where the form writes what a criterion of ``quality`` asks for.
_FIELDS = {
    "horaires": "horaires",
    "telephone": "telephone",
    "adresse": "adresse",
    "offre": "services",
    "acces": "modalites_acces",
    "prix": "frais_a_charge",
    "description": "presentation_resume",
    "contact": "courriels",
    "position": "latitude",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """``is_open``: the place is. ``edits``: whoever reads may change the sheet. ``contradicted``: a register says
    something else than people. ``lacks``: (title, address) of what the sheet lacks, the most useful first."""

    is_open: bool
    edits: bool
    contradicted: bool
    lacks: list[tuple[str, str]]


def keep_panel(request: Request, sheet: SheetPage) -> Panel | None:
    """``request.keep_panel(sheet)``: None when whoever reads has nothing to do there."""
    row, here = sheet.row, request.script_name + sheet.url
    is_open = row["status"] == Status.ACTIVE.value
    may_edit = bool(request.allows("sheet:edit", row["id"]))
    if not request.allows("sheet:verify", row["id"]) or not (is_open or may_edit):
        return None
    if not (is_open and may_edit):
        return Panel(is_open, may_edit, False, [])
    contradicted = any(one.conflict_since for one in edits.overrides(request.db, row["id"]).values())
    lacks = [(str(request.gettext(CRITERIA_TITLES[name])), here + _where(name)) for name in sheet.lacks]
    return Panel(True, True, contradicted, lacks)


def _where(criterion: str) -> str:
    return f"/modifier#{_FIELDS[criterion]}" if criterion in _FIELDS else "/verifier"
