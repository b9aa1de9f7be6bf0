"""The mail of the searches that a person follows: what is new in each, and how to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.syndication.reading import Told
from reseau.core.letters import Go, Letter, Site, Written, one_line
from reseau.core.wording import Wording, _, direction
from resources.base.bidi import straight

KIND = "alerte-recherches"
LIST = "/compte/recherches"
NEW, CHANGED = _("Nouveau : %(title)s"), _("Mis à jour : %(title)s")
_WHY = _("Vous recevez ce message parce que vous suivez une recherche sur ce site.")


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a search. ``title``: in words. ``path``: its page. ``told``: the newest first. ``more``: there is
    more than that. ``stop``: the link that stops its mails."""

    title: str
    path: str
    told: Sequence[Told]
    more: bool
    stop: str


def letter(lang: str, site: Site, news: Sequence[News], stop: str, stop_all: str) -> Letter:
    """One mail for all of them. :param stop: link that stops the mails of searches; ``stop_all``: all that one may do
    without."""
    words = Wording.of(lang)
    say, alone = words.gettext, len(news) == 1
    parts: list[str] = [say(_("Bonjour,")), say(_("Voici ce qui est nouveau ou a changé."))]
    for one in news:
        parts += _part(words, site, one, alone=alone)
    button = (say(_("Voir cette recherche")), site.url + news[0].path) if alone else (
        say(_("Voir mes recherches")), site.url + LIST)  # fmt: skip
    return Letter(
        kind=KIND, lang=words.lang, subject=_subject(words, news), paragraphs=tuple(parts), button=button,
        why=say(_WHY),
        foot=(
            Go(say(_("Choisir mes recherches")), site.url + LIST),
            Go(say(_("Ne plus recevoir de mails de mes recherches")), stop),
            Go(say(_("Ne plus recevoir aucun mail")), stop_all),
        ),
    )  # fmt: skip


def _subject(words: Wording, news: Sequence[News]) -> str:
    if len(news) == 1:
        return words.gettext(_("Du nouveau : %(search)s"), search=straight(one_line(news[0].title)))
    return words.ngettext("Du nouveau pour %(num)s recherche", "Du nouveau pour %(num)s recherches", len(news))


def _part(words: Wording, site: Site, one: News, *, alone: bool) -> list[str]:
    say = words.gettext
    parts: list[str] = [Written(straight(one_line(one.title)), words.lang, direction(words.lang), heads=True)]
    for told in one.told:
        title = straight(one_line(told.item.title))
        parts.append(Go(say(CHANGED if told.row.again else NEW, title=title), told.item.link))
    if one.more and not alone:
        parts.append(Go(say(_("Et d’autres, sur le site")), site.url + one.path))
    elif one.more:
        parts.append(say(_("Et d’autres, sur le site")))
    return [*parts, Go(say(_("Arrêter les mails de cette recherche")), one.stop)]
