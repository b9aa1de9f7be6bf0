"""The journal of state changes, by declaration: a state-changing view says ``journal="sheet.edit"``, and each request
that it answers without an error leaves one row (``reseau.core.audit``), in the same transaction.

A view that forgets stops the start-up; one that has nothing to journal says why (``journal_exempt_reason``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.config import PHASE3_CONFIG
from pyramid.exceptions import ConfigurationError

from reseau.core import audit
from reseau.core.actors import Actor, Side, network_prefix
from reseau.web.csrf import STATE_CHANGING

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

_KEY = "reseau.journal"


def note(request: Request, object_id: UUID | None = None, /, **detail: Any) -> None:
    """``request.journal(id, fields=[…])``: what this request acts upon, for its row of the journal."""
    kept = request.environ.setdefault(_KEY, {"object_id": None, "detail": {}})
    kept["object_id"] = object_id or kept["object_id"]
    kept["detail"] |= detail


def skip(request: Request) -> None:
    """``request.journal_nothing()``: this request changed nothing after all, and leaves no row."""
    request.environ[_KEY] = None


def actor(request: Request) -> Actor:
    """Who makes this request: for services that write down who acts.

    A person acts for the place when they belong to it; else for the coordination, if they are of it.
    """
    return Actor(request.side, request.identity.person_id if request.identity else None, network(request))


def network(request: Request) -> str:
    """The network prefix of the request."""
    return network_prefix(request.client_addr)


def _side(request: Request) -> Side:
    return request.registry["security.policy"].side(request, request.context)  # type: ignore[no-any-return]


def journal_deriver(view: Any, info: Any) -> Any:
    """View option ``journal``."""
    action = info.options.get("journal")
    if not action:
        return view

    def journaled(context: Any, request: Request) -> Any:
        response = view(context, request)
        if request.method in STATE_CHANGING and response.status_code < 400:
            _write(request, action, getattr(context, "structure_id", None))
        return response

    return journaled


def _write(request: Request, action: str, object_id: UUID | None) -> None:
    kept = request.environ.get(_KEY, {"object_id": None, "detail": {}})
    if kept is not None:
        now = request.registry["clock"]()
        audit.record(request.db, request.actor, action, now, kept["object_id"] or object_id, **kept["detail"])


journal_deriver.options = ("journal", "journal_exempt_reason")  # type: ignore[attr-defined]


def check(config: Configurator) -> None:
    """Refuse to start when a view that can change something is not journaled and does not say why.

    :raises ConfigurationError: names the view.
    """
    for entry in config.introspector.get_category("views") or ():
        view = entry["introspectable"]
        methods = view["request_methods"]
        methods = {methods} if isinstance(methods, str) else set(methods or ())
        if view["exception_only"] or not methods & STATE_CHANGING:
            continue
        if not (view.get("journal") or view.get("journal_exempt_reason")):
            where = view["route_name"] or view["name"] or view["callable"]
            raise ConfigurationError(f"{where}: changes something without journal= or journal_exempt_reason=")


def includeme(config: Configurator) -> None:
    """``request.actor``, ``side``, ``journal()`` and ``journal_nothing()``, the view option, the start-up check."""
    config.add_request_method(actor, "actor", reify=True)
    config.add_request_method(_side, "side", reify=True)
    config.add_request_method(network, "network", reify=True)
    config.add_request_method(note, "journal")
    config.add_request_method(skip, "journal_nothing")
    config.add_view_deriver(journal_deriver, name="journal")
    config.action(None, check, args=(config,), order=PHASE3_CONFIG + 10)
