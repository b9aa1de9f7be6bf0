"""The form of a sheet, and its draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.directory.routes import SheetContext
from reseau.editing.edit_page import EditPage, draft_path, posted
from reseau.editing.routes import canonical
from reseau.members import drafts
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

LATER = "garder"


class _Base:
    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        canonical(context, request)

    def _to(self, route: str, **query: str) -> HTTPSeeOther:
        id_, slug = self.context.present
        return HTTPSeeOther(self.request.route_path(route, id=str(id_), slug=slug, _query=query))


@view_defaults(route_name="editing.edit", permission=Permission.SHEET_EDIT, renderer="templates/edit.jinja2")
class EditPages(_Base):
    """The form."""

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return {"page": EditPage(self.request, self.context)}

    @view_config(request_method="POST", journal="sheet.edit")
    def save(self) -> Any:
        page = EditPage(self.request, self.context, posted(self.request))
        if self.context.sheet.moved_to:  # merged while it was written: the form of where the place is now shows both
            page.keep_draft()
            self.request.journal_nothing()
            return self._to("editing.edit")
        saved = page.save()
        if saved is None:
            return refuse(self.request, page=page)
        if saved.is_nothing:
            self.request.journal_nothing()
            return self._to("directory.sheet", enregistre="rien")
        answered = {"suggestion": str(saved.answered)} if saved.answered else {}
        self.request.journal(fields=list(saved.written), verified=saved.verified, **answered)
        said = ",".join(saved.written) or ("fiche" if saved.verified else "rythme")
        return self._to("directory.sheet", enregistre=said, **({"signale": "1"} if answered else {}))


@view_defaults(permission=Permission.SHEET_EDIT, request_method="POST")
class DraftPages(_Base):
    """What is kept as one types, and thrown away."""

    @view_config(route_name="editing.draft", journal_exempt_reason="a draft changes nothing that others see")
    def keep(self) -> Any:
        person, path = self.request.identity.person_id, draft_path(self.context.structure_id)
        now = self.request.registry["clock"]()
        kept = drafts.save(self.request.db, person, path, posted(self.request), now)
        if not self.request.POST.get(LATER):
            return HTTPNoContent()
        return self._to("editing.edit", garde="1" if kept else "0")

    @view_config(route_name="editing.draft.drop", journal_exempt_reason="a draft changes nothing that others see")
    def drop(self) -> HTTPSeeOther:
        path = draft_path(self.context.structure_id)
        drafts.drop(self.request.db, self.request.identity.person_id, path)
        return self._to("editing.edit")
