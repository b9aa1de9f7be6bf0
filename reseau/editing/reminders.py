"""Reminders to verify: who is asked about which sheet, when; never twice, at most one mail a person a day.

A sheet that is due is told to its référents; again ``AGAIN`` later; then, after ``AGAIN`` once more, to the
coordinators, in one mail a week; at once when none of its référents wants such mails. When each was told is in the
audit journal (``sheet.remind``, with the day for which it was due): a sheet that was verified or updated since is due
for another day, and begins again.

Mail, count and journal are one transaction for all people and sheets that hang together (a person refers to two
sheets, a sheet has two référents): a job that is killed has told all of them or none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import audit
from reseau.core.actors import SYSTEM
from reseau.core.clock import local_day
from reseau.core.db import dicts
from reseau.core.letters import Site
from reseau.core.mail import Mail, queue
from reseau.core.tokens import SpentToken, digest, sign
from reseau.directory.models import Structure
from reseau.directory.verification import is_due
from reseau.editing import emails
from reseau.members.models import Person, PersonState
from reseau.members.places import belongs, people_with, referents, with_referent
from reseau.members.profile import wants
from reseau.settings import Settings

PURPOSE = "verify"
TOKEN_LASTS = timedelta(days=60)
AGAIN = timedelta(days=14)
TOLD = "sheet.remind"
PREFERENCE = "rappels"
OF_COORDINATORS = "bilan"
_KEY = "verifier:"
_table: Any = Structure.__table__


def is_spent(session: Session, token: str) -> bool:
    """Whether the link was used."""
    return session.get(SpentToken, digest(token)) is not None


def still_member(session: Session, person_id: UUID, structure_id: UUID) -> bool:
    """Whether a person is there, and belongs to the place."""
    person = session.get(Person, person_id)
    active = person is not None and person.state == PersonState.ACTIVE.value
    return active and belongs(session, person_id, structure_id) is not None


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a sheet for the day on which it is due. ``count``: 0 to 3; ``at``: the last time."""

    count: int
    at: datetime | None

    def is_ripe(self, now: datetime) -> bool:
        """Whether to tell again. A little less than ``AGAIN``: a daily job is a few minutes early now and then."""
        return self.count == 0 or (self.at is not None and now - self.at >= AGAIN - timedelta(hours=6))


@dataclass(frozen=True, slots=True)
class Cluster:
    """Sheets and people that hang together."""

    sheets: frozenset[UUID]
    people: frozenset[UUID]


def clusters(session: Session, today: date) -> list[Cluster]:
    """All sheets that are due and have a référent who wants mail, with these référents."""
    ids = _late(session, today, _table.c.id.in_(with_referent()))
    wanting = {
        id_: {person.id for person in people if _reachable(person)} for id_, people in referents(session, ids).items()
    }
    sheets_of: dict[UUID, set[UUID]] = defaultdict(set)
    for sheet, people in wanting.items():
        for person in people:
            sheets_of[person].add(sheet)
    found, seen = [], set[UUID]()
    for start in ids:
        if start in seen or not wanting.get(start):
            continue
        sheets, persons, pending = set[UUID](), set[UUID](), [start]
        while pending:
            sheet = pending.pop()
            if sheet not in sheets:
                sheets.add(sheet)
                persons |= wanting[sheet]
                pending += [other for person in wanting[sheet] for other in sheets_of[person]]
        seen |= sheets
        found.append(Cluster(frozenset(sheets), frozenset(persons)))
    return found


def remind(session: Session, cluster: Cluster, settings: Settings, now: datetime) -> int:
    """Tell the référents of a cluster which of their sheets to verify. :return: mails that were written."""
    today = local_day(now, settings.timezone)
    rows = locked_due(session, cluster.sheets, today)
    told = told_of(session, rows)
    ripe = {id_: row for id_, row in rows.items() if told[id_].count < 2 and told[id_].is_ripe(now)}
    people = {person.id: person for person in session.scalars(sa.select(Person).where(Person.id.in_(cluster.people)))}
    mine: dict[UUID, list[UUID]] = defaultdict(list)
    for sheet, refer in referents(session, ripe).items():
        for person in refer:
            if person.id in people and _reachable(person):
                mine[person.id].append(sheet)
    sent, reached = 0, set[UUID]()
    for person_id in sorted(mine):
        person, sheets = people[person_id], [rows[id_] for id_ in sorted(mine[person_id], key=lambda i: rows[i]["nom"])]
        again = all(told[row["id"]].count for row in sheets)
        asked = [_asked(row, person, settings, now) for row in sheets]
        letter = emails.still_exact(person.lang, asked, today, again=again)
        if _queue(session, letter, person, settings, now):
            sent += 1
            reached |= {row["id"] for row in sheets}
    _tell(session, {id_: told[id_].count + 1 for id_ in reached}, rows, now)
    return sent


