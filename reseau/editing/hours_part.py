"""The hours in the form of a sheet: the week as a table, or the words that a table cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from reseau.core import hours_grid
from reseau.core.hours_grid import Grid, GridDay, GridError
from reseau.web.formats import format_day
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

MODE, UNKNOWN = "h-mode", "h-inconnu"
KEEP, REPLACE = "garder", "remplacer"
NOON = 12 * 60
SLOTS = (_("matin"), _("après-midi"))
EDGES = (("de", _("de")), ("a", _("à")))
RHYTHMS = {
    "toutes": _("Toutes les semaines"),
    "1/2": _("Une semaine sur deux"),
    "1/3": _("Une semaine sur trois"),
    "2/3": _("Deux semaines sur trois"),
    "1/4": _("Une semaine sur quatre"),
    "2/4": _("Deux semaines sur quatre"),
    "3/4": _("Trois semaines sur quatre"),
}
HOLIDAYS = {
    "ferme": _("Fermé les jours fériés"),
    "ouvert": _("Ouvert comme d’habitude"),
    "inconnu": _("Je ne sais pas"),
}
CLOSURE_PARTS = (("du", _("Du")), ("au", _("au")), ("motif", _("Pourquoi (facultatif)")))
_KEPT_BUT_FILLED = _("Vous avez rempli le tableau : choisissez de remplacer les horaires, ou videz le tableau.")
_PARTS = {
    "h-rythme": _("Quelles semaines ?"),
    "h-rythme-depuis": _("Première semaine d’ouverture"),
    "h-feries": _("Jours fériés"),
    MODE: _("Horaires"),
}


def fits(row: Mapping[str, Any], today: date) -> Grid | None:
    """The hours of a sheet as a table, None when it cannot hold them."""
    return hours_grid.from_osm(row["horaires"], today) if row["horaires"] else None


def is_richer(row: Mapping[str, Any], today: date) -> bool:
    """Whether the sheet has hours that a table cannot hold: they are shown as they are, and left unless replaced."""
    return bool(row["horaires"] or row["horaires_texte"]) and fits(row, today) is None


def as_typed(row: Mapping[str, Any], today: date) -> list[tuple[str, str]]:
    """The fields of the table for the hours of a sheet; an afternoon alone stands in the afternoon."""
    grid = fits(row, today) or Grid((GridDay(),) * 7)
    fields = hours_grid.fields_from_grid(grid)
    for day, said in enumerate(grid.days):
        if len(said.spans) == 1 and said.spans[0].start >= NOON:
            for edge, _label in EDGES:
                fields[f"h-{day}-2-{edge}"], fields[f"h-{day}-1-{edge}"] = fields[f"h-{day}-1-{edge}"], ""
    if is_richer(row, today):
        fields[MODE] = KEEP
    return [(name, value) for name, value in fields.items() if value]


class HoursPart:
    """The table as it was given or posted. ``problems``: field → what is wrong, in the language of the request."""

    def __init__(self, request: Request, row: Mapping[str, Any], pairs: Iterable[tuple[str, str]], today: date) -> None:
        self.request, self.row, self.today = request, row, today
        self.said: dict[str, str] = {}
        for name, value in pairs:
            if name.startswith("h-"):
                self.said.setdefault(name, value)
        self.problems: dict[str, str] = {}
        self.is_richer = is_richer(row, today)
        self.rhythms, self.holidays, self.slots, self.edges = RHYTHMS, HOLIDAYS, SLOTS, EDGES
        self.closure_parts = CLOSURE_PARTS

    def value(self, name: str) -> str:
        """What is typed in a field."""
        return self.said.get(name, "")

    @property
    def closures(self) -> range:
        """Numbers of the rows of exceptional closures: three, four when there are."""
        return range(4 if any(self.value(f"h-fermeture-3-{part}") for part in ("du", "au", "motif")) else 3)

    @property
    def has_more(self) -> bool:
        """Whether something stands in the folded parts: rhythm, public holidays, closures."""
        names = [name for name, value in self.said.items() if value and name.startswith(("h-rythme-", "h-fermeture"))]
        more = self.value("h-rythme") not in ("", "toutes") or self.value("h-feries") not in ("", "inconnu")
        return bool(names) or more or any(name in self.problems for name in (*_PARTS, *names))

    @property
    def _is_filled(self) -> bool:
        return any(value.strip() for name, value in self.said.items() if name[2:3].isdigit())

    def read(self) -> dict[str, Any] | None:
        """Values of ``horaires`` and ``horaires_texte``; {} to leave them; None when something is to be corrected."""
        if self.value(UNKNOWN) == "y":
            return {"horaires": None, "horaires_texte": None}
        if self.is_richer and self.value(MODE) != REPLACE:
            if self._is_filled:
                self.problems[MODE] = self.request.gettext(_KEPT_BUT_FILLED)
                return None
            return {}
        try:
            osm = hours_grid.to_osm(hours_grid.grid_from_fields(self.said), self.today)
            if osm is None:
                raise GridError([hours_grid.Problem(None, "h-0-1-de", "no_hours")])
        except GridError as wrong:
            for problem in wrong.problems:
                sentence = self.request.gettext(hours_grid.SENTENCES[problem.code])
                self.problems.setdefault(problem.field or "h-0-1-de", sentence)
            return None
        return {"horaires": osm, "horaires_texte": None}

    def label(self, name: str) -> str:
        """How a field of the table is called: ``mardi, matin, de``."""
        say, parts = self.request.gettext, name.split("-")
        if name in _PARTS:
            return str(say(_PARTS[name]))
        if parts[1] == "fermeture":
            return f"{say(_('Fermeture exceptionnelle'))} {int(parts[2]) + 1}, {say(dict(CLOSURE_PARTS)[parts[3]])}"
        day = self.day_name(int(parts[1]))
        if parts[2] == "rdv":
            return f"{day}, {say(_('sur rendez-vous'))}"
        return f"{day}, {say(SLOTS[int(parts[2]) - 1])}, {say(dict(EDGES)[parts[3]])}"

    def day_name(self, number: int) -> str:
        """``mardi`` in the language of the page."""
        return format_day(number, self.request.lang)

    @property
    def refused(self) -> list[Any]:
        """The fields with a problem, as the summary of errors wants them."""
        return [
            SimpleNamespace(id=name, label=SimpleNamespace(text=self.label(name)), errors=[sentence])
            for name, sentence in self.problems.items()
        ]
