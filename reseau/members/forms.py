"""Forms of entering and of one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import wtforms
from wtforms import BooleanField, Field, Form, HiddenField, SelectChoice, SelectField, StringField
from wtforms.validators import StopValidation, ValidationError

from reseau.core.letters import one_line
from reseau.members.invitations import clean_address
from reseau.members.profile import SPOKEN
from reseau.web.forms import OWN_WORDS, MaxLength, Required, ReseauForm
from reseau.web.i18n import NAMES, _

if TYPE_CHECKING:
    from pyramid.request import Request

MAX_NAME = 120
_NOT_A_CHOICE = OWN_WORDS["Not a valid choice."]  # apart: in a call of gettext the English would be extracted


def tidy(value: str | None) -> str | None:
    """On one line, without control characters."""
    return value and one_line(value)


class Address:
    """An address that a mail can go to; the field's data becomes its normal form."""

    def __call__(self, _form: Form, field: Field) -> None:
        found = clean_address(field.data or "")
        if found is None:
            raise ValidationError(field.gettext(_("Écrivez une adresse complète, par exemple nom@exemple.fr.")))
        field.data = found


class Ticked:
    """The box must be ticked. :param message: a French msgid."""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation(field.gettext(self.message))


class SelectMultipleField(wtforms.SelectMultipleField):  # type: ignore[misc]
    """Boxes to tick. It keeps the name by which templates know it, and says our words."""

    def pre_validate(self, form: Form) -> None:
        """:raises ValidationError: a value that is none of the choices."""
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError(self.gettext(_NOT_A_CHOICE)) from None


class AskForm(ReseauForm):
    """The address to mail a link to. ``suite``: where to go then. ``lien``: a link that did not work, to replace it."""

    adresse = StringField(
        _("Votre adresse mail"),
        validators=[Required(_("Écrivez votre adresse mail.")), MaxLength(254), Address()],
    )
    suite = HiddenField()
    lien = HiddenField()


def _name() -> Any:
    return StringField(
        _("Votre prénom et votre nom"),
        description=_("Le nom que vos collègues verront, par exemple « Nadia Benali »."),
        validators=[Required(_("Écrivez votre prénom et votre nom.")), MaxLength(MAX_NAME)],
        filters=[tidy],
    )


def _lang() -> Any:
    return SelectField(_("Langue des mails que vous recevrez"), choices=list(NAMES.items()), validators=[Required()])


class NewcomerForm(ReseauForm):
    """What a new account needs."""

    nom = _name()
    langue_mails = _lang()


class ProfileForm(ReseauForm):
    """What a person says of themselves.

    :param kinds: (kind of mail, msgid) of the mails that they may choose; without any there is no field ``mails``.
    """

    nom = _name()
    langues = SelectMultipleField(_("Langues que vous parlez"), choices=list(SPOKEN.items()))
    langue_mails = _lang()
    mails = SelectMultipleField(_("Écrivez-moi quand…"), choices=[])

    def __init__(self, request: Request, kinds: Sequence[tuple[str, str]], **data: Any) -> None:
        super().__init__(request, **data)
        if kinds:
            self.mails.choices = [SelectChoice(code, request.gettext(text)) for code, text in kinds]
        else:
            del self.mails


class AddressForm(ReseauForm):
    """Another mail address for one's account."""

    adresse = StringField(
        _("Votre nouvelle adresse mail"),
        description=_("Nous y enverrons un lien, pour être sûrs que c’est la vôtre."),
        validators=[Required(_("Écrivez votre nouvelle adresse mail.")), MaxLength(254), Address()],
    )


class LeaveForm(ReseauForm):
    """To delete one's account."""

    compris = BooleanField(
        _("J’ai compris : mon compte sera supprimé tout de suite, et je ne pourrai pas le récupérer."),
        validators=[Ticked(_("Cochez la case pour supprimer votre compte."))],
    )
