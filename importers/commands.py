"""``reseau import SOURCE PATH_OR_URL``: runs a pipeline, shows progress, ends with a summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from importers import cartographie, fetch, sentences
from importers.pipeline import COUNTS, Options, Pipeline, Refused, Source, Summary
from reseau.core import audit
from reseau.core.actors import IMPORT
from reseau.core.clock import utcnow
from reseau.core.communes import communes
from reseau.core.db import session_factory
from reseau.core.locks import Locked, exclusive

if TYPE_CHECKING:
    from reseau.cli import App

SOURCES: dict[str, Source] = {"cartographie": cartographie.source}


@click.command("import")
@click.argument("source", type=click.Choice(sorted(SOURCES)))
@click.argument("location", metavar="FICHIER_OU_ADRESSE")
@click.option("--territoire", help="Codes INSEE des communes à garder, séparés par des virgules.")
@click.option("--complet", is_flag=True, help="Le fichier dit tout de cette source : ce qui n'y est plus est marqué.")
@click.option("--dry-run", is_flag=True, help="Dire ce qui se passerait, ne rien changer.")
@click.pass_obj
def import_(app: App, source: str, location: str, territoire: str | None, complet: bool, dry_run: bool) -> None:
    """Importe un fichier ou une adresse d'un registre national."""
    codes = _territory(territoire) if territoire else None
    run_import(app, source, location, Options(codes, complet, dry_run))


def _territory(text: str) -> frozenset[str]:
    """INSEE codes of the present communes; a postcode is not one, and would silently keep nothing."""
    asked = [code.strip().upper() for code in text.split(",") if code.strip()]
    known = {code: communes().by_code(code) for code in asked}
    if unknown := [code for code, commune in known.items() if commune is None]:
        raise click.BadParameter(f"pas un code INSEE de commune : {', '.join(unknown)}", param_hint="--territoire")
    return frozenset(commune.code for commune in known.values() if commune)


def run_import(app: App, name: str, location: str, options: Options | None = None) -> Summary:
    """Run one import and print its summary.

    :raises click.ClickException: the file is refused; its sentence says why.
    """
    options, console = options or Options(), Console()
    settings = app.settings
    columns = (SpinnerColumn(), TextColumn("{task.completed} lignes"), TimeElapsedColumn())
    try:
        with (
            exclusive(app.engine, settings.data_dir, f"import-{name}"),
            fetch.local_file(location, allow_private=settings.allow_private_addresses) as path,
            Progress(*columns, console=console, transient=True) as progress,
        ):
            task = progress.add_task("Import", total=None)
            pipeline = Pipeline(
                session_factory(app.engine, timezone=settings.timezone),
                SOURCES[name],
                settings.sources,
                progress=lambda rows: progress.update(task, completed=rows),
            )
            summary = _journaled(app, name, options, lambda: pipeline.run(path, location, options))
    except Locked:
        raise click.ClickException(sentences.REFUSALS["deja-en-cours"]) from None
    except Refused as error:
        raise click.ClickException(sentences.refusal(error)) from None
    console.print(_table(summary, options))
    return summary


def _journaled(app: App, name: str, options: Options, run: Callable[[], Summary]) -> Summary:
    """Run, and leave a row in the journal: also when it stops half-way, since batches are kept. A trial and a refused
    file change nothing."""
    try:
        summary = run()
    except Refused:
        raise
    except BaseException:
        _journal(app, name, options, state="failed")
        raise
    _journal(app, name, options, **{name: count for name in COUNTS if (count := getattr(summary, name))})
    return summary


def _journal(app: App, name: str, options: Options, **detail: Any) -> None:
    if not options.dry_run:
        with session_factory(app.engine).begin() as session:
            audit.record(session, IMPORT, "import.run", utcnow(), source=name, **detail)


LABELS = {
    "read": "lus",
    "created": "créés",
    "updated": "modifiés",
    "unchanged": "inchangés",
    "merged": "réunis",
    "rejected": "refusés",
    "outside": "hors du territoire",
    "absent": "plus vus dans la source",
}


def _table(summary: Summary, options: Options) -> Table:
    title = "Essai : rien n'a été changé" if options.dry_run else "Import terminé"
    table = Table("", "Lieux", title=title, title_justify="left")
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
