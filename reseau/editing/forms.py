"""The form of a sheet: filled from the sheet, a draft or a POST; what was touched is read, the rest is left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from webob.multidict import MultiDict
from wtforms import BooleanField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import ValidationError

from reseau.core.communes import Commune, communes
from reseau.core.vocabularies import vocabulary
from reseau.directory import present
from reseau.directory.words import FIELD_LABELS
from reseau.editing import fields, hours_part
from reseau.editing.fields import ADDITIONS, BY_FORM_NAME, CHOICE, EDITABLES, MARK, UNITS, Editable, Refused
from reseau.web.forms import MaxLength, ReseauForm
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

MINE, THEIRS = "mien", "autre"
TYPED_TOWN = ("commune", "code_postal")
RHYTHM = "vu-rythme"
REPORTED, ANSWERS = "suggestion", "repond"
"""The error that the form corrects, and whether it does."""
MAX_TOWNS = 20
VERIFY_EVERY = [
    ("1", _("Tous les mois")),
    ("3", _("Tous les 3 mois")),
    ("6", _("Tous les 6 mois")),
    ("12", _("Tous les ans")),
]
_UNKNOWN_TOWN = _("Nous ne connaissons pas cette ville. Vérifiez son nom et le code postal.")
_CHOOSE_TOWN = _("Plusieurs villes sont possibles : choisissez la bonne.")
_UNDECIDED = _("Choisissez ce qu’il faut garder.")


def _wtform(editable: Editable) -> UnboundField:
    label, rules = FIELD_LABELS[editable.name], [MaxLength(editable.limit)]
    if editable.shape == "choices":
        return SelectMultipleField(label, description=editable.hint, validate_choice=False)
    kind = StringField if editable.shape == "line" else TextAreaField
    return kind(label, description=editable.hint, validators=rules)


class SheetForm(ReseauForm):
    """Fields of the national names; a *unit* is in the form when its mark (``vu-…``) is.

    :param row: columns of the sheet as it is now. :param pairs: what fills the form, as a browser would post it.
    After :meth:`validate`: ``values``, field → value to be written; ``base``, what the person had seen of it;
    ``mine``, unit → values of what they changed and could be read, to be written or not.
    """

    demenage = BooleanField(_("Le lieu a déménagé"))
    code_insee = SelectField(_("Quelle ville ?"), validate_choice=False)
    typologie_plus = SelectField(_("Ajouter un type de lieu"), validate_choice=False)
    verify_every = SelectField(_("Nous vous demandons de vérifier la fiche"), choices=VERIFY_EVERY)
    verifie = BooleanField(_("J’ai relu toute la fiche : le reste est exact aujourd’hui"))
    repond = BooleanField(_("Cette correction répond à l’erreur signalée"))

    def __init__(self, request: Request, row: Mapping[str, Any], pairs: fields.Pairs, today: date) -> None:
        self.row, self.pairs = row, pairs
        self.values: dict[str, Any] = {}
        self.base: dict[str, str] = {}
        self.mine: dict[str, dict[str, Any]] = {}
        self.undecided: list[str] = []
        self.hours = hours_part.HoursPart(request, row, pairs, today)
        super().__init__(request, formdata=MultiDict(pairs))
        for editable in EDITABLES:
            if editable.shape == "choices":
                self[editable.name].choices = self._options(editable)
        self.code_insee.choices = []
        kinds = vocabulary("typologies").terms
        labels = sorted((term.label(request.lang), term.code) for term in kinds if term.code not in row["typologie"])
        self.typologie_plus.choices = [SelectChoice("", ""), *(SelectChoice(code, label) for label, code in labels)]

    def _options(self, editable: Editable) -> list[SelectChoice]:
        known, lang = editable.vocabulary or "", self.request.lang
        codes = fields.codes_of(editable.name, self.row)
        return [SelectChoice(code, present.label(known, code, lang)) for code in codes]

    # --- what was touched ---

    def first(self, name: str) -> str:
        """The first value posted under a name, or ""."""
        return next((value for key, value in self.pairs if key == name), "")

    @property
    def changed(self) -> list[str]:
        """The units in which something is typed or ticked otherwise than it was given, in the order of the form."""
        marks = {name.removeprefix(MARK): value for name, value in self.pairs if name.startswith(MARK)}
        return [
            unit
            for unit in UNITS
            if unit in marks and fields.typed_digest(unit, self.pairs) != fields.read_mark(unit, marks[unit])[1]
        ]

    @property
    def conflicting(self) -> list[str]:
        """The units of which the form showed two versions to choose from."""
        return list(dict.fromkeys(value for name, value in self.pairs if name == "conflit" and value in UNITS))

    def chosen(self, unit: str) -> str:
        """``mien``, ``autre`` or "": which version is kept."""
        choice = self.first(CHOICE + unit)
        return choice if unit in self.conflicting and choice in (MINE, THEIRS) else ""

    @property
    def rhythm(self) -> int | None:
        """The new rhythm of verification in months, None when it is left."""
        chosen, shown = self.first("verify_every"), self.first(RHYTHM)
        return int(chosen) if chosen != shown and chosen in dict(VERIFY_EVERY) else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Read what was changed; nothing else is looked at: a register's mistake is not the person's."""
        changed = self.changed
        for unit in changed:
            known = len(self.refused)
            values = self._read(unit) or {}
            if len(self.refused) == known:
                self.mine[unit] = values
            if self.chosen(unit) == THEIRS:
                self._forgive(unit)
            elif unit in self.mine:
                self._take(unit, values)
        if self.demenage.data and "position" not in changed and self.first(MARK + "position"):
            self._take("position", {"latitude": None, "longitude": None})
        self.undecided = [unit for unit in self.conflicting if not self.chosen(unit)]
        return not self.refused

    def _take(self, unit: str, values: Mapping[str, Any]) -> None:
        base, _typed = fields.read_mark(unit, self.first(MARK + unit))
        self.values |= values
        self.base |= {name: digest for name, digest in base.items() if name in values}

    def _forgive(self, unit: str) -> None:
        for name in UNITS[unit]:
            if name in self:
                self[name].errors = []
        if unit == "horaires":
            self.hours.problems.clear()

    @property
    def refused(self) -> list[Any]:
        """What is to be corrected, in the order of the page."""
        undecided = [
            SimpleNamespace(
                id=f"{CHOICE}{unit}",
                label=SimpleNamespace(text=self.unit_label(unit)),
                errors=[self.request.gettext(_UNDECIDED)],
            )
            for unit in self.undecided
        ]
        order = [*BY_FORM_NAME, *(field.name for field in self if field.name not in BY_FORM_NAME)]
        return [*undecided, *self.hours.refused, *(self[name] for name in order if self[name].errors)]

    def unit_label(self, unit: str) -> str:
        """How a unit is called."""
        own = {"adresse": _("Adresse"), "position": _("Place sur la carte")}
        return str(self.request.gettext(own.get(unit) or FIELD_LABELS[unit]))

    # --- reading ---

    def _read(self, unit: str) -> dict[str, Any] | None:
        if unit == "horaires":
            return self.hours.read()
        if unit == "adresse":
            return self._read_address()
        values = {name: self._read_one(name) for name in UNITS[unit]}
        if unit == "position" and (values["latitude"] is None) != (values["longitude"] is None):
            empty = "latitude" if values["latitude"] is None else "longitude"
            if not self.latitude.errors and not self.longitude.errors:
                self._refuse(empty, Refused(_("Écrivez les deux nombres, ou aucun.")))
        return values

    def _refuse(self, name: str, refused: Refused) -> None:
        self[name].errors = [*self[name].errors, self.request.gettext(refused.sentence, **refused.values)]

    def _read_one(self, name: str) -> Any:
        field, editable = self[name], BY_FORM_NAME[name]
        if editable.shape == "choices":
            return self._ticked(name)
        try:
            for rule in field.validators:
                rule(self, field)
            return editable.read(fields.tidy(field.data or ""))
        except Refused as refused:
            self._refuse(name, refused)
        except ValidationError as wrong:
            field.errors = [*field.errors, str(wrong)]
        return None

    def _ticked(self, name: str) -> list[str]:
        """What is ticked, in the order of the vocabulary; as the sheet has it when it is the same."""
        known = vocabulary(BY_FORM_NAME[name].vocabulary or "")
        said = [value for key, value in self.pairs if value and key in (name, ADDITIONS.get(name))]
        if any(known.get(code) is None and code not in self.row[name] for code in said):
            self._refuse(name, Refused(_("Choisissez une des réponses proposées.")))
        ticked = sorted(set(said), key=lambda code: (known.position(code), code))
        return list(self.row[name]) if set(ticked) == set(self.row[name]) else ticked

    def _read_address(self) -> dict[str, Any]:
        names = ("adresse", "complement_adresse", *TYPED_TOWN)
        values = {name: self._read_one(name) for name in names}
        values["code_insee"] = self.row["code_insee"]
        shown = {name: value for name in TYPED_TOWN for _name, value in fields.typed(name, self.row[name])}
        if any(self[name].errors for name in names):
            return {}
        if any(fields.tidy(self[name].data or "") != shown.get(name, "") for name in TYPED_TOWN):
            self._find_town(values)
        return values

    def _find_town(self, values: dict[str, Any]) -> None:
        """Name and code of the one town that is meant; when several are possible the form asks which."""
        name, postcode = values["commune"], values["code_postal"]
        found, possible = town(name, postcode, self.first("code_insee"))
        if found is None and possible:
            texts = [(one.code, f"{one.name} ({', '.join(one.postcodes[:3])})") for one in possible]
            self.code_insee.choices = [SelectChoice("", ""), *(SelectChoice(code, text) for code, text in texts)]
            is_known = not name or any(communes().by_name(name))
            self._refuse("code_insee", Refused(_CHOOSE_TOWN if is_known else _UNKNOWN_TOWN))
        elif found is None and (name or postcode):
            self._refuse("commune", Refused(_UNKNOWN_TOWN))
        values["commune"] = found.name if found else None
        values["code_insee"] = found.code if found else None
        if found and (not postcode or postcode[:2] != found.code[:2]):
            values["code_postal"] = found.postcodes[0] if len(found.postcodes) == 1 else None


def town(name: str | None, postcode: str | None, chosen: str) -> tuple[Commune | None, Sequence[Commune]]:
    """(the one town that is meant or None, those among which to choose). :param chosen: code that the person chose."""
    known = communes()
    if found := known.resolve(name, postcode):
        return found, ()
    named = (known.by_name(name) or known.nearest(name)) if name else []
    possible = list({one.code: one for one in (*named, *known.by_postcode(postcode or ""))}.values())[:MAX_TOWNS]
    return next((one for one in possible if one.code == chosen), None), possible


for _editable in EDITABLES:
    setattr(SheetForm, _editable.name, _wtform(_editable))


def as_typed(row: Mapping[str, Any], today: date) -> fields.Pairs:
    """The form of a sheet as a browser would post it if nobody touched it, with its marks."""
    pairs = hours_part.as_typed(row, today)
    for editable in EDITABLES:
        pairs += fields.typed(editable.name, row[editable.name])
    marks = [fields.mark(unit, row, pairs) for unit in UNITS]
    every = str(row["verify_every"])
    return [*pairs, *marks, ("verify_every", every), (RHYTHM, every)]
