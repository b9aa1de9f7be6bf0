"""The form of how one is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wtforms import RadioField, SelectField

from reseau.notices.models import NoticeChoice
from reseau.notices.preferences import KINDS, Mode, chosen_mode
from reseau.web.forms import Required, ReseauForm
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

MODES = [
    (Mode.NOW.value, _("Aussitôt")),
    (Mode.DAY.value, _("Un mail par jour")),
    (Mode.WEEK.value, _("Un mail par semaine")),
    (Mode.SITE.value, _("Sur le site seulement")),
]
WEEKDAYS = [
    ("0", _("lundi")), ("1", _("mardi")), ("2", _("mercredi")), ("3", _("jeudi")), ("4", _("vendredi")),
    ("5", _("samedi")), ("6", _("dimanche")),
]  # fmt: skip


class ChoicesForm(ReseauForm):
    """For each kind how to be told; the hour, and the day of the weekly mail."""

    heure = SelectField(_("Heure du mail du jour et de la semaine"), validators=[Required()],
                        choices=[(str(hour), f"{hour:02d}:00") for hour in range(24)])  # fmt: skip
    jour = SelectField(_("Jour du mail de la semaine"), validators=[Required()], choices=WEEKDAYS)

    @classmethod
    def of(cls, request: Request, choice: NoticeChoice | None) -> ChoicesForm:
        """Filled with what was chosen."""
        values = {kind: chosen_mode(choice, kind).value for kind in KINDS}
        return cls(
            request, heure=str(choice.hour if choice else 8), jour=str(choice.weekday if choice else 0), **values
        )

    @property
    def modes(self) -> dict[str, str]:
        """Kind → mode, of the form."""
        return {kind: self[kind].data for kind in KINDS}

    @property
    def by_kind(self) -> list[RadioField]:
        """The fields of the kinds, in order."""
        return [self[kind] for kind in KINDS]


for _kind, _label in KINDS.items():
    setattr(ChoicesForm, _kind, RadioField(_label, validators=[Required()], choices=MODES))
