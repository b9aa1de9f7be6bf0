"""The ``reseau`` command: one group, to which each room adds its own commands."""

from __future__ import annotations

import configparser
import os
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError

from reseau import settings as settings_module
from reseau.core import migrations
from reseau.core.db import create_engine
from reseau.settings import Settings

# Pyramid 2.1 still asks setuptools for it; a timer of the system would mail the warning every night.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)

PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-proto"}  # the host is passed on as it is: one less to believe
#: Bytes that the server takes from the network. It answers by itself, in three bare words, what is larger; what is
#: smaller and still no form (``web.app.MAX_FORM``) gets a page of ours. Parsing a body of 60 MB took 2.7 GB and 38 s.
#: Where files are sent, more is taken from who is signed in: ``resources.files.admission``.
MAX_BODY = 1024 * 1024


@dataclass
class App:
    """What commands share. Made lazily: ``init`` runs before there is a secret or a database."""

    ini: dict[str, str]

    @cached_property
    def settings(self) -> Settings:
        """The settings; a wrong one ends the command with its sentence."""
        try:
            return settings_module.load(self.ini)
        except settings_module.SettingsError as error:
            raise click.ClickException(str(error)) from None

    @cached_property
    def engine(self) -> sa.Engine:
        """The database engine."""
        return create_engine(self.settings.database_url)

    def close(self) -> None:
        """Close what a command has opened."""
        if "engine" in self.__dict__:
            self.engine.dispose()


EX_TEMPFAIL = 75
"""Of sysexits.h: a mail server keeps the message and tries again. Any other code would send it back."""


class _Group(click.Group):
    """Says what to do when the database has no tables yet, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            if ctx.invoked_subcommand in ("mail", "letter"):  # a file of settings that is not there, a wrong option
                error.show()
                ctx.exit(EX_TEMPFAIL)
            raise
        except (OperationalError, ProgrammingError) as error:
            if any(
                words in str(error.orig)
                for words in ("no such table", "does not exist", "no such column", "unable to open")
            ):
                raise click.ClickException("La base n'est pas prête : lancez d'abord « reseau init ».") from error
            raise


@click.group(cls=_Group)
@click.option("--config", "-c", type=click.Path(path_type=Path), envvar="RESEAU_CONFIG", help="Fichier de réglages.")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Réseau : annuaire, ressources et échanges de celles et ceux qui aident."""
    os.umask(0o077)  # the database holds addresses of people who reported an error: nobody else's business
    context.obj = App(_read_ini(config) if config else {})
    context.call_on_close(context.obj.close)


def _read_ini(path: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        found = parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} : fichier illisible ({type(error).__name__})") from None
    if not found:
        raise click.ClickException(f"{path} : fichier introuvable")
    return dict(parser["app:main"]) if parser.has_section("app:main") else {}


@main.command()
@click.pass_obj
def init(app: App) -> None:
    """Prépare le dossier de données, le secret et la base (sans risque si c'est déjà fait)."""
    data_dir = Path(_early_data_dir(app.ini))
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = data_dir / "secret"
    if not secret.exists() or not secret.read_text(encoding="ascii").strip():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
    migrations.upgrade(app.engine)
    _compute_what_is_missing(app)
    _lay_topics(app)
    _begin_to_tell(app)
    _lay_sources(app)
    click.echo(f"Prêt : {app.settings.data_dir.resolve()}")


def _compute_what_is_missing(app: App) -> None:
    """A migration adds columns that only the code can compute."""
    from reseau.directory.commands import run_reproject

    seen, _ = run_reproject(app, missing_only=True)
    if seen:
        click.echo(f"Fiches calculées : {seen}")


def _lay_topics(app: App) -> None:
    """A new site has topics to exchange on from its first day; the coordination changes them."""
    from reseau.core.clock import utcnow
    from reseau.core.db import session_factory
    from reseau.threads.base.topics import lay

    with session_factory(app.engine, timezone=app.settings.timezone).begin() as session:
        lay(session, utcnow())


