"""A site with the places of Roubaix and the people of the desk, one on each engine, shared by the tests of one file."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from reseau.desk.services import Viewer
from reseau.directory.models import Structure
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import ROUBAIX_CSV, Site
from tests.members.conftest import House, post_form

ECHO, EPEULE = "Centre social ECHO", "Le Fil de l'épeule"
SOURCES = ("cartographie",)
COORDINATOR = Viewer(coordinator=True, administrator=False, places=())
_numbers = itertools.count(1)

__all__ = ["COORDINATOR", "ECHO", "EPEULE", "SOURCES", "Desk", "post_form"]


class Desk(House):
    """The house, with places to do things to: a test makes its own (:meth:`place`), and changes no other's."""

    def place(self, name: str | None = None, **fields: Any) -> UUID:
        """A new place of the register; without a name, one that nobody has."""
        name = name or f"Lieu d’essai numéro{next(_numbers)}"
        self.site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512", "code_postal": "59100", **fields})
        return UUID(str(self.site.named(name)["id"]))

    def row(self, id_: UUID) -> dict[str, Any]:
        """All columns of a place as they are now."""
        (found,) = (row for row in self.site.rows() if row["id"] == id_)
        return found

    def at(self, id_: UUID) -> str:
        """The address of its sheet."""
        place = self.get(Structure, id_)
        return f"/annuaire/{place.slug}-{id_}"

    def listed(self, words: str) -> list[str]:
        """Names that a search finds, after the index has followed."""
        self.site.reindex()
        return [item["nom"] for item in self.site.json(q=words)["items"]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _desk(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Desk:  # noqa: F811
    house = Desk(make_site(request.param, ROUBAIX_CSV))
    house.places = {"echo": house.site.named(ECHO)["id"], "epeule": house.site.named(EPEULE)["id"]}
    for name, more in {
        "coordination": {"roles": ["coordinator"]},
        "admin": {"roles": ["administrator"]},
        "referent": {"referent_of": [house.places["echo"]]},
        "membre": {"member_of": [house.places["echo"]]},
        "personne": {},
    }.items():
        house.people[name] = house.person(name, **more).id
    return house


@pytest.fixture
def desk(_desk: Desk) -> Desk:
    """The house; its clock says Tuesday, 10:30."""
    _desk.site.fresh()
    return _desk
