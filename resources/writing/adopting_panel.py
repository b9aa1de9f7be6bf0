"""What the page of a resource says of where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reseau.core.vocabularies import vocabulary
from resources.base import provided
from resources.base.models import State
from resources.base.routes import path_of

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.reading.page import Page

TEMPLATE = "resources.writing:templates/adopt_panel.jinja2"


@dataclass(frozen=True, slots=True)
class Panel:
    """``name``: of the source. ``licence``: of the original, "" for none. ``gone``: since when it is not there any
    more. ``changed``: since when it is another, for those who write ours. ``adopts``: whether whoever reads may adopt
    it. ``done``: they did just now; ``waits``: and a coordinator reads it first."""

    here: str
    name: str
    url: str
    base: str
    base_url: str
    licence: str
    gone: datetime | None
    changed: datetime | None
    adopted: bool
    adopts: bool
    done: bool
    waits: bool


def provided_panel(request: Request, page: Page) -> Panel | None:
    """``request.provided_panel(page)``: None for what was written here; one statement at most."""
    resource = page.resource
    if resource.kind not in provided.KINDS:
        return None
    row = provided.of(request.db, resource.id)
    if row is None:
        return None
    edits = request.identity is not None and bool(getattr(request.context, "may_edit", False))
    term = vocabulary("licences").get(row.licence)
    shown = resource.state == State.PUBLISHED.value and not page.is_preview
    free = row.adopted_at is None and not provided.is_asked(row)
    adopts = shown and free and request.identity is not None and request.allows("resource:adopt")
    return Panel(
        request.script_name + path_of(resource), str(row.said.get("nom") or row.source), row.url, row.base,
        row.base_url, term.label(request.lang) if term else "", row.withdrawn_at, row.changed_at if edits else None,
        row.adopted_at is not None, bool(adopts), "adoptee" in request.GET and edits,
        edits and resource.review_at is not None,
    )  # fmt: skip
