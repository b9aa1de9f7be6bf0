"""A list of addresses that the coordination has: invitations to confirm, at a pace. Nobody is subscribed by a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import ConsentEvent, Edition, Relay, Subscriber
from feeds.newsletter.subscribing import consenting, emails, own, services, suppressing
from feeds.newsletter.subscribing.services import LEFT, Choices
from reseau.core import stopping
from reseau.core.contacts import deliverable
from reseau.core.db import insert
from reseau.core.ids import new_id
from reseau.core.letters import Site, one_line
from reseau.core.mail import queue
from reseau.directory.models import Structure

MAX_ADDRESSES, MAX_BYTES, MAX_SHOWN = 2_000, 200_000, 60
PACE = timedelta(seconds=2)
"""Between two invitations: mail servers take a burst from a new sender for a nuisance."""
_CHUNK = 500
_BETWEEN = re.compile(r"[\s<>()\[\];:\"“”«»]+")
_QUOTES = "'‘’`"  # around an address; within, an apostrophe is part of a name


class Unreadable(ValueError):
    """Nothing of the list can be used. ``code``: ``empty``, ``large``, ``binary``, ``many``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Read:
    """A list as read: each address once, in order; lines without one, as (number, text)."""

    emails: tuple[str, ...]
    malformed: tuple[tuple[int, str], ...]
    twice: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen. ``already``: they receive the letter, or were asked. ``suppressed``: they left, or are not to
    be written to."""

    new: tuple[str, ...]
    already: int
    suppressed: int


def decode(data: bytes) -> str:
    """The text of a file: UTF-16 with its mark, else UTF-8, else Windows-1252.

    :raises Unreadable: too large, or not a text.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("large")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("binary")


def read(text: str) -> Read:
    """The addresses of a list, one or several in a line, with names or other columns beside them; a first line without
    one is that of the titles. A line in which it is not sure where an address begins gives none: another would be that
    of a stranger.

    :raises Unreadable: says why nothing of it can be used.
    """
    if len(text) > MAX_BYTES:
        raise Unreadable("large")
    if any(ord(char) < 32 and char not in "\t\r\n" for char in text):
        raise Unreadable("binary")
    found: dict[str, None] = {}
    malformed, twice = list[tuple[int, str]](), 0
    lines = text.removeprefix("\ufeff").splitlines()
    columns = bool(lines) and "," in lines[0] and "@" not in lines[0]  # titles between commas: so is what follows
    for number, line in enumerate(lines, 1):
        words = _words(line, columns)
        clean = [deliverable(word) for word in words]
        if line.strip() and (None in clean or not words) and not (number == 1 and not words):
            malformed.append((number, one_line(line)[:120]))
        for email in filter(None, clean):
            twice += email in found
            found[email] = None
        if len(found) > MAX_ADDRESSES:
            raise Unreadable("many")
    if not found and not malformed:
        raise Unreadable("empty")
    return Read(tuple(found), tuple(malformed), twice)


def _words(line: str, columns: bool) -> list[str]:
    """What has an at sign in a line. ``nom,jean@exemple.fr`` may be two columns, or a comma that should be a dot:
    without ``columns`` it stays one word, which is no address."""
    found: list[str] = []
    for word in _BETWEEN.split(unicodedata.normalize("NFKC", line)):
        parts = word.split(",")
        at = [part for part in parts if "@" in part]
        glued = any(one and "@" not in one and "@" in then for one, then in pairwise(parts))
        found += [word] if glued and not columns else at
    return [one.strip(_QUOTES) for one in found]


def try_out(session: Session, secret: str, addresses: Sequence[str]) -> Tried:
    """What :func:`invite` would do now; nothing is written."""
    barred = suppressing.suppressed(session, secret, addresses)
    known: dict[str, str] = {}
    for start in range(0, len(addresses), _CHUNK):
        wanted = sa.select(Subscriber.email, Subscriber.state)
        rows = session.execute(wanted.where(Subscriber.email.in_(addresses[start : start + _CHUNK])))
        known |= {row.email: row.state for row in rows}
    barred |= {email for email, state in known.items() if state == LEFT}
    new = tuple(email for email in dict.fromkeys(addresses) if email not in known and email not in barred)
    return Tried(new, len(known.keys() - barred), len(barred))


def invite(
    session: Session, addresses: Iterable[str], relay_id: UUID | None, by: UUID | None, site: Site, now: datetime,
    *, lang: str = "fr",
) -> Tried:  # fmt: skip
    """Invite those of a list who are neither there nor suppressed; they receive the letter only after their own click.
    Given twice, or by two at once, each is invited once.

    :param addresses: from ``core.contacts.deliverable``; others are left out. :param relay_id: they would receive the
        edition of relays, for this one. :param by: who gave the list. :return: what was done; ``new``: who was invited.
    """
    tried = try_out(session, site.secret, [email for email in addresses if deliverable(email) == email])
    edition = Edition.RELAY.value if relay_id else Edition.GENERAL.value
    source = consenting.RELAY if relay_id else consenting.LIST
    rows = [
        own.new_row(email, Choices(lang), source, now)
        | {"edition": edition, "relay_id": relay_id, "asked_at": now + PACE * n}
        for n, email in enumerate(tried.new)
    ]
    rows = _written(session, rows)
    detail = {"by": str(by), **({"relay": str(relay_id)} if relay_id else {})}
    note = {"at": now, "act": "invited", "text": consenting.TEXT, "source": source, "lang": lang, "detail": detail}
    if rows:
        session.execute(sa.insert(ConsentEvent), [{"id": new_id(), "subscriber_id": row["id"], **note} for row in rows])
    relay = _name_of(session, relay_id)
    for row in rows:
        _send(session, site, row, relay, now)
    return Tried(tuple(row["email"] for row in rows), tried.already + len(tried.new) - len(rows), tried.suppressed)


def _written(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write subscribers; those of them that nobody else wrote at the same moment."""
    table: Any = Subscriber.__table__
    kept = set[UUID]()
    # In one order for everybody: two lists that hold the same addresses would wait for each other (PostgreSQL).
    ordered = sorted(rows, key=lambda row: str(row["email"]))
    for start in range(0, len(ordered), _CHUNK):
        some = ordered[start : start + _CHUNK]
        session.execute(insert(session, table).on_conflict_do_nothing(index_elements=["email"]), some)
        ids = [row["id"] for row in some]
        kept.update(session.scalars(sa.select(Subscriber.id).where(Subscriber.id.in_(ids))))
    return [row for row in rows if row["id"] in kept]


def _send(session: Session, site: Site, row: dict[str, Any], relay: str, now: datetime) -> None:
    due, reader = row["asked_at"], services.reader_url(site, row["key"])
    letter = emails.invited(row["lang"], services.confirm_url(site, row["id"], due), reader, relay)
    queue(session, letter, row["email"], site=site, now=now, due_at=due, headers=stopping.headers(reader))


def _name_of(session: Session, relay_id: UUID | None) -> str:
    found = sa.select(Structure.nom).join(Relay, Relay.structure_id == Structure.id).where(Relay.id == relay_id)
    return (session.scalar(found) or "") if relay_id else ""
