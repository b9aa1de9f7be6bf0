"""Pages of one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.view import view_config, view_defaults

from reseau.core.wording import Wording
from reseau.web.security import Permission
from resources.base import tallies
from resources.base.routes import ResourceContext
from resources.reading import versions
from resources.reading.page import interface_language
from resources.reading.serving import OnlineLinks, count, page_for, shared_files

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.reading.page import Page


#: Beside a resource: what is taken, its languages, what is said of it, who keeps it; what is not named comes last.
_PANELS = (
    "resources.writing:templates/adopt_panel", "resources.taking:", "resources.translating:", "resources.saying:",
    "resources.writing:", "resources.files:",
)  # fmt: skip


def _rank(panel: str) -> int:
    return next((rank for rank, part in enumerate(_PANELS) if panel.startswith(part)), len(_PANELS))


def _told(page: Page) -> dict[str, Any]:
    """The content, without the names of resources that its reader may not open."""
    content = page.content.to_json()
    for block in content["blocks"]:
        named = block.get("data", {}).get("ressource")
        if named and named not in page.linked:
            del block["data"]["ressource"]
    return content


@view_defaults(permission=Permission.RESOURCE_READ, cache="public", request_method="GET")
class ResourcePages:
    """One resource, on screen, on paper, as data."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request

    def _page(self) -> dict[str, Any]:
        page = page_for(self.request, self.context)
        online = self.request.config.public_url.rstrip("/") + self.context.path
        links = OnlineLinks(self.request, page.resource, page.lang)
        return {"page": page, "links": links, "online": online, "may_edit": self.context.may_edit}

    @view_config(route_name="resource.page", renderer="templates/page.jinja2")
    def read(self) -> dict[str, Any]:
        found = self._page()
        count(self.request, "view", found["page"])
        shown = found["may_edit"] and tallies.totals(self.request.db, self.context.resource.id)
        panels = sorted(self.request.registry["resource.panels"], key=_rank)
        return {**found, "counts": shown, "panels": panels, "shared": shared_files(self.request, found["page"])}

    @view_config(route_name="resource.print", renderer="templates/print.jinja2")
    def paper(self) -> dict[str, Any]:
        found = self._page()
        # Paper has one language: that of the content, with its own words around it.
        found["page"].wording = Wording.of(interface_language(found["page"].lang))
        count(self.request, "view", found["page"])
        return found

    @view_config(route_name="resource.versions", renderer="templates/versions.jinja2")
    def versions(self) -> dict[str, Any]:
        id_ = self.context.published.resource.id
        counts = tallies.by_version(self.request.db, id_) if self.context.may_edit else {}
        # What a resource said before everyone could read it was said to the network: a version does not tell which.
        told = self.context.may_edit or self.request.allows("network:read")
        lines = versions.history(self.request.db, id_, compared=versions.COMPARED if told else 0)
        return {**self._page(), "lines": lines, "counts": counts}

    @view_config(route_name="resource.json", renderer="json")
    def data(self) -> dict[str, Any]:
        page = page_for(self.request, self.context)
        resource, marks = page.resource, page.reading.marks
        content = _told(page)
        return {
            "id": str(resource.id),
            "adresse": self.request.config.public_url.rstrip("/") + self.context.path,
            "version": resource.version,
            "mis_a_jour": page.published.version.at.isoformat(),
            "verifie": resource.verified_at.isoformat() if resource.verified_at else None,
            "langue": page.lang,
            "langues": list(page.languages),
            "structure": str(page.structure["id"]) if page.structure else None,
            "contenu": {name: value for name, value in content.items() if name != "header_same_as"},
            "traduction": {key: {"etat": mark.shown.value, "perimee": mark.stale} for key, mark in marks.items()},
        }
