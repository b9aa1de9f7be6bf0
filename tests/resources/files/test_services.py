"""Taking files in, quotas, reading them, forgetting them; on both engines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from reseau.cli import main
from reseau.core.changes import Change
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.directory.models import Structure
from resources.base import services as base_services
from resources.base.content import Block, FileRef
from resources.base.models import WORDS_KIND, FileUse, Resource, StoredFile
from resources.base.shapes import BlockKind
from resources.files import jobs, services, sweeping
from resources.files.extraction import SMALL
from resources.files.services import MB, Limits, UploadError
from tests.people import at_once
from tests.resources.conftest import Base, a_tutorial
from tests.resources.files.conftest import png

LONG_AGO = timedelta(days=30)


def text(size: int = 20) -> bytes:
    """A text that nobody has."""
    return (new_id().hex * (size // 32 + 1))[:size].encode()


def add(base: Base, resource: Resource, content: bytes, name: str = "a.txt", **more: Any) -> FileRef:
    with base.site.sessions() as session:
        values = {"by": base.people["membre"], "structure_id": base.places["ici"], "now": base.site.clock.now} | more
        ref = services.add(session, base.files, session.merge(resource), base.files.stage([content]), name, **values)
        session.commit()
        return ref


def with_file(base: Base, content: bytes, name: str = "a.txt") -> tuple[Resource, FileRef]:
    """A published resource that names a file."""
    made = base.draft()
    ref = add(base, made, content, name)
    tutorial = a_tutorial()
    block = Block("fichier", "apres", BlockKind.FICHIER, title="Fichier", file=ref)
    base.publish(made.id, replace(tutorial, blocks=(*tutorial.blocks, block)))
    return base.resource(made.id), ref


@pytest.fixture
def tools(base: Base) -> Tools:
    return Tools(base.site.sessions, base.site.settings, base.site.clock)


def age(base: Base, sha: str) -> None:
    os.utime(base.files.path(sha), (time.time() - 90_000,) * 2)


def test_a_file_is_stored_known_and_used(base: Base) -> None:
    made, content = base.draft(), text()
    ref = add(base, made, content, "../Mon guide.pdf")
    assert ref.name == "Mon guide.txt"
    assert base.files.path(ref.sha).read_bytes() == content
    row = base.get(StoredFile, ref.sha)
    assert (row.size, row.media_type, row.text_state, row.scan) == (20, "text/plain", "waiting", "off")
    (use,) = base.rows(FileUse, FileUse.sha == ref.sha)
    assert (use.resource_id, use.structure_id, use.added_by) == (made.id, base.places["ici"], base.people["membre"])
    with base.site.sessions() as session, base.site.statements() as seen:
        assert services.about(session, [ref.sha, ref.sha, "0" * 64])[ref.sha].size == 20
        assert services.about(session, []) == {}
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


def test_the_same_content_is_stored_once(base: Base) -> None:
    one, two, content = base.draft(), base.draft(), text()
    first, again, other = add(base, one, content), add(base, one, content, "b.txt"), add(base, two, content)
    assert first.sha == again.sha == other.sha
    assert again.name == "b.txt"
    assert len(base.rows(StoredFile, StoredFile.sha == first.sha)) == 1
    assert len(base.rows(FileUse, FileUse.sha == first.sha)) == 2
    assert not list(base.files.temporary.iterdir())


def test_two_at_once_with_the_same_content(base: Base) -> None:
    drafts, content = [base.draft() for _ in range(4)], text()
    refs = at_once(*[lambda made=made: add(base, made, content) for made in drafts])
    assert len({ref.sha for ref in refs}) == 1
    assert len(base.rows(FileUse, FileUse.sha == refs[0].sha)) == 4
    assert base.files.path(refs[0].sha).read_bytes() == content


def test_what_is_refused_leaves_nothing(base: Base) -> None:
    made, content = base.draft(), b"MZ" + text()
    with pytest.raises(UploadError) as caught:
        add(base, made, content, "jeu.exe")
    assert (caught.value.code, caught.value.name) == ("program", "jeu.exe")
    assert not list(base.files.temporary.iterdir())
    assert not base.rows(FileUse, FileUse.resource_id == made.id)
    stored = base.files.put([content])
    with base.site.sessions() as session, pytest.raises(UploadError):
        services.add(session, base.files, session.merge(made), stored, "x", None, None, base.site.clock.now)
    assert not base.files.has(stored.sha)


def test_a_quota_says_how_much_is_left_and_counts_each_content_once(base: Base) -> None:
    who, place = base.person("Quota").id, None
    made, limits = base.draft(), Limits(quota=1 * MB)
    more: dict[str, Any] = {"by": who, "structure_id": place, "limits": limits}
    content = text(600_000)
    add(base, made, content, **more)
    add(base, base.draft(), content, **more)
    with pytest.raises(UploadError) as caught:
        add(base, made, text(600_000), **more)
    assert caught.value.code == "quota-person"
    assert caught.value.values == {"left": "0,4", "size": "0,6"}
    with base.site.sessions() as session:
        assert services.left(session, who, None, MB) == 400_000
        assert services.left(session, new_id(), None, MB) == MB
    add(base, made, text(300_000), **more)


def test_a_structure_shares_its_quota(base: Base) -> None:
    place = base.places["ailleurs"]
    with base.site.sessions() as session:
        quota = MB - services.left(session, None, place, 0) + 0
    more: dict[str, Any] = {"structure_id": place, "limits": Limits(quota=quota)}
    add(base, base.draft(), text(700_000), by=base.people["voisine"], **more)
    with pytest.raises(UploadError, match="quota-structure"):
        add(base, base.draft(), text(700_000), by=base.people["coordination"], **more)


def test_two_at_once_do_not_both_find_the_last_room(base: Base) -> None:
    who = base.person("Presse").id
    more: dict[str, Any] = {"by": who, "structure_id": None, "limits": Limits(quota=MB)}

    def one() -> str:
        try:
            add(base, base.draft(), text(600_000), **more)
        except UploadError as error:
            return error.code
        return "ok"

    assert sorted(at_once(one, one, one)) == ["ok", "quota-person", "quota-person"]


def test_reading_files_tells_the_log_of_each_published_resource(base: Base, tools: Tools) -> None:
    (made, ref), draft = with_file(base, b"Prendre rendez-vous " + text()), base.draft()
    add(base, draft, base.files.path(ref.sha).read_bytes())
    _, empty = with_file(base, b"  \n" + b" " * int(new_id().int % 5000))
    rev = base.resource(made.id).rev
    while base.rows(StoredFile, StoredFile.text_state == "waiting"):
        assert jobs.read_files(tools)
    assert base.get(StoredFile, empty.sha).text_state == "unreadable"
    assert base.resource(made.id).rev == rev, "its readers see nothing else than before"
    with base.site.sessions() as session:
        (said,) = services.texts(session, [ref.sha, empty.sha]).values()
        told = session.scalars(sa.select(Change.object_id).where(Change.kind == WORDS_KIND)).all()
    assert said.startswith("Prendre rendez-vous")
    assert made.id in told
    assert draft.id not in told
    assert jobs.read_files(tools) is None


def test_a_file_that_vanished_is_not_read_for_ever(base: Base, tools: Tools) -> None:
    ref = add(base, base.draft(), text())
    base.files.delete(ref.sha)
    while base.rows(StoredFile, StoredFile.text_state == "waiting"):
        jobs.read_files(tools)
    assert base.get(StoredFile, ref.sha).text_state == "unreadable"


def dropped(base: Base, sha: str) -> bool:
    return base.get(StoredFile, sha) is None and not base.files.has(sha)


def test_uses_that_nothing_names_are_dropped_after_a_week(base: Base, tools: Tools) -> None:
    draft = base.draft()
    ref, (_, named) = add(base, draft, text()), with_file(base, text())
    draft_with = base.draft()
    in_draft = add(base, draft_with, text())
    with base.site.sessions() as session:
        found = session.get_one(Resource, draft_with.id)
        content = base_services.working(session, found)
        block = Block("f", "apres", BlockKind.FICHIER, file=in_draft)
        base_services.save_draft(session, found, replace(content, blocks=(*content.blocks, block)), seen_rev=None,
                                 by=None, now=base.site.clock.now)  # fmt: skip
        session.commit()
    jobs.sweep(tools)
    assert not dropped(base, ref.sha), "its author may still be writing"
    base.site.clock.now += LONG_AGO
    jobs.sweep(tools)
    assert dropped(base, ref.sha)
    assert not dropped(base, named.sha)
    assert not dropped(base, in_draft.sha)


def test_a_block_that_was_put_aside_keeps_its_file(base: Base, tools: Tools) -> None:
    made = base.draft()
    ref = add(base, made, text())
    with base.site.sessions.begin() as session:
        put = {"blocks": [{"key": "f", "file": {"sha": ref.sha, "name": ref.name}}]}
        session.execute(sa.update(Resource).where(Resource.id == made.id).values(removed=put))
    base.site.clock.now += LONG_AGO
    jobs.sweep(tools)
    assert not dropped(base, ref.sha)


def test_what_is_written_or_brought_again_while_we_sweep_is_kept(base: Base) -> None:
    made = base.draft()
    content = text()
    ref, now = add(base, made, content), base.site.clock.now + LONG_AGO
    with base.site.sessions() as session:
        assert made.id in sweeping.quiet(session, now)
    base.site.clock.now = now
    add(base, made, content, now=now)
    with base.site.sessions.begin() as session:
        assert sweeping.drop_unnamed(session, made.id, now) == 0
    other = base.draft()
    add(base, other, content, now=now - LONG_AGO)
    with base.site.sessions.begin() as session:
        assert sweeping.drop_unnamed(session, other.id, now) == 0, "its draft is of today"
    assert len(base.rows(FileUse, FileUse.sha == ref.sha)) == 2


def test_a_merged_structure_takes_its_files_along(base: Base) -> None:
    here, there = base.places["ici"], base.places["ailleurs"]
    add(base, base.draft(), text(5_000), structure_id=there)
    with base.site.sessions() as session:
        before = services.left(session, None, here, 0)
        session.execute(sa.update(Structure).where(Structure.id == there).values(merged_into=here))
        assert services.left(session, None, here, 0) <= before - 5_000
        assert services.left(session, None, there, 0) == services.left(session, None, here, 0)
        session.rollback()


def test_no_text_is_read_when_only_the_rest_is_wanted(base: Base, tools: Tools) -> None:
    _, ref = with_file(base, b"Un texte " + text())
    with base.site.statements() as seen:
        while jobs.read_files(tools):
            pass
        jobs.sweep(tools)
        base.browser().get(f"/fichiers/{ref.sha}/{ref.name}")
    assert not [one for one in seen if one.startswith("SELECT") and "stored_file.text " in one.replace(",", " ")]


def test_a_version_keeps_its_files_though_the_next_one_has_none(base: Base, tools: Tools) -> None:
    made, ref = with_file(base, text())
    base.publish(made.id, a_tutorial())
    base.site.clock.now += LONG_AGO
    jobs.sweep(tools)
    assert not dropped(base, ref.sha)


def test_files_of_a_deleted_draft_go_at_once(base: Base, tools: Tools) -> None:
    made, other = base.draft(), base.draft()
    alone, shared = add(base, made, text()), text()
    both = add(base, made, shared)
    add(base, other, shared)
    assert jobs.forget_unused(tools) is None
    with base.site.sessions.begin() as session:
        session.execute(sa.delete(FileUse).where(FileUse.resource_id == made.id))
    assert jobs.forget_unused(tools) == "1 fichiers effacés"
    assert dropped(base, alone.sha)
    assert not base.files.has(alone.sha)
    assert base.files.has(both.sha)


def test_a_file_of_a_request_that_was_given_up_goes_after_an_hour(base: Base, tools: Tools) -> None:
    stored = base.files.put([text()])
    jobs.forget_orphans(tools)
    assert base.files.has(stored.sha)
    os.utime(base.files.path(stored.sha), (time.time() - 3700,) * 2)
    jobs.forget_orphans(tools)
    assert not base.files.has(stored.sha)


def test_a_file_without_row_goes_after_an_hour(base: Base, tools: Tools) -> None:
    stored, known = base.files.put([text()]), add(base, base.draft(), text())
    (base.files.temporary / "vieux").write_bytes(b"x")
    (base.files.temporary / "lecture-x").mkdir()
    for name in ("vieux", "lecture-x"):
        os.utime(base.files.temporary / name, (1, 1))
    age(base, known.sha)
    jobs.sweep(tools)
    assert base.files.has(stored.sha), "an upload that has not committed yet"
    age(base, stored.sha)
    jobs.sweep(tools)
    assert not base.files.has(stored.sha)
    assert base.files.has(known.sha)
    assert not list(base.files.temporary.iterdir())


def test_a_file_that_somebody_brings_again_meanwhile_is_not_deleted(base: Base) -> None:
    content = text()
    ref = add(base, base.draft(), content)
    age(base, ref.sha)
    with base.site.sessions() as session:
        assert not sweeping.delete_orphan(session, base.files, ref.sha)
        assert not sweeping.forget(session, base.files, ref.sha)
        session.rollback()
    assert base.files.has(ref.sha)


@pytest.fixture
def check(base: Base) -> Callable[..., tuple[int, str]]:
    def run(*options: str) -> tuple[int, str]:
        settings = base.site.settings
        environment = {"RESEAU_DATA_DIR": str(settings.data_dir), "RESEAU_DATABASE_URL": settings.database_url,
                       "RESEAU_SECRET": settings.secret}  # fmt: skip
        done = CliRunner().invoke(main, ["files", "check", *options], env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def test_check_says_what_is_wrong_and_repairs_what_can_be(
    base: Base, tools: Tools, check: Callable[..., tuple[int, str]]
) -> None:
    for row in base.rows(StoredFile):  # what the tests before have broken
        if not base.files.has(row.sha):
            with base.site.sessions.begin() as session:
                session.execute(sa.delete(FileUse).where(FileUse.sha == row.sha))
    check("--repair")
    assert check("--deep")[0] == 0
    _, picture = with_file(base, png(new_id().int % 500 + 20, 30), "a.png")
    made, lost = with_file(base, text())
    _, changed = with_file(base, text(1000))
    orphan = base.files.put([text()])
    while jobs.read_files(tools):
        pass
    age(base, orphan.sha)
    base.files.delete(lost.sha)
    base.files.path(changed.sha).write_bytes(b"x" * 1000)
    base.files.beside(picture.sha, SMALL).unlink()
    code, said = check("--deep")
    assert code == 1
    for sha in (lost.sha, changed.sha, orphan.sha):
        assert sha in said
    assert f"/tutoriels/{made.slug}" in said
    assert changed.sha not in check()[1]
    code, said = check("--repair", "--deep")
    assert (code, orphan.sha in said, lost.sha in said) == (1, False, True)
    assert not base.files.has(orphan.sha)
    jobs.read_files(tools)
    assert base.files.beside(picture.sha, SMALL).is_file()
    base.files.put([b"x"])
    for sha in (lost.sha, changed.sha):
        with base.site.sessions.begin() as session:
            session.execute(sa.delete(FileUse).where(FileUse.sha == sha))
            session.execute(sa.delete(StoredFile).where(StoredFile.sha == sha))
        base.files.delete(sha)
    assert check()[0] == 0
