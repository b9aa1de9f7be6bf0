"""``reseau import SOURCE [PATH_OR_URL]``: runs a source, shows progress, ends with a summary and a code for a cron.

``reseau import replay|accept|drop RUN``: a run that was made before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from importers import conducting, sentences
from importers.adapters import ADAPTERS
from importers.conducting import Conducting
from importers.models import Trigger
from importers.pipeline import Held, Options, Refused, Summary
from importers.schedule.showing import LABELS
from reseau.core import territories
from reseau.core.clock import utcnow
from reseau.core.db import session_factory
from reseau.core.ids import parse_id
from reseau.core.locks import Locked

if TYPE_CHECKING:
    from reseau.cli import App

SOURCES = tuple(sorted(ADAPTERS))
ON_RUNS = ("replay", "accept", "drop")


class Stopped(click.ClickException):
    """A sentence, and the code that a cron reads."""

    def __init__(self, message: str, code: int = conducting.EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it of the instance


@click.command("import", epilog=f"Façons de lire : {', '.join(SOURCES)}.")
@click.argument("source", metavar="SOURCE")
@click.argument("location", metavar="[FICHIER_OU_ADRESSE]", required=False)
@click.option("--territoire", help="Communes à garder, séparées par des virgules : 59512, epci:200093201, dep:59.")
@click.option("--complet", is_flag=True, help="Le fichier dit tout de cette source : ce qui n'y est plus est marqué.")
@click.option("--dry-run", is_flag=True, help="Dire ce qui se passerait, ne rien changer.")
@click.option("--force", is_flag=True, help="Lire le fichier même si c'est celui qui a été lu en dernier.")
@click.pass_obj
def import_(
    app: App, source: str, location: str | None, territoire: str | None, complet: bool, dry_run: bool, force: bool
) -> None:
    """Importe ce que donne une source : un fichier, une adresse, ou l'adresse enregistrée de la source.

    SOURCE est une façon de lire (cartographie…) ou le nom d'une source de /gestion/sources. « replay IMPORT » relit le
    fichier gardé d'un import, sans réseau ; « accept IMPORT » et « drop IMPORT » décident d'un import en attente.
    """
    given: dict[str, Any] = {
        name: True for name, on in (("complete", complet), ("dry_run", dry_run), ("force", force)) if on
    }
    if territoire:
        given["territory"] = _territory(territoire)
    if source in ON_RUNS:
        _on_run(app, source, location, given)
    else:
        run_import(app, source, location, given)


def _territory(text: str) -> frozenset[str]:
    """INSEE codes of the present communes; a postcode is not one, and would silently keep nothing."""
    try:
        return territories.codes(text.split(","))
    except territories.UnknownTerritory as error:
        said = f"ni commune (code INSEE), ni epci:…, ni dep:… : {', '.join(error.codes)}"
        raise click.BadParameter(said, param_hint="--territoire") from None


def run_import(
    app: App,
    name: str,
    location: str | None,
    given: Mapping[str, Any] | None = None,
    trigger: Trigger = Trigger.COMMAND,
) -> Summary:
    """Run one import and print its summary.

    :param location: None: the address of the source. :param given: options; the others are those of the source, and of
        a file (it stands for nothing but itself) those of :class:`Options`.
    :raises Stopped: the file is refused or held, or somebody else is at it; its sentence says why.
    """
    given = given or {}
    options = None if location is None else Options(**given)
    return _say(
        app,
        lambda tools: conducting.conduct(tools, name, location, options, trigger=trigger, given=given),
        dry_run=bool(given.get("dry_run")),
    )


def _on_run(app: App, what: str, run: str | None, given: Mapping[str, Any]) -> None:
    """:param given: options; a run was asked for with its own, only a replay can be tried."""
    dry_run = bool(given.get("dry_run"))
    if dry_run and what != "replay":
        raise click.UsageError(
            f"« {what} » ne s'essaie pas : ce que l'import changerait est à /gestion/imports, sur sa page."
        )
    if set(given) - {"dry_run"}:
        raise click.UsageError(
            f"« {what} » garde le territoire et les choix de l'import : seul --dry-run va avec replay."
        )
    run_id = parse_id((run or "").strip().lower())
    if run_id is None:
        raise click.BadParameter("le numéro d'un import, comme /gestion/imports le donne", param_hint="IMPORT")
    if what == "replay":
        _say(app, lambda tools: conducting.replay(tools, run_id, dry_run=dry_run), dry_run=dry_run)
    elif what == "accept":
        _say(app, lambda tools: conducting.accept(tools, run_id))
    else:
        _drop(app, run_id)


def _drop(app: App, run_id: UUID) -> None:
    with session_factory(app.engine, timezone=app.settings.timezone).begin() as session:
        if not conducting.drop(session, run_id, None, utcnow()):
            raise Stopped(sentences.said("deja-decide", {}))
    click.echo("Import refusé : rien n'a été changé.")


def _say(app: App, run: Callable[[Conducting], Summary], *, dry_run: bool = False) -> Summary:
    console = Console()
    columns = (SpinnerColumn(), TextColumn("{task.completed} lignes"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("Import", total=None)
            factory = session_factory(app.engine, timezone=app.settings.timezone)
            summary = run(
                Conducting(
                    app.engine, factory, app.settings, progress=lambda rows: progress.update(task, completed=rows)
                )
            )
    except Locked:
        raise Stopped(sentences.REFUSALS["deja-en-cours"], conducting.EXIT_LOCKED) from None
    except Held as error:
        raise Stopped(_held(error), conducting.EXIT_HELD) from None
    except Refused as error:
        if error.code == "source-inconnue":
            known = f"{sentences.refusal(error)} Connues : {', '.join(SOURCES)}."
            raise click.BadParameter(known, param_hint="SOURCE") from None
        raise Stopped(sentences.refusal(error) + sentences.hint(error.code)) from None
    if summary.same:
        console.print("Rien de nouveau : c'est ce qui a été lu la dernière fois.")
    else:
        console.print(_table(summary, dry_run))
    if summary.run_id and not dry_run:
        click.echo(f"Import {summary.run_id} : voyez /gestion/imports/{summary.run_id}")
    return summary


def _held(error: Held) -> str:
    said = sentences.refusal(error)
    if error.run_id is None:
        return f"{said} Un vrai import attendrait la décision d'une personne."
    return (
        f"{said}\nL'import attend une décision : voyez /gestion/imports/{error.run_id},\n"
        f"ou « reseau import accept {error.run_id} », ou « reseau import drop {error.run_id} ».\n"
        "Un import lancé à la main n'écrit à personne : dites-le vous-même à la coordination."
    )


def _table(summary: Summary, dry_run: bool) -> Table:
    title = "Essai : rien n'a été changé" if dry_run else "Import terminé"
    table = Table("", "Nombre", title=title, title_justify="left")
    for name, label in LABELS.items():
        if (count := getattr(summary, name)) or name in ("read", "created", "updated", "unchanged", "rejected"):
            table.add_row(label, str(count))
    for title, counter in (("Lignes refusées", summary.reasons), ("Valeurs signalées", summary.values)):
        for code, count in counter.most_common():
            table.add_row(f"{title} : {sentences.reason(code)}", str(count))
    if unknown := summary.facts.get("unknown_columns"):
        table.add_row(f"Colonnes inconnues, ignorées : {', '.join(sorted(unknown)[:10])}", str(len(unknown)))
    for warning in summary.facts.get("warnings", ()):
        table.add_row(f"Avertissement : {sentences.warning(warning)}", "")
    return table
