"""Requests for what is not there: anyone asks; the coordination, or who writes on the theme, answers.

Other rooms may add, in the registry: ``resource.asked``, functions of (request, request for a resource, form) → where
who asks is led, or None; ``resource.answered``, functions of (request, request for a resource, resource);
``resource.asked.panels``, templates shown with each request (``view``) of those of a page (``views``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.limits import Limit, allow_network
from reseau.members.places import names
from reseau.web.forms import refuse
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.finding import asking, asking_news
from resources.finding.asking_forms import AnswerForm, AskForm, DeclineForm
from resources.finding.asking_page import AskedView
from resources.finding.routes import AskedContext

if TYPE_CHECKING:
    from pyramid.request import Request

LIMIT = Limit("resource-request", 10, timedelta(hours=1))
TOO_MANY = 429


class AskPages:
    """The form with which anyone asks for a resource."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def _page(self, form: AskForm, **more: Any) -> dict[str, Any]:
        return {"form": form, "sent": False, "too_many": False, **more}

    @view_config(
        route_name="finding.ask", permission=Permission.RESOURCE_READ, request_method="GET",
        renderer="templates/ask.jinja2",
    )  # fmt: skip
    def form(self) -> dict[str, Any]:
        known = dict(self.request.query_items)
        form = AskForm(self.request, **{name: known.get(name, "") for name in ("mots", "theme", "langue_voulue")})
        return self._page(form, sent="merci" in known)

    @view_config(
        route_name="finding.ask", permission=Permission.REPORT_CREATE, request_method="POST",
        renderer="templates/ask.jinja2", journal="resource.ask",
    )  # fmt: skip
    def send(self) -> Any:
        request, now = self.request, self.request.registry["clock"]()
        form = AskForm(request)
        if not form.validate():
            return refuse(request, **self._page(form))
        if not allow_network(request.db, LIMIT, request.network, now):
            request.response.status_int = TOO_MANY  # returned, not raised: what was typed is kept
            return self._page(form, too_many=True)
        made = None
        if not form.is_spam:
            by = request.identity.person_id if request.identity else None
            made = asking.ask(request.db, form.wish, id_=form.number, by=by, now=now)
        if made is None:
            request.journal_nothing()
        else:
            request.journal(asked=str(made.id))
            asking_news.tell_arrival(request.db, made, request.config, now)
            for tell in request.registry.get("resource.asked", ()):
                if path := tell(request, made, form):
                    return HTTPSeeOther(request.script_name + path)
        return HTTPSeeOther(request.route_path("finding.ask", _query={"merci": "1"}))


