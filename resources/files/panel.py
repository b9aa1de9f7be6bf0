"""What the page of a resource tells its authors of its files: those that a search does not find by their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from resources.base.content import FileRef
from resources.base.routes import ResourceContext
from resources.files import services

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.services import Published

TEMPLATE = "resources.files:templates/files_panel.jinja2"


class Page(Protocol):
    """What is needed of the page of a resource."""

    @property
    def published(self) -> Published:
        """What readers see."""


def unreadable_files(request: Request, page: Page) -> list[FileRef]:
    """``request.unreadable_files(page)``: one statement for its authors where it has files, none for anybody else."""
    context = request.context
    if request.identity is None or not isinstance(context, ResourceContext) or not context.may_edit:
        return []
    refs = page.published.content.files()
    found = services.about(request.db, [ref.sha for ref in refs])
    return [ref for ref in refs if ref.sha in found and found[ref.sha].text_state == "unreadable"]
