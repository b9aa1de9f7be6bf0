"""The mail that tells a translator that somebody has read what they wrote: one a resource and a day at most, which
carries every word with which a part was sent back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from reseau.core.letters import Letter, Site
from reseau.core.mail import Mail, MailState, queue
from reseau.core.wording import Wording, _
from reseau.members.models import Person, PersonState
from reseau.members.profile import wants
from reseau.settings import Settings
from resources.base import langs
from resources.translating.services import Work, words_back
from resources.translating.wording import section_label

#: Kind of mail, as people choose them (``members.profile.MAILS``).
KIND = "ressources"
#: A reviewer reads many sections at a sitting: the mail leaves when they are likely to be done.
DELAY = timedelta(hours=1)
_CHOOSE = _("Vous pouvez choisir vos messages dans votre compte.")
_WHY = _("Vous recevez ce message parce que vous avez traduit une partie de cette ressource.")


def reviewed(lang: str, title: str, language: str, url: str, words: Sequence[tuple[str, str]] = ()) -> Letter:
    """Somebody has read your translation. :param words: (section, why it was sent back), of reviewers."""
    say = Wording.of(lang)
    one = _("Une partie vous est renvoyée, avec ce mot :")
    told = say.gettext(one if len(words) == 1 else _("Des parties vous sont renvoyées, avec ces mots :"))
    return Letter(
        kind="traduction",
        lang=say.lang,
        subject=say.gettext(_("Votre traduction de « %(title)s » a été relue"), title=title),
        paragraphs=(
            say.gettext(_("Une personne du réseau a relu ce que vous avez traduit (%(language)s)."), language=language),
            *([told] if words else []),
        ),
        facts=tuple(words),
        button=(say.gettext(_("Voir la traduction")), url),
        after=(say.gettext(_("Nous vous écrivons une fois par jour au plus pour chaque ressource.")),),
        why=f"{say.gettext(_WHY)} {say.gettext(_CHOOSE)}",
    )


def tell_translators(work: Work, people: Iterable[UUID | None], settings: Settings, path: str) -> int:
    """Write to those who translated what was published or sent back, unless they did it themselves.

    :param path: of the translator's page. :return: mails that were written, or written anew because more was read
        since.
    """
    sent = 0
    for id_ in {one for one in people if one is not None and one != work.person}:
        person = work.session.get(Person, id_)
        if person is None or person.state != PersonState.ACTIVE.value or not person.email or not wants(person, KIND):
            continue
        language = langs.name(work.lang, Wording.of(person.lang).lang)
        words = [(_called(work, section, person.lang), word) for section, word in words_back(work, id_)]
        letter = reviewed(person.lang, work.resource.title, language, settings.public_url.rstrip("/") + path, words)
        key = f"traduction:{id_}:{work.resource.id}:{work.lang}"
        sent += _queue(work, letter, person, Site.of(settings), key)
    return sent


def _called(work: Work, section: str, lang: str) -> str:
    block = work.content.block(section)
    return (block.title if block else "") or Wording.of(lang).gettext(section_label(block.kind if block else None))


def _queue(work: Work, letter: Letter, person: Person, site: Site, key: str) -> bool:
    """Put the mail of the day in the place of the one that waits. When that of today has left, what was read since
    waits for tomorrow: one mail a day, and no word is lost."""
    session, day = work.session, timedelta(days=1)
    for moment in (work.now, work.now + day):
        dated = f"{key}:{moment:%Y-%m-%d}"
        found = session.scalars(sa.select(Mail).where(Mail.key == dated).with_for_update()).one_or_none()
        if found is None or found.state == MailState.WAITING.value:
            due = moment + DELAY if found is None else found.due_at
            if found is not None:
                session.delete(found)
                session.flush()
            to = person.email or ""
            return queue(session, letter, to, site=site, now=work.now, key=dated, due_at=due, optional_for=person.id)
    return False
