"""Minutes and pages of a group: written, read, changed, printed, taken away as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.db import site_day
from reseau.core.files import SHA
from reseau.core.ids import new_id
from reseau.core.limits import allow
from reseau.core.markdown import to_html
from reseau.core.wording import Wording, written_date
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
from resources.files import attached
from resources.files.attached import Attached, UploadError
from resources.files.errors import megabytes, sentence
from resources.files.serving import address

if TYPE_CHECKING:
    from pyramid.request import Request

TOO_MANY = _("Vous avez écrit beaucoup de documents en une heure. Recommencez plus tard : votre texte est encore là.")
TOO_MANY_FILES = _("Un document a %(most)s fichiers au plus.")
FILE = "fichier"


# --- files of a form ------------------------------------------------------------------------------------------


def _files(request: Request, id_: UUID) -> list[Attached]:
    return attached.of(request.db, DOCUMENT_KIND, [id_]).get(id_, [])


def take_files(request: Request, id_: UUID) -> str:
    """Give a document the files that came, and take away those that the form ticked. :return: why one is refused, or
    "": the others are kept, so that the form that comes back need not bring them again."""
    owner, came = (DOCUMENT_KIND, id_), request.upload
    for sha in request.POST.getall("retirer"):
        if isinstance(sha, str) and SHA.fullmatch(sha):
            attached.detach(request.db, owner, sha)
    if came.error:
        return sentence(came.error, Wording.of(request.lang))
    room = documents.MAX_FILES - attached.count(request.db, owner) if came.files else 0
    for number, (_field, staged, name) in enumerate(came.files):
        if number >= room:
            return str(request.gettext(TOO_MANY_FILES, most=documents.MAX_FILES))
        try:
            attached.attach(
                request.db, request.registry["files"], owner, staged, name, by=request.identity.person_id,
                structure_id=None, now=request.registry["clock"](), limits=request.registry["files.limits"],
                inspected=True,
            )  # fmt: skip
        except UploadError as error:
            return sentence(error, Wording.of(request.lang))
    return ""


def _form_page(request: Request, context: GroupContext, form: DocumentForm, **more: Any) -> dict[str, Any]:
    return {
        "form": form, "group": context.group, "here": request.script_name + context.path, "files_refused": "",
        "clash": None, "said": "", "document": None, "direction": langs.direction, "megabytes": megabytes,
        "most_files": documents.MAX_FILES, **more,
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

    @view_config(
        route_name="groups.minutes.new", request_method="POST", journal="group.document", takes_files=True
    )  # fmt: skip
    @view_config(route_name="groups.pages.new", request_method="POST", journal="group.document", takes_files=True)
    def create(self) -> Any:
        request, form, me = self.request, self._form(), self.request.identity.person_id
        id_ = form.nonce
        if not documents.own_id(request.db, id_, self.group.id, me):
            id_ = new_id()
            form.numero.data = str(id_)
        valid, refused, now = form.validate(), take_files(request, id_), request.registry["clock"]()
        said = ""
        if valid and not refused and not allow(request.db, documents.PER_HOUR, str(me), now):
            said = request.gettext(TOO_MANY)
        if not valid or refused or said:
            return refuse(request, **self._page(form, files=_files(request, id_), files_refused=refused, said=said))
        try:
            made = documents.create(request.db, self.group.id, self.kind, form.writing, id_=id_, by=me, now=now)
            request.journal(self.group.id, document=str(made.id))
        except documents.Taken as taken:  # the second click
            made = taken.document
            request.journal_nothing()
        return HTTPSeeOther(f"{request.script_name}{self.context.path}/documents/{made.slug}?fait=cree")


@view_defaults(
    route_name="groups.document.edit", permission=Permission.ACCOUNT_OWN, renderer="templates/document_form.jinja2"
)
class EditDocument:
    """Changing a document: any member, so nobody overwrites unseen."""

    def __init__(self, context: DocumentContext, request: Request) -> None:
        self.context, self.request, self.document = context, request, context.edited

    def _form(self) -> DocumentForm:
        document = self.document
        return DocumentForm(
            self.request, minutes=document.kind == DocumentKind.MINUTES.value, today=documents.day_of(document),
            titre=document.title, texte=document.text, langue=document.lang, numero=str(document.id),
            vu=str(document.rev),
        )  # fmt: skip

    def _page(self, form: DocumentForm, **more: Any) -> dict[str, Any]:
        files = _files(self.request, self.document.id)
        return _form_page(self.request, self.context, form, kind=self.document.kind, files=files,
                          **{"document": self.document, **more})  # fmt: skip

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page(self._form())

    @view_config(request_method="POST", journal="group.document.edit", takes_files=True)
    def save(self) -> Any:
        request, form, id_ = self.request, self._form(), self.document.id
        valid, refused = form.validate(), take_files(request, id_)
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
        documents.delete(request.db, self.document.id)
        return HTTPSeeOther(f"{request.script_name}{self.context.path}?fait=supprime")


# --- reading --------------------------------------------------------------------------------------------------


def _read(context: DocumentContext, request: Request, document: GroupDocument) -> dict[str, Any]:
    wrote = [document.created_by, document.updated_by]
    known: Any = names(request.db, wrote) if context.found.names(context.reader) else {}
    return {
        "document": document, "group": context.group, "kind": DOCUMENTS[document.kind],
        "html": to_html(document.text), "day": documents.day_of(document), "direction": langs.direction,
        "files": _files(request, document.id), "address": address, "megabytes": megabytes,
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
