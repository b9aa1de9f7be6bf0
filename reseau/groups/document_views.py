"""Minutes and pages of a group: written, read, changed, printed, taken away as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.cards import Ref
from reseau.core.db import site_day
from reseau.core.ids import new_id
from reseau.core.limits import allow
from reseau.core.markdown import to_html
from reseau.core.wording import written_date
from reseau.groups import documents
from reseau.groups.forms import DocumentForm
from reseau.groups.models import DOCUMENT_KIND, DocumentKind, GroupDocument
from reseau.groups.routes import LISTS, DocumentContext, GroupContext, page_number
from reseau.groups.words import DOCUMENTS
from reseau.members.places import names
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base import langs
from resources.files import attached, forming
from resources.files.attached import Attached
from resources.files.forming import Terms
from resources.files.serving import address

if TYPE_CHECKING:
    from pyramid.request import Request

TOO_MANY = _("Vous avez écrit beaucoup de documents en une heure. Recommencez plus tard : votre texte est encore là.")
TERMS = Terms("fichier", documents.MAX_FILES, _("Un document a %(most)s fichiers au plus."))


def _files(request: Request, id_: UUID) -> list[Attached]:
    return attached.of(request.db, DOCUMENT_KIND, [id_]).get(id_, [])


def _ticked(request: Request) -> list[str]:
    """SHA-256 of the files to take away."""
    return [one for one in request.POST.getall("retirer") if isinstance(one, str)]


def _form_page(request: Request, context: GroupContext, form: DocumentForm, **more: Any) -> dict[str, Any]:
    return {
        "form": form, "group": context.group, "here": request.script_name + context.path, "files_refused": "",
        "clash": None, "said": "", "document": None, "direction": langs.direction,
        "most_files": documents.MAX_FILES, "ticked": _ticked(request), **more,
    }  # fmt: skip


# --- writing --------------------------------------------------------------------------------------------------


@view_defaults(permission=Permission.ACCOUNT_OWN, renderer="templates/document_form.jinja2")
class NewDocument:
    """New minutes, a new page: for members."""

    def __init__(self, context: GroupContext, request: Request) -> None:
        self.context, self.request, self.group = context, request, context.written
        self.kind = DocumentKind.MINUTES if request.matched_route.name == "groups.minutes.new" else DocumentKind.PAGE

    def _form(self) -> DocumentForm:
        today = site_day(self.request.db, self.request.registry["clock"]())
        return DocumentForm(self.request, minutes=self.kind is DocumentKind.MINUTES, today=today)

    def _page(self, form: DocumentForm, **more: Any) -> dict[str, Any]:
        return _form_page(self.request, self.context, form, kind=self.kind.value, **more)

    @view_config(route_name="groups.minutes.new", request_method="GET")
    @view_config(route_name="groups.pages.new", request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page(self._form(), files=[])

    @view_config(route_name="groups.minutes.new", request_method="POST", journal="group.document", takes_files=True)
    @view_config(route_name="groups.pages.new", request_method="POST", journal="group.document", takes_files=True)
    def create(self) -> Any:
        request, form, me = self.request, self._form(), self.request.identity.person_id
        id_ = form.nonce
        if (known := documents.written_by(request.db, id_, self.group.id, me)) is not None:
            return self._there(known)
        if not documents.own_id(request.db, id_, me):
            id_ = new_id()
            form.numero.data = str(id_)
        refused = forming.take(request, (DOCUMENT_KIND, id_), None, _ticked(request), TERMS)
        valid, now, said = form.validate(), request.registry["clock"](), ""
        if valid and not refused and not allow(request.db, documents.PER_HOUR, str(me), now):
            said = request.gettext(TOO_MANY)
        if not valid or refused or said:
            return refuse(request, **self._page(form, files=_files(request, id_), files_refused=refused, said=said))
        try:
            made = documents.create(request.db, self.group.id, self.kind, form.writing, id_=id_, by=me, now=now)
        except documents.Taken as taken:  # the second click, at the same moment
            return self._there(taken.document)
        request.journal(self.group.id, document=str(made.id))
        return self._read(made)

    def _there(self, made: GroupDocument) -> HTTPSeeOther:
        """The form was sent twice."""
        self.request.journal_nothing()
        return self._read(made)

    def _read(self, made: GroupDocument) -> HTTPSeeOther:
        return HTTPSeeOther(f"{self.request.script_name}{self.context.path}/documents/{made.slug}?fait=cree")


@view_defaults(
    route_name="groups.document.edit", permission=Permission.ACCOUNT_OWN, renderer="templates/document_form.jinja2"
)
class EditDocument:
    """Changing a document: any member, so nobody overwrites unseen."""

    def __init__(self, context: DocumentContext, request: Request) -> None:
        self.context, self.request, self.document = context, request, context.edited
        self.owner: Ref = (DOCUMENT_KIND, self.document.id)
        self.me: UUID = request.identity.person_id

    def _form(self) -> DocumentForm:
        document = self.document
        return DocumentForm(
            self.request, minutes=document.kind == DocumentKind.MINUTES.value, today=documents.day_of(document),
            titre=document.title, texte=document.text, langue=document.lang, numero=str(document.id),
            vu=str(document.rev),
        )  # fmt: skip

    def _page(self, form: DocumentForm, **more: Any) -> dict[str, Any]:
        waiting = forming.mine(self.request.db, forming.waiting(self.owner, self.me), self.me)
        files = [*_files(self.request, self.document.id), *waiting]
        return _form_page(self.request, self.context, form, kind=self.document.kind, files=files,
                          **{"document": self.document, **more})  # fmt: skip

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page(self._form())

    def _take(self) -> str:
        """What comes, and what is ticked, waits until the change is saved: readers see nothing of a form that is
        refused. :return: why a file is, or ""."""
        ticked = _ticked(self.request)
        kept = {one.ref.sha for one in _files(self.request, self.document.id)} - set(ticked)
        return forming.take(self.request, forming.waiting(self.owner, self.me), None, ticked, TERMS, kept)

    @view_config(request_method="POST", journal="group.document.edit", takes_files=True)
    def save(self) -> Any:
        request, form, id_ = self.request, self._form(), self.document.id
        valid, refused = form.validate(), self._take()
        if not valid or refused:
            return refuse(request, **self._page(form, files_refused=refused))
        try:
            saved = documents.change(request.db, id_, form.writing, seen_rev=form.seen_rev,
                                     by=request.identity.person_id, now=request.registry["clock"]())  # fmt: skip
        except documents.Clash as clash:
            form.vu.data = str(clash.theirs.rev)
            return refuse(request, **self._page(form, clash=clash.theirs))
        if saved is None:
            raise HTTPNotFound
        forming.settle(request.db, self.owner, self.me, _ticked(request))
        request.journal(self.context.group.id, document=str(id_))
        return HTTPSeeOther(f"{request.script_name}{self.context.document_path}?fait=change")


@view_defaults(route_name="groups.document.delete", permission=Permission.ACCOUNT_OWN)
class DeleteDocument:
    """For good."""

    def __init__(self, context: DocumentContext, request: Request) -> None:
        self.context, self.request, self.document = context, request, context.deleted

    @view_config(request_method="GET", renderer="templates/document_delete.jinja2")
    def ask(self) -> dict[str, Any]:
        return _read(self.context, self.request, self.document)

    @view_config(request_method="POST", journal="group.document.delete")
    def delete(self) -> HTTPSeeOther:
        request = self.request
        request.journal(self.context.group.id, document=str(self.document.id))
        documents.delete(request.db, self.document.id, by=request.identity.person_id)
        return HTTPSeeOther(f"{request.script_name}{self.context.path}?fait=supprime")


# --- reading --------------------------------------------------------------------------------------------------


def _read(context: DocumentContext, request: Request, document: GroupDocument) -> dict[str, Any]:
    wrote = [document.created_by, document.updated_by]
    known: Any = names(request.db, wrote) if context.found.names(context.reader) else {}
    return {
        "document": document, "group": context.group, "kind": DOCUMENTS[document.kind],
        "html": to_html(document.text), "day": documents.day_of(document), "direction": langs.direction,
        "files": _files(request, document.id), "address": address,
        "author": known.get(document.created_by), "changed_by": known.get(document.updated_by),
        "edits": context.edits, "deletes": context.deletes, "done": request.GET.get("fait"),
        "here": request.script_name + context.path, "at": request.script_name + context.document_path,
        "url": request.config.public_url.rstrip("/") + context.document_path,
    }  # fmt: skip


@view_config(
    route_name="groups.document", permission=Permission.GROUP_READ, request_method="GET", cache="public",
    renderer="templates/document.jinja2",
)  # fmt: skip
@view_config(
    route_name="groups.document.print", permission=Permission.GROUP_READ, request_method="GET", cache="public",
    renderer="templates/document_print.jinja2",
)  # fmt: skip
def document(context: DocumentContext, request: Request) -> dict[str, Any]:
    """A document, to read or to print."""
    return _read(context, request, context.document)


@view_config(
    route_name="groups.document.md", permission=Permission.GROUP_READ, request_method="GET", cache="public"
)  # fmt: skip
def document_md(context: DocumentContext, request: Request) -> Response:
    """A document as a Markdown file."""
    found, day = context.document, documents.day_of(context.document)
    said = written_date(day, request.lang) if day else ""
    response: Response = request.response
    response.text = documents.as_markdown(found, said, context.group.name)
    response.content_type, response.charset = "text/markdown", "utf-8"
    response.content_disposition = f'attachment; filename="{found.slug}.md"'
    return response


@view_config(
    route_name="groups.minutes", permission=Permission.GROUP_READ, request_method="GET", cache="public",
    renderer="templates/documents.jinja2",
)  # fmt: skip
@view_config(
    route_name="groups.pages", permission=Permission.GROUP_READ, request_method="GET", cache="public",
    renderer="templates/documents.jinja2",
)  # fmt: skip
def listed(context: GroupContext, request: Request) -> dict[str, Any]:
    """All minutes, or all pages."""
    kind = LISTS[request.matched_route.pattern.rpartition("/")[2]]
    found = documents.listed(request.db, context.read.id, kind, page_number(request))
    return {"group": context.group, "found": found, "minutes": kind is DocumentKind.MINUTES,
            "day_of": documents.day_of, "direction": langs.direction, "writes": context.writes,
            "here": request.script_name + context.path}  # fmt: skip
