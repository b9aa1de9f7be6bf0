"""What people wait for who keep sheets: one edit saved, and the pages of the desk, at this number of places."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from webtest import TestApp

from reseau.core.actors import Actor, Side
from reseau.directory import edits
from reseau.directory.models import Cause, Structure
from reseau.directory.reproject import Because
from reseau.members.models import Person
from reseau.members.sessions import open_session
from reseau.web.security import SESSION_COOKIE

EDITS = 100
PAGES = 40
Percentiles = Callable[[list[float]], dict[str, float]]


def measure(app: TestApp, percentiles: Percentiles) -> dict[str, dict[str, float]]:
    """One edit against a bare UPDATE of the row with its commit, turn by turn, so that both meet the same disk; then
    ``/gestion`` and ``/gestion/fiches`` of a coordinator.
    """
    registry = app.app.registry
    with registry["write_sessions"]() as session:
        ids = list(session.scalars(sa.select(Structure.id).order_by(Structure.id).limit(EDITS)))
    bare, whole = [], []
    because = Because(Cause.EDIT, Actor(Side.COORDINATION))
    for turn, id_ in enumerate(ids):
        start = time.perf_counter()
        with registry["engine"].begin() as connection:
            connection.execute(sa.update(Structure).where(Structure.id == id_).values(telephone=f"+3332999{turn:04d}"))
        bare.append(time.perf_counter() - start)
        start = time.perf_counter()
        with registry["write_sessions"].begin() as session:
            new = {"telephone": f"+3332000{turn:04d}"}
            edits.save(session, id_, new, {}, because, ("cartographie",), datetime.now(UTC))
        whole.append(time.perf_counter() - start)
    found = {"écriture nue": percentiles(bare), "correction": percentiles(whole)}
    browser = _coordinator(app)
    for path in ("/gestion", "/gestion/fiches", "/gestion/fiches?q=numerique"):
        found[path] = percentiles([_timed(browser, path) for _ in range(PAGES)])
    return found


def _coordinator(app: TestApp) -> TestApp:
    now = datetime.now(UTC)
    with app.app.registry["write_sessions"].begin() as session:
        person = Person(email="bench@reseau.example", name="Bench", lang="fr", roles=["coordinator"])
        session.add(person)
        session.flush()
        secret = open_session(session, person.id, now)
    made = TestApp(app.app, extra_environ={"HTTP_ACCEPT_LANGUAGE": "fr"})
    made.set_cookie(SESSION_COOKIE, secret)
    return made


def _timed(browser: Any, path: str) -> float:
    start = time.perf_counter()
    browser.get(path, status=200)
    return time.perf_counter() - start
