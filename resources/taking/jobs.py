"""PDFs drawn ahead, so that whoever asks first for a new kit does not wait for them.

What was drawn is noted beside the cache (resource → ``rev``), and goes with it. A PDF that the cache has forgotten
since is not drawn again: nobody took it for long.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.files import FileStore
from reseau.core.jobs import Job, Tools
from resources.base import services
from resources.base.models import Resource, State, Visibility
from resources.reading.page import is_public
from resources.taking import offline, typesetter
from resources.taking.gathering import Asked
from resources.taking.sheets import Site
from resources.taking.typesetter import Sheet, Typesetter

SECONDS = 20.0  # of one run, after which no other resource is begun
TOGETHER = 20  # sheets of one process: the worker may have to stop
NICE = 10


def draw_ahead(tools: Tools) -> str | None:
    """Draw the PDFs of what was published or changed since, the newest first: all languages, all documents."""
    drawer, began, drawn = Typesetter.of(tools.settings, nice=NICE), time.monotonic(), 0
    done = Done.of(drawer, tools)
    for id_, rev in _published(tools):
        if done.revs.get(str(id_)) == rev:
            continue
        if tools.stopping() or time.monotonic() - began > SECONDS:
            break
        sheets = [sheet for sheet in _sheets(tools, id_) if not drawer.path(sheet).exists()]
        if not _draw(tools, drawer, sheets):
            break
        drawn += len(sheets)
        done.note(id_, rev)
    return f"{drawn} PDF préparés" if drawn else None


def _published(tools: Tools) -> list[tuple[UUID, int]]:
    wanted = sa.select(Resource.id, Resource.rev).where(Resource.state == State.PUBLISHED.value)
    with tools.sessions() as session:
        _only_read(session)
        return [(row.id, row.rev) for row in session.execute(wanted.order_by(Resource.updated_at.desc(), Resource.id))]


def _sheets(tools: Tools, id_: UUID) -> list[Sheet]:
    """All that an archive of a resource in all its languages has, as who may read it is given it."""
    settings = tools.settings
    site = Site.of(settings, FileStore(settings.files_dir))
    with tools.sessions() as session:
        _only_read(session)
        resource = session.get(Resource, id_)
        found = services.current(session, resource) if resource else None
        if resource is None or found is None or resource.state != State.PUBLISHED.value:
            return []
        everyone = resource.visibility == Visibility.PUBLIC.value
        langs = resource.langs or [found.content.lang]
        asked = Asked(found, langs, settings.timezone, is_public if everyone else _is_published)
        kit = offline.gathered(session, asked, site)
    return list(offline.drawable(kit).values())


def _is_published(resource: Resource) -> bool:
    return resource.state == State.PUBLISHED.value


def _only_read(session: Session) -> None:
    """Sessions of jobs may write: on SQLite, they would keep others from writing."""
    session.connection(execution_options={"read_only": True})


def _draw(tools: Tools, drawer: Typesetter, sheets: list[Sheet]) -> bool:
    """Some at a time. What cannot be drawn is in the log, and is not tried for ever. :return: False: told to stop."""
    for start in range(0, len(sheets), TOGETHER):
        if tools.stopping():
            return False
        drawer.made(*sheets[start : start + TOGETHER])
    return True


class Done:
    """What was drawn already. ``revs``: resource → ``rev``."""

    def __init__(self, path: Path, by: str, revs: dict[str, int]) -> None:
        self._path, self._by, self.revs = path, by, revs

    @classmethod
    def of(cls, drawer: Typesetter, tools: Tools) -> Done:
        """What the cache has noted; nothing, if it was of other templates, fonts or another name of the site."""
        site = f"{typesetter.here()} {tools.settings.site_name} {tools.settings.public_url} {tools.settings.timezone}"
        by, path = hashlib.sha256(site.encode()).hexdigest(), drawer.folder / "ahead.json"
        try:
            said = json.loads(path.read_text(encoding="ascii"))
            return cls(path, by, dict(said["revs"]) if said["by"] == by else {})
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path, by, {})

    def note(self, id_: UUID, rev: int) -> None:
        """One more, written down at once: a worker may be killed."""
        self.revs[str(id_)] = rev
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._path.with_suffix(".tmp")
        partial.write_text(json.dumps({"by": self._by, "revs": self.revs}), encoding="ascii")
        partial.replace(self._path)


JOBS: tuple[Job, ...] = (Job("pdf", timedelta(seconds=30), draw_ahead),)
