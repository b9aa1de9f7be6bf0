"""Every address of what people follow and what one needs to see it."""

from __future__ import annotations

from reseau.web.security import Permission

_OWN, _READ = {"POST": Permission.ACCOUNT_OWN}, {"GET": Permission.DIRECTORY_READ}
ROUTES = {
    "following.search": ("/suivre/{room}", {"GET": Permission.DIRECTORY_READ, "POST": Permission.ACCOUNT_OWN}),
    "following.saved": ("/compte/recherches", {"GET": Permission.ACCOUNT_OWN}),
    "following.pace": ("/compte/recherches/{id}/rythme", _OWN),
    "following.end": ("/compte/recherches/{id}/arreter", _OWN),
    "following.keys": ("/compte/flux", {"GET": Permission.ACCOUNT_OWN, "POST": Permission.NETWORK_READ}),
    "following.revoke": ("/compte/flux/{id}/revoquer", _OWN),
    "following.opml": ("/flux/prive/{secret}/flux.opml", _READ),
    "following.feed": ("/flux/prive/{secret}/{name}.{format}", _READ),
    "following.archive": ("/flux/prive/{secret}/{name}/archives/{number}.{format}", _READ),
    "following.stop": (
        "/avis/stop/recherches/{token}",
        {"GET": Permission.NOTICE_STOP, "POST": Permission.NOTICE_STOP},
    ),
}
