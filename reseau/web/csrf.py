"""Cross-site request forgery: every state-changing request carries a token, checked before anything else.

*Before the permission* (as warehouse does): the session cookie gives authority, and it must not even be
looked at for a request that another site made. Pyramid's own order is the other way round. The token lives in
its own cookie (double submit), so that a visitor who fills in one form needs no session.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyramid.config import PHASE3_CONFIG
from pyramid.csrf import CookieCSRFStoragePolicy, new_csrf_token
from pyramid.exceptions import ConfigurationError
from pyramid.tweens import INGRESS
from pyramid.viewderivers import csrf_view

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

COOKIE = "jeton"
FIELD = "csrf_token"
STATE_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_RESENT = 256 * 1024  # as large as a form may be
_TOKEN = re.compile(r"[0-9a-f]{32}")


class TokenCookie(CookieCSRFStoragePolicy):  # type: ignore[misc]
    """Remembers on the request that a token went into the page: such a page is neither cached nor compressed.

    Compressed, its length would betray the token to who can make the reader send requests (BREACH).
    """

    def get_csrf_token(self, request: Request) -> str:
        """The token of this visitor; made, and sent as a cookie, the first time."""
        request.environ["reseau.csrf_token"] = True
        # Pyramid reads the cookie as Latin-1: another one than ours would be an error of its own.
        if not _TOKEN.fullmatch(request.cookies.get(COOKIE, "")):
            return str(self.new_csrf_token(request))
        return str(super().get_csrf_token(request))

    def check_csrf_token(self, request: Request, supplied_token: Any) -> bool:
        """Whether a form comes with the token of its cookie; a file in its place is none."""
        return isinstance(supplied_token, str) and bool(super().check_csrf_token(request, supplied_token))


def token_used(request: Request) -> bool:
    """Whether the response to this request may carry a CSRF token."""
    return bool(request.environ.get("reseau.csrf_token"))


def renew(request: Request) -> None:
    """Give the browser a new token: whoever is signed in there has changed."""
    request.environ["reseau.csrf_token"] = True
    new_csrf_token(request)


def same_origin(request: Request) -> bool:
    """Whether the browser itself says that the request comes from one of our pages (not: from another site)."""
    origin = request.headers.get("Origin")
    if origin:
        return bool(origin == request.host_url)
    return bool(request.headers.get("Sec-Fetch-Site") == "same-origin")


def resent_fields(request: Request) -> list[tuple[str, str]]:
    """What the visitor had filled in, to be offered again after a refused token; [] when that is not safe.

    Only when the browser says that the form was ours: else another site could have a visitor confirm a form
    that it filled in. Files are left out (a browser cannot be given them back), and so is anything over
    ``MAX_RESENT``.
    """
    if request.method != "POST" or not same_origin(request) or (request.content_length or 0) > MAX_RESENT:
        return []
    return [(key, value) for key, value in request.POST.items() if isinstance(value, str) and key != FIELD]


def _exempt(view: Any, _info: Any) -> Any:
    return view


_exempt.options = ("csrf_exempt_reason",)  # type: ignore[attr-defined]


def check(config: Configurator) -> None:
    """Refuse to start when a view that can change something has no CSRF check and does not say why.

    :raises ConfigurationError: names the view.
    """
    for entry in config.introspector.get_category("views") or ():
        view = entry["introspectable"]
        if view["exception_only"]:
            continue  # runs after the check, never instead of it
        methods = view["request_methods"]
        methods = {methods} if isinstance(methods, str) else set(methods or STATE_CHANGING)
        exempt = view["require_csrf"] is False and methods & STATE_CHANGING
        if exempt and not view.get("csrf_exempt_reason"):
            where = view["route_name"] or view["name"] or view["callable"]
            raise ConfigurationError(f"{where}: require_csrf=False without csrf_exempt_reason")


def includeme(config: Configurator) -> None:
    """Default options, storage, order of derivers, start-up check."""
    settings = config.registry.settings_typed
    config.set_default_csrf_options(require_csrf=True, token=FIELD)
    config.set_csrf_storage_policy(TokenCookie(COOKIE, secure=settings.secure_cookies, httponly=True, samesite="Lax"))
    # Behind a proxy that ends TLS, the host that the application sees may not be the one that browsers name.
    trusted = config.get_settings().setdefault("pyramid.csrf_trusted_origins", [])
    if isinstance(trusted, list):
        trusted.append(urlsplit(settings.public_url).netloc)
    config.add_view_deriver(csrf_view, name="csrf_view", under=INGRESS, over="secured_view")
    config.add_view_deriver(_exempt, name="csrf_exempt_reason")
    config.action(None, check, args=(config,), order=PHASE3_CONFIG + 10)
