"""The house with a relay and an issue that was given to relays."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from feeds.newsletter.models import Issue, Line, Relay
from feeds.newsletter.relaying import services
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.resources.conftest import Base, house_of

_numbers = itertools.count(1)
#: For what the database does not decide: one engine is enough.
ONE_ENGINE = pytest.mark.parametrize("_town", ["sqlite"], indirect=True)


class Town(Base):
    """The house. ``relais`` has the role and belongs to "Ici"; ``autre`` has the role and belongs to "Ailleurs"."""

    def do(self, action: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """What a service answers, committed."""
        with self.site.sessions() as session:
            found = action(session, *arguments, **more)
            session.commit()
            return found

    def place(self) -> UUID:
        """A structure of its own."""
        name = f"CPTS numéro{next(_numbers)}"
        self.site.put({"nom": name, "commune": "Roubaix", "code_insee": "59512", "code_postal": "59100"})
        return UUID(str(self.site.named(name)["id"]))

    def relay(self, place: UUID | str | None = None) -> Relay:
        """A relay; of a new structure if none is named."""
        structure = self.places[place] if isinstance(place, str) else place or self.place()
        made: Relay = self.do(services.make, structure, None, self.site.clock.now)
        return made

    def mine(self) -> Relay:
        """The relay of "Ici", made once."""
        found = self.rows(Relay, Relay.structure_id == self.places["ici"])
        return found[0] if found else self.relay("ici")

    def issue(
        self, *, sent: bool = True, relays: bool = True, langs: tuple[str, ...] = ("fr", "ar"), **more: Any
    ) -> Issue:
        """An issue; two lines, in French and, of one, in Arabic."""
        number = next(_numbers)
        now = self.site.clock.now + timedelta(minutes=number)  # later than those before
        with self.site.sessions() as session:
            made = Issue(
                subject={"fr": f"Numéro {number}", "ar": "رسالة"}, intro={"fr": "Bonjour."}, langs=list(langs),
                state="sent" if sent else "scheduled", number=number if sent else None, slug=f"n-{number}" if sent else "",
                relay_launched_at=now if relays else None, launched_at=now if sent else None, **more,
            )  # fmt: skip
            session.add(made)
            session.flush()
            for position, (section, texts) in enumerate((
                ("ressources", {"fr": {"title": "Un kit", "text": "À **lire**."}, "ar": {"title": "حقيبة"}}),
                ("dates", {"fr": {"title": "Le forum"}}),
            )):  # fmt: skip
                session.add(Line(issue_id=made.id, section=section, position=position, source="hand", texts=texts,
                                 url="/ressources"))  # fmt: skip
            session.commit()
            return made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _town(request: pytest.FixtureRequest, make_site: Callable[..., Site], tmp_path_factory: Any) -> Town:  # noqa: F811
    house = house_of(make_site, request.param, tmp_path_factory.mktemp("rows"))
    made = Town(house.site, house.people, house.places)
    made.site.wsgi.registry["letter.visits"].background = False
    for name, place in (("relais", "ici"), ("autre", "ailleurs"), ("seul", "")):
        member = [made.places[place]] if place else []
        made.people[name] = made.person(name, roles=["relay"], member_of=member).id
    return made


@pytest.fixture
def town(_town: Town) -> Town:
    """The house; its clock says Tuesday, 10:30."""
    _town.site.fresh()
    return _town
