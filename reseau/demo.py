"""The demonstration: the real places of Roubaix, by the real import, and people who are plainly made up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from importers.commands import run_import
from importers.models import ImportRun
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.demonstration.people import seed

if TYPE_CHECKING:
    from reseau.cli import App

FOLDER = Path(__file__).resolve().parents[1] / "demo"
PLACES = FOLDER / "roubaix-lieux_schema-1.0.csv"


@click.command()
@click.option("--encore", is_flag=True, help="Recharger même si la démonstration est déjà là.")
@click.pass_obj
def demo(app: App, encore: bool) -> None:
    """Charge la démonstration de Roubaix, une fois."""
    with app.engine.connect() as connection:
        done = connection.execute(sa.select(sa.func.count()).where(ImportRun.state == "done")).scalar_one()
    if done and not encore:
        click.echo("La démonstration est déjà chargée.")
    else:
        run_import(app, "cartographie", str(PLACES))
    if app.settings.demo:
        with session_factory(app.engine, timezone=app.settings.timezone)() as session:
            if made := seed(session, app.settings.sources, utcnow()):
                click.echo(f"{made} personnes inventées : entrez à leur place sur /demo.")
            session.commit()
