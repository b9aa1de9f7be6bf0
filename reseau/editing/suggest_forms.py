"""The forms of suggestions: what is wrong, said by anyone; why it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import HiddenField, RadioField, StringField, TextAreaField

from reseau.core.ids import new_id, parse_id
from reseau.directory.suggestions import REASONS, Said, Unreadable, read
from reseau.directory.words import SUGGESTION_TITLES
from reseau.web.forms import EmailAddress, HoneypotMixin, MaxLength, Required, ReseauForm
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

CHOICES = [(reason, SUGGESTION_TITLES[reason]) for reason in REASONS]
SENTENCES = {
    "telephone": _(
        "Écrivez le bon numéro de téléphone, par exemple 03 20 00 00 00. Vous ne le connaissez pas ? "
        "Choisissez « Autre chose »."
    ),
    "courriel": _(
        "Écrivez la bonne adresse mail, par exemple accueil@lieu.fr. Vous ne la connaissez pas ? "
        "Choisissez « Autre chose »."
    ),
    "nominatif": _(
        "C’est l’adresse d’une personne : nous ne la publions pas. Écrivez une adresse du lieu, comme accueil@ "
        "ou contact@."
    ),
    "site": _(
        "Écrivez l’adresse du site, par exemple https://www.lieu.fr. Vous ne la connaissez pas ? "
        "Choisissez « Autre chose »."
    ),
    "identique": _("C’est ce que montre déjà la fiche. Écrivez ce qu’il faut mettre à la place."),
}


def storable(value: str | None) -> str | None:
    """Without NUL, which people do not type and PostgreSQL does not hold."""
    return value and value.replace("\x00", "")


class SuggestForm(HoneypotMixin, ReseauForm):
    """``numero`` is the form's nonce: a second click, or "back" and again, stores one suggestion."""

    raison = RadioField(
        _("Qu’est-ce qui est faux ?"), choices=CHOICES, validators=[Required(_("Choisissez ce qui est faux."))]
    )
    message = TextAreaField(
        _("Que faut-il écrire à la place ?"),
        description=_("Écrivez dans la langue que vous voulez. Par exemple : « fermé le mardi matin »."),
        validators=[Required(_("Écrivez en quelques mots ce qu’il faut changer.")), MaxLength(2000)],
        filters=[storable],
    )
    contact = StringField(
        _("Votre adresse mail, si vous voulez une réponse"),
        description=_("Elle sert seulement à vous répondre. Elle est effacée 30 jours après la réponse."),
        validators=[MaxLength(254), EmailAddress()],
        filters=[storable],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    numero = HiddenField(default=lambda: str(new_id()))

    def __init__(self, request: Request, row: Mapping[str, Any]) -> None:
        """:param row: the sheet as it is."""
        super().__init__(request)
        self.row = row
        self._read: tuple[str | None, Any] = (None, None)

    @property
    def nonce(self) -> UUID:
        """The nonce as sent; a new one when somebody made it up (then only a double click is not caught)."""
        return parse_id(self.numero.data or "") or new_id()

    def validate(self, extra_validators: Any = None) -> bool:
        """With what was written read as a value, where one was asked for."""
        if not super().validate(extra_validators):
            return False
        try:
            self._read = read(self.raison.data, self.message.data, self.row)
        except Unreadable as error:
            self.message.errors = [self.request.gettext(SENTENCES[error.args[0]])]
            return False
        return True

    @property
    def said(self) -> Said:
        """What was said, of a form that is valid."""
        field, proposed = self._read
        contact = (self.contact.data or "").strip() or None
        seen = self.row[field] if field else None
        return Said(self.raison.data, self.message.data.strip(), contact, field, proposed, seen)


class RefuseForm(ReseauForm):
    """Why a suggestion is refused: its sender reads it."""

    motif = TextAreaField(
        _("Pourquoi ?"),
        description=_("La personne qui a écrit recevra cette réponse, si elle a donné une adresse."),
        validators=[Required(_("Écrivez pourquoi, en une phrase.")), MaxLength(1000)],
        filters=[storable],
    )
