"""Mails of moderation: to moderators, and to the author of a post that was hidden, refused, accepted, shown again."""

from __future__ import annotations

from dataclasses import dataclass

from reseau.core.letters import Letter, Written
from reseau.core.wording import Wording, _
from resources.base.langs import direction

_WHY_COORDINATES = _("Vous recevez ce message parce que vous êtes de la coordination.")
_CHOOSE = _("Vous pouvez choisir vos messages dans votre compte.")
_WHY_WROTE = _("Vous recevez ce message parce que vous avez écrit dans les échanges de ce site.")
_AFTER = _("Vous pouvez écrire un autre message. Si vous n’êtes pas d’accord, écrivez à la coordination : %(contact)s")
_MOST = 1500
"""Characters of a message that a letter quotes."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a letter to an author is about. ``url``: of the post. ``said``: what it says. ``contact``: address of the
    coordination, or of the page that says how to write to it."""

    lang: str
    title: str
    url: str
    said: Written
    contact: str


def quoted(text: str, lang: str) -> Written:
    """A message, as a letter quotes it."""
    return Written(text if len(text) <= _MOST else text[:_MOST].rstrip() + "…", lang, direction(lang))


def reported(lang: str, url: str) -> Letter:
    """To a moderator: something was reported today. :param url: of the list."""
    say = Wording.of(lang)
    return Letter(
        kind="message-signale",
        lang=say.lang,
        subject=say.gettext(_("Regardez : un message des échanges est signalé")),
        paragraphs=(
            say.gettext(_("Une personne signale un message. Lisez-le, puis masquez-le ou gardez-le.")),
        ),
        button=(say.gettext(_("Voir les signalements")), url),
        after=(say.gettext(_("Vous recevez un message par jour au plus à ce sujet.")),),
        why=f"{say.gettext(_WHY_COORDINATES)} {say.gettext(_CHOOSE)}",
    )  # fmt: skip


def hidden(case: Case, reason: Written) -> Letter:
    """To the author of a post that is not shown any more. :param reason: as it was written."""
    say = Wording.of(case.lang)
    subject = say.gettext(_("Votre message dans « %(title)s » est masqué"), title=case.title)
    said = say.gettext(_("La coordination a masqué votre message : les autres ne le lisent plus. Voici pourquoi :"))
    return _reason(say, "message-masque", subject, said, reason, case)


def refused(case: Case, reason: Written) -> Letter:
    """To the author of a first post that stays unread."""
    say = Wording.of(case.lang)
    subject = say.gettext(_("Votre message dans « %(title)s » n’est pas publié"), title=case.title)
    said = say.gettext(_("La coordination a lu votre premier message. Elle ne l’a pas publié. Voici pourquoi :"))
    return _reason(say, "message-refuse", subject, said, reason, case)


def _reason(say: Wording, kind: str, subject: str, said: str, reason: Written, case: Case) -> Letter:
    """A letter that says why nobody reads what somebody wrote."""
    return Letter(
        kind=kind,
        lang=say.lang,
        subject=subject,
        paragraphs=(said, reason, say.gettext(_("Votre message :")), case.said),
        button=(say.gettext(_("Revoir mon message")), case.url),
        after=(say.gettext(_AFTER, contact=case.contact),),
        why=say.gettext(_WHY_WROTE),
    )


def shown(case: Case, *, first: bool) -> Letter:
    """To the author of a post that everybody reads from now on. :param first: it waited; else it was hidden."""
    say = Wording.of(case.lang)
    subject = (
        _("Votre message dans « %(title)s » est publié")
        if first
        else _("Votre message dans « %(title)s » est de nouveau visible")
    )
    waited = _(
        "La coordination a lu votre premier message et l’a publié. Les suivants paraîtront tout de suite. Merci !"
    )
    again = _("La coordination a regardé votre message à nouveau : tout le monde peut le lire.")
    return Letter(
        kind="message-visible",
        lang=say.lang,
        subject=say.gettext(subject, title=case.title),
        paragraphs=(say.gettext(waited if first else again),),
        button=(say.gettext(_("Voir mon message")), case.url),
        why=say.gettext(_WHY_WROTE),
    )


BECAME = {
    "hidden": _("La coordination a lu le message que vous avez signalé : elle l’a masqué. Merci !"),
    "kept": _("La coordination a lu le message que vous avez signalé : il reste. Merci d’avoir été attentif."),
    "deleted": _("La personne qui avait écrit le message que vous avez signalé l’a retiré. Merci !"),
}


def decided(lang: str, title: str, became: str, url: str, contact: str) -> Letter:
    """To who reported a post. :param became: key of ``BECAME``. :param url: of the thread."""
    say = Wording.of(lang)
    more = say.gettext(_("Si vous n’êtes pas d’accord, écrivez à la coordination : %(contact)s"), contact=contact)
    return Letter(
        kind="signalement-decide",
        lang=say.lang,
        subject=say.gettext(_("Votre signalement dans « %(title)s »"), title=title),
        paragraphs=(say.gettext(BECAME[became]),),
        button=(say.gettext(_("Voir le fil")), url),
        after=(more,),
        why=say.gettext(_("Vous recevez ce message parce que vous avez signalé un message des échanges.")),
    )
