"""The archive of the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.newsletter.composing.addresses import subscribe_url
from feeds.newsletter.reading import pictures, services
from feeds.newsletter.reading.page import issue_page
from feeds.newsletter.reading.routes import IssueContext
from reseau.core.changes import current_seq
from reseau.core.letters import Site
from reseau.groups.routes import page_number
from reseau.web.caching import conditional
from reseau.web.security import Permission
from resources.base import langs
from resources.files.extraction import WIDE

if TYPE_CHECKING:
    from pyramid.request import Request

_TYPES = {"png": "image/png", "svg": "image/svg+xml"}
_DAY = "public, max-age=86400"


@view_config(
    route_name="letters.archive", permission=Permission.DIRECTORY_READ, cache="public", request_method="GET",
    renderer="templates/archive.jinja2",
)  # fmt: skip
def archive(request: Request) -> dict[str, Any]:
    """All issues, the newest first."""
    conditional(request, current_seq(request.db))
    return {"found": services.listed(request.db, request.lang, page_number(request)), "direction": langs.direction}


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class IssuePages:
    """One issue, on screen and on paper."""

    def __init__(self, context: IssueContext, request: Request) -> None:
        self.context, self.request = context, request

    def _page(self) -> dict[str, Any]:
        request, issue = self.request, self.context.issue
        conditional(request, current_seq(request.db))
        site = Site.of(request.config)
        page = issue_page(request.db, issue, request.lang, site)
        here = request.script_name + self.context.path
        return {"page": page, "issue": issue, "here": here, "online": site.url + self.context.path}

    @view_config(route_name="letters.issue", renderer="templates/issue.jinja2")
    def read(self) -> dict[str, Any]:
        request, found = self.request, self._page()
        before, after = services.beside(request.db, self.context.issue, request.lang)
        return {**found, "before": before, "after": after, "direction": langs.direction}

    @view_config(route_name="letters.issue.print", renderer="templates/print.jinja2")
    def paper(self) -> dict[str, Any]:
        return self._page()


@view_config(route_name="letters.qr.png", permission=Permission.DIRECTORY_READ, request_method="GET")
@view_config(route_name="letters.qr.svg", permission=Permission.DIRECTORY_READ, request_method="GET")
@view_config(route_name="letters.qr.code.png", permission=Permission.DIRECTORY_READ, request_method="GET")
@view_config(route_name="letters.qr.code.svg", permission=Permission.DIRECTORY_READ, request_method="GET")
def qr_code(request: Request) -> Response:
    """The QR code of the subscribe address, of a relay or of nobody. It tells nothing of who looks at it."""
    code, kind = request.matchdict.get("code", ""), request.matched_route.name.rpartition(".")[2]
    if code:
        code = _relay(request, code).code
    made = pictures.qr(subscribe_url(request.config.public_url.rstrip("/"), code), kind)
    return _picture(made, _TYPES[kind])


@view_config(route_name="letters.logo", permission=Permission.DIRECTORY_READ, request_method="GET")
def logo(request: Request) -> Response:
    """The logo of a relay, as mails show it."""
    sha = _relay(request, request.matchdict["code"]).logo_sha
    path = request.registry["files"].beside(sha, WIDE) if sha else None
    if path is None or not path.is_file():
        raise HTTPNotFound
    return _picture(pictures.logo(path), "image/png")


def _relay(request: Request, code: str) -> Any:
    found = services.of_code(request.db, code)
    if found is None:
        raise HTTPNotFound
    return found


def _picture(body: bytes, media_type: str) -> Response:
    made = Response(body=body, content_type=media_type, charset=None)
    made.headers["Cache-Control"] = _DAY
    return made
