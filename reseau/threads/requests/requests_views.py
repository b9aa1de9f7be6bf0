"""Requests for a resource in the exchanges: asked for a visitor, answered by a resource, open again."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core import limits
from reseau.core.ids import new_id
from reseau.threads.base import mentions
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import Post, PostState, Thread, ThreadKind
from reseau.threads.base.services import Closed, Taken
from reseau.threads.base.shapes import POSTS_PER_HOUR, THREADS_PER_HOUR
from reseau.threads.requests import beside, choosing, services
from reseau.threads.requests.forms import ResourceForm, ShareForm
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base import langs
from resources.base.models import ResourceRequest
from resources.finding import asking, asking_news
from resources.finding.group import network_reader
from resources.finding.search import ResourceSearch

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import ThreadContext
    from resources.base.models import Resource
    from resources.finding.routes import AskedContext

FROM_A_VISITOR = _("Demande reçue sur le site, posée par la coordination.")
CHOOSE = _("Choisissez une ressource dans la liste, ou donnez son adresse.")
TOO_MANY = _("Vous avez écrit beaucoup de messages en une heure. Votre texte est encore là : réessayez plus tard.")


@view_defaults(
    route_name="threads.request", permission=Permission.THREAD_MODERATE, renderer="templates/share.jinja2"
)  # fmt: skip
class SharePages:
    """A coordinator asks the network what a visitor asked: what will be published is read, and changed, before."""

    def __init__(self, context: AskedContext, request: Request) -> None:
        self.context, self.request = context, request

    def _form(self) -> ShareForm:
        asked, topics = self.context.asked, self.request.reader.writable()
        suits = services.topic_for(topics, asked)
        text = services.text_of(asked, self.request.lang)
        if asked.author_id is None:
            text = f"{text}\n\n{self.request.gettext(FROM_A_VISITOR)}"
        return ShareForm(
            self.request, topics, sujet=str(suits.id) if suits else None, titre=services.title_of(asked), texte=text
        )

    def _page(self, form: ShareForm, **more: Any) -> dict[str, Any]:
        return {"asked": self.context.asked, "form": form, "too_many": "", "doubts": [], **more}

    def _desk(self) -> HTTPSeeOther:
        return HTTPSeeOther(self.request.route_path("finding.desk.one", id=self.context.asked.id))

    @view_config(request_method="GET")
    def show(self) -> Any:
        asked = self.context.asked
        there = services.of_requests(self.request.db, [asked.id]).get(asked.id)
        if there is not None:
            return HTTPSeeOther(self.request.script_name + path_of(there))
        return self._page(self._form()) if asked.state == asking.Asked.OPEN.value else self._desk()

    @view_config(request_method="POST", journal="thread.request")
    def send(self) -> Any:
        request, form = self.request, self._form()
        if not form.validate():
            return refuse(request, **self._page(form))
        if doubts := beside.doubts(request, form.titre.data, form.texte.data):
            request.journal_nothing()
            return self._page(form, **doubts)
        now, person_id = request.registry["clock"](), request.identity.person_id
        if not limits.allow(request.db, THREADS_PER_HOUR, str(person_id), now):
            return refuse(request, **self._page(form, too_many=request.gettext(TOO_MANY)))
        topic = next(one for one in request.reader.writable() if str(one.id) == form.sujet.data)
        try:
            made = services.start(
                request.db, self.context.asked.id, topic.id, form.titre.data,
                beside.writing_of(request, form.texte.data), services.author_of(request.db, request.reader),
                id_=new_id(), now=now, site_url=request.config.public_url,
            )  # fmt: skip
        except services.There as there:
            request.journal_nothing()
            made = there.args[0]
        except asking.Decided:
            request.journal_nothing()
            return self._desk()
        else:
            request.journal(made.id)
        return HTTPSeeOther(request.script_name + path_of(made))


@view_defaults(
    route_name="threads.resource", permission=Permission.THREAD_WRITE, renderer="templates/answer.jinja2"
)  # fmt: skip
class AnswerPages:
    """A resource answers a request."""

    def __init__(self, context: ThreadContext, request: Request) -> None:
        self.context, self.request = context, request
        if context.thread.kind != ThreadKind.DEMANDE.value:
            raise HTTPNotFound

    @cached_property
    def network(self) -> bool:
        """Whether whoever answers reads what is for the network."""
        return bool(network_reader(self.request))

    def _page(self, form: ResourceForm, **more: Any) -> dict[str, Any]:
        thread, registry = self.context.thread, self.request.registry
        words = form.q.data if form.q.data is not None else thread.title
        facts = registry["finding.facts"].moment(self.request.db).facts
        search = ResourceSearch(facts, registry["search.engine"], network=self.network)
        found = choosing.found(self.request.db, search, words) if thread.open else []
        return {"thread": thread, "here": self.request.script_name + self.context.path, "form": form, "words": words,
                "found": found, "direction": langs.direction, "too_many": "", "doubts": [],
                "reopens": self._reopens, **more}  # fmt: skip

    @property
    def _reopens(self) -> bool:
        """Whether whoever asked may open the thread again: not a visitor, for whom the coordination put it."""
        id_ = self.context.thread.request_id
        asked = self.request.db.get(ResourceRequest, id_) if id_ else None
        return asked is None or asked.author_id is not None

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        known = dict(self.request.query_items)
        return self._page(ResourceForm(self.request, q=known.get("q")))

    @view_config(request_method="POST", journal="thread.resource")
    def send(self) -> Any:
        request, form = self.request, ResourceForm(self.request)
        if not form.validate():
            return refuse(request, **self._page(form))
        if doubts := beside.doubts(request, form.message.data or ""):
            request.journal_nothing()
            return self._page(form, **doubts)
        try:
            resource = self._resource(form)
            if resource is None:
                form.complain(CHOOSE)
                return refuse(request, **self._page(form))
            if not limits.allow(request.db, POSTS_PER_HOUR, str(request.identity.person_id), self._now):
                return refuse(request, **self._page(form, too_many=request.gettext(TOO_MANY)))
            post = self._answer(form, resource)
        except asking.NoAnswer as error:
            form.no_answer(error.args[0])
            return refuse(request, **self._page(form))
        except Closed:
            request.db.refresh(self.context.thread)
            return refuse(request, **self._page(form))
        return HTTPSeeOther(request.script_name + self._after(post))

    @property
    def _now(self) -> Any:
        return self.request.registry["clock"]()

    def _resource(self, form: ResourceForm) -> Resource | None:
        """The resource that was chosen; an address, if there is one, says more than the list.

        :raises asking.NoAnswer: whoever answers cannot read it, or there is none there.
        """
        request = self.request
        if form.adresse.data:
            found = asking.resource_at(request.db, form.adresse.data, request.config.public_url)
        elif form.chosen:
            found = choosing.one(request.db, form.chosen)
        else:
            return None
        if not choosing.readable(found, self.network):
            raise asking.NoAnswer("absente")
        return found

    def _answer(self, form: ResourceForm, resource: Resource) -> Post:
        request, thread = self.request, self.context.thread
        message = form.message.data or ""
        text = beside.answering(request.lang, message, resource, request.config.public_url)
        said, _unclear = mentions.resolve(request.db, request.reader, message, self.context.topic)
        try:
            post, asked = services.answer(
                request.db, thread, resource, beside.writing_of(request, text, said),
                services.author_of(request.db, request.reader), id_=form.number, now=self._now,
                site_url=request.config.public_url, word=message,
            )  # fmt: skip
        except Taken as taken:
            request.journal_nothing()
            there: Post = taken.args[0]
            if there.thread_id != thread.id:
                raise HTTPNotFound from taken
            return there
        request.journal(thread.id, resource=str(resource.id))
        if asked is not None:
            asking_news.tell_answer(request.db, asked, resource, request.config, self._now)
        return post

    def _after(self, post: Post) -> str:
        waits = post.state == PostState.WAITING.value
        return f"/echanges/attente?message={post.id}" if waits else post_path(post)


@view_config(
    route_name="threads.resource.no", permission=Permission.THREAD_ANSWERED, request_method="POST",
    journal="thread.reopen",
)  # fmt: skip
def not_that(context: ThreadContext, request: Request) -> Any:
    """ "Ce n’est pas ce que je cherche": open again."""
    thread: Thread = context.thread
    if services.not_that(request.db, thread, now=request.registry["clock"]()):
        request.journal(thread.id)
    else:
        request.journal_nothing()
    return HTTPSeeOther(request.script_name + context.path)
