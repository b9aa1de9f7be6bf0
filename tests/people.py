"""People for the tests: made, and signed in to a browser, without going through the mail each time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker
from webtest import TestApp

from reseau.members.models import Membership, Person
from reseau.members.sessions import open_session
from reseau.web.security import SESSION_COOKIE

T = TypeVar("T")


def person(
    session: Session,
    name: str,
    *,
    roles: Iterable[str] = (),
    member_of: Iterable[UUID] = (),
    referent_of: Iterable[UUID] = (),
    lang: str = "fr",
    now: datetime | None = None,
) -> Person:
    """Somebody. The address is ``{name}@reseau.example`` in lower case."""
    moments = {"created_at": now, "last_seen_at": now} if now else {}
    made = Person(email=f"{name.lower()}@reseau.example", name=name, lang=lang, roles=list(roles), **moments)
    session.add(made)
    session.flush()
    for role, places in (("member", member_of), ("referent", referent_of)):
        session.add_all(Membership(person_id=made.id, structure_id=place, role=role) for place in places)
    session.flush()
    return made


def sign_in(app: TestApp, sessions: sessionmaker[Any], person_id: UUID, now: datetime) -> TestApp:
    """Put an open session of a person into a browser."""
    with sessions() as session:
        secret = open_session(session, person_id, now)
        session.commit()
    app.set_cookie(SESSION_COOKIE, secret)
    return app


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What each of ``calls`` gives, begun at the same moment in a thread of its own; the first error is raised."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        gate.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
