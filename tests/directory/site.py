"""What the tests of the directory stand on: a site and its places as plain rows, to be computed with by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from webtest import TestApp

from importers import cartographie
from importers.pipeline import Options, Pipeline, Summary
from reseau import rooms_of
from reseau.directory.apply import Applier, Incoming
from reseau.directory.models import Structure
from reseau.settings import Settings
from reseau.web.app import make_app

DATA = Path(__file__).parents[1] / "data"
ROUBAIX_CSV = DATA / "roubaix-lieux_schema-1.0.csv"
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


class Clock:
    """A clock that says what it is told."""

    now = TUESDAY

    def __call__(self) -> datetime:
        return self.now


def import_file(factory: sessionmaker[Any], path: Path, now: datetime = TUESDAY, **options: Any) -> Summary:
    """Run the import of the cartography."""
    pipeline = Pipeline(factory, cartographie.source, ("cartographie",), clock=lambda: now)
    return pipeline.run(path, str(path), Options(**{"match": False, **options}))  # matching has its own tests


class Site:
    """An application on its own database and index."""

    def __init__(self, url: str, folder: Path, **changes: Any) -> None:
        settings = Settings(
            secret="a secret of the tests, long enough to be accepted",
            data_dir=folder / "var",
            database_url=url,
            secure_cookies=False,
            territory_name="Roubaix",
            search_interval=0,
            **changes,
        )
        self.wsgi = make_app(settings, rooms_of(settings))
        self.wsgi.registry["tallies"].background = False  # tests write counts by hand
        self.wsgi.registry["threads.marks"].background = False  # and marks of readers
        self.settings = settings
        self.wsgi.registry["letter.visits"].background = False
        self.clock = self.wsgi.registry["clock"] = Clock()
        self.app = self.client()

    @property
    def engine(self) -> sa.Engine:
        """The engine that the pages use."""
        engine: sa.Engine = self.wsgi.registry["engine"]
        return engine

    @property
    def sessions(self) -> sessionmaker[Any]:
        """Makes writing sessions."""
        made: sessionmaker[Any] = self.wsgi.registry["write_sessions"]
        return made

    def client(self, language: str = "fr") -> TestApp:
        """A new browser without cookies."""
        return TestApp(self.wsgi, extra_environ={"HTTP_ACCEPT_LANGUAGE": language})

    def fresh(self) -> Site:
        """The same site with its clock put back and no cookies."""
        self.clock.now = TUESDAY
        self.app = self.client()
        return self

    @staticmethod
    def moment(text: str) -> datetime:
        """A minute on the clock of Roubaix."""
        return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)

    def reindex(self) -> None:
        """Bring the index to the end of the log."""
        with self.sessions() as session:
            self.wsgi.registry["search.indexer"].catch_up(session)

    def add(self, *rows: Mapping[str, str], path: Path, **options: Any) -> Summary:
        """Import rows and index them."""
        path.write_text(csv_of(rows), encoding="utf-8", newline="")
        summary = import_file(self.sessions, path, self.clock.now, **options)
        self.reindex()
        return summary

    def put(self, *records: Mapping[str, Any], source: str = "cartographie") -> None:
        """Bring records into the directory as they are (fields of ``fields.FIELDS``), past what the importer refuses."""
        batch = [Incoming(r["nom"], (r["nom"],), {}, {"date_maj": "2024-05-06", **r}) for r in records]
        with self.sessions() as session:
            Applier(session, source, ("cartographie",), self.clock.now).apply(batch)
            session.commit()
        self.reindex()

    def json(self, *pairs: tuple[str, Any], **query: Any) -> dict[str, Any]:
        """The answer of ``/annuaire.json``."""
        found: dict[str, Any] = self.app.get("/annuaire.json?" + urlencode([*pairs, *query.items()])).json
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Every structure, all columns."""
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(sa.select(Structure.__table__)).mappings()]

    def named(self, name: str) -> dict[str, Any]:
        """The structure of that name."""
        (found,) = (row for row in self.rows() if row["nom"] == name)
        return found

    def path(self, name: str) -> str:
        """The address of the sheet of that name."""
        row = self.named(name)
        return f"/annuaire/{row['slug']}-{row['id']}"

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that run inside the ``with``."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        sa.event.listen(self.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            sa.event.remove(self.engine, "before_cursor_execute", note)


COLUMNS = tuple(name.strip(chr(34)) for name in ROUBAIX_CSV.read_text(encoding="utf-8").splitlines()[0].split(","))


def row(id_: str, **cells: str) -> dict[str, str]:
    """A row of schema 1.0.2; what is not said is empty."""
    made = dict.fromkeys(COLUMNS, "")
    base = {"id": id_, "nom": f"Lieu {id_}", "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512"}
    return made | base | {"date_maj": "2024-05-06", "source": "Registre"} | cells


def csv_of(rows: Iterable[Mapping[str, str]]) -> str:
    """A CSV of schema 1.0.2."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Page(HTMLParser):
    """A page read strictly: every element that opens must close, in order.

    ``elements``: (tag, attributes) in order. ``texts``: (tags and .classes around it, text). ``errors``: what is not well
    formed. ``labelled``: attributes of what is inside a ``label``.
    """

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.labelled: list[dict[str, str | None]] = []
        self.texts: list[tuple[frozenset[str], str]] = []
        self.errors: list[str] = []
        self._open: list[str] = []
        self._classes: list[frozenset[str]] = []
        self.feed(markup)
        self.close()
        self.errors += [f"never closed: {tag}" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.errors.append(f"attribute twice: {tag} {names}")
        self.elements.append((tag, dict(attrs)))
        if "label" in self._open:
            self.labelled.append(self.elements[-1][1])
        if tag not in VOID:
            self._open.append(tag)
            self._classes.append(frozenset(f".{name}" for name in (dict(attrs).get("class") or "").split()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.errors.append(f"</{tag}> closes {self._open[-3:]}")
        if tag in self._open:
            rank = len(self._open) - 1 - self._open[::-1].index(tag)
            del self._open[rank:], self._classes[rank:]

    def handle_data(self, data: str) -> None:
        self.texts.append((frozenset(self._open).union(*self._classes), data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text_of(self, where: str) -> list[str]:
        """What is inside elements of a name (``mark``) or class (``.notice``), one entry a run of text."""
        return [data for around, data in self.texts if where in around and data.strip()]

    @property
    def text(self) -> str:
        """All that a reader sees."""
        hidden = {"script", "style", "title"}
        return " ".join(" ".join(data for around, data in self.texts if not hidden & around).split())

    @property
    def notes(self) -> str:
        """What the page says of how it understood the question."""
        return " ".join(self.text_of(".notice"))


def dump(engine: sa.Engine) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: sorted(str(tuple(row)) for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')))
            for name in names
        }
