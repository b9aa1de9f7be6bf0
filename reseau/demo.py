"""The demonstration: the real places of Roubaix, by the real import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from importers.commands import run_import
from importers.models import ImportRun

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
        return
    run_import(app, "cartographie", str(PLACES))
