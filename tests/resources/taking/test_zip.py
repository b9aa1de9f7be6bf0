"""The archive: identical twice, resumable, safe to open, complete offline; and what is counted."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import pytest
import sqlalchemy as sa

from resources.base import services
from resources.base.content import Block, FileRef
from resources.base.models import Resource, StoredFile, Tally
from resources.base.shapes import BlockKind
from resources.taking.archive import Archive, Entry, Names, Reader, crc_of
from tests.resources.conftest import Base, a_kit
from tests.resources.taking.conftest import a_new_kit, text_of, translated


def opened(body: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(body))


def test_the_same_version_and_languages_give_the_same_bytes(base: Base, kit: Resource) -> None:
    path = base.at(kit.id) + ".zip?contenu=fr&contenu=ar"
    first, again = base.browser().get(path), base.browser(language="ar").get(path)
    assert first.body == again.body
    assert first.headers["ETag"] == again.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")
    assert first.content_type == "application/zip"
    assert first.headers["Content-Disposition"].startswith(f'attachment; filename="{kit.slug}-fr-ar.zip"')
    assert opened(first.body).testzip() is None
    swapped = base.browser().get(base.at(kit.id) + ".zip?contenu=ar&contenu=fr&contenu=zz&contenu=ar")
    assert swapped.body == first.body
    assert base.browser().get(base.at(kit.id) + ".zip?contenu=fr").headers["ETag"] != first.headers["ETag"]


def test_a_download_that_stopped_goes_on(base: Base, kit: Resource) -> None:
    browser, path = base.browser(), base.at(kit.id) + ".zip?contenu=fr"
    whole = browser.get(path)
    etag, size = whole.headers["ETag"], len(whole.body)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert int(whole.headers["Content-Length"]) == size
    for start in (1, 100, size // 3, size // 2, size - 10):
        part = browser.get(path, headers={"Range": f"bytes={start}-", "If-Range": etag}, status=206)
        assert part.headers["Content-Range"] == f"bytes {start}-{size - 1}/{size}"
        assert part.body == whole.body[start:]
    assert browser.get(path, headers={"Range": "bytes=-7"}, status=206).body == whole.body[-7:]
    assert browser.get(path, headers={"Range": "bytes=5-", "If-Range": '"other"'}, status=200).body == whole.body
    browser.get(path, headers={"Range": f"bytes={size}-"}, status=416)
    browser.get(path, headers={"If-None-Match": etag}, status=304)
    assert browser.head(path).headers["Content-Length"] == str(size)


def test_all_is_there_and_names_are_safe(base: Base, kit: Resource, tutorial: Resource) -> None:
    found = opened(base.browser().get(base.at(kit.id) + ".zip?contenu=fr&contenu=ar").body)
    names = found.namelist()
    assert names == sorted(names)
    for name in ("index.html", "fr/index.html", "ar/index.html", f"fr/{kit.slug}.pdf", "ar/documents/jeu.pdf",
                 "fr/documents/petit-2-par-page.pdf", f"ar/tutoriels/{tutorial.slug}.html", "LICENCE.txt", "CREDITS.txt",
                 f"fr/tutoriels/{tutorial.slug}.pdf", "VERSION.txt", "qr.svg", "qr.png", "fichiers/liste d’appel.csv"):  # fmt: skip
        assert name in names
    assert all(".." not in name and not name.startswith("/") and "\\" not in name for name in names)
    assert found.read("fichiers/liste d’appel.csv") == b"nom;jour\n" * 1000
    assert "تفعيل الحساب" in text_of(found.read(f"ar/tutoriels/{tutorial.slug}.pdf"))
    assert {info.date_time[:3] for info in found.infolist()} == {kit.published_at.timetuple()[:3]}
    assert {info.external_attr >> 16 for info in found.infolist()} == {0o100644}
    assert b"Licence Ouverte 2.0" in found.read("LICENCE.txt")
    assert "version 1 du" in found.read("VERSION.txt").decode()


class Page(HTMLParser):
    """What a page names, and what it must not have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src"):
                self.addresses.append(value or "")
            if (name == "src" or (tag == "link" and name == "href")) and value:
                self.loads.append(value)
            assert not name.startswith("on")


