"""Build the front end: what comes from npm, compressed copies, the list of communes, fonts of PDFs, message catalogues.

    npm ci --ignore-scripts --prefix frontend
    .venv/bin/python frontend/build.py

Does again only what has changed. Needs nothing beyond the standard library, except for the catalogues (Babel) and the
fonts of PDFs (fontTools), both in the application's own environment. Nothing that a browser gets is bundled or
transformed: it is what npm verified.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MODULES = HERE / "node_modules"
STATIC = ROOT / "reseau" / "web" / "static"
VENDOR = STATIC / "vendor"
COMMUNES = ROOT / "reseau" / "core" / "data" / "communes.tsv"
EPCI = COMMUNES.with_name("epci.tsv")
DEPARTEMENTS = COMMUNES.with_name("departements.tsv")

FONT = "@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible-latin-{weight}-normal.woff2"
COPIED = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE",
    **{f"leaflet/dist/images/{name}": f"leaflet/images/{name}" for name in ("layers.png", "layers-2x.png",
       "marker-icon.png", "marker-icon-2x.png", "marker-shadow.png")},
    FONT.format(weight=400): "fonts/atkinson-hyperlegible-400.woff2",
    FONT.format(weight=700): "fonts/atkinson-hyperlegible-700.woff2",
    "@fontsource/atkinson-hyperlegible/LICENSE": "fonts/LICENSE",
}  # fmt: skip
FONTS = ROOT / "reseau" / "core" / "data" / "fonts"
#: Fonts of PDFs: (files of npm, family that they are given). The parts of one typeface come under one name each: under
#: the same one, typst would see the first only.
#: Amiri for Arabic: it draws each letter with a glyph of its own, so that a PDF can be read aloud, searched and copied.
#: With typefaces that join lam and alef in one glyph, or draw dots apart, the letters come out in another order.
PDF_FONTS = {
    f"{name}-{weight}": (f"@fontsource/{source}-{weight}-normal.woff", family)
    for weight in (400, 700)
    for name, source, family in (
        ("latin", "atkinson-hyperlegible/files/atkinson-hyperlegible-latin", "Atkinson Hyperlegible"),
        ("latin-ext", "atkinson-hyperlegible/files/atkinson-hyperlegible-latin-ext", "Atkinson Hyperlegible Ext"),
        ("arabic", "amiri/files/amiri-arabic", "Amiri"),
    )
}
SCALES = {"Amiri": 1.2}
COMMUNES_SOURCE = "@etalab/decoupage-administratif/data/communes.json"
EPCI_SOURCE = "@etalab/decoupage-administratif/data/epci.json"
DEPARTEMENTS_SOURCE = "@etalab/decoupage-administratif/data/departements.json"
COMPRESSED = frozenset({".css", ".js", ".svg"})
CURRENT = "commune-actuelle"


def copy_vendor(modules: Path = MODULES, vendor: Path = VENDOR) -> int:
    """Copy what pages use out of ``node_modules``; how many files had changed.

    :raises FileNotFoundError: ``npm ci`` has not been run, or a package has moved a file.
    """
    changed = 0
    for source, target in COPIED.items():
        origin, copy = modules / source, vendor / target
        if copy.exists() and copy.read_bytes() == origin.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, copy)
        changed += 1
    return changed


def compress_static(static: Path = STATIC) -> int:
    """Write ``x.gz`` beside each style sheet, script and drawing; how many were written.

    The copy takes the date of its source: the application serves no copy older than its source.
    """
    written = 0
    for source in sorted(path for path in static.rglob("*") if path.suffix in COMPRESSED):
        copy, stamp = source.with_name(source.name + ".gz"), source.stat()
        if copy.exists() and copy.stat().st_mtime_ns == stamp.st_mtime_ns:
            continue
        _write(copy, gzip.compress(source.read_bytes(), 9, mtime=0))
        os.utime(copy, ns=(stamp.st_mtime_ns, stamp.st_mtime_ns))
        written += 1
    for orphan in [path for path in static.rglob("*.gz") if not path.with_suffix("").exists()]:
        orphan.unlink()
    return written


def write_communes(modules: Path = MODULES, target: Path = COMMUNES) -> bool:
    """Write the table of communes, unless it is newer than the package; whether it was written.

    One line each, sorted by code: ``code nom departement population codes_postaux parent``, separated by tabs;
    ``codes_postaux`` joined by commas; ``parent`` is the code of the commune that an arrondissement, a *commune
    déléguée* or *associée* belongs to. A code can have two lines (a *commune déléguée* keeps the code of the one
    that it gave it to): the commune of today comes first.
    """
    source = modules / COMMUNES_SOURCE
    if target.exists() and target.stat().st_mtime >= max(source.stat().st_mtime, Path(__file__).stat().st_mtime):
        return False
    communes = json.loads(source.read_text(encoding="utf-8"))
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(target, "".join(commune_lines(communes)).encode())
    return True


def commune_lines(communes: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The lines of the table, in order. Source: COG of INSEE and La Poste, through Etalab's package."""
    for one in sorted(communes, key=lambda one: (one["code"], one["type"] != CURRENT, one["nom"])):
        parent = one.get("commune") or one.get("chefLieu") or ""
        fields = (
            one["code"], one["nom"], one.get("departement", ""), str(one.get("population", "")),
            ",".join(one.get("codesPostaux", ())), "" if one["type"] == CURRENT else parent,
        )  # fmt: skip
        yield "\t".join(fields) + "\n"


