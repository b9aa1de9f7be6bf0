"""Who is told of a suggestion: those who answer, when it arrives; its sender, when it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.core.wording import Wording
from reseau.directory.models import Suggestion, SuggestionState
from reseau.directory.words import SUGGESTION_TITLES
from reseau.editing import emails
from reseau.members.models import Person, PersonState
from reseau.members.places import people_with, referents
from reseau.members.profile import wants
from reseau.settings import Settings

PREFERENCE = "suggestions"


def tell_arrival(
    session: Session, suggestion: Suggestion, row: Mapping[str, Any], settings: Settings, now: datetime
) -> int:
    """Write to the référents of the place who want it, else to the coordination: one mail a person an hour at most.

    :param row: of the place, where it is today. :return: mails that were written.
    """
    wanted = [person for person in referents(session, [row["id"]]).get(row["id"], []) if _reachable(person)]
    people = wanted or [person for person in people_with(session, "coordinator") if _reachable(person)]
    url = f"{settings.public_url.rstrip('/')}/gestion/suggestions/{suggestion.id}"
    sent = 0
    for person in people:
        if person.id == suggestion.author_id:
            continue
        what = Wording.of(person.lang).gettext(SUGGESTION_TITLES[suggestion.reason])
        letter = emails.suggested(person.lang, row["nom"], what, url, coordination=not wanted)
        key = f"suggestion:{person.id}:{now:%Y-%m-%dT%H}"
        site = Site.of(settings)
        sent += queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)
    return sent


def tell_answer(
    session: Session, suggestion: Suggestion, row: Mapping[str, Any], settings: Settings, now: datetime
) -> bool:
    """Write to the sender what became of it, if there is an address. :return: whether there was."""
    address = suggestion.contact or _address_of(session, suggestion.author_id)
    if not address:
        return False
    url = f"{settings.public_url.rstrip('/')}/annuaire/{row['slug']}-{row['id']}"
    if suggestion.state == SuggestionState.ACCEPTED.value:
        letter = emails.accepted(suggestion.language, row["nom"], url)
    else:
        letter = emails.refused(suggestion.language, row["nom"], suggestion.answer, url)
    key = f"suggestion-reponse:{suggestion.id}"
    try:
        return queue(session, letter, address, site=Site.of(settings), now=now, key=key)
    except ValueError:  # what a visitor gave as an address is none: an answer must not fail for that
        return False


def _address_of(session: Session, person_id: UUID | None) -> str | None:
    person = session.get(Person, person_id) if person_id else None
    return person.email if person is not None and person.state == PersonState.ACTIVE.value else None


def _reachable(person: Person) -> bool:
    return bool(person.email) and wants(person, PREFERENCE)
