"""What readers of feeds keep, and how they ask whether it is still good (RFC 9110, §13)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from reseau.core.clock import utcnow
from reseau.web.caching import PUBLIC, VARY, add_vary
from reseau.web.i18n import chosen

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

#: A date says whole seconds: what was written in the present one may be followed by more in the same one.
_SETTLED: Final = timedelta(seconds=2)


class Validators:
    """ETag and Last-Modified of a document. :param mark: changes when the document may. :param at: a moment after which
    nothing was written that changes it; None: it has no date.

    Nothing is kept for who is signed in, nor while the code changes under the process (no version of it).
    """

    def __init__(self, request: Request, mark: str, at: datetime | None) -> None:
        self.request = request
        version = request.registry.get("reseau.deployment")
        self.kept = bool(version and request.page_cache.public)
        seen = (str(version), request.locale_name, request.path_qs, mark)
        self.etag = hashlib.sha256("\x00".join(seen).encode()).hexdigest()[:32]
        settled = at is not None and timedelta() <= utcnow() - at - _SETTLED
        self.changed = at.astimezone(UTC).replace(microsecond=0) if at and settled else None

    def unchanged(self) -> bool:
        """Whether the reader has this document already: the answer is 304, with :meth:`on`."""
        request = self.request
        if not self.kept or request.method not in ("GET", "HEAD"):
            return False
        if "If-None-Match" in request.headers:
            return self.etag in request.if_none_match
        since = _date(request)
        return bool(since and self.changed and self.changed <= since)

    def on(self, response: Response) -> Response:
        """The response with what tells that it may be kept."""
        response.headers["Access-Control-Allow-Origin"] = "*"
        if not self.kept:
            return response
        response.headers["Cache-Control"] = PUBLIC
        response.headers["ETag"] = f'W/"{self.etag}"'
        if self.changed:
            response.last_modified = self.changed
        add_vary(response, *VARY)
        if chosen(self.request):  # the language is in the address: no cookie remembers it, proxies may keep the answer
            self.request.add_response_callback(_without_cookie)
        return response


def _date(request: Request) -> datetime | None:
    try:
        found: datetime | None = request.if_modified_since
    except (ValueError, OverflowError):
        return None
    return found


def _without_cookie(_request: Request, response: Response) -> None:
    response.headers.pop("Set-Cookie", None)
