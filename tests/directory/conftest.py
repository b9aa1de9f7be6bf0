"""A site with the places of Roubaix, imported once for all tests that only read; one on each engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from reseau.core.db import create_engine, session_factory
from tests.directory.site import ROUBAIX_CSV, Site, import_file

Make = Callable[..., Site]


@pytest.fixture(scope="session")
def make_site(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, _template: Callable[[str], str]
) -> Iterator[Make]:
    """Makes a site on a new database of a kind, with the places of some files, indexed."""
    made: list[Site] = []

    def make(kind: str, *files: Path, **settings: Any) -> Site:
        folder = tmp_path_factory.mktemp("site")
        template = _template(kind)
        if kind == "sqlite":
            shutil.copy(template, folder / "reseau.sqlite3")
            url = f"sqlite:///{folder / 'reseau.sqlite3'}"
        else:
            url = str(request.getfixturevalue("new_pg_url")(template))
        engine = create_engine(url)
        for path in files:
            import_file(session_factory(engine), path)
        engine.dispose()
        site = Site(url, folder, **settings)
        site.reindex()
        made.append(site)
        return site

    yield make
    for site in made:
        site.engine.dispose()


@pytest.fixture(scope="session")
def _roubaix_sites(make_site: Make) -> Callable[[str], Site]:
    made: dict[str, Site] = {}

    def get(kind: str) -> Site:
        if kind not in made:
            made[kind] = make_site(kind, ROUBAIX_CSV)
        return made[kind]

    return get


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, _roubaix_sites: Callable[[str], Site]) -> Site:
    """The 39 places of Roubaix on each engine, to read only; its clock says Tuesday, 10:30."""
    return _roubaix_sites(request.param).fresh()


@pytest.fixture
def roubaix_site(_roubaix_sites: Callable[[str], Site]) -> Site:
    """The same on SQLite alone: for what the database does not decide."""
    return _roubaix_sites("sqlite").fresh()


@pytest.fixture(scope="session")
def _region_site(make_site: Make) -> Site:
    """1,741 places of the Hauts-de-France and 421 of the conseillers numériques: real dirt, many facets, pages; without
    an index, which would take most of the time."""
    data = ROUBAIX_CSV.parent
    files = ("hdf-lieux_schema-1.0.csv.gz", "cnfs-2022_hauts-de-france_schema-0.1.json")
    return make_site("sqlite", *(data / name for name in files), search="null")


@pytest.fixture
def region(_region_site: Site) -> Site:
    """The region, to read only; its clock says Tuesday, 10:30."""
    return _region_site.fresh()


@pytest.fixture
def at() -> Callable[[str], datetime]:
    """``at("2026-11-24 19:00")``: that minute on the clock of Roubaix."""
    return Site.moment
