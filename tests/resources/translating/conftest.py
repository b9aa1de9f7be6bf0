"""Who translates what, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from resources.base import services as resources
from resources.base.models import Resource, TranslationUnit
from resources.translating import services
from resources.translating.services import Work
from tests.directory.site import Site
from tests.resources.conftest import Base, house_of

ARABIC = {"title": "الخطوة", "text": "افعل هذا."}


#: For what the database does not decide: one engine is enough.
ONE_ENGINE = pytest.mark.parametrize("_base", ["sqlite"], indirect=True)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _base(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Base:
    """One site on each engine for all the files of this folder: each test translates a resource of its own."""
    return house_of(make_site, request.param, tmp_path_factory.mktemp("rows"))


class Desk:
    """The translation of one published resource into one language."""

    def __init__(self, base: Base, resource: Resource, lang: str = "ar") -> None:
        self.base, self.id, self.lang = base, resource.id, lang

    @contextmanager
    def work(self, who: str = "membre") -> Iterator[Work]:
        """The work of somebody, committed at the end."""
        with self.base.site.sessions() as session:
            found = resources.current(session, session.get_one(Resource, self.id))
            assert found is not None
            yield Work(session, found.resource, found.content, found.version.number, self.lang,
                       self.base.people[who], self.base.site.clock.now)  # fmt: skip
            session.commit()

    def row(self, section: str = "etape-1") -> TranslationUnit | None:
        """A unit as it is now."""
        with self.base.site.wsgi.registry["read_sessions"]() as session:  # may be asked while another writes
            found: TranslationUnit | None = session.get(TranslationUnit, (self.id, section, self.lang))
            return found

    def seen(self, section: str = "etape-1") -> str:
        """What a form would give back now."""
        return services.token(self.row(section))

    def save(self, who: str = "membre", section: str = "etape-1", words: Any = None, **more: Any) -> None:
        """Write a draft, or send it."""
        with self.work(who) as work:
            services.save(work, section, ARABIC if words is None else words, seen=self.seen(section),
                          of=work.source(section)[2], **more)  # fmt: skip

    def machine(self, who: str = "membre", section: str = "etape-1", words: Any = None, **more: Any) -> None:
        """Enter machine text."""
        with self.work(who) as work:
            services.enter_machine(work, section, ARABIC if words is None else words, seen=self.seen(section),
                                   of=work.source(section)[2], **more)  # fmt: skip

    def review(self, who: str, section: str = "etape-1") -> None:
        """Say that machine text is right."""
        with self.work(who) as work:
            services.mark_reviewed(work, section, seen=self.seen(section))

    def publish(self, who: str = "voisine", section: str = "etape-1") -> None:
        """Publish what waits."""
        with self.work(who) as work:
            services.publish(work, section, seen=self.seen(section))

    def translate(self, section: str = "etape-1", words: Any = None) -> None:
        """Write and publish, by two people."""
        self.save(section=section, words=words, send=True)
        self.publish(section=section)

    def change_step(self, text: str, key: str = "etape-1", minor: bool = False, **more: Any) -> None:
        """Publish a version in which one French step says something else."""
        with self.base.site.sessions() as session:
            content = resources.current(session, session.get_one(Resource, self.id)).content  # type: ignore[union-attr]
        blocks = tuple(replace(b, text=text, **more) if b.key == key else b for b in content.blocks)
        self.base.publish(self.id, replace(content, blocks=blocks), minor=minor)

    @property
    def path(self) -> str:
        """The translator's page."""
        return f"{self.base.at(self.id)}/traduire/{self.lang}"

    def name(self, who: str) -> UUID:
        """Somebody's id."""
        return self.base.people[who]


@pytest.fixture
def desk(base: Base) -> Callable[..., Desk]:
    """Makes the translation of a new resource."""
    return lambda content=None, lang="ar": Desk(base, base.published(content), lang)
