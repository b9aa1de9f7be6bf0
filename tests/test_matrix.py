"""Every address, asked as everybody: who may not is refused, who may is not. The table of routes is written by hand in
the tests of each room; an address that is not there fails ``tests/test_app.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from pyramid.events import ContextFound
from webtest import TestApp, TestResponse

from reseau.demonstration.people import PLAYED
from reseau.members.models import Person
from reseau.members.sessions import open_session
from reseau.web.csrf import COOKIE
from reseau.web.security import SESSION_COOKIE, Permission
from resources.base.models import Resource
from tests.demonstration.routes import ROUTES as DEMONSTRATION
from tests.directory.site import TUESDAY, Site, row
from tests.feeds import matrix_world as leaving
from tests.importers import matrix_world as arriving
from tests.members.matrix_world import hang, own
from tests.people import person
from tests.resources import matrix_world as kits
from tests.test_app import ROUTES
from tests.threads import matrix_world as talks
from tests.web.test_security import MAY

TOKEN = "0123456789abcdef0123456789abcdef"
#: Who asks → the roles that count for them (at the place of the address, elsewhere). Whoever wrote the resource of an
#: address is its author there, and has no place.
WHO: dict[str, tuple[set[str], set[str]]] = {
    "visitor": (set(), set()),
    "person": ({"person"}, {"person"}),
    "member": ({"person", "member"}, {"person", "member"}),
    "referent": ({"person", "referent"}, {"person", "referent"}),
    "referent-of-another-place": ({"person"}, {"person", "referent"}),
    "coordinator": ({"person", "coordinator"}, {"person", "coordinator"}),
    "label-committee": ({"person", "label-committee"}, {"person", "label-committee"}),
    "relay": ({"person", "relay"}, {"person", "relay", "member"}),  # of a third place, that passes the letter on
    "administrator": ({"person", "administrator"}, {"person", "administrator"}),
    "author": ({"person"}, {"person"}),
}
#: Addresses outside ``/annuaire/{slug}-{id}`` that are about the place all the same.
ABOUT_THE_PLACE = ("/gestion/suggestions/{suggestion}", "/gestion/demandes/{id}")
#: Addresses about a resource of the place, or its file: to write it, one must be of the place; for all the rest
#: (translating, saying that one's own place used it…), the roles held anywhere count.
RESOURCE, FILE = "/{plural}/{slug}", "/fichiers/{sha}"


@dataclass
class World:
    """Two places, what hangs on the first, resources of it, and a browser for everybody."""

    site: Site
    ids: dict[str, UUID]
    slug: str
    cookies: dict[str, str]
    people: dict[str, UUID]
    #: Who → beginning of an address, or name in a pattern → an id or a token of their own.
    own: dict[str, dict[str, str]]
    #: Who reads it (``public``, ``network``, ``draft``: its authors) → a resource.
    kits: dict[str, kits.Made]
    exchanges: talks.Exchanges
    came: arriving.Brought
    sent: leaving.Sent
    #: Route → what its form must hold to be taken.
    forms: dict[str, dict[str, Any]]

    def browser(self, who: str) -> TestApp:
        """A new browser with the cookies of somebody."""
        made = self.site.client()
        for name, value in ((COOKIE, TOKEN), (SESSION_COOKIE, self.cookies.get(who))):
            if value:
                made.set_cookie(name, value)
        return made

    def fields(self, route: str, who: str) -> dict[str, Any]:
        """What a form of this route must hold to name something that is there, and be taken."""
        use = {name: self.own[who][name] for name in ("lieu", "jour", "vu")}
        return {
            "editing.rhythm": {"mois": "3"},
            "members.governance.remove": {"personne": str(self.people["relay"]), "role": "relay"},
            "demo.enter": {"courriel": PLAYED[0].email},
            "saying.uses": use, "saying.use": use,
            "writing.adopt": {"valeur": "Clair, en gros caractères.", "lieu": use["lieu"], "kit": ""},
            "writing.new": {"type": "kit", "titre": "Nouveau kit", "lieu": use["lieu"]},
            **self.forms,
        }.get(route, {})  # fmt: skip

    def url(self, pattern: str, who: str, kit: str = "public") -> str:
        """A real address for a pattern. :param kit: which resource, or who reads the thread or the group."""
        if pattern.startswith(talks.ADDRESSES):
            return self.exchanges.fill(pattern, kit)
        if pattern.startswith(arriving.ADDRESSES):
            return self.came.fill(pattern, kit)
        if pattern.startswith(leaving.ADDRESSES):
            return self.sent.fill(pattern)
        found = pattern.replace("{slug}-{id}", f"{self.slug}-{self.ids['place']}")
        found = kits.fill(found, self.kits[kit], self.ids)
        for prefix in ("/gestion/demandes-ressources", "/compte/demandes-ressources", "/gestion/demandes",
                       "/gestion/propositions", "/gestion/personnes/importer", "/gestion/personnes",
                       "/gestion/gouvernance", "/demo/courriels"):  # fmt: skip
            if pattern.startswith(prefix):
                found = found.replace("{id}", str(self.ids[prefix]))
                break
        for name in ("change", "suggestion", "person", "invitation", "service"):
            found = found.replace(f"{{{name}}}", str(self.ids[name]))
        for name in ("secret", "use"):
            found = found.replace(f"{{{name}}}", self.own[who][name])
        for prefix, theirs in self.own[who].items():
            if found.startswith(f"/{prefix}/"):
                found = found.replace("{token}", theirs).replace("{id}", theirs)
        assert "{" not in found, f"nothing real for {pattern}"
        return found

    def ask(self, who: str, name: str, method: str, kit: str = "public") -> tuple[TestResponse, str]:
        """(the answer of a route to somebody, what was asked and answered, in words)."""
        return self.asked(who, name, method, self.url(ALL[name][0], who, kit))

    def asked(self, who: str, name: str, method: str, url: str) -> tuple[TestResponse, str]:
        """As ``ask``, of an address."""
        browser = self.browser(who)
        if method == "GET":
            answer = browser.get(url, expect_errors=True)
        else:
            answer = browser.post(url, {"csrf_token": TOKEN, **self.fields(name, who)}, expect_errors=True)
        return answer, f"{who} {method} {url}: {answer.status_int}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, _template: Callable[[str], str]) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    shutil.copy(_template("sqlite"), folder / "reseau.sqlite3")  # permissions know no database: one engine is enough
    # A demonstration has all the addresses of a site, and its own.
    site = Site(f"sqlite:///{folder / 'reseau.sqlite3'}", folder, demo=True)
    site.add(row("A"), row("B"), row("C"), path=folder / "rows.csv")
    here, there, relaying = (site.named(f"Lieu {letter}") for letter in "ABC")
    places = {"referent-of-another-place": there, "relay": relaying}
    with site.sessions() as session:
        people = {
            "person": person(session, "person"),
            "member": person(session, "member", member_of=[here["id"]]),
            "referent": person(session, "referent", referent_of=[here["id"]]),
            "referent-of-another-place": person(session, "other", referent_of=[there["id"]]),
            **{
                role: person(session, role, roles=[role])
                for role in ("coordinator", "label-committee", "administrator")
            },
            "relay": person(session, "relay", roles=["relay"], member_of=[relaying["id"]]),
            "author": person(session, "author"),
        }
        asking = person(session, "asking").id
        ids = hang(session, here["id"], asking, people["referent"].id)
        ids["referent"] = people["referent"].id
        session.add(Person(email=PLAYED[0].email, name="Personne de la démonstration", lang="fr"))
        asked = [*people.items(), ("visitor", people["person"])]
        theirs = {name: leaving.follows(session, site.settings, one.id, TUESDAY) | own(session, ids, one)
                  for name, one in asked}  # fmt: skip
        author, everybody = people["author"].id, list(people.values())
        made = kits.resources(session, site.wsgi.registry["files"], here["id"], author, everybody, TUESDAY)
        hung = kits.hang(session, made["public"], ids["person"], asking, TUESDAY)
        ids |= hung.ids
        said = talks.exchanges(session, session.get_one(Resource, made["public"].id),
                               {name: one.id for name, one in people.items()}, asking, ids["person"], TUESDAY)  # fmt: skip
        came = arriving.brought(session, site.settings.data_dir / "imports", here["id"], author, TUESDAY)
        for name, one in people.items():
            place = places.get(name, here)
            theirs[name] |= kits.own(session, made["public"], one.id, place["id"], TUESDAY)
        out = leaving.sent(session, site.settings, site.wsgi.registry["files"], relaying["id"], asking,
                           people["member"].id, TUESDAY)  # fmt: skip
        theirs["visitor"] |= {name: theirs["person"][name] for name in ("secret", "use", "lieu", "jour", "vu")}
        cookies = {name: open_session(session, one.id, TUESDAY) for name, one in people.items()}
        session.commit()
    site.reindex()
    # Nothing that is allowed may change the world for the next case.
    site.wsgi.registry.registerHandler(lambda event: event.request.tm.doom(), [ContextFound])
    ids_of = {name: one.id for name, one in people.items()}
    yield World(site, ids, here["slug"], cookies, ids_of, theirs, made, said, came, out,
                {**hung.fields, **said.fields, **came.fields, **out.fields})  # fmt: skip
    site.engine.dispose()


ALL = {**ROUTES, **DEMONSTRATION}
CASES = [(name, method) for name, (_, methods) in ALL.items() for method in methods]
#: Pages that anybody sees once they are signed in: a visitor is led there.
ASKED_TO_SIGN_IN = (
    Permission.ACCOUNT_OWN, Permission.STRUCTURE_JOIN, Permission.RESOURCE_CREATE, Permission.RESOURCE_SAY,
    Permission.THREAD_WRITE,
)  # fmt: skip
#: Where who may act finds nothing all the same, and why.
NOT_THERE = {
    ("editing.suggestion.accept", ""): "words alone propose no value to take over",
    ("members.team.leave", "coordinator"): "not of the team",
}


def may(who: str, pattern: str, permission: Permission) -> bool:
    """Whether the table of permissions lets somebody do it at the address of a pattern."""
    here, anywhere = WHO[who]
    if pattern.startswith((RESOURCE, FILE)):
        roles = here if permission is Permission.RESOURCE_EDIT else anywhere
        roles = roles | ({"author"} & {who})
    elif pattern.startswith(talks.ADDRESSES):
        roles = anywhere | ({"author"} & {who})  # of the thread, of the message; animates the group
    else:
        roles = here if "{slug}-{id}" in pattern or pattern.startswith(ABOUT_THE_PLACE) else anywhere
    return any(str(permission) in MAY[role].split() for role in {"visitor"} | roles)


def refused(answer: TestResponse, who: str, method: str, permission: Permission) -> bool:
    """Whether somebody was told that they may not: a visitor is led to sign in where that is enough."""
    json = ".json" in answer.request.path
    asked = permission in ASKED_TO_SIGN_IN or answer.request.path == "/traductions"
    if who == "visitor" and method == "GET" and asked and not json:
        return answer.status_int == 303 and str(urlsplit(answer.location).path) == "/connexion"
    status: int = answer.status_int
    return status == (404 if who != "visitor" and talks.UNSEEN.fullmatch(answer.request.path) else 403)


@pytest.mark.parametrize("who", list(WHO))
@pytest.mark.parametrize(("name", "method"), CASES, ids=lambda part: str(part))
def test_role_by_route(world: World, name: str, method: str, who: str) -> None:
    pattern, methods = ALL[name]
    answer, said = world.ask(who, name, method)
    status = answer.status_int
    if not may(who, pattern, methods[method]):
        assert refused(answer, who, method, methods[method]), said
    elif who not in talks.LET_IN.get(name, WHO):
        assert status == 403, said
    elif {(name, who), (name, "")} & set(NOT_THERE):
        assert status == 404, said
    else:
        assert status < 500, said
        assert status not in (403, 404, 405, 410), said
        assert status < 400 or method == "GET" or not world.fields(name, who), f"the form was not taken: {said}"


#: Addresses about a resource, or its file, but those that name an opinion, a use or a report of the public one.
OF_A_RESOURCE = [
    (name, method)
    for name, method in CASES
    if ALL[name][0].startswith((RESOURCE, FILE)) and not any(one in ALL[name][0] for one in ("{person}", "{use}", "{report}"))
]  # fmt: skip


@pytest.mark.parametrize("who", list(WHO))
def test_what_is_for_the_network_is_read_by_it_and_by_who_writes_it(world: World, who: str) -> None:
    reads = may(who, RESOURCE, Permission.NETWORK_READ) or may(who, RESOURCE, Permission.RESOURCE_EDIT)
    wrong = []
    for name, method in OF_A_RESOURCE:
        pattern, methods = ALL[name]
        answer, said = world.ask(who, name, method, "network")
        if not may(who, pattern, methods[method]):
            good = refused(answer, who, method, methods[method])
        elif not reads:
            good = answer.status_int == 403
        elif name == "writing.origin":
            good = answer.status_int == 404  # it is no copy
        else:
            good = answer.status_int < 400 or answer.status_int == 422
        wrong += [] if good else [said]
    assert not wrong


@pytest.mark.parametrize("who", list(WHO))
def test_a_draft_is_there_for_who_writes_it_only(world: World, who: str) -> None:
    writes = may(who, RESOURCE, Permission.RESOURCE_EDIT)
    wrong = []
    for name, method in OF_A_RESOURCE:
        pattern, methods = ALL[name]
        permission = methods[method]
        answer, said = world.ask(who, name, method, "draft")
        if name.startswith("writing.") and name != "writing.adopt" and who != "visitor" and not writes:
            good = answer.status_int == 404  # nobody who is signed in learns that there is one
        elif not may(who, pattern, permission):
            good = refused(answer, who, method, permission)
        elif (name, method) in (("writing.verify", "POST"), ("writing.origin", "GET"), ("writing.origin", "POST")):
            good = answer.status_int == 404  # nobody reads it yet; it is no copy
        elif permission in (Permission.RESOURCE_EDIT, Permission.RESOURCE_REVIEW) or (
            pattern.startswith(FILE) and writes
        ):
            good = answer.status_int < 400 or answer.status_int == 422
        else:
            good = answer.status_int == 404
        wrong += [] if good else [said]
    assert not wrong


#: Addresses of a thread, a message, a topic, a group, of what was said about a thread.
OF_EXCHANGES = [case for case in CASES if ALL[case[0]][0].startswith(talks.NAMED)]
OF_ONES_OWN = [case for case in CASES if case[0].startswith(("threads.post.edit", "threads.post.delete"))]


def reads_talk(who: str, which: str, pattern: str) -> bool:
    """Whether somebody reads what an address of a set names. The author animates the groups."""
    if which == "network" and who != "coordinator":
        member = who == "author" and pattern.startswith(talks.GROUP)
        return member or may(who, pattern, Permission.NETWORK_READ)
    return who in ("author", "coordinator")


@pytest.mark.parametrize("which", talks.NOT_PUBLIC)
@pytest.mark.parametrize("who", list(WHO))
def test_what_is_said_among_some_is_for_them_alone(world: World, who: str, which: str) -> None:
    wrong = []
    for name, method in OF_EXCHANGES:
        pattern, methods = ALL[name]
        if which in ("waiting", "hidden") and pattern.startswith((talks.TOPIC, talks.GROUP)):
            continue  # a topic and a group neither wait nor are hidden
        answer, said = world.ask(who, name, method, which)
        status, allowed = answer.status_int, may(who, pattern, methods[method])
        if name == "feeds.topic":
            good = status == 404  # a feed is for everybody
        elif not reads_talk(who, which, pattern):
            good = status == (403 if which == "network" and name != "threads.of-object" else 404)
            good |= who == "visitor" and not allowed and refused(answer, who, method, methods[method])
        elif not allowed:
            good = status == 403 or refused(answer, who, method, methods[method])
        elif who not in talks.LET_IN.get(name, WHO):
            good = status == 403
        elif name in talks.NOTHING_TO_DO.get(which, ()):
            good = status in (403, 404)
        else:
            good = status < 400 or status == 422
        wrong += [] if good else [f"{which} {name} {said}"]
    assert not wrong


@pytest.mark.parametrize("who", [who for who in WHO if who != "visitor"])
def test_everybody_changes_their_own_messages_and_nobody_elses(world: World, who: str) -> None:
    wrong = []
    for (of, id_), (name, method) in product(world.exchanges.own.items(), OF_ONES_OWN):
        answer, said = world.asked(who, name, method, ALL[name][0].replace("{id}", str(id_)))
        good = answer.status_int < 400 if of == who else answer.status_int == 403
        wrong += [] if good else [f"{name} of {of}: {said}"]
    assert not wrong
