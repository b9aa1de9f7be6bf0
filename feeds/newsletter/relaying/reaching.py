"""What relays say: "passed on to n professionals". One row each time, that they may put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue, Relay, RelayReach
from reseau.core.wording import _

MEANS = {
    "mail": _("Par courriel"),
    "messagerie": _("Par un groupe de messagerie"),
    "papier": _("Sur papier"),
    "reunion": _("En réunion"),
    "site": _("Sur un site, un intranet"),
    "autre": _("Autrement"),
}
LEAST, MOST = 1, 100_000
MAX_NOTE = 300
PAGE = 30


@dataclass(frozen=True, slots=True)
class Said:
    """A declaration. ``issue``: None: of no issue in particular."""

    people: int
    means: str
    issue_id: UUID | None
    note: str = ""


def declare(session: Session, relay: Relay, said: Said, by: UUID | None, now: datetime) -> RelayReach:
    """Write one down; the caller has checked its bounds (:data:`LEAST`, :data:`MOST`)."""
    made = RelayReach(
        relay_id=relay.id, issue_id=said.issue_id, people=said.people, means=said.means, note=said.note, at=now, by=by
    )
    session.add(made)
    session.flush()
    return made


def correct(session: Session, row: RelayReach, said: Said) -> bool:
    """Put one right. :return: whether anything changed."""
    before = (row.people, row.means, row.issue_id, row.note)
    row.people, row.means, row.issue_id, row.note = said.people, said.means, said.issue_id, said.note
    session.flush()
    return before != (said.people, said.means, said.issue_id, said.note)


def withdraw(session: Session, row: RelayReach) -> None:
    """It was not true."""
    session.delete(row)
    session.flush()


def find(session: Session, relay: Relay, id_: UUID | None) -> RelayReach | None:
    """A declaration of this relay."""
    row = session.get(RelayReach, id_) if id_ else None
    return row if row is not None and row.relay_id == relay.id else None


def declared(session: Session, relay: Relay) -> Sequence[tuple[RelayReach, Issue | None]]:
    """The newest declarations of a relay; one statement."""
    wanted = sa.select(RelayReach, Issue).outerjoin(Issue, Issue.id == RelayReach.issue_id)
    wanted = wanted.where(RelayReach.relay_id == relay.id).order_by(RelayReach.at.desc(), RelayReach.id).limit(PAGE)
    return [(row, issue) for row, issue in session.execute(wanted)]
