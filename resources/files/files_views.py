"""Files as they were sent, always as attachments; pictures made of them, shown in pages."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPNotModified
from pyramid.response import Response
from pyramid.view import view_config

from reseau.core.clock import local_day
from reseau.web.security import Permission
from resources.base import services
from resources.base.addresses import NOWHERE
from resources.base.models import Resource, StoredFile
from resources.base.tallies import only_place
from resources.files import serving
from resources.files.extraction import SMALL, WIDE
from resources.files.names import clean_name, disposition, with_extension
from resources.files.pictures import PLACEHOLDER
from resources.files.serving import FileIter, Part, Way
from resources.files.types import BY_MEDIA_TYPE

if TYPE_CHECKING:
    from pyramid.request import Request

#: For everyone: the address holds the digest, so what is there never changes; a day, since it may be withdrawn.
PUBLIC = "public, max-age=86400"
#: For others: kept, and asked for again each time, so that it is gone once they are signed out.
PRIVATE = "private, no-cache"
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
SANDBOX = "default-src 'none'; sandbox"
PICTURE = "image/webp"


class _Of:
    """Stands for a resource where a permission is asked."""

    def __init__(self, request: Request, resource: Resource) -> None:
        place = services.present_place(request.db, resource.structure_id) if request.identity else None
        self.structure_id: UUID = place or NOWHERE
        self.author_ids = frozenset(services.author_ids(request.db, resource.id)) if request.identity else frozenset()


def _allowed(request: Request, name: str | None) -> tuple[StoredFile, Way]:
    """The file of the address, and by what whoever asks may have it: a resource, else a post or a document.

    :raises HTTPNotFound: there is none, or they may not know. :raises HTTPForbidden: it is for the network.
    """
    sha = request.matchdict["sha"]
    row, found = serving.uses(request.db, sha, name)
    use = serving.first_allowed(
        found,
        lambda: request.allows(Permission.NETWORK_READ),
        lambda resource: bool(request.has_permission(Permission.RESOURCE_EDIT, _Of(request, resource))),
    )
    if row is not None and use is not None:
        return row, Way(use.name, use.everyone, use)
    file, way = serving.by_owners(request.db, sha, name, _owners(request), _person_id(request))
    if file is not None and way is not None:
        return file, way
    raise HTTPForbidden if any(one.shown for one in found) else HTTPNotFound


def _owners(request: Request) -> dict[str, serving.Asked]:
    """Who reads what files are attached to, as the rooms say."""
    says = request.registry.get("files.owners", {})
    return {kind: partial(reads, request) for kind, reads in says.items()}


def _person_id(request: Request) -> UUID | None:
    return request.identity.person_id if request.identity else None


@view_config(route_name="files.download", request_method="GET", permission=Permission.RESOURCE_READ)
def download(request: Request) -> Response:
    """The file, as an attachment."""
    asked = request.matchdict["name"]
    row, way = _allowed(request, asked)
    kind = BY_MEDIA_TYPE.get(row.media_type)
    # An author chooses the name, never what the file then claims to be.
    name = with_extension(clean_name(way.name or asked), kind.extensions if kind else (".bin",))
    path = request.registry["files"].path(row.sha)
    response = _send(request, path, row.sha, row.media_type, way)
    if response.status_code in (200, 206):
        response.headers["Content-Disposition"] = disposition(name)
        response.headers["Content-Security-Policy"] = SANDBOX
        _count(request, way, response)
    return response


@view_config(route_name="files.preview", request_method="GET", permission=Permission.RESOURCE_READ)
def preview(request: Request) -> Response:
    """The small picture of a file."""
    return _picture(request, SMALL)


@view_config(route_name="files.picture", request_method="GET", permission=Permission.RESOURCE_READ)
def picture(request: Request) -> Response:
    """An image of a page, at most 1200 px wide and high."""
    return _picture(request, WIDE)


def _picture(request: Request, suffix: str) -> Response:
    row, way = _allowed(request, None)
    sha, path = row.sha, request.registry["files"].beside(row.sha, suffix)
    if not row.preview:
        kind = BY_MEDIA_TYPE.get(row.media_type)
        if row.text_state != "waiting" or kind is None or not kind.picture:
            raise HTTPNotFound
        asked = sha, row.media_type, row.size, suffix
        request.tm.abort()  # no transaction stays open while a picture is made
        request.tm.begin()
        if request.registry["files.pictures"].made(*asked) is None:
            return _not_yet()
    return _send(request, path, f"{sha[:40]}{suffix}", PICTURE, way)


def _not_yet() -> Response:
    """A neutral picture, asked for again the next time."""
    response = Response(PLACEHOLDER, content_type="image/svg+xml", charset=None)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _send(request: Request, path: Path, etag: str, media_type: str, way: Way) -> Response:
    """200, 206, 304 or 416, from the disk.

    :raises HTTPNotFound: it should be there and is not (``reseau files check`` says so).
    """
    unchanged = bool(request.if_none_match) and etag in request.if_none_match
    response = HTTPNotModified() if unchanged else Response(content_type=media_type)
    response.headers["Cache-Control"] = PUBLIC if way.everyone else PRIVATE
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Accept-Ranges"] = "bytes"
    if unchanged:
        return response
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise HTTPNotFound from None
    size = path.stat().st_size
    part = _part(request, etag, size)
    if part is None:
        file.close()
        response.status_int = 416
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    if part.length < size:
        response.status_int = 206
        response.headers["Content-Range"] = part.header
    file.seek(part.start)
    wrapper = request.environ.get("wsgi.file_wrapper")
    # The server's own way needs no thread of ours while it sends.
    response.app_iter = wrapper(file, 256 * 1024) if wrapper and part.length else FileIter(file, part.length)
    response.content_length = part.length
    return response


def _part(request: Request, etag: str, size: int) -> Part | None:
    """Which bytes are asked for; None: some that it does not have. Several ranges are answered by the whole."""
    whole = Part(0, size, size)
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    condition = request.headers.get("If-Range")
    if not asked or asked[0] == "bytes=-" or (condition is not None and condition.strip() != f'"{etag}"'):
        return whole
    if not asked[1]:  # the last bytes
        part = Part(max(size - int(asked[2]), 0), size, size)
    else:
        part = Part(int(asked[1]), min(int(asked[2] or size - 1) + 1, size), size)
        if asked[2] and int(asked[2]) < int(asked[1]):
            return whole
    return part if part.length > 0 else None


def _count(request: Request, way: Way, response: Response) -> None:
    """One more download of a resource, once for one that comes in pieces; not those of its authors before it is
    published, nor those of what a post has."""
    use = way.use
    content_range = response.headers.get("Content-Range", "bytes 0-")
    if use is None or not use.shown or request.method != "GET" or not content_range.startswith("bytes 0-"):
        return
    day = local_day(request.registry["clock"](), request.config.timezone).isoformat()
    request.registry["tallies"].add(
        "file",
        use.resource.id,
        day=day,
        version=use.resource.version,
        lang=use.resource.lang,
        structure=only_place(request.identity.places) if request.identity else None,
    )
