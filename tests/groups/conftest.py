"""The house with a network, its own for these tests: groups that each test makes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from reseau.core.ids import new_id
from reseau.groups import belonging, documents, services
from reseau.groups.documents import Writing
from reseau.groups.models import DocumentKind, GroupDocument, GroupMember, WorkingGroup
from reseau.groups.services import Said
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.resources.conftest import Base, house_of

_numbers = itertools.count(1)
#: For what the database does not decide: one engine is enough.
ONE_ENGINE = pytest.mark.parametrize("_world", ["sqlite"], indirect=True)


class World(Base):
    """The house, with groups. ``membre`` and ``voisine`` are of the network, ``personne`` is not."""

    def group(
        self, *, seen: str = "network", joining: str = "ask", by: str = "membre", name: str = "", **more: Any
    ) -> Any:
        """A group that somebody animates. :param more: ``members``: names of others who are in it."""
        with self.site.sessions() as session:
            said = Said(name or f"Groupe numéro{next(_numbers)}", more.get("description", "Pour essayer."),
                        more.get("lang", "fr"), seen, joining)  # fmt: skip
            made = services.found(session, said, self.people[by], by=None, now=self.site.clock.now)
            for one in more.get("members", ()):
                session.add(GroupMember(group_id=made.id, person_id=self.people[one], since=self.site.clock.now))
            session.commit()
            return made

    def document(self, group: WorkingGroup, title: str = "Réunion", *, by: str = "membre", kind: str = "minutes",
                 text: str = "Nous **décidons**.", lang: str = "fr", id_: UUID | None = None) -> GroupDocument:  # fmt: skip
        """Minutes of a group."""
        with self.site.sessions() as session:
            writing = Writing(title, text, lang, "2026-11-20" if kind == "minutes" else "")
            made = documents.create(session, group.id, DocumentKind(kind), writing, id_=id_ or new_id(),
                                    by=self.people[by], now=self.site.clock.now)  # fmt: skip
            session.commit()
            return made

    def do(self, action: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """What a service answers, committed."""
        with self.site.sessions() as session:
            found = action(session, *arguments, **more)
            session.commit()
            return found

    def stands(self, group: WorkingGroup, who: str) -> str:
        """``in``, ``asked``, ``invited``, ``animates`` or ""."""
        row = self.get(GroupMember, (group.id, self.people[who]))
        return "" if row is None else "animates" if row.animates else str(row.belonging)

    def join(self, group: WorkingGroup, who: str, message: str = "") -> belonging.Done:
        """They come in, or ask."""
        done: belonging.Done = self.do(belonging.join, group.id, self.people[who], message, self.site.clock.now)
        return done


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _world(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> World:  # noqa: F811
    house = house_of(make_site, request.param, tmp_path_factory.mktemp("rows"))
    return World(house.site, house.people, house.places)


@pytest.fixture
def world(_world: World) -> World:
    """The house; its clock says Tuesday, 10:30."""
    _world.site.fresh()
    return _world
