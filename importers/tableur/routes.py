"""Addresses of spreadsheets."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from importers.tableur import uploads
from reseau.core.ids import UUID_PATTERN, parse_id

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

    from importers.models import SheetUpload

LIST = "/gestion/tableurs"
ONE = f"{LIST}/{{id:{UUID_PATTERN}}}"


class UploadContext:
    """The upload of an address. :raises HTTPNotFound: when it is read and there is none."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def upload(self) -> SheetUpload:
        """Its row."""
        id_ = parse_id(self._request.matchdict["id"])
        found = uploads.get(self._request.db, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found


def includeme(config: Configurator) -> None:
    """All of them."""
    config.add_route("tableur.list", LIST)
    config.add_route("tableur.template", f"{LIST}/modele.{{kind:xlsx|csv}}")
    config.add_route("tableur.one", ONE, factory=UploadContext)
    config.add_route("tableur.columns", f"{ONE}/colonnes", factory=UploadContext)
    config.add_route("tableur.import", f"{ONE}/importer", factory=UploadContext)
    config.add_route("tableur.withdraw", f"{ONE}/retirer", factory=UploadContext)