def _begin_to_tell(app: App) -> None:
    """What happens before the worker runs for the first time is told too."""
    from reseau.core.db import session_factory
    from reseau.notices.deriving import begin

    with session_factory(app.engine, timezone=app.settings.timezone).begin() as session:
        begin(session)


def _lay_sources(app: App) -> None:
    """A new site knows the national registers; they are switched off until somebody says go."""
    from importers.schedule.sources import lay
    from reseau.core.clock import utcnow
    from reseau.core.db import session_factory

    with session_factory(app.engine, timezone=app.settings.timezone).begin() as session:
        lay(session, utcnow())


def _early_data_dir(ini: dict[str, str]) -> Path:
    return settings_module.load({**ini, "reseau.secret": "x" * 32}).data_dir


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=6543, show_default=True, envvar="PORT", type=click.IntRange(1, 65535))
@click.option("--worker/--no-worker", "with_worker", default=False, help="Faire aussi le travail de fond (courriels…).")
@click.pass_obj
def serve(app: App, host: str, port: int, with_worker: bool) -> None:
    """Sert le site (waitress), sur une machine."""
    import warnings

    # Pyramid 2.1 still imports pkg_resources, hence our setuptools<82; it says so at every start.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    from reseau import rooms_of
    from reseau.web.app import make_app
    from resources.files import admission

    if app.settings.demo and not settings_module.is_private_listener(host):
        raise click.ClickException(
            f"Sur un site de démonstration, n'importe qui entre en un clic : il ne peut pas écouter sur {host}. "
            "Choisissez 127.0.0.1 ou l'adresse de cette machine sur votre réseau privé."
        )
    wsgi = make_app(app.settings, rooms_of(app.settings))
    click.echo(f"Réseau : http://localhost:{port}  (Ctrl+C pour arrêter)")
    proxy = app.settings.trusted_proxy
    trusted = {"trusted_proxy": proxy, "trusted_proxy_headers": PROXY_HEADERS} if proxy else {}
    options = {"threads": app.settings.threads, "ident": "reseau", "clear_untrusted_proxy_headers": True, **trusted}
    options["max_request_body_size"] = MAX_BODY
    with _worker(app) if with_worker else nullcontext():
        admission.serve(wsgi, app.settings.files_max, app.settings.files_dir / "tmp", host=host, port=port, **options)


@contextmanager
def _worker(app: App) -> Iterator[None]:
    """The worker in a thread; a SIGTERM ends what it does as Ctrl+C would, instead of cutting it."""
    from reseau.worker import JOBS, WorkerThread, stop_on_sigterm

    stop_on_sigterm()
    thread = WorkerThread(app.engine, app.settings, JOBS)
    thread.start()
    try:
        yield
    finally:
        thread.stop()


def _add_room_commands() -> None:
    from feeds.newsletter.bounces.commands import letter
    from feeds.newsletter.models import KIND as LETTER
    from feeds.newsletter.reading.documents import documents as letter_documents
    from feeds.opendata.commands import inclusion, places
    from importers.commands import import_
    from importers.schedule.commands import sync
    from reseau.demo import demo
    from reseau.directory.commands import reproject
    from reseau.directory.documents import documents
    from reseau.directory.models import KIND
    from reseau.doctor import doctor
    from reseau.members.commands import role
    from reseau.search.commands import SOURCES, index
    from reseau.threads.answering.commands import mail
    from reseau.threads.listing.documents import SOURCES as thread_sources
    from reseau.worker import worker
    from resources.base.models import KIND as RESOURCE
    from resources.base.models import WORDS_KIND
    from resources.commands import export, resources
    from resources.files.commands import files
    from resources.finding.documents import documents as resource_documents
    from resources.finding.documents import reread

    SOURCES.update({KIND: documents, RESOURCE: resource_documents, WORDS_KIND: reread, **thread_sources})
    SOURCES[LETTER] = letter_documents
    for command in (places, inclusion):
        export.add_command(command)
    main.add_command(doctor)
    for command in (demo, import_, sync, index, role, reproject, worker, files, export, resources, mail, letter):
        main.add_command(command)


_add_room_commands()
