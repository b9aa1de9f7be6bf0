"""``reseau index``: rebuild the search index, say how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console

from reseau.core import changes
from reseau.core.db import session_factory
from reseau.search import make_engine
from reseau.search.indexer import Indexer, Source
from reseau.search.protocol import Busy

if TYPE_CHECKING:
    from reseau.cli import App

#: Filled by the application's own list of rooms (``reseau.cli``), not here: search knows no room.
SOURCES: dict[str, Source] = {}


@click.group()
def index() -> None:
    """L'index de recherche : un cache, qui peut être supprimé et refait à tout moment."""


@index.command()
@click.pass_obj
def rebuild(app: App) -> None:
    """Refait l'index ; le site continue de chercher dans l'ancien jusqu'à la fin."""
    engine = make_engine(app.settings, app.engine)
    try:
        with Console().status("Indexation…"), session_factory(app.engine, read_only=True)() as session:
            Indexer(engine, SOURCES).rebuild(session)
    except Busy:
        raise click.ClickException("L'index est en train d'être écrit par un autre processus : réessayez.") from None
    status = engine.status()
    click.echo(f"Index refait : {status.documents} fiches, jusqu'au changement {status.cursor}.")


@index.command()
@click.pass_obj
def status(app: App) -> None:
    """Dit où en est l'index. Sort avec le code 1 s'il est absent ou en retard."""
    found = make_engine(app.settings, app.engine).status()
    with session_factory(app.engine, read_only=True)() as session:
        newest = changes.current_seq(session)
    state = "absent" if not found.present else "à jour" if found.cursor == newest else "en retard"
    if app.settings.search == "null":
        click.echo("moteur    aucun (réglage RESEAU_SEARCH=null)")
        return
    click.echo(f"moteur    {found.engine}\nétat      {state}\nfiches    {found.documents}")
    click.echo(
        f"curseur   {found.cursor} sur {newest}\ntaille    {found.bytes / 1024:.0f} Kio\nschéma    {found.schema}"
    )
    if state != "à jour":
        raise SystemExit(1)
