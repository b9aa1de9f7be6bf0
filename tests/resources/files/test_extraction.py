"""Words and pictures of files, read by the real child process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
import time
import unicodedata
import zlib
from pathlib import Path

import docx
import odfdo
import pptx
import pytest
import typst
from PIL import Image

from reseau.core.files import FileStore
from resources.files import extraction
from resources.files.extraction import SMALL, WIDE, Found, extract
from resources.files.types import TYPES
from tests.resources.files.conftest import archive, image, png


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def read(store: FileStore, content: bytes, code: str, timeout: float = 30.0) -> tuple[Found, str]:
    sha = store.put([content]).sha
    return extract(store, sha, TYPES[code].media_type, timeout), sha


def typeset(text: str) -> bytes:
    made = typst.compile(textwrap.dedent(text).encode())
    assert isinstance(made, bytes)
    return made


def saved(document: object) -> bytes:
    found = io.BytesIO()
    document.save(found)  # type: ignore[attr-defined]
    return found.getvalue()


def a_docx() -> bytes:
    made = docx.Document()
    made.add_paragraph("Ouvrez Mon espace santé")
    made.add_table(1, 1).cell(0, 0).text = "Dans un tableau"
    made.sections[0].footer.paragraphs[0].text = "En bas"
    return saved(made)


def a_pptx() -> bytes:
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[0])
    slide.shapes.title.text = "Vrai ou faux"
    slide.notes_slide.notes_text_frame.text = "À dire"
    return saved(made)


def an_odf(kind: str, text: str) -> bytes:
    made = odfdo.Document(kind)
    if kind == "spreadsheet":
        table = odfdo.Table("Feuille")
        table.set_value("A1", text)
        made.body.append(table)
    elif kind == "presentation":
        page = odfdo.DrawPage("p1")
        page.append(odfdo.Frame.text_frame(text))
        made.body.append(page)
    else:
        made.body.append(odfdo.Paragraph(text))
    return saved(made)


XLSX = archive({"[Content_Types].xml": b"", "xl/workbook.xml": b'<w><sheets><sheet name="Budget"/></sheets></w>',
                "xl/sharedStrings.xml": "<sst><si><t>Café des aidants</t></si></sst>".encode()})  # fmt: skip


@pytest.mark.parametrize(("code", "content", "expected"), [
    ("docx", a_docx(), ("Mon espace santé", "Dans un tableau", "En bas")),
    ("pptx", a_pptx(), ("Vrai ou faux", "À dire")),
    ("odt", an_odf("text", "Prendre rendez-vous"), ("Prendre rendez-vous",)),
    ("ods", an_odf("spreadsheet", "Matériel prêté"), ("Matériel prêté",)),
    ("odp", an_odf("presentation", "Une diapositive"), ("Une diapositive",)),
    ("xlsx", XLSX, ("Budget", "Café des aidants")),
    ("txt", "Été\r\nà Roubaix".encode("cp1252"), ("Été\nà Roubaix",)),
    ("csv", "a;é".encode("utf-16"), ("a;é",)),
    ("vtt", b"WEBVTT\n\n1\n00:01.000 --> 00:02.000\nBonjour", ("Bonjour",)),
    ("srt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nBonsoir", ("Bonsoir",)),
])  # fmt: skip
def test_words_of_documents(store: FileStore, code: str, content: bytes, expected: tuple[str, ...]) -> None:
    found, _ = read(store, content, code)
    assert found.state == "ok"
    for words in expected:
        assert words in found.text
    assert "-->" not in found.text


def test_a_pdf_gives_words_and_its_first_page(store: FileStore) -> None:
    found, sha = read(store, typeset("Prendre un _rendez-vous_ efficace #pagebreak() Deuxième page"), "pdf")
    assert found.state == "ok"
    assert "Prendre un rendez-vous efficace" in found.text
    assert "Deuxième page" in found.text
    with Image.open(store.beside(sha, SMALL)) as small:
        assert (small.format, max(small.size)) == ("WEBP", 480)
    assert not store.beside(sha, WIDE).exists()


def test_arabic_of_a_pdf_comes_in_the_order_in_which_it_is_read(store: FileStore) -> None:
    sentence = "افتح الموقع ثم اكتب رقم الهاتف"
    found, _ = read(store, typeset(f'#set text(lang: "ar", dir: rtl)\n{sentence} 3646 ثم انتظر'), "pdf")
    assert sentence in found.text
    assert found.text.index("الهاتف") < found.text.index("3646") < found.text.index("انتظر")
    assert unicodedata.is_normalized("NFKC", found.text)


def test_pictures_are_upright_small_and_bare(store: FileStore) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "SECRET de la personne"
    found, sha = read(store, image("JPEG", 3000, 1500, exif=exif), "jpeg")
    assert (found.state, found.preview, found.width, found.height) == ("none", True, 1500, 3000)
    for suffix, most in ((SMALL, 480), (WIDE, 1200)):
        content = store.beside(sha, suffix).read_bytes()
        assert b"SECRET" not in content
        assert b"EXIF" not in content
        with Image.open(io.BytesIO(content)) as small:
            assert small.size == (most // 2, most)
            red, _, blue = small.convert("RGB").getpixel((10, 10))  # type: ignore[misc]
            assert red > 200
            assert blue < 80


def test_small_and_odd_pictures(store: FileStore) -> None:
    transparent = io.BytesIO()
    Image.new("LA", (10, 10), (0, 0)).save(transparent, "PNG")
    moving = io.BytesIO()
    Image.new("P", (20, 10)).save(moving, "GIF", save_all=True, append_images=[Image.new("P", (20, 10), 5)])
    for code, content, size in (("png", png(30, 20), (30, 20)), ("png", transparent.getvalue(), (10, 10)),
                                ("gif", moving.getvalue(), (20, 10))):  # fmt: skip
        found, sha = read(store, content, code)
        assert (found.width, found.height) == size
        with Image.open(store.beside(sha, SMALL)) as small:
            assert small.size == size


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9_000_000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("code", "content", "state"), [
    ("png", bomb(60_000, 60_000), "none"), ("png", png()[:60], "none"), ("pdf", b"%PDF-1.7 rien", "unreadable"),
    ("pdf", typeset("#rect()"), "unreadable"), ("docx", b"PK\3\4", "unreadable"), ("odt", XLSX, "unreadable"),
    ("txt", b" \n\n", "unreadable"), ("zip", XLSX, "none"), ("svg", b"<svg/>", "none"), ("mp4", b"x", "none"),
    ("docx", archive({"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'}), "unreadable"),
])  # fmt: skip
def test_what_cannot_be_read(store: FileStore, code: str, content: bytes, state: str) -> None:
    found, sha = read(store, content, code)
    assert (found.state, found.text) == (state, "")
    assert found.preview == store.beside(sha, SMALL).exists()
    assert not list(store.temporary.iterdir())


def test_a_text_stops_at_the_limit(store: FileStore) -> None:
    found, _ = read(store, b"mot " * 500_000, "txt")
    assert found.state == "ok"
    assert 190_000 < len(found.text) <= 200_000


@pytest.mark.parametrize(("harm", "least"), [
    ("import mmap; mmap.mmap(-1, 2 * 10**9)", 0.0), ("import os; os.kill(os.getpid(), 11)", 0.0),
    ("print('x' * 10**8)", 0.0), ("print('{}')", 0.0), ("import time; time.sleep(60)", 1.0), ("while True: pass", 1.0),
    ("import os, time\nif os.fork() == 0: time.sleep(60)", 0.0),
])  # fmt: skip
def test_a_file_that_takes_the_child_over_harms_nothing(
    harm: str, least: float, store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the child would do then: it has its limits before it looks at the file."""
    source = extraction.CHILD.read_text().replace("    print(json.dumps", f"    exec({harm!r})\n    print(json.dumps")
    (tmp_path / "child.py").write_text(source)
    monkeypatch.setattr(extraction, "CHILD", tmp_path / "child.py")
    before = time.monotonic()
    found, _ = read(store, b"Bonjour", "txt", timeout=1.5)
    assert least <= time.monotonic() - before < 6
    assert found.text in ("", "Bonjour")
    assert not list(store.temporary.iterdir())


def test_the_child_knows_nothing_of_the_house(tmp_path: Path) -> None:
    code = f"import runpy, sys; runpy.run_path({str(extraction.CHILD)!r}); print([m for m in sys.modules if m.split('.')[0] in ('reseau', 'resources', 'sqlalchemy', 'pyramid')])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, env={}, check=True)
    assert done.stdout.strip() == "[]"
    assert os.environ.get("HOME") not in extraction.CHILD.read_text()
