"""The forms of the watch: a feed, a list of feeds, a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from importers import fetch
from importers.targets.texts import clean_url
from importers.veille.feeds import MAX_TITLE, Wanted
from reseau.core.vocabularies import vocabulary
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base import langs
from resources.base.content import one_line
from resources.base.shapes import MAX_SUMMARY
from resources.base.shapes import MAX_TITLE as MAX_LINK_TITLE

if TYPE_CHECKING:
    from pyramid.request import Request

#: Of what a person says a link is worth: one line or two.
MAX_WORTH = min(300, MAX_SUMMARY)
_line = on_text(lambda text: one_line(text.replace("\x00", "")))


def themes(request: Request, empty: str) -> list[tuple[str, str]]:
    """Choices of a theme in the language of the request, by name; ``empty``: what none is called."""
    terms = sorted(
        ((term.code, term.label(request.lang)) for term in vocabulary("themes").terms), key=lambda one: one[1]
    )
    return [("", empty), *terms]


class FeedForm(ReseauForm):
    """A feed."""

    adresse = StringField(
        _("Adresse du flux, ou de la page qui l’annonce"),
        description=_("Elle commence par https://. Pour une page, son flux est cherché à la première lecture."),
        validators=[Required(_("Écrivez l’adresse du flux.")), MaxLength(2000)],
        filters=[on_text(str.strip)],
    )
    titre = StringField(
        _("Nom"), description=_("Sans nom, celui du site."), validators=[MaxLength(MAX_TITLE)], filters=[_line]
    )
    theme = SelectField(_("Thème"), description=_("Il est donné à toutes ses actualités."))
    garder = StringField(
        _("Garder seulement ce qui parle de"),
        description=_("Des mots séparés par des virgules. Leur début suffit : « médiat » trouve « médiatrice »."),
        validators=[MaxLength(500)],
        filters=[_line],
    )
    ecarter = StringField(
        _("Écarter ce qui parle de"),
        description=_("Par exemple : offre d’emploi, marché public."),
        validators=[MaxLength(500)],
        filters=[_line],
    )
    langue = SelectField(_("Langue de ce flux"))
    actif = BooleanField(_("Lire ce flux"))

    def __init__(self, request: Request, **data: Any) -> None:
        super().__init__(request, **data)
        self.theme.choices = themes(request, request.gettext(_("Aucun")))
        own = [(code, langs.own_name(code)) for code in langs.OFFERED if code != langs.FALC]
        self.langue.choices = [("", request.gettext(_("Celle que le flux dit"))), *own]

    def validate_adresse(self, field: StringField) -> None:
        """An address of the web."""
        if not clean_url(field.data or ""):
            text = _("Écrivez une adresse complète, par exemple https://exemple.fr/flux.")
            raise ValidationError(field.gettext(text))
        allowed = self.request.config.allow_private_addresses
        if not allowed and fetch.private_host(urlsplit(clean_url(field.data)).hostname or ""):
            text = _("Cette adresse est celle d’une machine ou d’un réseau privé : le site ne peut pas la lire.")
            raise ValidationError(field.gettext(text))

    @property
    def wanted(self) -> Wanted:
        """The feed; only of a form that is valid."""
        return Wanted(
            clean_url(self.adresse.data), self.titre.data or "", self.theme.data or "", self.garder.data or "",
            self.ecarter.data or "", self.langue.data or "",
        )  # fmt: skip


class LinkForm(ReseauForm):
    """What a link is worth."""

    titre = StringField(
        _("Titre"), validators=[Required(_("Écrivez un titre.")), MaxLength(MAX_LINK_TITLE)], filters=[_line]
    )
    vaut = TextAreaField(
        _("Ce que cela vaut, en une ligne"),
        description=_("À qui cela sert, et pour quoi faire. C’est ce que liront vos collègues."),
        validators=[Required(_("Écrivez en une ligne ce que cela vaut.")), MaxLength(MAX_WORTH)],
        filters=[_line],
    )
    theme = SelectField(_("Thème"), validators=[Required(_("Choisissez un thème."))])

    def __init__(self, request: Request, **data: Any) -> None:
        super().__init__(request, **data)
        self.theme.choices = themes(request, request.gettext(_("Choisir…")))
