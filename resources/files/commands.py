"""``reseau files``: whether what is on the disk and what the tables say agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.core.files import FileStore
from reseau.core.jobs import Tools
from resources.base.models import FileUse, Resource, StoredFile
from resources.base.routes import path_of
from resources.files import jobs, sweeping
from resources.files.extraction import SMALL
from resources.files.sweeping import State

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reseau.cli import App

SHOWN = 20  # lines of one kind


@click.group()
def files() -> None:
    """Les fichiers partagés, rangés par contenu."""


@files.command()
@click.option("--repair", is_flag=True, help="Effacer ce qui ne sert plus, refaire les aperçus perdus.")
@click.option("--deep", is_flag=True, help="Relire chaque fichier en entier et vérifier son contenu.")
@click.pass_obj
def check(app: App, repair: bool, deep: bool) -> None:
    """Compare le disque et la base. Sort avec le code 1 si quelque chose ne va pas."""
    store, now = FileStore(app.settings.files_dir), utcnow()
    if repair:
        tools = Tools(session_factory(app.engine), app.settings)
        click.echo(f"Ménage : {jobs.sweep(tools) or 'rien à effacer'}")
        with session_factory(app.engine).begin() as session:
            click.echo(f"À relire : {_read_again(session, store)} fichiers dont l’aperçu manquait")
            click.echo(f"Lignes sans fichier ni usage effacées : {_drop_rows(session, store)}")
    with session_factory(app.engine, read_only=True)() as session:
        found = sweeping.survey(session, store, now, deep)
        _say(session, found, deep)
    if not found.sound:
        raise SystemExit(1)


def _read_again(session: Session, store: FileStore) -> int:
    """Pictures are a cache: those that are lost are made again by the worker."""
    wanted = sa.select(StoredFile).where(StoredFile.preview)
    lost = [row for row in session.scalars(wanted) if store.has(row.sha) and not store.beside(row.sha, SMALL).is_file()]
    for row in lost:
        row.text_state = "waiting"
    return len(lost)


def _drop_rows(session: Session, store: FileStore) -> int:
    """Rows whose file is not there and that no resource has."""
    wanted = sa.select(StoredFile).where(StoredFile.sha.not_in(sa.select(FileUse.sha)))
    lost = [row for row in session.scalars(wanted) if not store.has(row.sha)]
    for row in lost:
        session.delete(row)
    return len(lost)


def _say(session: Session, found: State, deep: bool) -> None:
    click.echo(f"{found.files} fichiers sur le disque ({found.size / 1_000_000:.1f} Mo), {found.rows} dans la base")
    for title, shas in (
        ("Manquent sur le disque (à reprendre d’une sauvegarde)", found.missing),
        ("Contenu qui n’est plus le bon (à reprendre d’une sauvegarde)", found.wrong),
        ("Sur le disque, inconnus de la base", found.orphans),
        ("Dans la base, sans ressource", found.unused),
    ):
        _list(title, [f"{sha}{_of(session, sha)}" for sha in shas])
    _list("Joints à une ressource qui ne les nomme plus", [f"{sha} ({id_})" for id_, sha in found.unnamed])
    if found.partial:
        click.echo(f"Envois interrompus : {found.partial}")
    if found.sound:
        click.echo("Tout va bien." if deep else "Tout va bien (les contenus n’ont pas été relus : --deep).")


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{title} : {len(lines)}")
        for line in lines[:SHOWN]:
            click.echo(f"  {line}")


def _of(session: Session, sha: str) -> str:
    uses = sa.select(FileUse.resource_id).where(FileUse.sha == sha)
    resource = session.scalars(sa.select(Resource).where(Resource.id.in_(uses)).limit(1)).first()
    return f" ({path_of(resource)})" if resource else ""
