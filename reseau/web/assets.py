"""Static files: one view, an address that changes with the content, pre-compressed copies.

``/static/css/reseau.css?v=<digest>`` can be kept for a year. ``frontend/build.py`` writes ``x.css.gz`` beside
``x.css``; a copy older than its source (somebody edited the style sheet and did not build) must not be
served, so compression is then left out for the life of the process, and said in the log.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyramid.settings import asbool
from pyramid.static import QueryStringCacheBuster
from pyramid.threadlocal import get_current_request

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

log = logging.getLogger(__name__)

STATIC_DIR = Path(__file__).parent / "static"
SPEC = "reseau.web:static/"
MAX_AGE_S = 365 * 24 * 3600


class ContentBuster(QueryStringCacheBuster):  # type: ignore[misc]
    """Adds ``?v=`` and the digest of the file's content; a file that does not exist gets none."""

    def __init__(self) -> None:
        super().__init__(param="v")

    def tokenize(self, _request: Request, subpath: str, _kw: dict[str, Any]) -> str:
        try:
            return hashlib.sha256((STATIC_DIR / subpath).read_bytes()).hexdigest()[:12]
        except OSError:
            return "absent"


def asset(path: str) -> str:
    """Address of a static file, for templates: ``asset("css/reseau.css")``.

    Kept per process (a page names its icons a hundred times); with ``pyramid.reload_templates`` it is made
    anew.
    """
    request = get_current_request()
    kept: dict[tuple[str, str], str] = request.registry["reseau.assets"]
    key = (request.script_name, path)
    if (found := kept.get(key)) is None:
        found = request.static_path(SPEC + path)
        if not asbool(request.registry.settings.get("pyramid.reload_templates")):
            kept[key] = found
    return found


def stale_copies(root: Path = STATIC_DIR) -> list[Path]:
    """The ``.gz`` files whose source has changed, or gone, since they were made."""
    found = []
    for copy in root.rglob("*.gz"):
        source = copy.with_suffix("")
        if not source.exists() or source.stat().st_mtime_ns > copy.stat().st_mtime_ns:
            found.append(copy)
    return found


def includeme(config: Configurator) -> None:
    """Static view ``/static``, cache buster, and a warning when the front end has not been built."""
    encodings = ["gzip"]
    if stale := stale_copies():
        log.warning("%s is older than its source: static files go out uncompressed", stale[0].name)
        encodings = []
    if not (STATIC_DIR / "vendor").exists():
        log.warning("no static/vendor: run `make assets` (map and typeface are missing)")
    config.registry["reseau.assets"] = {}
    config.add_static_view("static", SPEC, cache_max_age=MAX_AGE_S, content_encodings=encodings)
    config.add_cache_buster(SPEC, ContentBuster())
