"""A source that breaks in every way we know, then is well again: the end is that of an import where nothing broke."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from importers.conducting import Conducting, conduct
from importers.fetch import Asker, guarding
from importers.fetch.guarding import PrivateAddress
from importers.models import ImportRun, ImportSource
from importers.pipeline import Refused, Summary
from importers.pipeline.contract import Held
from reseau.core.db import create_engine, session_factory
from reseau.core.locks import Locked, exclusive
from reseau.settings import Settings
from tests.conftest import SECRET, TUESDAY
from tests.directory.site import ROUBAIX_CSV
from tests.importers.server import (
    Fault,
    Reply,
    StandIn,
    bomb,
    chunked,
    cut,
    deaf,
    half_rows,
    html,
    packed,
    redirect,
    renamed,
    reordered,
    silent,
    slow,
    status,
    trickle,
    typed,
)
from tests.importers.states import counts, state

ROOT = Path(__file__).parents[2]
NEW = ROUBAIX_CSV.read_bytes()
TOOLS = Callable[..., Conducting]


def old() -> bytes:
    """What the source gave before: a row less, and other words in each fifth one."""
    rows = list(csv.reader(io.StringIO(NEW.decode("utf-8"), newline="")))
    column = rows[0].index("presentation_resume")
    for row in rows[1::5]:
        row[column] = "Ce que la source disait avant."
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows[:-1])
    return out.getvalue().encode("utf-8")


def first_rows(count: int) -> bytes:
    rows = list(csv.reader(io.StringIO(NEW.decode("utf-8"), newline="")))
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows[: 1 + count])
    return out.getvalue().encode("utf-8")


def tools_for(url: str, folder: Path, **asking: Any) -> Conducting:
    settings = Settings(
        secret=SECRET, data_dir=folder / "var", database_url=url, secure_cookies=False, territory_name="Roubaix",
        allow_private_addresses=True, sources=("carto",),
    )  # fmt: skip
    engine = create_engine(url)
    allow = asking.pop("allow_private", True)
    return Conducting(
        engine, session_factory(engine), settings, clock=lambda: TUESDAY,
        asker=lambda pace: Asker(allow, pace, clock=lambda: TUESDAY, sleep=lambda _s: None, **asking),
    )  # fmt: skip


@pytest.fixture
def make(database_url: str, tmp_path: Path) -> Iterator[TOOLS]:
    """Makes what conducts, on the database of the test."""
    made: list[Conducting] = []

    def one(**asking: Any) -> Conducting:
        made.append(tools_for(database_url, tmp_path, **asking))
        return made[-1]

    yield one
    for tools in made:
        tools.engine.dispose()


def register(tools: Conducting, server: StandIn) -> None:
    """The source, and what it gave first, imported."""
    row = ImportSource(name="carto", adapter="cartographie", title="Carto", location=server.url + "/f", complete=True)
    with tools.factory.begin() as session:
        session.add(row)
    server.serve("/f", old(), etag='"old"')
    conduct(tools, "carto")
    server.serve("/f", NEW, etag='"new"')


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, _template: Callable[[str], str]) -> tuple[Any, Any]:
    """The state after the first file, and after the second, when nothing breaks."""
    folder = tmp_path_factory.mktemp("clean")
    shutil.copy(_template("sqlite"), folder / "clean.sqlite3")
    tools = tools_for(f"sqlite:///{folder / 'clean.sqlite3'}", folder)
    with StandIn() as server:
        register(tools, server)
        before = state(tools.engine)
        conduct(tools, "carto")
    after = state(tools.engine)
    tools.engine.dispose()
    assert before != after
    return before, after


def outcome(tools: Conducting) -> str:
    """How a run ends: the code of what stops it, or how many rows it read."""
    try:
        summary = conduct(tools, "carto")
    except (Refused, Held) as stopped:
        return stopped.code
    return "same" if summary.same else f"read {summary.read}"


def ends_well(tools: Conducting, clean: tuple[Any, Any]) -> None:
    """The state is that of a clean import, and a further run writes nothing."""
    assert state(tools.engine) == clean[1]
    before = counts(tools.engine)
    assert conduct(tools, "carto").same
    assert counts(tools.engine) == before


#: Faults that last, and stop the file on its way: no database has anything to do with them. → how the run ends.
ON_THE_WAY: dict[str, tuple[tuple[Fault, ...], str]] = {
    "cut, no way to go on": ((deaf, cut(5000)), "telechargement"),
    "cut in chunks": ((deaf, chunked, cut(8192)), "telechargement"),
    "cut on the way, compressed": ((packed, cut(3000)), "telechargement"),
    "error 500": ((status(500),), "telechargement"),
    "gone": ((status(410),), "telechargement"),
    "forbidden": ((status(403),), "telechargement"),
    "too many requests": ((status(429, "3"),), "telechargement"),
    "come back in three days": ((status(503, "259200"),), "trop-tard"),
    "never answers": ((silent,), "telechargement"),
    "a byte at a time": ((trickle(0.05),), "telechargement"),
    "redirect loop": ((redirect("/f"),), "redirections"),
    "a page": ((html,), "html"),
    "data said to be a page": ((typed("text/html"),), "html"),
    "bomb": ((bomb(5_000_000),), "trop-gros"),
}

#: Faults that last, and of which the file is seen. "read 39": the run gets over them.
ARRIVED: dict[str, tuple[tuple[Fault, ...], str]] = {
    "cut, but each attempt goes on": ((cut(4000),), "read 39"),
    "wrong content type, and data": ((typed("image/png"),), "read 39"),
    "compressed": ((packed,), "read 39"),
    "empty": ((lambda reply: Reply(200, b""),), "vide"),
    "half the rows": ((half_rows,), "trop-peu"),
    "other schema": ((renamed("horaires", "ouverture"),), "schema-change"),
    "no schema": ((renamed("nom", "titre"),), "hors-schema"),
    "it stops in a row, with a right length": ((lambda reply: Reply(200, reply.body[:9000]),), "tronque"),
    "it stops after a row, with a right length": ((lambda reply: Reply(200, first_rows(20)),), "trop-peu"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ON_THE_WAY)
def test_after_a_fault_on_the_way_all_is_as_if_nothing_had_been(
    name: str, make: TOOLS, server: StandIn, clean: tuple[Any, Any]
) -> None:
    lasts(make, server, clean, *ON_THE_WAY[name])


@pytest.mark.parametrize("name", ARRIVED)
def test_after_a_bad_file_all_is_as_if_nothing_had_been(
    name: str, make: TOOLS, server: StandIn, clean: tuple[Any, Any]
) -> None:
    lasts(make, server, clean, *ARRIVED[name])


def lasts(make: TOOLS, server: StandIn, clean: tuple[Any, Any], faults: tuple[Fault, ...], expected: str) -> None:
    tools = make(timeout=(0.3, 0.15), total_s=1.5, max_bytes=1_000_000)
    register(tools, server)
    server.breaks("/f", *faults, always=True)
    assert outcome(tools) == expected
    if not expected.startswith("read"):
        assert state(tools.engine) == clean[0], "nothing was changed"
        server.heals("/f")
        assert outcome(tools) == "read 39"
    server.heals("/f")
    ends_well(tools, clean)


#: Faults that pass while the run goes on: it ends well by itself.
PASSING: dict[str, tuple[Fault, ...]] = {
    "errors": (status(500), status(502), status(503)),
    "busy": (status(429, "1"), status(429, "Tue, 24 Nov 2026 09:30:20 GMT")),
    "cuts": (cut(0), cut(1), cut(9000)),
    "a cut, then an error, then another version": (cut(4000), status(504), deaf),
    "a part that does not follow on": (cut(4000), lambda r: Reply(206, b"x", {"Content-Range": "bytes 0-0/1"})),
    "slow": (slow(0.1),),
    "elsewhere": (redirect("/f?ailleurs"),),
    "chunks": (chunked,),
}  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_got_over_in_the_same_run(
    name: str, make: TOOLS, server: StandIn, clean: tuple[Any, Any]
) -> None:
    tools = make()
    register(tools, server)
    server.breaks("/f", *PASSING[name])
    assert outcome(tools) == "read 39"
    ends_well(tools, clean)


def test_the_same_rows_in_another_order_change_nothing(make: TOOLS, server: StandIn, clean: tuple[Any, Any]) -> None:
    tools = make()
    register(tools, server)
    conduct(tools, "carto")
    before, runs = counts(tools.engine), run_states(tools)
    server.serve("/f", NEW)
    server.breaks("/f", reordered, always=True)
    summary: Summary = conduct(tools, "carto")
    assert (summary.read, summary.created, summary.updated) == (39, 0, 0)
    assert state(tools.engine) == clean[1]
    assert counts(tools.engine) == before
    assert run_states(tools) == [*runs, "done"]


def run_states(tools: Conducting) -> list[str]:
    with tools.factory() as session:
        return list(session.scalars(sa.select(ImportRun.state).order_by(ImportRun.id)))


def test_a_redirect_inside_is_not_followed(
    make: TOOLS, server: StandIn, clean: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine is taken for a public one, under one of its names only."""

    def check(address: str) -> None:
        if address != "127.0.0.1":
            raise PrivateAddress(address)

    monkeypatch.setattr(guarding, "check_ip", check)
    tools = make(allow_private=False)
    register(tools, server)
    server.breaks("/f", redirect(f"http://[::1]:{server.server_port}/secret"), always=True)
    assert outcome(tools) == "adresse-interdite"
    assert server.paths().count("/secret") == 0
    assert state(tools.engine) == clean[0]
    server.heals("/f")
    assert outcome(tools) == "read 39"
    ends_well(tools, clean)


