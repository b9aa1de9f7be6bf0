"""What went wrong once: options lost, decisions of yesterday, witnesses that are none, rows that stay. Both engines."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from importers import commands, conducting, sentences
from importers.conducting import Conducting, conduct
from importers.models import ImportReject, ImportRun, ImportSource
from importers.pipeline import Fetched, Held, Options, Refused, guard, keeping
from importers.pipeline.runs import Runs
from importers.schedule import showing, sources, working
from importers.schedule.jobs import purge
from importers.targets.structures import Structures
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.core.mail import Mail
from reseau.directory.models import SourceRecord, Structure
from tests.directory.site import row
from tests.importers.test_conducting import TEN, file, runs, source, tools  # noqa: F401 (fixtures)
from tests.people import person

DAY = timedelta(days=1)


def fresh(session: Session, name: str = "region") -> ImportSource:
    session.commit()
    session.expire_all()
    found = session.scalars(sa.select(ImportSource).where(ImportSource.name == name)).one()
    session.commit()
    session.refresh(found)
    session.commit()
    return found


def typed(tools: Conducting, *words: str) -> Any:  # noqa: F811
    app = SimpleNamespace(engine=tools.engine, settings=tools.settings)
    return CliRunner().invoke(commands.import_, list(words), obj=app)


def hold(tools: Conducting, file: Any) -> UUID:  # noqa: F811
    conduct(tools, "region")
    file([TEN[0] | {"telephone": "0320815757"}, *TEN[1:6]])
    with pytest.raises(Held) as held:
        conduct(tools, "region")
    assert held.value.run_id
    return held.value.run_id


def absent_runs(session: Session) -> int:
    session.commit()
    found: int = session.scalars(sa.select(sa.func.max(SourceRecord.absent_runs))).one()
    session.commit()
    return found


@pytest.mark.usefixtures("source")
def test_a_flag_alone_keeps_what_the_source_says(tools: Conducting, session: Session, file: Any) -> None:  # noqa: F811
    lyon = row("Zed", nom="Zed Lyon", commune="Lyon", code_postal="69001", code_insee="69381")
    file([*TEN, lyon])
    for words in ((), ("--force",), ("--complet",), ("--dry-run", "--force")):
        assert typed(tools, "region", *words).exit_code == 0
    assert {str(run.options["territory"]) for run in runs(session)} == {"['59512']"}
    assert [run.options["complete"] for run in runs(session)] == [True] * 3
    assert session.scalars(sa.select(sa.func.count()).select_from(Structure)).one() == 10


@pytest.mark.usefixtures("source")
def test_a_decision_is_not_tried(tools: Conducting, session: Session, file: Any) -> None:  # noqa: F811
    held = hold(tools, file)
    for what in ("accept", "drop"):
        said = typed(tools, what, str(held), "--dry-run")
        assert (said.exit_code, "ne s'essaie pas" in said.output) == (2, True)
    assert typed(tools, "replay", str(held), "--complet").exit_code == 2
    assert runs(session)[1].state == "held"


@pytest.mark.usefixtures("source")
def test_an_accepted_schema_sticks_and_a_replay_changes_nothing_of_the_source(
    tools: Conducting, session: Session, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    conduct(tools, "region")
    path = tmp_path / "f.csv"
    other = path.read_text(encoding="utf-8").replace("telephone", "appel", 1)
    path.write_text(other, encoding="utf-8")
    with pytest.raises(Held) as held:
        conduct(tools, "region")
    assert held.value.run_id
    conducting.accept(tools, held.value.run_id)
    path.write_text(other.replace("Alpha services", "Alpha bis"), encoding="utf-8")
    assert conduct(tools, "region").updated == 1
    path.unlink()
    with pytest.raises(Refused):
        conduct(tools, "region")
    before = {name: getattr(fresh(session), name) for name in ("failures", "last_good_at", "etag", "digest", "facts")}
    assert before["failures"] == 1
    tools.clock.now += 10 * DAY  # type: ignore[attr-defined]
    conducting.replay(tools, runs(session)[0].id)
    assert {name: getattr(fresh(session), name) for name in before} == before


@pytest.mark.usefixtures("source")
def test_what_was_held_before_a_newer_run_is_not_applied_any_more(
    tools: Conducting, session: Session, file: Any  # noqa: F811
) -> None:  # fmt: skip
    held = hold(tools, file)
    assert conducting.approve(session, held, None, tools.clock())
    session.commit()
    file([TEN[0] | {"telephone": "0320151515"}, *TEN[1:]])
    conduct(tools, "region")
    with pytest.raises(Refused, match="plus-recent") as refused:
        conducting.accept(tools, held)
    assert sentences.refusal(refused.value).startswith("Un import plus récent")
    assert session.scalars(sa.select(Structure.telephone).where(Structure.nom == "Alpha services")).one() == (
        "+33320151515"
    )
    session.commit()
    assert (runs(session)[1].state, conducting.accepted(session)) == ("dropped", [])


@pytest.mark.usefixtures("source")
def test_a_replay_is_no_witness_and_nothing_new_is_one_a_day(
    tools: Conducting, session: Session, file: Any  # noqa: F811
) -> None:  # fmt: skip
    conduct(tools, "region")
    file(TEN[:9])
    tools.clock.now += DAY  # type: ignore[attr-defined]
    conduct(tools, "region")
    for _ in range(2):
        conducting.replay(tools, runs(session)[1].id)
        assert conduct(tools, "region").same
    assert absent_runs(session) == 1, "of the same day"
    tools.clock.now += 8 * DAY  # type: ignore[attr-defined]
    conducting.replay(tools, runs(session)[1].id)
    assert absent_runs(session) == 1
    assert (conduct(tools, "region").archived, absent_runs(session)) == (0, 2)
    assert conduct(tools, "region").same
    assert absent_runs(session) == 2
    tools.clock.now += DAY  # type: ignore[attr-defined]
    third = conduct(tools, "region")
    assert (third.same, third.archived, absent_runs(session)) == (True, 1, 3)
    run = runs(session)[-1]
    assert (run.state, run.summary["archived"], showing.meaning(run)) == ("same", 1, "L’import est allé jusqu’au bout.")
    tools.clock.now += DAY  # type: ignore[attr-defined]
    assert (conduct(tools, "region").archived, absent_runs(session)) == (0, 3)


@pytest.mark.usefixtures("source")
def test_an_accepted_run_that_breaks_is_settled_and_told(
    tools: Conducting, session: Session, file: Any, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    held = hold(tools, file)
    person(session, "coordination", roles=["coordinator"], now=tools.clock())
    session.execute(sa.update(ImportSource).values(enabled=True, failures=2))
    conducting.approve(session, held, None, tools.clock())
    session.commit()

    def boom(*_args: Any) -> None:
        raise ValueError("x")

    monkeypatch.setattr(Structures, "apply", boom)
    assert [end.code for end in working.work(tools)] == [1]
    now = fresh(session)
    assert (now.failures, runs(session)[1].state) == (3, "failed")
    assert now.next_at is not None
    assert now.next_at > tools.clock()
    assert [mail.kind for mail in session.scalars(sa.select(Mail))] == ["source-en-panne"]


@pytest.mark.usefixtures("source")
def test_a_run_that_ends_before_it_is_resumed_is_no_failure(
    tools: Conducting, session: Session, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    conduct(tools, "region")
    session.execute(sa.update(ImportRun).values(state="running"))
    session.commit()
    resume = conducting.resume

    def late(with_: Conducting, id_: UUID) -> Any:
        with tools.factory.begin() as other:
            other.execute(sa.update(ImportRun).values(state="done"))
        return resume(with_, id_)

    monkeypatch.setattr(conducting, "resume", late)
    assert list(working.work(tools)) == []
    assert fresh(session).failures == 0


def test_an_address_that_changed_meanwhile_is_not_remembered_as_read(
    tools: Conducting, session: Session, source: ImportSource  # noqa: F811
) -> None:  # fmt: skip
    at = tools.clock()
    session.execute(sa.update(ImportSource).values(enabled=True, next_at=at - DAY))
    session.commit()

    def meanwhile(_rows: int) -> None:
        with tools.factory.begin() as other:
            row_ = other.get_one(ImportSource, source.id)
            row_.location, row_.etag, row_.digest, row_.next_at = "/autre.csv", None, None, at + 5 * DAY
            assert sources.ask_now(other, row_, at)

    assert [end.code for end in working.work(dataclasses.replace(tools, progress=meanwhile))] == [0]
    now = fresh(session)
    assert (now.location, now.digest, now.etag, now.next_at, now.last_good_at) == ("/autre.csv", None, None, at, at)
    assert not now.facts.get("columns")


@pytest.mark.usefixtures("source")
def test_asked_for_by_a_person_also_when_it_is_on(tools: Conducting, session: Session) -> None:  # noqa: F811
    session.execute(sa.update(ImportSource).values(enabled=True, next_at=tools.clock() + DAY))
    session.commit()
    assert sources.ask_now(session, fresh(session), tools.clock())
    session.commit()
    list(working.work(tools))
    tools.clock.now += 3 * DAY  # type: ignore[attr-defined]
    list(working.work(tools))
    assert [run.trigger for run in runs(session)] == ["button", "schedule"]


@pytest.mark.usefixtures("source")
def test_killed_while_it_is_held_it_has_no_reject_twice(
    tools: Conducting, session: Session, file: Any, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    conduct(tools, "region")
    file([*TEN, *(row(f"B{n}", nom="") for n in range(15))])

    def die(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Runs, "_supersede", die)
        killed.setattr(Runs, "fail", lambda *_args: None)
        with pytest.raises(KeyboardInterrupt):
            conduct(tools, "region")
    with pytest.raises(Held):
        conduct(tools, "region")
    assert session.scalars(sa.select(sa.func.count()).select_from(ImportReject)).one() == 15


def test_a_territory_that_means_nothing_is_a_refused_run(
    tools: Conducting, session: Session, source: ImportSource  # noqa: F811
) -> None:  # fmt: skip
    source.territory = ["59999", "59512"]
    session.commit()
    with pytest.raises(Refused) as refused:
        conduct(tools, "region")
    assert (refused.value.code, refused.value.details) == ("territoire-inconnu", {"codes": "59999"})
    (run,) = runs(session)
    assert (run.state, run.error, "59999" in showing.why(run)) == ("refused", "territoire-inconnu", True)
    assert fresh(session).failures == 1


@pytest.mark.usefixtures("source")
def test_a_file_given_by_hand_is_a_good_reading_but_nothing_of_the_address(
    tools: Conducting, session: Session, file: Any  # noqa: F811
) -> None:  # fmt: skip
    summary = conduct(tools, "region", file(TEN[:3], "autre.csv"), Options())
    now = fresh(session)
    assert (now.last_good_at, now.last_run_id, now.digest) == (tools.clock(), summary.run_id, None)
    with pytest.raises(Refused):
        conduct(tools, "region", "nulle/part.csv", Options())
    assert fresh(session).failures == 0


def test_pages_show_no_secret_and_no_folder() -> None:
    for name in ("token", "api_key", "cle", "access_token"):
        assert showing.address(f"https://a.fr/x.csv?{name}=hush&y=1") == f"https://a.fr/x.csv?{name}=…&y=1"
    assert showing.address("/srv/reseau/secret/f.csv") == "f.csv"
    run = ImportRun(source="a", location="", error="absent", error_detail={"path": "/srv/reseau/f.csv"})
    assert showing.why(run) == "Le fichier « f.csv » n’existe pas ou ne peut pas être lu."


class _Web:
    """An asker that has what it has on the disk."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content

    def __enter__(self) -> _Web:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def download(self, _where: Any, folder: Path) -> Fetched:
        for name in ("a.part", "a.json", "whole", "lost.json"):
            (folder / name).write_bytes(b"x")
        if self.content is None:
            raise Refused("telechargement", error="coupé")
        (folder / "whole").write_bytes(self.content)
        return Fetched(folder / "whole")


