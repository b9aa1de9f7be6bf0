"""Who may do what: one enumeration of permissions, one table, one policy.

A view that forgets ``permission=`` gets :data:`NOBODY`, which no role has: 403, not an open door. A
permission that is not in the enumeration stops the start-up, and so does a missing security policy (Pyramid
would then ignore every ``permission=``, silently).

Who a request is comes from ``registry["identify"]`` (the room members puts it there); without it everyone is a visitor.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.config import PHASE3_CONFIG
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import ISecurityPolicy
from pyramid.request import RequestLocalCache
from pyramid.security import NO_PERMISSION_REQUIRED, Allowed, Denied

from reseau.core.actors import Side

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

NOBODY = "nobody:nothing"
SESSION_COOKIE = "session"


class Permission(enum.StrEnum):
    """Everything that can be asked for, named ``<resource>:<action>``."""

    DIRECTORY_READ = "directory:read"
    REPORT_CREATE = "report:create"
    ACCOUNT_ENTER = "account:enter"
    ACCOUNT_OWN = "account:own"
    STRUCTURE_JOIN = "structure:join"
    SHEET_HISTORY = "sheet:history"
    SHEET_VERIFY = "sheet:verify"
    SHEET_EDIT = "sheet:edit"
    SHEET_CREATE = "sheet:create"
    SHEET_COORDINATE = "sheet:coordinate"
    TEAM_READ = "team:read"
    TEAM_MANAGE = "team:manage"
    DESK_READ = "desk:read"
    NETWORK_COORDINATE = "network:coordinate"
    SITE_ADMINISTER = "site:administer"
    RESOURCE_READ = "resource:read"
    NETWORK_READ = "network:read"
    RESOURCE_CREATE = "resource:create"
    RESOURCE_EDIT = "resource:edit"
    RESOURCE_REVIEW = "resource:review"
    RESOURCE_SAY = "resource:say"
    RESOURCE_USE = "resource:use"
    RESOURCE_ADOPT = "resource:adopt"
    TRANSLATION_WRITE = "translation:write"
    THREAD_READ = "thread:read"
    THREAD_WRITE = "thread:write"
    THREAD_ANSWERED = "thread:answered"
    THREAD_MODERATE = "thread:moderate"
    POST_EDIT = "post:edit"
    GROUP_READ = "group:read"
    GROUP_JOIN = "group:join"
    GROUP_KEEP = "group:keep"
    GROUP_CREATE = "group:create"
    NOTICE_STOP = "notice:stop"
    LABEL_DECIDE = "label:decide"
    LETTER_SUBSCRIBE = "letter:subscribe"
    RELAY_FORWARD = "relay:forward"
    DEMO_PLAY = "demo:play"


class Role(enum.StrEnum):
    """Who asks. A person may have several roles at once.

    ``MEMBER`` and ``REFERENT`` are roles *in a structure*: where the context of a page has a ``structure_id``, only
    those held in that structure count; elsewhere, those held anywhere. ``AUTHOR`` is held on one object, whose page
    says who (``author_ids`` of the context).
    """

    VISITOR = "visitor"
    PERSON = "person"
    AUTHOR = "author"
    MEMBER = "member"
    REFERENT = "referent"
    COORDINATOR = "coordinator"
    LABEL_COMMITTEE = "label-committee"
    RELAY = "relay"
    ADMINISTRATOR = "administrator"


#: Roles that a person holds on the whole site, given on the page of governance.
SITE_ROLES = (Role.COORDINATOR, Role.LABEL_COMMITTEE, Role.RELAY, Role.ADMINISTRATOR)

_VISITOR = frozenset({Role.VISITOR})
_PERSON = frozenset({Role.PERSON})
_STAFF = frozenset({Role.COORDINATOR})
_NETWORK = frozenset({Role.MEMBER, Role.REFERENT, *SITE_ROLES})

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.DIRECTORY_READ: _VISITOR,
    Permission.REPORT_CREATE: _VISITOR,
    Permission.ACCOUNT_ENTER: _VISITOR,
    Permission.ACCOUNT_OWN: _PERSON,
    Permission.STRUCTURE_JOIN: _PERSON,
    Permission.SHEET_HISTORY: _STAFF | {Role.MEMBER, Role.REFERENT, Role.ADMINISTRATOR},
    Permission.SHEET_VERIFY: _STAFF | {Role.MEMBER, Role.REFERENT},
    Permission.SHEET_EDIT: _STAFF | {Role.REFERENT},
    Permission.SHEET_CREATE: _STAFF,
    Permission.SHEET_COORDINATE: _STAFF,
    Permission.TEAM_READ: _STAFF | {Role.MEMBER, Role.REFERENT},
    Permission.TEAM_MANAGE: _STAFF | {Role.REFERENT},
    Permission.DESK_READ: _STAFF | {Role.REFERENT, Role.ADMINISTRATOR},
    Permission.NETWORK_COORDINATE: _STAFF,
    Permission.SITE_ADMINISTER: frozenset({Role.ADMINISTRATOR}),
    Permission.RESOURCE_READ: _VISITOR,  # what is for the network only, or a draft, its page refuses itself
    Permission.NETWORK_READ: _NETWORK,
    Permission.RESOURCE_CREATE: _PERSON,
    Permission.RESOURCE_EDIT: _STAFF | {Role.AUTHOR, Role.REFERENT},
    Permission.RESOURCE_REVIEW: _STAFF,
    Permission.RESOURCE_SAY: _PERSON,
    Permission.RESOURCE_USE: frozenset({Role.MEMBER, Role.REFERENT}),
    Permission.RESOURCE_ADOPT: _NETWORK,
    Permission.TRANSLATION_WRITE: _NETWORK,
    Permission.THREAD_READ: _VISITOR,  # a topic of the network or of a group refuses itself
    Permission.THREAD_WRITE: _PERSON,
    Permission.THREAD_ANSWERED: _STAFF | {Role.AUTHOR},
    Permission.THREAD_MODERATE: _STAFF,
    Permission.POST_EDIT: frozenset({Role.AUTHOR}),
    Permission.GROUP_READ: _VISITOR,  # a group that is not for everybody refuses itself
    Permission.GROUP_JOIN: _NETWORK,
    Permission.GROUP_KEEP: _STAFF | {Role.AUTHOR},  # its animators
    Permission.GROUP_CREATE: _STAFF,
    Permission.NOTICE_STOP: _VISITOR,  # who holds the link of a mail
    Permission.LABEL_DECIDE: _STAFF | {Role.LABEL_COMMITTEE},  # the coordination writes down what was decided
    Permission.LETTER_SUBSCRIBE: _VISITOR,  # and leave: who holds the link of a letter
    Permission.RELAY_FORWARD: _STAFF | {Role.RELAY},
    Permission.DEMO_PLAY: _VISITOR,  # its pages exist only in a demonstration
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A person who is signed in, for the time of a request.

    :param roles: on the whole site. :param places: structure → ``MEMBER`` or ``REFERENT``. :param unread: how many
        notices they have not seen.
    """

    person_id: UUID
    name: str
    email: str
    roles: frozenset[Role]
    places: Mapping[UUID, Role]
    session_id: UUID
    unread: int = 0

    def roles_at(self, structure_id: UUID | None) -> frozenset[Role]:
        """All roles that count where ``structure_id`` is concerned (None: anywhere)."""
        if structure_id is None:
            here = set(self.places.values())
        else:
            here = {self.places[structure_id]} if structure_id in self.places else set()
        if Role.REFERENT in here:
            here.add(Role.MEMBER)
        return frozenset({Role.VISITOR, Role.PERSON, *self.roles, *here})

    @property
    def refers_to(self) -> list[UUID]:
        """The structures of which the person is a référent."""
        return [id_ for id_, role in self.places.items() if role is Role.REFERENT]


