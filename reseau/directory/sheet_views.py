"""Pages of one place: sheet, its twins (JSON, print, QR code), and "signaler une erreur"."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import segno
from pyramid.httpexceptions import HTTPMovedPermanently, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.hours import clock
from reseau.directory import present
from reseau.directory.forms import ReportForm
from reseau.directory.routes import SheetContext
from reseau.directory.sheet_page import SheetPage
from reseau.directory.suggestions import Said, suggest
from reseau.web.caching import conditional
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


class _SheetBase:
    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        self._canonical()

    def _canonical(self) -> None:
        """An old name, or a place that was merged into another, leads to the present address.

        :raises HTTPMovedPermanently: with the rest of the address kept.
        """
        if self.request.method not in ("GET", "HEAD"):
            return  # a redirection would lose what was written
        row = self.context.row
        id_, slug = self.context.present
        if (str(id_), slug) != (str(row["id"]), self.request.matchdict["slug"]):
            target = self.request.route_path(self.request.matched_route.name, id=str(id_), slug=slug)
            query = self.request.query_string
            raise HTTPMovedPermanently(location=f"{target}?{query}" if query else target)


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class SheetPages(_SheetBase):
    """One place, for people, printers and programs."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        super().__init__(context, request)
        self.now: datetime = request.registry["clock"]()
        self.zone = ZoneInfo(request.config.timezone)

    def _not_modified(self) -> None:
        sheet, country = self.context.sheet, self.request.config.country
        state = present.opening(sheet.row["horaires"], self.now, self.zone, country)
        monday = self.now.astimezone(self.zone).date()
        conditional(self.request, sheet.row["rev"], sheet.not_seen_since, state, monday, len(sheet.offers))

    def _page(self) -> dict[str, Any]:
        self._not_modified()
        return {"sheet": SheetPage(self.request, self.context.sheet, self.now)}

    @view_config(route_name="directory.sheet", renderer="templates/sheet.jinja2")
    def sheet_page(self) -> dict[str, Any]:
        return self._page()

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


@view_defaults(route_name="directory.report", permission=Permission.REPORT_CREATE)
class ReportPages(_SheetBase):
    """The report form of one sheet."""

    @view_config(request_method="GET", renderer="templates/report.jinja2")
    def form(self) -> dict[str, Any]:
        return {"form": ReportForm(self.request), "row": self.context.row, "sent": "merci" in self.request.GET}

    @view_config(request_method="POST", renderer="templates/report.jinja2", journal="suggestion.create")
    def send(self) -> Any:
        form = ReportForm(self.request)
        if not form.validate():
            return refuse(self.request, form=form, row=self.context.row, sent=False)
        id_, slug = self.context.present
        if not form.is_spam:
            said = Said(form.raison.data, form.message.data.strip(), (form.contact.data or "").strip() or None)
            now = self.request.registry["clock"]()
            suggest(self.request.db, id_, said, language=self.request.lang, nonce=form.nonce, now=now)
        return HTTPSeeOther(self.request.route_path("directory.report", id=str(id_), slug=slug, _query={"merci": "1"}))
