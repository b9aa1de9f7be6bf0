"""``reseau export ressources`` and ``reseau resources load``: the base leaves in plain files, and comes back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.orm import Session

from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.core.files import FileStore
from reseau.core.wording import Wording
from resources.base import loading
from resources.base.content import ContentError, FileRef
from resources.base.loading import Loaded
from resources.base.models import Resource
from resources.base.sentences import sentence
from resources.files import services as files
from resources.files.errors import UploadError

if TYPE_CHECKING:
    from reseau.cli import App

STARTER = Path(__file__).parent / "starter"


@click.group()
def export() -> None:
    """Sort du site ce qu'il contient, en fichiers lisibles."""


@export.command("ressources")
@click.argument("dossier", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export_resources(app: App, dossier: Path) -> None:
    """Écrit chaque ressource publiée dans DOSSIER : un dossier par ressource, un fichier Markdown par langue."""
    with session_factory(app.engine, read_only=True, timezone=app.settings.timezone)() as session:
        count = loading.export(session, FileStore(app.settings.files_dir), dossier)
    click.echo(f"Ressources écrites : {count}")


@click.group()
def resources() -> None:
    """La base de ressources : kits, tutoriels, fiches."""


@resources.command()
@click.argument("dossier", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def load(app: App, dossier: Path) -> None:
    """Publie les ressources de DOSSIER qui ne sont pas encore là."""
    with session_factory(app.engine, timezone=app.settings.timezone)() as session:
        done = load_folder(session, FileStore(app.settings.files_dir), dossier, utcnow())
        session.commit()
    say_refused(done)
    click.echo(f"Publiées : {len(done.made)} · déjà là : {len(done.there)} · refusées : {len(done.refused)}")
    if done.refused:
        raise SystemExit(1)


def say_refused(done: Loaded) -> None:
    """Write on the error output what was not loaded, and why."""
    words = Wording.of("fr")
    for path, error in done.refused:
        click.echo(f"{path} : {sentence(error, words)} ({error})", err=True)


def load_folder(session: Session, store: FileStore, folder: Path, now: datetime) -> Loaded:
    """Load plain files, through the services that people's forms use."""

    def keep(resource: Resource, path: Path) -> FileRef:
        stored = store.put_path(path)
        try:
            return files.add(session, store, resource, stored, path.name, by=None, structure_id=None, now=now)
        except UploadError:
            raise ContentError("bad-file", name=path.name) from None

    return loading.load(session, folder, keep, now)
