"""The spreadsheet of a partner who has only that: CSV, XLSX or ODS, sent by a coordinator.

What it is: the columns are recognised (names, content), a person confirms them once for each header, the worker tries
the import and says what it would change, then it is a source of the pipeline like any other. What it is not: a reader
of people (columns of mediators are left out by default; a table of people helped is refused whole, and not kept), an
editor of tables, a geocoder.

The raw file is kept (``pipeline.raws``) while its ``sheet_upload`` is there; the source's ``options`` say which file is
read (``raw``) and what each known header means (``mappings``), so that a run can be replayed.

Tables: ``sheet_upload``, ``column_mapping``; partners are rows of ``import_source`` (adapter ``tableur``).
Job: ``tableurs``. Addresses: ``/gestion/tableurs`` and below. Permission: ``network:coordinate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.config import Configurator

    from importers.pipeline.contract import Adapter

    ADAPTERS: tuple[Adapter, ...]


def __getattr__(name: str) -> Any:
    """``ADAPTERS``, when it is asked for: the process that reads a file (``child``) begins without the database."""
    if name != "ADAPTERS":
        raise AttributeError(name)
    from importers.tableur.source import ADAPTERS

    return ADAPTERS


def includeme(config: Configurator) -> None:
    """Routes, the reading of what is sent, views."""
    config.include("importers.tableur.routes")
    config.include("importers.tableur.sending")
    config.scan("importers.tableur.views")
