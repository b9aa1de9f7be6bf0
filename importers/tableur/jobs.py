"""What the worker does for spreadsheets: dry runs that wait, files that were forgotten."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from importers.models import SheetUpload
from importers.pipeline.contract import Refused
from importers.pipeline.raws import RawStore
from importers.pipeline.runs import storable
from importers.tableur import running, uploads
from importers.tableur.source import Tableur
from importers.tableur.trial import Trial
from reseau.core import territories
from reseau.core.jobs import Job, Tools
from reseau.directory import priorities

log = logging.getLogger(__name__)
#: How long a file that was sent is kept for its pages.
KEPT = timedelta(days=90)
#: How long samples of its columns are.
SAMPLES_KEPT = timedelta(days=7)


def try_all(tools: Tools) -> str | None:
    """Try what waits, read other lines of titles, let the next file of a partner begin. One that breaks stops no
    other."""
    with tools.sessions() as session:
        waiting = uploads.to_try(session)
    done = 0
    for id_, again in waiting:
        if tools.stopping():
            break
        done += _reread(tools, id_) if again else _try(tools, id_)
    with tools.sessions.begin() as session:
        uploads.begin_waiting(session, tools.clock())
    return f"tableurs essayés : {done}" if done else None


def _reread(tools: Tools, id_: UUID) -> bool:
    with tools.sessions() as session:
        upload = session.get(SheetUpload, id_)
        if upload is None:
            return False
        before, raw = dict(upload.trial or {}), upload.raw
        name = str(upload.columns[int(upload.mapping.get("sheet", 0))]["name"])
    try:
        with RawStore.of(tools.settings).open(raw) as path:
            found = storable(running.describe(path, header=(name, int(before.get("line") or 0))))
    except Refused as error:
        found = {"refused": error.code}
    if found.get("refused") == "occupe":
        return False  # the next time
    with tools.sessions.begin() as session:
        upload = session.get(SheetUpload, id_, with_for_update=True)
        if upload is None or upload.trial != before:
            return False
        uploads.was_reread(session, upload, found)
    return True


def _try(tools: Tools, id_: UUID) -> bool:
    with tools.sessions() as session:
        upload = session.get(SheetUpload, id_)
        source = uploads.partner(session, upload) if upload else None
        if upload is None or source is None:
            return False
        before = dict(upload.mapping)
        codes = territories.codes(source.territory or tools.settings.territory)
        tableur = Tableur(source.name, uploads.options_of(upload, source))
        order, raw = priorities.order(session, tools.settings.sources), upload.raw
    try:
        with RawStore.of(tools.settings).open(raw) as path:
            trial = Trial(tools.sessions, tableur, order, codes or None, tools.clock)
            found: dict[str, Any] = {"state": uploads.DONE, **trial.run(path)}
    except Refused as error:
        found = {
            "state": uploads.REFUSED,
            "error": error.code,
            "details": {k: str(v) for k, v in error.details.items()},
        }
    except Exception as error:  # one broken file stops no other, and is not tried for ever
        log.exception("trial of spreadsheet %s", id_)
        found = {"state": uploads.REFUSED, "error": "echec", "details": {"error": type(error).__name__}}
    with tools.sessions.begin() as session:
        upload = session.get(SheetUpload, id_, with_for_update=True)
        if upload is None or upload.mapping != before:
            return False  # withdrawn, or other columns meanwhile: once more
        upload.trial = storable({**found, "at": tools.clock().isoformat()})
    return True


def forget(tools: Tools) -> str | None:
    """Withdraw files that were sent long ago, and samples of those that nobody imported in a week."""
    with tools.sessions.begin() as session:
        uploads.forget_samples(session, tools.clock() - SAMPLES_KEPT)
        number = uploads.forget(session, tools.clock() - KEPT)
    return f"tableurs oubliés : {number}" if number else None


JOBS: tuple[Job, ...] = (
    Job("tableurs", timedelta(seconds=5), try_all), Job("tableurs-anciens", timedelta(hours=6), forget),
)  # fmt: skip
