"""A new resource, the page on which it is written, its preview, its co-authors, its place, what is mine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.core.wording import Wording
from reseau.members import profile
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import provided
from resources.base.routes import ResourceContext, path_of
from resources.base.shapes import KIND_LABELS, Kind
from resources.files.errors import UploadError, sentence
from resources.writing import authors, drafting, mine, reviewing, sending, starting
from resources.writing.authors import Added
from resources.writing.editor_page import EditorPage
from resources.writing.forms import AuthorForm, NewForm, complain
from resources.writing.page import WritingPage, my_places
from resources.writing.previewing import preview
from resources.writing.words import AUTHOR_ANSWERS, KIND_HINTS

if TYPE_CHECKING:
    from pyramid.request import Request

_A_DRAFT = "a draft changes nothing that others see"


@view_defaults(route_name="writing.new", permission=Permission.RESOURCE_CREATE, renderer="templates/new.jinja2")
class NewPages:
    """A title and a file."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.places = my_places(request)

    def _shown(self, form: NewForm) -> dict[str, Any]:
        hints = {kind.value: self.request.gettext(hint) for kind, hint in KIND_HINTS.items()}
        return {"form": form, "hints": hints, "places": self.places, "labels": KIND_LABELS}

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        asked = self.request.GET.get("type", "")
        kind = asked if asked in set(Kind) else Kind.KIT.value
        first = self.places[0][0] if self.places else ""
        title = self.request.GET.get("titre", "")[:150]
        return self._shown(NewForm(self.request, None, self.places, type=kind, lieu=first, titre=title))

    @view_config(request_method="POST", journal="resource.create", takes_files=True)
    def create(self) -> Any:
        sent = sending.posted(self.request)
        form = NewForm(self.request, sent.pairs, self.places)
        resource = starting.start(self.request, form, sent) if form.validate() else None
        if sent.refused and not form.fichier.errors:
            complain(form, "fichier", sent.refused)
        if resource is None:
            return refuse(self.request, **self._shown(form))
        self.request.journal(resource.id, kind=resource.kind)
        return HTTPSeeOther(f"{self.request.script_name}{path_of(resource)}/modifier?cree=1")


class _Base:
    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource, self.db = context.resource, request.db
        self.now = request.registry["clock"]()
        self.how = {"by": request.identity.person_id, "now": self.now}

    def to(self, suffix: str) -> HTTPSeeOther:
        """Show that page of the resource next."""
        return HTTPSeeOther(f"{self.request.script_name}{self.context.path}{suffix}")


@view_defaults(route_name="writing.edit", permission=Permission.RESOURCE_EDIT, renderer="templates/editor.jinja2")
class EditorPages(_Base):
    """Parts, blocks, and the form of the header."""

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return {"page": EditorPage(self.request, self.context)}

    @view_config(request_method="POST", journal_exempt_reason=_A_DRAFT)
    def save(self) -> Any:
        page = EditorPage(self.request, self.context, sending.posted(self.request).pairs)
        return self.to("/modifier?enregistre=1") if page.save_header() else refuse(self.request, page=page)


@view_defaults(permission=Permission.RESOURCE_EDIT, request_method="POST")
class DraftActions(_Base):
    """What is done to the whole draft."""

    @view_config(route_name="writing.put_back", journal_exempt_reason=_A_DRAFT)
    def put_back(self) -> Any:
        key = dict(sending.posted(self.request).pairs).get("bloc", "")
        block = drafting.put_back(self.db, self.resource, key, **self.how)
        return self.to(f"/modifier?remis=1#bloc-{block.key}" if block else "/modifier#parties")

    @view_config(route_name="writing.discard", journal="resource.discard")
    def discard(self) -> Any:
        asked = provided.is_asked(provided.of(self.db, self.resource.id))
        if drafting.discard_changes(self.db, self.resource, self.now):
            self.request.journal(self.resource.id)
        else:
            self.request.journal_nothing()
        return self.to("" if asked else "/modifier?abandonne=1")  # who gave up adopting it may not write it any more

    @view_config(route_name="writing.delete", journal="resource.delete")
    def delete(self) -> Any:
        id_, title = self.resource.id, self.resource.title
        if not drafting.delete(self.db, self.resource):
            self.request.journal_nothing()
            return self.to("/modifier")
        self.request.journal(id_, title=title)
        return HTTPSeeOther(f"{self.request.script_name}/compte/ressources?supprime=1")


