"""Collections: mine and those of my places, made, ordered and shared; the public ones; one, to read and to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.core.markdown import to_html
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base.addresses import path_of
from resources.base.content import one_line
from resources.base.models import Collection
from resources.base.routes import ResourceContext
from resources.reading.page import header_titles
from resources.saying import collecting, collection_page
from resources.saying.collecting import LABELS, Found, Shared
from resources.saying.forms import CollectionForm
from resources.saying.panel import reader_of
from resources.saying.routes import CollectionContext, page_number

if TYPE_CHECKING:
    from pyramid.request import Request

FULL = _("Vous avez déjà 100 collections : supprimez-en une pour en créer une autre.")
FULL_ITEMS = _("Cette collection a déjà 100 ressources : créez-en une autre.")
NO_TITLE = _("Choisissez une collection, ou écrivez le titre d’une nouvelle.")


def _address(request: Request, found: Found, suffix: str = "") -> str:
    return f"{request.script_name}/collections/{found.collection.secret}{suffix}"


# --- lists -----------------------------------------------------------------------------------------------------------


@view_defaults(route_name="saying.collections", permission=Permission.RESOURCE_SAY)
class MyCollections:
    """Mine, and those of my places."""

    def __init__(self, request: Request) -> None:
        self.request, self.reader = request, reader_of(request)

    def _form(self) -> CollectionForm:
        places = collection_page.place_choices(self.request.db, self.reader.places)
        return CollectionForm(self.request, places, network=self.reader.network, new=True)

    def _page(self, form: CollectionForm, full: str = "") -> dict[str, Any]:
        return {"form": form, "collections": collecting.mine(self.request.db, self.reader), "labels": LABELS,
                "full": full, "done": self.request.GET.get("fait")}  # fmt: skip

    @view_config(request_method="GET", renderer="templates/collections.jinja2")
    def show(self) -> dict[str, Any]:
        return self._page(self._form())

    @view_config(request_method="POST", renderer="templates/collections.jinja2", journal="collection.create")
    def create(self) -> Any:
        request, form = self.request, self._form()
        if not form.validate():
            return refuse(request, **self._page(form))
        place = parse_id(form.proprietaire.data or "")
        try:
            made = collecting.create(
                request.db, form.titre.data, person_id=request.identity.person_id, structure_id=place,
                description=form.description.data or "", visibility=Shared(form.visibilite.data),
                now=request.registry["clock"](),
            )  # fmt: skip
        except collecting.Full:
            return refuse(request, **self._page(form, full=request.gettext(FULL)))
        request.journal(made.id)
        return HTTPSeeOther(f"{request.script_name}/collections/{made.secret}")


@view_config(
    route_name="saying.collections.public", permission=Permission.RESOURCE_READ, request_method="GET",
    cache="public", renderer="templates/collections_public.jinja2",
)  # fmt: skip
def public(request: Request) -> dict[str, Any]:
    """Public collections; to the network, its own too."""
    reader = reader_of(request)
    found = collecting.shared(request.db, reader, page_number(request))
    return {"found": found, "network": reader.network, "labels": LABELS}


@view_config(
    route_name="saying.collections.public.json", permission=Permission.RESOURCE_READ, request_method="GET",
    cache="public", renderer="json",
)  # fmt: skip
def public_json(request: Request) -> dict[str, Any]:
    """Public collections, for programs."""
    found = collecting.shared(request.db, collecting.Reader(), page_number(request))
    site = request.config.public_url.rstrip("/")
    return {"total": found.total, "page": found.number, "pages": found.pages,
            "collections": [collection_page.listed(one, site) for one in found.rows]}  # fmt: skip


# --- one -------------------------------------------------------------------------------------------------------------


def _read(context: CollectionContext, request: Request, **more: Any) -> dict[str, Any]:
    found = context.found
    items, left_out = context.items
    if found.collection.visibility == Shared.PRIVATE.value or found.may_edit(context.reader):
        request.page_cache.public = False
    other = [one.resource.id for one in items if one.resource.lang != request.lang]
    return {
        "titles": header_titles(request.db, other, request.lang) if other else {},
        "found": found, "collection": found.collection, "items": items, "left_out": left_out,
        "network": context.reader.network, "edits": found.may_edit(context.reader), "here": _address(request, found),
        "url": f"{request.config.public_url.rstrip('/')}/collections/{found.collection.secret}",
        "site": request.config.public_url.rstrip("/"), "about": to_html(found.collection.description),
        "path": path_of, "kind": collection_page.kind_label, "direction": collection_page.direction,
        "seen": collecting.seen, "labels": LABELS, "typed": {}, "clashes": {}, "too_long": [],
        "done": request.GET.get("fait"), "most_note": collecting.MAX_NOTE, **more,
    }  # fmt: skip


@view_config(
    route_name="saying.collection", permission=Permission.RESOURCE_READ, request_method="GET", cache="public",
    renderer="templates/collection.jinja2",
)  # fmt: skip
@view_config(
    route_name="saying.collection.print", permission=Permission.RESOURCE_READ, request_method="GET", cache="public",
    renderer="templates/collection_print.jinja2",
)  # fmt: skip
def collection(context: CollectionContext, request: Request) -> dict[str, Any]:
    """A collection, to read; to print; to order, for those who may."""
    return _read(context, request)


@view_config(
    route_name="saying.collection.json", permission=Permission.RESOURCE_READ, request_method="GET", cache="public",
    renderer="json",
)  # fmt: skip
def collection_json(context: CollectionContext, request: Request) -> dict[str, Any]:
    """A public collection, for programs: what everyone can read of it."""
    found = context.found
    if found.collection.visibility != Shared.PUBLIC.value:
        raise HTTPNotFound
    items, _left_out = collecting.items(request.db, found.collection.id, network=False)
    return collection_page.as_json(found, items, request.config.public_url.rstrip("/"))


@view_defaults(permission=Permission.RESOURCE_SAY)
class CollectionPages:
    """What the owner of a collection does with it."""

    def __init__(self, context: CollectionContext, request: Request) -> None:
        self.context, self.request = context, request
        self.found, self.collection = context.owned, context.owned.collection
        self.now = request.registry["clock"]()

    def _back(self, done: str, where: str = "") -> HTTPSeeOther:
        return HTTPSeeOther(f"{_address(self.request, self.found)}?fait={done}{where}")

    def _form(self) -> CollectionForm:
        one = self.collection
        return CollectionForm(
            self.request, [], network=self.context.reader.network, new=False, titre=one.title,
            description=one.description, visibilite=one.visibility, vu=collection_page.seen(one),
        )  # fmt: skip

    def _page(self, form: CollectionForm, clash: bool = False) -> dict[str, Any]:
        return {"form": form, "found": self.found, "collection": self.collection, "clash": clash,
                "here": _address(self.request, self.found), "labels": LABELS}  # fmt: skip

    @view_config(route_name="saying.collection.edit", request_method="GET", renderer="templates/collection_edit.jinja2")
    def edit(self) -> dict[str, Any]:
        return self._page(self._form())

    @view_config(
        route_name="saying.collection.edit", request_method="POST", renderer="templates/collection_edit.jinja2",
        journal="collection.change",
    )  # fmt: skip
    def change(self) -> Any:
        request, one, form = self.request, self.collection, self._form()
        if not form.validate():
            return refuse(request, **self._page(form))
        collecting.lock(request.db, one)
        if form.vu.data != collection_page.seen(one):
            form.vu.data = collection_page.seen(one)
            return refuse(request, **self._page(form, clash=True))
        one.title, one.description = form.titre.data, form.description.data or ""
        one.visibility, one.updated_at = form.visibilite.data, self.now
        request.journal(one.id, visibility=one.visibility)
        return self._back("change")

    @view_config(
        route_name="saying.collection.items", request_method="POST", renderer="templates/collection.jinja2",
        journal="collection.order",
    )  # fmt: skip
    def order(self) -> Any:
        """Notes are written whatever button was pressed: none is lost. Then what the button says is done."""
        request, one = self.request, self.collection
        notes = collection_page.notes_of(request.POST.items())
        if long := collection_page.too_long(notes):
            return self._again(notes, too_long=long)
        if clashes := collecting.write_notes(request.db, one, notes, self.now):
            return self._again(notes, clashes=clashes)
        verb, _colon, which = str(request.POST.get("action", "")).partition(":")
        self._act(verb, which)
        request.journal(one.id)
        done = "retire" if verb in ("retirer", "nettoyer") else "range"
        return self._back(done, f"#r-{which}" if verb in ("monter", "descendre") else "")

    def _act(self, verb: str, which: str) -> None:
        session, one, network = self.request.db, self.collection, self.context.reader.network
        if verb == "nettoyer":
            collecting.clean(session, one, network, self.now)
            return
        if verb in ("", "noter"):
            return
        id_ = parse_id(which)
        if id_ is None or verb not in ("monter", "descendre", "retirer"):
            raise HTTPBadRequest
        if verb == "retirer":
            collecting.remove(session, one, id_, self.now)
        else:
            collecting.move(session, one, id_, verb == "monter", network, self.now)

    def _again(self, notes: dict[Any, tuple[str, str]], **more: Any) -> dict[str, Any]:
        typed = {id_: text for id_, (_seen, text) in notes.items()}
        return refuse(self.request, **_read(self.context, self.request, typed=typed, **more))

    @view_config(route_name="saying.collection.renew", request_method="POST", journal="collection.renew")
    def renew(self) -> HTTPSeeOther:
        """A new address: who had the former one reads it no more."""
        collecting.lock(self.request.db, self.collection)
        self.collection.secret, self.collection.updated_at = collecting.new_secret(), self.now
        self.request.db.flush()
        self.request.journal(self.collection.id)
        return self._back("adresse")

    @view_config(
        route_name="saying.collection.delete", request_method="GET", renderer="templates/collection_delete.jinja2"
    )
    def ask(self) -> dict[str, Any]:
        return {"collection": self.collection, "here": _address(self.request, self.found),
                "total": len(self.context.items[0]) + self.context.items[1]}  # fmt: skip

    @view_config(route_name="saying.collection.delete", request_method="POST", journal="collection.delete")
    def delete(self) -> HTTPSeeOther:
        self.request.journal(self.collection.id)
        collecting.delete(self.request.db, self.collection)
        return HTTPSeeOther(f"{self.request.script_name}/collections?fait=supprimee")


@view_config(
    route_name="saying.collection.withdraw", permission=Permission.NETWORK_COORDINATE, request_method="POST",
    journal="collection.withdraw",
)  # fmt: skip
def withdraw(context: CollectionContext, request: Request) -> HTTPSeeOther:
    """The coordination takes a collection that harms out of the lists: its owner keeps it."""
    one = context.found.collection
    collecting.lock(request.db, one)
    one.visibility, one.updated_at = Shared.PRIVATE.value, request.registry["clock"]()
    request.journal(one.id)
    return HTTPSeeOther(f"{request.script_name}/collections/publiques?fait=retire")


# --- from the page of a resource -------------------------------------------------------------------------------------


@view_defaults(route_name="saying.collect", permission=Permission.RESOURCE_SAY)
class Collect:
    """Add a resource to one of my collections, or to a new one."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource, self.reader = context.published.resource, reader_of(request)

    def _page(self, error: str = "", title: str = "") -> dict[str, Any]:
        mine = collecting.mine(self.request.db, self.reader)
        holding = collecting.holding(self.request.db, self.resource.id, [one.collection.id for one in mine])
        return {"resource": self.resource, "here": self.request.script_name + self.context.path, "collections": mine,
                "holding": holding, "error": error, "typed": title}  # fmt: skip

    @view_config(request_method="GET", renderer="templates/collect.jinja2")
    def show(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", renderer="templates/collect.jinja2", journal="collection.add")
    def add(self) -> Any:
        request, now = self.request, self.request.registry["clock"]()
        asked = {name: request.POST.get(name) for name in ("collection", "titre")}
        title = one_line(asked["titre"])[: collecting.MAX_TITLE] if isinstance(asked["titre"], str) else ""
        wanted = asked["collection"] if isinstance(asked["collection"], str) else ""
        if not title and not wanted:
            return refuse(request, **self._page(request.gettext(NO_TITLE)))
        try:
            one = self._made(title) if title else self._mine(wanted)
            added = collecting.add(request.db, one, self.resource, now)
        except collecting.Full:
            return refuse(request, **self._page(request.gettext(FULL if title else FULL_ITEMS), title))
        request.journal(one.id)
        if not added:
            request.journal_nothing()
        done = "ajoute" if added else "deja"
        return HTTPSeeOther(f"{request.script_name}/collections/{one.secret}?fait={done}#r-{self.resource.id}")

    def _made(self, title: str) -> Collection:
        now = self.request.registry["clock"]()
        return collecting.create(self.request.db, title, person_id=self.request.identity.person_id, now=now)

    def _mine(self, secret: str) -> Collection:
        found = collecting.find(self.request.db, secret[:40])
        if found is None:
            raise HTTPNotFound
        if not found.may_edit(self.reader):
            raise HTTPForbidden
        return found.collection
