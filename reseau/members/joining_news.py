"""Who hears of an answer: whoever invited, when it is accepted; the référents, when the coordination decides for their
place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core import letters, mail
from reseau.members import joining_emails, places, profile
from reseau.members.invitations import place_of
from reseau.members.models import Decision, Invitation, Person, PersonState
from reseau.settings import Settings


def wants_mail(person: Person) -> bool:
    """Whether they want mails about requests, and can receive one."""
    return bool(person.email) and person.state == PersonState.ACTIVE.value and profile.wants(person, "demandes")


def tell_inviter(session: Session, row: Invitation, person: Person, settings: Settings, now: datetime) -> bool:
    """Whoever invited ``person`` hears that they came. :return: whether a mail was written."""
    inviter = session.get(Person, row.invited_by) if row.invited_by else None
    if inviter is None or not wants_mail(inviter):
        return False
    site = letters.Site.of(settings)
    place = place_of(session, row.structure_id) if row.structure_id else None
    where = f"/annuaire/{place['slug']}-{place['id']}/equipe" if place else "/gestion/gouvernance"
    named = (place["nom"] if place else site.name, row.role, site.url + where)
    letter = joining_emails.invitation_accepted(inviter.lang, person.name, *named)
    key = f"invitation:{row.id}:acceptee"
    return mail.queue(session, letter, inviter.email or "", site=site, now=now, key=key, optional_for=inviter.id)


def tell_team(
    session: Session, id_: UUID, place: Any, person: Person, decision: Decision, by: UUID, settings: Settings,
    now: datetime,
) -> int:  # fmt: skip
    """The référents of a place hear what was decided for it, unless one of them decided. :param id_: of the request.
    :return: how many mails were written.
    """
    team = places.referents(session, [place["id"]]).get(place["id"], [])
    if any(one.id == by for one in team):
        return 0
    site, sent = letters.Site.of(settings), 0
    url = f"{site.url}/annuaire/{place['slug']}-{place['id']}/equipe"
    for one in team:
        if one.id != person.id and wants_mail(one):
            letter = joining_emails.decided_for_you(
                one.lang, person.name, place["nom"], url, accepted=decision is Decision.ACCEPTED
            )
            key = f"demande:{id_}:decidee:{one.id}"
            sent += mail.queue(session, letter, one.email or "", site=site, now=now, key=key, optional_for=one.id)
    return sent
