"""The ledger of an issue: how many deliveries stand where. Each is in one state; their sum is compared with the number
that the launch wrote on the issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Delivery, DeliveryState, Edition, Issue, IssueState
from reseau.core.db import affected

_W = DeliveryState


@dataclass(frozen=True, slots=True)
class Counts:
    """How many deliveries. ``waiting``: with the few that are being handed over. ``bounced``: of the accepted, those
    that came back later. ``launched``: what the launch wrote on the issue, whatever became of them."""

    accepted: int = 0
    failed: int = 0
    unknown: int = 0
    suppressed: int = 0
    waiting: int = 0
    cancelled: int = 0
    launched: int = 0
    bounced: int = 0

    @property
    def found(self) -> int:
        """The sum of all states."""
        return self.accepted + self.failed + self.unknown + self.suppressed + self.waiting + self.cancelled

    @property
    def adds_up(self) -> bool:
        """Whether the sum is what was launched. If not, rows of the ledger were lost, or made by something else."""
        return self.found == self.launched


def counts(session: Session, issue_id: UUID, edition: Edition | None = None) -> Counts:
    """Of an issue, or of one of its editions. One statement."""
    return counts_of(session, [issue_id], edition).get(issue_id, Counts())


def counts_of(session: Session, issue_ids: Iterable[UUID], edition: Edition | None = None) -> dict[UUID, Counts]:
    """Of several issues; one that was not launched is not in it. One statement."""
    theirs = Delivery.issue_id == Issue.id
    joined = sa.and_(theirs, Delivery.edition == edition.value) if edition else theirs
    wanted = sa.select(Issue.id, Issue.launched, *_sums()).outerjoin(Delivery, joined)
    rows = session.execute(wanted.where(Issue.id.in_(list(issue_ids))).group_by(Issue.id)).all()
    found = {row[0]: _counts(tuple(row)[2:], _launched(row[1], edition.value if edition else "")) for row in rows}
    return {id_: one for id_, one in found.items() if one != Counts()}


def by_language(session: Session, issue_id: UUID) -> dict[tuple[str, str], Counts]:
    """(edition, language) → counts. Two statements at most."""
    issue, by = session.get_one(Issue, issue_id), (Delivery.edition, Delivery.lang)
    rows = session.execute(sa.select(*by, *_sums()).where(Delivery.issue_id == issue_id).group_by(*by)).all()
    sums = {(row[0], row[1]): tuple(row)[2:] for row in rows}
    keys = sorted({*sums, *((edition, lang) for edition, _, lang in (key.partition("/") for key in issue.launched))})
    return {key: _counts(sums.get(key, (0,) * 7), int(issue.launched.get("/".join(key), 0))) for key in keys}


def _launched(written: Mapping[str, int], edition: str) -> int:
    """What the launch wrote. :param edition: which one, or "" for both."""
    return sum(int(number) for key, number in written.items() if not edition or key.partition("/")[0] == edition)


def _counts(sums: Sequence[int], launched: int) -> Counts:
    return replace(Counts(*sums[:6]), launched=launched, bounced=sums[6])


def _sums() -> list[sa.ColumnElement[int]]:
    """In the order of the fields of :class:`Counts`, without ``launched``."""
    groups: tuple[tuple[DeliveryState, ...], ...] = (
        (_W.ACCEPTED,), (_W.FAILED,), (_W.UNKNOWN,), (_W.SUPPRESSED,), (_W.WAITING, _W.SENDING), (_W.CANCELLED,),
    )  # fmt: skip
    parts: list[sa.ColumnElement[int]] = [
        sa.func.count(sa.case((Delivery.state.in_([state.value for state in states]), 1))) for states in groups
    ]
    back = sa.and_(Delivery.state == _W.ACCEPTED.value, Delivery.bounce.in_(("hard", "soft")))
    return [*parts, sa.func.count(sa.case((back, 1)))]


def reasons(session: Session, issue_id: UUID, limit: int = 10) -> list[tuple[str, str, int]]:
    """(state, what the server said, how many) of what was not accepted and not left: the most frequent first. What a
    server says holds no address: it was masked when it was written down."""
    states = [_W.FAILED.value, _W.WAITING.value, _W.UNKNOWN.value]
    number = sa.func.count()
    wanted = (
        sa.select(Delivery.state, Delivery.said, number)
        .where(Delivery.issue_id == issue_id, Delivery.state.in_(states), Delivery.said != "")
        .group_by(Delivery.state, Delivery.said)
        .order_by(number.desc(), Delivery.said)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Proof:
    """One delivery, without saying whose it is. ``message_id``: begins so in the mail and in the server's log."""

    message_id: str
    edition: str
    lang: str
    state: str
    attempts: int
    settled_at: datetime | None
    said: str
    bounce: str


def proofs(session: Session, issue_id: UUID) -> Iterator[Proof]:
    """Each delivery of an issue, for a file that proves what was done; rows are read a thousand at a time."""
    columns = (Delivery.id, Delivery.edition, Delivery.lang, Delivery.state, Delivery.attempts, Delivery.settled_at,
               Delivery.said, Delivery.bounce)  # fmt: skip
    wanted = sa.select(*columns).where(Delivery.issue_id == issue_id).order_by(Delivery.id)
    for row in session.execute(wanted.execution_options(yield_per=1000)):
        values: tuple[Any, ...] = tuple(row)
        yield Proof(f"letter-{values[0]}", *values[1:])


_REPLY = re.compile(r"\s*(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3})\b)?")


def code(said: str) -> str:
    """``550 5.1.1``: the codes of a server's answer (RFC 5321 §4.2, RFC 3463) without its words, which name people at
    times; "" when there are none."""
    found = _REPLY.match(said)
    return " ".join(filter(None, found.groups())) if found else ""


def resend_unknown(session: Session, issue: Issue, now: datetime) -> int:
    """Send again those of which nobody knows whether they arrived: somebody decided it, and some may get it twice, with
    the same ``Message-ID``. Nothing of a cancelled issue. :return: how many."""
    locked = session.get(Issue, issue.id, with_for_update=True, populate_existing=True)
    if locked is None or locked.state == IssueState.CANCELLED.value:
        return 0
    unknown = sa.update(Delivery).where(Delivery.issue_id == issue.id, Delivery.state == _W.UNKNOWN.value)
    values = {"state": _W.WAITING.value, "due_at": now, "claimed_at": None, "settled_at": None}
    count = affected(session, unknown.values(values))
    if count and locked.state == IssueState.SENT.value:
        locked.state, locked.finished_at = IssueState.SENDING.value, None
    session.flush()
    return count