def test_pages_open_offline_and_lead_nowhere_wrong(base: Base, kit: Resource) -> None:
    found = opened(base.browser().get(base.at(kit.id) + ".zip?contenu=fr&contenu=ar").body)
    for name in (name for name in found.namelist() if name.endswith(".html")):
        page = Page(found.read(name).decode())
        assert not page.tags & {"script", "iframe", "object", "embed", "form", "base"}
        assert not any(urlsplit(one).scheme for one in page.loads), "it asks something of the network"
        for one in page.addresses:
            parts = urlsplit(one)
            if not parts.scheme and parts.path:
                assert normpath(str(PurePosixPath(name).parent / unquote(parts.path))) in found.namelist(), (name, one)


def test_arabic_pages_are_right_to_left_and_say_what_a_machine_wrote(base: Base, kit: Resource) -> None:
    found = opened(base.browser().get(base.at(kit.id) + ".zip?contenu=ar").body)
    page = found.read("ar/index.html").decode()
    assert re.search(r'<html lang="ar" dir="rtl">', page)
    assert re.search(r'<h1 lang="ar" dir="rtl">ورشة صغيرة</h1>', page)
    assert "translation-machine" in page
    assert re.search(r'lang="fr" dir="ltr"', page), "what is not translated is French, and says so"
    assert "margin-left" not in found.read("style.css").decode()


