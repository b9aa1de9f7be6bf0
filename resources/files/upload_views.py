"""Views that take files: ``takes_files=True``. The body is read before any transaction of the request begins (a large
file must not keep others from writing), in this order:

1. The token, which is the first field of the form (``ui.csrf_field()``) or the header ``X-CSRF-Token``: nothing after
   it is read for a form of another site.
2. Who sends: a short reading transaction of its own. From somebody who is not signed in nothing is read either.
3. The form: fields in memory, files staged on the disk, recognised, scanned. ``request.upload`` is what came
   (:class:`resources.files.receiving.Received`); its fields are ``request.POST`` too.
4. The permission, the view. A view looks at ``request.upload.error`` first: ``refuse`` the form with its sentence.

What no ``services.add`` has kept is discarded when the request ends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyramid.config import PHASE3_CONFIG
from pyramid.exceptions import ConfigurationError
from pyramid.httpexceptions import HTTPForbidden
from pyramid.tweens import INGRESS
from webob.multidict import MultiDict

from reseau.members.sessions import identify
from reseau.web.app import MAX_FORM
from reseau.web.csrf import STATE_CHANGING
from reseau.web.security import SESSION_COOKIE
from resources.files.admission import TAKES_FILES
from resources.files.errors import UploadError
from resources.files.receiving import Received, first_field, receive
from resources.files.services import Limits, inspect

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

FORM = "reseau.form"
_PLACEHOLDER = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}")


def token_deriver(view: Any, info: Any) -> Any:
    """View option ``takes_files``, first half: the check of the token sees the first field only."""
    if not info.options.get("takes_files"):
        return view

    def first(context: Any, request: Request) -> Any:
        request.environ.pop(FORM, None)
        if _is_large_form(request):
            found = first_field(request.body_file_raw, request.headers["Content-Type"], request.content_length)
            request.body_file_raw.seek(0)
            request.environ[FORM] = MultiDict([found] if found else [])
        return view(context, request)

    return first


token_deriver.options = ("takes_files",)  # type: ignore[attr-defined]


def body_deriver(view: Any, info: Any) -> Any:
    """Second half, once the token is good: read the form of who is signed in."""
    if not info.options.get("takes_files"):
        return view

    def read(context: Any, request: Request) -> Any:
        if request.method in STATE_CHANGING and request.content_type == "multipart/form-data":
            if _signed_in(request):
                _receive(request)
            elif request.environ.pop(FORM, None) is not None:
                raise HTTPForbidden
        return view(context, request)

    return read


body_deriver.options = ("takes_files",)  # type: ignore[attr-defined]


def _is_large_form(request: Request) -> bool:
    """Too large for WebOb, which reads forms into memory."""
    return (
        request.method in STATE_CHANGING
        and request.content_type == "multipart/form-data"
        and (request.content_length or 0) > MAX_FORM
    )


def _signed_in(request: Request) -> bool:
    secret = request.cookies.get(SESSION_COOKIE)
    if not secret:
        return False
    with request.registry["read_sessions"]() as session:
        return identify(session, secret, request.registry["clock"]()) is not None


def _receive(request: Request) -> None:
    limits: Limits = request.registry["files.limits"]
    store, stream = request.registry["files"], request.body_file_raw
    stream.seek(0)
    found = receive(stream, request.headers["Content-Type"], request.content_length or 0, store, limits.most)
    request.add_finished_callback(lambda _request: found.discard())
    if not found.error:
        try:
            found.files = [(field, staged, inspect(staged.path, name, limits)) for field, staged, name in found.files]
        except UploadError as error:
            found.error = error
            found.discard()
            found.files = []
    request.environ[FORM] = MultiDict(found.fields)
    request.upload = found


def upload(_request: Request) -> Received:
    """``request.upload`` where nothing was sent."""
    return Received()


def check(config: Configurator) -> None:
    """Refuse to start when a view takes files at an address where the server lets none through.

    :raises ConfigurationError: names the address.
    """
    introspector = config.introspector
    for entry in introspector.get_category("views") or ():
        view = entry["introspectable"]
        if not view.get("takes_files"):
            continue
        route = introspector.get("routes", view["route_name"])
        sample = _PLACEHOLDER.sub("x", route["pattern"])
        if not TAKES_FILES.search(sample):
            raise ConfigurationError(f"{sample}: takes_files=True, but the server lets no large body through there")


def includeme(config: Configurator) -> None:
    """The view option, ``request.upload``, the start-up check."""
    config.registry["files.limits"] = Limits.of(config.registry.settings_typed)
    config.add_request_method(upload, "upload", reify=True)
    config.add_view_deriver(token_deriver, name="takes_files", under=INGRESS, over="csrf_view")
    config.add_view_deriver(body_deriver, name="takes_files_body", under="csrf_view", over="secured_view")
    config.action(None, check, args=(config,), order=PHASE3_CONFIG + 10)
