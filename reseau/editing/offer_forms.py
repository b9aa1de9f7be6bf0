"""The form of one offer of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import Field, HiddenField, RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError

from reseau.core.vocabularies import vocabulary
from reseau.directory import offers
from reseau.directory.models import Service
from reseau.editing import fields
from reseau.editing.values import phone
from reseau.web.forms import MaxLength, Required, ReseauForm
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

NOTHING = ""
_NO_NAME = _("Écrivez le nom de cette aide.")
_VOCABULARIES = {"demarches": "demarches", "publics": "publics", "frais": "frais"}
_PLAIN = {"type": offers.TYPES, "thematiques": offers.THEMES, "modes_accueil": offers.MODES}


def _read_name(text: str) -> str:
    if not (name := fields.read_line(text)) or not any(char.isalnum() for char in name):
        raise fields.Refused(_NO_NAME)
    return name


class Reads:
    """What is typed can be read as a value; the value is then ``field.data``. :param read: see ``fields.Editable``."""

    def __init__(self, read: Any) -> None:
        self.read = read

    def __call__(self, form: OfferForm, field: Field) -> None:
        try:
            form.read[field.name] = self.read(fields.tidy(field.data or ""))
        except fields.Refused as refused:
            text = field.gettext(refused.sentence)
            raise ValidationError(text % refused.values if refused.values else text) from None


class OfferForm(ReseauForm):
    """One offer. ``rev``: of the offer that the person saw (0 for a new one)."""

    nom = StringField(
        _("Nom"),
        description=_("Par exemple : Atelier Mon espace santé."),
        validators=[Required(_NO_NAME), MaxLength(150), Reads(_read_name)],
    )
    description = TextAreaField(
        _("Description"),
        description=_("Ce qu’on y fait, pour qui, comment s’inscrire."),
        validators=[MaxLength(5000), Reads(fields.read_text)],
    )
    type = RadioField(_("C’est plutôt"), validate_choice=False)
    horaires_accueil = StringField(
        _("Quand"),
        description=_("Par exemple : le mardi de 14 h à 16 h."),
        validators=[MaxLength(500), Reads(fields.read_line)],
    )
    demarches = SelectMultipleField(_("Démarches de santé"), validate_choice=False)
    thematiques = SelectMultipleField(_("Pour quoi faire"), validate_choice=False)
    publics = SelectMultipleField(
        _("Surtout pour"), description=_("Ne cochez rien si tout le monde peut venir."), validate_choice=False
    )
    modes_accueil = SelectMultipleField(_("Où"), validate_choice=False)
    frais = RadioField(_("Prix"), validate_choice=False)
    frais_precisions = StringField(_("Précisions sur le prix"), validators=[MaxLength(500), Reads(fields.read_line)])
    telephone = StringField(
        _("Téléphone"),
        description=_("S’il est différent de celui du lieu."),
        validators=[MaxLength(40), Reads(fields.read_phone)],
    )
    courriel = StringField(
        _("Mail"),
        description=_("Une adresse du lieu, pas celle d’une personne."),
        validators=[MaxLength(254), Reads(fields.read_mail)],
    )
    lien_mobilisation = StringField(
        _("Page pour s’inscrire ou prendre rendez-vous"), validators=[MaxLength(2000), Reads(fields.read_url)]
    )
    rev = HiddenField(default="0")

    def __init__(self, request: Request, offer: Service | None = None) -> None:
        self.read: dict[str, Any] = {}
        data = _typed(offer) if offer else {}
        super().__init__(request, **data)
        for name in (*_VOCABULARIES, *_PLAIN):
            self[name].choices = self._choices(name, getattr(offer, name, None) if offer else None)

    def _choices(self, name: str, present: Any) -> list[SelectChoice]:
        if name in _VOCABULARIES:
            known = {term.code: term.label(self.request.lang) for term in vocabulary(_VOCABULARIES[name]).terms}
        else:
            known = {code: self.request.gettext(words) for code, words in _PLAIN[name].items()}
        kept = present if isinstance(present, list) else [present] if present else []
        known |= {code: code for code in kept if code not in known}
        none = [SelectChoice(NOTHING, self.request.gettext(_("Je ne sais pas")))] if name in ("type", "frais") else []
        return [*none, *(SelectChoice(code, words) for code, words in known.items())]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also that what is chosen is among what is proposed."""
        valid = bool(super().validate(extra_validators))
        for name in (*_VOCABULARIES, *_PLAIN):
            field = self[name]
            said = field.data if isinstance(field.data, list) else [field.data or NOTHING]
            if not set(said) <= {choice.value for choice in field.choices} | {NOTHING}:
                field.errors = [field.gettext(_("Choisissez une des réponses proposées."))]
                valid = False
        return valid

    @property
    def values(self) -> dict[str, Any]:
        """What is to be written, by names of ``offers.CONTENT``; after :meth:`validate`."""
        ticked = {name: [code for code in self[name].data or [] if code] for name in offers.LISTS}
        order = {name: [choice.value for choice in self[name].choices] for name in offers.LISTS}
        lists = {name: sorted(set(codes), key=order[name].index) for name, codes in ticked.items()}
        return {**self.read, **lists, "type": self.type.data or None, "frais": self.frais.data or None}

    @property
    def seen_rev(self) -> int:
        """The revision that the person saw; -1 for what is none."""
        text = self.rev.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _typed(offer: Service) -> dict[str, Any]:
    said = offers.content(offer)
    said["telephone"] = phone(said["telephone"]) if said["telephone"] else ""
    said |= {name: said[name] or NOTHING for name in ("type", "frais")}
    return {**said, "rev": str(offer.rev)}