@pytest.mark.parametrize(("content", "left"), [(b"<html>", set()), (None, {"a.part", "a.json"})])
def test_of_a_download_only_what_serves_to_go_on_stays(
    tools: Conducting, content: bytes | None, left: set[str]  # noqa: F811
) -> None:  # fmt: skip
    made = dataclasses.replace(tools, asker=lambda _pace: _Web(content))  # type: ignore[arg-type,return-value]
    with pytest.raises(Refused):
        conduct(made, "cartographie", "https://a.fr/x.csv")
    assert {path.name for path in tools.folder.rglob("*") if path.is_file() and path.suffix != ".gz"} == left


def test_old_runs_go_but_for_those_that_serve(tools: Conducting, session: Session) -> None:  # noqa: F811
    old, now = tools.clock() - 200 * DAY, tools.clock()
    ids = [new_id() for _ in range(66)]
    for n, id_ in enumerate(ids):
        state = {0: "held", 1: "same", 2: "done", 3: "running"}.get(n, "refused")
        raw = None if n == 4 else f"{64 if n == 5 else n:064x}"
        at = now if n == 65 else old + n * timedelta(hours=1)
        session.add(ImportRun(id=id_, source="a", location="", state=state, raw=raw, started_at=at))
    session.flush()
    reject = {"row_number": 1, "reason": "x", "value": ""}
    session.add_all([ImportReject(run_id=ids[4], **reject), ImportReject(run_id=ids[5], **reject)])
    session.commit()
    said = purge(Tools(tools.factory, tools.settings, tools.clock, lambda: False))
    assert said == "effacés : 2, fichiers : 0", (
        "of the six that are not among the last sixty; what one of them gave is kept"
    )
    left = {run.id for run in runs(session)}
    assert set(ids) - left == {ids[1], ids[4]}
    assert session.scalars(sa.select(ImportReject.run_id)).all() == [ids[5]]


def test_raw_files_of_the_last_runs_only_are_of_use(tools: Conducting, session: Session) -> None:  # noqa: F811
    for n in range(70):
        at = tools.clock() + n * timedelta(hours=1)
        raw = "a" * 64 if n == 0 else "b" * 64
        session.add(ImportRun(source="a", location="", state="done", raw=raw, started_at=at))
    session.commit()
    assert keeping.kept(session) == {"b" * 64}


@pytest.mark.parametrize(("kind", "held"), [("structure", True), ("watch", False), ("event", False)])
def test_odd_entries_of_a_feed_or_a_calendar_hold_nothing(kind: str, held: bool) -> None:
    assert bool(guard.too_many_rejects(guard.Figures(rows=30, rejected=10), kind)) is held
