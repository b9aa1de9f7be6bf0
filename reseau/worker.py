"""The worker: runs the jobs of all rooms when they are due, in a process of its own or in a thread of ``serve``.

APScheduler is only the clock; what ran and when is in our table ``job_run``. One worker at a time, by a lock: a second
one says so. What was missed while no worker ran is run at the start, once.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from feeds.newsletter.bounces import jobs as bounces
from feeds.newsletter.sending import jobs as sending
from feeds.newsletter.subscribing import jobs as subscribing
from feeds.newsletter.writing import jobs as letters
from feeds.opendata import jobs as opendata
from feeds.syndication.following import jobs as following
from importers.schedule import jobs as importing
from importers.tableur import jobs as sheets
from importers.veille import jobs as watching
from reseau import registered  # noqa: F401 (what rooms say of their objects)
from reseau.core import mail
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.core.jobs import Job, Tools, due_at, last_runs, run_job
from reseau.core.letters import Site
from reseau.core.locks import Locked, exclusive
from reseau.core.mail_delivery import deliver, files_of, sweep_files, transport_of
from reseau.desk import jobs as desk
from reseau.editing import jobs as editing
from reseau.indicators import jobs as indicators
from reseau.label import jobs as label
from reseau.members import jobs as members
from reseau.members import joining_jobs as joining
from reseau.notices import jobs as notices
from reseau.settings import Settings
from reseau.threads.answering import jobs as answering
from reseau.threads.moderating import jobs as moderating
from resources.files import jobs as files
from resources.finding import jobs as finding
from resources.saying import jobs as saying
from resources.taking import jobs as taking
from resources.writing import jobs as writing

if TYPE_CHECKING:
    from reseau.cli import App

log = logging.getLogger(__name__)

LOCK = "worker"
THREADS = 4  # a long job must not keep the mail waiting
OUTCOMES = {"sent": "envoyés", "later": "remis à plus tard", "aside": "mis de côté", "stale": "repris",
            "expired": "périmés"}  # fmt: skip
ALREADY = "Un autre worker tourne déjà sur ce site."


def deliver_mail(tools: Tools) -> str | None:
    """Send the mails that are due."""
    done = deliver(
        tools.sessions,
        transport_of(tools.settings),
        Site.of(tools.settings),
        tools.clock,
        stopping=tools.stopping,
        keep_text=tools.settings.demo,
    )
    return _sentence(done)


def _sentence(done: Counter[str]) -> str | None:
    return ", ".join(f"{label} : {done[name]}" for name, label in OUTCOMES.items() if done[name]) or None


def purge_mail(tools: Tools) -> str | None:
    """Delete the mails that were sent or put aside long ago, rows and files."""
    with tools.sessions.begin() as session:
        count = mail.purge(session, tools.clock())
    count += sweep_files(files_of(tools.settings), tools.clock() - mail.KEPT)
    return f"effacés : {count}" if count else None


#: The jobs of the house. A room has its own in ``jobs.py``, named ``JOBS``, and is added here.
JOBS: tuple[Job, ...] = (
    Job("courriels", timedelta(seconds=5), deliver_mail),
    Job("courriels-anciens", timedelta(days=1), purge_mail),
    *answering.JOBS,
    *bounces.JOBS,
    *members.JOBS,
    *joining.JOBS,
    *editing.JOBS,
    *desk.JOBS,
    *files.JOBS,
    *finding.JOBS,
    *following.JOBS,
    *importing.JOBS,
    *indicators.JOBS,
    *label.JOBS,
    *letters.JOBS,
    *moderating.JOBS,
    *notices.JOBS,
    *opendata.JOBS,
    *saying.JOBS,
    *sending.JOBS,
    *sheets.JOBS,
    *subscribing.JOBS,
    *taking.JOBS,
    *watching.JOBS,
    *writing.JOBS,
)


class Worker:
    """Runs ``jobs`` when they are due, between ``start`` and ``stop``."""

    def __init__(self, jobs: Sequence[Job], tools: Tools) -> None:
        self._jobs = jobs
        self._stopping = threading.Event()
        self._tools = replace(tools, stopping=self._stopping.is_set)
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(THREADS)}, daemon=True
        )

    def start(self) -> None:
        """Begin; jobs that are late run at once. :raises sqlalchemy.exc.SQLAlchemyError: the base is not ready."""
        now = self._tools.clock()
        with self._tools.sessions() as session:
            last = last_runs(session)
        for job in self._jobs:
            # Our clock says how long to wait, the scheduler's when that is over: a test may set ours.
            first = utcnow() + (due_at(job, last.get(job.name), now) - now)
            self._scheduler.add_job(
                run_job, IntervalTrigger(seconds=job.every.total_seconds(), timezone=UTC), (job, self._tools),
                id=job.name, next_run_time=first, coalesce=True, max_instances=1, misfire_grace_time=None,
            )  # fmt: skip
        # It warns each time that a run lasts longer than its period, which is nothing to worry about.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more, and wait for what runs: it hears of it by ``Tools.stopping``."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


class WorkerThread(threading.Thread):
    """A worker inside ``reseau serve``. While another worker holds the lock it serves without, and takes over later.

    :param retry_s: seconds between two looks at the lock, or at a base that is not ready.
    """

    def __init__(self, engine: sa.Engine, settings: Settings, jobs: Sequence[Job], retry_s: float = 60.0) -> None:
        super().__init__(name="worker", daemon=True)
        self._engine, self._settings, self._jobs, self._retry_s = engine, settings, jobs, retry_s
        self._stopped = threading.Event()

    def run(self) -> None:
        """Never ends by an error: says it, and tries again."""
        said = False
        while not self._stopped.is_set():
            try:
                with _lock(self._engine, self._settings):
                    self._work()
            except Locked:
                if not said:
                    log.warning("another worker runs: this process serves without one, and takes over when it ends")
                said = True
            except Exception:
                log.exception("the worker could not start")
            self._stopped.wait(self._retry_s)

    def _work(self) -> None:
        worker = Worker(
            self._jobs, Tools(session_factory(self._engine, timezone=self._settings.timezone), self._settings)
        )
        try:
            worker.start()
            self._stopped.wait()
        finally:
            worker.stop()

    def stop(self, timeout: float | None = 90.0) -> None:
        """Ask to stop, and wait for the jobs that run."""
        self._stopped.set()
        if self.is_alive():
            self.join(timeout)


def _lock(engine: sa.Engine, settings: Settings) -> AbstractContextManager[None]:
    return exclusive(engine, settings.data_dir, LOCK)


@click.command()
@click.option("--once", is_flag=True, help="Faire chaque tâche une fois, puis finir (code 1 si l'une échoue).")
@click.option("--job", "names", metavar="NOM", multiple=True, help="Cette tâche seulement (peut être répété).")
@click.option("--list", "listing", is_flag=True, help="Dire les tâches et leur dernier passage, ne rien faire.")
@click.pass_obj
def worker(app: App, once: bool, names: tuple[str, ...], listing: bool) -> None:
    """Fait le travail de fond : envoi des courriels, ménage…"""
    if unknown := sorted(set(names) - {job.name for job in JOBS}):
        raise click.BadParameter(f"tâche inconnue : {', '.join(unknown)}", param_hint="--job")
    jobs = [job for job in JOBS if not names or job.name in names]
    tools = Tools(session_factory(app.engine, timezone=app.settings.timezone), app.settings)
    if listing:
        _list(jobs, tools)
        return
    try:
        with _lock(app.engine, app.settings):
            if once:
                _once(jobs, tools)
            else:
                _until_told(jobs, tools)
    except Locked:
        raise click.ClickException(ALREADY) from None


def _list(jobs: Sequence[Job], tools: Tools) -> None:
    with tools.sessions() as session:
        last = last_runs(session)
    for job in jobs:
        run = last.get(job.name)
        state = f"{'faite' if run.ok else 'échouée'} le {run.ended_at:%Y-%m-%d %H:%M:%S} UTC" if run else "jamais faite"
        said = f" ({run.message})" if run and run.message else ""
        click.echo(f"{job.name:<24} toutes les {_period(job.every):<8} {state}{said}")


def _period(every: timedelta) -> str:
    for seconds, unit in ((86400, "j"), (3600, "h"), (60, "min")):
        if every.total_seconds() % seconds == 0:
            return f"{every.total_seconds() / seconds:g} {unit}"
    return f"{every.total_seconds():g} s"


def _once(jobs: Sequence[Job], tools: Tools) -> None:
    with tools.sessions() as session:
        last_runs(session)  # a base that is not ready ends the command here, with its sentence
    results = {job.name: run_job(job, tools) for job in jobs}
    with tools.sessions() as session:
        last = last_runs(session)
    for name, ok in results.items():
        said = last[name].message if name in last else ""
        click.echo(f"{name} : {'fait' if ok else 'échec'}{f' ({said})' if said else ''}")
    if not all(results.values()):
        raise SystemExit(1)


def stop_on_sigterm() -> None:
    """SIGTERM then ends the process as Ctrl+C does: what runs is ended, what is open is closed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _until_told(jobs: Sequence[Job], tools: Tools) -> None:
    running = Worker(jobs, tools)
    stop_on_sigterm()
    try:
        running.start()
        click.echo(f"Worker : {len(jobs)} tâches (Ctrl+C pour arrêter)")
        while True:
            threading.Event().wait(3600)
    except KeyboardInterrupt:
        click.echo("Arrêt…")
    finally:
        running.stop()
