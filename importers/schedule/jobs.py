"""What the worker does for the importers. A long run holds one of its threads, not the mail."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from importers.conducting import EXIT_FAILED, EXIT_HELD, EXIT_LOCKED, EXIT_OK, Conducting
from importers.pipeline import keeping
from importers.schedule import awaiting, working  # noqa: F401 (what awaits coordinators is in their weekly mail)
from reseau.core.jobs import Job, Tools

OUTCOMES = {EXIT_OK: "faits", EXIT_HELD: "à décider", EXIT_FAILED: "en échec", EXIT_LOCKED: "déjà en cours"}


def conducting_of(tools: Tools) -> Conducting:
    """With what a job conducts a run."""
    engine = tools.sessions.kw["bind"]
    assert isinstance(engine, sa.Engine)
    return Conducting(engine, tools.sessions, tools.settings, tools.clock, stopping=tools.stopping)


def sync(tools: Tools) -> str | None:
    """Read what is due. A source that fails is no failure of the job: its own page and mails tell of it."""
    done = Counter(end.code for end in working.work(conducting_of(tools)))
    return ", ".join(f"{OUTCOMES[code]} : {number}" for code, number in sorted(done.items())) or None


def order(tools: Tools) -> str | None:
    """Compute the sheets that a new order of sources concerns."""
    changed = working.follow_order(conducting_of(tools))
    return f"fiches changées par l’ordre des sources : {changed}" if changed else None


def purge(tools: Tools) -> str | None:
    """Forget the runs that nobody needs any more, their raw files, and downloads that were given up."""
    conducting = conducting_of(tools)
    with tools.sessions() as session:
        ids = keeping.old_runs(session, tools.clock())
    gone = 0
    for start in range(0, len(ids), keeping.CHUNK):
        if tools.stopping():
            break
        with tools.sessions.begin() as session:
            gone += keeping.purge(session, ids[start : start + keeping.CHUNK])
    with tools.sessions() as session:
        use, names = keeping.kept(session), keeping.names(session)
    files = conducting.raws.sweep(use) + keeping.sweep_coming(conducting.folder, tools.clock(), names)
    return f"effacés : {gone}, fichiers : {files}" if gone or files else None


JOBS: tuple[Job, ...] = (
    Job("imports", timedelta(minutes=1), sync),
    Job("ordre-des-sources", timedelta(minutes=1), order),
    Job("imports-anciens", timedelta(days=1), purge),
)
