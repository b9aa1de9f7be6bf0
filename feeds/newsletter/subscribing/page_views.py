"""The page of the letter, and that of the link that confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from feeds.newsletter import links
from feeds.newsletter.subscribing import desk, recent, services
from feeds.newsletter.subscribing.forms import SubscribeForm
from reseau.core.letters import Site
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

GONE, TOO_MANY_REQUESTS = 410, 429
RETRY_AFTER = "3600"
TOO_MANY = (
    _("Trop de demandes"),
    _("Beaucoup d’inscriptions ont été demandées depuis votre connexion. Recommencez dans une heure."),
)


@view_defaults(permission=Permission.LETTER_SUBSCRIBE)
class LetterPages:
    """What the letter is, and how to receive it."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    @view_config(route_name="subscribing.page", request_method="GET", renderer="templates/lettre.jinja2")
    def page(self) -> dict[str, Any]:
        code = self.request.GET.get("r", "")[:40]
        if code:
            for told in self.request.registry["letter.visited"]:
                told(self.request, code)
        return self._shown(SubscribeForm(self.request, langue=self.request.lang, r=code))

    @view_config(
        route_name="subscribing.page", request_method="POST", renderer="templates/lettre.jinja2", journal="letter.ask"
    )
    def send(self) -> Any:
        request, form = self.request, SubscribeForm(self.request)
        if not form.validate():
            return refuse(request, **self._shown(form))
        if form.is_spam:
            request.journal_nothing()
            return self._sent()
        if not services.may_ask(request.db, form.adresse.data, request.network, self.now):
            request.response.status_int = TOO_MANY_REQUESTS  # returned, not raised: what was counted is kept
            request.response.headers["Retry-After"] = RETRY_AFTER
            return self._shown(form) | {"too_many": TOO_MANY}
        came_by = desk.relay_of_code(request.db, form.r.data or "")
        services.ask(request.db, Site.of(request.config), form.adresse.data, form.choices, self.now, came_by=came_by)
        return self._sent()

    def _sent(self) -> HTTPSeeOther:
        return HTTPSeeOther(self.request.route_path("subscribing.sent"))

    def _shown(self, form: SubscribeForm) -> dict[str, Any]:
        return {"form": form, "too_many": None, "issues": recent.issues(self.request.db, self.request.lang)}

    @view_config(route_name="subscribing.sent", request_method="GET", renderer="templates/envoye.jinja2")
    def sent(self) -> dict[str, Any]:
        return {}


@view_defaults(
    route_name="subscribing.confirm", permission=Permission.LETTER_SUBSCRIBE, renderer="templates/confirmer.jinja2"
)
class ConfirmPages:
    """One large button. Opening the page changes nothing: mail scanners open every link."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()
        self.token, self.secret = request.matchdict["token"], request.config.secret

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        worth, subscriber = services.awaited(self.request.db, self.secret, self.token, self.now)
        return self._shown(worth) | {"email": subscriber.email if subscriber and worth == "wait" else ""}

    @view_config(request_method="POST", journal="letter.confirm")
    def confirm(self) -> Any:
        worth, subscriber = services.confirm(self.request.db, self.secret, self.token, self.now)
        if worth != "done" or subscriber is None:
            # A link that was used once shows nothing more, least of all the one that is good for ever.
            self.request.journal_nothing()
            return self._shown("done" if worth == "already" else "dead") | {"email": ""}
        self.request.journal(subscriber.id)
        token = links.of_reader(self.secret, subscriber.key)
        return HTTPSeeOther(self.request.route_path("subscribing.reader", token=token, _query={"bienvenue": "1"}))

    def _shown(self, worth: str) -> dict[str, Any]:
        if worth == "dead":
            self.request.response.status_int = GONE
        return {"worth": worth}
