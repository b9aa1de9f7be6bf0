"""ZIP archives, and the documents that are ZIP archives: what is said of them before any library opens them.

Only the list of contents is read, and only when it is short: a ZIP of a few bytes can name millions of files, or
petabytes. What the list says is what our libraries (``zipfile``) hold themselves to when they read.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from resources.files.errors import UploadError

MAX_DIRECTORY = 1_500_000  # bytes: some 15,000 entries
MAX_ENTRIES = 10_000
MAX_TOTAL = 2_000_000_000  # bytes, unpacked, of an archive
MAX_OFFICE = 600_000_000  # bytes, unpacked, of a document: 200 MB of pictures do not shrink
MAX_RATIO = 150  # what real tables shrink: 30
FROM = 20_000_000  # bytes, unpacked, under which no ratio harms
MAX_READ = 1_000_000  # bytes of one small entry

PROGRAMS = (
    ".exe", ".msi", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".jse", ".wsf", ".hta", ".lnk",
    ".jar", ".apk", ".dmg", ".app", ".deb", ".rpm", ".sh", ".reg", ".cpl", ".pif", ".class",
)  # fmt: skip
ODF = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
OOXML = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}


def kind_of(path: Path, name: str) -> str:
    """``odt``, ``docx``… or ``zip``.

    :raises UploadError: damaged, a bomb, protected, with macros, with programs.
    """
    _check_directory(path, name)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, path.stat().st_size, name)
            found = _office(archive, {entry.filename for entry in entries}, name)
            if found != "zip":
                _check_document(entries, name)
            return found
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error, EOFError):
        raise UploadError("damaged", name) from None


def _check_directory(path: Path, name: str) -> None:
    """What ``zipfile`` is about to read into memory, found by its own reading (another one could be made to differ)."""
    try:
        with path.open("rb") as file:
            end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    except (OSError, zipfile.BadZipFile):
        end = None
    if not end:
        raise UploadError("damaged", name)
    if end[zipfile._ECD_SIZE] > MAX_DIRECTORY:  # type: ignore[attr-defined]
        raise UploadError("bomb", name)


def _check_document(entries: list[zipfile.ZipInfo], name: str) -> None:
    if sum(entry.file_size for entry in entries) > MAX_OFFICE:
        raise UploadError("bomb", name)
    if any(entry.filename.casefold().endswith("vbaproject.bin") for entry in entries):
        raise UploadError("macros", name)


def _check_entries(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or total > MAX_TOTAL:
        raise UploadError("bomb", name)
    if total > FROM and total > MAX_RATIO * size:
        raise UploadError("bomb", name)
    for entry in entries:
        if entry.file_size > FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise UploadError("bomb", name)
        if entry.flag_bits & 1:
            raise UploadError("encrypted", name)
        if entry.filename.casefold().rstrip(". ").endswith(PROGRAMS):
            raise UploadError("program", name)


def _office(archive: zipfile.ZipFile, names: set[str], name: str) -> str:
    if "mimetype" in names:
        kind = ODF.get(_small(archive, "mimetype").decode("ascii", "replace").strip())
        if kind and "content.xml" in names:
            if b"encryption-data" in _small(archive, "META-INF/manifest.xml"):
                raise UploadError("encrypted", name)
            if any(one.startswith(("Basic/", "Scripts/")) and not one.endswith("/") for one in names):
                raise UploadError("macros", name)
            return kind
    if "[Content_Types].xml" in names:
        if b"macroEnabled" in _small(archive, "[Content_Types].xml"):
            raise UploadError("macros", name)
        return next((kind for part, kind in OOXML.items() if part in names), "zip")
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        raise UploadError("program", name)
    return "zip"


def _small(archive: zipfile.ZipFile, inner: str) -> bytes:
    """The beginning of an entry; b"" when there is none."""
    try:
        with archive.open(inner) as file:
            return file.read(MAX_READ)
    except KeyError:
        return b""
