"""The mails of joining: invitations, requests to join, proposals of places, and what was decided.

Each function gives one letter in the language of who will read it. The subject says what to do; a link opens a page
with one button, it does nothing by itself.
"""

from __future__ import annotations

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

ROLE_NAMES = {
    "member": _("membre"),
    "referent": _("référent"),
    "coordinator": _("coordination"),
    "label-committee": _("comité du label"),
    "relay": _("relais"),
    "administrator": _("administration du site"),
}
#: What a role lets one do, in one sentence.
ROLE_SENTENCES = {
    "member": _("Un membre confirme que la fiche du lieu est exacte et voit son historique."),
    "referent": _(
        "Un référent tient à jour la fiche du lieu (horaires, téléphone, aides proposées) et y invite ses collègues."
    ),
    "coordinator": _("La coordination aide tous les lieux : elle corrige les fiches et répond aux demandes."),
    "label-committee": _("Le comité du label examine les candidatures des lieux."),
    "relay": _("Un relais fait connaître les lieux du réseau autour de lui."),
    "administrator": _("L’administration du site donne les rôles et règle le site."),
}  # fmt: skip
_WHY_INVITED = _(
    "Vous recevez ce message parce que %(who)s a donné votre adresse pour vous inviter. "
    "Si vous n’êtes pas concerné, ne faites rien : l’invitation s’éteint seule après 30 jours."
)
_WHY_DECIDES = _(
    "Vous recevez ce message parce que vous répondez aux demandes pour ce lieu. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_COORDINATES = _(
    "Vous recevez ce message parce que vous êtes de la coordination. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_INVITES = _(
    "Vous recevez ce message parce que vous avez invité cette personne. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_ASKED = _("Vous recevez ce message parce que vous avez fait une demande sur ce site.")


def invited(lang: str, who: str, place: str, role: str, url: str, *, reminder: bool = False) -> Letter:
    """Come to a place. :param who: the name of who invites, "" when nobody is known. :param role: ``ROLE_NAMES``."""
    say = Wording.of(lang)
    who = who or say.gettext(_("La coordination"))
    if role == "referent":
        subject = say.gettext(_("%(who)s vous invite à tenir à jour la fiche « %(place)s »"), who=who, place=place)
    else:
        subject = say.gettext(_("%(who)s vous invite à rejoindre %(place)s"), who=who, place=place)
    return _invitation(say, subject, who, role, url, reminder)


def invited_to_site(lang: str, who: str, site: str, role: str, url: str, *, reminder: bool = False) -> Letter:
    """Come and hold a role on the site. :param site: its name."""
    say = Wording.of(lang)
    who = who or site
    name = say.gettext(ROLE_NAMES[role])
    subject = say.gettext(_("%(who)s vous invite à rejoindre %(site)s : %(role)s"), who=who, site=site, role=name)
    return _invitation(say, subject, who, role, url, reminder)


def _invitation(say: Wording, subject: str, who: str, role: str, url: str, reminder: bool) -> Letter:
    if reminder:
        subject = say.gettext(_("Rappel : %(subject)s"), subject=subject)
    return Letter(
        "invitation", say.lang, subject,
        (
            say.gettext(ROLE_SENTENCES[role]),
            say.gettext(_("Ouvrez la page, puis choisissez « Accepter ». Il n’y a pas de mot de passe.")),
        ),
        button=(say.gettext(_("Voir l’invitation")), url),
        after=(
            say.gettext(_("Ce lien est personnel : ne le donnez pas. Il marche une seule fois, pendant 30 jours.")),
        ),
        why=say.gettext(_WHY_INVITED, who=who),
    )  # fmt: skip


def asked(lang: str, who: str, address: str, place: str, message: str, url: str, *, step: int = 0) -> Letter:
    """Somebody asks to join a place: to its référents (``step`` 0; 1 and 2: reminders), or to the coordinators (3)."""
    say = Wording.of(lang)
    subject = say.gettext(_("Répondez à %(who)s, qui demande à rejoindre %(place)s"), who=who, place=place)
    return _to_decide(say, "demande", subject, _facts(say, who, address, message), url, step)


def proposed(
    lang: str, who: str, address: str, place: str, message: str, url: str, *, step: int = 0, where: str = ""
) -> Letter:
    """Somebody proposes a place that is not there: to the coordinators. :param where: its address and city."""
    say = Wording.of(lang)
    subject = say.gettext(_("Répondez à %(who)s, qui propose d’ajouter %(place)s à l’annuaire"), who=who, place=place)
    facts = [(say.gettext(_("Lieu proposé")), place)]
    facts += [(say.gettext(_("Adresse du lieu")), where)] if where else []
    return _to_decide(say, "proposition", subject, (*facts, *_facts(say, who, address, message)), url, step or 3)


def _facts(say: Wording, who: str, address: str, message: str) -> tuple[tuple[str, str], ...]:
    facts = [(say.gettext(_("Nom")), who), (say.gettext(_("Adresse mail")), address)]
    return (*facts, (say.gettext(_("Message")), message)) if message else tuple(facts)


def _to_decide(
    say: Wording, kind: str, subject: str, facts: tuple[tuple[str, str], ...], url: str, step: int
) -> Letter:
    first = say.gettext(_("Voici sa demande. Acceptez ou refusez : la personne aura votre réponse par mail."))
    if step in (1, 2):
        subject = say.gettext(_("Rappel : %(subject)s"), subject=subject)
    why = _WHY_COORDINATES if step == 3 else _WHY_DECIDES
    return Letter(
        kind, say.lang, subject, (first,), button=(say.gettext(_("Voir et répondre")), url), facts=facts,
        why=say.gettext(why),
    )  # fmt: skip


def accepted(lang: str, place: str, role: str, url: str) -> Letter:
    """Your request, or the place that you proposed, was accepted."""
    say = Wording.of(lang)
    label = _("Corriger la fiche") if role == "referent" else _("Voir le lieu")
    return Letter(
        "reponse", say.lang, say.gettext(_("Vous faites maintenant partie de l’équipe « %(place)s »"), place=place),
        (say.gettext(_("Votre demande est acceptée.")), say.gettext(ROLE_SENTENCES[role])),
        button=(say.gettext(label), url), why=say.gettext(_WHY_ASKED),
    )  # fmt: skip


def entered(lang: str, place: str, url: str) -> Letter:
    """The place that you proposed was accepted, you keep its sheet. :param url: of the sheet."""
    say, sentence = Wording.of(lang), ROLE_SENTENCES["referent"]
    return Letter(
        "reponse", say.lang, say.gettext(_("« %(place)s » est maintenant dans l’annuaire"), place=place),
        (
            say.gettext(_("Votre proposition est acceptée. Vous êtes référent de ce lieu.")),
            say.gettext(sentence),
        ),
        button=(say.gettext(_("Voir la fiche")), url), why=say.gettext(_WHY_ASKED),
    )  # fmt: skip


def invitation_accepted(lang: str, who: str, place: str, role: str, url: str) -> Letter:
    """To whoever invited: they came. :param place: its name, or that of the site. :param url: where they are listed."""
    say = Wording.of(lang)
    subject = say.gettext(_("%(who)s a accepté votre invitation à rejoindre « %(place)s »"), who=who, place=place)
    return Letter(
        "reponse", say.lang, subject, (say.gettext(_("Vous n’avez rien à faire.")),),
        button=(say.gettext(_("Voir l’équipe")), url), facts=((say.gettext(_("Rôle")), say.gettext(ROLE_NAMES[role])),),
        why=say.gettext(_WHY_INVITES),
    )  # fmt: skip


def decided_for_you(lang: str, who: str, place: str, url: str, *, accepted: bool) -> Letter:
    """To the référents of a place: the coordination answered a request in their stead. :param url: of the team."""
    say = Wording.of(lang)
    if accepted:
        said = _("La coordination a accepté la demande de %(who)s, qui rejoint l’équipe « %(place)s ».")
    else:
        said = _("La coordination a refusé la demande de %(who)s, qui voulait rejoindre l’équipe « %(place)s ».")
    subject = say.gettext(_("La coordination a répondu à %(who)s pour « %(place)s »"), who=who, place=place)
    return Letter(
        "reponse", say.lang, subject,
        (say.gettext(said, who=who, place=place), say.gettext(_("Vous n’avez rien à faire."))),
        button=(say.gettext(_("Voir l’équipe")), url), why=say.gettext(_WHY_DECIDES),
    )  # fmt: skip


def refused(lang: str, place: str, reason: str, url: str) -> Letter:
    """Your request was refused. :param reason: as whoever decided wrote it."""
    say = Wording.of(lang)
    return Letter(
        "reponse", say.lang, say.gettext(_("Lisez la réponse à votre demande pour %(place)s"), place=place),
        (say.gettext(_("Votre demande n’a pas été acceptée. Voici pourquoi :")), reason),
        button=(say.gettext(_("Voir l’annuaire")), url), why=say.gettext(_WHY_ASKED),
    )  # fmt: skip
