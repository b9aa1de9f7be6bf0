"""The page of the link that each letter carries: leave, fewer, change, undo. It never expires. Mail programs leave by a
POST of their own (RFC 8058)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.newsletter.subscribing import consenting, services
from feeds.newsletter.subscribing.forms import ChoicesForm
from feeds.newsletter.subscribing.services import Choices
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

NOT_FOUND = 404
_WHY = "the signed token of the letter says who; mail programs send this by themselves, without a cookie (RFC 8058)"


def _hidden(email: str) -> str:
    """``m…@exemple.fr``: enough for its owner; a letter that is forwarded carries its link."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


@view_defaults(
    route_name="subscribing.reader", permission=Permission.LETTER_SUBSCRIBE, renderer="templates/lecteur.jinja2"
)
class ReaderPages:
    """One subscription, before whoever holds one of its letters."""

    def __init__(self, request: Request) -> None:
        self.request, self.now, self.db = request, request.registry["clock"](), request.db
        self.secret = request.config.secret
        self.ours, self.found = services.by_token(self.db, self.secret, request.matchdict["token"])
        if not self.ours and request.method not in ("GET", "HEAD"):
            raise HTTPNotFound

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown()

    @view_config(
        request_method="POST", request_param="List-Unsubscribe=One-Click", require_csrf=False, csrf_exempt_reason=_WHY,
        journal="letter.leave",
    )  # fmt: skip
    def one_click(self) -> Response:
        """A mail program leaves for its owner: at once, 200, nowhere else. Again: the same answer."""
        self._leave(consenting.ONE_CLICK)
        said = self.request.gettext(_("C’est fait : vous ne recevrez plus la lettre."))
        return Response(said, content_type="text/plain", charset="utf-8")

    @view_config(request_method="POST", request_param="faire=quitter", journal="letter.leave")
    def leave(self) -> Any:
        self._leave(consenting.PAGE)
        return self._to(parti="1")

    def _leave(self, source: str) -> None:
        done = self.found is not None and services.leave(self.db, self.found, source, self.now, secret=self.secret)
        if self.found is None or not done:
            self.request.journal_nothing()
        else:
            self.request.journal(self.found.id)

    @view_config(request_method="POST", request_param="faire=annuler", journal="letter.undo")
    def undo(self) -> Any:
        if self.found is None or not services.undo(self.db, self.found, consenting.PAGE, self.now, secret=self.secret):
            self.request.journal_nothing()
            return self._to(tard="1")
        self.request.journal(self.found.id)
        return self._to(annule="1")

    @view_config(request_method="POST", request_param="faire=choisir", journal="letter.change")
    def change(self) -> Any:
        if self.found is None or self.found.state != services.ACTIVE:
            self.request.journal_nothing()
            return self._to()
        form = ChoicesForm(self.request, Choices.of(self.found))
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        if services.change(self.db, self.found, form.choices, consenting.PAGE, self.now):
            self.request.journal(self.found.id)
        else:
            self.request.journal_nothing()
        return self._to(enregistre="1")

    def _to(self, **query: str) -> HTTPSeeOther:
        token = self.request.matchdict["token"]
        return HTTPSeeOther(self.request.route_path("subscribing.reader", token=token, _query=query or None))

    def _shown(self, form: ChoicesForm | None = None) -> dict[str, Any]:
        one = self.found
        if not self.ours:
            self.request.response.status_int = NOT_FOUND  # returned: the page says what to do with a link cut short
        active = one is not None and one.state == services.ACTIVE
        said = next((name for name in ("bienvenue", "annule", "tard", "enregistre") if name in self.request.GET), "")
        return {
            "one": one,
            "address": _hidden(one.email) if one is not None else "",
            "ours": self.ours,
            "form": (form or ChoicesForm(self.request, Choices.of(one))) if one is not None and active else None,
            "undoable": one is not None and services.may_undo(self.db, self.secret, one, self.now),
            "said": said,
        }
