"""What the page of a resource offers to those who write it, and to those who may copy it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from reseau.core.db import site_day
from reseau.core.letters import Site
from resources.base import services
from resources.base.models import State
from resources.base.routes import ResourceContext, path_of
from resources.writing import adapting, drafting, reviewing

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.reading.page import Page

TEMPLATE = "resources.writing:templates/panel.jinja2"


@dataclass(frozen=True, slots=True)
class Panel:
    """``edits``: whoever reads may write it; the rest but ``adapts`` is for them. ``due``: the day by which it is to be
    verified, None for never published; ``late``: that day has passed, or there is none. ``address``: whole, when it was
    published just now."""

    url: str
    edits: bool
    adapts: bool
    published: bool = False
    changes: bool = False
    asked: bool = False
    original: bool = False
    due: date | None = None
    late: bool = False
    address: str = ""


def writing_panel(request: Request, page: Page) -> Panel | None:
    """``request.writing_panel(page)``: None for whoever is not signed in, without a statement."""
    if request.identity is None or page.is_preview:
        return None
    resource = page.resource
    url = request.script_name + path_of(resource)
    shown = resource.state == State.PUBLISHED.value
    adapts = shown and adapting.may_adapt(page.published.content)
    context = request.context if isinstance(request.context, ResourceContext) else None
    if context is None or not context.may_edit:
        return Panel(url, False, True) if adapts else None
    new = shown and "publie" in request.GET
    origin = services.by_ids(request.db, [resource.origin_id]).get(resource.origin_id) if resource.origin_id else None
    due = date.fromisoformat(resource.due_on) if resource.due_on else None
    return Panel(
        url, True, adapts, shown, drafting.has_draft(request.db, resource.id), reviewing.asked(resource) is not None,
        origin is not None and origin.state == State.PUBLISHED.value and origin.version != resource.origin_version,
        due, due is None or due <= site_day(request.db, request.registry["clock"]()),
        f"{Site.of(request.config).url}{path_of(resource)}" if new else "",
    )  # fmt: skip
