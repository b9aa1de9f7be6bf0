"""The forms of relays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from feeds.newsletter.relaying import own, reaching
from feeds.newsletter.relaying.reaching import LEAST, MAX_NOTE, MEANS, MOST, Said
from reseau.core.ids import parse_id
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base.content import clean_text, one_line

if TYPE_CHECKING:
    from pyramid.request import Request

_line = on_text(lambda text: one_line(text.replace("\x00", "")))
_text = on_text(lambda text: clean_text(text.replace("\x00", "")))


class RelayForm(ReseauForm):
    """A new relay. ``choix``: the structure, among those that the name may mean."""

    structure = StringField(
        _("Structure"),
        description=_("Une partie de son nom, ou l’adresse de sa fiche dans l’annuaire."),
        validators=[Required(_("Écrivez le nom de la structure.")), MaxLength(300)],
        filters=[_line],
    )
    choix = RadioField(_("Laquelle ?"), choices=[], validate_choice=False)

    def offer(self, found: list[tuple[str, str]]) -> None:
        """Ask which one is meant."""
        self.choix.choices = found


class OwnForm(ReseauForm):
    """What a relay puts on top of its edition."""

    intro_fr = TextAreaField(_("En français"), validators=[MaxLength(own.MAX_INTRO)], filters=[_text])
    intro_en = TextAreaField(_("En anglais"), validators=[MaxLength(own.MAX_INTRO)], filters=[_text])
    intro_ar = TextAreaField(_("En arabe"), validators=[MaxLength(own.MAX_INTRO)], filters=[_text])
    texte_logo = StringField(
        _("Ce que montre le logo"),
        description=_("Lu à voix haute à qui ne voit pas l’image. Par exemple : « Logo de la CPTS de Roubaix »."),
        validators=[MaxLength(own.MAX_ALT)],
        filters=[_line],
    )
    sans_logo = BooleanField(_("Enlever le logo"))

    def __init__(self, request: Request, needs_alt: bool = False, **data: Any) -> None:
        self.needs_alt = needs_alt
        super().__init__(request, **data)

    def validate_texte_logo(self, field: StringField) -> None:
        """A picture without words is nothing to who does not see it."""
        if self.needs_alt and not self.sans_logo.data and not field.data:
            raise ValidationError(field.gettext(_("Écrivez en quelques mots ce que montre le logo.")))


class ReachForm(ReseauForm):
    """To how many an issue was passed on."""

    nombre = IntegerField(
        _("Nombre de professionnels"),
        description=_("Un nombre entier, de 1 à 100 000. Une estimation suffit."),
        validators=[InputRequired(_("Écrivez à combien de professionnels vous avez transmis la lettre."))],
    )
    moyen = SelectField(
        _("Comment ?"), choices=[("", _("Choisir…")), *MEANS.items()], validators=[Required(_("Choisissez un moyen."))]
    )
    numero = SelectField(_("Quel numéro ?"), validate_choice=True)
    note = StringField(_("Précision"), validators=[MaxLength(MAX_NOTE)], filters=[_line])

    def __init__(self, request: Request, issues: list[tuple[str, str]], **data: Any) -> None:
        super().__init__(request, **data)
        self.numero.choices = [*issues, ("", request.gettext(_("Aucun en particulier")))]
        if self.numero.data is None and request.method != "POST":
            self.numero.data = issues[0][0] if issues else ""

    def validate_nombre(self, field: IntegerField) -> None:
        """Within the bounds."""
        if field.data is not None and not LEAST <= field.data <= MOST:
            raise ValidationError(field.gettext(_("Écrivez un nombre de 1 à 100 000.")))

    @property
    def said(self) -> reaching.Said:
        """Of a form that is valid."""
        return Said(int(self.nombre.data), self.moyen.data, parse_id(self.numero.data or ""), self.note.data or "")
