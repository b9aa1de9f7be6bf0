"""Subscribing, confirming, choosing, leaving. Each step is done under a lock on the row, so that two at once are one
after the other; each is a line of the journal of consent.

``asked_at`` says that a question waits for its answer: links that confirm are good while it is set, and only then, so
that a mail of before somebody left brings nobody back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter import links
from feeds.newsletter.models import Edition, Subscriber, SubscriberState
from feeds.newsletter.subscribing import consenting, emails, suppressing
from reseau.core import tokens
from reseau.core.db import insert
from reseau.core.ids import new_id
from reseau.core.letters import Site
from reseau.core.limits import Limit, allow, allow_network
from reseau.core.mail import queue
from reseau.members.models import Person, PersonState

ACTIVE, LEFT, PENDING = SubscriberState.ACTIVE.value, SubscriberState.LEFT.value, SubscriberState.PENDING.value
#: From one network for one address: one count for an address alone would let anybody keep its owner out.
PER_SENDER = Limit("letter:sender", 5, timedelta(hours=1))
#: A network is 256 addresses, and a stand at a fair is one.
PER_NETWORK = Limit("letter:network", 60, timedelta(hours=1))
#: From everywhere. Over it no mail leaves, and the page says the same.
PER_ADDRESS = Limit("letter:address", 3, timedelta(hours=24))
#: The same, for who left or refused: strangers who write their address are not to become a nuisance.
PER_REFUSAL = Limit("letter:refusal", 1, timedelta(days=30))
UNDO = timedelta(days=7)
"""How long leaving can be undone by the link of a letter; then one subscribes again."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader chooses. ``themes``: codes; () is all. ``commune``: INSEE code, or ""."""

    lang: str
    themes: tuple[str, ...] = ()
    commune: str = ""
    health: bool = False
    fewer: bool = False

    @classmethod
    def of(cls, subscriber: Subscriber) -> Choices:
        """Those of a subscriber."""
        return cls(subscriber.lang, tuple(subscriber.themes), subscriber.commune, subscriber.health, subscriber.fewer)

    def stored(self) -> dict[str, Any]:
        """As columns."""
        return {**asdict(self), "themes": list(self.themes)}

    def onto(self, subscriber: Subscriber) -> None:
        """Write them; the caller has locked the row."""
        for name, value in self.stored().items():
            setattr(subscriber, name, value)


def find(session: Session, id_: UUID) -> Subscriber | None:
    """A subscriber as it is now, locked until the end of the transaction; None: erased meanwhile."""
    return session.get(Subscriber, id_, with_for_update=True, populate_existing=True)


def by_token(session: Session, secret: str, token: str) -> tuple[bool, Subscriber | None]:
    """(whether the link is one of ours, whose it is). A link of ours may be nobody's: they were erased."""
    key = links.reader_key(secret, token)
    found = session.scalars(sa.select(Subscriber).where(Subscriber.key == key)).first() if key else None
    return key is not None, found


def by_email(session: Session, email: str) -> Subscriber | None:
    """The subscriber of an address (lower case)."""
    return session.scalars(sa.select(Subscriber).where(Subscriber.email == email)).first()


def reader_url(site: Site, key: str) -> str:
    """Where a reader leaves and chooses. :param key: of the subscriber."""
    return f"{site.url}{links.READER}{links.of_reader(site.secret, key)}"


# --- asking, confirming ---------------------------------------------------------------------------------------


def may_ask(session: Session, email: str, network: str, now: datetime) -> bool:
    """Count one more request for this address from this network; judged before the address is looked up."""
    mine = allow_network(session, PER_SENDER, network, now, email)
    return mine and allow_network(session, PER_NETWORK, network, now)