CHILD = """
import os, resource, signal, sys
from pathlib import Path
from importers import sentences
from importers.conducting import conduct
from importers.fetch import downloading
from importers.pipeline import Refused
from tests.importers.test_faults import tools_for

def killed(*arguments):
    self, out, response, there = arguments
    for piece in downloading.bodies.pieces(response, self.max_bytes, self.asker.check):
        out.write(piece[:4000])
        out.flush()
        os.kill(os.getpid(), signal.SIGKILL)

url, folder, how = sys.argv[1:4]
if how == "kill":
    downloading.Download._write = killed
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(how), int(how)))
for location in sys.argv[4:] or [None]:
    try:
        conduct(tools_for(url, Path(folder)), "carto", location)
    except Refused as refused:
        print(refused.code, sentences.refusal(refused).removesuffix("Rien n’a été changé."), end="")
"""


def child(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", CHILD, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=60, check=False, text=True)


def test_a_worker_killed_during_the_download(
    make: TOOLS, database_url: str, tmp_path: Path, server: StandIn, clean: tuple[Any, Any]
) -> None:
    tools = make()
    register(tools, server)
    died = child(database_url, str(tmp_path), "kill")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert state(tools.engine) == clean[0]
    assert outcome(when_free(tools)) == "read 39"
    assert server.seen[-1].headers["Range"] == "bytes=4000-", "it goes on where the dead one was"
    assert run_states(tools) == ["done", "failed", "done"]
    ends_well(tools, clean)


def when_free(tools: Conducting) -> Conducting:
    """PostgreSQL takes a moment to see that a client is dead."""
    for _ in range(100):
        try:
            with exclusive(tools.engine, tools.settings.data_dir, "import-carto"):
                return tools
        except Locked:
            time.sleep(0.05)
    raise AssertionError("the lock of a dead process is still held")


def test_a_disk_that_is_full(
    make: TOOLS, database_url: str, tmp_path: Path, server: StandIn, clean: tuple[Any, Any]
) -> None:
    """While the raw file is kept (a path), and already while it comes (an address)."""
    tools = make()
    register(tools, server)
    large, limit = tmp_path / "large.csv", 4_000_000
    large.write_bytes(NEW + os.urandom(limit + 1_000_000))
    server.serve("/large", large.read_bytes())
    ended = child(database_url, str(tmp_path), str(limit), str(large), server.url + "/large")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "disque Le fichier n’a pas pu être écrit sur le disque (File too large). " * 2
    assert state(tools.engine) == clean[0]
    assert len(list((tmp_path / "var" / "imports").glob("*.gz"))) == 1, "that of the first import"
    assert run_states(tools) == ["done", "refused", "refused"]
    assert outcome(tools) == "read 39"
    ends_well(tools, clean)
