"""Files that eat memory: a sentence, and the process of the site does not grow."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from importers.tableur import running
from tests.importers.tableur.making import ROWS, xlsx

MEGABYTE = 1_000_000
STRINGS = "xl/sharedStrings.xml"
CAP = 200 * MEGABYTE  # of addresses: Python and calamine begin with some 70


def peak() -> int:
    """Most memory that this process ever had, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def refusal(path: Path, memory: int = running.LIMITS.memory) -> str:
    """Why it is refused; the peak of this process stays where it was."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins again from here
    before = peak()
    found = running.describe(path, memory=memory)
    assert peak() - before < 20 * MEGABYTE
    return str(found["refused"])


@pytest.mark.parametrize(
    ("piece", "code"),
    [(b"abcdefg;", "trop-de-colonnes"), (b"abcdefgh", "pas-un-tableur"), (b'"abc\xc3\xa9"', "pas-un-tableur")],
)  # fmt: skip
def test_twenty_megabytes_in_one_line(tmp_path: Path, piece: bytes, code: str) -> None:
    path = tmp_path / "lieux.csv"
    path.write_bytes(b"Nom;Ville\n" + piece * (20 * MEGABYTE // len(piece)))
    assert path.stat().st_size < 20 * MEGABYTE + 100
    assert refusal(path) == code


def strings(path: Path, size: int, lie: bool = False) -> Path:
    """A workbook of which the shared strings unpack to ``size`` bytes. ``lie``: the archive says that they are few."""
    source = path.with_suffix(".source")
    source.write_bytes(xlsx(("Lieux", ROWS)))
    piece = b"<si><t>" + b"a" * 986 + b"</t></si>"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for one in old.infolist():
            out.writestr(one.filename, old.read(one))
        with out.open(STRINGS, "w") as file:  # openpyxl writes none; they are read from this name
            file.write(b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            for _ in range(size // MEGABYTE):
                file.write(piece * 1000)
            file.write(b"</sst>")
    if lie:
        with zipfile.ZipFile(path) as made:
            true = made.getinfo(STRINGS).file_size
        data = path.read_bytes()
        assert data.count(true.to_bytes(4, "little")) >= 1
        path.write_bytes(data.replace(true.to_bytes(4, "little"), (5000).to_bytes(4, "little")))
    return path


def test_half_a_gigabyte_of_shared_strings(tmp_path: Path) -> None:
    assert refusal(strings(tmp_path / "t.xlsx", 500 * MEGABYTE)) == "bombe"


def test_shared_strings_over_what_the_child_may_have(tmp_path: Path) -> None:
    path = strings(tmp_path / "t.xlsx", 250 * MEGABYTE)
    assert refusal(path, memory=CAP) == "trop-lourd-a-lire"


def test_shared_strings_that_lie_about_their_size(tmp_path: Path) -> None:
    path = strings(tmp_path / "t.xlsx", 250 * MEGABYTE, lie=True)
    assert refusal(path, memory=CAP) in ("trop-lourd-a-lire", "illisible")


def test_the_cap_is_enough_for_a_table(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(xlsx(("Lieux", ROWS)))
    assert "sheets" in running.describe(path, memory=CAP)
