"""Mails about what people say: comments of the day, reports and their answers, a comment that was hidden."""

from __future__ import annotations

from collections.abc import Sequence

from reseau.core.letters import Letter, Link
from reseau.core.wording import Wording, _
from resources.saying.reports import REASONS

_CHOOSE = _("Vous pouvez choisir vos messages dans votre compte.")
_WHY_AUTHOR = _("Vous recevez ce message parce que vous avez écrit cette ressource.")
_WHY_COORDINATES = _("Vous recevez ce message parce que vous êtes de la coordination.")
_WHY_REPORTED = _("Vous recevez ce message parce que vous avez signalé un problème sur ce site.")
_WHY_COMMENTED = _("Vous recevez ce message parce que vous avez écrit un commentaire sur ce site.")
_ONE_AN_HOUR = _("Si d’autres signalements arrivent dans l’heure, nous ne vous écrivons pas à nouveau.")


def _why(say: Wording, why: str) -> str:
    return f"{say.gettext(why)} {say.gettext(_CHOOSE)}"


def commented(lang: str, resources: Sequence[tuple[str, int, str]]) -> Letter:
    """To an author: new comments. :param resources: (title, how many comments, address of the comments)."""
    say = Wording.of(lang)
    total = sum(number for _title, number, _url in resources)
    return Letter(
        kind="avis",
        lang=say.lang,
        subject=say.ngettext(
            "Lisez %(num)s nouveau commentaire sur vos ressources",
            "Lisez %(num)s nouveaux commentaires sur vos ressources",
            total,
        ),
        paragraphs=(say.gettext(_("Des personnes ont dit ce qu’elles pensent de vos ressources :")),),
        facts=tuple((title, Link(url)) for title, _number, url in resources),
        after=(say.gettext(_("Vous recevez un message par jour au plus.")),),
        why=_why(say, _WHY_AUTHOR),
    )


def reported(lang: str, title: str, reason: str, url: str, *, coordination: bool) -> Letter:
    """Somebody says that something is wrong. :param reason: code. :param url: where to answer."""
    say = Wording.of(lang)
    return Letter(
        kind="ressource-signalement",
        lang=say.lang,
        subject=say.gettext(_("Répondez : un problème est signalé sur « %(title)s »"), title=title),
        paragraphs=(say.gettext(_("Une personne signale un problème sur cette ressource. Lisez, puis répondez.")),),
        facts=((say.gettext(_("Ce qui est signalé")), say.gettext(REASONS[reason])),),
        button=(say.gettext(_("Voir et répondre")), url),
        after=(say.gettext(_ONE_AN_HOUR),),
        why=_why(say, _WHY_COORDINATES if coordination else _WHY_AUTHOR),
    )


def answered(lang: str, title: str, words: str, url: str, *, resolved: bool) -> Letter:
    """To who reported. :param words: of who answers, or "". :param url: of the resource."""
    say = Wording.of(lang)
    if resolved:
        subject = _("Merci : votre message sur « %(title)s » a servi")
        text = _("Vous avez signalé un problème sur cette ressource. C’est réglé, merci.")
    else:
        subject = _("Lisez la réponse à votre message sur « %(title)s »")
        text = _("Vous avez signalé un problème sur cette ressource. Elle n’a pas été changée. Voici pourquoi :")
    return Letter(
        kind="ressource-signalement-reponse",
        lang=say.lang,
        subject=say.gettext(subject, title=title),
        paragraphs=(say.gettext(text), *([words] if words else [])),
        button=(say.gettext(_("Voir la ressource")), url),
        why=say.gettext(_WHY_REPORTED),
    )


def answered_stranger(lang: str, title: str, url: str, *, resolved: bool) -> Letter:
    """To an address that a visitor typed, which may be anybody's: nothing that people wrote but the title of the
    resource. :param url: where the answer can be read."""
    say = Wording.of(lang)
    done = _("Vous avez signalé un problème sur cette ressource. C’est réglé, merci.")
    read = _("Vous avez signalé un problème sur cette ressource. Une personne a lu votre message et vous répond.")
    return Letter(
        kind="ressource-signalement-reponse",
        lang=say.lang,
        subject=say.gettext(_("Nous avons lu votre message sur une ressource")),
        paragraphs=(say.gettext(done if resolved else read), f"« {title} »"),
        button=(say.gettext(_("Lire la réponse")), url),
        why=say.gettext(_WHY_REPORTED),
    )


def hidden(lang: str, title: str, reason: str, url: str) -> Letter:
    """To the author of a comment that was hidden. :param reason: as it was written. :param url: of their opinion."""
    say = Wording.of(lang)
    return Letter(
        kind="avis-masque",
        lang=say.lang,
        subject=say.gettext(_("Votre commentaire sur « %(title)s » est masqué"), title=title),
        paragraphs=(
            say.gettext(_("Votre commentaire n’est plus montré sur la page de la ressource. Voici pourquoi :")),
            reason,
            say.gettext(_("Votre note compte toujours. Vous pouvez écrire votre commentaire autrement.")),
        ),
        button=(say.gettext(_("Écrire autrement")), url),
        why=say.gettext(_WHY_COMMENTED),
    )
