"""The letters of notices: about one thread at once, whole; or about all that happened, in short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reseau.core.cards import Ref
from reseau.core.letters import Go, Letter, Site, Written, address, one_line
from reseau.core.wording import Wording, _
from reseau.notices import sources
from reseau.notices.models import Notice
from reseau.notices.recalling import MAIL_KIND
from reseau.notices.sources import Line
from resources.base.bidi import straight

MOST = 20
"""Lines of a letter: who was away for a month has no letter of a month's length."""
_WHY = _("Vous recevez ce message parce que vous avez un compte sur ce site. Vous choisissez ce que vous recevez.")
CHOICES, LIST = "/compte/avis/reglages", "/compte/avis"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice, and what it says today."""

    notice: Notice
    line: Line


def threading(site: Site, about: Ref) -> dict[str, str]:
    """Headers by which mail programs put the letters about one thread together (RFC 5322 §3.6.4): they all answer a
    message that was never sent."""
    root = f"<fil.{about[1]}@{address(site.sender).domain}>"
    return {"References": root, "In-Reply-To": root}


def of_one(lang: str, site: Site, told: Sequence[Told], stop: str, stop_all: str) -> tuple[Letter, str]:
    """About one thread, whole. :return: the letter, and to whom it is answered ("": to nobody)."""
    words, last = Wording.of(lang), told[-1].line
    say, shown = words.gettext, told[-MOST:]
    parts: list[str] = [*_more(words, site, len(told) - len(shown))]
    for one in shown:
        parts += [one.line.said, *_written(one.line, one.line.whole)]
    after = (say(_("Pour répondre, répondez simplement à ce mail : votre message sera publié dans le fil.")),)
    reply_to = last.reply_to
    letter = Letter(
        kind=MAIL_KIND, lang=words.lang, subject=_subject(last), heading=_title(last), paragraphs=tuple(parts),
        button=(say(_("Ouvrir le fil") if last.talk else _("Lire la suite sur le site")), site.url + last.path),
        after=after if reply_to else (),
        why=say(_WHY), foot=(
            *_stop(words, told[-1].notice.about_kind, stop), Go(say(_("Choisir ce que je reçois")), site.url + CHOICES),
            Go(say(_("Ne plus recevoir aucun mail")), stop_all),
        ),
    )  # fmt: skip
    name = one_line(site.name).translate({ord(char): None for char in '<>"'})
    return letter, f"{name} <{reply_to}>" if reply_to else ""


def of_many(lang: str, site: Site, told: Sequence[Told], stops: Mapping[Ref, str], stop_all: str) -> Letter:
    """About all that happened, by thread, the newest last. :param stops: what it is about → the link that stops it."""
    words = Wording.of(lang)
    say, shown = words.gettext, _most(told)
    parts: list[str] = [say(_("Bonjour,"))]
    for group in _groups(shown):
        parts.append(_title(group[-1].line, heads=True))
        for one in group:
            parts += [Go(one.line.said, site.url + one.line.path), *_written(one.line)]
        last = group[-1].notice
        parts += _stop(words, last.about_kind, stops[last.about])
    parts += _more(words, site, len(told) - len(shown))
    return Letter(
        kind=MAIL_KIND, lang=words.lang, subject=_counted(words, told), paragraphs=tuple(parts),
        button=(say(_("Voir toutes mes notifications")), site.url + LIST),
        after=(say(_("Pour répondre, ouvrez le message sur le site.")),) if any(one.line.talk for one in told) else (),
        why=say(_WHY),
        foot=(Go(say(_("Choisir ce que je reçois")), site.url + CHOICES),
              Go(say(_("Ne plus recevoir aucun mail")), stop_all)),
    )  # fmt: skip


def _counted(words: Wording, told: Sequence[Told]) -> str:
    """How many, and of what: messages of the exchanges, or something else besides."""
    if all(one.line.talk for one in told):
        return words.ngettext("%(num)s nouveau message dans les échanges",
                              "%(num)s nouveaux messages dans les échanges", len(told))  # fmt: skip
    return words.ngettext("%(num)s nouvelle notification", "%(num)s nouvelles notifications", len(told))


def _stop(words: Wording, about_kind: str, url: str) -> list[Go]:
    found = sources.stop_of(about_kind)
    return [Go(words.gettext(found.label), url)] if found else []


def _most(told: Sequence[Told]) -> list[Told]:
    """What is shown: answers to the reader first, then the newest; in order."""
    best = sorted(told, key=lambda one: (one.notice.kind != "reponses", -one.notice.at.timestamp()))[:MOST]
    return sorted(best, key=lambda one: (one.notice.at, one.notice.id))


def _groups(told: Sequence[Told]) -> list[list[Told]]:
    """By what they are about; the thread in which something happened last comes last."""
    found: dict[str, list[Told]] = {}
    for one in told:
        group = found.pop(one.line.about_path, [])
        found[one.line.about_path] = [*group, one]
    return list(found.values())


def _more(words: Wording, site: Site, count: int) -> list[str]:
    if count <= 0:
        return []
    said = words.ngettext(
        "Et %(num)s autre notification, sur le site", "Et %(num)s autres notifications, sur le site", count
    )
    return [Go(said, site.url + LIST)]


def _subject(line: Line) -> str:
    title = straight(one_line(line.title))
    return f"Re: {title}" if line.answers else title


def _title(line: Line, *, heads: bool = False) -> Written:
    return Written(straight(one_line(line.title)), line.lang, line.dir, heads=heads)


def _written(line: Line, whole: str = "") -> list[str]:
    text = whole or line.text
    if not text:
        return []
    lines = "\n".join(straight(one) for one in text.splitlines())
    return [Written(lines, line.text_lang or "und", line.text_dir)]
