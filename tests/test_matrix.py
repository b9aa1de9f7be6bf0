"""Every address, asked as everybody: who may not is refused, who may is not. The table of routes is written by hand in
the tests of each room; an address that is not there fails ``tests/test_app.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from pyramid.events import ContextFound
from webtest import TestApp

from reseau.core.actors import Actor, Side
from reseau.core.ids import new_id
from reseau.directory import edits
from reseau.directory.models import Cause, FieldChange, Service, Suggestion
from reseau.directory.reproject import Because
from reseau.directory.suggestions import Said, suggest
from reseau.members.models import Invitation, JoinRequest, Membership, PeopleList, PersonSession
from reseau.members.sessions import open_session
from reseau.web.csrf import COOKIE
from reseau.web.security import SESSION_COOKIE
from tests.directory.site import TUESDAY, Site, row
from tests.people import person
from tests.test_app import ROUTES
from tests.web.test_security import MAY

TOKEN = "0123456789abcdef0123456789abcdef"
#: Who asks → the roles that count for them (at the place of the address, elsewhere).
WHO: dict[str, tuple[set[str], set[str]]] = {
    "visitor": (set(), set()),
    "person": ({"person"}, {"person"}),
    "member": ({"person", "member"}, {"person", "member"}),
    "referent": ({"person", "referent"}, {"person", "referent"}),
    "referent-of-another-place": ({"person"}, {"person", "referent"}),
    "coordinator": ({"person", "coordinator"}, {"person", "coordinator"}),
    "label-committee": ({"person", "label-committee"}, {"person", "label-committee"}),
    "relay": ({"person", "relay"}, {"person", "relay"}),
    "administrator": ({"person", "administrator"}, {"person", "administrator"}),
}
#: Addresses outside ``/annuaire/{slug}-{id}`` that are about the place all the same.
ABOUT_THE_PLACE = ("/gestion/suggestions/{suggestion}", "/gestion/demandes/{id}")


@dataclass
class World:
    """Two places, what hangs on the first, and a browser for everybody."""

    site: Site
    ids: dict[str, UUID]
    slug: str
    cookies: dict[str, str]

    def browser(self, who: str) -> TestApp:
        """A new browser with the cookies of somebody."""
        made = self.site.client()
        for name, value in ((COOKIE, TOKEN), (SESSION_COOKIE, self.cookies.get(who))):
            if value:
                made.set_cookie(name, value)
        return made

    def url(self, pattern: str) -> str:
        """A real address for a pattern."""
        found = pattern.replace("{slug}-{id}", f"{self.slug}-{self.ids['place']}")
        for prefix in ("/gestion/demandes", "/gestion/propositions", "/gestion/personnes/importer", "/gestion/personnes",
                       "/compte/sessions", "/compte/invitation", "/gestion/gouvernance"):  # fmt: skip
            if pattern.startswith(prefix):
                found = found.replace("{id}", str(self.ids[prefix]))
                break
        for name in ("change", "suggestion", "person", "invitation", "service"):
            found = found.replace(f"{{{name}}}", str(self.ids[name]))
        return found.replace("{token}", "a.b.c")


def hang(session: Any, place: UUID, requester: UUID, invited: UUID) -> dict[str, UUID]:
    """One of each thing that an address can name, all of the place."""
    because = Because(Cause.EDIT, Actor(Side.PLACE))
    edits.save(session, place, {"telephone": "+33320000009"}, {}, because, ("cartographie",), TUESDAY)
    suggest(session, place, Said("autre", "texte"), language="fr", nonce=new_id(), now=TUESDAY)
    request = JoinRequest(person_id=requester, structure_id=place, created_at=TUESDAY)
    proposal = JoinRequest(person_id=requester, proposal={"nom": "Nouveau lieu"}, created_at=TUESDAY)
    offer = Service(structure_id=place, nom="Atelier")
    invitation = Invitation(
        email="quelquun@reseau.example", structure_id=place, role="member", lang="fr", invited_by=invited,
        created_at=TUESDAY, expires_at=TUESDAY + timedelta(days=30),
    )  # fmt: skip
    people_list = PeopleList(given_by=invited, rows={"lines": []}, created_at=TUESDAY)
    opened = PersonSession(digest="x", person_id=requester, expires_at=TUESDAY + timedelta(days=1))
    session.add_all([request, proposal, offer, invitation, people_list, opened])
    session.flush()
    change = session.scalars(sa.select(FieldChange.id).where(FieldChange.field == "telephone")).first()
    return {
        "place": place, "change": change, "suggestion": session.scalars(sa.select(Suggestion.id)).one(), "service": offer.id, "invitation": invitation.id,
        "person": requester, "/gestion/demandes": request.id, "/gestion/propositions": proposal.id,
        "/gestion/personnes/importer": people_list.id, "/gestion/personnes": requester,
        "/compte/sessions": opened.id, "/compte/invitation": invitation.id, "/gestion/gouvernance": invitation.id,
    }  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, _template: Callable[[str], str]) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    shutil.copy(_template("sqlite"), folder / "reseau.sqlite3")  # permissions know no database: one engine is enough
    site = Site(f"sqlite:///{folder / 'reseau.sqlite3'}", folder)
    site.add(row("A"), row("B"), path=folder / "rows.csv")
    here, there = site.named("Lieu A"), site.named("Lieu B")
    with site.sessions() as session:
        people = {
            "person": person(session, "person"),
            "member": person(session, "member", member_of=[here["id"]]),
            "referent": person(session, "referent", referent_of=[here["id"]]),
            "referent-of-another-place": person(session, "other", referent_of=[there["id"]]),
            **{
                role: person(session, role, roles=[role])
                for role in ("coordinator", "label-committee", "relay", "administrator")
            },
        }
        asking = person(session, "asking").id
        ids = hang(session, here["id"], asking, people["referent"].id)
        session.add(Membership(person_id=person(session, "extra").id, structure_id=here["id"], role="member"))
        cookies = {name: open_session(session, one.id, TUESDAY) for name, one in people.items()}
        session.commit()
    # Nothing that is allowed may change the world for the next case.
    site.wsgi.registry.registerHandler(lambda event: event.request.tm.doom(), [ContextFound])
    yield World(site, ids, here["slug"], cookies)
    site.engine.dispose()


CASES = [(name, method) for name, (_, methods) in ROUTES.items() for method in methods]


@pytest.mark.parametrize("who", list(WHO))
@pytest.mark.parametrize(("name", "method"), CASES, ids=lambda part: str(part))
def test_role_by_route(world: World, name: str, method: str, who: str) -> None:
    pattern, methods = ROUTES[name]
    at_the_place = "{slug}-{id}" in pattern or pattern.startswith(ABOUT_THE_PLACE)
    roles = {"visitor"} | WHO[who][0 if at_the_place else 1]
    may = any(str(methods[method]) in MAY[role].split() for role in roles)
    browser, url = world.browser(who), world.url(pattern)
    if method == "GET":
        status = browser.get(url, expect_errors=True).status_int
    else:
        status = browser.post(url, {"csrf_token": TOKEN}, expect_errors=True).status_int
    assert (status != 403) if may else (status == 403), f"{who} {method} {url}: {status}"
    assert status < 500
