"""The page of the link that stops mails: one button, nobody signs in. Mail programs send the POST by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.view import view_config, view_defaults

from reseau.core import cards, stopping
from reseau.members.models import Person, PersonState
from reseau.notices import services, sources
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

GONE = 410
_WHY = "the signed token of the mail says who; mail programs send this by themselves, without a cookie (RFC 8058)"


@view_defaults(route_name="notices.stop", permission=Permission.NOTICE_STOP, renderer="templates/stop.jinja2")
class StopPages:
    """Stop the mails about one thing, or all of them."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()
        self.found = stopping.read(request.config.secret, request.matchdict["token"], self.now)
        about = self.found[1] if self.found else None
        self.words = sources.stop_of(about[0]) if about else None
        if about and self.words is None:
            self.found = None  # about a kind of things that the site has no more

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown(done=False)

    @view_config(request_method="POST", journal="notice.stop", require_csrf=False, csrf_exempt_reason=_WHY)
    def stop(self) -> dict[str, Any]:
        person = self._person()
        if person is None or self.found is None:
            self.request.journal_nothing()
            return self._shown(done=True)
        about = self.found[1]
        if about:
            services.stop_about(self.request.db, person, about, self.now)
        else:
            services.stop_all(self.request.db, person, self.now)
        self.request.journal(person.id)
        return self._shown(done=True)

    @view_config(
        request_method="POST", request_param="annuler=1", journal="notice.on", require_csrf=False,
        csrf_exempt_reason=_WHY,
    )  # fmt: skip
    def undo(self) -> dict[str, Any]:
        """It was a mistake: whoever may stop by this link may take it back, and no more."""
        person = self._person()
        if person is None or self.found is None:
            self.request.journal_nothing()
        elif services.undo_stop(self.request.db, person, self.found[1], self.now):
            self.request.journal(person.id)
        else:
            self.request.journal_nothing()
        return self._shown(done=False) | {"undone": True}

    def _person(self) -> Person | None:
        person = self.request.db.get(Person, self.found[0]) if self.found else None
        return person if person is not None and person.state != PersonState.GONE.value else None

    def _shown(self, *, done: bool) -> dict[str, Any]:
        """The title is shown to who holds the mail that says it already."""
        if self.found is None:
            self.request.response.status_int = GONE
            return {"dead": True, "done": False, "about": None, "whole": False, "stop": None, "undone": False}
        about = self.found[1]
        card = cards.by_refs(self.request.db, [about]).get(about) if about else None
        shown = card if card is not None and card.visibility == "public" else None
        return {"dead": False, "done": done, "about": shown, "whole": about is None, "stop": self.words,
                "undone": False}  # fmt: skip
