"""A running demonstration: the places of Roubaix and its people, who sign in with one click."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from waitress.server import create_server

from importers import cartographie
from importers.pipeline import Options, Pipeline
from reseau import rooms_of
from reseau.core import migrations
from reseau.core.db import create_engine, session_factory
from reseau.core.files import FileStore
from reseau.core.tokens import sign
from reseau.demonstration.people import REFERENT_OF, seed
from reseau.directory.models import FieldChange, Service, Structure, Suggestion
from reseau.members.models import Invitation, Person
from reseau.members.sessions import open_session
from reseau.settings import Settings
from reseau.web.app import make_app
from reseau.web.security import SESSION_COOKIE
from tests.conftest import ROUBAIX_CSV, SECRET, TUESDAY, StillClock


class Demo:
    """Where it is, and the addresses of what the tests look at. ``names``: of what was made beside, for ``path``.
    ``registry``: of the application."""

    def __init__(self, url: str, engine: sa.Engine, names: dict[str, str], registry: Any) -> None:
        self.url, self.engine, self.names, self.registry = url, engine, names, registry
        with engine.connect() as connection:
            found = sa.select(Structure.slug, Structure.id).where(Structure.nom == REFERENT_OF)
            slug, id_ = connection.execute(found).one()
            self.suggestion = str(connection.execute(sa.select(Suggestion.id)).scalar_one())
            ccas = sa.select(Structure.id).where(Structure.nom.ilike("CCAS de Roubaix")).order_by(Structure.nom)
            self.twins = [str(one) for one in connection.execute(ccas).scalars()]
            change = sa.select(FieldChange.id).where(FieldChange.structure_id == id_, FieldChange.field == "horaires")
            self.change = str(connection.execute(change).scalars().first())
            due = connection.execute(sa.select(Structure.due_on).where(Structure.id == id_)).scalar_one()
        self.sheet = f"/annuaire/{slug}-{id_}"
        with session_factory(engine)() as session:
            referent = session.scalars(sa.select(Person.id).where(Person.email == "referent@demo.example")).one()
            offer = Service(structure_id=id_, nom="Atelier Mon espace santé (fictif)")
            asked = Invitation(email="invitee@demo.example", structure_id=id_, role="referent", lang="fr",
                               invited_by=referent, created_at=TUESDAY, expires_at=TUESDAY + timedelta(days=30))  # fmt: skip
            session.add_all([offer, asked])
            session.commit()
            self.offer = str(offer.id)
            self.invitation = sign(SECRET, "invitation", str(asked.id), TUESDAY)
        self.verify = sign(SECRET, "verify", [str(id_), str(referent), due], TUESDAY)

    def cookie(self, who: str, now: datetime = TUESDAY) -> dict[str, str]:
        """The cookie of somebody of the demonstration who signs in, for a browser context."""
        with session_factory(self.engine)() as session:
            person = session.scalars(sa.select(Person.id).where(Person.email == f"{who}@demo.example")).one()
            secret = open_session(session, person, now)
            session.commit()
        return {"name": SESSION_COOKIE, "value": secret, "url": self.url}

    def path(self, pattern: str) -> str:
        """A pattern with what it names."""
        return pattern.format(
            sheet=self.sheet, suggestion=self.suggestion, twin=self.twins[0], other=self.twins[1], change=self.change,
            offer=self.offer, invitation=self.invitation, verify=self.verify, **self.names,
        )  # fmt: skip


@contextmanager
def running(
    folder: Path, stock: Callable[[Session, FileStore], dict[str, str]] | None = None, **changes: Any
) -> Iterator[Demo]:
    """Serve a demonstration on loopback; its clock stands still.

    :param stock: puts more into it and names that. :param changes: of the settings.
    """
    url = f"sqlite:///{folder / 'reseau.sqlite3'}"
    engine = create_engine(url)
    migrations.upgrade(engine)
    Pipeline(session_factory(engine), cartographie.source, ("cartographie",)).run(ROUBAIX_CSV, "", Options(match=False))
    settings = Settings(
        secret=SECRET, data_dir=folder, database_url=url, secure_cookies=False, territory_name="Roubaix",
        search_interval=0, demo=True, **changes,
    )  # fmt: skip
    with session_factory(engine)() as session:
        seed(session, ("cartographie",), TUESDAY)
        names = stock(session, FileStore(settings.files_dir)) if stock else {}
        session.commit()
    app = make_app(settings, rooms_of(settings))
    app.registry["clock"] = StillClock()
    with app.registry["read_sessions"]() as session:
        app.registry["search.indexer"].catch_up(session)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Demo(f"http://127.0.0.1:{server.effective_port}", engine, names, app.registry)
    server.close()
    thread.join(5)
    app.registry["engine"].dispose()
    engine.dispose()
