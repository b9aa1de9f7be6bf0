"""Who may do what: one enumeration of permissions, one table, one policy.

A view that forgets ``permission=`` gets :data:`NOBODY`, which no role has: 403, not an open door. A
permission that is not in the enumeration stops the start-up, and so does a missing security policy (Pyramid
would then ignore every ``permission=``, silently).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from pyramid.config import PHASE3_CONFIG
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import ISecurityPolicy
from pyramid.security import NO_PERMISSION_REQUIRED, Allowed, Denied

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

NOBODY = "nobody:nothing"


class Permission(enum.StrEnum):
    """Everything that can be asked for, named ``<resource>:<action>``."""

    DIRECTORY_READ = "directory:read"
    REPORT_CREATE = "report:create"


class Role(enum.StrEnum):
    """Who asks. A person may have several roles at once."""

    VISITOR = "visitor"


GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.DIRECTORY_READ: frozenset({Role.VISITOR}),
    Permission.REPORT_CREATE: frozenset({Role.VISITOR}),
}


def permits(roles: frozenset[Role], permission: str) -> bool:
    """Whether one of ``roles`` has ``permission``; an unknown permission is nobody's."""
    try:
        return not roles.isdisjoint(GRANTS[Permission(permission)])
    except (ValueError, KeyError):
        return False


class VisitorPolicy:
    """The security policy while nobody can sign in: everyone is a visitor without identity."""

    def identity(self, _request: Request) -> None:
        return None

    def authenticated_userid(self, _request: Request) -> None:
        return None

    def roles(self, _request: Request) -> frozenset[Role]:
        """The roles of whoever made the request."""
        return frozenset({Role.VISITOR})

    def permits(self, request: Request, _context: Any, permission: str) -> Allowed | Denied:
        granted = permits(self.roles(request), permission)
        return Allowed("granted by table") if granted else Denied(f"{permission} is not granted")

    def remember(self, _request: Request, _userid: str, **_kw: Any) -> list[tuple[str, str]]:
        return []

    def forget(self, _request: Request, **_kw: Any) -> list[tuple[str, str]]:
        return []


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
    """Policy, default permission, start-up check."""
    config.set_security_policy(VisitorPolicy())
    config.set_default_permission(NOBODY)
    config.action(None, check, args=(config,), order=PHASE3_CONFIG + 10)
