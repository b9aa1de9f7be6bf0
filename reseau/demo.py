"""The demonstration: real places of Roubaix, by the real import, the starter content, people plainly made up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from importers.commands import run_import
from importers.conducting import Conducting
from importers.models import ImportRun
from reseau import demo_label, demo_letter, demo_watch
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.core.files import FileStore
from reseau.demonstration import exchanges
from reseau.demonstration.people import seed
from reseau.directory import priorities
from reseau.notices.deriving import pass_over
from resources.commands import STARTER, load_folder, say_refused
from resources.translating.glossary import load_glossary

if TYPE_CHECKING:
    from reseau.cli import App

FOLDER = Path(__file__).resolve().parents[1] / "demo"
#: Roubaix, then the communes around: what the second says of the first again is for people to look at.
PLACES = (FOLDER / "roubaix-lieux_schema-1.0.csv", FOLDER / "voisines-lieux_schema-1.0.csv")


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
        for path in PLACES:
            run_import(app, "cartographie", str(path))
    with session_factory(app.engine, timezone=app.settings.timezone)() as session:
        loaded = load_folder(session, FileStore(app.settings.files_dir), STARTER, utcnow())
        load_glossary(session, STARTER / "glossaire.toml", utcnow())
        session.commit()
    if loaded.made:
        click.echo(f"{len(loaded.made)} ressources de départ : kits, tutoriels, fiches.")
    if app.settings.demo:
        _made_up(app)
    if loaded.refused:
        say_refused(loaded)
        raise SystemExit(1)


def _made_up(app: App) -> None:
    """People, exchanges, news, labels and a letter that nobody wrote."""
    with session_factory(app.engine, timezone=app.settings.timezone)() as session:
        if made := seed(session, priorities.order(session, app.settings.sources), utcnow()):
            click.echo(f"{made} personnes inventées : entrez à leur place sur /demo.")
        if threads := exchanges.seed(session, utcnow()):
            pass_over(session)
            click.echo(f"{threads} fils d’échange inventés.")
        session.commit()
    factory = session_factory(app.engine, timezone=app.settings.timezone)
    if watched := demo_watch.seed(Conducting(app.engine, factory, app.settings)):
        click.echo(f"{watched} nouvelles et dates inventées, à trier dans la veille et l’agenda.")
    with factory() as session:
        if labels := demo_label.seed(session, app.settings, utcnow()):
            click.echo(f"{labels} lieux inventés qui ont un label inventé.")
        session.commit()  # the draft of the letter reads the log
    with factory() as session:
        if readers := demo_letter.seed(session, app.settings, utcnow()):
            click.echo(f"{readers} abonnés inventés, un numéro de la lettre envoyé et un brouillon à relire.")
        session.commit()
