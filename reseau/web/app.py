"""Puts the application together: the web floor, the engine, the rooms given by name."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPRequestEntityTooLarge
from pyramid.request import Request
from sqlalchemy.exc import SQLAlchemyError
from webob.cookies import RequestCookies

from reseau.search.protocol import SearchError
from reseau.settings import Settings
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.registry import Registry
    from pyramid.router import Router

log = logging.getLogger(__name__)

#: Bytes. A charter of 20,000 Arabic letters is 120 kB in a form. A hostile one of this size, 130,000 fields, takes
#: 0.24 s and 23 MB to read.
MAX_FORM = 256 * 1024
TOO_LARGE = (
    _("Texte trop long"),
    _("Ce que vous envoyez est trop long pour le site : rien n’a été enregistré. Revenez en arrière et raccourcissez."),
)


class ReseauRequest(Request):  # type: ignore[misc]
    """A request that cannot be read is refused with a page of ours, whatever WebOb raises.

    Forms are kept in memory: WebOb puts those over 10 kB into a temporary file that nobody closes. Larger ones than
    ``MAX_FORM`` are refused before they are read, except where files are sent: there ``environ["reseau.form"]`` gives
    the fields (``resources.files.upload_views``).
    """

    request_body_tempfile_limit = 1024 * 1024

    def __init__(self, environ: dict[str, Any], *args: Any, **more: Any) -> None:
        sent = environ.get("HTTP_COOKIE", "")
        if "\\" in sent or not sent.isascii():
            environ["HTTP_COOKIE"] = readable_cookies(sent)
        body: Any = environ.get("wsgi.input")
        if len(environ.get("CONTENT_LENGTH") or "") > 5 and hasattr(body, "seekable") and body.seekable():
            environ["webob.is_body_seekable"] = (
                True  # else it would be copied, to be sent again should we have to retry
            )
        super().__init__(environ, *args, **more)

    @property
    def POST(self) -> Any:
        """The fields of the form. :raises HTTPRequestEntityTooLarge: over ``MAX_FORM``. :raises HTTPBadRequest: not
        UTF-8, no end, parts in parts.
        """
        if (form := self.environ.get("reseau.form")) is not None:
            return form
        if (self.content_length or 0) > MAX_FORM:
            error = HTTPRequestEntityTooLarge()
            error.words = TOO_LARGE
            raise error
        try:
            return super().POST
        except (DeprecationWarning, LookupError, ValueError, RecursionError):
            raise HTTPBadRequest from None


def readable_cookies(header: str) -> str:
    """The cookies that are UTF-8 once unquoted. One that is not, perhaps of another site of the same domain, must not
    take the others away: its reader would be signed out of here.
    """

    def readable(pairs: str) -> bool:
        try:
            return RequestCookies({"HTTP_COOKIE": pairs}).get("") is None
        except UnicodeDecodeError:
            return False

    kept = ";".join(pair for pair in header.split(";") if readable(pair))
    return kept if readable(kept) else ""


def make_app(settings: Settings, rooms: Iterable[str]) -> Router:
    """The WSGI application.

    :param rooms: dotted names of packages with ``includeme``, in the order in which their routes are tried.
    """
    config = Configurator(request_factory=ReseauRequest)
    config.registry.settings_typed = settings
    config.registry["warm"] = []
    config.include("reseau.web.database")
    config.include("reseau.web")
    config.include("reseau.search")
    for room in rooms:
        config.include(room)
    app = config.make_wsgi_app()
    _warm(app.registry)
    # What is alive now lives as long as the process: the collector need not look at it again, nor as often at the rest
    # (both together: p99 / 8, measured before building).
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    return app


def _warm(registry: Registry) -> None:
    """Read ahead what the first visitor would wait for; a database that is not ready yet is no reason not to start."""
    try:
        with registry["read_sessions"]() as session:
            for read in registry["warm"]:
                read(session)
        registry["search.engine"].warm()
    except (SQLAlchemyError, SearchError):
        log.warning("not everything could be read ahead", exc_info=True)
