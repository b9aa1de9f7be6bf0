"""The mail of the label: it ends soon."""

from __future__ import annotations

from datetime import date

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

KEEPS = _("Vous recevez ce message parce que vous êtes référent de ce lieu. Vous pouvez choisir vos messages dans "
          "votre compte.")  # fmt: skip
COORDINATES = _("Vous recevez ce message parce que vous êtes de la coordination et que ce lieu n’a pas de référent. "
                "Vous pouvez choisir vos messages dans votre compte.")  # fmt: skip


def ends_soon(lang: str, place: str, until: date, url: str, *, keeps: bool) -> Letter:
    """To whoever can ask for it again. :param until: its last day. :param url: the page of the label, which says how.
    :param keeps: they are a référent of the place; else of the coordination."""
    say = Wording.of(lang)
    return Letter(
        kind="label",
        lang=say.lang,
        subject=say.gettext(_("Le label de %(place)s se termine le %(date)s"), place=place, date=say.date(until)),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.gettext(
                _("%(place)s a le label local jusqu’au %(date)s. Après ce jour, le label s’arrête tout seul."),
                place=place, date=say.date(until),
            ),
            say.gettext(_("Pour le garder, demandez dès maintenant au comité de le renouveler.")),
        ),
        button=(say.gettext(_("Lire comment le demander")), url),
        why=say.gettext(KEEPS if keeps else COORDINATES),
    )  # fmt: skip
