"""The one mail that sending writes to the coordination: it stopped by itself."""

from __future__ import annotations

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

_WHY = {
    "refusals": _(
        "Trop de serveurs de courriel ont refusé la lettre. Continuer ferait passer nos envois pour du courrier "
        "indésirable."
    ),
    "sender": _("Le serveur de courriel refuse notre adresse d’envoi. Rien n’est perdu : chaque envoi attend."),
}


def stopped(lang: str, subject: str, code: str, url: str) -> Letter:
    """Sending an issue stopped. :param subject: of the issue. :param code: why, of ``stopping``. :param url: of its
    page."""
    say = Wording.of(lang)
    return Letter(
        kind="lettre-arretee",
        lang=say.lang,
        subject=say.gettext(_("L’envoi de la lettre s’est arrêté")),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.gettext(_("L’envoi de la lettre « %(subject)s » s’est arrêté."), subject=subject),
            say.gettext(_WHY[code]),
            say.gettext(_("Regardez les réponses des serveurs, puis reprenez l’envoi ou annulez-le.")),
        ),
        button=(say.gettext(_("Ouvrir le suivi de l’envoi")), url),
        why=say.gettext(_("Vous recevez ce message parce que vous êtes de la coordination.")),
    )
