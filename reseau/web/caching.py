"""What browsers and proxies may keep. A view says ``cache="public"``, or nothing: then ``private, no-store``.

Public pages are kept but asked for again each time (``max-age=0, must-revalidate``): the directory changes
when an import runs, and a 304 costs less than a page that is out of date. They vary by language and cookie.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyramid.exceptions import ConfigurationError
from pyramid.httpexceptions import HTTPNotModified
from pyramid.settings import asbool

from reseau.web.csrf import token_used
from reseau.web.i18n import chosen
from reseau.web.security import SESSION_COOKIE

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request
    from pyramid.response import Response

PUBLIC = "public, max-age=0, must-revalidate"
PRIVATE = "private, no-store"
VARY = ("Accept-Language", "Cookie")
_SOURCES = frozenset({".py", ".jinja2", ".mo", ".css", ".js", ".svg", ".toml", ".txt", ".tsv"})
_SEEN_BY_PAGES = ("site_name", "public_url", "territory_name", "timezone", "country", "demo", "search",
                  "default_language", "tiles_url", "tiles_attribution")  # fmt: skip


@dataclass(slots=True)
class PageCache:
    """What is decided for one response. :param declared: the view said ``cache="public"``. :param public: and nobody is
    signed in: to them pages show more. :param etag: opaque part, no quotes.
    """

    declared: bool = False
    public: bool = False
    etag: str | None = None


def conditional(request: Request, *parts: object) -> None:
    """Answer 304 at once when the browser already has this page; call it before the work.

    :param parts: everything that the content depends on besides address, language and deployment: the ``seq``
        of the change log, the minute if the page says "open now"… Each is compared by its ``str``.
    :raises HTTPNotModified: the browser's copy is still good.
    :raises RuntimeError: the view did not declare ``cache="public"``.
    """
    state: PageCache = request.page_cache
    if not state.declared:
        raise RuntimeError("conditional() in a view without cache='public'")
    version = request.registry.get("reseau.deployment")
    if version is None or not state.public:
        return
    seen = (version, request.locale_name, request.path_qs, *map(str, parts))
    state.etag = hashlib.sha256("\x00".join(seen).encode()).hexdigest()[:32]
    if request.method in ("GET", "HEAD") and not chosen(request) and state.etag in request.if_none_match:
        raise HTTPNotModified()


def apply(request: Request, response: Response) -> None:
    """Set Cache-Control, ETag and Vary on ``response``; a response that has its own Cache-Control keeps it."""
    if "Cache-Control" in response.headers:
        return
    state: PageCache = request.page_cache
    if not state.public or response.status_code not in (200, 304) or token_used(request):
        response.headers["Cache-Control"] = PRIVATE
        response.headers.pop("ETag", None)
        return
    # The answer to ?langue= carries a cookie: a proxy that kept it would give that language to the next
    # reader.
    response.headers["Cache-Control"] = PRIVATE if chosen(request) else PUBLIC
    if state.etag:
        response.headers["ETag"] = f'W/"{state.etag}"'
    add_vary(response, *VARY)


def add_vary(response: Response, *names: str) -> None:
    """Add to ``Vary`` what is not there yet."""
    present = list(response.vary or ())
    known = {name.lower() for name in present}
    response.vary = present + [name for name in names if name.lower() not in known]


def deployment_version(root: Path, settings: Any) -> str:
    """Digest of all that shapes a page besides its data: code, templates, catalogues, assets, a few settings.

    By content, not by date: two machines that serve the same release must agree on it.
    """
    found = hashlib.sha256(repr([getattr(settings, name) for name in _SEEN_BY_PAGES]).encode())
    for path in sorted(path for path in root.rglob("*") if path.suffix in _SOURCES):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def cache_deriver(view: Any, info: Any) -> Any:
    """View option ``cache``: ``public`` or ``private`` (default)."""
    declared = info.options.get("cache")
    if declared not in (None, "public", "private"):
        raise ConfigurationError(f"cache={declared!r} is neither public nor private")
    if declared != "public":
        return view

    def public_view(context: Any, request: Request) -> Any:
        request.page_cache.declared = True
        request.page_cache.public = SESSION_COOKIE not in request.cookies
        return view(context, request)

    return public_view


cache_deriver.options = ("cache",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    """``request.page_cache`` and the view option ``cache``."""
    config.add_request_method(lambda _request: PageCache(), "page_cache", reify=True)
    config.add_view_deriver(cache_deriver, name="cache_policy")
    # While developing, templates change under a running process: no version, hence no 304.
    if not asbool(config.get_settings().get("pyramid.reload_templates")):
        home = Path(__file__).parents[2]
        settings = config.registry.settings_typed
        versions = [deployment_version(home / package, settings) for package in ("reseau", "resources", "feeds")]
        config.registry["reseau.deployment"] = "-".join(versions)