@view_config(
    route_name="writing.preview", request_method="GET", permission=Permission.RESOURCE_EDIT,
    renderer="templates/preview.jinja2",
)  # fmt: skip
def preview_page(context: ResourceContext, request: Request) -> dict[str, Any]:
    """What readers would see."""
    page, links = preview(request, context)
    return {"page": page, "links": links, "writing": WritingPage(request, context)}


@view_defaults(permission=Permission.RESOURCE_EDIT, renderer="templates/authors.jinja2")
class AuthorPages(_Base):
    """Who may write it, and in whose name."""

    def _shown(self, form: AuthorForm, said: str = "") -> dict[str, Any]:
        page = WritingPage(self.request, self.context)
        invites = authors.in_network(self.db, profile.active(self.db, self.request.identity.person_id))
        return {"page": page, "form": form, "places": my_places(self.request), "said": said, "invites": invites}

    @view_config(route_name="writing.authors", request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown(AuthorForm(self.request))

    @view_config(route_name="writing.authors", request_method="POST", journal="resource.author-add")
    def add(self) -> Any:
        form = AuthorForm(self.request, sending.posted(self.request).pairs)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        me = profile.active(self.db, self.request.identity.person_id)
        answer = authors.add(
            self.db, self.resource, form.courriel.data, by=me, settings=self.request.config, now=self.now
        )
        if answer is not Added.ADDED:
            complain(form, "courriel", self.request.gettext(AUTHOR_ANSWERS[answer.value]))
            return refuse(self.request, **self._shown(form))
        self.request.journal(self.resource.id)
        return self.to("/auteurs?ajoute=1")

    @view_config(route_name="writing.place", request_method="POST", journal="resource.place")
    def place(self) -> Any:
        wanted = parse_id(dict(sending.posted(self.request).pairs).get("lieu", ""))
        if wanted is not None and wanted not in self.request.identity.places:
            raise HTTPNotFound
        quota = self.request.registry["files.limits"].quota
        try:
            given = starting.give_to(self.db, self.resource, wanted, self.now, quota)
        except UploadError as error:
            said = sentence(error, Wording.of(self.request.lang))
            return refuse(self.request, **self._shown(AuthorForm(self.request), said))
        if not given:
            self.request.journal_nothing()
            return self.to("/auteurs")
        self.request.journal(self.resource.id, structure=str(wanted) if wanted else "")
        return self.to("/auteurs?lieu=1")

    @view_config(route_name="writing.authors.remove", request_method="POST", journal="resource.author-remove")
    def remove(self) -> Any:
        person = parse_id(dict(sending.posted(self.request).pairs).get("personne", ""))
        if person is None or not authors.remove(self.db, self.resource, person):
            self.request.journal_nothing()
            return self.to("/auteurs?dernier=1")
        self.request.journal(self.resource.id, person=str(person))
        return self.to("/auteurs?retire=1")

    @view_config(route_name="writing.authors.leave", request_method="POST", journal="resource.author-leave")
    def leave(self) -> Any:
        if not authors.remove(self.db, self.resource, self.request.identity.person_id):
            self.request.journal_nothing()
            return self.to("/auteurs?dernier=1")
        self.request.journal(self.resource.id)
        return HTTPSeeOther(f"{self.request.script_name}/compte/ressources?quitte=1")


@view_config(
    route_name="writing.mine", request_method="GET", permission=Permission.ACCOUNT_OWN, renderer="templates/mine.jinja2"
)
def my_resources(request: Request) -> dict[str, Any]:
    """My drafts and resources, and what awaits me."""
    found = mine.of(request.db, request.identity, request.registry["clock"]())
    return {"mine": found, "labels": KIND_LABELS, "path_of": path_of, "asked": reviewing.asked}
