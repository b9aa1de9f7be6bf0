"""``reseau files``: whether what is on the disk and what the tables say agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from reseau.core.clock import utcnow
from reseau.core.db import affected, session_factory
from reseau.core.files import FileStore
from reseau.core.jobs import Tools
from resources.base.addresses import path_of
from resources.base.models import AttachedFile, FileUse, Resource, StoredFile
from resources.files import jobs, sweeping
from resources.files.extraction import SMALL
from resources.files.sweeping import State

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reseau.cli import App

SHOWN = 20  # lines of one kind
BATCH = 500  # rows of one statement


def batches(shas: list[str]) -> list[list[str]]:
    """Some at a time: a statement has so many values at most."""
    return [shas[start : start + BATCH] for start in range(0, len(shas), BATCH)]


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
    wanted = sa.select(StoredFile.sha).where(StoredFile.preview)
    lost = [sha for sha in session.scalars(wanted) if store.has(sha) and not store.beside(sha, SMALL).is_file()]
    for some in batches(lost):
        session.execute(sa.update(StoredFile).where(StoredFile.sha.in_(some)).values(text_state="waiting"))
    return len(lost)


def _drop_rows(session: Session, store: FileStore) -> int:
    """Rows whose file is not there and that nobody has."""
    unused = sweeping.nobody_has()
    lost = [sha for sha in session.scalars(sa.select(StoredFile.sha).where(unused)) if not store.has(sha)]
    return sum(
        affected(session, sa.delete(StoredFile).where(StoredFile.sha.in_(some), unused)) for some in batches(lost)
    )


def _say(session: Session, found: State, deep: bool) -> None:
    click.echo(f"{found.files} fichiers sur le disque ({found.size / 1_000_000:.1f} Mo), {found.rows} dans la base")
    for title, shas in (
        ("Manquent sur le disque (à reprendre d’une sauvegarde)", found.missing),
        ("Contenu qui n’est plus le bon (à reprendre d’une sauvegarde)", found.wrong),
        ("Sur le disque, inconnus de la base", found.orphans),
        ("Dans la base, sans ressource ni message", found.unused),
    ):
        _list(title, len(shas), [f"{sha}{_of(session, sha)}" for sha in shas[:SHOWN]])
    unnamed = [f"{sha} ({id_})" for id_, sha in found.unnamed[:SHOWN]]
    _list("Joints à une ressource qui ne les nomme plus", len(found.unnamed), unnamed)
    waiting = [f"{sha} ({kind} {id_})" for kind, id_, sha in found.ownerless[:SHOWN]]
    _list("Joints à ce qui n’a jamais été envoyé", len(found.ownerless), waiting)
    if found.partial:
        click.echo(f"Envois interrompus : {found.partial}")
    if found.sound:
        click.echo("Tout va bien." if deep else "Tout va bien (les contenus n’ont pas été relus : --deep).")


def _list(title: str, count: int, lines: list[str]) -> None:
    if count:
        click.echo(f"{title} : {count}")
        for line in lines:
            click.echo(f"  {line}")


def _of(session: Session, sha: str) -> str:
    uses = sa.select(FileUse.resource_id).where(FileUse.sha == sha)
    resource = session.scalars(sa.select(Resource).where(Resource.id.in_(uses)).limit(1)).first()
    if resource:
        return f" ({path_of(resource)})"
    row = session.scalars(sa.select(AttachedFile).where(AttachedFile.sha == sha).limit(1)).first()
    return f" ({row.owner_kind} {row.owner_id})" if row else ""
