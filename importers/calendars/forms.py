"""The form of a calendar."""

from __future__ import annotations

from urllib.parse import urlsplit

from wtforms import StringField
from wtforms.validators import ValidationError

from importers import fetch
from importers.calendars.following import clean_address
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base.content import one_line

_line = on_text(lambda text: one_line(text.replace("\x00", "")))


class CalendarForm(ReseauForm):
    """A calendar."""

    adresse = StringField(
        _("Adresse de l’agenda"),
        description=_("Celle qui donne le fichier .ics. Elle commence par https:// ou webcal://."),
        validators=[Required(_("Écrivez l’adresse de l’agenda.")), MaxLength(2000)],
        filters=[_line],
    )
    titre = StringField(
        _("Nom"), description=_("Sans nom, celui du site."), validators=[MaxLength(200)], filters=[_line]
    )
    lieu = StringField(
        _("Qui organise"),
        description=_("L’adresse de sa fiche dans l’annuaire."),
        validators=[MaxLength(500)],
        filters=[_line],
    )

    def validate_adresse(self, field: StringField) -> None:
        """An address of the web."""
        if not clean_address(field.data or ""):
            text = _("Écrivez une adresse complète, par exemple https://exemple.fr/agenda.ics.")
            raise ValidationError(field.gettext(text))
        allowed = self.request.config.allow_private_addresses
        if not allowed and fetch.private_host(urlsplit(clean_address(field.data)).hostname or ""):
            text = _("Cette adresse est celle d’une machine ou d’un réseau privé : le site ne peut pas la lire.")
            raise ValidationError(field.gettext(text))
