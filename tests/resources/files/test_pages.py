"""Sending and fetching files by the pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

from reseau.core.files import FileStore
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.web.csrf import COOKIE
from resources.base.content import Block, FileRef
from resources.base.models import FileUse, Resource, StoredFile, Visibility
from resources.base.services import set_visibility, withdraw
from resources.base.shapes import BlockKind
from resources.files import jobs, pictures, serving, upload_views
from resources.files.extraction import Found
from tests.resources.conftest import Base, a_tutorial
from tests.resources.files.conftest import TYPE, form, image
from tests.resources.files.test_services import add, text, with_file

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "/essai/fichiers"


def browser(base: Base, who: str | None = "membre") -> Any:
    made = base.browser(who)
    made.set_cookie(COOKIE, TOKEN)
    return made


def send(
    base: Base, *parts: Any, who: str | None = "membre", token: str = TOKEN, status: int = 200, **more: Any
) -> Any:
    return browser(base, who).post(URL, form(*parts, token=token), {"Content-Type": TYPE, **more}, status=status)


def staged(base: Base) -> list[Any]:
    return list(base.files.temporary.iterdir()) if base.files.temporary.exists() else []


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_fields_and_files_come_to_the_view(base: Base, size: int) -> None:
    content = text(size)
    found = send(base, ("titre", "Été"), ("fichier", ("Guide.PDF", content))).json
    assert ["titre", "Été"] in found["fields"]
    ((field, _, length, name),) = found["files"]
    assert (field, length, name) == ("fichier", size, "Guide.txt")
    assert not staged(base), "what nobody kept is gone with the request"


def test_a_file_is_given_to_a_resource(base: Base) -> None:
    made = base.draft()
    for content in (text(100), text(2_000_000)):
        found = send(base, ("ressource", str(made.id)), ("fichier", ("a.txt", content))).json
        ((sha, name),) = found["refs"]
        assert base.files.path(sha).read_bytes() == content
        assert name == "a.txt"
        assert base.rows(FileUse, FileUse.sha == sha)[0].added_by == base.people["membre"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_the_token_is_the_first_field_or_a_header(base: Base, size: int) -> None:
    part = ("fichier", ("a.txt", text(size)))
    send(base, part, token="", status=400)
    send(base, part, token="f" * 32, status=400)
    send(base, part, token="", **{"X-CSRF-Token": TOKEN})
    assert not staged(base)


def test_a_large_form_with_its_token_after_the_file_is_refused(base: Base) -> None:
    send(base, ("fichier", ("a.txt", text(3_000_000))), ("csrf_token", TOKEN), token="", status=400)


def test_nothing_is_read_from_who_is_not_signed_in(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(upload_views, "receive", never)
    for size in (100, 3_000_000):
        send(base, ("fichier", ("a.txt", text(size))), who=None, status=403)
    stranger = browser(base, None)
    stranger.set_cookie("session", "x" * 43)
    stranger.post(URL, form(("f", ("a", text(3_000_000))), token=TOKEN), {"Content-Type": TYPE}, status=403)


def test_what_was_typed_beside_a_small_file_is_kept_for_after_signing_in(base: Base) -> None:
    page = send(base, ("titre", "Mon texte"), ("f", ("a.txt", b"x")), who=None, status=403, Origin="http://localhost")
    assert "Mon texte" in page.text


@pytest.mark.parametrize(("name", "content", "code"), [
    ("a.html", b"<!doctype html>", "html"), ("a.exe", b"MZ\0\0", "program"), ("v.txt", b"", "empty"),
])  # fmt: skip
def test_a_refused_file_is_said_and_the_form_is_there(base: Base, name: str, content: bytes, code: str) -> None:
    found = send(base, ("titre", "Gardé"), ("fichier", (name, content)), status=422).json
    assert (found["code"], found["fields"]) == (code, ["Gardé"])
    assert name in found["said"]
    assert not staged(base)


def test_a_cut_form_is_said(base: Base) -> None:
    whole = form(("titre", "Gardé"), ("f", ("a.txt", text(1000))), token=TOKEN)
    found = browser(base).post(URL, whole[:-300], {"Content-Type": TYPE}, status=422).json
    assert (found["code"], found["fields"]) == ("truncated", ["Gardé"])


def test_other_addresses_still_take_no_large_body(base: Base) -> None:
    whole = form(("f", ("a", text(3_000_000))), token=TOKEN)
    assert "Texte trop long" in browser(base).post("/connexion", whole, {"Content-Type": TYPE}, status=413).text


def test_no_transaction_waits_while_a_file_is_read(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = upload_views.receive, []

    def watched(*args: Any) -> Any:
        with base.site.sessions.begin() as session:  # would wait 15 s for a writing transaction of the request
            session.get(Resource, new_id())
        seen.append(True)
        return real(*args)

    monkeypatch.setattr(upload_views, "receive", watched)
    send(base, ("f", ("a.txt", text(500_000))))
    assert seen


def test_a_view_that_takes_files_where_none_come_stops_the_start(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Configurator(registry=base.site.wsgi.registry)
    upload_views.check(config)
    for entry in config.introspector.get_category("views"):
        if entry["introspectable"]["route_name"] == "members.sign_in":
            monkeypatch.setitem(entry["introspectable"], "takes_files", True)
    with pytest.raises(ConfigurationError, match="/connexion"):
        upload_views.check(config)


# --- Fetching --------------------------------------------------------------------------------------------------------


def allow(base: Base, made: Resource, change: Callable[..., None], *args: Any) -> None:
    with base.site.sessions.begin() as session:
        change(session, session.get_one(Resource, made.id), *args, base.site.clock.now)


def get(base: Base, path: str, who: str | None = None, status: int = 200, **headers: str) -> Any:
    return base.browser(who).get(path, headers=headers, status=status)


def test_a_public_file_is_an_attachment_for_everybody(base: Base) -> None:
    content = text(300_000)
    _, ref = with_file(base, content, "دليل.txt")
    with base.site.statements() as seen:
        found = get(base, serving.address(ref))
    assert found.body == content
    assert len([one for one in seen if one.startswith("SELECT")]) == 1
    assert found.headers["Content-Disposition"].startswith("attachment; ")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found.headers["Content-Security-Policy"]
    assert found.headers["Cache-Control"] == "public, max-age=86400"
    assert (found.content_type, found.headers["ETag"]) == ("text/plain", f'"{ref.sha}"')
    get(base, serving.address(ref), status=304, **{"If-None-Match": f'"{ref.sha}"'})
    get(base, serving.address(FileRef(ref.sha, "facture.exe")), status=404)
    get(base, f"/fichiers/{'0' * 64}/a.txt", status=404)


@pytest.mark.parametrize(("asked", "start", "end"), [("bytes=0-9", 0, 10), ("bytes=990-", 990, 1000), ("bytes=-5", 995, 1000),
                                                     ("bytes=500-5000", 500, 1000)])  # fmt: skip
def test_a_download_can_be_resumed(base: Base, asked: str, start: int, end: int) -> None:
    content = text(1000)
    _, ref = with_file(base, content)
    found = get(base, serving.address(ref), status=206, Range=asked)
    assert found.body == content[start:end]
    assert found.headers["Content-Range"] == f"bytes {start}-{end - 1}/1000"
    same = {"Range": asked, "If-Range": f'"{ref.sha}"'}
    assert get(base, serving.address(ref), status=206, **same).body == content[start:end]
    assert get(base, serving.address(ref), **{"Range": asked, "If-Range": '"autre"'}).body == content


def test_ranges_that_are_not_there(base: Base) -> None:
    _, ref = with_file(base, text(1000))
    found = get(base, serving.address(ref), status=416, Range="bytes=1000-")
    assert found.headers["Content-Range"] == "bytes */1000"
    for strange in ("bytes=5-1", "lignes=1-2", "bytes=0-1,5-6", "?"):
        assert len(get(base, serving.address(ref), Range=strange).body) == 1000
    head = base.browser().head(serving.address(ref))
    assert (head.body, head.content_length) == (b"", 1000)


def test_who_may_have_a_file(base: Base) -> None:
    made, ref = with_file(base, text(), "réseau.txt")
    path = serving.address(ref)
    allow(base, made, set_visibility, Visibility.NETWORK)
    assert "Connectez-vous" in get(base, path, None, 403).text
    get(base, path, "personne", 403)
    found = get(base, path, "voisine")
    assert found.headers["Cache-Control"] == "private, no-cache"
    get(base, path, "voisine", 304, **{"If-None-Match": f'"{ref.sha}"'})
    allow(base, made, withdraw)
    for who, status in ((None, 404), ("personne", 404), ("voisine", 404), ("membre", 200), ("coordination", 200)):
        get(base, path, who, status)


def test_a_draft_is_for_its_authors(base: Base) -> None:
    made = base.draft()
    ref = add(base, made, text(), "brouillon.txt")
    for who, status in ((None, 404), ("voisine", 404), ("membre", 200), ("coordination", 200)):
        get(base, serving.address(ref), who, status)
    found = get(base, f"/fichiers/{ref.sha}/autre.exe", "membre")
    assert 'filename="autre.txt"' in found.headers["Content-Disposition"]


def test_one_public_resource_opens_a_file_that_another_hides(base: Base) -> None:
    content = text()
    hidden = base.draft()
    add(base, hidden, content)
    _, ref = with_file(base, content, "ouvert.txt")
    get(base, serving.address(ref))
    with base.site.sessions() as session:
        assert session.get_one(Resource, hidden.id).state == "draft"


def test_fifty_drafts_hide_no_public_file(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_USES", 3)
    content = text()
    for _ in range(4):
        add(base, base.draft(), content)
    _, ref = with_file(base, content, "ouvert.txt")
    with base.site.statements() as seen:
        get(base, serving.address(ref))
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


def test_a_file_that_the_published_version_no_longer_names_is_gone_for_readers(base: Base) -> None:
    made, ref = with_file(base, text())
    base.publish(made.id, a_tutorial())
    get(base, serving.address(ref), None, 404)
    get(base, serving.address(ref), "membre")


def test_a_drawing_and_a_pdf_are_never_shown_by_us(base: Base) -> None:
    for content, name in ((b'<svg xmlns="http://www.w3.org/2000/svg"></svg>' + b" " * int(new_id().int % 999), "d.svg"),
                          (b"%PDF-1.7\n" + text(), "d.pdf")):  # fmt: skip
        _, ref = with_file(base, content, name)
        assert get(base, serving.address(ref)).headers["Content-Disposition"].startswith("attachment")
        get(base, serving.picture_address(ref), status=404)


def test_pictures_made_anew_are_shown(base: Base) -> None:
    made = base.draft()
    ref = add(base, made, image("JPEG", 1300 + new_id().int % 500, 700), "photo.jpg")
    block = Block("e", "etapes", BlockKind.ETAPE, title="Geste", text="Voir", image=ref, alt="Une photo")
    base.publish(made.id, replace(a_tutorial(), blocks=(block,)))
    assert get(base, serving.preview_address(ref)).body[8:12] == b"WEBP", "made at once, without the worker"
    get(base, serving.preview_address(ref), "voisine", status=200)
    jobs.read_files(Tools(base.site.sessions, base.site.settings, base.site.clock))
    row = base.get(StoredFile, ref.sha)
    assert row.preview
    etags = set()
    for path, most in ((serving.preview_address(ref), 480), (serving.picture_address(ref), 1200)):
        found = get(base, path)
        assert found.content_type == "image/webp"
        assert "Content-Disposition" not in found.headers
        assert found.body[8:12] == b"WEBP"
        assert len(found.body) < 100_000 * (most / 480)
        get(base, path, status=304, **{"If-None-Match": found.headers["ETag"]})
        etags.add(found.headers["ETag"])
    assert len(etags) == 2
    allow(base, made, withdraw)
    get(base, serving.preview_address(ref), status=404)


def test_a_picture_that_cannot_be_made_at_once_is_a_neutral_one(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    made = base.draft()
    ref = add(base, made, image("JPEG", 500 + new_id().int % 500, 300), "photo.jpg")
    monkeypatch.setattr(pictures, "MOST", 10)
    found = get(base, serving.picture_address(ref), "membre")
    assert (found.content_type, found.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    monkeypatch.undo()
    tries: list[str] = []
    monkeypatch.setattr(pictures, "extract", lambda _store, sha, *_: tries.append(sha) or Found("unreadable"))
    for _ in range(3):
        assert get(base, serving.picture_address(ref), "membre").content_type == "image/svg+xml"
    assert tries == [ref.sha], "it is not tried for ever"


def test_one_picture_is_made_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path)
    shas = [store.put([bytes([n])]).sha for n in range(5)]
    now, most, lock = 0, 0, threading.Lock()

    def extract(store: FileStore, sha: str, _type: str, _timeout: float) -> Found:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.3)
        store.beside(sha, ".webp").write_bytes(b"x")
        with lock:
            now -= 1
        return Found("none", preview=True)

    monkeypatch.setattr(pictures, "extract", extract)
    maker = pictures.Pictures(store)
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda sha: maker.made(sha, "image/png", 1, ".webp"), shas))
    assert most == 1
    assert sum(one is not None for one in found) == 2, "one makes, one waits, the others are sent away"


def test_downloads_are_counted_once_each(base: Base) -> None:
    made, ref = with_file(base, text(1000))
    path, tallies = serving.address(ref), base.site.wsgi.registry["tallies"]
    tallies.flush()
    get(base, path)
    get(base, path, "voisine", 206, Range="bytes=0-99")
    get(base, path, None, 206, Range="bytes=100-")
    get(base, path, None, 304, **{"If-None-Match": f'"{ref.sha}"'})
    base.browser().head(path)
    get(base, path, None, 416, Range="bytes=1000-")
    waiting = {key: count for key, count in tallies._waiting.items() if key[2] == made.id}
    places = {key[5]: count for key, count in waiting.items()}
    assert places == {"": 1, str(base.places["ailleurs"]): 1}
    assert {key[:2] for key in waiting} == {("2026-11-24", "file")}


def test_a_file_lost_on_the_disk_is_a_page_that_says_so(base: Base) -> None:
    _, ref = with_file(base, text())
    base.files.delete(ref.sha)
    get(base, serving.address(ref), status=404)


def test_authors_are_told_of_a_file_that_cannot_be_read(base: Base) -> None:
    made, ref = with_file(base, b"%PDF-1.7 rien " + text(), "scan.pdf")
    tools = Tools(base.site.sessions, base.site.settings, base.site.clock)
    while base.rows(StoredFile, StoredFile.text_state == "waiting"):
        jobs.read_files(tools)
    said = "Le texte de ce fichier ne peut pas être lu"
    page = base.browser("membre").get(base.at(made.id))
    assert said in page.text
    assert ref.name in page.html.find(id="s-fichiers").parent.text
    for who in (None, "voisine"):
        assert said not in base.browser(who).get(base.at(made.id)).text