def write_groupings(modules: Path = MODULES, data: Path = COMMUNES.parent) -> int:
    """Write the tables of intercommunalities and départements; how many were written (as :func:`write_communes`)."""
    written = 0
    for name, path, lines in (
        (EPCI.name, EPCI_SOURCE, epci_lines),
        (DEPARTEMENTS.name, DEPARTEMENTS_SOURCE, departement_lines),
    ):
        source, target = modules / path, data / name
        if target.exists() and target.stat().st_mtime >= max(source.stat().st_mtime, Path(__file__).stat().st_mtime):
            continue
        data.mkdir(parents=True, exist_ok=True)
        _write(target, "".join(lines(json.loads(source.read_text(encoding="utf-8")))).encode())
        written += 1
    return written


def epci_lines(epci: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line each, sorted by SIREN: ``siren nom codes_insee`` of its members (joined by commas), tabs between."""
    for one in sorted(epci, key=lambda one: one["code"]):
        yield "\t".join((one["code"], one["nom"], ",".join(sorted(m["code"] for m in one["membres"])))) + "\n"


def departement_lines(departements: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line each, sorted by code: ``code nom``, a tab between; overseas collectivities are there too."""
    for one in sorted(departements, key=lambda one: one["code"]):
        yield f"{one['code']}\t{one['nom']}\n"


def write_fonts(modules: Path = MODULES, target: Path = FONTS) -> int:
    """Write the fonts of PDFs as TrueType, with their tables of shaping; how many were written.

    Again only when one is missing or older than what it is made from. The name of the family and
    the scale are changed; the outlines, the joining of letters and the licence stay as they were.
    """
    written = 0
    for name, (path, family) in PDF_FONTS.items():
        source, font = modules / path, target / f"{name}.ttf"
        if font.exists() and font.stat().st_mtime >= max(source.stat().st_mtime, Path(__file__).stat().st_mtime):
            continue
        target.mkdir(parents=True, exist_ok=True)
        _write(font, _as_truetype(source, family))
        written += 1
    return written


def _as_truetype(source: Path, family: str) -> bytes:
    from fontTools.ttLib import TTFont

    out = io.BytesIO()
    with TTFont(source, recalcTimestamp=False) as font:
        font.flavor = None
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = family
        # Letters of a book face are small beside those of Atkinson Hyperlegible: the same outlines on a smaller square.
        font["head"].unitsPerEm = round(font["head"].unitsPerEm / SCALES.get(family, 1))
        font.save(out)
    return out.getvalue()


def compile_catalogues() -> int:
    """Compile the message catalogues; how many had changed. Needs Babel: run with the application's Python."""
    sys.path.insert(0, str(ROOT))
    from reseau.web.catalogues import compile_all

    return len(compile_all(ROOT))


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    partial.write_bytes(content)
    partial.replace(path)


def main() -> int:
    """Run every step; 1 with a sentence when npm's packages are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quiet", action="store_true", help="say nothing when all goes well")
    options = parser.parse_args()
    try:
        steps = {
            "files copied": copy_vendor(),
            "files compressed": compress_static(),
            "communes written": int(write_communes()),
            "groupings written": write_groupings(),
            "fonts written": write_fonts(),
            "catalogues compiled": compile_catalogues(),
        }
    except FileNotFoundError as error:
        print(f"{error.filename} is missing: run npm ci --ignore-scripts --prefix frontend", file=sys.stderr)
        return 1
    if not options.quiet:
        print(", ".join(f"{count} {what}" for what, count in steps.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
