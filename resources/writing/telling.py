"""Who hears of a review, of its answer, of a publication."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.members.models import Person
from reseau.members.places import people_with
from reseau.members.profile import wants
from reseau.settings import Settings
from resources.base import services
from resources.base.addresses import path_of
from resources.base.models import Resource, ResourceVersion
from resources.writing import authors, emails

#: Under which name of ``members.profile.MAILS`` coordinators choose to hear of reviews.
PREFERENCE = "ressources"


def tell_reviewers(session: Session, resource: Resource, who: Person, settings: Settings, now: datetime) -> int:
    """The coordinators hear that a resource waits. :return: how many mails were written."""
    site, sent = Site.of(settings), 0
    title = services.working(session, resource).title
    for person in people_with(session, "coordinator"):
        if person.email and wants(person, PREFERENCE) and person.id != who.id:
            letter = emails.to_review(person.lang, who.name, title, f"{site.url}/gestion/ressources")
            key = f"ressource:{resource.id}:relecture:{resource.review_at}:{person.id}"
            sent += queue(session, letter, person.email, site=site, now=now, key=key, optional_for=person.id)
    return sent


def tell_published(
    session: Session, resource: Resource, version: ResourceVersion, by: UUID, settings: Settings, now: datetime
) -> int:
    """The authors who want to hear that it is published, but for who did it, and for spelling."""
    if version.minor:
        return 0
    site, sent = Site.of(settings), 0
    for person in authors.listening(session, resource, by):
        letter = emails.published(person.lang, resource.title, version.note, f"{site.url}{path_of(resource)}")
        key = f"ressource:{resource.id}:publiee:{version.number}:{person.id}"
        sent += queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)
    return sent


def tell_sent_back(session: Session, resource: Resource, by: UUID, settings: Settings, now: datetime) -> int:
    """The authors hear what to change."""
    site, sent = Site.of(settings), 0
    title = services.working(session, resource).title
    for person in authors.listening(session, resource, by):
        url = f"{site.url}{path_of(resource)}/modifier"
        letter = emails.sent_back(person.lang, title, resource.review_note, url)
        sent += queue(session, letter, person.email or "", site=site, now=now, optional_for=person.id)
    return sent
