"""Security headers, caching headers, language and compression, on every response, errors included.

One tween above all others, so that nothing leaves without them. It is also the last net: an exception that
left the tweens below (a commit that fails happens *above* Pyramid's own exception views) becomes an error
page here.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pyramid.tweens import EXCVIEW, INGRESS

from reseau.web import caching
from reseau.web.csrf import token_used

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.registry import Registry
    from pyramid.request import Request
    from pyramid.response import Response

    from reseau.settings import Settings

GZIP_OVER_BYTES = 1024
GZIP_LEVEL = 5  # level 9: 2 % smaller, twice the time, measured on a page of 25 results
_TEXT = frozenset({"application/json", "application/geo+json", "application/xml", "application/atom+xml",
                   "application/ld+json", "image/svg+xml"})  # fmt: skip


def content_security_policy(tiles_url: str) -> str:
    """The policy: nothing but our own files, and images from the host of the map tiles, if there is one."""
    images = " ".join(filter(None, ("'self'", "data:", tiles_origin(tiles_url))))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {images}; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def tiles_origin(tiles_url: str) -> str:
    """Origin of a tile address: ``https://*.tile.example`` for ``https://{s}.tile.example/{z}/{x}/{y}.png``."""
    parts = urlsplit(tiles_url.replace("{s}", "*"))
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers that never change from one response to the next."""
    found = {
        "Content-Security-Policy": content_security_policy(settings.tiles_url),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: over HTTPS a browser then sends "Origin: null" and every form is refused (400).
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if urlsplit(settings.public_url).scheme == "https":
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


def compress(request: Request, response: Response) -> None:
    """Compress a public text in place, when the browser accepts it; never a page that carries a CSRF token."""
    if (
        not request.page_cache.public
        or token_used(request)
        or response.status_code != 200
        or "Content-Encoding" in response.headers
        or not is_text(response.content_type or "")
        or not isinstance(response.app_iter, list)  # streamed from the disk: it must not come into memory
        or len(response.body) <= GZIP_OVER_BYTES
    ):
        return
    caching.add_vary(response, "Accept-Encoding")
    if request.accept_encoding and request.accept_encoding.acceptable_offers(["gzip"]):
        response.body = gzip.compress(response.body, GZIP_LEVEL, mtime=0)
        response.content_encoding = "gzip"


def is_text(content_type: str) -> bool:
    """Whether a body of this type gets smaller when compressed."""
    return content_type.startswith("text/") or content_type in _TEXT


def tween_factory(handler: Callable[[Request], Response], registry: Registry) -> Callable[[Request], Response]:
    """The tween. See the module."""
    fixed = security_headers(registry.settings_typed)

    def headers_tween(request: Request) -> Response:
        lang = request.locale_name  # asked for here, so that a choice is remembered whatever answers
        try:
            response = handler(request)
        except Exception:
            response = request.invoke_exception_view(sys.exc_info(), reraise=True)
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        if response.content_type == "text/html" and "Content-Language" not in response.headers:
            response.headers["Content-Language"] = lang
        caching.apply(request, response)
        compress(request, response)
        return response

    return headers_tween


def includeme(config: Configurator) -> None:
    """Put the tween right under the server, over the transaction's and over the exception views."""
    config.add_tween("reseau.web.headers.tween_factory", under=INGRESS, over=("pyramid_tm.tm_tween_factory", EXCVIEW))
