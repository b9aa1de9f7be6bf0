"""What a person says of themselves: name, languages, which mails they want, and their mail address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reseau.core import tokens
from reseau.core.ids import parse_id
from reseau.core.letters import Site
from reseau.core.limits import Limit, allow
from reseau.core.mail import queue
from reseau.core.wording import _
from reseau.members import emails, places, sessions
from reseau.members.models import Person, PersonState, SignIn
from reseau.members.signin import by_address
from reseau.web.security import Role

#: Kinds of mail that one may do without. Links that one asked for are always sent.
#: Requests to join; errors that are reported; sheets to verify; on Mondays, what awaits the coordination; all that is
#: about resources.
#: Who gets which, and in which words: ``account.mail_choices``.
MAILS = ("demandes", "suggestions", "rappels", "bilan", "ressources")

#: Languages that are spoken where people are helped, most asked for first. ISO 639 codes; LSF: French Sign Language
#: (ISO 639-3 ``fsl``).
SPOKEN = {
    "fr": _("français"),
    "ar": _("arabe"),
    "en": _("anglais"),
    "ber": _("tamazight (berbère)"),
    "fsl": _("langue des signes française"),
    "pt": _("portugais"),
    "es": _("espagnol"),
    "it": _("italien"),
    "tr": _("turc"),
    "pl": _("polonais"),
    "ro": _("roumain"),
    "uk": _("ukrainien"),
    "ru": _("russe"),
    "wo": _("wolof"),
    "ff": _("peul"),
    "bm": _("bambara"),
    "ln": _("lingala"),
    "ps": _("pachto"),
    "fa": _("persan"),
}

PURPOSE = "new-address"
VALID = timedelta(hours=1)
PER_PERSON = Limit("new-address", 5, timedelta(hours=1))


def wants(person: Person, kind: str) -> bool:
    """Whether a person wants mails of a kind of ``MAILS``; what was never said is yes."""
    return bool(person.mails.get(kind, True))


def wanted(person: Person) -> list[str]:
    """The kinds of mail that a person wants."""
    return [kind for kind in MAILS if wants(person, kind)]


def update(
    person: Person, *, name: str, lang: str, languages: Iterable[str], mails: Iterable[str], offered: Iterable[str]
) -> None:
    """Write what the form said. :param languages: codes of ``SPOKEN``. :param mails: the kinds that are wanted, among
    those ``offered``; what was said of the others stays.
    """
    chosen, kinds, shown = set(languages), set(mails), set(offered)
    person.name, person.lang = name, lang
    person.languages = [code for code in SPOKEN if code in chosen]
    person.mails = {kind: kind in kinds if kind in shown else wants(person, kind) for kind in MAILS}


# --- my places ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A structure of a person. ``row``: id, slug, nom, commune, status."""

    row: Any
    referent: bool


def my_places(session: Session, person_id: UUID) -> list[Place]:
    """The structures of a person, where they are now, by name; two statements."""
    roles = sessions.places_of(session, person_id)
    rows = places.structures_named(session, roles)
    found = [Place(row, roles[id_] is Role.REFERENT) for id_, row in rows.items()]
    return sorted(found, key=lambda place: (place.row["nom"].casefold(), str(place.row["id"])))


# --- another mail address -------------------------------------------------------------------------------------


def may_change(session: Session, person_id: UUID, now: datetime) -> bool:
    """Count one more change asked for."""
    return allow(session, PER_PERSON, str(person_id), now)


def ask_address(session: Session, person: Person, new: str, *, secret: str, site: Site, now: datetime) -> None:
    """Mail a link to the new address; to one that has an account, a mail that says so. The page says the same.

    :param new: from ``invitations.clean_address``.
    """
    other = by_address(session, new)
    if other is not None:
        letter = emails.address_taken(other.lang)
    else:
        # The present address is signed too: once it has changed, older links are worth nothing.
        token = tokens.sign(secret, PURPOSE, [str(person.id), person.email, new], now)
        letter = emails.new_address(person.lang, f"{site.url}/compte/adresse/{token}")
    queue(session, letter, new, site=site, now=now)


def asked_address(person: Person, token: str, *, secret: str, now: datetime) -> str | None:
    """The address that a link is to give to this person; None: not a link of ours, not theirs, too old or used."""
    payload = tokens.read(secret, PURPOSE, token, VALID, now)
    if not isinstance(payload, list) or len(payload) != 3:
        return None
    id_, present, new = payload
    return str(new) if parse_id(id_) == person.id and present == person.email else None


def change_address(
    session: Session, person: Person, token: str, *, secret: str, site: Site, now: datetime, here: UUID
) -> bool:
    """Use the address from now on, tell the former one, and sign out everywhere else: whoever could read the former
    mailbox may have opened a session with it.

    :param here: the session to keep. :return: False: the link is no good, or it is taken.
    """
    new = asked_address(person, token, secret=secret, now=now)
    if new is None or not tokens.spend(session, token, now, VALID):
        return False
    former = person.email or ""
    try:
        with session.begin_nested():
            person.email = new
    except IntegrityError:
        session.refresh(person)
        return False
    # Links on their way to the former mailbox must not open this account any more.
    session.execute(
        sa.update(SignIn).where(SignIn.person_id == person.id, SignIn.used_at.is_(None)).values(used_at=now)
    )
    sessions.end_all(session, person.id, now, but=here)
    queue(session, emails.address_changed(person.lang, new), former, site=site, now=now)
    return True


def active(session: Session, person_id: UUID) -> Person:
    """The person who is signed in. :raises NoResultFound: they left meanwhile."""
    return session.scalars(
        sa.select(Person).where(Person.id == person_id, Person.state == PersonState.ACTIVE.value)
    ).one()
