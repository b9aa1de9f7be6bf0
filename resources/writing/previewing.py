"""What readers would see of a draft, by the templates of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from reseau.core.wording import Wording
from resources.base.addresses import path_of
from resources.base.content import FileRef
from resources.base.models import Resource, ResourceVersion, State, Visibility
from resources.base.services import Published
from resources.reading.page import Page, page_of

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.routes import ResourceContext


class DraftLinks:
    """Files and resources of a draft; documents are made when it is published."""

    def __init__(self, base: str) -> None:
        self.base = base

    def file(self, ref: FileRef) -> str:
        """An attached file."""
        return f"{self.base}/fichiers/{ref.sha}/{quote(ref.name)}"

    def image(self, ref: FileRef) -> str:
        """The picture of a step."""
        return f"{self.base}/fichiers/{ref.sha}/image.webp"

    def preview(self, ref: FileRef) -> str:
        """None: it may not be made yet."""
        return ""

    def resource(self, resource: Resource) -> str:
        """Another resource."""
        return f"{self.base}{path_of(resource)}"

    def document(self, key: str) -> str:
        """None."""
        return ""


def preview(request: Request, context: ResourceContext) -> tuple[Page, DraftLinks]:
    """(the page of the draft in its own language, where its links lead)."""
    resource, content = context.resource, context.working
    version = ResourceVersion(resource_id=resource.id, number=resource.version + 1, content={},
                              at=request.registry["clock"](), note="", minor=False)  # fmt: skip

    def may_read(other: Resource) -> bool:
        open_to = other.visibility == Visibility.PUBLIC.value or request.allows("network:read")
        return other.state == State.PUBLISHED.value and bool(open_to)

    page = page_of(
        request.db, Published(resource, content, version), content.lang, Wording.of(request.lang),
        request.config.timezone, may_read=may_read, is_preview=True,
    )  # fmt: skip
    return page, DraftLinks(request.script_name)
