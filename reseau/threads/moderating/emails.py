"""Mails of moderation: to moderators, and to the author of a post that was hidden, refused, accepted, shown again."""

from __future__ import annotations

from reseau.core.letters import Letter, Written
from reseau.core.wording import Wording, _

_WHY_COORDINATES = _("Vous recevez ce message parce que vous êtes de la coordination.")
_CHOOSE = _("Vous pouvez choisir vos messages dans votre compte.")
_WHY_WROTE = _("Vous recevez ce message parce que vous avez écrit dans les échanges de ce site.")
_AFTER = _("Vous pouvez écrire un autre message. Si vous n’êtes pas d’accord, écrivez à la coordination.")


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


def hidden(lang: str, title: str, reason: Written, url: str) -> Letter:
    """To the author of a post that is not shown any more. :param reason: as it was written. :param url: of the post."""
    say = Wording.of(lang)
    subject = say.gettext(_("Votre message dans « %(title)s » est masqué"), title=title)
    said = say.gettext(_("La coordination a masqué votre message : les autres ne le lisent plus. Voici pourquoi :"))
    return _reason(say, "message-masque", subject, said, reason, url)


def refused(lang: str, title: str, reason: Written, url: str) -> Letter:
    """To the author of a first post that stays unread."""
    say = Wording.of(lang)
    subject = say.gettext(_("Votre message dans « %(title)s » n’est pas publié"), title=title)
    said = say.gettext(_("La coordination a lu votre premier message. Elle ne l’a pas publié. Voici pourquoi :"))
    return _reason(say, "message-refuse", subject, said, reason, url)


def _reason(say: Wording, kind: str, subject: str, said: str, reason: Written, url: str) -> Letter:
    """A letter that says why nobody reads what somebody wrote."""
    return Letter(
        kind=kind,
        lang=say.lang,
        subject=subject,
        paragraphs=(said, reason, say.gettext(_AFTER)),
        button=(say.gettext(_("Revoir mon message")), url),
        why=say.gettext(_WHY_WROTE),
    )


def shown(lang: str, title: str, url: str, *, first: bool) -> Letter:
    """To the author of a post that everybody reads from now on. :param first: it waited; else it was hidden."""
    say = Wording.of(lang)
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
        subject=say.gettext(subject, title=title),
        paragraphs=(say.gettext(waited if first else again),),
        button=(say.gettext(_("Voir mon message")), url),
        why=say.gettext(_WHY_WROTE),
    )