def test_a_linked_resource_that_is_not_in_the_language_comes_in_its_own(base: Base, tutorial: Resource) -> None:
    only_french, hidden = base.published(), base.draft()
    kit = a_kit()
    named = tuple(Block(f"r{n}", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{one.slug}"})
                  for n, one in enumerate((only_french, hidden, tutorial)))  # fmt: skip
    made = base.published(replace(kit, blocks=(*kit.blocks, *named)))
    found = opened(base.browser("membre").get(base.at(made.id) + ".zip?contenu=fr").body)
    assert f"fr/tutoriels/{only_french.slug}.html" in found.namelist()
    assert f"fr/tutoriels/{hidden.slug}.html" not in found.namelist()


def test_what_is_taken_is_counted_once_and_for_nobody(base: Base, tutorial: Resource) -> None:
    kit = a_new_kit(base, tutorial)
    tallies, path = base.site.wsgi.registry["tallies"], base.at(kit.id)
    tallies.flush()
    member, visitor = base.browser("membre"), base.browser()
    whole = member.get(path + ".zip?contenu=fr&contenu=ar")
    visitor.get(path + ".pdf?contenu=ar")
    visitor.head(path + ".zip?contenu=fr&contenu=ar")
    visitor.get(path + ".zip?contenu=fr&contenu=ar", headers={"Range": "bytes=10-"})
    visitor.get(path + ".zip?contenu=fr&contenu=ar", headers={"If-None-Match": whole.headers["ETag"]})
    tallies.flush()
    with base.site.sessions() as session:
        rows = session.execute(sa.select(Tally.what, Tally.lang, Tally.version, Tally.structure, Tally.count)
                               .where(Tally.object_id == kit.id, Tally.what != "view")).all()  # fmt: skip
    assert sorted(map(tuple, rows)) == [
        ("pdf", "ar", 1, "", 1), ("zip", "fr+ar", 1, str(base.places["ici"]), 1),
    ]  # fmt: skip


def test_the_page_offers_each_language_and_the_form_takes_them(base: Base, kit: Resource) -> None:
    page = base.browser().get(base.at(kit.id) + "/telecharger")
    form = next(form for form in page.forms.values() if form.action.endswith(".zip"))
    assert [field.value for field in form.fields["contenu"]] == ["fr", None]
    form.fields["contenu"][1].checked = True
    assert "ar/index.html" in opened(form.submit().body).namelist()


def in_languages(base: Base, count: int) -> Resource:
    made = base.published(a_kit())
    for lang in ("ar", "en", "es", "tr", "ro", "pt", "it")[: count - 1]:
        translated(base, made, {"entete": {"title": f"Titre {lang}", "text": "Texte."}}, lang)
    return made


def test_six_languages_at_most_and_those_of_the_reader_first(base: Base) -> None:
    made = in_languages(base, 8)
    path, tags = base.at(made.id), ["fr", "ar", "en", "es", "tr", "ro", "pt"]
    refused = base.browser().get(f"{path}.zip?" + "&".join(f"contenu={tag}" for tag in tags), status=422)
    assert "Choisissez 6 langues au plus" in refused.text
    assert 'name="contenu"' in refused.text
    page = base.browser().get(path + "/telecharger?contenu=tr&langue=ar")
    boxes = [one.get("value") for one in page.lxml.xpath("//input[@name='contenu']")]
    assert boxes[:2] == ["tr", "ar"]
    assert len(boxes) == 8
    assert page.lxml.xpath("//input[@name='contenu'][@checked]/@value") == ["tr"]


def test_the_download_page_says_what_each_language_adds(base: Base, kit: Resource) -> None:
    page = base.browser().get(base.at(kit.id) + "/telecharger").text
    sizes = re.search(r"Environ ([\d,]+) Mo pour une langue\. Environ ([\d,]+) Mo de plus par langue\.", page)
    assert sizes
    one, two = (len(base.browser().get(base.at(kit.id) + f".zip?{langs}").body)
                for langs in ("contenu=fr", "contenu=fr&contenu=ar"))  # fmt: skip
    said, more = (float(size.replace(",", ".")) * 1_000_000 for size in sizes.groups())
    assert abs(said - one) < 200_000
    assert abs(more - (two - one)) < 250_000


def test_a_file_never_says_that_it_is_something_else(base: Base) -> None:
    stored = base.files.put([b"<!doctype html><script>alert(1)</script>" + b" " * 99])
    page = Block("p", "avant", BlockKind.FICHIER, title="Piège", file=FileRef(stored.sha, "facture.html"))
    twin = Block("q", "avant", BlockKind.FICHIER, title="Piège", file=FileRef(stored.sha, "../setup.exe"))
    with base.site.sessions.begin() as session:
        session.add(StoredFile(sha=stored.sha, size=stored.size, media_type="text/plain"))
    made = base.published(replace(a_kit(), blocks=(*a_kit().blocks, page, twin)))
    names = opened(base.browser().get(base.at(made.id) + ".zip?contenu=fr").body).namelist()
    assert [name for name in names if name.startswith("fichiers/")] == ["fichiers/facture.txt", "fichiers/setup.txt"]


def test_the_panel_costs_nothing_and_names_the_documents(base: Base, kit: Resource) -> None:
    page = base.browser().get(base.at(kit.id))
    for path in (".pdf?contenu=ar", "/documents/jeu.pdf?contenu=fr", "/telecharger"):
        assert f'href="{base.at(kit.id)}{path}"' in page.text


def test_a_new_version_is_another_archive(base: Base, tutorial: Resource) -> None:
    kit = a_new_kit(base, tutorial)
    path = base.at(kit.id) + ".zip?contenu=fr"
    first = base.browser().get(path)
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, kit.id)).content
    base.publish(kit.id, replace(content, summary="Autre."))
    again = base.browser().get(path, headers={"If-None-Match": first.headers["ETag"]}, status=200)
    assert again.headers["ETag"] != first.headers["ETag"]


# --- The format itself -----------------------------------------------------------------------------------------------


def test_any_part_of_an_archive_is_that_part() -> None:
    made = Archive([Entry.of("é/اقرأ.txt", b"abc"), Entry.of("a", b""), Entry.of("z.bin", bytes(range(256)))],
                   datetime(2026, 11, 3, 10, 30, 2, tzinfo=UTC))  # fmt: skip
    whole = b"".join(made)
    assert len(whole) == made.size
    for start in range(0, made.size, 3):
        for stop in range(start, made.size + 1, 17):
            assert b"".join(made.part(start, stop)) == whole[start:stop]
    assert opened(whole).namelist() == ["a", "z.bin", "é/اقرأ.txt"]


