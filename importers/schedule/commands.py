"""``reseau sync``: reads what is due, for a cron of a site without a worker, or one source now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from importers import sentences
from importers.conducting import Conducting
from importers.schedule.working import work as work_through
from importers.schedule.working import worst
from reseau.core.db import session_factory

if TYPE_CHECKING:
    from reseau.cli import App


@click.command()
@click.option("--source", "names", metavar="NOM", multiple=True, help="Cette source, maintenant (peut être répété).")
@click.pass_obj
def sync(app: App, names: tuple[str, ...]) -> None:
    """Lit les sources dont l'heure est venue (voir /gestion/sources).

    Code de fin, le pire de tous : 0 fait ou rien de nouveau, 1 refusé ou en échec, 3 attend une décision, 75 déjà en
    cours.
    """
    factory = session_factory(app.engine, timezone=app.settings.timezone)
    ends = []
    for end in work_through(Conducting(app.engine, factory, app.settings), only=names):
        ends.append(end)
        click.echo(f"{end.name} : {end.said}{sentences.hint(end.why)}")
    if not ends:
        click.echo("Rien à lire pour le moment.")
    if code := worst(ends):
        raise SystemExit(code)
