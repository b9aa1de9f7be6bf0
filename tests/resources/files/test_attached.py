"""Files of posts and documents: given, counted, given back, forgotten; on both engines."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from reseau.cli import main
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from resources.base.content import FileRef
from resources.base.models import AttachedFile, StoredFile, Tally
from resources.files import admission, attached, jobs, services
from resources.files.services import MB, Limits, UploadError
from tests.people import at_once
from tests.resources.conftest import Base
from tests.resources.files.conftest import image
from tests.resources.files.test_pages import browser
from tests.resources.files.test_services import LONG_AGO, add, text, with_file

KIND = "essai"
AN_ID = UUID(int=7)


class Room:
    """A room with owners: those of ``there`` are there, read as ``seen`` says."""

    def __init__(self, base: Base) -> None:
        self.base, self.there, self.seen = base, set[UUID](), dict[UUID, str]()

    def exists(self, _session: Session, ids: Collection[UUID]) -> set[UUID]:
        return self.there & set(ids)

    def reads(self, request: Any, ids: list[UUID]) -> str | None:
        said = {self.seen.get(id_) for id_ in ids if id_ in self.there}
        if "public" in said:
            return "public"
        return "private" if said & {"private"} and request.identity else None

    def owner(self, seen: str = "") -> UUID:
        made = new_id()
        self.there.add(made)
        self.seen[made] = seen
        return made

    def attach(self, owner: UUID, content: bytes, name: str = "a.txt", **more: Any) -> FileRef:
        values = {"by": self.base.people["membre"], "structure_id": None, "now": self.base.site.clock.now,
                  "limits": None} | more  # fmt: skip
        with self.base.site.sessions.begin() as session:
            staged = self.base.files.stage([content])
            return attached.attach(session, self.base.files, (KIND, owner), staged, name, **values)

    def of(self, *owners: UUID) -> dict[UUID, list[attached.Attached]]:
        with self.base.site.sessions() as session:
            return attached.of(session, KIND, owners)


@pytest.fixture
def room(base: Base, monkeypatch: pytest.MonkeyPatch) -> Room:
    made = Room(base)
    monkeypatch.setitem(attached._EXISTS, KIND, made.exists)
    monkeypatch.setitem(base.site.wsgi.registry, "files.owners", {KIND: made.reads})
    return made


@pytest.fixture
def tools(base: Base) -> Tools:
    return Tools(base.site.sessions, base.site.settings, base.site.clock)


def test_owners_have_files_in_their_order_by_one_statement(base: Base, room: Room) -> None:
    one, two, none = room.owner(), room.owner(), room.owner()
    first = room.attach(one, text(), "../Mon guide.pdf")
    second = room.attach(one, text(), "b.txt", now=base.site.clock.now + LONG_AGO)
    other = room.attach(two, text())
    with base.site.statements() as seen:
        found = room.of(one, two, none, one)
    assert len([one for one in seen if one.startswith("SELECT")]) == 1
    assert [one.ref for one in found[one]] == [first, second]
    assert first.name == "Mon guide.txt"
    assert (found[one][0].about.size, found[one][0].added_by) == (20, base.people["membre"])
    assert [one.ref for one in found[two]] == [other]
    assert none not in found
    with base.site.statements() as seen:
        assert room.of() == {}
    assert not [one for one in seen if one.startswith("SELECT")]


def test_the_same_file_again_changes_nothing(base: Base, room: Room) -> None:
    owner, content = room.owner(), text()
    first = room.attach(owner, content, "a.txt")
    again = at_once(*[lambda: room.attach(owner, content, "b.txt", by=base.people["voisine"]) for _ in range(3)])
    assert again == [first] * 3
    (kept,) = room.of(owner)[owner]
    assert kept.added_by == base.people["membre"]
    with base.site.sessions.begin() as session:
        assert attached.detach(session, (KIND, owner), first.sha)
        assert not attached.detach(session, (KIND, owner), first.sha)


def test_what_is_refused_leaves_nothing(base: Base, room: Room) -> None:
    owner = room.owner()
    with pytest.raises(UploadError, match="program"):
        room.attach(owner, b"MZ" + text(), "jeu.exe")
    assert not room.of(owner)
    assert not list(base.files.temporary.iterdir())


def test_the_quota_counts_a_file_once_wherever_it_is(base: Base, room: Room) -> None:
    who, content = base.person("Quota joint").id, text(600_000)
    more: dict[str, Any] = {"by": who, "structure_id": None, "limits": Limits(quota=MB)}
    add(base, base.draft(), content, **more)
    room.attach(room.owner(), content, **more)
    room.attach(room.owner(), content, **more)
    with base.site.sessions() as session:
        assert services.left(session, who, None, MB) == 400_000
    with pytest.raises(UploadError, match="quota-person"):
        room.attach(room.owner(), text(600_000), **more)
    room.attach(room.owner(), text(300_000), **more)
    with pytest.raises(UploadError, match="quota-person"):
        add(base, base.draft(), text(200_000), **more)


def test_what_was_attached_stays_until_nobody_has_it(base: Base, room: Room, tools: Tools) -> None:
    owner, content = room.owner(), text()
    ref, made = room.attach(owner, content), base.draft()
    add(base, made, content)
    with base.site.sessions.begin() as session:
        attached.detach(session, (KIND, owner), ref.sha)
    jobs.forget_unused(tools)
    assert base.files.has(ref.sha)
    kept = room.attach(owner, text())
    base.site.clock.now += LONG_AGO
    jobs.sweep(tools)
    assert base.files.has(kept.sha)
    with base.site.sessions.begin() as session:
        attached.detach(session, (KIND, owner), kept.sha)
    jobs.forget_unused(tools)
    assert not base.files.has(kept.sha)
    assert base.get(StoredFile, kept.sha) is None


def test_what_waits_for_an_owner_that_never_comes_goes_after_a_week(base: Base, room: Room, tools: Tools) -> None:
    nowhere, owner = new_id(), room.owner()
    lost, kept = room.attach(nowhere, text()), room.attach(owner, text())
    jobs.sweep(tools)
    assert base.files.has(lost.sha), "the form may be sent again"
    base.site.clock.now += LONG_AGO
    jobs.sweep(tools)
    assert not base.files.has(lost.sha)
    assert not base.rows(AttachedFile, AttachedFile.owner_id == nowhere)
    assert base.files.has(kept.sha)


def test_nothing_is_dropped_of_a_kind_that_nobody_registered(
    base: Base, room: Room, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = room.attach(new_id(), text())
    monkeypatch.delitem(attached._EXISTS, KIND)
    base.site.clock.now += LONG_AGO
    jobs.sweep(tools)
    assert base.files.has(ref.sha)


def check(base: Base, *options: str) -> Result:
    """``reseau files check`` on this site."""
    settings = base.site.settings
    environment = {"RESEAU_DATA_DIR": str(settings.data_dir), "RESEAU_DATABASE_URL": settings.database_url,
                   "RESEAU_SECRET": settings.secret}  # fmt: skip
    return CliRunner().invoke(main, ["files", "check", *options], env=environment)


def test_the_command_knows_what_is_attached(base: Base, room: Room) -> None:
    ref = room.attach(room.owner(), text())
    base.files.delete(ref.sha)
    lost = room.attach(new_id(), text(), now=base.site.clock.now - LONG_AGO)
    said = check(base)
    assert said.exit_code == 1
    assert f"{ref.sha} ({KIND}" in said.output
    assert f"Joints à ce qui n’a jamais été envoyé : 1\n  {lost.sha}" in said.output
    said = check(base, "--repair")
    assert lost.sha not in said.output
    assert f"{ref.sha} ({KIND}" in said.output, "a row that somebody has is not deleted"
    with base.site.sessions.begin() as session:
        session.query(AttachedFile).filter_by(sha=ref.sha).delete()
        session.query(StoredFile).filter_by(sha=ref.sha).delete()


def test_who_reads_the_owner_has_the_file(base: Base, room: Room) -> None:
    public, private = room.attach(room.owner("public"), text()), room.attach(room.owner("private"), text())
    hidden = room.attach(room.owner(), text())
    got = browser(base, None).get(f"/fichiers/{public.sha}/{public.name}")
    assert "attachment" in got.headers["Content-Disposition"]
    assert "public" in got.headers["Cache-Control"]
    browser(base, None).get(f"/fichiers/{public.sha}/autre.txt", status=404)
    browser(base, None).get(f"/fichiers/{private.sha}/{private.name}", status=404)
    got = browser(base, "voisine").get(f"/fichiers/{private.sha}/{private.name}")
    assert got.headers["Cache-Control"] == "private, no-cache"
    browser(base, "membre").get(f"/fichiers/{hidden.sha}/{hidden.name}", status=404)
    base.site.wsgi.registry["tallies"].flush()
    assert not base.rows(Tally, Tally.object_id.in_(room.there)), "only what resources have is counted"


def test_a_room_may_say_of_each_owner_who_reads_it(base: Base, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    content, hidden, shown = text(), room.owner(), room.owner("public")
    ref = room.attach(hidden, content)
    room.attach(shown, content)
    said: dict[UUID, str] = {}
    monkeypatch.setitem(base.site.wsgi.registry, "files.owners", {KIND: lambda _request, _ids: said})
    browser(base, "membre").get(f"/fichiers/{ref.sha}/{ref.name}", status=404)
    said[shown] = "private"
    browser(base, "membre").get(f"/fichiers/{ref.sha}/{ref.name}")
    said[shown] = "public"
    assert "public" in browser(base, None).get(f"/fichiers/{ref.sha}/{ref.name}").headers["Cache-Control"]


def test_what_waits_is_for_who_brought_it(base: Base, room: Room) -> None:
    ref = room.attach(new_id(), text())
    browser(base, None).get(f"/fichiers/{ref.sha}/{ref.name}", status=404)
    browser(base, "voisine").get(f"/fichiers/{ref.sha}/{ref.name}", status=404)
    got = browser(base, "membre").get(f"/fichiers/{ref.sha}/{ref.name}")
    assert got.headers["Cache-Control"] == "private, no-cache"


def test_a_file_of_a_draft_is_for_everyone_once_a_public_post_has_it(base: Base, room: Room) -> None:
    content = text()
    ref = add(base, base.draft(), content)
    browser(base, None).get(f"/fichiers/{ref.sha}/{ref.name}", status=404)
    room.attach(room.owner("public"), content)
    browser(base, None).get(f"/fichiers/{ref.sha}/{ref.name}")


def test_few_statements_find_who_may_have_a_file(base: Base, room: Room) -> None:
    content = text()
    _, everyone = with_file(base, content)
    alone = room.attach(room.owner("public"), text())
    for _ in range(30):
        room.attach(room.owner("public"), content)
    for ref, most in ((everyone, 1), (alone, 2)):
        visitor = browser(base, None)
        with base.site.statements() as seen:
            visitor.get(f"/fichiers/{ref.sha}/{ref.name}")
        assert len([one for one in seen if one.startswith("SELECT")]) <= most


def test_pictures_and_words_of_what_is_attached(base: Base, room: Room, tools: Tools) -> None:
    made = room.attach(room.owner("public"), image("PNG", 61, 47), "dessin.png")
    words = room.attach(room.owner("public"), b"Prendre rendez-vous " + text())
    while jobs.read_files(tools):
        pass
    assert browser(base, None).get(f"/fichiers/{made.sha}/apercu.webp").content_type == "image/webp"
    with base.site.sessions() as session:
        assert services.about(session, [made.sha])[made.sha].picture
        assert services.texts(session, [words.sha])[words.sha].startswith("Prendre rendez-vous")


@pytest.mark.parametrize("path", [
    "/echanges/nouveau", f"/echanges/un-fil-{AN_ID}/repondre", f"/echanges/messages/{AN_ID}/modifier",
    "/groupes/un-groupe/comptes-rendus/nouveau", "/groupes/un-groupe/pages/nouvelle",
    f"/groupes/un-groupe/documents/{AN_ID}/modifier", "/base/echanges/nouveau",
])  # fmt: skip
def test_the_server_takes_files_where_posts_are_written(path: str) -> None:
    cookie = f"session={'x' * 43}"
    assert admission.takes_files("POST", path, cookie)
    assert not admission.takes_files("GET", path, cookie)
    assert not admission.takes_files("POST", path + "-autre", cookie)
