"""A site with the places of Roubaix and the people who keep them: one for each file and engine, to be written in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from webtest import TestApp

from reseau.core.db import create_engine, session_factory
from reseau.members.models import Person
from tests.directory.site import ROUBAIX_CSV, Site, import_file
from tests.people import person, sign_in


class Keepers(Site):
    """A site with people. ``place``: the structure that has a référent and a member; ``other``: another one.

    ``referent``, ``member`` (of ``place``), ``elsewhere`` (référent of ``other``), ``coordinator``, ``stranger``
    (signed in, belongs nowhere): persons.
    """

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self.file_folder = folder
        rows = sorted(self.rows(), key=lambda row: row["nom"])
        # A place whose hours a grid can hold, with a telephone number and an address.
        known = [row for row in rows if row["horaires"] and row["telephone"] and row["adresse"]]
        self.place, self.other = known[0], known[1]
        with self.sessions() as session:
            place, other, now = [self.place["id"]], [self.other["id"]], self.clock.now
            self.referent: Person = person(session, "Ines", referent_of=place, now=now)
            self.member: Person = person(session, "Malik", member_of=place, now=now)
            self.elsewhere: Person = person(session, "Paul", referent_of=other, now=now)
            self.coordinator: Person = person(session, "Carole", roles=["coordinator"], now=now)
            self.stranger: Person = person(session, "Zoe", now=now)
            session.commit()

    def as_(self, who: Person | None, language: str = "fr") -> TestApp:
        """A new browser in which somebody is signed in (None: a visitor)."""
        app = self.client(language)
        return sign_in(app, self.sessions, who.id, self.clock.now) if who else app

    def row(self, id_: UUID) -> dict[str, Any]:
        """All columns of one structure, as they are now."""
        (found,) = (row for row in self.rows() if row["id"] == id_)
        return found

    def sheet_path(self, id_: UUID | None = None) -> str:
        """The present address of a sheet (of ``place`` when none is named)."""
        row = self.row(id_ or self.place["id"])
        return f"/annuaire/{row['slug']}-{row['id']}"

    def import_again(self) -> None:
        """The same file of the register once more, at the clock's time."""
        import_file(self.sessions, ROUBAIX_CSV, self.clock.now)
        self.reindex()


@pytest.fixture(scope="module")
def _keepers(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, _template: Callable[[str], str]
) -> Iterator[Callable[[str], Keepers]]:
    made: dict[str, Keepers] = {}

    def get(kind: str) -> Keepers:
        if kind not in made:
            folder = tmp_path_factory.mktemp("keepers")
            if kind == "sqlite":
                shutil.copy(_template(kind), folder / "reseau.sqlite3")
                url = f"sqlite:///{folder / 'reseau.sqlite3'}"
            else:
                url = str(request.getfixturevalue("new_pg_url")(_template(kind)))
            engine = create_engine(url)
            import_file(session_factory(engine), ROUBAIX_CSV)
            engine.dispose()
            made[kind] = Keepers(url, folder)
            made[kind].reindex()
        return made[kind]

    yield get
    for site in made.values():
        site.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def keepers(request: pytest.FixtureRequest, _keepers: Callable[[str], Keepers]) -> Keepers:
    """A site with people on each engine, one for the whole file: a test writes on a place of its own, or puts back."""
    site = _keepers(request.param)
    site.fresh()
    return site


@pytest.fixture
def keepers_lite(_keepers: Callable[[str], Keepers]) -> Keepers:
    """The same on SQLite alone: for what the database does not decide."""
    site = _keepers("sqlite")
    site.fresh()
    return site
