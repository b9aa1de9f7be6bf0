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
NOTHING, EACH = "rien", "detail"
ALL = [*MODES, (NOTHING, _("Aucun mail, ni du reste du site")), (EACH, _("Selon la sorte de nouvelle"))]


class ChoicesForm(ReseauForm):
    """How to be told, of everything or of each kind; the hour, and the day of the weekly mail.

    ``partout`` counts where it says something else than what was chosen: else the kinds do, which somebody may have
    changed below it.
    """

    partout = RadioField(_("Comment recevoir les nouvelles"), validators=[Required()], choices=ALL)
    heure = SelectField(_("Heure du mail du jour et de la semaine"), validators=[Required()],
                        choices=[(str(hour), f"{hour:02d}:00") for hour in range(24)])  # fmt: skip
    jour = SelectField(_("Jour du mail de la semaine"), validators=[Required()], choices=WEEKDAYS)

    @classmethod
    def of(cls, request: Request, choice: NoticeChoice | None) -> ChoicesForm:
        """Filled with what was chosen."""
        values = {kind: chosen_mode(choice, kind).value for kind in KINDS}
        return cls(
            request, partout=for_all(choice), heure=str(choice.hour if choice else 8),
            jour=str(choice.weekday if choice else 0), **values,
        )  # fmt: skip

    def modes(self, choice: NoticeChoice | None) -> dict[str, str]:
        """Kind → mode, of the form. :param choice: what was chosen until now."""
        every = self.partout.data
        if every not in (NOTHING, EACH, for_all(choice)):
            return dict.fromkeys(KINDS, every)
        return {kind: self[kind].data for kind in KINDS}

    @property
    def nothing(self) -> bool:
        """Whether the form asks for no mail at all."""
        return bool(self.partout.data == NOTHING)

    @property
    def unfolded(self) -> bool:
        """Whether the kinds are shown at once: they differ, or one of them is to be corrected."""
        return self.partout.data == EACH or any(one.errors for one in self.by_kind)

    @property
    def by_kind(self) -> list[RadioField]:
        """The fields of the kinds, in order."""
        return [self[kind] for kind in KINDS]


def for_all(choice: NoticeChoice | None) -> str:
    """What a person chose for everything: a mode, ``NOTHING``, or ``EACH``."""
    if choice is not None and choice.off_at is not None:
        return NOTHING
    modes = {chosen_mode(choice, kind).value for kind in KINDS}
    return modes.pop() if len(modes) == 1 else EACH


for _kind, _label in KINDS.items():
    setattr(ChoicesForm, _kind, RadioField(_label, validators=[Required()], choices=MODES))
