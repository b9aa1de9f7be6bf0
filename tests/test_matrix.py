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
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa
from pyramid.events import ContextFound
from webtest import TestApp

from reseau.core import tokens
from reseau.core.actors import Actor, Side
from reseau.core.ids import new_id
from reseau.core.letters import Letter
from reseau.core.letters import Site as Sender
from reseau.core.mail import Mail, queue
from reseau.demonstration.people import PLAYED
from reseau.directory import edits
from reseau.directory.models import Cause, FieldChange, Service, Suggestion
from reseau.directory.reproject import Because
from reseau.directory.suggestions import Said, suggest
from reseau.editing import reminders as verify
from reseau.members import invitations, people_lists, profile, signin
from reseau.members.models import Invitation, JoinRequest, Person, PersonSession, SignIn
from reseau.members.sessions import open_session
from reseau.web.csrf import COOKIE
from reseau.web.security import SESSION_COOKIE, Permission
from tests.conftest import SECRET
from tests.demonstration.routes import ROUTES as DEMONSTRATION
from tests.directory.site import TUESDAY, Site, row
from tests.people import person
from tests.test_app import ROUTES
from tests.web.test_security import MAY

SITE = Sender("Réseau", "http://localhost:6543", "Réseau <non@reseau.example>")
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
    people: dict[str, UUID]
    #: Who → beginning of an address → an id or a token of their own.
    own: dict[str, dict[str, str]]

    def browser(self, who: str) -> TestApp:
        """A new browser with the cookies of somebody."""
        made = self.site.client()
        for name, value in ((COOKIE, TOKEN), (SESSION_COOKIE, self.cookies.get(who))):
            if value:
                made.set_cookie(name, value)
        return made

    def fields(self, route: str) -> dict[str, str]:
        """What a form of this route must hold to name something that is there."""
        return {
            "editing.rhythm": {"mois": "3"},
            "members.governance.remove": {"personne": str(self.people["relay"]), "role": "relay"},
            "demo.enter": {"courriel": PLAYED[0].email},
        }.get(route, {})

    def url(self, pattern: str, who: str) -> str:
        """A real address for a pattern."""
        found = pattern.replace("{slug}-{id}", f"{self.slug}-{self.ids['place']}")
        for prefix in ("/gestion/demandes", "/gestion/propositions", "/gestion/personnes/importer", "/gestion/personnes",
                       "/gestion/gouvernance", "/demo/courriels"):  # fmt: skip
            if pattern.startswith(prefix):
                found = found.replace("{id}", str(self.ids[prefix]))
                break
        for name in ("change", "suggestion", "person", "invitation", "service"):
            found = found.replace(f"{{{name}}}", str(self.ids[name]))
        for prefix, own in self.own[who].items():
            if found.startswith(f"/{prefix}/"):
                found = found.replace("{token}", own).replace("{id}", own)
        assert "{" not in found, f"nothing real for {pattern}"
        return found


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
    people_list = people_lists.keep(session, [], [], invited, TUESDAY)
    governing = Invitation(
        email="relais@reseau.example", role="relay", lang="fr", invited_by=invited, created_at=TUESDAY,
        expires_at=TUESDAY + timedelta(days=30),
    )  # fmt: skip
    member = person(session, "extra", member_of=[place]).id
    signing = SignIn(email="nouvelle@reseau.example", created_at=TUESDAY)
    session.add_all([request, proposal, offer, invitation, governing, signing])
    session.flush()
    queue(session, Letter("test", "fr", "Test", ("Test",)), "a@reseau.example", site=SITE, now=TUESDAY)
    change = session.scalars(sa.select(FieldChange.id).where(FieldChange.field == "telephone")).first()
    return {
        "place": place, "change": change, "suggestion": session.scalars(sa.select(Suggestion.id)).one(), "service": offer.id, "invitation": invitation.id,
        "person": member, "/gestion/demandes": request.id, "/gestion/propositions": proposal.id,
        "/gestion/personnes/importer": people_list, "/gestion/personnes": requester,
        "/gestion/gouvernance": governing.id,
        "/demo/courriels": session.scalars(sa.select(Mail.id).order_by(Mail.created_at)).first(), "sign-in": signing.id,
    }  # fmt: skip