def ask(
    session: Session, site: Site, email: str, choices: Choices, now: datetime, *, came_by: UUID | None = None,
    source: str = consenting.FORM,
) -> bool:  # fmt: skip
    """Somebody wants the letter at an address: mail a link that confirms, or say that they get it already. Whoever
    asks cannot tell which: the same statements are run for every address, one mail leaves for each. What they chose is
    written when that very link is used: before, it is the wish of nobody known.

    :param email: from ``core.contacts.deliverable``. :param came_by: the relay in whose address they clicked.
    :param source: where it was asked (``form``, ``desk``). :return: whether a mail leaves: not when too many did.
    """
    if not _may_mail(session, site.secret, email, now):
        return False
    row = _asked(session, email, choices, came_by, now)
    receives = row.state == ACTIVE
    wish = {} if receives else {**choices.stored(), "came_by": str(came_by) if came_by else None}
    event_id = consenting.note(session, row.id, "asked", source, now, choices.lang, wish)
    reader = reader_url(site, row.key)
    if receives:
        letter = emails.already(row.lang, reader)
    else:
        letter = emails.confirm(choices.lang, confirm_url(site, row.id, now, event_id), reader)
    queue(session, letter, email, site=site, now=now, expires_at=now + links.VALID)
    return True


def _may_mail(session: Session, secret: str, email: str, now: datetime) -> bool:
    """Count one more mail to an address, whatever is written after its "+": one mailbox. Two statements for each."""
    local, _, domain = email.rpartition("@")
    plain = f"{local.partition('+')[0] or local}@{domain}"
    refused_at = suppressing.since(session, secret, (email, plain))
    if refused_at is None:
        return allow(session, PER_ADDRESS, plain, now)
    return allow(session, PER_REFUSAL, f"{plain} {refused_at.isoformat()}", now)


def confirm_url(site: Site, id_: UUID, asked_at: datetime, event_id: UUID | None = None) -> str:
    """The link that confirms. :param event_id: the line of the journal that holds what was asked for."""
    return f"{site.url}{links.CONFIRM}{links.confirmation(site.secret, id_, asked_at, event_id)}"


def _asked(session: Session, email: str, choices: Choices, came_by: UUID | None, now: datetime) -> Any:
    """One statement whether the address is new, waits, receives or left. Of a row that is there, only when it was asked
    is written: anybody may ask for anybody."""
    table: Any = Subscriber.__table__
    new = insert(session, table).values(
        id=new_id(), email=email, key=links.new_key(), state=PENDING, edition=Edition.GENERAL.value, source="form",
        created_at=now, asked_at=now, bounce_score=0.0, came_by=came_by, **choices.stored(),
    )  # fmt: skip
    statement = new.on_conflict_do_update(index_elements=["email"], set_={"asked_at": now})
    return session.execute(statement.returning(table.c.id, table.c.key, table.c.state, table.c.lang)).one()


def awaited(session: Session, secret: str, token: str, now: datetime) -> tuple[str, Subscriber | None]:
    """What a link that confirms is worth: ``wait`` (its button subscribes), ``done`` (they receive the letter already)
    or ``dead`` (forged, too old, used, or they left since)."""
    id_, _event = links.confirmed(secret, token, now)
    found = session.get(Subscriber, id_) if id_ else None
    return _worth(session, found, token), found


def _worth(session: Session, found: Subscriber | None, token: str) -> str:
    if found is None:
        return "dead"
    if found.state == ACTIVE:
        return "done"
    spent = session.get(tokens.SpentToken, tokens.digest(token)) is not None
    return "wait" if found.asked_at is not None and not spent else "dead"


def confirm(session: Session, secret: str, token: str, now: datetime) -> tuple[str, Subscriber | None]:
    """Subscribe whom a link names, with what was chosen when it was asked for; what suppressed their address is lifted,
    since they act from the mailbox itself.

    :return: ``done``, ``already`` (they receive it: nothing was done) or ``dead``, and the subscriber.
    """
    id_, event_id = links.confirmed(secret, token, now)
    found = find(session, id_) if id_ else None
    worth = _worth(session, found, token)
    if found is None or worth != "wait" or not tokens.spend(session, token, now, links.VALID):
        return ("already" if worth == "done" else "dead"), found
    if wish := consenting.asked_for(session, found.id, event_id):
        _granted(found, wish)
    activate(session, secret, found, now)
    if found.person_id is None:
        found.person_id = _free_account(session, found.email)
    consenting.note(session, found.id, "confirmed", consenting.MAIL, now, found.lang)
    return "done", found


