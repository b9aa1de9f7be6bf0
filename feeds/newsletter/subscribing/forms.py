"""Forms of subscribing and choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, Field, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from feeds.newsletter.subscribing.services import Choices
from reseau.core.communes import Commune, communes
from reseau.core.vocabularies import vocabulary
from reseau.members.forms import Address, SelectMultipleField
from reseau.web.forms import HoneypotMixin, MaxLength, Required, ReseauForm, Said, on_text
from reseau.web.i18n import NAMES, _

if TYPE_CHECKING:
    from pyramid.request import Request

LANGUAGES = list(NAMES.items())
_SEVERAL = _("Plusieurs communes répondent : écrivez le code postal et le nom, par exemple « 59100 Roubaix ».")
_UNKNOWN = _("Cette commune est inconnue : vérifiez son nom, ou laissez vide.")
_PLAIN = on_text(lambda text: " ".join(text.replace("\x00", "").split()))


def find_communes(text: str) -> list[Commune]:
    """The communes that ``text`` may mean: a name, a postcode, or both."""
    words = text.split()
    postcode = next((word for word in words if len(word) == 5 and word.isascii() and word.isdecimal()), "")
    name = " ".join(word for word in words if word != postcode)
    known = communes()
    if name and postcode:
        one = known.resolve(name, postcode)
        return [one] if one else []
    return known.by_postcode(postcode) if postcode else known.by_name(name) or known.nearest(name)


class ChoicesForm(ReseauForm):
    """What a reader chooses."""

    langue = SelectField(_("Langue de la lettre"), choices=LANGUAGES, validators=[Required()])
    themes = SelectMultipleField(_("Thèmes"), description=_("Rien de coché : tous les thèmes."))
    commune = StringField(
        _("Votre commune"),
        description=_("Son nom ou son code postal, pour ce qui se passe près de chez vous."),
        validators=[MaxLength(100)], filters=[_PLAIN],
    )  # fmt: skip
    pro_sante = BooleanField(_("Je suis professionnel ou professionnelle de santé"))
    moins = BooleanField(_("Moins de lettres : une tous les trois mois au plus"))

    def __init__(self, request: Request, choices: Choices | None = None, **more: Any) -> None:
        """:param choices: what was chosen before."""
        if choices is not None:
            more |= {"langue": choices.lang, "themes": list(choices.themes), "pro_sante": choices.health,
                     "moins": choices.fewer, "commune": _written(choices.commune)}  # fmt: skip
        super().__init__(request, **more)
        self.themes.choices = [SelectChoice(one.code, one.label(request.lang)) for one in vocabulary("themes").terms]
        if choices is not None and choices.lang not in NAMES:  # a language of which the site has no interface
            self.langue.choices = [*self.langue.choices, SelectChoice(choices.lang, choices.lang)]
        self._commune = ""

    def validate_commune(self, field: Field) -> None:
        """:raises ValidationError: no commune, or several."""
        self._commune = ""
        if not field.data:
            return
        found = find_communes(field.data)
        if len(found) != 1:
            raise ValidationError(field.gettext(_SEVERAL if found else _UNKNOWN))
        self._commune = found[0].code

    @property
    def choices(self) -> Choices:
        """What was chosen; after ``validate()``."""
        wanted = set(self.themes.data or ())
        themes = tuple(one.code for one in vocabulary("themes").terms if one.code in wanted)
        return Choices(self.langue.data, themes, self._commune, bool(self.pro_sante.data), bool(self.moins.data))


class SubscribeForm(HoneypotMixin, ChoicesForm):
    """Ask for the letter. ``r``: code of the relay in whose address somebody clicked."""

    adresse = StringField(
        _("Votre adresse mail"), validators=[Required(_("Écrivez votre adresse mail.")), MaxLength(254), Address()]
    )
    r = HiddenField(validators=[MaxLength(40)])


class LookForm(ReseauForm):
    """One address, to help somebody who telephones."""

    adresse = StringField(
        _("Adresse mail de la personne"),
        validators=[Required(_("Écrivez une adresse mail.")), MaxLength(254), Address()],
    )


class InviteForm(ReseauForm):
    """A list of addresses, pasted; a file comes beside it. ``relais``: id of the relay that they would receive for."""

    adresses = TextAreaField(_("Collez les adresses"), validators=[Said(_("(ou un fichier)"))])
    langue = SelectField(_("Langue de l’invitation"), choices=LANGUAGES, default="fr", validators=[Required()])
    relais = SelectField(_("Pour qui ?"), choices=[])

    def __init__(self, request: Request, relays: list[tuple[str, str]], **data: Any) -> None:
        super().__init__(request, **data)
        nobody = SelectChoice("", request.gettext(_("Des personnes : elles recevront la lettre")))
        self.relais.choices = [nobody, *(SelectChoice(id_, name) for id_, name in relays)]


def _written(code: str) -> str:
    found = communes().by_code(code) if code else None
    if found is None:
        return ""
    return f"{found.postcodes[0]} {found.name}" if found.postcodes else found.name
