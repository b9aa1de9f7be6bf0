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


def includeme(config: Configurator) -> None:
    """Identity, routes, views."""
    from reseau.core.clock import utcnow
    from reseau.members.touching import touch_deriver

    config.registry.setdefault("clock", utcnow)
    config.registry["identify"] = identify
    config.add_view_deriver(touch_deriver, name="touch")
    config.include("reseau.members.routes")
    config.include("reseau.members.joining_routes")
    config.scan("reseau.members.signin_views")
    config.scan("reseau.members.account_views")