def test_an_archive_is_read_as_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(bytes(range(256)) * 4)
    made = Archive([Entry.of("a", b"abc"), Entry.of("one", tmp_path / "one")], datetime(2026, 1, 1, tzinfo=UTC))
    whole, reader = b"".join(made), Reader(made, 10, made.size - 5)
    assert reader.read() == whole[10:-5]
    assert reader.read() == b""
    for at in range(0, made.size - 15, 7):
        assert (reader.seek(at), reader.read(50), reader.tell()) == (at, whole[10:-5][at : at + 50],
                                                                     min(at + 50, made.size - 15))  # fmt: skip
    assert reader.seek(0, 2) == made.size - 15
    (tmp_path / "one").write_bytes(b"short")
    reader.seek(0)
    with pytest.raises(OSError, match="shorter"):
        reader.read()
    reader.close()


def test_memory_stays_flat_and_what_comes_before_is_not_read(tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    made = Archive([Entry("big", big, big.stat().st_size, crc_of(big, tmp_path / "note")), Entry.of("last", b"end")],
                   datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    assert crc_of(big, tmp_path / "note") == made.entries[0].crc
    tracemalloc.start()
    assert sum(map(len, made)) == made.size
    assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    tracemalloc.stop()
    big.unlink()  # nothing of it is needed for what follows it
    tail = b"".join(made.part(made.size - 150, made.size))
    assert tail.endswith(b"\0\0")
    assert b"last" in tail


def test_more_than_four_gigabytes_are_said_in_the_large_form() -> None:
    class Huge(Archive):
        def part(self, start: int, stop: int):  # type: ignore[no-untyped-def]
            for begins, what, length in self._segments:
                if isinstance(what, bytes) and begins + length > start:
                    yield what[max(start - begins, 0):]  # fmt: skip

    made = Huge([Entry("a", Path("nowhere"), 5 * 1024**3, 1), Entry.of("b", b"x")], datetime(2026, 1, 1, tzinfo=UTC))

    class Sparse(io.RawIOBase):
        at = 0

        def seekable(self) -> bool:
            return True

        def tell(self) -> int:
            return self.at

        def seek(self, to: int, whence: int = 0) -> int:
            self.at = to + (0, self.at, made.size)[whence]
            return self.at

        def read(self, size: int = -1) -> bytes:
            start = self.at
            self.at = made.size if size < 0 else min(made.size, start + size)
            return b"".join(made.part(start, self.at))[: self.at - start]

    infos = zipfile.ZipFile(Sparse()).infolist()  # type: ignore[arg-type]
    assert [(info.filename, info.file_size) for info in infos] == [("a", 5 * 1024**3), ("b", 1)]
    assert infos[1].header_offset > 5 * 1024**3


@pytest.mark.parametrize(("wish", "found"), [
    ("../../etc/passwd", "passwd"), ("a:b?.txt", "a-b-.txt"), ("CON.txt", "fichier CON.txt"), ("", "fichier"),
    ("gpj.\u202eexe", "gpj.exe"), ("x" * 300 + ".pdf", "x" * 76 + ".pdf"), ("ملف.pdf", "ملف.pdf"), (" .. ", "fichier"),
    ("\u5b57" * 300 + ".pdf", "\u5b57" * 76 + ".pdf"),
])  # fmt: skip
def test_names_that_no_system_takes_for_something_else(wish: str, found: str) -> None:
    assert Names()("f/", wish) == f"f/{found}"


def test_the_same_name_twice_is_two_files() -> None:
    names = Names()
    assert [names("", one) for one in ("A.txt", "a.TXT", "a.txt")] == ["A.txt", "a-2.TXT", "a-3.txt"]
