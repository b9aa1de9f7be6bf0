"""Pages of entering: ask for a link, open it, find again what one was writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.csrf import get_csrf_token
from pyramid.exceptions import BadCSRFToken
from pyramid.httpexceptions import HTTPSeeOther, HTTPTooManyRequests
from pyramid.view import exception_view_config, view_config, view_defaults

from reseau.core.letters import Site
from reseau.members import signin
from reseau.members.forms import AskForm, NewcomerForm
from reseau.web.errors import HELD, bad_csrf
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import SESSION_COOKIE, Permission

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.members.models import Person

GONE, TOO_MANY_REQUESTS = 410, 429
RETRY_AFTER = "3600"
TOO_MANY = (
    _("Trop de liens demandés"),
    _("Beaucoup de liens ont été demandés en peu de temps. Regardez vos mails, ou recommencez dans une heure."),
)


def too_many() -> HTTPTooManyRequests:
    """To be raised when links were asked for too often."""
    error = HTTPTooManyRequests(headers={"Retry-After": RETRY_AFTER})
    error.words = TOO_MANY
    return error


@view_defaults(route_name="members.sign_in", permission=Permission.ACCOUNT_ENTER, renderer="templates/connexion.jinja2")
class AskPages:
    """Ask for a link."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        next_ = signin.safe_next(self.request.GET.get("suite"))
        left = "deconnecte" in self.request.GET
        return {"form": AskForm(self.request, suite=next_), "held": [], "left": left, "too_many": None}

    @view_config(request_method="POST", journal="sign-in.ask")
    def send(self) -> Any:
        request, now = self.request, self.request.registry["clock"]()
        form, held = AskForm(request), _held(request)
        if not form.validate():
            return refuse(request, form=form, held=held, left=False, too_many=None)
        if not signin.may_ask(request.db, form.adresse.data, request.network, now):
            return self._too_many(form, held)
        asked = self._asked(form, [(name.removeprefix(HELD), value) for name, value in held])
        site = Site.of(request.config)
        sent = signin.ask(request.db, asked, secret=request.config.secret, site=site, now=now)
        if held and not sent:
            return self._too_many(form, held)  # what they wrote travels with a new link only
        return HTTPSeeOther(request.route_path("members.sign_in.sent"))

    def _too_many(self, form: AskForm, held: list[tuple[str, str]]) -> dict[str, Any]:
        """Returned, not raised: what was typed is kept, and what was counted."""
        self.request.response.status_int = TOO_MANY_REQUESTS
        self.request.response.headers["Retry-After"] = RETRY_AFTER
        return {"form": form, "held": held, "left": False, "too_many": TOO_MANY}

    def _asked(self, form: AskForm, held: list[tuple[str, str]]) -> signin.Asked:
        """What is asked for; a link that did not work gives what it was to lead to."""
        request, email = self.request, form.adresse.data
        next_, kept = signin.safe_next(form.suite.data), None
        if held:
            kept = signin.hold(form.suite.data or "", held, get_csrf_token(request))
        elif form.lien.data:
            now = request.registry["clock"]()
            kept = signin.held_by(request.db, form.lien.data, email, secret=request.config.secret, now=now)
        return signin.Asked(email, request.lang, next_, kept)


def _held(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.POST.items() if name.startswith(HELD) and isinstance(value, str)]


@view_config(
    route_name="members.sign_in.sent", permission=Permission.ACCOUNT_ENTER, request_method="GET",
    renderer="templates/connexion_envoye.jinja2",
)  # fmt: skip
def sent(_request: Request) -> dict[str, Any]:
    """The same for everybody."""
    return {}


@view_defaults(
    route_name="members.sign_in.link",
    permission=Permission.ACCOUNT_ENTER,
    renderer="templates/connexion_lien.jinja2",
)
class LinkPages:
    """The page of a mailed link: one button."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.now = request.registry["clock"]()
        self.link = signin.find(request.db, request.matchdict["token"], secret=request.config.secret, now=self.now)

    @view_config(request_method="GET")
    def page(self) -> Any:
        if self.link is None or not self.link.alive:
            return self._dead()
        return {"link": self.link, "form": self._newcomer(langue_mails=self.request.lang)}

    @view_config(request_method="POST", journal="session.open")
    def enter(self) -> Any:
        request, link = self.request, self.link
        if link is None or not link.alive:
            return self._again() if link and link.row.used_at else self._dead()
        form = self._newcomer()
        if form and not form.validate():
            return refuse(request, link=link, form=form)
        newcomer = signin.Newcomer(form.nom.data, form.langue_mails.data) if form else None
        entering = signin.use(request.db, link, newcomer, get_csrf_token(request), self.now)
        if entering is None:
            return self._again()
        request.journal(entering.person.id)
        where = self._where(entering.next, entering.person, held=entering.held is not None)
        return signin.enter(request, entering.person, HTTPSeeOther(where), entering.held)

    def _newcomer(self, **values: str) -> NewcomerForm | None:
        return None if self.link and self.link.person else NewcomerForm(self.request, **values)

    def _where(self, next_: str, person: Person, *, held: bool) -> str:
        if held:
            return str(self.request.route_path("members.sign_in.resume"))
        return next_ or str(self.request.script_name) + signin.first_page(self.request.db, person, self.now)

    def _again(self) -> HTTPSeeOther:
        """It was used a moment ago, perhaps by the first click of two. This request may have left before that one was
        answered: asked for the page, the browser says who it is by now.
        """
        self.request.journal_nothing()
        return HTTPSeeOther(self.request.path)

    def _dead(self) -> Any:
        """Nothing was done: the page says so (410) and takes the address for another link. Who came in by this link
        and opens it again goes where it led.
        """
        who, link = self.request.identity, self.link
        if who and link and link.person and link.person.id == who.person_id:
            held = signin.resumable(self.request.db, who.session_id) is not None
            return HTTPSeeOther(self._where(link.row.next, link.person, held=held))
        self.request.response.status_int = GONE
        form = AskForm(self.request)
        form.suite.data, form.lien.data = self.link.row.next if self.link else "", self.request.matchdict["token"]
        return {"link": None, "form": form}


@exception_view_config(BadCSRFToken, route_name="members.sign_in.link")
def second_click(exc: BadCSRFToken, request: Request) -> Any:
    """The first of two clicks opened the session and made a new token: the page of the link leads on."""
    return HTTPSeeOther(request.path) if SESSION_COOKIE in request.cookies else bad_csrf(exc, request)


@view_config(
    route_name="members.sign_in.resume", permission=Permission.ACCOUNT_OWN, request_method="GET",
    renderer="templates/reprendre.jinja2",
)  # fmt: skip
def resume(request: Request) -> Any:
    """What one was writing when the session ended."""
    held = signin.resumable(request.db, request.identity.session_id)
    return {"held": held} if held else HTTPSeeOther(request.route_path("members.account"))


@view_config(
    route_name="members.sign_in.discard", permission=Permission.ACCOUNT_OWN, request_method="POST",
    journal="held.discard",
)  # fmt: skip
def discard(request: Request) -> Any:
    """Throw it away."""
    signin.discard(request.db, request.identity.session_id)
    return HTTPSeeOther(request.route_path("members.account"))
