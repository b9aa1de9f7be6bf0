"""What is done by the clock with files: reading them, and forgetting what nobody has any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from reseau.core.files import FileStore
from reseau.core.jobs import Job, Tools
from resources.base.models import FileUse, Resource, State, StoredFile
from resources.base.services import reread
from resources.files import sweeping
from resources.files.extraction import Found, extract

AT_ONCE = 20  # files of one run


def store_of(tools: Tools) -> FileStore:
    """The storage of the site."""
    return FileStore(tools.settings.files_dir)


def read_files(tools: Tools) -> str | None:
    """Read the words of new files and make pictures of them, the oldest first."""
    store = store_of(tools)
    wanted = sa.select(StoredFile.sha, StoredFile.media_type).where(StoredFile.text_state == "waiting")
    with tools.sessions() as session:
        rows = session.execute(wanted.order_by(StoredFile.created_at, StoredFile.sha).limit(AT_ONCE)).all()
    read = unreadable = 0
    for sha, media_type in rows:
        if tools.stopping():
            break
        found = extract(store, sha, media_type) if store.has(sha) else Found("unreadable")
        _keep(tools, sha, found)
        read += 1
        unreadable += found.state == "unreadable"
    return f"{read} fichiers lus, dont {unreadable} sans texte lisible" if read else None


def _keep(tools: Tools, sha: str, found: Found) -> None:
    """Write down what was found, and have the index read again the published resources that have the file."""
    with tools.sessions.begin() as session:
        uses = sa.select(FileUse.resource_id).where(FileUse.sha == sha)
        resources: Sequence[Resource] = session.scalars(
            sa.select(Resource)
            .where(Resource.id.in_(uses), Resource.state == State.PUBLISHED.value)
            .order_by(Resource.id)
            .with_for_update()  # before the file, as the pages do
        ).all()
        row = session.get(StoredFile, sha, with_for_update=True)
        if row is None:
            return
        row.text, row.text_state = found.text, found.state
        row.preview, row.width, row.height = found.preview, found.width, found.height
        for resource in resources:
            reread(session, resource)


def sweep(tools: Tools) -> str | None:
    """Forget uses that nothing names, what waits for something that never came, files without use, files without row,
    partial files."""
    store, now = store_of(tools), tools.clock()
    with tools.sessions() as session:
        quiet = sweeping.quiet(session, now)
    uses = sum(drop_unnamed(tools, resource_id) for resource_id in quiet) + drop_ownerless(tools)
    files = sum(delete_orphan(tools, store, sha) for sha in orphans(tools, store)) + _forget_unused(tools, store)
    partial = store.sweep()
    if not (uses or files or partial):
        return None
    return f"{uses} usages oubliés, {files} fichiers et {partial} envois interrompus effacés"


def forget_unused(tools: Tools) -> str | None:
    """Delete the files of drafts that were deleted: nobody's quota counts them, so that they must not pile up."""
    files = _forget_unused(tools, store_of(tools))
    return f"{files} fichiers effacés" if files else None


def _forget_unused(tools: Tools, store: FileStore) -> int:
    with tools.sessions() as session:
        unused = sweeping.unused(session)
    return sum(forget(tools, store, sha) for sha in unused)


def forget_orphans(tools: Tools) -> str | None:
    """Delete the files of requests that were given up after they had come."""
    store = store_of(tools)
    files = sum(delete_orphan(tools, store, sha) for sha in orphans(tools, store))
    return f"{files} fichiers effacés" if files else None


def orphans(tools: Tools, store: FileStore) -> list[str]:
    """Files of the disk that no row knows, in batches so that their names need not all be in memory twice."""
    found: list[str] = []
    with tools.sessions() as session:
        known = set(session.scalars(sa.select(StoredFile.sha)))
    for sha, _ in store.everything():
        if sha not in known:
            found.append(sha)
    return found


def drop_unnamed(tools: Tools, resource_id: UUID) -> int:
    """One transaction for each resource: its authors do not wait for the others."""
    with tools.sessions.begin() as session:
        return sweeping.drop_unnamed(session, resource_id, tools.clock())


def drop_ownerless(tools: Tools) -> int:
    """The same for what was attached: few rows, one transaction."""
    with tools.sessions.begin() as session:
        return sweeping.drop_ownerless(session, tools.clock())


def forget(tools: Tools, store: FileStore, sha: str) -> bool:
    """One transaction for each file: nobody waits long."""
    with tools.sessions.begin() as session:
        return sweeping.forget(session, store, sha)


def delete_orphan(tools: Tools, store: FileStore, sha: str) -> bool:
    """The same for a file without row; one of less than an hour stays."""
    with tools.sessions() as session:
        try:
            return sweeping.delete_orphan(session, store, sha)
        finally:
            session.rollback()


JOBS: tuple[Job, ...] = (
    Job("fichiers", timedelta(seconds=5), read_files),
    Job("fichiers-libres", timedelta(minutes=1), forget_unused),
    Job("fichiers-sans-nom", timedelta(hours=1), forget_orphans),
    Job("fichiers-menage", timedelta(days=1), sweep),
)
