"""Pages of one place: sheet and its twins (JSON, print, QR code)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import segno
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.hours import clock
from reseau.directory import present
from reseau.directory.routes import SheetContext
from reseau.directory.sheet_page import SheetPage
from reseau.web.caching import conditional
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class SheetPages:
    """One place, for people, printers and programs."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        context.settle()
        self.now: datetime = request.registry["clock"]()
        self.zone = ZoneInfo(request.config.timezone)

    def _not_modified(self, *more: object) -> None:
        sheet, country = self.context.sheet, self.request.config.country
        state = present.opening(sheet.row["horaires"], self.now, self.zone, country)
        monday = self.now.astimezone(self.zone).date()
        family = [(one["id"], one["slug"], one["nom"]) for one in (sheet.parent, *sheet.branches) if one]
        seen = (sheet.row["rev"], sheet.not_seen_since, state, monday, len(sheet.offers), family)
        conditional(self.request, *seen, *more)

    def _page(self, *more: object) -> dict[str, Any]:
        self._not_modified(*more)
        return {"sheet": SheetPage(self.request, self.context.sheet, self.now)}

    @view_config(route_name="directory.sheet", renderer="templates/sheet.jinja2")
    def sheet_page(self) -> dict[str, Any]:
        # What panels show changes without the sheet (registry "sheet.stamps").
        stamps = self.request.registry.get("sheet.stamps", ()) if self.request.page_cache.public else ()
        return self._page(*(stamp(self.request, self.context.sheet.row["id"]) for stamp in stamps))

    @view_config(route_name="directory.sheet.print", renderer="templates/print_sheet.jinja2")
    def print_page(self) -> dict[str, Any]:
        return self._page()

    @view_config(route_name="directory.sheet.json", renderer="json")
    def sheet_json(self) -> dict[str, Any]:
        self._not_modified()
        sheet = self.context.sheet
        data = present.sheet(sheet.row, sheet.offers, self.now, self.zone, self.request.config.country)
        data["plus_vu_depuis"] = sheet.not_seen_since.isoformat() if sheet.not_seen_since else None
        data["semaine"] = self._week()
        return data

    def _week(self) -> list[dict[str, Any]] | None:
        if self.context.sheet.closed_on:
            return None
        days = present.week(self.context.row["horaires"], self.now, self.zone, self.request.config.country)
        if days is None:
            return None
        return [
            {
                "date": day.date.isoformat(),
                "ferie": day.holiday,
                "plages": [
                    {"debut": clock(i.start), "fin": clock(i.end), "note": i.comment, "incertain": i.unknown}
                    for i in day.intervals
                ],
            }
            for day in days
        ]

    @view_config(route_name="directory.sheet.qr")
    def qr(self) -> Response:
        conditional(self.request)
        row, out = self.context.row, io.BytesIO()
        address = self.request.config.public_url.rstrip("/") + present.path(row["slug"], row["id"])
        segno.make(address, error="m").save(out, kind="svg", border=2, xmldecl=True, svgns=True, omitsize=True)
        return Response(out.getvalue(), content_type="image/svg+xml", charset="utf-8")
