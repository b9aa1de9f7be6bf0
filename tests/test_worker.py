"""The worker: jobs at their time, one worker, clean ends. Real processes, real locks, real files."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import sessionmaker

from reseau import worker as worker_module
from reseau.cli import main
from reseau.core import tokens
from reseau.core.db import ReseauSession, session_factory
from reseau.core.jobs import QUIET, Job, JobRun, Tools, due_at, last_runs, run_job
from reseau.core.letters import Letter, Site
from reseau.core.locks import Locked, exclusive
from reseau.core.mail import queue
from reseau.settings import Settings
from reseau.worker import JOBS, LOCK, Worker, WorkerThread
from tests.conftest import SECRET, TUESDAY, StillClock

LETTER = Letter("test", "fr", "Bonjour", ("Bonjour.",))
EVER = timedelta(days=300)
LONG_AGO = TUESDAY - 3 * EVER  # for those who work by the clock of the machine


@pytest.fixture
def tools(sessions: sessionmaker[ReseauSession], settings: Settings, clock: StillClock) -> Tools:
    return Tools(sessions, settings, clock)


def runs(tools: Tools) -> dict[str, JobRun]:
    with tools.sessions() as session:
        return last_runs(session)


def soon(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def failing(_tools: Tools) -> str | None:
    raise RuntimeError("no luck")


# --- one job ------------------------------------------------------------------------------------------------


def test_a_run_is_written_down(tools: Tools, clock: StillClock) -> None:
    def work(_tools: Tools) -> str:
        clock.now += timedelta(seconds=3)
        return "trois choses"

    assert run_job(Job("a", EVER, work), tools)
    run = runs(tools)["a"]
    assert (run.started_at, run.ended_at, run.ok, run.message) == (TUESDAY, clock.now, True, "trois choses")


def test_a_failure_is_said_written_down_and_forgotten_by_the_next_success(
    tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    assert not run_job(Job("a", EVER, failing), tools)
    run = runs(tools)["a"]
    assert (run.ok, run.message) == (False, "RuntimeError: no luck")
    assert "job a failed" in caplog.text
    assert "no luck" in caplog.text
    assert run_job(Job("a", EVER, lambda _: None), tools)
    assert (runs(tools)["a"].ok, runs(tools)["a"].message) == (True, "")


def test_a_failure_that_is_written_down_names_nobody(tools: Tools) -> None:
    token = tokens.sign(SECRET, "sign-in", "x", TUESDAY)

    def fail(_tools: Tools) -> str:
        raise ValueError(f"nadia.b@ici.example, http://reseau.example/connexion/lien/{token} at 3 of 4.5")

    run_job(Job("a", EVER, fail), tools)
    message = runs(tools)["a"].message
    assert message == "ValueError: …, http://reseau.example/connexion/lien/… at 3 of 4.5"


def test_nothing_to_do_is_written_once_a_minute(tools: Tools, clock: StillClock) -> None:
    quiet = Job("a", EVER, lambda _: None)
    for seconds in (0, 5, 55):
        clock.now = TUESDAY + timedelta(seconds=seconds)
        run_job(quiet, tools)
    assert runs(tools)["a"].ended_at == TUESDAY
    clock.now = TUESDAY + QUIET
    run_job(quiet, tools)
    assert runs(tools)["a"].ended_at == clock.now
    clock.now = TUESDAY  # the clock of the machine was set right
    run_job(quiet, tools)
    assert runs(tools)["a"].ended_at == TUESDAY


def test_a_run_that_cannot_be_written_down_raises_nothing(
    tools: Tools, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    JobRun.__table__.drop(engine)  # type: ignore[attr-defined]
    assert not run_job(Job("a", EVER, lambda _: "x"), tools)
    assert "could not be written down" in caplog.text


def test_when_a_job_is_due() -> None:
    day = Job("a", timedelta(days=1), lambda _: None)

    def last(ago: timedelta, ok: bool = True) -> JobRun:
        return JobRun(name="a", started_at=TUESDAY - ago, ended_at=TUESDAY - ago, ok=ok, message="")

    assert due_at(day, None, TUESDAY) == TUESDAY
    assert due_at(day, last(timedelta(days=3)), TUESDAY) == TUESDAY
    assert due_at(day, last(timedelta(hours=1)), TUESDAY) == TUESDAY + timedelta(hours=23)
    assert due_at(day, last(timedelta(hours=1), ok=False), TUESDAY) == TUESDAY
    assert due_at(day, last(timedelta(days=-40)), TUESDAY) == TUESDAY + timedelta(days=1)


def test_names_fit_and_are_each_its_own() -> None:
    names = [job.name for job in JOBS]
    assert len(set(names)) == len(names)
    assert all(len(name) <= JobRun.__table__.c.name.type.length for name in names)  # type: ignore[attr-defined]


# --- the scheduler ------------------------------------------------------------------------------------------


def test_late_jobs_run_at_the_start_and_others_at_their_time(tools: Tools) -> None:
    with tools.sessions.begin() as session:
        for name, ago in (("late", 2), ("early", 0.5)):
            then = TUESDAY - timedelta(days=ago)
            session.add(JobRun(name=name, started_at=then, ended_at=then, ok=True, message=""))
    ran: list[str] = []
    day = timedelta(days=1)

    def note(name: str) -> Job:
        return Job(name, day, lambda _: ran.append(name))

    running = Worker([note("late"), note("early"), note("never")], tools)
    running.start()
    soon(lambda: len(ran) == 2)
    running.stop()
    assert sorted(ran) == ["late", "never"]


def test_a_job_comes_again_and_a_failing_or_slow_one_stops_no_other(tools: Tools) -> None:
    often, ran, release = timedelta(seconds=0.05), list[int](), threading.Event()
    slow_runs: list[int] = []
    before = set(threading.enumerate())

    def slow(_tools: Tools) -> None:
        slow_runs.append(1)
        release.wait(20)

    running = Worker(
        [Job("bad", often, failing), Job("slow", often, slow), Job("good", often, lambda _: ran.append(1))], tools
    )
    running.start()
    soon(lambda: len(ran) >= 3)
    release.set()
    assert len(slow_runs) == 1  # never twice at once
    running.stop()
    assert not runs(tools)["bad"].ok
    assert set(threading.enumerate()) <= before, "nothing is left that could run a job"


def test_a_job_that_runs_hears_that_it_should_end(tools: Tools) -> None:
    begun, ended = threading.Event(), threading.Event()

    def long(tools: Tools) -> None:
        begun.set()
        while not tools.stopping():
            time.sleep(0.01)
        ended.set()

    running = Worker([Job("long", EVER, long)], tools)
    running.start()
    assert begun.wait(20)
    running.stop()
    assert ended.is_set()


def test_mail_leaves_by_the_jobs_of_the_house(tools: Tools, engine: sa.Engine) -> None:
    with tools.sessions.begin() as session:
        queue(session, LETTER, "a@ici.example", site=Site.of(tools.settings), now=LONG_AGO)
    thread = WorkerThread(engine, tools.settings, JOBS)
    thread.start()
    folder = tools.settings.data_dir / "courriels"
    soon(lambda: list(folder.glob("*.eml")) and {"courriels", "courriels-anciens"} <= set(runs(tools)))
    thread.stop()
    assert not thread.is_alive()
    assert runs(tools)["courriels"].message == "envoyés : 1"
    with exclusive(engine, tools.settings.data_dir, LOCK):
        pass


def test_a_thread_serves_without_while_another_works_then_takes_over(
    tools: Tools, engine: sa.Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran, tries = threading.Event(), list[int]()

    def lock(*arguments: Any) -> Any:
        tries.append(1)
        return exclusive(*arguments)

    monkeypatch.setattr(worker_module, "exclusive", lock)
    thread = WorkerThread(engine, tools.settings, [Job("a", EVER, lambda _: ran.set())], retry_s=0.05)
    with exclusive(engine, tools.settings.data_dir, LOCK):
        thread.start()
        soon(lambda: len(tries) > 3)
        assert caplog.text.count("another worker runs") == 1
        assert not ran.is_set()
    assert ran.wait(20)
    thread.stop()


def test_a_thread_waits_for_a_base_that_is_not_ready(
    tools: Tools, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    JobRun.__table__.drop(engine)  # type: ignore[attr-defined]
    ran = threading.Event()
    thread = WorkerThread(engine, tools.settings, [Job("a", EVER, lambda _: ran.set())], retry_s=0.05)
    thread.start()
    soon(lambda: "could not start" in caplog.text)
    JobRun.__table__.create(engine)  # type: ignore[attr-defined]
    assert ran.wait(20)
    thread.stop()


# --- the command --------------------------------------------------------------------------------------------


@pytest.fixture
def environment(engine: sa.Engine, settings: Settings) -> dict[str, str]:
    """The same site, for commands."""
    return {
        "RESEAU_DATABASE_URL": settings.database_url,
        "RESEAU_DATA_DIR": str(settings.data_dir),
        "RESEAU_SECRET": SECRET,
        "RESEAU_SEARCH": "null",
    }


@pytest.fixture
def command(environment: dict[str, str]) -> Iterator[Callable[..., Result]]:
    """Runs a command in this process."""
    umask = os.umask(0o077)
    os.umask(umask)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environment)

    yield run
    os.umask(umask)


def test_once_does_each_job_and_ends(tools: Tools, command: Callable[..., Result]) -> None:
    with tools.sessions.begin() as session:
        queue(session, LETTER, "a@ici.example", site=Site.of(tools.settings), now=LONG_AGO)
    result = command("worker", "--once")
    said = dict(line.split(" : ", 1) for line in result.output.splitlines())
    assert result.exit_code == 0
    assert list(said) == [job.name for job in JOBS]
    assert said["courriels"] == "fait (envoyés : 1)"
    assert all(line.startswith("fait") for line in said.values())
    assert command("worker", "--once", "--job", "courriels-anciens").output == "courriels-anciens : fait\n"


def test_once_exits_with_1_when_a_job_fails(
    tools: Tools, command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "JOBS", (Job("a", EVER, failing), Job("b", EVER, lambda _: "bien")))
    result = command("worker", "--once")
    assert (result.exit_code, result.output) == (1, "a : échec (RuntimeError: no luck)\nb : fait (bien)\n")


def test_list_says_the_jobs_and_their_last_run(command: Callable[..., Result]) -> None:
    first = command("worker", "--list").output.splitlines()
    assert [line.split()[0] for line in first] == [job.name for job in JOBS]
    assert all("jamais faite" in line for line in first)
    assert "toutes les 5 s" in first[0]
    assert "toutes les 1 j" in first[1]
    command("worker", "--once", "--job", "courriels")
    lines = command("worker", "--list").output.splitlines()
    assert "faite le 20" in lines[0]
    assert "jamais faite" in lines[1]


def test_an_unknown_job_is_refused(command: Callable[..., Result]) -> None:
    result = command("worker", "--job", "rien")
    assert result.exit_code == 2
    assert "tâche inconnue : rien" in result.output


def test_a_second_worker_says_so(tools: Tools, engine: sa.Engine, command: Callable[..., Result]) -> None:
    with exclusive(engine, tools.settings.data_dir, LOCK):
        for arguments in ((), ("--once",)):
            result = command("worker", *arguments)
            assert result.exit_code == 1
            assert result.output == "Error: Un autre worker tourne déjà sur ce site.\n"
        assert command("worker", "--list").exit_code == 0


@pytest.mark.parametrize("arguments", [("--once",), ("--list",), ()])
def test_a_base_that_is_not_ready_is_said(
    engine: sa.Engine, command: Callable[..., Result], arguments: tuple[str, ...]
) -> None:
    JobRun.__table__.drop(engine)  # type: ignore[attr-defined]
    before = signal.getsignal(signal.SIGTERM)
    result = command("worker", *arguments)
    signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 1
    assert "lancez d'abord « reseau init »" in result.output


# --- real processes -----------------------------------------------------------------------------------------


def spawn(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    code = "from reseau.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_when_told(tools: Tools, environment: dict[str, str], number: signal.Signals) -> None:
    process = spawn(environment, "worker")
    assert process.stdout is not None
    assert process.stdout.readline() == f"Worker : {len(JOBS)} tâches (Ctrl+C pour arrêter)\n"
    soon(lambda: {"courriels", "courriels-anciens"} <= set(runs(tools)))
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "Arrêt…\n", "")


def test_the_lock_goes_with_a_killed_worker(tools: Tools, engine: sa.Engine, environment: dict[str, str]) -> None:
    process = spawn(environment, "worker")
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(Locked), exclusive(engine, tools.settings.data_dir, LOCK):
        pass
    process.kill()
    process.communicate()

    def free() -> bool:
        try:
            with exclusive(engine, tools.settings.data_dir, LOCK):
                return True
        except Locked:
            return False

    soon(free)


def test_serve_with_a_worker_serves_sends_and_ends(tools: Tools, environment: dict[str, str], unused_port: int) -> None:
    with tools.sessions.begin() as session:
        queue(session, LETTER, "a@ici.example", site=Site.of(tools.settings), now=LONG_AGO)
    process = spawn(environment, "serve", "--worker", "--port", str(unused_port))
    try:
        folder = tools.settings.data_dir / "courriels"
        soon(lambda: list(folder.glob("*.eml")), 60)
        soon(lambda: runs(tools).get("courriels"))
        assert answers(unused_port)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0", "", "93.184.215.14", "::ffff:0.0.0.0"])
def test_a_demonstration_is_not_served_to_the_world(
    command: Callable[..., Result], environment: dict[str, str], host: str
) -> None:
    environment["RESEAU_DEMO"] = "true"
    result = command("serve", "--host", host)
    assert result.exit_code == 1
    assert "n'importe qui entre en un clic" in result.output


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/rien", timeout=10)
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 404
    return False


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_tools_have_a_clock_and_no_end_by_default(settings: Settings, engine: sa.Engine) -> None:
    tools = Tools(session_factory(engine), settings)
    assert tools.clock() is not None
    assert not tools.stopping()
