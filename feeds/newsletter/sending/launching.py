"""An issue leaves: once for each edition, whoever asks, however often. Then it is paused, resumed, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter import audience
from feeds.newsletter.audience import Segments
from feeds.newsletter.models import (
    KIND,
    Delivery,
    DeliveryState,
    Edition,
    Issue,
    IssueState,
    LetterDate,
    Subscriber,
)
from feeds.newsletter.sending.freezing import freeze, otherwise
from reseau.core import changes
from reseau.core.changes import Entry, Op
from reseau.core.db import affected, insert, site_day
from reseau.core.letters import Site
from reseau.core.slugs import readable
from reseau.settings import Settings

Told = Callable[[Session, Issue, datetime], object]
_MAX_SLUG = 70


class NotNow(Exception):
    """An issue cannot do that in its state.

    :ivar code: ``launched`` (that edition left already), ``approval`` (a second person must approve it first),
        ``empty`` (it is in no language), ``state`` (anything else).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def launch(
    session: Session, issue: Issue, edition: Edition, settings: Settings, now: datetime, told: Told | None = None
) -> int:
    """Send an issue to all who receive an edition, in the caller's transaction: its texts are frozen, each of them has
    a delivery, and the worker takes it from there.

    :param told: called at the launch of the general edition, in the same transaction: what it tells of was told.
    :return: how many deliveries. :raises NotNow: see there; a second launch never does anything.
    """
    locked = _locked(session, issue)
    _may_leave(locked, edition, settings)
    if locked.number is None:
        locked.number = (session.scalar(sa.select(sa.func.max(Issue.number))) or 0) + 1
    if edition is Edition.RELAY:
        locked.relay_launched_at = now
    else:
        subject = str(locked.subject.get("fr") or next(iter(locked.subject.values()), ""))
        locked.slug = f"{locked.number}-{readable(subject, 'lettre', _MAX_SLUG)}"
        locked.launched_at, locked.state = now, IssueState.SENDING.value
        locked.finished_at, locked.stopped = None, ""
    session.flush()
    freeze(session, locked, edition, Site.of(settings), now)
    count = _deliveries(session, locked, edition, now)
    if edition is Edition.GENERAL:
        changes.record(session, Entry(KIND, locked.id, locked.rev, Op.PUBLISH, digest=locked.digest))
        if told:
            told(session, locked, now)
    session.flush()
    return count


