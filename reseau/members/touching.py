"""Whoever does something stays signed in: a view deriver around every view that changes something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reseau.members import sessions, signin
from reseau.members.models import PersonSession
from reseau.web.csrf import STATE_CHANGING
from reseau.web.security import SESSION_COOKIE

if TYPE_CHECKING:
    from pyramid.request import Request


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

    return touched
