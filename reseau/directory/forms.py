"""The form with which anyone says that a sheet is wrong."""

from __future__ import annotations

from uuid import UUID

from wtforms import HiddenField, RadioField, StringField, TextAreaField

from reseau.core.ids import new_id, parse_id
from reseau.web.forms import EmailAddress, HoneypotMixin, MaxLength, Required, ReseauForm
from reseau.web.i18n import _

CHOICES = [
    ("horaires", _("Les horaires sont faux")),
    ("contact", _("Le téléphone, le mail ou le site ne marche pas")),
    ("adresse", _("L’adresse est fausse")),
    ("ferme", _("Le lieu est fermé pour toujours")),
    ("doublon", _("Ce lieu est deux fois dans l’annuaire")),
    ("autre", _("Autre chose")),
]


def storable(value: str | None) -> str | None:
    """Without NUL, which people do not type and PostgreSQL does not hold."""
    return value and value.replace("\x00", "")


class ReportForm(HoneypotMixin, ReseauForm):
    """``numero`` is the form's nonce: a second click, or "back" and again, stores one report."""

    raison = RadioField(
        _("Qu’est-ce qui est faux ?"), choices=CHOICES, validators=[Required(_("Choisissez ce qui est faux."))]
    )
    message = TextAreaField(
        _("Que faut-il écrire à la place ?"),
        description=_("Par exemple : « fermé le mardi matin depuis septembre »."),
        validators=[Required(_("Écrivez en quelques mots ce qu’il faut changer.")), MaxLength(2000)],
        filters=[storable],
    )
    contact = StringField(
        _("Votre adresse mail, si vous voulez une réponse"),
        description=_("Elle sert seulement à vous répondre."),
        validators=[MaxLength(254), EmailAddress()],
        filters=[storable],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    numero = HiddenField(default=lambda: str(new_id()))

    @property
    def nonce(self) -> UUID:
        """The nonce as sent; a new one when somebody made it up (then only a double click is not caught)."""
        return parse_id(self.numero.data or "") or new_id()