def _locked(session: Session, issue: Issue) -> Issue:
    session.flush()
    found = session.get(Issue, issue.id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotNow("state")
    return found


def _may_leave(issue: Issue, edition: Edition, settings: Settings) -> None:
    left = issue.relay_launched_at if edition is Edition.RELAY else issue.launched_at
    if left is not None:
        raise NotNow("launched")
    if issue.state in (IssueState.CANCELLED.value, IssueState.PAUSED.value, IssueState.SENT.value):
        raise NotNow("state")
    if settings.letter_approval and issue.approved_at is None:
        raise NotNow("approval")
    if not issue.langs:
        raise NotNow("empty")


def _deliveries(session: Session, issue: Issue, edition: Edition, now: datetime) -> int:
    """One for each, in one statement. Who has one already (they received the other edition) gets no second one."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    segments = Segments.of(issue.segments)
    wanted = audience.people(segments, edition, site_day(session, now), now)
    if postgresql:
        id_: sa.ColumnElement[object] = sa.func.gen_random_uuid()
        domain: sa.ColumnElement[str] = sa.func.split_part(Subscriber.email, "@", 2)
    else:
        id_ = sa.func.lower(sa.func.hex(sa.func.randomblob(16)))
        domain = sa.func.substr(Subscriber.email, sa.func.instr(Subscriber.email, "@") + 1)
    spoken = sa.case((Subscriber.lang.in_(issue.langs), Subscriber.lang), else_=otherwise(issue))
    moment = sa.literal(now, Delivery.due_at.type)
    row: dict[str, sa.ColumnElement[Any]] = {
        "id": id_, "issue_id": sa.literal(issue.id, Delivery.issue_id.type), "subscriber_id": Subscriber.id.expression,
        "edition": sa.literal(edition.value), "lang": spoken, "domain": domain, "attempts": sa.literal(0),
        "state": sa.literal(DeliveryState.WAITING.value), "due_at": moment, "said": sa.literal(""),
        "bounce": sa.literal(""),
    }  # fmt: skip
    people = sa.select(*row.values()).where(Subscriber.id.in_(wanted))
    statement = insert(session, Delivery.__table__).from_select(list(row), people, include_defaults=False)
    session.execute(statement.on_conflict_do_nothing(index_elements=["issue_id", "subscriber_id"]))
    counted = sa.select(Delivery.lang, sa.func.count()).group_by(Delivery.lang)
    rows = session.execute(counted.where(Delivery.issue_id == issue.id, Delivery.edition == edition.value)).all()
    made = {lang: number for lang, number in rows}  # noqa: C416
    issue.launched = {**issue.launched, **{f"{edition.value}/{lang}": number for lang, number in made.items()}}
    return sum(made.values())


# --- afterwards -----------------------------------------------------------------------------------------------


def under_way(issue: Issue) -> bool:
    """Whether anything of an issue may be leaving: it can be paused."""
    relays = issue.relay_launched_at is not None and issue.launched_at is None
    return issue.state == IssueState.SENDING.value or (
        relays and issue.state in (IssueState.DRAFT.value, IssueState.APPROVAL.value, IssueState.SCHEDULED.value)
    )


def pause(session: Session, issue: Issue, stopped: str = "") -> None:
    """From this commit on, no message of an issue is sent, not even one that is half handed over.

    :param stopped: a code, when it stops by itself. :raises NotNow: it is not being sent.
    """
    locked = _locked(session, issue)
    if not under_way(locked):
        raise NotNow("state")
    locked.state, locked.stopped = IssueState.PAUSED.value, stopped
    session.flush()


def resume(session: Session, issue: Issue, now: datetime) -> None:
    """Go on; refusals of before are forgiven. An issue whose general edition has not left goes back to where it was.

    :raises NotNow: it is not paused.
    """
    locked = _locked(session, issue)
    if locked.state != IssueState.PAUSED.value:
        raise NotNow("state")
    waiting = IssueState.SCHEDULED if locked.scheduled_at else IssueState.DRAFT
    locked.state = (IssueState.SENDING if locked.launched_at else waiting).value
    locked.stopped, locked.resumed_at = "", now
    session.flush()


def cancel(session: Session, issue: Issue, now: datetime, untold: Told | None = None) -> int:
    """What has not left will not. An issue that has reached nobody is called back: it leaves the archive, the feeds and
    the search. One that somebody has, or may have, stays readable. The day of the calendar that it had is free again.

    :param untold: called when it is called back after its general launch, in the same transaction: what it told was
        not told. :return: how many. :raises NotNow: it is sent, or was cancelled.
    """
    locked = _locked(session, issue)
    if not (under_way(locked) or locked.state == IssueState.PAUSED.value):
        raise NotNow("state")
    locked.state, locked.finished_at = IssueState.CANCELLED.value, now
    session.execute(sa.update(LetterDate).where(LetterDate.issue_id == locked.id).values(issue_id=None))
    if locked.launched_at is not None and not _reached(session, locked):
        locked.called_back, locked.rev = True, locked.rev + 1
        changes.record(session, Entry(KIND, locked.id, locked.rev, Op.WITHDRAW, digest=locked.digest))
        if untold:
            untold(session, locked, now)
    waiting = (Delivery.issue_id == issue.id, Delivery.state == DeliveryState.WAITING.value)
    values = {"state": DeliveryState.CANCELLED.value, "settled_at": now}
    count = affected(session, sa.update(Delivery).where(*waiting).values(values))
    session.flush()
    return count


def _reached(session: Session, issue: Issue) -> bool:
    """Whether a reader of the general edition has an issue, or perhaps has it."""
    states = (DeliveryState.ACCEPTED.value, DeliveryState.UNKNOWN.value, DeliveryState.SENDING.value)
    theirs = (Delivery.issue_id == issue.id, Delivery.edition == Edition.GENERAL.value, Delivery.state.in_(states))
    return bool(session.scalar(sa.select(sa.exists().where(*theirs))))
