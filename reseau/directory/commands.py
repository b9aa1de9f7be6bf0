"""``reseau reproject``: computes sheets again from what is stored of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
import sqlalchemy as sa
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import sessionmaker

from reseau.core.actors import SYSTEM
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.directory import priorities
from reseau.directory.models import Cause, Status, Structure
from reseau.directory.reproject import Because, Projector

if TYPE_CHECKING:
    from reseau.cli import App

BATCH = 500
_THERE = Structure.status != Status.MERGED.value  # a signpost has nothing to compute: its records have moved
_NEVER_COMPUTED = Structure.quality < 0


@click.command()
@click.pass_obj
def reproject(app: App) -> None:
    """Calcule à nouveau toutes les fiches (après un changement des règles). Peut être arrêté et relancé."""
    seen, changed = run_reproject(app)
    click.echo(f"Fiches calculées : {seen}, changées : {changed}.")


def run_reproject(app: App, *, missing_only: bool = False) -> tuple[int, int]:
    """Compute structures again, with a progress bar. :param missing_only: those that a migration left to compute.

    :return: how many were computed, how many changed.
    """
    sessions = session_factory(app.engine, timezone=app.settings.timezone)
    with sessions() as session:
        wanted = sa.select(sa.func.count()).select_from(Structure).where(_THERE)
        total = session.execute(wanted.where(_NEVER_COMPUTED) if missing_only else wanted).scalar_one()
        sources = priorities.order(session, app.settings.sources)
    if not total:
        return 0, 0
    with Progress(console=Console(), transient=True) as progress:
        task = progress.add_task("Calcul des fiches", total=total)
        return recompute(
            sessions,
            sources,
            utcnow(),
            missing_only=missing_only,
            progress=lambda seen: progress.update(task, completed=seen),
        )


def recompute(
    sessions: sessionmaker[Any],
    sources: Sequence[str],
    now: datetime,
    *,
    missing_only: bool = False,
    progress: Callable[[int], object] = lambda _seen: None,
) -> tuple[int, int]:
    """Compute structures again, ``BATCH`` at a time, each batch in a transaction of its own.

    :param sources: order of sources of the settings. :param progress: is told how many are done.
    :return: how many were computed, how many changed.
    """
    seen = changed = 0
    for ids in _batches(sessions, missing_only):
        with sessions.begin() as session:
            because = Because(Cause.RULES, SYSTEM)
            changed += len(Projector(session, sources, now).reproject(ids, because))
        seen += len(ids)
        progress(seen)
    return seen, changed


def _batches(sessions: sessionmaker[Any], missing_only: bool) -> Iterator[list[UUID]]:
    """Ids in order, read as they are needed: nothing is held between two batches."""
    last: UUID | None = None
    while True:
        statement = sa.select(Structure.id).where(_THERE).order_by(Structure.id).limit(BATCH)
        statement = statement.where(_NEVER_COMPUTED) if missing_only else statement
        with sessions() as session:
            ids = list(session.scalars(statement.where(Structure.id > last) if last else statement))
        if not ids:
            return
        yield ids
        last = ids[-1]
