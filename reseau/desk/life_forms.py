"""The forms of the life of a place: a new one, a branch, the end."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, DateField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError

from reseau.core.communes import Commune
from reseau.core.contacts import clean_phone
from reseau.core.vocabularies import vocabulary
from reseau.members.proposals import read_commune
from reseau.web.forms import MaxLength, Required, ReseauForm
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

OLDEST_CLOSING = date(2000, 1, 1)


def _said(value: str | None) -> str | None:
    """One line without NUL, which people do not type and PostgreSQL does not hold."""
    return " ".join((value or "").replace("\x00", "").split())


class PlaceForm(ReseauForm):
    """A place in a few words; its hours and the rest are written on the form that follows."""

    nom = StringField(
        _("Nom du lieu"),
        description=_("Celui qui est écrit sur la porte."),
        validators=[Required(_("Écrivez le nom du lieu.")), MaxLength(200)],
        filters=[_said],
    )
    adresse = StringField(_("Numéro et rue"), validators=[MaxLength(300)], filters=[_said])
    commune = StringField(
        _("Ville"),
        description=_("Son nom ou son code postal, ou les deux. Par exemple : 59100 Roubaix."),
        validators=[Required(_("Écrivez la ville.")), MaxLength(100)],
        filters=[_said],
    )
    telephone = StringField(
        _("Téléphone"), description=_("Celui du lieu, pas d’une personne."), validators=[MaxLength(60)], filters=[_said]
    )
    siret = StringField(
        _("Numéro SIRET"),
        description=_("14 chiffres, si vous le connaissez. Il évite de créer deux fois le même lieu."),
        validators=[MaxLength(30)],
        filters=[_said],
    )
    services = SelectMultipleField(_("Aides proposées"))
    demarches = SelectMultipleField(_("Démarches de santé"))
    nouveau = BooleanField(_("Ce n’est aucun de ces lieux : créer une nouvelle fiche"))

    def __init__(self, request: Request, **data: Any) -> None:
        super().__init__(request, **data)
        for name in ("services", "demarches"):
            self[name].choices = [(term.code, term.label(request.lang)) for term in vocabulary(name).terms]

    def validate_commune(self, field: StringField) -> None:
        """A town that several could be is asked for again, never guessed."""
        if self.place is None:
            text = _("Nous ne connaissons pas cette ville. Écrivez son nom avec son code postal.")
            raise ValidationError(field.gettext(text))

    def validate_telephone(self, field: StringField) -> None:
        """French, or a short number."""
        if field.data and clean_phone(field.data).value is None:
            text = _("Écrivez un numéro français à dix chiffres, par exemple 03 20 00 00 00.")
            raise ValidationError(field.gettext(text))

    def validate_siret(self, field: StringField) -> None:
        """Fourteen digits, or nothing."""
        if field.data and len(self.digits) != 14:
            raise ValidationError(field.gettext(_("Un numéro SIRET a 14 chiffres. Vérifiez-le, ou laissez vide.")))

    @property
    def place(self) -> Commune | None:
        """The town, when it is sure which one."""
        return read_commune(self.commune.data or "")

    @property
    def digits(self) -> str:
        """Those of the SIRET."""
        return "".join(char for char in self.siret.data or "" if char.isascii() and char.isdigit())

    @property
    def values(self) -> dict[str, Any]:
        """Fields of the directory; only of a form that is valid."""
        town = self.place
        written = [word for word in (self.commune.data or "").split() if len(word) == 5 and word.isdigit()]
        codes = [code for code in (town.postcodes if town else ()) if code in written or len(town.postcodes) == 1]  # type: ignore[union-attr]
        return {
            "nom": self.nom.data, "adresse": self.adresse.data or None, "commune": town and town.name,
            "code_insee": town and town.code, "code_postal": codes[0] if codes else None,
            "telephone": clean_phone(self.telephone.data).value if self.telephone.data else None,
            "pivot": self.digits or None, "services": self.services.data or [], "demarches": self.demarches.data or [],
        }  # fmt: skip


class CloseForm(ReseauForm):
    """The end of a place. What is written is shown on its sheet."""

    le = DateField(
        _("Fermé depuis quel jour ?"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Required(_("Écrivez une date."))]
    )
    raison = TextAreaField(
        _("Pourquoi, ou où aller à la place ?"),
        description=_("Quelques mots qui seront lus sur la fiche. Par exemple : « a déménagé au 12 rue de Lille »."),
        validators=[Required(_("Écrivez en quelques mots pourquoi.")), MaxLength(500)],
        filters=[_said],
    )
    sur = BooleanField(_("Oui, ce lieu est fermé pour toujours"))

    def __init__(self, request: Request, today: date, **data: Any) -> None:
        self.today = today
        super().__init__(request, **data)

    def validate_le(self, field: DateField) -> None:
        """Not a day to come: a place that will close is still open."""
        if field.data and not OLDEST_CLOSING <= field.data <= self.today:
            text = _("Écrivez un jour passé, ou aujourd’hui : un lieu qui va fermer est encore ouvert.")
            raise ValidationError(field.gettext(text))

    def validate_sur(self, field: BooleanField) -> None:
        """A box, not a second page: one sees what one says yes to."""
        if not field.data:
            text = _("Pour confirmer, cochez la case : le lieu ne sera plus dans l’annuaire.")
            raise ValidationError(field.gettext(text))
