"""``/flux/donnees/`` and ``reseau export``: what a visitor, a program and a command get."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from webob import Request

from feeds.opendata import offering
from feeds.opendata.files import ABANDONED_S, KINDS, Shelf
from feeds.opendata.inclusion import Publisher
from feeds.opendata.jobs import make_files
from feeds.opendata.offering import Offer
from importers.models import ImportRun
from reseau.cli import main
from reseau.core.changes import Change
from reseau.core.jobs import Tools
from reseau.directory.models import SourcePart, SourceRecord
from tests.conftest import SECRET
from tests.directory.site import Page, Site, row

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAMES = [kind.name for kind in KINDS]
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(database_url, tmp_path)
    made.add(*(row(f"Coop_{n}", adresse=f"{n} rue du Lieu") for n in range(3)), path=tmp_path / "f.csv")
    made.add(row("Coop_9", nom="Sans adresse"), path=tmp_path / "g.csv")
    yield made
    made.engine.dispose()


def work(site: Site, **more: Any) -> str | None:
    """What the job says."""
    return make_files(Tools(site.sessions, site.settings, site.clock, **more))


@ONE_ENGINE
def test_the_page_says_what_there_is(site: Site) -> None:
    answer = site.app.get("/flux/donnees/")
    page = Page(answer.text)
    assert not page.errors
    assert len(answer.body) < 60_000
    links = {attributes.get("href") for attributes in page.all("a")}
    assert {f"/flux/donnees/{name}" for name in NAMES} <= links
    for words in ("4 lieux ouverts au public", "Licence Ouverte 2.0", "1 laissée de côté", "mis à jour le"):
        assert words in page.text
    assert "/flux/donnees/" in {attributes.get("href") for attributes in Page(site.app.get("/").text).all("a")}


@ONE_ENGINE
def test_a_site_may_have_another_licence(database_url: str, tmp_path: Path) -> None:
    made = Site(database_url, tmp_path, data_licence="ODbL 1.0", data_licence_url="https://opendatacommons.org/")
    page = Page(made.app.get("/flux/donnees/").text)
    assert "ODbL 1.0" in page.text
    assert "https://opendatacommons.org/" in {attributes.get("href") for attributes in page.all("a")}
    made.engine.dispose()


@ONE_ENGINE
def test_each_file_comes_whole_compressed_if_asked_and_from_any_site(site: Site) -> None:
    with site.sessions() as session:
        newest = session.scalars(sa.select(sa.func.max(Change.at))).one().replace(microsecond=0)
    for kind in KINDS:
        plain = site.app.get(f"/flux/donnees/{kind.name}", headers=PLAIN)
        packed = Request.blank(f"/flux/donnees/{kind.name}", headers=GZIP).get_response(site.wsgi)
        assert "Content-Encoding" not in plain.headers
        assert int(plain.headers["Content-Length"]) == len(plain.body)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert plain.headers["Access-Control-Allow-Origin"] == "*"
        assert plain.last_modified == newest
        assert plain.content_type == kind.media_type
        assert "Accept-Encoding" in plain.headers["Vary"]
        if kind.format != "CSV":
            json.loads(plain.body)
    rows = list(csv.DictReader(io.StringIO(site.app.get("/flux/donnees/lieux.csv", headers=PLAIN).text)))
    assert [one["nom"] for one in rows] == ["Lieu Coop_0", "Lieu Coop_1", "Lieu Coop_2"]


@ONE_ENGINE
def test_what_has_not_changed_is_not_sent_again(site: Site, tmp_path: Path) -> None:
    for path in ("/flux/donnees/", *(f"/flux/donnees/{name}" for name in NAMES)):
        etag = site.app.get(path).headers["ETag"]
        assert site.app.get(path, headers={"If-None-Match": etag}, status=304).body == b""
    etag = site.app.get("/flux/donnees/lieux.csv").headers["ETag"]
    site.add(row("Coop_3", adresse="3 rue du Lieu"), path=tmp_path / "h.csv")
    assert site.app.get("/flux/donnees/lieux.csv", headers={"If-None-Match": etag}, status=304)  # not yet made
    work(site)
    assert "Lieu Coop_3" in site.app.get("/flux/donnees/lieux.csv", headers={"If-None-Match": etag, **PLAIN}).text


@ONE_ENGINE
def test_unknown_files_are_not_there(site: Site) -> None:
    for name in ("lieux.xml", "..%2Fsecret", "lieux.csv.facts.json"):
        site.app.get(f"/flux/donnees/{name}", status=404)


@ONE_ENGINE
def test_the_page_costs_few_statements_and_files_none_once_made(site: Site, tmp_path: Path) -> None:
    site.add(*(row(f"Coop_{n}", adresse="1 rue") for n in range(100, 200)), path=tmp_path / "many.csv")
    for path in ("/flux/donnees/", "/flux/donnees/lieux.csv"):
        site.app.get(path)
        with site.statements() as statements:
            site.app.get(path)
        assert len(statements) <= 10, statements


def test_the_shelf_makes_a_file_once_and_forgets_the_old_one(tmp_path: Path) -> None:
    shelf, made = Shelf(tmp_path), []

    def make(told: Any) -> list[str]:
        made.append(1)
        told.written = 2
        return ["é" * 10]

    for version in ("a", "a", "b"):
        found = shelf.make("lieux.csv", version, None, make)
    assert len(made) == 2
    assert (found.size, found.written) == (20, 2)
    assert [path.name for path in tmp_path.glob("*.gz")] == ["lieux.csv.b.gz"]
    assert shelf.known("lieux.csv") == found
    (tmp_path / "lieux.csv.facts.json").write_text("[]")
    assert shelf.known("lieux.csv") is None


def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    def make(_told: Any) -> Iterator[str]:
        yield "begun"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Shelf(tmp_path).make("lieux.csv", "a", None, make)
    assert not list(tmp_path.iterdir())


# --- the job ---------------------------------------------------------------------------------------------------------


def test_the_job_makes_what_is_old_and_only_that(site: Site, tmp_path: Path) -> None:
    assert work(site) == "fichiers refaits : 6"
    assert work(site) is None
    (site.settings.data_dir / "donnees" / "lieux.csv.facts.json").unlink()
    assert work(site) == "fichiers refaits : 1"
    site.add(row("Coop_3", adresse="3 rue du Lieu"), path=tmp_path / "h.csv")
    assert work(site, stopping=lambda: True) is None
    assert work(site) == "fichiers refaits : 6"


@ONE_ENGINE
def test_a_job_that_has_to_end_leaves_the_file_before(site: Site, tmp_path: Path) -> None:
    work(site)
    shelf = Shelf(site.settings.data_dir / "donnees")
    before = shelf.known("lieux.csv")
    site.add(row("Coop_3", adresse="3 rue du Lieu"), path=tmp_path / "h.csv")
    asked = iter((False, False, True))
    assert work(site, stopping=lambda: next(asked)) is None
    assert shelf.known("lieux.csv") == before
    assert not list(shelf.folder.glob(".*"))


@ONE_ENGINE
def test_a_page_of_a_large_site_makes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(offering, "SMALL", 3)
    answer = site.app.get("/flux/donnees/lieux.csv", status=503)
    assert answer.headers["Retry-After"] == "600"
    assert "en préparation" in site.app.get("/flux/donnees/").text
    assert not (site.settings.data_dir / "donnees").exists()
    work(site)
    first = site.app.get("/flux/donnees/lieux.csv", headers=PLAIN)
    page = site.app.get("/flux/donnees/").headers["ETag"]
    site.add(row("Coop_3", adresse="3 rue du Lieu"), path=tmp_path / "h.csv")
    meanwhile = site.app.get("/flux/donnees/lieux.csv", headers=PLAIN)
    assert (meanwhile.body, meanwhile.last_modified) == (first.body, first.last_modified)
    work(site)
    assert "Lieu Coop_3" in site.app.get("/flux/donnees/lieux.csv", headers=PLAIN).text
    assert site.app.get("/flux/donnees/").headers["ETag"] != page


def test_a_file_that_is_swept_while_it_is_opened_is_opened_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    old = shelf.make("lieux.csv", "a", None, lambda _told: ["old"])
    shelf.make("lieux.csv", "b", None, lambda _told: ["new"])
    new, once = shelf.known, [old]
    shelf.known = lambda name: once.pop() if once else new(name)  # type: ignore[method-assign]
    found = shelf.open("lieux.csv", packed=False)
    assert found is not None
    with found[1] as content:
        assert (found[0].version, content.read()) == ("b", b"new")


@ONE_ENGINE
def test_what_a_killed_process_left_is_swept(site: Site) -> None:
    folder = site.settings.data_dir / "donnees"
    folder.mkdir(parents=True)
    for name in (".lieux.csv.1.gz.x1", ".lieux.csv.1.gz.x2"):
        (folder / name).write_bytes(b"half")
    os.utime(folder / ".lieux.csv.1.gz.x1", (time.time() - ABANDONED_S - 5,) * 2)
    work(site)
    assert [path.name for path in folder.glob(".*")] == [".lieux.csv.1.gz.x2"]


def test_an_id_that_joins_a_place_makes_new_files_though_the_log_says_nothing(site: Site) -> None:
    work(site)
    with site.sessions.begin() as session:
        record = session.scalars(sa.select(SourceRecord).order_by(SourceRecord.source_id).limit(1)).one()
        session.add(SourcePart(source=record.source, part="Autre_77", record_id=record.id))
    assert work(site) == "fichiers refaits : 6"
    assert "Autre_77" in site.app.get("/flux/donnees/lieux.csv", headers=PLAIN).text


@ONE_ENGINE
def test_a_run_makes_new_files(site: Site) -> None:
    def version() -> str:
        with site.sessions() as session:
            return Offer(session, Shelf(Path()), (), Publisher("Réseau", "http://x")).version

    before = version()
    assert version() == before
    with site.sessions.begin() as session:
        session.add(ImportRun(source="x", location="x", ended_at=site.clock.now.replace(year=2027)))
    assert version() != before


# --- commands -------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("RESEAU_DATABASE_URL", site.settings.database_url)
    monkeypatch.setenv("RESEAU_SECRET", SECRET)
    monkeypatch.setenv("RESEAU_DATA_DIR", str(site.settings.data_dir))
    return lambda *args: CliRunner().invoke(main, ["export", *args], catch_exceptions=False)


@ONE_ENGINE
def test_the_command_writes_what_the_page_gives(site: Site, command: Any, tmp_path: Path) -> None:
    answer = command("lieux")
    assert answer.exit_code == 0
    assert answer.stdout == site.app.get("/flux/donnees/lieux.csv", headers=PLAIN).text
    assert "Lieux écrits : 3" in answer.stderr
    assert "Laissés de côté, sans adresse : 1" in answer.stderr
    for format_ in ("json", "geojson"):
        out = tmp_path / f"lieux.{format_}"
        assert command("lieux", "--format", format_, "--sortie", str(out)).exit_code == 0
        json.loads(out.read_text(encoding="utf-8"))
    sheet = command("lieux", "--tableur").stdout
    assert sheet.startswith('\ufeff"id";"pivot"')


@ONE_ENGINE
def test_the_command_takes_a_territory_and_refuses_what_is_none(command: Any) -> None:
    assert "Lieux écrits : 3" in command("lieux", "--territoire", "dep:59").stderr
    assert "Lieux écrits : 0" in command("lieux", "--territoire", "75056").stderr
    assert "ne veut rien dire : 99999x" in command("lieux", "--territoire", "59512,99999x").stderr
    for nothing in (",", "", " , "):
        assert command("lieux", "--territoire", nothing).exit_code == 2
    assert command("lieux", "--tableur", "--format", "json").exit_code == 2


@ONE_ENGINE
def test_inclusion_goes_into_a_folder_or_an_archive_alike(command: Any, tmp_path: Path) -> None:
    assert command("inclusion", str(tmp_path / "dossier")).exit_code == 0
    assert command("inclusion", str(tmp_path / "tout.zip")).exit_code == 0
    with zipfile.ZipFile(tmp_path / "tout.zip") as archive:
        assert archive.namelist() == ["structures.json", "services.json"]
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "dossier" / name).read_bytes()
