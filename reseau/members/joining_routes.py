"""Addresses of joining: teams, invitations, requests, proposals, lists of people, governance. Included by the room."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.directory.routes import SHEET, SheetContext
from reseau.members import invitations, people_lists, requests
from reseau.members.models import Invitation, PeopleList, Person, PersonState

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

_ID = "{id:" + UUID_PATTERN + "}"
_PERSON = "{person:" + UUID_PATTERN + "}"
_INVITATION = "{invitation:" + UUID_PATTERN + "}"


def id_of(request: Request, name: str = "id") -> UUID:
    """An id of the address. :raises HTTPNotFound: it is none."""
    if (found := parse_id(request.matchdict[name])) is None:
        raise HTTPNotFound
    return found


class InvitationContext:
    """The invitation that the link of a mail names. Nothing is read before it is asked for."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def invitation(self) -> Invitation | None:
        """Its row, or None for a link that is not ours or is cut."""
        request = self._request
        token, now = request.matchdict["token"], request.registry["clock"]()
        return invitations.by_token(request.db, request.config.secret, token, now)


class RequestContext:
    """One request to join a place.

    :raises HTTPNotFound: when its place is asked for and there is no such request, or it is a proposal.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def id(self) -> UUID:
        """Its id. :raises HTTPNotFound: it is none."""
        return id_of(self._request)

    @cached_property
    def structure_id(self) -> UUID:
        """The place concerned, where it is now: a référent decides for theirs only."""
        found = requests.place_of_request(self._request.db, self.id)
        if found is None:
            raise HTTPNotFound
        return found


class PersonContext:
    """One person of the list. :raises HTTPNotFound: when they are read and there is nobody, or they left."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def person(self) -> Person:
        """The person."""
        found = self._request.db.get(Person, id_of(self._request))
        if found is None or found.state == PersonState.GONE.value:
            raise HTTPNotFound
        person: Person = found
        return person


class ListContext:
    """One list of people. :raises HTTPNotFound: when it is read and there is none."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def row(self) -> PeopleList:
        """The stored list."""
        found = people_lists.get(self._request.db, id_of(self._request))
        if found is None:
            raise HTTPNotFound
        return found


def includeme(config: Configurator) -> None:
    """All routes and views of joining. Fixed names come before ids."""
    for name, suffix in (
        ("members.team", "/equipe"),
        ("members.team.invite", "/equipe/inviter"),
        ("members.team.leave", "/equipe/quitter"),
        ("members.team.role", f"/equipe/{_PERSON}/role"),
        ("members.team.remove", f"/equipe/{_PERSON}/retirer"),
        ("members.team.revoke", f"/equipe/invitation/{_INVITATION}/annuler"),
        ("members.team.again", f"/equipe/invitation/{_INVITATION}/renvoyer"),
        ("members.join", "/rejoindre"),
        ("members.join.withdraw", "/rejoindre/retirer"),
    ):
        config.add_route(name, SHEET + suffix, factory=SheetContext)
    config.add_route("members.invitation", "/invitation/{token}", factory=InvitationContext)
    for name, pattern in (
        ("members.invitation.own", f"/compte/invitation/{_ID}/accepter"),
        ("members.propose", "/proposer-un-lieu"),
        ("members.requests", "/gestion/demandes"),
        ("members.proposals", "/gestion/propositions"),
        ("members.proposal.accept", f"/gestion/propositions/{_ID}/accepter"),
        ("members.proposal.refuse", f"/gestion/propositions/{_ID}/refuser"),
        ("members.people", "/gestion/personnes"),
        ("members.people.import", "/gestion/personnes/importer"),
        ("members.people.suspend", f"/gestion/personnes/{_ID}/suspendre"),
        ("members.people.restore", f"/gestion/personnes/{_ID}/retablir"),
        ("members.governance", "/gestion/gouvernance"),
        ("members.governance.add", "/gestion/gouvernance/roles/ajouter"),
        ("members.governance.remove", "/gestion/gouvernance/roles/retirer"),
        ("members.governance.revoke", f"/gestion/gouvernance/invitation/{_ID}/annuler"),
        ("members.about", "/qui-sommes-nous"),
    ):
        config.add_route(name, pattern)
    for name, pattern in (
        ("members.request.accept", f"/gestion/demandes/{_ID}/accepter"),
        ("members.request.refuse", f"/gestion/demandes/{_ID}/refuser"),
    ):
        config.add_route(name, pattern, factory=RequestContext)
    for name, pattern in (
        ("members.people.list", f"/gestion/personnes/importer/{_ID}"),
        ("members.people.apply", f"/gestion/personnes/importer/{_ID}/appliquer"),
    ):
        config.add_route(name, pattern, factory=ListContext)
    for name, pattern in (
        ("members.people.access", f"/gestion/personnes/{_ID}/acces"),
        ("members.people.access.restore", f"/gestion/personnes/{_ID}/acces/rendre"),
    ):
        config.add_route(name, pattern, factory=PersonContext)
    views = ("team", "joining", "requests", "governance", "people", "suspending")
    for module in (f"{name}_views" for name in views):
        config.scan(f"reseau.members.{module}")
