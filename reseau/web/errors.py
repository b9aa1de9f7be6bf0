"""Pages of error, in the reader's language, inside the layout; ``application/problem+json`` (RFC 9457) for
programs.

Nothing here may need the database, nor anything else that can be the reason of the error. If even the layout
fails, a page without it is sent.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch
from pyramid.httpexceptions import HTTPError, HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render
from pyramid.response import Response
from pyramid.security import Denied
from pyramid_retry import is_error_retryable  # type: ignore[import-untyped, unused-ignore]
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from reseau.web.addresses import loggable_path, raw_path
from reseau.web.csrf import resent_fields
from reseau.web.i18n import _
from reseau.web.security import Role, permits

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

    from reseau.web.security import Identity

log = logging.getLogger(__name__)

TEMPLATE = "reseau.web:templates/error.jinja2"
PASSED_ON = ("Retry-After", "Allow", "WWW-Authenticate")
RETRY_AFTER_S = 30

# status: (title, what happened and what to do)
MESSAGES: dict[int, tuple[str, str]] = {
    400: (
        _("Demande incomprise"),
        _("L’adresse ou le formulaire contient quelque chose que le site ne peut pas lire."),
    ),
    403: (
        _("Page réservée"),
        _("Vous n’avez pas le droit de voir cette page ou de faire cette action."),
    ),
    404: (
        _("Page introuvable"),
        _("Cette adresse ne mène à aucune page. Le lieu a pu changer de nom : cherchez-le."),
    ),
    405: (
        _("Action impossible ici"),
        _("Cette adresse existe, mais pas pour cette action."),
    ),
    410: (
        _("Page retirée"),
        _("Cette page a existé, puis elle a été retirée."),
    ),
    422: (
        _("Formulaire à corriger"),
        _("Une réponse manque ou ne convient pas. Revenez en arrière : votre texte est là."),
    ),
    429: (
        _("Trop de demandes"),
        _("Trop de demandes en peu de temps. Attendez une minute, puis recommencez."),
    ),
    500: (
        _("Le site a un problème"),
        _("L’erreur vient de nous, pas de vous. Elle est notée : nous allons la regarder."),
    ),
    503: (
        _("Site occupé"),
        _("Le site ne peut pas répondre en ce moment. Réessayez dans une minute."),
    ),
}
CSRF_MESSAGE = (
    _("Formulaire resté ouvert trop longtemps"),
    _("Par sécurité, rien n’a été envoyé. Votre texte n’est pas perdu : revenez en arrière, il est encore là."),
)
#: The same, when what was typed is offered again below.
CSRF_AGAIN_MESSAGE = (
    CSRF_MESSAGE[0],
    _("Par sécurité, rien n’a été envoyé. Rien n’est perdu : appuyez sur « Envoyer à nouveau »."),
)
#: To a member of the place of the page.
MEMBER_MESSAGE = (
    _("Page réservée aux référents"),
    _("Vous êtes membre de ce lieu. Pour corriger sa fiche, signalez l’erreur ou demandez à un référent du lieu."),
)
#: To a member of some place, where the page is about none.
MEMBERS_MESSAGE = (
    _("Page réservée aux référents"),
    _(
        "Cette page sert aux référents des lieux et à la coordination. Vous êtes membre d’un lieu : pour corriger sa "
        "fiche, signalez l’erreur ou demandez à un référent du lieu."
    ),
)

SIGN_IN_MESSAGE = (
    _("Connectez-vous"),
    _(
        "Cette page est réservée aux membres du réseau. "
        "Connectez-vous avec votre adresse mail : il n’y a pas de mot de passe."
    ),
)
HELD_MESSAGE = (
    _("Connectez-vous pour envoyer votre texte"),
    _(
        "Votre texte n’est pas encore envoyé, mais il n’est pas perdu. "
        "Écrivez votre adresse mail : vous le retrouverez après la connexion."
    ),
)
#: Before the name of each field of a form that its sender has no session for, in the form of ``/connexion``.
HELD = "tenu-"


def wants_json(request: Request) -> bool:
    """Whether a program asked: an address that ends in ``.json`` or starts with ``/api/``."""
    path = raw_path(request)
    return path.endswith(".json") or path.startswith("/api/")


def message(status: int) -> tuple[str, str]:
    """French title and sentence for a status; those of 400 or 500 for one that has none."""
    return MESSAGES.get(status) or MESSAGES[400 if status < 500 else 500]


def error_response(
    request: Request, status: int, words: tuple[str, str] | None = None, *, said: Mapping[str, Any] | None = None,
    **more: Any,
) -> Response:  # fmt: skip
    """A response for an error.

    :param words: title and sentence (French msgids) instead of the usual ones. :param said: what fills their
        placeholders.
    :param more: ``incident`` (id to quote), ``fields`` (form contents to offer again), ``sign_in`` (what to do
        once signed in) and ``links`` ((msgid, path) of what can be done instead) for the template.
    """
    request.page_cache.public = False
    title, detail = (request.gettext(text, **(said or {})) for text in words or message(status))
    if wants_json(request):
        return _problem(request, status, title, detail, more.get("incident"))
    values = {
        "status": status,
        "title": title,
        "detail": detail,
        "incident": None,
        "fields": [],
        "sign_in": None,
        "links": (),
        **more,
    }
    try:
        body = render(TEMPLATE, values, request=request)
    except Exception:
        log.exception("the page of error itself failed")
        body = _bare(request.lang, title, detail, more.get("incident"))
    return Response(body, status=status, content_type="text/html", charset="utf-8")


def _problem(request: Request, status: int, title: str, detail: str, incident: str | None) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if incident:
        body["incident"] = incident
    response = Response(json.dumps(body, ensure_ascii=False).encode(), status=status)
    response.content_type = "application/problem+json"
    response.headers["Content-Language"] = request.lang
    return response


def _bare(lang: str, title: str, detail: str, incident: str | None) -> str:
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(detail)}</p><p>{escape(incident or '')}</p></html>"
    )


def http_error(exc: HTTPError, request: Request) -> Response:
    """Any 4xx or 5xx that was raised on purpose. ``exc.words``: title and sentence instead of the usual ones;
    ``exc.said``: what fills their placeholders; ``exc.links``: what can be done instead.
    """
    words, said, links = (getattr(exc, name, None) for name in ("words", "said", "links"))
    response = error_response(request, exc.status_code, words, said=said, links=links or ())
    for name in PASSED_ON:
        if name in exc.headers:
            response.headers[name] = exc.headers[name]
    return response


def forbidden(exc: HTTPForbidden, request: Request) -> Response:
    """403. Who is not signed in is asked to be, and finds the page or what they had written there afterwards; at once
    for a page that anybody may see who has an account. A member is told what they can do instead.
    """
    if (who := request.known_identity) is not None:
        return _not_yours(exc, request, who)
    if request.method in ("GET", "HEAD") and not wants_json(request) and _enough(exc, Role.PERSON):
        query = urlencode({"suite": request.path_qs})
        return HTTPSeeOther(f"{request.script_name}/connexion?{query}", headers={"Cache-Control": "no-store"})
    held = [(HELD + name, value) for name, value in resent_fields(request)]
    sign_in = {"path": request.path_qs, "fields": held}
    return error_response(request, 403, HELD_MESSAGE if held else SIGN_IN_MESSAGE, sign_in=sign_in)


def _enough(exc: HTTPForbidden, role: Role) -> bool:
    """Whether that role would have opened the page."""
    asked = getattr(exc.result, "args", ())  # of the policy: Denied("%s is not granted", permission)
    return any(permits(frozenset({role}), permission) for permission in asked)


def _not_yours(exc: HTTPForbidden, request: Request, who: Identity) -> Response:
    """To somebody who is signed in: a member whom only a référent's role would have let in is told what to do. The
    context was read when the permission was judged: nothing is asked of the database here.
    """
    base, context = request.script_name, request.context
    place = getattr(context, "structure_id", None) if isinstance(exc.result, Denied) else None
    here = who.roles_at(place)
    if not _enough(exc, Role.REFERENT) or Role.MEMBER not in here or Role.REFERENT in here:
        return http_error(exc, request)
    links = [(_("Voir mes lieux"), f"{base}/compte")]
    if present := getattr(context, "present", None):
        sheet = f"{base}/annuaire/{present[1]}-{present[0]}"
        links = [(_("Signaler une erreur"), f"{sheet}/signaler"), (_("Voir l’équipe"), f"{sheet}/equipe")]
    return error_response(request, 403, MEMBER_MESSAGE if place else MEMBERS_MESSAGE, links=links)


def not_found(exc: HTTPNotFound, request: Request) -> Response:
    """404, or 405 when the address exists for another method (Pyramid says 404 for both)."""
    if isinstance(exc, PredicateMismatch) and (allowed := allowed_methods(request)):
        response = error_response(request, 405)
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response
    return error_response(request, 404)


def allowed_methods(request: Request) -> set[str]:
    """The methods that the matched route answers, when this request's is not among them; else nothing."""
    route = getattr(request, "matched_route", None)
    found: set[str] = set()
    for entry in request.registry.introspector.get_category("views") or ():
        view = entry["introspectable"]
        if route is not None and view["route_name"] == route.name:
            methods = view["request_methods"]
            if methods is None:
                return set()
            found.update([methods] if isinstance(methods, str) else methods)
    return set() if request.method in found else found | ({"HEAD"} if "GET" in found else set())


