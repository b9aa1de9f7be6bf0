"""Fetching data·inclusion from a real server: two files that are asked for only when new, or the pages of the API."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from importers.fetch import Asker
from importers.inclusion import selecting
from importers.inclusion.source import Inclusion
from importers.pipeline.contract import Fetched, Refused, Where
from tests.importers.inclusion.test_inclusion import offer, place
from tests.importers.server import Reply, Seen, StandIn, cut, html, paged, status

ROUBAIX = frozenset({"59512"})
TOKEN = "un-jeton-de-test"


@pytest.fixture
def files(server: StandIn) -> StandIn:
    """Both open files."""
    server.serve("/structures.json", json.dumps([place(), place(id="loin", code_insee="59350")]).encode(), etag='"1"')
    server.serve(
        "/services.json", json.dumps([offer(), offer(id="ailleurs", structure_id="loin")]).encode(), etag='"1"'
    )
    return server


def fetch(server: StandIn, folder: Path, etag: str | None = None, **options: Any) -> Fetched:
    folder.mkdir(exist_ok=True)
    location = server.url if options.get("token") else f"{server.url}/structures.json"
    where = Where(location, {"services": f"{server.url}/services.json", **options}, etag, territory=ROUBAIX)
    with Asker(True, sleep=lambda _seconds: None) as asker:
        return Inclusion().fetch(where, asker, folder)


def kept(fetched: Fetched) -> list[str]:
    assert fetched.path is not None
    wanted = (selecting.STRUCTURE, selecting.SERVICE)
    return [one["row"]["id"] for one in selecting.documents(fetched.path) if one["kind"] in wanted]


def test_only_what_concerns_the_territory_is_kept(files: StandIn, tmp_path: Path) -> None:
    assert kept(fetch(files, tmp_path)) == ["dora--1", "dora--s1"]


def test_nothing_new_is_one_question_for_each_file(files: StandIn, tmp_path: Path) -> None:
    first = fetch(files, tmp_path / "a")
    asked = len(files.seen)
    assert fetch(files, tmp_path / "b", etag=first.etag).path is None
    assert [one.path for one in files.seen[asked:]] == ["/structures.json", "/services.json"]


@pytest.mark.parametrize("changed", ["structures", "services"])
def test_one_file_that_changed_is_read_with_the_other(files: StandIn, tmp_path: Path, changed: str) -> None:
    first = fetch(files, tmp_path / "a")
    rows = {"structures": [place(), place(id="dora--9")], "services": [offer(), offer(id="dora--s9")]}
    files.serve(f"/{changed}.json", json.dumps(rows[changed]).encode(), etag='"2"')
    expected = ["dora--1", "dora--s1"] if changed == "structures" else ["dora--1", "dora--s1", "dora--s9"]
    assert kept(fetch(files, tmp_path / "b", etag=first.etag)) == expected


def test_what_was_remembered_otherwise_is_no_condition(files: StandIn, tmp_path: Path) -> None:
    assert kept(fetch(files, tmp_path, etag='W/"of another version"')) == ["dora--1", "dora--s1"]


def test_a_kept_bundle_is_read_as_it_is(files: StandIn, tmp_path: Path) -> None:
    first = fetch(files, tmp_path / "a").path
    assert first is not None
    with Asker(True) as asker:
        assert Inclusion().fetch(Where(str(first)), asker, tmp_path).path == first


def test_the_same_files_give_the_same_bytes(files: StandIn, tmp_path: Path) -> None:
    one, two = fetch(files, tmp_path / "a").path, fetch(files, tmp_path / "b").path
    assert one is not None
    assert two is not None
    assert one.read_bytes() == two.read_bytes()


def test_what_is_cut_is_taken_up(files: StandIn, tmp_path: Path) -> None:
    files.breaks("/services.json", cut(200))
    files.breaks("/structures.json", status(503))
    assert kept(fetch(files, tmp_path)) == ["dora--1", "dora--s1"]


def test_a_page_of_maintenance_is_refused(files: StandIn, tmp_path: Path) -> None:
    files.breaks("/structures.json", html, always=True)
    with pytest.raises(Refused) as refused:
        fetch(files, tmp_path)
    assert refused.value.code == "html"


def test_the_api_by_pages(server: StandIn, tmp_path: Path) -> None:
    places = [place(id=f"dora--{rank}") for rank in range(5)]
    services = [offer(id=f"s{rank}", structure_id=f"dora--{rank}") for rank in range(5)]
    server.answers("/api/v1/structures", paged(places, 2, twice=[2]))
    server.answers("/api/v1/services", paged(services, 2))
    found = kept(fetch(server, tmp_path, token=TOKEN))
    assert found == ["dora--0", "dora--1", "dora--4", "s0", "s1", "s4"], "a page that shifted hides two, invents none"
    assert {one.headers["Authorization"] for one in server.seen} == {f"Bearer {TOKEN}"}
    assert {one.query("code_departement") for one in server.seen} == {"59"}


def test_a_token_that_is_refused_is_said_and_not_shown(server: StandIn, tmp_path: Path) -> None:
    server.answers("/api/v1/structures", lambda _seen: Reply(401, b'{"detail":"Not authenticated"}'))
    with pytest.raises(Refused) as refused:
        fetch(server, tmp_path, token=TOKEN)
    assert refused.value.code == "jeton-refuse"
    assert TOKEN not in repr(refused.value.details)


@pytest.mark.parametrize("body", [b"[]", b'{"items": 3, "pages": 1}', b"{", b'{"items": []}'])
def test_an_answer_of_another_shape_is_refused(server: StandIn, tmp_path: Path, body: bytes) -> None:
    def answer(_seen: Seen) -> Reply:
        return Reply(200, body, {"Content-Type": "application/json"})

    server.answers("/api/v1/structures", answer)
    with pytest.raises(Refused) as refused:
        fetch(server, tmp_path, token=TOKEN)
    assert refused.value.code == "hors-schema"


def test_a_token_does_not_leave_in_clear(tmp_path: Path) -> None:
    with Asker(True) as asker, pytest.raises(Refused) as refused:
        Inclusion().fetch(Where("http://api.example.org", {"token": TOKEN}, territory=ROUBAIX), asker, tmp_path)
    assert refused.value.code == "jeton-en-clair"


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_both_files_of_this_machine(tmp_path: Path, packed: bool) -> None:
    """As ``reseau export inclusion`` writes them."""
    folder = tmp_path / "export"
    folder.mkdir()
    for name, rows in (("structures", [place(), place(id="loin", code_insee="59350")]), ("services", [offer()])):
        (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    given = folder
    if packed:
        given = tmp_path / "export.zip"
        with zipfile.ZipFile(given, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, file.name)
    with Asker(True) as asker:
        assert kept(Inclusion().fetch(Where(str(given), territory=ROUBAIX), asker, tmp_path)) == ["dora--1", "dora--s1"]


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    given = tmp_path / "other.zip"
    with zipfile.ZipFile(given, "w") as archive:
        archive.writestr("photo.txt", "x")
    with Asker(True) as asker, pytest.raises(Refused) as refused:
        Inclusion().fetch(Where(str(given), territory=ROUBAIX), asker, tmp_path)
    assert refused.value.code == "hors-schema"
