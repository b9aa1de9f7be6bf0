"""``reseau export lieux`` and ``reseau export inclusion``: the directory leaves in the national formats."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from feeds.opendata import files
from feeds.opendata.inclusion import Publisher, Told
from feeds.opendata.reading import of_communes, of_site
from reseau.core import territories
from reseau.core.db import session_factory

if TYPE_CHECKING:
    from reseau.cli import App

NAMES = ("structures.json", "services.json")
TERRITORY = click.option(
    "--territoire", multiple=True, metavar="CODE",
    help="Communes (code INSEE), epci:…, dep:… ; plusieurs fois, ou séparés par des virgules. Par défaut : le site.",
)  # fmt: skip


@click.command("lieux")
@click.option("--format", "format_", type=click.Choice(["csv", "json", "geojson"]), default="csv", show_default=True)
@TERRITORY
@click.option("--sortie", type=click.Path(dir_okay=False, path_type=Path), help="Fichier ; par défaut la sortie.")
@click.option("--tableur", is_flag=True, help="CSV pour un tableur : point-virgule, formules neutralisées.")
@click.pass_obj
def places(app: App, format_: str, territoire: tuple[str, ...], sortie: Path | None, tableur: bool) -> None:
    """Écrit les lieux au standard national (standard-mediation-num 1.0.2)."""
    if tableur and format_ != "csv":
        raise click.UsageError("--tableur ne va qu’avec --format csv.")
    name = "lieux-tableur.csv" if tableur else f"lieux.{format_}"
    told = Told()
    with _content(app, territoire, name, told) as pieces:
        if sortie:
            files.write(sortie, pieces)
        else:
            for piece in pieces:
                sys.stdout.buffer.write(piece.encode())
            sys.stdout.buffer.flush()
    _say("Lieux écrits", told)


@click.command("inclusion")
@click.argument("sortie", type=click.Path(path_type=Path), metavar="DOSSIER_OU_ZIP")
@TERRITORY
@click.pass_obj
def inclusion(app: App, sortie: Path, territoire: tuple[str, ...]) -> None:
    """Écrit structures.json et services.json au schéma data·inclusion v1, dans un dossier ou un fichier .zip."""
    if sortie.suffix.lower() == ".zip":
        _zip(app, territoire, sortie)
        return
    for name in NAMES:
        told = Told()
        with _content(app, territoire, name, told) as pieces:
            files.write(sortie / name, pieces)
        _say(name, told)


def _zip(app: App, territory: tuple[str, ...], path: Path) -> None:
    """Both files in an archive, whole or not at all. Without dates in it: the same content gives the same archive."""
    partial = path.with_name(f".{path.name}.partiel")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for name in NAMES:
                told, head = Told(), zipfile.ZipInfo(name)
                head.compress_type = zipfile.ZIP_DEFLATED
                with _content(app, territory, name, told) as pieces, archive.open(head, "w") as out:
                    for piece in pieces:
                        out.write(piece.encode())
                _say(name, told)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _content(app: App, territory: tuple[str, ...], name: str, told: Told) -> Iterator[Iterator[str]]:
    """The pieces of a file, while a reading session is open."""
    settings, chosen = app.settings, wanted(app, territory)
    by = Publisher.of(settings)
    with session_factory(app.engine, read_only=True, timezone=settings.timezone)() as session:
        yield files.pieces(session, chosen, name, by, told)


def wanted(app: App, asked: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """Which places. :raises click.BadParameter: a code means nothing."""
    if not asked:
        return of_site(app.settings.territory)
    try:
        return of_communes(territories.codes([code for one in asked for code in one.split(",")]))
    except territories.UnknownTerritory as error:
        raise click.BadParameter(f"ne veut rien dire : {error}", param_hint="--territoire") from None


def _say(title: str, told: Told) -> None:
    click.echo(f"{title} : {told.written}", err=True)
    for words, counter in (("Laissés de côté, sans", told.left_out), ("Valeurs que le schéma refuse,", told.dropped)):
        for name, count in sorted(counter.items()):
            click.echo(f"{words} {name} : {count}", err=True)
    if told.theirs:
        click.echo(f"Offres que data·inclusion a déjà : {told.theirs}", err=True)
