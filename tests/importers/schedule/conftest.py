"""A site with places, a coordinator and sources, on one engine: what pages show does not depend on it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from webtest import TestApp

from importers.models import ImportRun, ImportSource
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import ROUBAIX_CSV, Site
from tests.members.conftest import House

_numbers = itertools.count(1)


class Sources(House):
    """The house, with sources to do things to: a test makes its own."""

    @property
    def app(self) -> TestApp:
        """The browser of a coordinator."""
        return self.browser("coordination")

    def source(self, **more: Any) -> str:
        """A new source, switched off. :return: its name."""
        name = f"source{next(_numbers)}"
        given = {"adapter": "cartographie", "title": f"Registre {name}", "location": "https://exemple.fr/lieux.csv"}
        with self.site.sessions.begin() as session:
            session.add(ImportSource(**{"name": name, "enabled": False, **given, **more}))
        return name

    def run(self, source: str, **more: Any) -> UUID:
        """A run of it."""
        given = {"location": "https://exemple.fr/lieux.csv", "state": "done", "started_at": self.site.clock.now}
        with self.site.sessions.begin() as session:
            made = ImportRun(**{"source": source, **given, **more})
            session.add(made)
            session.flush()
            return made.id

    def row(self, name: str) -> ImportSource:
        """A source as it is now."""
        (found,) = self.rows(ImportSource, ImportSource.name == name)
        row: ImportSource = found
        return row


@pytest.fixture(scope="module")
def _sources(make_site: Callable[..., Site]) -> Sources:  # noqa: F811
    house = Sources(make_site("sqlite", ROUBAIX_CSV))
    for name, more in {"coordination": {"roles": ["coordinator"]}, "personne": {}}.items():
        house.people[name] = house.person(name, **more).id
    with house.site.sessions.begin() as session:
        session.execute(sa.delete(ImportRun))
    return house


@pytest.fixture
def house(_sources: Sources) -> Sources:
    """The house; its clock says Tuesday, 10:30."""
    _sources.site.fresh()
    return _sources
