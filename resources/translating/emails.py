"""The mail that tells a translator that somebody has read what they wrote: one a resource and a day at most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.core.wording import Wording, _
from reseau.members.models import Person, PersonState
from reseau.settings import Settings
from resources.base import langs
from resources.translating.services import Work

#: A reviewer reads many sections at a sitting: the mail leaves when they are likely to be done.
DELAY = timedelta(hours=1)
_WHY = _("Vous recevez ce message parce que vous avez traduit une partie de cette ressource.")


def reviewed(lang: str, title: str, language: str, url: str, word: str = "") -> Letter:
    """Somebody has read your translation. :param word: of a reviewer who sent a section back, or ""."""
    say = Wording.of(lang)
    told = (say.gettext(_("Une partie vous est renvoyée, avec ce mot :")), word) if word else ()
    return Letter(
        kind="traduction",
        lang=say.lang,
        subject=say.gettext(_("Votre traduction de « %(title)s » a été relue"), title=title),
        paragraphs=(
            say.gettext(_("Une personne du réseau a relu ce que vous avez traduit (%(language)s)."), language=language),
            *told,
        ),
        button=(say.gettext(_("Voir la traduction")), url),
        after=(say.gettext(_("Nous vous écrivons une fois par jour au plus pour chaque ressource.")),),
        why=say.gettext(_WHY),
    )


def tell_translators(work: Work, people: Iterable[UUID | None], settings: Settings, path: str, word: str = "") -> int:
    """Write to those who translated what was published or sent back, unless they did it themselves.

    :param path: of the translator's page. :return: mails that were written; those of the day for this resource count.
    """
    sent = 0
    for id_ in {one for one in people if one is not None and one != work.person}:
        person = work.session.get(Person, id_)
        if person is None or person.state != PersonState.ACTIVE.value or not person.email:
            continue
        language = langs.name(work.lang, Wording.of(person.lang).lang)
        letter = reviewed(person.lang, work.resource.title, language, settings.public_url.rstrip("/") + path, word)
        key = f"traduction:{id_}:{work.resource.id}:{work.lang}:{work.now:%Y-%m-%d}"
        sent += queue(work.session, letter, person.email, site=Site.of(settings), now=work.now, key=key,
                      due_at=work.now + DELAY)  # fmt: skip
    return sent