def permits(roles: frozenset[Role], permission: str) -> bool:
    """Whether one of ``roles`` has ``permission``; an unknown permission is nobody's."""
    try:
        return not roles.isdisjoint(GRANTS[Permission(permission)])
    except (ValueError, KeyError):
        return False


class Policy:
    """The security policy: identity from the room that knows people, roles from it and from the context."""

    def __init__(self) -> None:
        self._identities = RequestLocalCache(self._identify)

    def _identify(self, request: Request) -> Identity | None:
        identify = request.registry.get("identify")
        found: Identity | None = identify(request) if identify else None
        return found

    def identity(self, request: Request) -> Identity | None:
        """Who is signed in; asked of the database once a request."""
        found: Identity | None = self._identities.get_or_create(request)
        return found

    def known(self, request: Request) -> Identity | None:
        """The identity if it was asked for already, else None: for pages that must not ask the database."""
        found = self._identities.get(request)
        return found if isinstance(found, Identity) else None

    def forget_identity(self, request: Request) -> None:
        """The request changes who is signed in: ask again."""
        self._identities.clear(request)

    def authenticated_userid(self, request: Request) -> str | None:
        """The id of the person, or None."""
        identity = self.identity(request)
        return str(identity.person_id) if identity else None

    def roles(self, request: Request, context: Any = None) -> frozenset[Role]:
        """The roles of whoever made the request, in that context."""
        identity = self.identity(request)
        if identity is None:
            return _VISITOR
        found = identity.roles_at(getattr(context, "structure_id", None))
        return found | {Role.AUTHOR} if identity.person_id in getattr(context, "author_ids", ()) else found

    def side(self, request: Request, context: Any) -> Side:
        """In whose name this request acts."""
        identity = self.identity(request)
        if identity is None:
            return Side.VISITOR
        structure_id = getattr(context, "structure_id", None)
        if structure_id in identity.places:
            return Side.PLACE
        if Role.COORDINATOR in identity.roles:
            return Side.COORDINATION
        return Side.SITE if Role.ADMINISTRATOR in identity.roles else Side.PERSON

    def permits(self, request: Request, context: Any, permission: str) -> Allowed | Denied:
        """Pyramid's question."""
        if permission in _OPEN:
            return Allowed("open to all")  # without asking the database who it is
        granted = permits(self.roles(request, context), permission)
        return Allowed("granted by table") if granted else Denied("%s is not granted", permission)

    def remember(self, _request: Request, _userid: str, **_kw: Any) -> list[tuple[str, str]]:
        return []

    def forget(self, _request: Request, **_kw: Any) -> list[tuple[str, str]]:
        return []


