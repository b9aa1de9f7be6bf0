"""Reads one file that a stranger made: words, a picture. Run as a program, alone, with limits (``extraction``).

It imports nothing of the house: what it holds is what a file that takes it over would hold. Arguments: the file, its
media type, a folder to write pictures into. It writes one JSON object to the standard output: ``state`` (``ok``,
``none``, ``unreadable``), ``text``, ``preview``, ``width``, ``height``.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

MAX_TEXT = 200_000  # characters
MAX_PAGES = 300
MAX_PIXELS = 80_000_000
MAX_XML = 100_000_000  # bytes of one part of a document
THUMBNAIL, WIDE = 480, 1200  # px


class Unreadable(Exception):
    """The words of the file cannot be read."""


def words(pieces: Iterator[str]) -> str:
    """Pieces put together, in their plain letters, up to the limit."""
    found: list[str] = []
    length = 0
    for piece in pieces:
        # NFKC: old PDFs hold Arabic in the shapes of its letters, and "fi" as one.
        plain = re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFKC", piece))
        plain = re.sub(
            r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", "", plain
        )
        plain = re.sub(r"\s*\n\s*", "\n", plain).strip()
        if plain:
            found.append(plain[: MAX_TEXT - length])
            length += len(found[-1]) + 1
        if length >= MAX_TEXT:
            break
    return "\n".join(found)


# --- Words ----------------------------------------------------------------------------------------------------------


def pdf(path: Path) -> Iterator[str]:
    """Page by page, in the order in which it is read."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        text = page.get_textpage()
        # PDFium marks a word cut at the end of a line by U+FFFE or U+0002.
        yield re.sub(r"[\ufffe\x02]\s*", "", text.get_text_bounded())
        text.close()
        page.close()


def docx(path: Path) -> Iterator[str]:
    """Paragraphs and cells in their order, then headers and footers."""
    import docx as library

    document = library.Document(str(path))
    for element in document.element.body.iter():
        if element.tag.endswith("}p") and element.tag.startswith("{http://schemas.openxmlformats.org/wordprocessingml"):
            yield "".join(element.itertext(tag="{*}t"))
    for section in document.sections:
        yield from (line.text for part in (section.header, section.footer) for line in part.paragraphs)


def pptx(path: Path) -> Iterator[str]:
    """Slide by slide: all shapes, tables, and the notes of the speaker."""
    import pptx as library

    for slide in library.Presentation(str(path)).slides:
        yield from _paragraphs(slide.element)
        if slide.has_notes_slide:
            yield slide.notes_slide.notes_text_frame.text if slide.notes_slide.notes_text_frame else ""


def _paragraphs(element: Any) -> Iterator[str]:
    for one in element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p"):
        yield "".join(one.itertext("{http://schemas.openxmlformats.org/drawingml/2006/main}t"))


def odf(path: Path) -> Iterator[str]:
    """Paragraphs and headings of a text, a table or a presentation."""
    import odfdo

    body = odfdo.Document(str(path)).body
    for element in body.xpath("//text:p|//text:h"):
        yield element.inner_text if hasattr(element, "inner_text") else str(element)


def xlsx(path: Path) -> Iterator[str]:
    """The words of a table: its strings, in no order; names of its sheets. Numbers mean nothing to a search."""
    from lxml import etree

    with zipfile.ZipFile(path) as archive:
        for name in ("xl/workbook.xml", "xl/sharedStrings.xml", *(n for n in archive.namelist() if "worksheets/" in n)):
            if name not in archive.NameToInfo or archive.getinfo(name).file_size > MAX_XML:
                continue
            with archive.open(name) as file:
                for _, element in etree.iterparse(file, resolve_entities=False, no_network=True):
                    tag = etree.QName(element).localname
                    if tag == "sheet":
                        yield element.get("name", "")
                    elif tag == "t":
                        yield element.text or ""
                    element.clear()


def plain(path: Path) -> Iterator[str]:
    """A text, a table, captions without their times."""
    with path.open("rb") as file:
        data = file.read(4 * MAX_TEXT)
    for coding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(coding, "strict" if len(data) < 4 * MAX_TEXT else "ignore")
        except UnicodeDecodeError:
            continue
        yield re.sub(r"^\s*(WEBVTT.*|\d+|[\d:.,]+ --> .*)$", "", text.replace("\r", "\n"), flags=re.M)
        return
    raise Unreadable


_MS = "application/vnd.openxmlformats-officedocument"
READERS: dict[str, Any] = {
    "application/pdf": pdf,
    f"{_MS}.wordprocessingml.document": docx,
    f"{_MS}.presentationml.presentation": pptx,
    f"{_MS}.spreadsheetml.sheet": xlsx,
    "application/vnd.oasis.opendocument.text": odf,
    "application/vnd.oasis.opendocument.spreadsheet": odf,
    "application/vnd.oasis.opendocument.presentation": odf,
    "text/plain": plain,
    "text/csv": plain,
    "text/vtt": plain,
    "application/x-subrip": plain,
}

# --- Pictures -------------------------------------------------------------------------------------------------------


def picture(path: Path, folder: Path) -> tuple[int, int]:
    """Write a small and a wide picture of an image, upright and without what a camera writes beside it (place, name).

    :return: (width, height) of the image as it is seen.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # ours is checked, by an error instead of a warning, before a pixel is read
    with Image.open(path, formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Unreadable
        turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        width, height = (image.height, image.width) if turned else image.size
        image.draft("RGB", (WIDE, WIDE))  # a JPEG is read at an eighth of its size where that does
        image.seek(0)
        upright = ImageOps.exif_transpose(image)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    save(upright.convert(mode), folder)
    return width, height


def first_page(path: Path, folder: Path) -> tuple[int, int]:
    """Write a small picture of the first page of a PDF. :return: its size there."""
    import pypdfium2

    page = pypdfium2.PdfDocument(path)[0]
    width, height = page.get_size()
    if not (1 <= width <= 20_000 and 1 <= height <= 20_000):
        raise Unreadable
    scale = THUMBNAIL / max(width, height)
    image = page.render(scale=min(scale, 4), may_draw_forms=False).to_pil().convert("RGB")
    save(image, folder, wide=False)
    return int(image.width), int(image.height)


def save(image: Any, folder: Path, wide: bool = True) -> None:
    """Pictures as WebP, made anew of dots alone."""
    from PIL import Image

    for name, most in (("wide", WIDE), ("small", THUMBNAIL)):
        image.thumbnail((most, most), Image.Resampling.LANCZOS)
        bare = Image.new(image.mode, image.size)
        bare.paste(image)
        if wide or name == "small":
            bare.save(folder / f"{name}.webp", "WEBP", quality=80, method=4)


def read(path: Path, media_type: str, folder: Path) -> dict[str, Any]:
    """All that is found out of one file."""
    found: dict[str, Any] = {"state": "none", "text": "", "preview": False, "width": None, "height": None}
    draw = first_page if media_type == "application/pdf" else picture if media_type.startswith("image/") else None
    if draw and media_type != "image/svg+xml":
        try:
            width, height = draw(path, folder)
            found |= {"preview": True, "width": width, "height": height}
        except Exception as error:
            found["why"] = type(error).__name__
    if reader := READERS.get(media_type):
        try:
            found["text"] = words(islice(reader(path), 200_000))
            found["state"] = "ok" if found["text"] else "unreadable"
        except Exception as error:
            found |= {"state": "unreadable", "why": type(error).__name__}
    return found


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))))
