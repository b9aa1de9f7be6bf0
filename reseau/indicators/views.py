"""The page of the indicators, and its CSV."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from babel import dates
from pyramid.view import view_config, view_defaults

from reseau.core.clock import local_day
from reseau.core.wording import LOCALES
from reseau.indicators import services
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

SHOWN = 12
"""Months on the page; the CSV has all."""


@view_defaults(permission=Permission.NETWORK_READ, request_method="GET")
class IndicatorPages:
    """Both show the same, in the same order."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.today: date = local_day(request.registry["clock"](), request.config.timezone)
        self.found = services.series(request.db, self.today)

    @view_config(route_name="indicators", renderer="templates/indicators.jinja2")
    def page(self) -> dict[str, Any]:
        return {"found": self.found, "today": self.today, "shown": SHOWN, "month": self._month}

    @view_config(route_name="indicators.csv")
    def csv(self) -> Response:
        response = self.request.response
        response.content_type, response.charset = "text/csv", "utf-8"
        response.content_disposition = 'attachment; filename="indicateurs.csv"'
        response.text = "\ufeff" + services.as_csv(self.found)
        return response

    def _month(self, month: str) -> str:
        """``novembre 2026``."""
        return dates.format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale=LOCALES[self.request.lang])
