"""View option ``reads_sheet``: the spreadsheet that was sent is read before any transaction of the request begins, so
that a long reading keeps nobody from writing. ``request.sheet``: what ``running.describe`` found, or None."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importers.pipeline.runs import storable
from importers.tableur import running

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

FIELD = "fichier"
MAX_FILE = 20_000_000  # bytes


def deriver(view: Any, info: Any) -> Any:
    """After ``takes_files``, which has looked at the token, at who sends and at the type of the file."""
    if not info.options.get("reads_sheet"):
        return view

    def read(context: Any, request: Request) -> Any:
        request.sheet = _described(request)
        return view(context, request)

    return read


deriver.options = ("reads_sheet",)  # type: ignore[attr-defined]


def _described(request: Request) -> dict[str, Any] | None:
    sent = request.upload.file(FIELD)
    if sent is None or request.upload.error:
        return None
    path = sent[0].path
    found: dict[str, Any] = storable(
        {"refused": "trop-lourd"} if path.stat().st_size > MAX_FILE else running.describe(path)
    )
    return found


def includeme(config: Configurator) -> None:
    """The view option."""
    config.add_view_deriver(deriver, name="reads_sheet", under="takes_files_body", over="secured_view")
