"""Public pages of the label: who holds it, what for, and the criteria in plain words."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config, view_defaults

from reseau.core.changes import current_seq
from reseau.core.clock import local_day
from reseau.core.markdown import to_html
from reseau.directory.params import Where, find_commune
from reseau.label import criteria, listing
from reseau.label.models import Criteria
from reseau.web.caching import conditional
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

NAMES = {"fr": "Français", "fr-x-falc": "Français facile (FALC)", "en": "English", "ar": "العربية"}


@view_defaults(permission=Permission.DIRECTORY_READ, cache="public", request_method="GET")
class RegisterPages:
    """The register: page, JSON and CSV read the same parameters."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.today: date = local_day(request.registry["clock"](), request.config.timezone)
        self.number = page_number(request)
        # Criteria are not in the log: how many there are, and since when, is their part of the stamp.
        versions = [(one.version, one.from_on, one.texts) for one in self.versions]
        conditional(request, current_seq(request.db), self.today, versions)

    @cached_property
    def versions(self) -> list[Criteria]:
        """All versions of the criteria."""
        return criteria.every(self.request.db)

    @cached_property
    def asked(self) -> str:
        """The commune, as it was typed."""
        return str(dict(self.request.query_items).get("commune", "")).replace("\x00", "").strip()

    @cached_property
    def where(self) -> Where | None:
        """The commune that is meant."""
        return find_commune(self.asked) if self.asked else None

    @view_config(route_name="label.register", renderer="templates/register.jinja2")
    def page(self) -> dict[str, Any]:
        current = next((one for one in self.versions if one.from_on <= self.today), None)
        return {
            "found": listing.register(self.request.db, self.today, self.where, self.number),
            "ended": listing.ended(self.request.db, self.today), "asked": self.asked, "where": self.where,
            "query": {"commune": self.asked} if self.asked else {}, "today": self.today,
            "current": _shown(self.request, current) if current else None,
        }  # fmt: skip

    @view_config(route_name="label.register.json", renderer="json")
    def json(self) -> dict[str, Any]:
        found = listing.register(self.request.db, self.today, self.where, self.number)
        return {
            "le": self.today.isoformat(), "total": found.total, "page": found.number, "pages": found.pages,
            "par_page": found.size,
            "items": [
                {"id": str(one.id), "nom": one.nom, "url": one.path, "commune": one.commune,
                 "code_insee": one.code_insee, "depuis": one.since.isoformat(), "jusqu_au": one.until.isoformat(),
                 "criteres": one.version}
                for one in found.rows
            ],
            "ignores": [] if self.where or not self.asked else [{"parametre": "commune", "valeur": self.asked}],
        }  # fmt: skip

    @view_config(route_name="label.register.csv")
    def csv(self) -> Response:
        response = self.request.response
        response.content_type, response.charset = "text/csv", "utf-8"
        response.content_disposition = 'attachment; filename="label.csv"'
        rows = listing.everyone(self.request.db, self.today, self.where)
        response.text = "\ufeff" + listing.as_csv(rows, self.request.config.public_url.rstrip("/"))
        return response


@view_config(route_name="label.criteria", renderer="templates/versions.jinja2", request_method="GET",
             permission=Permission.DIRECTORY_READ)  # fmt: skip
def versions_page(request: Request) -> dict[str, Any]:
    """All versions, the newest first."""
    today = local_day(request.registry["clock"](), request.config.timezone)
    found = criteria.every(request.db)
    return {"found": found, "current": next((one for one in found if one.from_on <= today), None)}


@view_config(route_name="label.criteria.one", renderer="templates/criteria.jinja2", request_method="GET",
             permission=Permission.DIRECTORY_READ)  # fmt: skip
def criteria_page(request: Request) -> dict[str, Any]:
    """One version, in the language of the page, or in one that is asked for (``?texte=fr-x-falc``)."""
    found = criteria.named(request.db, request.matchdict["version"])
    if found is None:
        raise HTTPNotFound
    return _shown(request, found, dict(request.query_items).get("texte", ""))


def _shown(request: Request, one: Criteria, asked: str = "") -> dict[str, Any]:
    said, lang = criteria.text(one, asked, request.lang)
    return {
        "criteria": one, "html": to_html(said), "lang": lang,
        "others": [(code, NAMES[code]) for code in criteria.LANGS if one.texts.get(code) and code != lang],
    }  # fmt: skip
