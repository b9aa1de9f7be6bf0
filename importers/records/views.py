"""The page of the sources of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from importers.records.page import apart, record_view
from importers.records.reading import PAGE, records
from reseau.directory.routes import SheetContext
from reseau.editing.history_page import reader_of
from reseau.editing.keeping_routes import paged
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="records.sheet",
    renderer="templates/sources.jinja2",
    permission=Permission.SHEET_HISTORY,
    request_method="GET",
)
def sources(context: SheetContext, request: Request) -> dict[str, Any]:
    """What each source says of this place."""
    context.settle()
    row = context.row
    found, page, pages = paged(request, PAGE, lambda start: records(request.db, row["id"], start))
    reader = reader_of(request)
    others = {str(one.id): one for one in found.beside}
    return {
        "row": row,
        "records": [record_view(one, row, others, reader) for one in found.rows],
        "apart": apart(others.values(), reader),
        "total": found.total,
        "page": page,
        "pages": pages,
        "sees_runs": request.allows(Permission.NETWORK_COORDINATE),
    }
