"""Members: the people of the network, how they come in, where they belong.

What it is: sign-in by a mailed link, sessions, profile, invitations and requests to join, roles, drafts of forms,
governance (who pilots, who holds which role).

What it is not: it edits no sheet (``reseau.editing``), lists no work to do (``reseau.desk``), and knows no password.

Tables: ``person``, ``membership``, ``invitation``, ``join_request``, ``sign_in``, ``person_session``, ``draft``,
``governance``, ``people_list``.
Addresses: ``/connexion``, ``/compte``, ``/donnees-personnelles``, ``/annuaire/{slug}-{id}/equipe`` and ``/rejoindre``,
``/proposer-un-lieu``, ``/gestion/demandes``, ``/gestion/personnes``, ``/gestion/gouvernance``, ``/qui-sommes-nous``.
Permissions: ``account:*``, ``structure:join``, ``team:*``, ``network:coordinate``, ``site:administer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request


def identify(request: Request) -> Any:
    """Who is signed in (``registry["identify"]``): nothing is asked of the database without the cookie."""
    from reseau.members import sessions
    from reseau.web.security import SESSION_COOKIE

    secret = request.cookies.get(SESSION_COOKIE)
    return sessions.identify(request.db, secret, request.registry["clock"]()) if secret else None


def touch_deriver(view: Any, info: Any) -> Any:
    """Each thing that a person does makes their session last again, in the table and in the browser.

    The held form of the session (``PersonSession.resume``) is forgotten once it has been sent where it goes.
    """
    if info.exception_only:
        return view

    def touched(context: Any, request: Request) -> Any:
        if request.method not in STATE_CHANGING or request.identity is None:
            return view(context, request)
        row = request.db.get_one(PersonSession, request.identity.session_id)
        before = row.expires_at
        sessions.touch(request.db, row.id, request.registry["clock"]())
        longer, held = row.expires_at != before, row.resume
        response = view(context, request)
        sent = response.headers.getall("Set-Cookie")
        if longer and not any(cookie.startswith(f"{SESSION_COOKIE}=") for cookie in sent):
            signin.send_cookie(request, response, request.cookies[SESSION_COOKIE])
        if held and response.status_code < 400 and held["path"] == signin.safe_next(request.path_qs):
            signin.discard(request.db, row.id)
        return response

    from reseau.members import sessions, signin
    from reseau.members.models import PersonSession
    from reseau.web.csrf import STATE_CHANGING
    from reseau.web.security import SESSION_COOKIE

    return touched


def includeme(config: Configurator) -> None:
    """Identity, routes, views."""
    from reseau.core.clock import utcnow

    config.registry.setdefault("clock", utcnow)
    config.registry["identify"] = identify
    config.add_view_deriver(touch_deriver, name="touch")
    config.include("reseau.members.routes")
    config.include("reseau.members.joining_routes")
    config.scan("reseau.members.signin_views")
    config.scan("reseau.members.account_views")
