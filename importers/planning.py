"""What is to be run of a source, before anything is asked of anybody: with what, from where, how."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from importers import fetch
from importers.adapters import ADAPTERS
from importers.models import ImportSource
from importers.pipeline.contract import Options, Refused, Source
from importers.pipeline.raws import RawStore
from reseau.core import territories
from reseau.core.clock import utcnow
from reseau.settings import Settings


@dataclass(frozen=True, slots=True)
class Conducting:
    """With what one conducts. :param factory: makes writing sessions. :param progress: see ``Pipeline``.

    :param asker: makes a session of requests, for tests; (pace in seconds) → asker. :param stopping: whether the
        process ends: looked at while a server is asked; that run is refused (``arret``), and begins again later.
    """

    engine: sa.Engine
    factory: sessionmaker[Any]
    settings: Settings
    clock: Callable[[], datetime] = utcnow
    progress: Callable[[int], None] = lambda _rows: None
    asker: Callable[[float], fetch.Asker] | None = None
    stopping: Callable[[], bool] | None = None

    @property
    def folder(self) -> Path:
        """Where raw files are kept."""
        return self.raws.folder

    @property
    def raws(self) -> RawStore:
        """The kept raw files."""
        return RawStore.of(self.settings)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run. ``row``: of the source, detached, if it has one. ``own``: from its own address; else from a
    file that was given by hand. ``wrong``: what refuses it before anything is asked."""

    source: Source
    row: ImportSource | None
    location: str
    options: Options
    own: bool = True
    wrong: Refused | None = None


def plan_of(
    tools: Conducting,
    name: str,
    location: str | None,
    options: Options | None = None,
    given: Mapping[str, Any] | None = None,
) -> Plan:
    """What is to be run, and how.

    :param name: of a row of ``import_source``, or code of an adapter. :param location: instead of that of the row.
    :param options: instead of those of the row. :param given: those that replace the ones of the row.
    :raises Refused: ``source-inconnue``.
    """
    with tools.factory() as session:
        row = session.scalars(sa.select(ImportSource).where(ImportSource.name == name)).first()
        session.expunge_all()
    adapter = ADAPTERS.get(row.adapter if row else name)
    if adapter is None:
        raise Refused("source-inconnue", name=name)
    source: Source = adapter.make(name, dict(row.options) if row else {})
    wrong: Refused | None = None
    if options is None:
        options, wrong = _options(tools, row, given or {})
    if location is None:
        location = row.location if row else ""
    # A run keeps its address without what is secret in it.
    own = row is None or location in (row.location, fetch.shown(row.location))
    return Plan(source, row, location, options, own, wrong)


def _options(tools: Conducting, row: ImportSource | None, given: Mapping[str, Any]) -> tuple[Options, Refused | None]:
    """Those of the row, but for what was given. Of a territory that means nothing, none: nothing is read."""
    codes: frozenset[str] = frozenset()
    wrong: Refused | None = None
    if "territory" not in given:
        try:
            codes = territories.codes((row.territory if row else None) or tools.settings.territory)
        except territories.UnknownTerritory as error:
            wrong = Refused("territoire-inconnu", codes=", ".join(error.codes))
    own = Options(codes or (frozenset() if wrong else None), complete=row.complete if row else False)
    return dataclasses.replace(own, **given), wrong