class _Answering:
    """One request, and its answer. ``desk``: for the coordination, which sees all of them and may decline."""

    desk = True

    def __init__(self, context: AskedContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()
        self.by = request.identity.person_id if request.identity else None

    def _page(self, form: AnswerForm, **more: Any) -> dict[str, Any]:
        request, asked = self.request, self.context.asked
        known = names(request.db, [asked.author_id, asked.decided_by])
        answer = asking.answers_of(request.db, [asked])
        view = AskedView(asked, request.lang, known, answer.get(asked.answer_id) if asked.answer_id else None)
        more = {"late": "deja" in request.GET, "decline": DeclineForm(request), **more}
        return {"view": view, "form": form, "desk": self.desk, "list_path": self._list_path(), **more}

    def _list_path(self, **query: str) -> str:
        path: str = self.request.route_path("finding.desk" if self.desk else "finding.own", _query=query or None)
        return path

    def _answer(self) -> Any:
        request = self.request
        form = AnswerForm(request)
        if not form.validate():
            return refuse(request, **self._page(form))
        message = (form.message.data or "").strip()
        try:
            resource = asking.resource_at(request.db, form.adresse.data, request.config.public_url)
            asked = asking.answer(request.db, self.context.asked.id, resource, message, by=self.by, now=self.now)
        except asking.NoAnswer as error:
            form.no_answer(error.args[0])
            return refuse(request, **self._page(form))
        except asking.Decided:
            return self._late()
        except LookupError as error:
            raise HTTPNotFound from error
        request.journal(resource.id, asked=str(asked.id))
        asking_news.tell_answer(request.db, asked, resource, request.config, self.now)
        for tell in request.registry.get("resource.answered", ()):
            tell(request, asked, resource)
        return HTTPSeeOther(self._list_path(fait="1"))

    def _late(self) -> HTTPSeeOther:
        """Somebody was faster: the page says who, and what."""
        self.request.journal_nothing()
        name = "finding.desk.one" if self.desk else "finding.own.one"
        return HTTPSeeOther(self.request.route_path(name, id=str(self.context.asked.id), _query={"deja": "1"}))


@view_config(
    route_name="finding.desk", permission=Permission.NETWORK_COORDINATE, request_method="GET",
    renderer="templates/asked_list.jinja2",
)  # fmt: skip
def desk_list(request: Request) -> dict[str, Any]:
    """Everything that waits, and what was answered lately."""
    found = asking.waiting(request.db, page_number(request))
    done = asking.decided(request.db)
    answers = asking.answers_of(request.db, done)
    views = [AskedView(one, request.lang) for one in found.rows]
    lately = [AskedView(one, request.lang, {}, answers.get(one.answer_id) if one.answer_id else None) for one in done]
    return {"found": found, "views": views, "lately": lately, "desk": True, "done": "fait" in request.GET}


@view_config(
    route_name="finding.own", permission=Permission.RESOURCE_CREATE, request_method="GET",
    renderer="templates/asked_list.jinja2",
)  # fmt: skip
def own_list(request: Request) -> dict[str, Any]:
    """What waits on the themes on which whoever asks has written something."""
    themes = asking.themes_of(request.db, request.identity.person_id)
    found = asking.waiting(request.db, page_number(request), themes)
    views = [AskedView(one, request.lang) for one in found.rows]
    wrote, done = bool(themes), "fait" in request.GET
    return {"found": found, "views": views, "lately": [], "desk": False, "done": done, "wrote": wrote}


@view_defaults(permission=Permission.NETWORK_COORDINATE, renderer="templates/asked.jinja2")
class DeskPages(_Answering):
    """One request, for the coordination."""

    @view_config(route_name="finding.desk.one", request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._page(AnswerForm(self.request))

    @view_config(route_name="finding.desk.answer", request_method="POST", journal="resource.ask-answer")
    def answer(self) -> Any:
        return self._answer()

    @view_config(route_name="finding.desk.decline", request_method="POST", journal="resource.ask-decline")
    def decline(self) -> Any:
        request = self.request
        form = DeclineForm(request)
        if not form.validate():
            return refuse(request, **self._page(AnswerForm(request), decline=form))
        try:
            asked = asking.decline(request.db, self.context.asked.id, form.motif.data.strip(), by=self.by, now=self.now)
        except asking.Decided:
            return self._late()
        except LookupError as error:
            raise HTTPNotFound from error
        request.journal(asked=str(asked.id))
        asking_news.tell_answer(request.db, asked, None, request.config, self.now)
        return HTTPSeeOther(self._list_path(fait="1"))


@view_defaults(permission=Permission.RESOURCE_CREATE, renderer="templates/asked.jinja2")
class OwnPages(_Answering):
    """One request, for who has written something on its theme."""

    desk = False

    def _mine(self) -> None:
        """:raises HTTPForbidden: whoever asks has published nothing on this theme."""
        themes = asking.themes_of(self.request.db, self.request.identity.person_id)
        if self.context.asked.theme not in themes:
            raise HTTPForbidden

    @view_config(route_name="finding.own.one", request_method="GET")
    def show(self) -> dict[str, Any]:
        self._mine()
        return self._page(AnswerForm(self.request))

    @view_config(route_name="finding.own.answer", request_method="POST", journal="resource.ask-answer")
    def answer(self) -> Any:
        self._mine()
        return self._answer()
