"""The mails of the desk: on Mondays, what awaits the coordination; two sheets are joined; a branch was made."""

from __future__ import annotations

from collections.abc import Sequence

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _
from reseau.desk import awaiting
from reseau.desk.services import Count

LABELS = {
    "demandes": _("Demandes pour rejoindre un lieu"),
    "propositions": _("Lieux proposés"),
    "suggestions": _("Erreurs signalées"),
    "ecarts": _("Fiches où la cartographie dit autre chose"),
    "relectures": _("Ressources à relire"),
    "demandes-ressources": _("Ressources demandées"),
    "signalements": _("Problèmes signalés sur les ressources"),
    "messages-signales": _("Messages signalés"),
    "messages-en-attente": _("Messages en attente"),
    "questions": _("Questions sans réponse"),
    "verifier": _("Fiches à vérifier"),
    "orphelins": _("Lieux sans référent"),
    "sans-auteur": _("Ressources sans auteur"),
    "courriels": _("Mails non envoyés"),
    "taches": _("Tâches en échec"),
}


def weekly(lang: str, counts: Sequence[Count], url: str) -> Letter:
    """What awaits, in numbers. :param counts: those over zero are said. :param url: the desk."""
    say = Wording.of(lang)
    facts = tuple((_label(say, one), str(one.number)) for one in counts if one.number)
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


def _label(say: Wording, one: Count) -> str:
    other = awaiting.kinds().get(one.kind)
    return other.title(say, one.number) if other else say.gettext(LABELS[one.kind])


def joined(lang: str, place: str, other: str, url: str) -> Letter:
    """To a référent of either sheet. :param place: the name of the sheet that stays. :param other: of the other one."""
    say = Wording.of(lang)
    return Letter(
        kind="fusion",
        lang=say.lang,
        subject=say.gettext(_("Relisez la fiche de %(place)s : deux fiches sont réunies"), place=place),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.gettext(
                _("Le même lieu était deux fois dans l’annuaire. "
                    "La fiche « %(other)s » et la fiche « %(place)s » n’en font plus qu’une."),
                other=other, place=place,
            ),
            say.gettext(_("Vous tenez cette fiche, avec les référents de l’autre. Regardez si tout est exact.")),
        ),
        button=(say.gettext(_("Voir la fiche")), url),
        why=say.gettext(
            _(
                "Vous recevez ce message parce que vous êtes référent de ce lieu. "
                "Vous pouvez choisir vos messages dans votre compte."
            )
        ),
    )  # fmt: skip


def branch_made(lang: str, who: str, place: str, branch: str, url: str) -> Letter:
    """To the coordination: a référent added an address of their place. :param url: the sheet of ``place``, which lists
    all of its branches."""
    say = Wording.of(lang)
    return Letter(
        kind="antenne",
        lang=say.lang,
        subject=say.gettext(_("Regardez les antennes de %(place)s"), place=place),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.gettext(
                _("%(who)s, référent de %(place)s, a ajouté l’antenne « %(branch)s ». Elle est déjà dans l’annuaire."),
                who=who, place=place, branch=branch,
            ),
            say.gettext(
                _("D’autres antennes peuvent suivre aujourd’hui, 5 au plus. Vous ne recevrez pas d’autre message.")
            ),
        ),
        button=(say.gettext(_("Voir le lieu et ses antennes")), url),
        why=say.gettext(
            _(
                "Vous recevez ce message parce que vous êtes de la coordination. "
                "Vous pouvez choisir vos messages dans votre compte."
            )
        ),
    )  # fmt: skip
