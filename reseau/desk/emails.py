"""The mail of the desk: on Mondays, what awaits the coordination."""

from __future__ import annotations

from collections.abc import Sequence

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _
from reseau.desk.services import Count
from reseau.settings import LANGUAGES

LABELS = {
    "demandes": _("Demandes pour rejoindre un lieu"),
    "propositions": _("Lieux proposés"),
    "suggestions": _("Erreurs signalées"),
    "ecarts": _("Fiches où la cartographie dit autre chose"),
    "verifier": _("Fiches à vérifier"),
    "orphelins": _("Lieux sans référent"),
    "courriels": _("Mails non envoyés"),
    "taches": _("Tâches en échec"),
}


def weekly(lang: str, counts: Sequence[Count], url: str) -> Letter:
    """What awaits, in numbers. :param counts: those over zero are said. :param url: the desk."""
    say = Wording(lang if lang in LANGUAGES else "fr")
    facts = tuple((say.gettext(LABELS[one.kind]), str(one.number)) for one in counts if one.number)
    return Letter(
        kind="bilan",
        lang=say.lang,
        subject=say.gettext(_("Regardez ce qui attend la coordination cette semaine")),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.gettext(_("Voici ce qui attend une réponse ou une vérification :")),
        ),
        facts=facts,
        button=(say.gettext(_("Ouvrir la page de gestion")), url),
        why=say.gettext(
            _(
                "Vous recevez ce message chaque lundi parce que vous êtes de la coordination. "
                "Vous pouvez choisir vos messages dans votre compte."
            )
        ),
    )
