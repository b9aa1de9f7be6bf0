"""The mails of requests for resources: to the coordination, and to who has published on the theme, when one arrives; to
who asked when it was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from reseau.core.clock import local_day
from reseau.core.letters import Letter, Site
from reseau.core.mail import queue
from reseau.core.wording import Wording, _
from reseau.members.models import Person, PersonState
from reseau.members.places import people_with
from reseau.members.profile import wants
from reseau.settings import Settings
from resources.base.models import Resource, ResourceRequest
from resources.base.routes import path_of
from resources.finding.asking import Asked, authors_on

PREFERENCE = "ressources"
"""Kind of mail, as people choose them (``members.profile.MAILS``)."""
_ANSWER_IT = _(
    "Elle n’a pas trouvé cette ressource sur le site. Répondez-lui avec une ressource qui existe, "
    "ou dites pourquoi ce n’est pas possible."
)
_ANSWER_IF_YOU_CAN = _(
    "Elle n’a pas trouvé cette ressource sur le site, et vous connaissez ce thème. "
    "Si une ressource répond, ou si vous en écrivez une, donnez-lui son adresse."
)
_ONE_A_DAY = _(
    "Si d’autres demandes arrivent aujourd’hui, nous ne vous écrivons pas à nouveau : vous les trouvez sur cette page."
)
_WHY_COORDINATES = _(
    "Vous recevez ce message parce que vous êtes de la coordination. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_PUBLISHED = _(
    "Vous recevez ce message parce que vous avez publié une ressource sur le même thème. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_ASKED = _("Vous recevez ce message parce que vous avez demandé une ressource sur ce site.")


def tell_arrival(session: Session, asked: ResourceRequest, settings: Settings, now: datetime) -> int:
    """Write to the coordinators, and to those who have published on its theme, who want it: one mail a person a day at
    most. :return: mails that were written."""
    site, day = Site.of(settings), local_day(now, settings.timezone)
    coordinators = {person.id: person for person in people_with(session, "coordinator")}
    people = {person.id: person for person in authors_on(session, asked.theme)} | coordinators
    sent = 0
    for person in people.values():
        if person.email and wants(person, PREFERENCE) and person.id != asked.author_id:
            coordinates = person.id in coordinators
            url = f"{site.url}/{'gestion' if coordinates else 'compte'}/demandes-ressources"
            letter = arrived(person.lang, asked, url, coordinates=coordinates)
            key = f"demande-ressource:{person.id}:{day}"
            sent += queue(session, letter, person.email, site=site, now=now, key=key, optional_for=person.id)
    return sent


def tell_answer(
    session: Session, asked: ResourceRequest, resource: Resource | None, settings: Settings, now: datetime
) -> bool:
    """Write to who asked, if there is an address. Anybody may type the address of anybody: only that of an account,
    given by who is signed in to it, is sent what people wrote. :return: whether a mail was written."""
    address, lang, theirs = asked.contact, asked.language, ""
    person = session.get(Person, asked.author_id) if asked.author_id else None
    if person is not None and person.state == PersonState.ACTIVE.value:
        theirs, lang = person.email or "", person.lang
    if not (address := address or theirs):
        return False
    site = Site.of(settings)
    if address.casefold() != theirs.casefold():
        found = resource if asked.state == Asked.ANSWERED.value else None
        url = site.url + (path_of(found) if found else "/ressources")
        letter = answered_stranger(lang, found.title if found else "", url)
    elif asked.state == Asked.ANSWERED.value and resource is not None:
        letter = answered(lang, asked, resource.title, site.url + path_of(resource))
    else:
        letter = declined(lang, asked, f"{site.url}/ressources")
    try:
        return queue(session, letter, address, site=site, now=now, key=f"demande-ressource-reponse:{asked.id}")
    except ValueError:  # what a visitor gave as an address is none: an answer must not fail for that
        return False


def arrived(lang: str, asked: ResourceRequest, url: str, *, coordinates: bool) -> Letter:
    """Somebody looks for a resource that is not there. :param coordinates: said to the coordination; else to who has
    published on the theme."""
    say = Wording.of(lang)
    return Letter(
        kind="demande-ressource", lang=say.lang,
        subject=say.gettext(_("Répondez : une personne cherche « %(words)s »"), words=asked.words),
        paragraphs=(
            say.gettext(_ANSWER_IT if coordinates else _ANSWER_IF_YOU_CAN),
        ),
        facts=((say.gettext(_("Ce qu’elle cherche")), asked.words),),
        button=(say.gettext(_("Voir les demandes")), url),
        after=(say.gettext(_ONE_A_DAY),), why=say.gettext(_WHY_COORDINATES if coordinates else _WHY_PUBLISHED),
    )  # fmt: skip


def answered(lang: str, asked: ResourceRequest, title: str, url: str) -> Letter:
    """To who asked: here it is. :param url: of the resource."""
    say = Wording.of(lang)
    return Letter(
        kind="demande-ressource-reponse", lang=say.lang,
        subject=say.gettext(_("Ouvrez la ressource que vous cherchiez : « %(title)s »"), title=title),
        paragraphs=(
            say.gettext(_("Vous cherchiez « %(words)s ». Voici une ressource qui répond."), words=asked.words),
            *([asked.answer] if asked.answer else []),
        ),
        button=(say.gettext(_("Ouvrir la ressource")), url), why=say.gettext(_WHY_ASKED),
    )  # fmt: skip


def answered_stranger(lang: str, title: str, url: str) -> Letter:
    """To an address that a visitor typed, which may be anybody's: nothing that people wrote but the title of the
    resource. :param title: "": there is none. :param url: of the resource, or of all."""
    say = Wording.of(lang)
    found = _("Vous cherchiez une ressource. En voici une qui répond :")
    none = _("Vous cherchiez une ressource. Nous n’en avons pas à vous proposer pour l’instant.")
    return Letter(
        kind="demande-ressource-reponse", lang=say.lang,
        subject=say.gettext(_("Nous avons lu votre demande de ressource")),
        paragraphs=(say.gettext(found), f"« {title} »") if title else (say.gettext(none),),
        button=(say.gettext(_("Ouvrir la ressource") if title else _("Voir toutes les ressources")), url),
        why=say.gettext(_WHY_ASKED),
    )  # fmt: skip


def declined(lang: str, asked: ResourceRequest, url: str) -> Letter:
    """To who asked: there will be none, and why. :param url: of all resources."""
    say = Wording.of(lang)
    return Letter(
        kind="demande-ressource-reponse", lang=say.lang,
        subject=say.gettext(_("Lisez la réponse à votre demande : « %(words)s »"), words=asked.words),
        paragraphs=(
            say.gettext(_("Vous cherchiez « %(words)s ». Nous n’avons pas de ressource à vous proposer."),
                        words=asked.words),
            asked.answer,
        ),
        button=(say.gettext(_("Voir toutes les ressources")), url), why=say.gettext(_WHY_ASKED),
    )  # fmt: skip
