"""The topics, on the desk: made, changed, put in order, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.threads.moderating import topics
from reseau.threads.moderating.forms import TopicForm
from reseau.threads.moderating.routes import DESK, TopicByIdContext
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


def _wanted(form: TopicForm) -> topics.Wanted:
    seen = form.lecteurs.data if "lecteurs" in form else None
    return topics.Wanted(form.titles, form.description.data or "", seen, form.demarches.data or ())


def _taken(request: Request, form: TopicForm, but: UUID | None = None) -> bool:
    """Whether another topic has that name, which the form says then."""
    if not topics.taken(request.db, form.titre_fr.data, but):
        return False
    form.titre_fr.errors = [request.gettext(_("Un sujet porte déjà ce nom."))]
    return True


def _back(request: Request, done: bool, topic_id: Any = None, **detail: Any) -> HTTPSeeOther:
    if done:
        request.journal(topic_id, **detail)
    else:
        request.journal_nothing()
    return HTTPSeeOther(f"{request.script_name}{DESK}?fait={'1' if done else '0'}#sujets")


@view_defaults(
    route_name="threads.topic.create", permission=Permission.NETWORK_COORDINATE, renderer="templates/topic.jinja2"
)
class NewTopicPages:
    """A new topic."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return {"form": TopicForm(self.request), "topic": None, "opening": 0}

    @view_config(request_method="POST", journal="topic.create")
    def create(self) -> Any:
        form = TopicForm(self.request)
        if not form.validate() or _taken(self.request, form):
            return refuse(self.request, form=form, topic=None, opening=0)
        made = topics.create(self.request.db, _wanted(form), now=self.request.registry["clock"]())
        return _back(self.request, True, made.id, seen=made.seen)


@view_defaults(permission=Permission.NETWORK_COORDINATE)
class TopicPages:
    """One topic."""

    def __init__(self, context: TopicByIdContext, request: Request) -> None:
        self.topic, self.request = context.topic, request

    @view_config(route_name="threads.topic.edit", request_method="GET", renderer="templates/topic.jinja2")
    def form(self) -> dict[str, Any]:
        place = topics.place_of(self.request.db, self.topic)
        return {"form": TopicForm(self.request, self.topic, place), "topic": self.topic, "opening": 0}

    @view_config(
        route_name="threads.topic.edit", request_method="POST", renderer="templates/topic.jinja2", journal="topic.edit"
    )
    def edit(self) -> Any:
        form, db = TopicForm(self.request, self.topic), self.request.db
        if not form.validate() or ("place" in form and _taken(self.request, form, self.topic.id)):
            return refuse(self.request, form=form, topic=self.topic, opening=0)
        wanted = _wanted(form)
        opening = topics.opening(db, self.topic, wanted.seen)
        if opening and form.confirme.data != str(opening):  # more threads since they read how many: asked again
            form.confirme.data = str(opening)
            return refuse(self.request, form=form, topic=self.topic, opening=opening)
        placed = "place" in form and form.place.data and topics.place(db, self.topic.id, form.place.data)
        done = topics.edit(db, self.topic, wanted) or bool(placed)
        return _back(self.request, done, self.topic.id, seen=self.topic.seen)

    @view_config(route_name="threads.topic.move", request_method="POST", journal="topic.move")
    def move(self) -> HTTPSeeOther:
        up = self.request.POST.get("sens") == "haut"
        return _back(self.request, topics.shift(self.request.db, self.topic.id, up), self.topic.id)

    @view_config(route_name="threads.topic.delete", request_method="POST", journal="topic.delete")
    def delete(self) -> HTTPSeeOther:
        id_, title = self.topic.id, self.topic.title("fr")
        return _back(self.request, topics.delete(self.request.db, self.topic), id_, title=title)

    @view_config(route_name="threads.topic.archive", request_method="POST", journal="topic.archive")
    def archive(self) -> HTTPSeeOther:
        back = self.request.POST.get("etat") == "rouvrir"
        done = topics.archive(self.request.db, self.topic, None if back else self.request.registry["clock"]())
        return _back(self.request, done, self.topic.id, archived=not back)
