"""A run of Les Bases against the little site, as the pipeline does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.lesbases import LesBases
from importers.pipeline.contract import How, Problem, Where
from resources.base import services
from resources.base.content import Content
from resources.base.models import Resource, ResourceSource
from tests.conftest import TUESDAY
from tests.importers.lesbases.standin import Bases


@dataclass
class Run:
    """What a run did. ``raw``: its file."""

    counts: Counter[str]
    problems: list[Problem]
    raw: Path


class Visits:
    """Runs, a day after each other. ``options``: of the source."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder, self.now = session, folder, TUESDAY
        self.number, self.options = 0, {}

    def fetch(self, bases: Bases) -> Path:
        """The raw file of a visit, with what the database knows."""
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        source = LesBases()
        where = Where(
            "https://lesbases.anct.gouv.fr", self.options, known=source.target.known(self.session, "lesbases")
        )
        path = source.fetch(where, bases, folder).path
        assert path is not None
        return path

    def apply(self, raw: Path, now: datetime | None = None) -> Run:
        """Check, read and apply a raw file as a complete run."""
        source = LesBases()
        source.check(raw)
        how = How("lesbases", ("lesbases",), now or self.now)
        reads = list(source.read(raw))
        counts = source.target.apply(self.session, how, [read.incoming for read in reads if read.incoming])
        named = {part for read in reads for part in read.parts}
        counts += source.target.absent(self.session, how, named, None)
        self.session.commit()
        return Run(counts, [problem for read in reads for problem in read.problems], raw)

    def __call__(self, bases: Bases) -> Run:
        """One more visit, a day later."""
        found = self.apply(self.fetch(bases))
        self.now += timedelta(days=1)
        return found

    def of(self, source_id: str) -> tuple[ResourceSource, Resource, Content]:
        """A resource that came: where it comes from, itself, what readers see."""
        self.session.expire_all()
        row = self.session.scalars(sa.select(ResourceSource).where(ResourceSource.source_id == source_id)).one()
        resource = self.session.get_one(Resource, row.resource_id)
        found = services.current(self.session, resource)
        assert found is not None
        return row, resource, found.content


@pytest.fixture
def visit(session: Session, tmp_path: Path) -> Visits:
    """Runs against the little site, on each engine."""
    return Visits(session, tmp_path)


@pytest.fixture
def everything(engine: sa.Engine, session: Session) -> Callable[[], str]:
    """All rows of all tables, as one text."""

    def read() -> str:
        session.commit()  # on SQLite, who has begun keeps others out
        meta = sa.MetaData()
        meta.reflect(engine)
        with engine.connect() as connection:
            rows: list[Any] = [
                tuple(row) for table in meta.sorted_tables for row in connection.execute(sa.select(table))
            ]
        return "\n".join(map(repr, rows))

    return read
