"""Sentences that a letter says in each language, whatever it tells."""

from __future__ import annotations

from feeds.newsletter.content import Content, Item
from reseau.core.wording import Wording, _
from resources.base import langs

NUMBER = _("Lettre n° %(number)s")
DRAFT = _("Lettre")
ONLINE = _("Lire cette lettre sur le site")
RELAYED = _("Transmis par %(name)s")
FORWARD = _("Vous pouvez transmettre cette lettre telle quelle : aucun de ses liens n’est personnel.")
SUBSCRIBE = _("Recevoir cette lettre")
SUBSCRIBE_ADDRESS = _("Pour la recevoir, ouvrez cette adresse :")
QR_ALT = _("Code QR : l’adresse pour recevoir la lettre")
LOGO_ALT = _("Logo : %(name)s")
WHY = _("Vous recevez cette lettre parce que vous l’avez demandée, ou parce que votre structure a le label.")
LEAVE = _("Ne plus la recevoir, en recevoir moins, ou changer de langue")
NO_MORE = _(
    "Vous ne voulez plus recevoir cette édition ? Écrivez votre adresse sur %(url)s : un mail vous donne votre lien."
)
UNFOLLOWED = _(
    "Cette lettre ne vous suit pas : aucune image ne dit que vous l’avez ouverte, aucun lien ne compte vos clics."
)
COUNTED = _("L’adresse d’abonnement compte combien de fois elle est ouverte, jamais par qui.")
ARCHIVE = _("Tous les numéros")
MACHINE = _("Traduit par une machine, pas encore relu")
SOURCE = _("Source : %(name)s")
READ = _("Lire la suite")


def head(say: Wording, content: Content) -> str:
    """``Lettre n° 12 – 24 novembre 2026``."""
    number = say.gettext(NUMBER, number=content.number) if content.number else say.gettext(DRAFT)
    return f"{number} – {say.date(content.day)}"


def facts(say: Wording, item: Item, lang: str) -> list[str]:
    """What is said of a line in small type: where, by whom, in what language, by a machine."""
    found = [item.note, say.gettext(SOURCE, name=item.from_) if item.from_ else ""]
    found += tongue(say, item.lang if item.lang != lang else "")
    if item.machine:
        found.append(say.gettext(MACHINE))
    return [one for one in found if one]


def tongue(say: Wording, lang: str) -> list[str]:
    """The name of the language of some words, when it is not that of the letter. :param lang: "" when it is."""
    return [langs.name(lang, say.lang)] if lang else []
