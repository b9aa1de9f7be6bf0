"""A site with the places of Roubaix, criteria, and the people who decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from reseau.label import criteria, services
from reseau.label.models import Label
from tests.desk.conftest import ECHO, EPEULE, Desk
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import ROUBAIX_CSV, Site
from tests.label.making import FRENCH, TODAY
from tests.members.conftest import post_form

__all__ = ["Committee", "post_form"]


class Committee(Desk):
    """The house; criteria ``2026`` are there, and ``Centre social ECHO`` holds the label until 12 March 2027."""

    def give(self, place: UUID, start: str, end: str, *, reindex: bool = True) -> Label:
        """A label under the criteria of 2026."""
        with self.site.sessions.begin() as session:
            of = criteria.named(session, "2026")
            assert of is not None
            days = (date.fromisoformat(start), date.fromisoformat(end), TODAY)
            made = services.grant(session, place, of, *days, None, now=self.site.clock.now)
        if reindex:
            self.site.reindex()
        return made

    def labels(self, place: UUID) -> list[Label]:
        """All of a place."""
        with self.site.sessions() as session:
            return services.labels_of(session, [place]).get(place, [])


@pytest.fixture(scope="module")
def _committee(make_site: Callable[..., Site]) -> Committee:  # noqa: F811
    house = Committee(make_site("sqlite", ROUBAIX_CSV))
    house.places = {"echo": house.site.named(ECHO)["id"], "epeule": house.site.named(EPEULE)["id"]}
    for name, more in {
        "comite": {"roles": ["label-committee"]},
        "coordination": {"roles": ["coordinator"]},
        "referent": {"referent_of": [house.places["echo"]]},
        "ailleurs": {"referent_of": [house.places["epeule"]]},
        "personne": {},
    }.items():
        house.people[name] = house.person(name, **more).id
    texts: dict[str, Any] = {"fr": FRENCH, "fr-x-falc": "- Le lieu est **ouvert**.", "ar": "- المكان مفتوح."}
    with house.site.sessions.begin() as session:
        criteria.add(session, "2026", date(2026, 1, 1), texts, None, now=house.site.clock.now)
    house.give(house.places["echo"], "2026-03-13", "2027-03-12")
    return house


@pytest.fixture
def committee(_committee: Committee) -> Committee:
    """The house; its clock says Tuesday, 10:30."""
    _committee.site.fresh()
    return _committee