def bad_csrf(_exc: BadCSRFToken | BadCSRFOrigin, request: Request) -> Response:
    """A form whose token is not, or no longer, good: 400, with its contents offered again when that is safe."""
    fields = resent_fields(request)
    return error_response(request, 400, CSRF_AGAIN_MESSAGE if fields else CSRF_MESSAGE, fields=fields)


def unreadable(exc: UnicodeDecodeError, request: Request) -> Response:
    """An address or a form that is not UTF-8 (Pyramid and WebOb let the decoding error through)."""
    log.warning("not UTF-8: %r", loggable_path(request), exc_info=exc)
    return error_response(request, 400)


def unexpected(exc: Exception, request: Request) -> Response:
    """Everything else: logged with an id that the reader can quote. A database that does not answer is a 503."""
    if is_error_retryable(request, exc):
        return Response(status=503)  # thrown away: pyramid_retry is about to run the request again
    incident = secrets.token_hex(4)
    log.error("incident %s: %s %r", incident, request.method, loggable_path(request), exc_info=exc)
    if not isinstance(exc, (OperationalError, PoolTimeout)):
        return error_response(request, 500, incident=incident)
    response = error_response(request, 503, incident=incident)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def includeme(config: Configurator) -> None:
    """One view for each kind of error."""
    config.add_exception_view(http_error, context=HTTPError)
    config.add_exception_view(forbidden, context=HTTPForbidden)
    config.add_notfound_view(not_found)
    config.add_exception_view(bad_csrf, context=BadCSRFToken)
    config.add_exception_view(bad_csrf, context=BadCSRFOrigin)
    config.add_exception_view(unreadable, context=UnicodeDecodeError)
    config.add_exception_view(unexpected, context=Exception)
