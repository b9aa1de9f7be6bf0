"""What a file is, by what it holds; its name only chooses between plain texts. What is not on the list is refused."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from resources.files import archives
from resources.files.errors import UploadError
from resources.files.names import split, with_extension

HEAD = 64 * 1024  # bytes
MAX_DRAWING = 5_000_000  # bytes: it is searched whole


@dataclass(frozen=True, slots=True)
class FileType:
    """An accepted type. ``extensions``: those that a name may keep, the first given to another. ``words``: whether text
    can be read in it."""

    media_type: str
    extensions: tuple[str, ...]
    words: bool = False

    @property
    def picture(self) -> bool:
        """Whether it is an image of dots, shown in pages."""
        return self.media_type in PICTURES


PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_OPEN, _MS = "application/vnd.oasis.opendocument", "application/vnd.openxmlformats-officedocument"
TYPES: dict[str, FileType] = {
    "pdf": FileType("application/pdf", (".pdf",), words=True),
    "png": FileType("image/png", (".png",)),
    "jpeg": FileType("image/jpeg", (".jpg", ".jpeg", ".jpe")),
    "gif": FileType("image/gif", (".gif",)),
    "webp": FileType("image/webp", (".webp",)),
    "svg": FileType("image/svg+xml", (".svg",)),
    "odt": FileType(f"{_OPEN}.text", (".odt",), words=True),
    "ods": FileType(f"{_OPEN}.spreadsheet", (".ods",), words=True),
    "odp": FileType(f"{_OPEN}.presentation", (".odp",), words=True),
    "docx": FileType(f"{_MS}.wordprocessingml.document", (".docx",), words=True),
    "xlsx": FileType(f"{_MS}.spreadsheetml.sheet", (".xlsx",), words=True),
    "pptx": FileType(f"{_MS}.presentationml.presentation", (".pptx",), words=True),
    "mp3": FileType("audio/mpeg", (".mp3",)),
    "ogg": FileType("audio/ogg", (".ogg", ".oga", ".opus")),
    "wav": FileType("audio/wav", (".wav",)),
    "m4a": FileType("audio/mp4", (".m4a",)),
    "mp4": FileType("video/mp4", (".mp4", ".m4v")),
    "webm": FileType("video/webm", (".webm",)),
    "txt": FileType("text/plain", (".txt", ".md"), words=True),
    "csv": FileType("text/csv", (".csv", ".tsv"), words=True),
    "vtt": FileType("text/vtt", (".vtt",), words=True),
    "srt": FileType("application/x-subrip", (".srt",), words=True),
    "zip": FileType("application/zip", (".zip",)),
}
BY_MEDIA_TYPE = {one.media_type: one for one in TYPES.values()}

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"OggS", "ogg"), (b"ID3", "mp3"),
)  # fmt: skip
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"#!", b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)  # fmt: skip
_MP4 = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"dash",
        b"MSNV",
        b"3gp4",
        b"3gp5",
    }
)
_HTML = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|script|iframe|meta|object|embed|form|a\s|img|div|p\s|title|table|style|link|"
    rb"base)\b",
    re.I,
)
_PROLOGUE = re.compile(rb"\A(\s|<\?xml[^>]*\?>|<!--.*?-->|<!doctype\s+svg[^>\[]*>)+", re.I | re.S)
_SVG = re.compile(rb"\A<(\w+:)?svg[\s>]", re.I)
_ACTIVE = re.compile(
    rb"<\s*(\w+:)?(script|foreignObject|iframe|object|embed|handler|listener)\b|\bon[a-z]+\s*=|javascript:|<!ENTITY|"
    rb"@import|url\([\s\"']*(\w+:|//)|attributeName\s*=\s*[\"']\s*(\w+:)?href|"
    rb"\b(href|src)\s*=(?!\s*[\"']\s*(#|data:image/(png|jpe?g|gif|webp);))",
    re.I,
)
_SRT = re.compile(r"\A\s*\d+\s*\n\d{1,2}:\d\d:\d\d[,.]\d{3} --> \d{1,2}:\d\d:\d\d[,.]\d{3}")


def recognise(path: Path, name: str) -> tuple[FileType, str]:
    """(what it is, its name with an extension that says so).

    :param name: cleaned. :raises UploadError: empty, not on the list, or dangerous.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise UploadError("empty", name)
    found = TYPES[_code(head, path, name)]
    return found, with_extension(name, found.extensions)


