"""The mails of groups: who is invited, who asked, what was answered."""

from __future__ import annotations

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

_WHY_NETWORK = _("Vous recevez ce message parce que vous êtes du réseau.")
_WHY_KEEPS = _("Vous recevez ce message parce que vous animez ce groupe, ou que vous êtes de la coordination.")
_WHY_ASKED = _("Vous recevez ce message parce que vous avez demandé à entrer dans un groupe de travail.")
_CHOOSE = _("Vous pouvez choisir vos messages dans votre compte.")


def invited(lang: str, by: str, group: str, url: str) -> Letter:
    """To somebody of the network: come into our group. :param by: name, or ""."""
    say = Wording.of(lang)
    first = _("%(name)s vous invite dans le groupe de travail « %(group)s ».") if by else _(
        "On vous invite dans le groupe de travail « %(group)s »."
    )  # fmt: skip
    return Letter(
        kind="groupe-invitation", lang=say.lang,
        subject=say.gettext(_("Répondez : on vous invite dans le groupe « %(group)s »"), group=group),
        paragraphs=(say.gettext(first, name=by, group=group),
                    say.gettext(_("Ouvrez la page du groupe : vous pouvez accepter ou refuser."))),
        button=(say.gettext(_("Voir l’invitation")), url),
        why=f"{say.gettext(_WHY_NETWORK)} {say.gettext(_CHOOSE)}",
    )  # fmt: skip


def asked(lang: str, group: str, url: str) -> Letter:
    """To who keeps a group: somebody wants to come in."""
    say = Wording.of(lang)
    return Letter(
        kind="groupe-demande", lang=say.lang,
        subject=say.gettext(_("Répondez : une personne veut entrer dans le groupe « %(group)s »"), group=group),
        paragraphs=(say.gettext(_("Une personne du réseau demande à entrer dans ce groupe. Lisez, puis répondez.")),),
        button=(say.gettext(_("Voir les demandes")), url),
        after=(say.gettext(_("Vous recevez un message par jour au plus, même s’il y a plusieurs demandes.")),),
        why=f"{say.gettext(_WHY_KEEPS)} {say.gettext(_CHOOSE)}",
    )  # fmt: skip


def answered(lang: str, group: str, url: str, *, accepted: bool) -> Letter:
    """To who asked."""
    say = Wording.of(lang)
    if accepted:
        subject = _("Vous êtes dans le groupe « %(group)s »")
        text = _("Votre demande est acceptée. Vous pouvez lire et écrire sur la page du groupe.")
    else:
        subject = _("Votre demande pour le groupe « %(group)s » n’est pas acceptée")
        text = _("Les personnes qui animent ce groupe n’ont pas accepté votre demande. Vous pouvez leur écrire.")
    return Letter(
        kind="groupe-reponse", lang=say.lang, subject=say.gettext(subject, group=group),
        paragraphs=(say.gettext(text),), button=(say.gettext(_("Voir les groupes de travail")), url),
        why=f"{say.gettext(_WHY_ASKED)} {say.gettext(_CHOOSE)}",
    )  # fmt: skip
