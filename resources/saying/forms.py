"""The forms of what people say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from reseau.core.ids import new_id, parse_id
from reseau.web.forms import EmailAddress, HoneypotMixin, MaxLength, Required, ReseauForm
from reseau.web.i18n import _
from resources.base.content import clean_text, one_line
from resources.saying import collecting, opinions, reports, uses
from resources.saying.collecting import LABELS, Shared
from resources.saying.reports import DUPLICATE, REFUSED, RESOLVED

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.saying.uses import MyPlace


def _text(value: Any) -> Any:
    return clean_text(value).strip() if isinstance(value, str) else value


def _line(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value


def choose(field: Any, choices: Sequence[tuple[str, str]]) -> None:
    """Give a field choices that are names, which nobody translates; the first is chosen if nothing was."""
    field.choices = list(choices)
    if field.data in (None, "", "None") and choices:
        field.data = choices[0][0]


class OpinionForm(ReseauForm):
    """Was it useful?"""

    utile = RadioField(
        _("Cette ressource vous a-t-elle été utile ?"),
        choices=[(str(grade), label) for grade, label in opinions.GRADES.items()],
        validators=[Required(_("Choisissez une réponse."))],
    )
    commentaire = TextAreaField(
        _("Votre commentaire"),
        description=_("Ce qui vous a servi, ce qui manque. 1 000 caractères au plus."),
        validators=[MaxLength(opinions.MAX_COMMENT)],
        filters=[_text],
    )


class HideForm(ReseauForm):
    """Why a comment is hidden: its author reads it."""

    motif = TextAreaField(
        _("Pourquoi masquer ce commentaire ?"),
        description=_("La personne qui l’a écrit recevra cette phrase par mail."),
        validators=[Required(_("Écrivez pourquoi, en une phrase.")), MaxLength(500)],
        filters=[_text],
    )


class UseForm(ReseauForm):
    """Our place used it. ``numero``: a second click says nothing new."""

    lieu = SelectField(_("Quel lieu ?"), validators=[Required(_("Choisissez un lieu."))], choices=[])
    jour = DateField(_("Quel jour ?"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Required(_("Choisissez un jour."))])
    personnes = IntegerField(
        _("Avec combien de personnes ?"),
        description=_("Un nombre seulement. N’écrivez pas qui."),
        validators=[Optional(), NumberRange(1, uses.MAX_PEOPLE, _("Écrivez un nombre entre 1 et 2000."))],
    )
    note = TextAreaField(_("Comment cela s’est passé ?"), validators=[MaxLength(uses.MAX_NOTE)], filters=[_text])
    numero = HiddenField(default=lambda: str(new_id()))
    vu = HiddenField(default="")

    def __init__(self, request: Request, places: Sequence[MyPlace], today: date, said: uses.Said | None = None) -> None:
        """:param places: of whoever asks. :param said: what is changed."""
        before: dict[str, Any] = {"jour": today}
        if said is not None:
            before = {
                "lieu": str(said.structure_id),
                "jour": said.on_day,
                "personnes": said.people,
                "note": said.note,
                "vu": said.digest,
            }
        super().__init__(request, data=before)
        choose(self.lieu, [(str(place.id), place.name) for place in places])

    @property
    def said(self) -> uses.Said:
        """What was said, of a form that is valid."""
        return uses.Said(UUID(self.lieu.data), self.jour.data, self.personnes.data, self.note.data or "")

    @property
    def nonce(self) -> UUID:
        """The nonce as sent; a new one when somebody made it up."""
        return parse_id(self.numero.data or "") or new_id()


class Expected:
    """Marks a field that is nearly always to be filled: the form itself says when."""

    field_flags = {"required": True}

    def __call__(self, _form: Any, _field: Any) -> None:
        """Nothing is refused here."""


class ReportForm(HoneypotMixin, ReseauForm):
    """What is wrong with a resource."""

    raison = RadioField(
        _("Que se passe-t-il ?"), choices=list(reports.REASONS.items()),
        validators=[Required(_("Choisissez ce qui ne va pas."))],
    )  # fmt: skip
    autre = StringField(
        _("Si c’est un doublon : l’adresse de l’autre ressource"),
        description=_("Copiez l’adresse de sa page, par exemple /kits/mon-espace-sante."),
        validators=[MaxLength(500)],
        filters=[_line],
    )
    message = TextAreaField(
        _("Expliquez en quelques mots"),
        description=_("Une phrase suffit. Écrivez dans la langue que vous voulez."),
        validators=[Expected(), MaxLength(reports.MAX_TEXT)],
        filters=[_text],
    )
    contact = StringField(
        _("Votre adresse mail, si vous voulez une réponse"),
        description=_("Elle sert seulement à vous répondre. Elle est effacée 30 jours après la réponse."),
        validators=[MaxLength(254), EmailAddress()],
        filters=[_line],
    )
    numero = HiddenField(default=lambda: str(new_id()))

    def validate(self, extra_validators: Any = None) -> bool:
        """With what the reason asks for."""
        good = super().validate(extra_validators)
        if self.raison.data == DUPLICATE and not self.autre.data and not self.autre.errors:
            self.autre.errors = [self.request.gettext(_("Copiez ici l’adresse de l’autre ressource."))]
            good = False
        if self.raison.data != DUPLICATE and not self.message.data and not self.message.errors:
            self.message.errors = [self.request.gettext(_("Expliquez en quelques mots ce qui ne va pas."))]
            good = False
        return bool(good)

    @property
    def nonce(self) -> UUID:
        """The nonce as sent; a new one when somebody made it up."""
        return parse_id(self.numero.data or "") or new_id()


class AnswerForm(ReseauForm):
    """What became of a report. The button says which (``decision``)."""

    mot = TextAreaField(
        _("Votre réponse"),
        description=_(
            "La personne qui a écrit la recevra, si elle a donné une adresse. Si vous refusez, dites pourquoi."
        ),
        validators=[MaxLength(reports.MAX_ANSWER)],
        filters=[_text],
    )
    decision = StringField(filters=[_line])

    def validate(self, extra_validators: Any = None) -> bool:
        """A refusal says why."""
        good = super().validate(extra_validators)
        if self.decision.data not in (RESOLVED, REFUSED):
            self.mot.errors = [self.request.gettext(_("Choisissez : réglé ou refusé."))]
            return False
        if self.decision.data == REFUSED and not self.mot.data:
            self.mot.errors = [self.request.gettext(_("Écrivez pourquoi, en une phrase."))]
            return False
        return bool(good)


class CollectionForm(ReseauForm):
    """A collection. ``proprietaire`` is asked once, when it is made. ``vu``: what was read of it."""

    titre = StringField(
        _("Titre de la collection"),
        description=_("Par exemple : « Mes ateliers du jeudi »."),
        validators=[Required(_("Écrivez un titre.")), MaxLength(collecting.MAX_TITLE)],
        filters=[_line],
    )
    proprietaire = SelectField(
        _("À qui est cette collection ?"),
        description=_("Les membres d’un lieu modifient ensemble les collections du lieu."),
        choices=[],
    )
    description = TextAreaField(
        _("À quoi sert-elle ?"), validators=[MaxLength(collecting.MAX_DESCRIPTION)], filters=[_text]
    )
    visibilite = RadioField(
        _("Qui peut la lire ?"), choices=[(one.value, LABELS[one]) for one in Shared], default=Shared.PRIVATE.value,
        validators=[Required(_("Choisissez qui peut la lire."))],
    )  # fmt: skip
    vu = HiddenField(default="")

    def __init__(
        self, request: Request, places: Sequence[tuple[str, str]], *, network: bool, new: bool, **before: Any
    ) -> None:
        """:param places: (id, name) of the places of whoever asks. :param network: whether they are of the network:
        others share by the address only."""
        super().__init__(request, data=before)
        if new:
            choose(self.proprietaire, [("", request.gettext(_("Moi"))), *places])
        else:
            del self.proprietaire
        if not network:
            allowed = {Shared.PRIVATE.value, Shared.LINK.value, before.get("visibilite")}
            self.visibilite.choices = [one for one in self.visibilite.choices if one.value in allowed]