def _code(head: bytes, path: Path, name: str) -> str:
    if head.startswith(_PROGRAMS):
        raise UploadError("program", name)
    if code := _binary(head):
        return code
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return archives.kind_of(path, name)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UploadError(_old_office(path), name)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return _text(head, path, name)


def _binary(head: bytes) -> str:
    for magic, code in _MAGIC:
        if head.startswith(magic):
            return code
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "m4a" if brand in (b"M4A ", b"M4B ") else "mp4" if brand in _MP4 else ""
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"\x42\x82\x84webm" in head[:64] else ""
    return "mp3" if _two_frames(head) else ""


def _two_frames(head: bytes) -> bool:
    """Whether an MP3 without a tag begins: a frame, and another where the first one ends (ISO 11172-3, layer III)."""
    length = _frame(head, 0)
    return bool(length) and bool(_frame(head, length))


def _frame(data: bytes, at: int) -> int:
    """Bytes of the frame of MPEG layer III that begins there; 0 for none."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return 0
    version, rate, frequency = data[at + 1] >> 3 & 3, data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or frequency == 3 or rate in (0, 15):
        return 0
    first = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    second = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    hertz = (44100, 48000, 32000)[frequency] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if version == 3 else 72) * (first if version == 3 else second)[rate] * 1000 // hertz + (
        data[at + 2] >> 1 & 1
    )


def _old_office(path: Path) -> str:
    """An OLE file: a document of before 2007, or a later one with a password."""
    with path.open("rb") as file:
        return "encrypted" if "EncryptedPackage".encode("utf-16-le") in file.read(4_000_000) else "old-office"


def _text(head: bytes, path: Path, name: str) -> str:
    text = readable(head, whole=len(head) < HEAD)
    if text is None:
        raise UploadError("unknown-type", name)
    start = head.removeprefix(codecs.BOM_UTF8)
    rest = _PROLOGUE.sub(b"", start, count=1)
    if _SVG.match(rest):
        return _drawing(path, name)
    if _HTML.match(rest.lstrip()) or re.search(rb"<\s*(script|html|iframe)\b|<\?php", head[:4096], re.I):
        raise UploadError("html", name)
    if start.lstrip()[:5].lower() == b"<?xml" or start.startswith(b"{\\rtf"):
        raise UploadError("unknown-type", name)
    if text.startswith("WEBVTT"):
        return "vtt"
    if _SRT.match(text):
        return "srt"
    return "csv" if split(name)[1].lower() in (".csv", ".tsv") and _is_table(text) else "txt"


def readable(data: bytes, whole: bool = True) -> str | None:
    """A text in UTF-8, UTF-16 with its mark, or Windows-1252; None for what is no text.

    :param whole: False: cut somewhere.
    """
    for coding, marks in (("utf-16", (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)), ("utf-8-sig", (b"",))):
        if data.startswith(marks):
            try:
                text = codecs.getincrementaldecoder(coding)().decode(data, final=whole)
            except UnicodeDecodeError:
                continue
            return None if re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text) else text.replace("\r\n", "\n")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\x81\x8d\x8f\x90\x9d]", data):
        return None
    text = data.decode("cp1252", "replace")
    letters = sum(char.isalnum() or char.isspace() or char in ".,;:!?'’\"-()/" for char in text)
    return text.replace("\r\n", "\n") if letters > 0.85 * len(text) else None


def _is_table(text: str) -> bool:
    """Whether its first lines have as many cells each. Refused: ``csv.Sniffer``: half a minute for a hostile 60 kB."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    for delimiter in ",;\t|":
        try:
            widths = {len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells}
        except csv.Error:
            continue
        if len(lines) > 1 and len(widths) == 1 and widths != {1}:
            return True
    return False


def _drawing(path: Path, name: str) -> str:
    """An SVG is kept if it only draws. It is downloaded, never shown by us: this protects who opens it at home."""
    if path.stat().st_size > MAX_DRAWING:
        raise UploadError("too-large", name, most=MAX_DRAWING // 1_000_000)
    if _ACTIVE.search(path.read_bytes()):
        raise UploadError("active-drawing", name)
    return "svg"
