"""A site with a few people and resources, one on each engine, shared by the tests of one file.

Tests write into it: each makes the resources that it needs, and changes no other's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from reseau.core.files import FileStore
from resources.base import services
from resources.base.content import Block, Content
from resources.base.models import Resource
from resources.base.routes import path_of
from resources.base.shapes import BlockKind, Kind
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site, row
from tests.members.conftest import House, post_form

__all__ = ["Base", "a_kit", "a_tutorial", "post_form"]
_numbers = itertools.count(1)


def a_tutorial(title: str = "", steps: int = 3, **more: Any) -> Content:
    """A small tutorial that may be published; without a title, one that nobody has."""
    title = title or f"Tutoriel numéro{next(_numbers)}"
    blocks = [Block("avoir", "avant-de-commencer", title="Ce qu’il faut", text="- un téléphone")]
    blocks += [
        Block(f"etape-{n}", "etapes", BlockKind.ETAPE, title=f"Geste {n}", text=f"Faites le geste {n}.")
        for n in range(1, steps + 1)
    ]
    made = Content(Kind.TUTORIEL, title, summary="Un résumé simple.", themes=("numerique_en_sante",),
                   demarches=("ameli",), blocks=tuple(blocks))  # fmt: skip
    return replace(made, **more)


def a_kit(title: str = "", **more: Any) -> Content:
    """A small kit that may be published."""
    title = title or f"Kit numéro{next(_numbers)}"
    blocks = (
        Block("buts", "objectifs", title="Ce que l’on apprend", text="Se connecter."),
        Block("affiche", "avant", BlockKind.DOCUMENT, title="Affiche", text="**Venez !**\n\nDate : ……",
              data={"layout": "affiche"}),
        Block("accueil", "deroule", BlockKind.ETAPE, title="Accueil", text="Dire bonjour.", minutes=10),
    )  # fmt: skip
    made = Content(Kind.KIT, title, summary="Un atelier d’une heure.", themes=("numerique_en_sante",),
                   duree=60, groupe=(4, 8), blocks=blocks)  # fmt: skip
    return replace(made, **more)


class Base(House):
    """The house, with resources. ``places``: ``ici`` (of ``referent`` and ``membre``) and ``ailleurs`` (of ``voisin``,
    a référent, and ``voisine``, a member)."""

    @property
    def files(self) -> FileStore:
        """The storage of the site."""
        store: FileStore = self.site.wsgi.registry["files"]
        return store

    def draft(self, content: Content | None = None, by: str = "membre", place: str | None = "ici") -> Resource:
        """A draft of somebody, of a place (None: of none)."""
        with self.site.sessions() as session:
            made = services.create(session, content or a_tutorial(), by=self.people[by],
                                   structure_id=self.places[place] if place else None, now=self.site.clock.now)  # fmt: skip
            session.commit()
            return made

    def published(self, content: Content | None = None, by: str = "membre", place: str | None = "ici") -> Resource:
        """A published resource, in the index."""
        made = self.draft(content, by, place)
        self.publish(made.id)
        return self.resource(made.id)

    def publish(self, id_: UUID, content: Content | None = None, **more: Any) -> None:
        """Publish its draft, or ``content``, as the next version."""
        with self.site.sessions() as session:
            found = session.get_one(Resource, id_)
            if content is not None:
                services.save_draft(session, found, content, seen_rev=None, by=None, now=self.site.clock.now)
            services.publish(session, found, by=None, now=self.site.clock.now, **more)
            session.commit()
        self.site.reindex()

    def resource(self, id_: UUID) -> Resource:
        """A resource as it is now."""
        found: Resource = self.get(Resource, id_)
        return found

    def at(self, id_: UUID) -> str:
        """Its address."""
        return path_of(self.resource(id_))


def house_of(make_site: Callable[..., Site], engine: str, folder: Path) -> Base:  # noqa: F811
    """The house on a new database of an engine. :param folder: for a file of its own."""
    house = Base(make_site(engine))
    house.site.add(row("Ici"), row("Ailleurs"), path=folder / "rows.csv")
    here, there = (house.site.named(name)["id"] for name in ("Lieu Ici", "Lieu Ailleurs"))
    house.places = {"ici": here, "ailleurs": there}
    for name, more in {
        "coordination": {"roles": ["coordinator"]},
        "admin": {"roles": ["administrator"]},
        "referent": {"referent_of": [here]},
        "membre": {"member_of": [here]},
        "voisin": {"referent_of": [there]},
        "voisine": {"member_of": [there]},
        "personne": {},
    }.items():
        house.people[name] = house.person(name, **more).id
    return house


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _base(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Base:  # noqa: F811
    return house_of(make_site, request.param, tmp_path_factory.mktemp("rows"))


@pytest.fixture
def base(_base: Base) -> Base:
    """The house; its clock says Tuesday, 10:30."""
    _base.site.fresh()
    return _base
