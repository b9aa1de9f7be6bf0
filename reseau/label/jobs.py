"""The days of the label: it begins and ends by itself, and whoever keeps the place is told two months before.

Run every hour, so that a label ends in the night of its last day on the clocks of the site; each run looks at what is
to be done, and does it once.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.clock import local_day
from reseau.core.jobs import Job, Tools
from reseau.core.letters import Site
from reseau.core.mail import queue
from reseau.directory import edits
from reseau.directory.models import Status, Structure
from reseau.directory.reproject import add_months
from reseau.label import emails, services
from reseau.label.models import Label
from reseau.members.models import Person
from reseau.members.places import people_with, referents
from reseau.members.profile import wants

MONTHS = 2
"""Before its last day."""
CHUNK = 100
WORDS = {"ended": "labels terminés", "begun": "fiches mises à jour", "logged": "labels redits", "told": "rappels"}


def follow_days(tools: Tools) -> str | None:
    """End what is over, show what begins, say again what became of places, tell what ends soon."""
    now, done = tools.clock(), Counter[str]()
    today = local_day(now, tools.settings.timezone)
    steps = {"ended": _end, "begun": _begin, "logged": _log, "told": _remind}
    for name, step in steps.items():
        while not tools.stopping():
            with tools.sessions.begin() as session:
                count = step(session, today, now, tools)
            done[name] += count
            if count < CHUNK:
                break
    return ", ".join(f"{WORDS[name]} : {done[name]}" for name in steps if done[name]) or None


def _end(session: Session, today: date, now: datetime, _tools: Tools) -> int:
    place, join = services.place_of()
    found = sa.select(Label.id, place).select_from(join).where(Label.ended.is_(False), Label.ends_on < today)
    rows = session.execute(found.order_by(Label.ends_on, Label.id).limit(CHUNK)).all()
    for id_, structure_id in rows:
        edits.locked_as_it_is(session, structure_id)
        label = session.get(Label, id_, populate_existing=True)
        if label is not None and not label.ended:
            services.end(session, label, today)
            services.refresh(session, structure_id, now)
    return len(rows)


def _begin(session: Session, today: date, now: datetime, _tools: Tools) -> int:
    """Labels that were given for later and have begun; and places whose sheet does not say what it should."""
    was, here = aliased(Structure), aliased(Structure)
    found = (
        sa.select(here.id)
        .distinct()
        .select_from(Label)
        .join(was, was.id == Label.structure_id)
        .join(here, here.id == sa.func.coalesce(was.merged_into, was.id))
        .where(services.held_on(today))
        .where(sa.or_(here.label_until.is_(None), here.label_until < Label.ends_on))
    )
    ids = list(session.scalars(found.order_by(here.id).limit(CHUNK)))
    return sum(services.refresh(session, id_, now) for id_ in ids)


def _log(session: Session, today: date, _now: datetime, _tools: Tools) -> int:
    """Labels that have begun, or whose place has closed, is open again or was merged: readers of the log hear it."""
    rows = services.otherwise(session, today, CHUNK)
    for id_, structure_id in rows:
        services.tell_again(session, id_, structure_id, today)
    return len(rows)


def _remind(session: Session, today: date, now: datetime, tools: Tools) -> int:
    here = aliased(Structure)
    place, join = services.place_of()
    found = (
        sa.select(Label, here.id, here.nom)
        .select_from(join.join(here, here.id == place))
        .where(services.held_on(today), Label.ended.is_(False), Label.reminded_on.is_(None))
        .where(Label.ends_on <= add_months(today, MONTHS), here.status == Status.ACTIVE.value, ~services.renewed())
        .order_by(Label.ends_on, Label.id)
        .limit(CHUNK)
    )
    rows = session.execute(found).all()
    for label, id_, name in rows:
        label.reminded_on, label.reminded_people = today, _tell(session, label, (id_, name), now, tools)
    session.flush()
    return len(rows)


def _tell(session: Session, label: Label, place: tuple[UUID, str], now: datetime, tools: Tools) -> int:
    """The référents; the coordination, when none of them is reached. :return: how many people are told."""
    structure_id, name = place
    keep = _reached(referents(session, [structure_id]).get(structure_id, []))
    people, site = keep or _reached(people_with(session, "coordinator")), Site.of(tools.settings)
    for person in people:
        letter = emails.ends_soon(person.lang, name, label.ends_on, f"{site.url}/label", keeps=bool(keep))
        key = _key(label.id, person.id)
        queue(session, letter, person.email or "", site=site, now=now, key=key, optional_for=person.id)
    return len(people)


def _reached(people: list[Person]) -> list[Person]:
    """Those who want such mails, and have an address."""
    return [person for person in people if person.email and wants(person, "rappels")]


def _key(label_id: UUID, person_id: UUID) -> str:
    return f"label:{label_id}:fin:{person_id}"


JOBS: tuple[Job, ...] = (Job("label-echeances", timedelta(hours=1), follow_days),)
