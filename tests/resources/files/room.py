"""A room of the tests, with one form that takes files: it says what came, and gives it to a resource if one is named.

Run as a program it serves the whole site by the real server: ``python room.py DATA_DIR DATABASE_URL PORT``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from reseau import ROOMS
from reseau.core.wording import Wording
from reseau.settings import Settings
from reseau.web.app import make_app
from reseau.web.security import Permission
from resources.base.models import Resource
from resources.files import admission, services
from resources.files.errors import UploadError, sentence

ROOM = "tests.resources.files.room"


def send(request: Any) -> dict[str, Any]:
    """What came."""
    sent = request.upload
    if sent.error:
        request.response.status_int = 422
        said = sentence(sent.error, Wording.of(request.lang))
        return {"code": sent.error.code, "said": said, "fields": request.POST.getall("titre")}
    found: dict[str, Any] = {"fields": sorted(request.POST.items()), "files": [], "refs": []}
    for field, staged, name in sent.files:
        found["files"].append([field, staged.sha, staged.size, name])
        if resource := request.POST.get("ressource"):
            place = UUID(request.POST["lieu"]) if request.POST.get("lieu") else None
            try:
                ref = services.add(request.db, request.registry["files"], request.db.get_one(Resource, UUID(resource)),
                                   staged, name, request.identity.person_id, place, request.registry["clock"](),
                                   request.registry["files.limits"], inspected=True)  # fmt: skip
            except UploadError as error:
                request.response.status_int = 422
                return {"code": error.code, "said": sentence(error, Wording.of(request.lang))}
            found["refs"].append([ref.sha, ref.name])
    return found


def includeme(config: Any) -> None:
    """The route and its view."""
    config.add_route("essai", "/essai/fichiers")
    config.add_view(send, route_name="essai", request_method="POST", permission=Permission.RESOURCE_CREATE,
                    takes_files=True, renderer="json", journal_exempt_reason="a test")  # fmt: skip


if __name__ == "__main__":
    settings = Settings(secret="a secret of the tests, long enough to be accepted", data_dir=Path(sys.argv[1]),
                        database_url=sys.argv[2], secure_cookies=False, search_interval=0)  # fmt: skip
    admission.serve(make_app(settings, (*ROOMS, ROOM)), settings.files_max, settings.files_dir / "tmp",
                    host="127.0.0.1", port=int(sys.argv[3]), threads=2, max_request_body_size=1024 * 1024)  # fmt: skip
