"""What the coordination sees of subscribers: sums, and one person at a time, to help who telephones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.audience import WHO, Segments, count
from feeds.newsletter.models import Edition, Relay, Subscriber, Suppression
from feeds.newsletter.subscribing import suppressing
from feeds.newsletter.subscribing.services import ACTIVE, find
from reseau.core.db import site_day
from reseau.core.mail import Mail, MailState
from reseau.directory.models import Structure


@dataclass(frozen=True, slots=True)
class Sums:
    """How many subscribers: by state; and of those who receive the letter, by edition, language, source, segment
    (``audience.WHO``). ``suppressed``: reason → addresses that are not written to."""

    states: dict[str, int]
    editions: dict[str, int]
    langs: dict[str, int]
    sources: dict[str, int]
    segments: dict[str, int]
    suppressed: dict[str, int]

    def rows(self) -> list[tuple[str, str, int]]:
        """(what, which, how many), for the CSV."""
        parts = {"etat": self.states, "edition": self.editions, "langue": self.langs, "origine": self.sources,
                 "segment": self.segments, "ecarte": self.suppressed}  # fmt: skip
        return [(name, code, number) for name, part in parts.items() for code, number in part.items()]


def sums(session: Session, now: datetime) -> Sums:
    """All sums; six statements."""
    by = (Subscriber.state, Subscriber.edition, Subscriber.lang, Subscriber.source)
    rows = session.execute(sa.select(*by, sa.func.count()).group_by(*by)).all()
    states, editions, langs, sources = (Counter[str]() for _ in range(4))
    for state, edition, lang, source, number in rows:
        states[state] += number
        if state == ACTIVE:
            editions[edition] += number
            langs[lang] += number
            sources[source] += number
    day = site_day(session, now)
    segments = {who: count(session, Segments((who,)), Edition.GENERAL, day, now) for who in WHO}
    reasons = sa.select(Suppression.reason, sa.func.count().label("number")).group_by(Suppression.reason)
    barred = {row.reason: row.number for row in session.execute(reasons.order_by(Suppression.reason))}
    by_state, by_edition, by_lang, by_source = (dict(sorted(one.items())) for one in (states, editions, langs, sources))
    return Sums(by_state, by_edition, by_lang, by_source, segments, barred)


def relays(session: Session) -> list[tuple[str, str]]:
    """(id, name) of the relays that pass the letter on, by name."""
    found = sa.select(Relay.id, Structure.nom).join(Structure, Structure.id == Relay.structure_id)
    rows = session.execute(found.where(Relay.active.is_(True)).order_by(Structure.nom, Relay.id))
    return [(str(id_), name) for id_, name in rows]


def relay_of_code(session: Session, code: str) -> UUID | None:
    """The relay of a public subscribe address; None: no relay of today."""
    wanted = code.strip().lower()
    if not wanted.isalnum() or len(wanted) > 12:
        return None
    return session.scalar(sa.select(Relay.id).where(sa.func.lower(Relay.code) == wanted, Relay.active.is_(True)))


def erase(session: Session, secret: str, subscriber: Subscriber, now: datetime) -> None:
    """Forget somebody: row, journal of consent, mails that wait. Only the keyed hash of their address stays, so that no
    list brings them back. Twice at once is once."""
    row = find(session, subscriber.id)  # the row before the suppression, as everywhere: else two wait for each other
    if row is None:
        return
    suppressing.suppress(session, secret, row.email, suppressing.ERASED, now)
    forget_mails(session, row.email)
    session.delete(row)
    session.flush()


def forget_mails(session: Session, email: str) -> None:
    """Mails about the letter that have not left yet."""
    waiting = (MailState.WAITING.value, MailState.ASIDE.value)
    gone: Any = sa.delete(Mail).where(Mail.recipient == email, Mail.kind.like("letter-%"), Mail.state.in_(waiting))
    session.execute(gone)
