"""Forms of what people follow."""

from __future__ import annotations

from wtforms import RadioField, StringField

from feeds.syndication.following.saved import PACES
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _

PACE_CHOICES = [(pace.value, words) for pace, words in PACES.items()]


class FollowForm(ReseauForm):
    """How often a mail is made."""

    rythme = RadioField(_("Recevoir les nouveautés"), [Required()], choices=PACE_CHOICES)


class KeyForm(ReseauForm):
    """A new personal address."""

    nom = StringField(
        _("Nom de cette adresse"),
        [Required(), MaxLength(80)],
        filters=[on_text(lambda text: " ".join(text.replace("\x00", "").split()))],
        description=_("Pour la reconnaître : le lecteur de flux ou l’appareil où vous la mettrez."),
    )
