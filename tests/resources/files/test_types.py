"""What a file is, by what it holds."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from reseau.core.wording import Wording
from resources.files import archives
from resources.files.errors import SENTENCES, UploadError, megabytes, sentence
from resources.files.types import TYPES, recognise
from tests.resources.files.conftest import archive, image, png

_MS = "application/vnd.openxmlformats-officedocument"
FRAME = b"\xff\xfb\x90\x64" + b"\x00" * 413
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SVG = b'<?xml version="1.0"?>\n<!-- dessin -->\n<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/>%s</svg>'


def ooxml(part: str, **more: bytes) -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", part: b"<x/>", **more})


def odf(kind: str, **more: bytes) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": mimetype, "content.xml": b"<x/>", "META-INF/manifest.xml": b"<x/>", **more})


GOOD = {
    "pdf": b"%PDF-1.7\n...", "png": png(), "jpeg": image("JPEG"), "gif": image("GIF"), "webp": image("WEBP"),
    "svg": SVG % b'<use href="#a"/>', "odt": odf("text"), "ods": odf("spreadsheet"), "odp": odf("presentation"),
    "docx": ooxml("word/document.xml"), "xlsx": ooxml("xl/workbook.xml"), "pptx": ooxml("ppt/presentation.xml"),
    "mp3": FRAME * 3, "ogg": b"OggS\0\x02" + b"\0" * 60, "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "m4a": b"\0\0\0\x20ftypM4A \0\0\0\0", "mp4": b"\0\0\0\x20ftypisom\0\0\0\0",
    "webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "txt": "Bonjour à tous.\n".encode(),
    "vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nBonjour", "srt": b"1\r\n00:00:01,000 --> 00:00:02,000\r\nBonjour\r\n",
    "zip": archive({"lisez-moi.txt": b"x", "index.html": b"<html>"}),
}  # fmt: skip


def kind_of(tmp_path: Path, content: bytes, name: str = "document") -> tuple[str, str]:
    path = tmp_path / "fichier"
    path.write_bytes(content)
    found, name = recognise(path, name)
    return found.media_type, name


def refusal(tmp_path: Path, content: bytes, name: str = "document") -> str:
    with pytest.raises(UploadError) as caught:
        kind_of(tmp_path, content, name)
    assert caught.value.code in SENTENCES
    return caught.value.code


@pytest.mark.parametrize("code", [code for code in TYPES if code != "csv"])
def test_the_content_decides_and_gives_the_extension(code: str, tmp_path: Path) -> None:
    kind = TYPES[code]
    for name in ("document", "document.exe", f"document{kind.extensions[-1]}"):
        expected = name if name.endswith(kind.extensions) else f"document{kind.extensions[0]}"
        assert kind_of(tmp_path, GOOD[code], name) == (kind.media_type, expected)


def test_the_name_chooses_between_plain_texts_only(tmp_path: Path) -> None:
    table = b"nom;ville\nECHO;Roubaix\n"
    assert kind_of(tmp_path, table, "a.csv") == ("text/csv", "a.csv")
    assert kind_of(tmp_path, table, "a.docx") == ("text/plain", "a.txt")
    assert kind_of(tmp_path, b"# Titre", "a.md") == ("text/plain", "a.md")
    assert kind_of(tmp_path, b"%PDF-1.4", "a.csv") == ("application/pdf", "a.pdf")


@pytest.mark.parametrize("text", ["été".encode("cp1252") * 3 + b" a lire", "\ufeffété".encode(), "été".encode("utf-16"),
                                  ("é" * 40_000).encode(), "مرحبا".encode()])  # fmt: skip
def test_texts_in_usual_codings(text: bytes, tmp_path: Path) -> None:
    assert kind_of(tmp_path, text)[0] == "text/plain"


@pytest.mark.parametrize(("content", "code"), [
    (b"", "empty"), (b"MZ\x90\0", "program"), (b"\x7fELF\x02", "program"), (b"#!/bin/sh\nrm -rf ~", "program"),
    (b"<!DOCTYPE html><p>x", "html"), (b"\xef\xbb\xbf  <HTML>", "html"), (b"<!-- x --><script>1</script>", "html"),
    (b"Bonjour <script>alert(1)</script>", "html"), (b"<?php echo 1;", "html"), (b"<?xml version='1.0'?><html>", "html"),
    (b"<?xml version='1.0'?><a/>", "unknown-type"), (b"{\\rtf1 x}", "unknown-type"), (b"\0\x01\x02\x03" * 9, "unknown-type"),
    (b"\x1a\x45\xdf\xa3\x42\x82\x88matroska", "unknown-type"), (b"7z\xbc\xaf\x27\x1c" + b"\0\4" * 9, "unknown-type"),
    (OLE, "old-office"), (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    (SVG % b"<script>1</script>", "active-drawing"), (SVG % b'<g onload="x()"/>', "active-drawing"),
    (SVG % b'<a xlink:href="java&#115;cript:x"/>', "active-drawing"), (SVG % b"<foreignObject/>", "active-drawing"),
    (SVG % b'<image href="https://ailleurs.example/x.png"/>', "active-drawing"),
    (SVG % b"<style>@import 'x'</style>", "active-drawing"),
    (b"PK\x03\x04" + b"x" * 200, "damaged"), (GOOD["docx"][:-30], "damaged"),
    (ooxml("word/document.xml", **{"word/vbaProject.bin": b"x"}), "macros"),
    (archive({"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"}), "macros"),
    (odf("text", **{"Basic/Standard/Module1.xml": b"x"}), "macros"),
    (odf("text", **{"META-INF/manifest.xml": b"<manifest:encryption-data/>"}), "encrypted"),
    (archive({"META-INF/MANIFEST.MF": b"x", "A.class": b"x"}), "program"), (archive({"jeu/Setup.EXE": b"x"}), "program"),
    (archive({"a.bat. ": b"x"}), "program"),
])  # fmt: skip
def test_what_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, content) == code


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    zeros = b"\0" * 30_000_000
    assert refusal(tmp_path, archive({"a.txt": zeros})) == "bomb"
    assert refusal(tmp_path, ooxml("word/document.xml", **{"word/media/1.png": zeros})) == "bomb"
    assert refusal(tmp_path, archive({f"{n}": b"" for n in range(archives.MAX_ENTRIES + 1)})) == "bomb"


def test_a_list_of_contents_too_long_is_not_read(tmp_path: Path) -> None:
    head = archive({"a": b"x"})
    lie = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 60_000_000, 0, 0)
    assert refusal(tmp_path, head[:30] + b"\0" * 61_000_000 + lie) == "bomb"


def test_an_archive_of_overlapping_entries(tmp_path: Path) -> None:
    """Each entry names the same bytes: small on the disk, huge together."""
    one = archive({"a": b"\0" * 15_000_000})
    with zipfile.ZipFile(tmp_path / "x", "w") as made:
        made.writestr("a", b"")
    end = one.rindex(b"PK\5\6")
    start = struct.unpack("<L", one[end + 16 : end + 20])[0]
    entry = one[start:end]
    many = entry * 50
    lie = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 50, 50, len(many), start, 0)
    assert refusal(tmp_path, one[:start] + many + lie) == "bomb"


def test_a_protected_archive(tmp_path: Path) -> None:
    content = bytearray(archive({"a.txt": b"secret"}))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + at] |= 1
    assert refusal(tmp_path, bytes(content)) == "encrypted"
    document = bytearray(ooxml("word/document.xml"))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        document[document.index(mark) + at] |= 1
    assert refusal(tmp_path, bytes(document)) == "encrypted"


def test_a_large_drawing_is_not_searched(tmp_path: Path) -> None:
    assert refusal(tmp_path, SVG % (b"<g/>" * 1_300_000)) == "too-large"


def test_each_refusal_has_a_sentence_with_its_values() -> None:
    for code in SENTENCES:
        said = sentence(UploadError(code, "a%b.pdf", most=200, left="1,5", size="12"), Wording("fr"))
        assert "%(" not in said
    assert sentence(UploadError("too-large", "a.pdf", most=200), Wording("fr")) == (
        "« a.pdf » est trop lourd : 200 Mo au plus par fichier.")  # fmt: skip
    assert [megabytes(n) for n in (0, 340_000, 12_400_000)] == ["0,0", "0,3", "12"]
