"""``make bench``: runs each size in its own process, prints tables, writes ``bench/results.json``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import matching

SIZES = (1_750, 17_500)
RESULTS = Path(__file__).parent / "results.json"


def run(size: int) -> dict[str, Any]:
    """One size."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.one_size", str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(console: Console, results: dict[str, Any]) -> None:
    """Tables of one size."""
    made = results["import"]
    table = Table("", "lignes/s", "rapport au plancher", title=f"{results['places']} lieux : import")
    table.add_row("sqlite3 nu (plancher)", f"{made['sqlite3']:.0f}", "1")
    table.add_row("reseau import", f"{made['import']:.0f}", f"{made['ratio']:.1f}")
    table.add_row("le même, rien ne change", f"{made['again']:.0f}", f"{made['sqlite3'] / made['again']:.1f}")
    console.print(table)
    columns = ("Whoosh p50", "p95", "PostgreSQL p50", "p95", "PostgreSQL seul p50", "p95", "Whoosh/seul p95")
    table = Table("ms", *columns, title=f"{results['places']} lieux : /annuaire par WSGI ; PostgreSQL seul : sans page")
    for kind, ours in results["whoosh"].items():
        theirs, own = results["postgresql"][kind], results["postgresql_seul"].get(kind)
        figures = [ours["p50"], ours["p95"], theirs["p50"], theirs["p95"], *([own["p50"], own["p95"]] if own else [])]
        cells = [f"{figure:.1f}" for figure in figures] + ([] if own else ["", ""])
        table.add_row(kind, *cells, f"{ours['p95'] / own['p95']:.2f}" if own else "")
    console.print(table)
    table = Table(
        "ms", "SQLite p50", "p95", "PostgreSQL p50", "p95", title=f"{results['places']} lieux : tenir les fiches"
    )
    for name, on_sqlite in results["tenir"]["sqlite"].items():
        on_postgres = results["tenir"]["postgresql"][name]
        table.add_row(name, *(f"{engine[p]:.1f}" for engine in (on_sqlite, on_postgres) for p in ("p50", "p95")))
    console.print(table)
    pages, memory = results["pages"], results["memoire_mb"]
    console.print(
        f"Pages/s : {pages['annuaire']:.0f}, page Pyramid nue du même HTML ({pages['octets'] / 1024:.0f} Kio)"
        f" {pages['nu']:.0f}, rapport {pages['ratio']:.1f}. Index : Whoosh {results['index_s']['whoosh']:.1f} s,"
        f" PostgreSQL {results['index_s']['postgresql']:.1f} s. Première page {results['premiere_page_s']:.2f} s."
        f" Mémoire : {memory['avant']:.0f} Mo après l'import, {memory['apres']:.0f} Mo après les requêtes.\n"
    )


def take(console: Console) -> dict[str, float]:
    """Archives, in a process of their own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.archives"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    console.print(
        f"ZIP : {found['premiere']:.0f} Mo/s la première fois, {found['archive']:.0f} ensuite,"
        f" {found['archive_mb']:.1f} Mo de mémoire ; zipfile nu, sans compresser :"
        f" {found['nu']:.0f} Mo/s, {found['nu_mb']:.1f} Mo. Rapport {found['archive'] / found['nu']:.2f}."
        f" Reprendre au dernier Mo : {found['reprise_ms']:.1f} ms.\nServi par l'application :"
        f" {found['servi']:.0f} Mo/s, {found['servi_mb']:.1f} Mo, rapport {found['servi'] / found['nu']:.2f} ;"
        f" la première fois {found['servi_premiere_s']:.1f} s ; reprise {found['servi_reprise_ms']:.1f} ms.\n"
    )
    return found


def read(console: Console) -> dict[str, Any]:
    """The list of resources, in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.resources_page"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    table = Table("ms", "p50", "p95", "p50 / nu", title=f"{found['ressources']} ressources (SQLite) ; nu : même HTML")
    for name, one in found["pages"].items():
        cells = (f"{one['p50']:.1f}", f"{one['p95']:.1f}", f"{one['p50'] / found['pages']['nu']['p50']:.0f}")
        table.add_row(name, *cells)
    console.print(table)
    return found


def exchange(console: Console) -> dict[str, Any]:
    """The exchanges, in a process of their own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.exchanges"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for engine in ("sqlite", "postgresql"):
        title = f"{found['fils']} fils, {found['messages']} messages ({engine}) ; nu : même HTML, ou un INSERT seul"
        table = Table("ms", "p50", "p95", "nu p50", "p50 / nu", "p95 / nu", "processeur", title=title)
        for name, one in found[engine]["pages"].items():
            table.add_row(name, *(f"{one[key]:.1f}" for key in ("p50", "p95", "nu", "ratio", "ratio_p95", "cpu")))
        console.print(table)
    return found


def tell(console: Console) -> dict[str, Any]:
    """Notices derived and letters composed each second, in a process of their own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.notices"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    table = Table(
        "", "mesure", title="Notifications : lire le journal, écrire les mails ; plancher : les mêmes INSERT seuls"
    )
    for name, figure in found.items():
        table.add_row(name, json.dumps(figure) if isinstance(figure, (dict, list)) else str(figure))
    console.print(table)
    return found


def mail(console: Console) -> dict[str, Any]:
    """The letter, composed and sent, in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.letter"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    table = Table("", "mesure", title="La lettre : messages par seconde ; plafond : les mêmes octets, sockets nus")
    for name, figure in found.items():
        for number, one in enumerate(figure if isinstance(figure, list) else [figure]):
            table.add_row("" if number else name, json.dumps(one))
    console.print(table)
    return found


def bring(console: Console) -> list[dict[str, Any]]:
    """Imports end to end, each size and engine in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.importing"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    columns = ("moteur", "nu, lignes/s", "import", "avec l'index", "nu / avec l'index", "même fichier",
               "mêmes lignes", "Mo avant", "après")  # fmt: skip
    table = Table("lignes", *columns, title="Importer, chercher le même lieu, indexer ; nu : les mêmes lignes insérées")
    for one in found:
        shares = (f"{one[name]:.1%}" for name in ("meme_fichier", "memes_lignes"))
        rates = (f"{one[name]:.0f}" for name in ("nu_par_s", "import_par_s", "avec_index_par_s", "rapport"))
        memory = (f"{one['memoire_mb'][name]:.0f}" for name in ("avant", "apres"))
        table.add_row(str(one["lignes"]), one["moteur"], *rates, *shares, *memory)
    console.print(table)
    return found


def main() -> None:
    """Run, show, compare, keep."""
    console = Console(width=150)
    archives, shelf, talk, told = take(console), read(console), exchange(console), tell(console)
    letter = mail(console)
    likeness, brought = matching.take(console), bring(console)
    found = [run(size) for size in SIZES]
    for results in found:
        show(console, results)
    small, large = found
    table = Table("p95, ms", *map(str, SIZES), "croissance", title="Comment le coût grandit (×10 lieux)")
    for kind in small["whoosh"]:
        low, high = small["whoosh"][kind]["p95"], large["whoosh"][kind]["p95"]
        table.add_row(kind, f"{low:.1f}", f"{high:.1f}", f"×{high / low:.1f}")
    console.print(table)
    RESULTS.write_text(
        json.dumps(
            [
                *found,
                {
                    "archives": archives,
                    "ressources": shelf,
                    "echanges": talk,
                    "notifications": told,
                    "lettre": letter,
                    "rapprochement": likeness,
                    "imports": brought,
                },
            ],
            indent=1,
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
