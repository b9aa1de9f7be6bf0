"""The forms of the committee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from reseau.directory.reproject import add_months
from reseau.label import criteria as versions
from reseau.label.models import Criteria
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
OLDEST, YEARS = date(2020, 1, 1), 5
MAX_NOTE = 2_000


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()


clean = on_text(_clean)


class _Deciding(ReseauForm):
    """What giving and renewing ask both. :param today: of the site."""

    criteres = SelectField(_("Critères"), validators=[Required(_("Choisissez une des réponses proposées."))])
    fin = DateField(
        _("Dernier jour du label"),
        format=FORMATS,
        validators=[Required(_("Écrivez une date, par exemple 31/12/2026."))],
    )
    decide = DateField(
        _("Décidé par le comité le"),
        format=FORMATS,
        validators=[Required(_("Écrivez une date, par exemple 31/12/2026."))],
    )
    note = TextAreaField(
        _("Note pour le comité"),
        description=_("Personne d’autre ne la lit. N’écrivez rien sur une personne aidée."),
        validators=[MaxLength(MAX_NOTE)],
        filters=[clean],
    )

    def __init__(self, request: Request, today: date, known: Sequence[Criteria], **data: Any) -> None:
        self.today = today
        super().__init__(request, **data)
        self.criteres.choices = [(one.version, one.version) for one in known]

    def validate_fin(self, field: DateField) -> None:
        """Not over already, and not for ever: places change."""
        if field.data and field.data < self.today:
            raise ValidationError(field.gettext(_("Ce jour est passé : choisissez un jour à venir.")))
        if field.data and field.data > add_months(self.today, 12 * YEARS):
            text = _("C’est trop loin : un label se donne pour %(years)s ans au plus.")
            raise ValidationError(field.gettext(text) % {"years": YEARS})

    def validate_decide(self, field: DateField) -> None:
        """A decision is made before it is written down."""
        if field.data and not OLDEST <= field.data <= self.today:
            raise ValidationError(field.gettext(_("Écrivez un jour passé, ou aujourd’hui.")))


class RenewForm(_Deciding):
    """A label that follows another begins the day after it."""


class GrantForm(_Deciding):
    """A place receives the label."""

    debut = DateField(
        _("Premier jour du label"),
        format=FORMATS,
        validators=[Required(_("Écrivez une date, par exemple 31/12/2026."))],
    )

    def validate_debut(self, field: DateField) -> None:
        """Somewhere near: a year typed wrong is seen here."""
        if field.data and not OLDEST <= field.data <= add_months(self.today, 12):
            raise ValidationError(field.gettext(_("Choisissez un jour dans les douze mois qui viennent, ou passé.")))


class WithdrawForm(ReseauForm):
    """The end before the end."""

    le = DateField(
        _("Sans le label depuis le"),
        description=_("Le premier jour sans le label : aujourd’hui, ou un jour passé."),
        format=FORMATS,
        validators=[Required(_("Écrivez une date, par exemple 31/12/2026."))],
    )
    raison = TextAreaField(
        _("Pourquoi ?"),
        description=_("Lu par le comité, la coordination et l’équipe du lieu. Le public lit seulement que le label est "
                      "terminé."),
        validators=[Required(_("Écrivez en quelques mots pourquoi.")), MaxLength(MAX_NOTE)],
        filters=[clean],
    )  # fmt: skip


class CriteriaForm(ReseauForm):
    """A version of the criteria in each language."""

    version = StringField(
        _("Nom de la version"),
        description=_(
            "Court, par exemple 2026 ou 2026.2. Des lettres sans accent, des chiffres, un point ou un tiret."
        ),
        validators=[Required(), MaxLength(20)],
        filters=[clean, on_text(str.lower)],
    )
    debut = DateField(
        _("À partir du"),
        description=_("Le premier jour où un label peut être donné avec ces critères."),
        format=FORMATS,
        validators=[Required(_("Écrivez une date, par exemple 31/12/2026."))],
    )
    fr = TextAreaField(
        _("Les critères en français"),
        description=_("Avec des mots simples. Une liste : une ligne par critère, qui commence par un tiret."),
        validators=[Required(_("Écrivez les critères.")), MaxLength(versions.MAX_TEXT)],
        filters=[clean],
    )
    falc = TextAreaField(_("En français facile (FALC)"), validators=[MaxLength(versions.MAX_TEXT)], filters=[clean])
    en = TextAreaField(_("En anglais"), validators=[MaxLength(versions.MAX_TEXT)], filters=[clean])
    ar = TextAreaField(_("En arabe"), validators=[MaxLength(versions.MAX_TEXT)], filters=[clean])

    @property
    def texts(self) -> dict[str, str]:
        """Language → Markdown."""
        fields = {"fr": self.fr, "fr-x-falc": self.falc, "en": self.en, "ar": self.ar}
        return {lang: field.data or "" for lang, field in fields.items()}
