"""Sources that are kept in step: their table, what is due, runs on pages, who is told.

What it is: the sources of the site and their order of trust, the moments at which they are read, the job and the
command that read what is due, the pages of runs, the mails when something needs a person. What it is not: it fetches
and applies nothing itself (``importers.conducting``).

Tables: ``import_source``, ``import_run``, ``import_reject`` (read); ``source_rank`` through ``directory.priorities``.
Jobs: ``imports``, ``ordre-des-sources``, ``imports-anciens``.
Addresses: ``/gestion/sources``, ``/gestion/imports`` and below. Permissions: ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views, and what awaits on the desk."""
    from importers.schedule import awaiting  # noqa: F401 (registers itself)

    config.include("importers.schedule.routes")
    for module in ("views", "runs_views"):
        config.scan(f"importers.schedule.{module}")
