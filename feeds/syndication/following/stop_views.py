"""The page of the link that stops alerts: one button, nobody signs in. Mail programs send the POST by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.view import view_config, view_defaults

from feeds.syndication.following import saved, stops
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

GONE = 410
_WHY = "the signed token of the mail says who; mail programs send this by themselves, without a cookie (RFC 8058)"


@view_defaults(route_name="following.stop", permission=Permission.NOTICE_STOP, renderer="templates/arret.jinja2")
class StopPages:
    """Stop the alerts of a search, or all of them."""

    def __init__(self, request: Request) -> None:
        self.request = request
        now = request.registry["clock"]()
        self.found = stops.read(request.config.secret, request.matchdict["token"], now)

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown("")

    @view_config(request_method="POST", journal="search.stop", require_csrf=False, csrf_exempt_reason=_WHY)
    def stop(self) -> dict[str, Any]:
        return self._done(saved.stop(self.request.db, *self.found) if self.found else 0, "stopped")

    @view_config(
        request_method="POST", request_param="annuler=1", journal="search.on", require_csrf=False,
        csrf_exempt_reason=_WHY,
    )  # fmt: skip
    def undo(self) -> dict[str, Any]:
        """It was a mistake: whoever may stop by this link may take it back, and no more."""
        return self._done(saved.undo_stop(self.request.db, *self.found) if self.found else 0, "undone")

    def _done(self, count: int, done: str) -> dict[str, Any]:
        if count and self.found:
            self.request.journal(self.found[1] or self.found[0])
        else:
            self.request.journal_nothing()
        return self._shown(done)

    def _shown(self, done: str) -> dict[str, Any]:
        if self.found is None:
            self.request.response.status_int = GONE
        return {"dead": self.found is None, "done": done, "whole": bool(self.found and self.found[1] is None)}