def own(session: Any, ids: dict[str, UUID], asking: Person) -> dict[str, str]:
    """What is of one person alone: a session, an invitation, a token of each purpose, as the mails carry them."""
    opened = PersonSession(digest=new_id().hex, person_id=asking.id, expires_at=TUESDAY + timedelta(days=1))
    invitation = Invitation(
        email=asking.email, structure_id=ids["place"], role="member", lang="fr", created_at=TUESDAY,
        expires_at=TUESDAY + timedelta(days=30),
    )  # fmt: skip
    session.add_all([opened, invitation])
    session.flush()

    def token(purpose: str, payload: Any) -> str:
        return tokens.sign(SECRET, purpose, payload, TUESDAY)

    return {
        "verifier": token(verify.PURPOSE, [str(ids["place"]), str(ids["referent"]), ""]),
        "invitation": token(invitations.PURPOSE, str(ids["invitation"])),
        "connexion/lien": token(signin.PURPOSE, str(ids["sign-in"])),
        "compte/adresse": token(profile.PURPOSE, [str(asking.id), asking.email, "autre@reseau.example"]),
        "compte/sessions": str(opened.id),
        "compte/invitation": str(invitation.id),
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, _template: Callable[[str], str]) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    shutil.copy(_template("sqlite"), folder / "reseau.sqlite3")  # permissions know no database: one engine is enough
    # A demonstration has all the addresses of a site, and its own.
    site = Site(f"sqlite:///{folder / 'reseau.sqlite3'}", folder, demo=True)
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
        ids["referent"] = people["referent"].id
        session.add(Person(email=PLAYED[0].email, name="Personne de la démonstration", lang="fr"))
        theirs = {name: own(session, ids, one) for name, one in [*people.items(), ("visitor", people["person"])]}
        cookies = {name: open_session(session, one.id, TUESDAY) for name, one in people.items()}
        session.commit()
    # Nothing that is allowed may change the world for the next case.
    site.wsgi.registry.registerHandler(lambda event: event.request.tm.doom(), [ContextFound])
    yield World(site, ids, here["slug"], cookies, {name: one.id for name, one in people.items()}, theirs)
    site.engine.dispose()


ALL = {**ROUTES, **DEMONSTRATION}
CASES = [(name, method) for name, (_, methods) in ALL.items() for method in methods]
#: Pages that anybody sees once they are signed in: a visitor is led there.
ASKED_TO_SIGN_IN = (Permission.ACCOUNT_OWN, Permission.STRUCTURE_JOIN)
#: Where who may act finds nothing all the same, and why.
NOT_THERE = {
    ("editing.suggestion.accept", ""): "words alone propose no value to take over",
    ("members.team.leave", "coordinator"): "not of the team",
}


@pytest.mark.parametrize("who", list(WHO))
@pytest.mark.parametrize(("name", "method"), CASES, ids=lambda part: str(part))
def test_role_by_route(world: World, name: str, method: str, who: str) -> None:
    pattern, methods = ALL[name]
    at_the_place = "{slug}-{id}" in pattern or pattern.startswith(ABOUT_THE_PLACE)
    roles = {"visitor"} | WHO[who][0 if at_the_place else 1]
    may = any(str(methods[method]) in MAY[role].split() for role in roles)
    browser, url = world.browser(who), world.url(pattern, who)
    if method == "GET":
        answer = browser.get(url, expect_errors=True)
    else:
        answer = browser.post(url, {"csrf_token": TOKEN, **world.fields(name)}, expect_errors=True)
    status = answer.status_int
    said = f"{who} {method} {url}: {status}"
    if not may and who == "visitor" and method == "GET" and methods[method] in ASKED_TO_SIGN_IN and ".json" not in url:
        assert status == 303, said
        assert urlsplit(answer.location).path == "/connexion", said
    elif not may:
        assert status == 403, said
    elif {(name, who), (name, "")} & set(NOT_THERE):
        assert status == 404, said
    else:
        assert status < 500, said
        assert status not in (403, 404, 405, 410), said
