"""A resource to take away: pages that open offline by double click, PDFs to print, files, licence, in one archive.

    index.html              choice of language
    fr/index.html           the resource; fr/tutoriels/….html: what it refers to, one level deep
    fr/….pdf, fr/documents/….pdf, fr/tutoriels/….pdf
    fichiers/, images/      once for all languages
    LICENCE.txt CREDITS.txt VERSION.txt style.css qr.svg qr.png

No page has a script or asks anything of the network. The same version and languages give the same bytes.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jinja2
import segno
from sqlalchemy.orm import Session

from resources.base.addresses import path_of
from resources.base.content import FileRef
from resources.base.models import Resource
from resources.base.services import Published
from resources.base.shapes import PLURALS, BlockKind, Kind
from resources.files.errors import UploadError
from resources.files.names import clean_name, with_extension
from resources.files.services import about
from resources.files.types import BY_MEDIA_TYPE, recognise
from resources.reading.page import Page
from resources.taking import fonts, texts
from resources.taking.archive import Archive, Entry, Names, crc_of
from resources.taking.gathering import Asked, Pages, named_by
from resources.taking.sheets import MAX_PICTURES, Site, document_sheet, qr_svg, resource_sheet
from resources.taking.typesetter import Sheet, Typesetter, picture_suffix

TEMPLATES = Path(__file__).parent / "templates"
PRINTED = 45_000  # bytes of a page and its PDF, without pictures: half of ours are below 37 kB, few above 150 kB


@dataclass
class Kit:
    """What is put together. ``types``: SHA-256 → media type of a stored file; ``pages``: path → page; ``sheets``: path
    of a PDF → what it says."""

    site: Site
    types: Mapping[str, str] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    files: dict[FileRef, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def file(self, ref: FileRef, folder: str) -> str:
        """Path of a stored file, "" when it is not there."""
        if ref not in self.files and self.site.files.has(ref.sha):
            wish = self._named(ref)
            if folder == "images/":
                suffix = picture_suffix(self.site.files.path(ref.sha))
                wish = f"{ref.sha[:12]}{suffix}" if suffix else ""
            self.files[ref] = self.names(folder, wish) if wish else ""
        return self.files.get(ref, "")

    def _named(self, ref: FileRef) -> str:
        """Its name, which never says that it is something else than it is: an author chooses the name only."""
        known = BY_MEDIA_TYPE.get(self.types.get(ref.sha, ""))
        if known is None:
            try:
                return recognise(self.site.files.path(ref.sha), clean_name(ref.name))[1]
            except UploadError:
                pass
        return with_extension(clean_name(ref.name), known.extensions if known else (".bin",))


class OfflineLinks:
    """Addresses of a page of the archive, relative to it. ``home``: the folder of its language."""

    def __init__(self, kit: Kit, here: str, home: str) -> None:
        self._kit, self._home = kit, home
        self._up = "../" * here.count("/")

    def _to(self, path: str) -> str:
        return self._up + quote(path) if path else ""

    def file(self, ref: FileRef) -> str:
        """An attached file."""
        return self._to(self._kit.file(ref, "fichiers/"))

    def image(self, ref: FileRef) -> str:
        """A picture."""
        return self._to(self._kit.file(ref, "images/"))

    def preview(self, _ref: FileRef) -> str:
        """None: the file itself is there."""
        return ""

    def resource(self, resource: Resource) -> str:
        """Another resource: its page in the archive, else online."""
        path = linked_path(self._home, resource)
        return self._to(path) if path in self._kit.pages else self._kit.site.public_url + path_of(resource)

    def document(self, key: str) -> str:
        """The PDF of a document."""
        path = f"{self._home}documents/{key}.pdf"
        return self._to(path) if self._kit.printed.get(path) else ""

    def to(self, path: str) -> str:
        """Any path of the archive."""
        return self._to(path)


def linked_path(home: str, resource: Resource) -> str:
    """Where the page of a resource that comes along is."""
    return f"{home}{PLURALS[Kind(resource.kind)]}/{resource.slug}.html"


def gathered(session: Session, asked: Asked, site: Site) -> Kit:
    """The pages: the resource in each language, and what it refers to, in that language or else in its own.

    The session is not needed after it.
    """
    others = named_by(session, asked)
    shas = {ref.sha for one in (asked.published, *others) for ref in one.content.files()}
    kit = Kit(site, {sha: one.media_type for sha, one in about(session, shas).items()})
    pages = Pages(session, asked, [asked.published, *others])
    for lang in asked.langs:
        for one in (asked.published, *others):
            main = one is asked.published
            own = lang if main or lang in one.resource.langs else one.content.lang
            _sheets_of(kit, pages.page(one, own, lang), f"{lang}/", main=main)
    return kit


def archive(kit: Kit, asked: Asked, typesetter: Typesetter) -> Archive:
    """The archive of what was gathered; its PDFs are drawn if they are not there.

    :raises Busy: others are being drawn.
    """
    site, pdfs = kit.site, dict(_printed(kit, typesetter))
    kit.printed = {path: path for path in pdfs}
    made: dict[str, bytes | Path] = {**pdfs, **{path: page.encode() for path, page in _written(kit, asked)}}
    made |= texts.about(kit.pages, site)
    made["style.css"] = _template("offline_style.jinja2").render().encode()
    address = site.public_url + path_of(asked.published.resource)
    made["qr.svg"], made["qr.png"] = qr_svg(address), _qr_png(address)
    entries = [Entry.of(name, source) for name, source in made.items()]
    for ref, name in kit.files.items():
        if name:
            path = site.files.path(ref.sha)
            crc = crc_of(path, site.files.beside(ref.sha, ".crc32"))
            entries.append(Entry(name, path, path.stat().st_size, crc))
    return Archive(entries, asked.published.version.at.astimezone(ZoneInfo(asked.timezone)))


def still_there(archive: Archive, typesetter: Typesetter) -> bool:
    """Whether an archive that was laid out before can be sent; its PDFs then count as used now."""
    drawn = [path for path in archive.files if path.parent == typesetter.folder]
    return archive.intact and all(typesetter.found(path.stem) for path in drawn)


def _sheets_of(kit: Kit, page: Page, home: str, *, main: bool) -> None:
    path = f"{home}index.html" if main else linked_path(home, page.resource)
    kit.pages[path] = page
    name = f"{home}{page.resource.slug}.pdf" if main else f"{path.removesuffix('.html')}.pdf"
    kit.sheets[name] = resource_sheet(page, kit.site)
    if not main:
        return
    for block in page.content.blocks:
        if block.kind is BlockKind.DOCUMENT:
            kit.sheets[f"{home}documents/{block.key}.pdf"] = document_sheet(page, block, kit.site)
            if block.data.get("layout") == "flyer":
                twice = document_sheet(page, block, kit.site, twice=True)
                kit.sheets[f"{home}documents/{block.key}-2-par-page.pdf"] = twice


def _printed(kit: Kit, typesetter: Typesetter) -> Iterator[tuple[str, Path]]:
    """The PDFs that this server can draw: it may lack the letters of a language."""
    sheets = drawable(kit)
    for path, pdf in zip(sheets, typesetter.made(*sheets.values()), strict=True):
        if pdf is not None:
            yield path, pdf


def drawable(kit: Kit) -> dict[str, Sheet]:
    """The sheets whose letters this server has, by path."""
    return {path: sheet for path, sheet in kit.sheets.items() if _has_letters(sheet)}


def _has_letters(sheet: Sheet) -> bool:
    try:
        return bool(sheet.fonts)
    except fonts.NoFont:
        return False


def _written(kit: Kit, asked: Asked) -> Iterator[tuple[str, str]]:
    """Each page as HTML, then the choice of language."""
    for path, page in kit.pages.items():
        home = path.split("/")[0] + "/"
        links = OfflineLinks(kit, path, home)
        pdf = f"{home}{page.resource.slug}.pdf" if path == f"{home}index.html" else f"{path.removesuffix('.html')}.pdf"
        yield path, _template("offline_page.jinja2").render(
            page=page, links=links, pdf=pdf if pdf in kit.printed else "", home=f"{home}index.html", here=path,
            prints=_to_print(kit, home) if path == f"{home}index.html" else [],
            online=f"{kit.site.public_url}{path_of(page.resource)}?contenu={page.lang}", site=kit.site,
        )  # fmt: skip
    homes = {lang: kit.pages[f"{lang}/index.html"] for lang in asked.langs}
    yield "index.html", _template("offline_home.jinja2").render(
        homes=homes, page=homes[asked.langs[0]], site=kit.site,
        prints={lang: _to_print(kit, f"{lang}/") for lang in homes},
        online=kit.site.public_url + path_of(asked.published.resource), links=OfflineLinks(kit, "index.html", ""),
    )  # fmt: skip


def _to_print(kit: Kit, home: str) -> list[tuple[str, str, str]]:
    """(path, name, language of the name) of the PDFs of a language, in the order in which they are met."""
    found, main = [], kit.pages[f"{home}index.html"]
    for path in kit.sheets:
        if path not in kit.printed or not path.startswith(home):
            continue
        folder, stem = PurePosixPath(path).parent.name, PurePosixPath(path).stem
        block = main.content.block(stem.removesuffix("-2-par-page")) if folder == "documents" else None
        if block is not None:
            two = main.gettext("Flyer (A5), deux sur une feuille A4") if stem.endswith("-2-par-page") else ""
            label = two or main.layout_label(block.data.get("layout", ""))
            found.append((path, f"{block.title} – {label}" if block.title else label, main.lang))
        else:
            page = kit.pages.get(f"{path.removesuffix('.pdf')}.html", main)
            found.append((path, page.content.title, page.title_lang))
    return found


@functools.cache
def _template(name: str) -> jinja2.Template:
    """Templates without a request: those of this room, and the parts that pages online are made of."""
    folders = [TEMPLATES, TEMPLATES.parent.parent / "reading" / "templates"]
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folders), autoescape=True, trim_blocks=True,
                                     lstrip_blocks=True, undefined=jinja2.StrictUndefined)  # fmt: skip
    return environment.get_template(name)


def _qr_png(address: str) -> bytes:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="png", border=4, scale=8)
    return out.getvalue()


def sizes_of(published: Sequence[Published], site: Site) -> tuple[int, int]:
    """About how many bytes: (an archive in one language, each other language more). Attached files come once, pictures
    once more in each PDF; PDFs and pages weigh what those of our kits do.

    :param published: the resource, and those that come along.
    """
    shas = {ref.sha for one in published for ref in one.content.files()}
    sizes = {sha: site.files.path(sha).stat().st_size for sha in shas if site.files.has(sha)}
    drawn = sum(min(sum(sizes.get(sha, 0) for sha in _pictures(one)), MAX_PICTURES) for one in published)
    printed = len(published) + sum(block.kind is BlockKind.DOCUMENT for block in published[0].content.blocks)
    each = printed * PRINTED + drawn
    return sum(sizes.values()) + each, each


def _pictures(one: Published) -> set[str]:
    return {block.image.sha for block in one.content.blocks if block.image}