def escalate(session: Session, settings: Settings, now: datetime) -> int:
    """Tell the coordinators, once a week at most, of the sheets whose référents were asked twice and said nothing, or
    want no such mails.

    Sheets without a référent are not told one by one: the desk lists them. :return: mails that were written.
    """
    today = local_day(now, settings.timezone)
    people = [person for person in people_with(session, "coordinator") if _reachable(person, OF_COORDINATORS)]
    rows = _unanswered(session, today, now) if people else {}
    if not rows:
        return 0
    ripe = sorted(rows.values(), key=lambda row: (row["nom"], row["id"]))
    year, week, _day = today.isocalendar()
    sent = 0
    for person in people:
        named = [(row["nom"], _sheet_url(row, settings)) for row in ripe]
        letter = emails.nobody_answered(person.lang, named, settings)
        key = f"{_KEY}coordination:{person.id}:{year}-{week}"
        # Who was asked about a sheet of their own today is told tomorrow.
        asked = _asked_today(session, person, today)
        sent += queue(
            session, letter, person.email or "", site=Site.of(settings), now=now, key=key,
            due_at=now + timedelta(days=1) if asked else now, optional_for=person.id,
        )  # fmt: skip
    if sent:
        _tell(session, {row["id"]: 3 for row in ripe}, rows, now)
    return sent


def _late(session: Session, today: date, condition: sa.ColumnElement[bool]) -> list[UUID]:
    """Ids of the sheets that are due and of which something is true, the longest overdue first."""
    found = sa.select(_table.c.id).where(is_due(today), condition)
    return list(session.scalars(found.order_by(_table.c.due_on, _table.c.nom, _table.c.id)))


def _unanswered(session: Session, today: date, now: datetime) -> dict[UUID, Mapping[str, Any]]:
    """The sheets, locked, for which it is the turn of the coordination."""
    unheard = _without_mail(session, today)
    rows = locked_due(session, unheard.union(_late(session, today, _table.c.reminders >= 2)), today)
    told = told_of(session, rows)
    # Who wants no mail is not waited for: neither the first time nor the second.
    counts = {id_: (0, 1, 2) if id_ in unheard else (2,) for id_ in rows}
    return {id_: row for id_, row in rows.items() if told[id_].count in counts[id_] and told[id_].is_ripe(now)}


def _without_mail(session: Session, today: date) -> set[UUID]:
    """The sheets that are due, not told to the coordination for that day, and whose référents all want no such mail."""
    untold = sa.or_(_table.c.reminders < 3, _table.c.reminded_for.is_distinct_from(_table.c.due_on))
    ids = _late(session, today, sa.and_(_table.c.id.in_(with_referent()), untold))
    return {id_ for id_, people in referents(session, ids).items() if not any(map(_reachable, people))}


def locked_due(session: Session, ids: Iterable[UUID], today: date) -> dict[UUID, Mapping[str, Any]]:
    """The sheets among ``ids`` that are due; a second job that runs at the same time waits here."""
    found: dict[UUID, Mapping[str, Any]] = {}
    for some in _thousands(sorted(ids)):
        statement = sa.select(_table).where(_table.c.id.in_(some), is_due(today)).order_by(_table.c.id)
        found |= {row["id"]: row for row in dicts(session.execute(statement.with_for_update()))}
    return found


def told_of(session: Session, rows: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, Told]:
    """What was told of each sheet for the day on which it is due."""
    told = {}
    for some in _thousands(sorted(rows)):
        columns = (_table.c.id, _table.c.reminders, _table.c.reminded_for, _table.c.reminded_at)
        for id_, count, day, at in session.execute(sa.select(*columns).where(_table.c.id.in_(some))):
            told[id_] = Told(count, at) if day == rows[id_]["due_on"] else Told(0, None)
    return told


def _tell(session: Session, counts: Mapping[UUID, int], rows: Mapping[UUID, Mapping[str, Any]], now: datetime) -> None:
    for id_, count in counts.items():
        due = rows[id_]["due_on"]
        values = {"reminders": count, "reminded_for": due, "reminded_at": now}
        session.execute(sa.update(_table).where(_table.c.id == id_).values(values))
        audit.record(session, SYSTEM, TOLD, now, id_, due=due, number=count)
    session.flush()


def _queue(session: Session, letter: Any, person: Person, settings: Settings, now: datetime) -> bool:
    key = f"{_KEY}{person.id}:{local_day(now, settings.timezone).isoformat()}"
    site = Site.of(settings)
    return queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)


def _asked_today(session: Session, person: Person, today: date) -> bool:
    key = f"{_KEY}{person.id}:{today.isoformat()}"
    return session.execute(sa.select(Mail.id).where(Mail.key == key)).first() is not None


def _asked(row: Mapping[str, Any], person: Person, settings: Settings, now: datetime) -> emails.Asked:
    payload = [str(row["id"]), str(person.id), row["due_on"]]
    token = sign(settings.secret, PURPOSE, payload, now)
    return emails.Asked(row, f"{settings.public_url.rstrip('/')}/verifier/{token}")


def _sheet_url(row: Mapping[str, Any], settings: Settings) -> str:
    return f"{settings.public_url.rstrip('/')}/annuaire/{row['slug']}-{row['id']}"


def _reachable(person: Person, preference: str = PREFERENCE) -> bool:
    return bool(person.email) and wants(person, preference)


def _thousands(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), 1000):
        yield ids[start : start + 1000]