def _granted(subscriber: Subscriber, wish: dict[str, Any]) -> None:
    """What was asked for in the form becomes that of the subscriber. An invitation of a relay that still waits remains
    one; who left that edition, or lost it, and asks for the letter, gets the letter."""
    Choices(wish["lang"], tuple(wish["themes"]), wish["commune"], wish["health"], wish["fewer"]).onto(subscriber)
    subscriber.came_by = UUID(wish["came_by"]) if wish["came_by"] else subscriber.came_by
    if subscriber.state != PENDING or subscriber.relay_id is None:
        subscriber.edition, subscriber.relay_id, subscriber.source = Edition.GENERAL.value, None, "form"


def activate(session: Session, secret: str, subscriber: Subscriber, now: datetime) -> None:
    """From now on they receive the letter. The caller has locked the row, and notes why."""
    subscriber.state, subscriber.confirmed_at, subscriber.left_at = ACTIVE, now, None
    subscriber.asked_at, subscriber.bounce_score, subscriber.bounced_on = None, 0.0, None
    suppressing.release(session, secret, subscriber.email)
    session.flush()


def _free_account(session: Session, email: str) -> UUID | None:
    """The account of an address, unless it has another subscription (that of its former address)."""
    taken = sa.exists().where(Subscriber.person_id == Person.id)
    found = sa.select(Person.id).where(Person.email == email, Person.state == PersonState.ACTIVE.value, ~taken)
    return session.scalar(found)


# --- choosing, leaving ----------------------------------------------------------------------------------------


def change(session: Session, subscriber: Subscriber, choices: Choices, source: str, now: datetime) -> bool:
    """Write what a reader chose. :return: False when nothing is different, or they were erased."""
    row = find(session, subscriber.id)
    if row is None:
        return False
    new = {name: value for name, value in choices.stored().items() if getattr(row, name) != value}
    for name, value in new.items():
        setattr(row, name, value)
    if new:
        consenting.note(session, row.id, "changed", source, now, row.lang, new)
    return bool(new)


def leave(
    session: Session, subscriber: Subscriber, source: str, now: datetime, *, secret: str,
    reason: str = suppressing.LEFT,
) -> bool:  # fmt: skip
    """They receive nothing more, from now on; letters that are on their way are stopped by the suppression. Twice is
    once.

    :param source: where (``one-click``, ``page``, ``mail``, ``profile``, ``desk``). :param reason: ``left``,
        ``complaint`` (it came back as unwanted) or ``asked`` (somebody did it for them). :return: whether it was new.
    """
    row = find(session, subscriber.id)
    if row is None:
        return False
    new = suppressing.suppress(session, secret, row.email, reason, now)
    if row.state != LEFT:
        row.state, row.left_at, new = LEFT, now, True
    row.asked_at = None
    if new:
        act = "complained" if reason == suppressing.COMPLAINT else "left"
        consenting.note(session, row.id, act, source, now, row.lang, {} if reason == "left" else {"reason": reason})
    return new


def may_undo(session: Session, secret: str, subscriber: Subscriber, now: datetime) -> bool:
    """Whether leaving can still be undone: in ``UNDO``, and nothing but their own leaving stands against it."""
    if subscriber.state != LEFT or subscriber.left_at is None or now - subscriber.left_at > UNDO:
        return False
    return suppressing.reason_of(session, secret, subscriber.email) in ("", suppressing.LEFT)


def undo(session: Session, subscriber: Subscriber, source: str, now: datetime, *, secret: str) -> bool:
    """They did not mean to leave: as before. Who had not confirmed yet still has not. :return: False when it is too
    late, or not theirs to undo."""
    row = find(session, subscriber.id)
    if row is None or not may_undo(session, secret, row, now):
        return False
    suppressing.release(session, secret, row.email, suppressing.LEFT)
    if consenting.last_left(session, row.id) == consenting.LABEL_ENDED:
        row.source = "form"  # it is their own wish now, and the end of the label ends it no more
    confirmed = row.confirmed_at is not None
    row.state, row.left_at, row.asked_at = (ACTIVE, None, None) if confirmed else (PENDING, None, now)
    consenting.note(session, row.id, "undone", source, now, row.lang)
    return True