_OPEN = frozenset(permission for permission, roles in GRANTS.items() if Role.VISITOR in roles)


def check(config: Configurator) -> None:
    """Refuse to start without a policy, with a permission that nobody knows, or with a hole in the table.

    :raises ConfigurationError: says which.
    """
    if config.registry.queryUtility(ISecurityPolicy) is None:
        raise ConfigurationError("no security policy: every permission= would be ignored")
    if holes := [permission.value for permission in Permission if permission not in GRANTS]:
        raise ConfigurationError(f"permissions without a line in GRANTS: {', '.join(holes)}")
    known = {*map(str, Permission), NOBODY, NO_PERMISSION_REQUIRED}
    for entry in config.introspector.get_category("permissions") or ():
        if str(entry["introspectable"]["value"]) not in known:
            raise ConfigurationError(f"unknown permission: {entry['introspectable']['value']!r}")


def includeme(config: Configurator) -> None:
    """Policy, default permission, start-up check, ``request.allows()``."""
    policy = config.registry["security.policy"] = Policy()
    config.set_security_policy(policy)
    config.set_default_permission(NOBODY)
    config.add_request_method(_allows, "allows")
    config.add_request_method(policy.known, "known_identity", property=True)
    config.action(None, check, args=(config,), order=PHASE3_CONFIG + 10)


def _allows(request: Request, permission: str, structure_id: UUID | None = None) -> bool:
    """Whether whoever asks has a permission, for a template that shows or hides a link.

    :param structure_id: the structure concerned; None: anywhere.
    """
    identity = request.identity
    return permits(identity.roles_at(structure_id) if identity else _VISITOR, permission)
