"""History of a sheet, putting one value back, and the conflicts with the registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.directory import edits
from reseau.directory.edits import restorable
from reseau.directory.history import PAGE, conflicts, history
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.directory.routes import SheetContext
from reseau.editing.history_page import (
    authors_of,
    conflict_view,
    decided,
    moment_view,
    people,
    reader_of,
    register,
    restore_view,
)
from reseau.editing.keeping_routes import paged, scope
from reseau.members.places import names
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

SHEETS_A_PAGE = 20


class _Pages:
    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        context.settle()
        self.now = request.registry["clock"]()
        self.reader = reader_of(request)

    def _to(self, route: str, query: dict[str, str], **parts: str) -> HTTPSeeOther:
        id_, slug = self.context.present
        return HTTPSeeOther(self.request.route_path(route, id=str(id_), slug=slug, _query=query, **parts))


@view_defaults(route_name="editing.history", renderer="templates/history.jinja2")
class HistoryPages(_Pages):
    """Who changed which value when, from what to what."""

    @view_config(permission=Permission.SHEET_HISTORY, request_method="GET")
    def show(self) -> dict[str, Any]:
        request, row = self.request, self.context.row
        found, page, pages = paged(request, PAGE, lambda start: history(request.db, row["id"], 1 + start // PAGE))
        known = names(request.db, people(moment.first.author_id for moment in found.moments))
        return {
            "row": row,
            "moments": [moment_view(moment, known, self.reader) for moment in found.moments],
            "total": found.total,
            "page": page,
            "pages": pages,
            "register": register(found.source, self.reader) if found.source else None,
            "may_edit": request.allows(Permission.SHEET_EDIT, row["id"]),
            "restored": request.GET.get("remis"),
        }


@view_defaults(route_name="editing.restore", permission=Permission.SHEET_EDIT)
class RestorePages(_Pages):
    """One value is put back, after it was shown what that writes."""

    def _found(self) -> Any:
        change_id = parse_id(self.request.matchdict["change"])
        found = restorable(self.request.db, self.context.structure_id, change_id) if change_id else None
        if found is None:
            raise HTTPNotFound
        return found

    @view_config(request_method="GET", renderer="templates/history_restore.jinja2")
    def confirm(self) -> dict[str, Any]:
        found = self._found()
        shown, changed = restore_view(found, self.reader), "change" in self.request.GET
        return {"row": self.context.row, "restore": shown, "vu": edits.seen(found.now), "changed": changed}

    @view_config(request_method="POST", journal="sheet.restore")
    def restore(self) -> HTTPSeeOther:
        request = self.request
        edits.locked(request.db, self.context.structure_id)
        found = self._found()
        change, vu = found.change, request.POST.get("vu")
        if not found.is_so and vu != edits.seen(found.now):  # somebody wrote while the confirmation was read
            request.journal_nothing()
            return self._to("editing.restore", {"change": "1"}, change=str(change.id))
        because = Because(Cause.RESTORE, request.actor, ref=change.id)
        written = edits.restore(request.db, self.context.structure_id, change.id, because, request.sources, self.now)
        request.journal(fields=list(written))
        if not written:
            request.journal_nothing()
        return self._to("editing.history", {"remis": "1" if written else "0"})


@view_defaults(route_name="editing.conflicts", permission=Permission.SHEET_EDIT)
class ConflictPages(_Pages):
    """What people wrote, beside what the registers say now."""

    def _conflicts(self) -> list[Any]:
        request = self.request
        found = conflicts(request.db, [self.context.structure_id], request.sources)
        return found.sheets

    @view_config(request_method="GET", renderer="templates/conflicts.jinja2")
    def show(self) -> dict[str, Any]:
        sheets = self._conflicts()
        known = names(self.request.db, authors_of(sheets))
        shown = [conflict_view(conflict, known, self.reader) for sheet in sheets for conflict in sheet.conflicts]
        return {"row": self.context.row, "conflicts": shown, "result": self.request.GET.get("choix")}

    @view_config(request_method="POST", journal="conflict.decide")
    def decide(self) -> HTTPSeeOther:
        request, posted = self.request, self.request.POST
        choice = posted.get("choix")
        edits.locked(request.db, self.context.structure_id)  # two who decide at once meet one after the other
        open_ones = [conflict for sheet in self._conflicts() for conflict in sheet.conflicts]
        fields, stale = decided((key for key in posted.getall("champ") if isinstance(key, str)), open_ones)
        done: list[str] = []
        if fields and choice == "garder":
            because = Because(Cause.KEPT, request.actor)
            done = edits.keep_mine(request.db, self.context.structure_id, fields, because, self.now)
        elif fields and choice == "prendre":
            because = Because(Cause.THEIRS, request.actor)
            done = edits.take_theirs(request.db, self.context.structure_id, fields, because, request.sources, self.now)
        request.journal(fields=done, choice=choice if choice in ("garder", "prendre") else None)
        if not done:
            request.journal_nothing()
        result = str(choice) if done and not stale else "change" if stale else "deja"
        if posted.get("retour") == "gestion":
            return HTTPSeeOther(request.route_path("editing.desk.conflicts", _query={"choix": result}))
        return self._to("editing.conflicts", {"choix": result})


@view_config(
    route_name="editing.desk.conflicts",
    permission=Permission.DESK_READ,
    request_method="GET",
    renderer="templates/conflicts_list.jinja2",
)
def conflict_list(request: Request) -> dict[str, Any]:
    """All conflicts of my places; of all places of the territory for the coordination."""
    reader, places, sources = reader_of(request), scope(request), request.sources
    territory = request.config.territory if places is None else ()
    found, page, pages = paged(
        request, SHEETS_A_PAGE, lambda start: conflicts(request.db, places, sources, SHEETS_A_PAGE, start, territory)
    )
    known = names(request.db, authors_of(found.sheets))
    sheets = [
        (sheet.row, [conflict_view(one, known, reader) for one in sheet.conflicts], sheet.since)
        for sheet in found.sheets
    ]
    return {"sheets": sheets, "total": found.total, "page": page, "pages": pages, "result": request.GET.get("choix")}
