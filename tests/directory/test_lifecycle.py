"""The life of a structure as a service, its rules under pressure, and what computes sheets again. Both engines."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from reseau.cli import main
from reseau.core import changes
from reseau.core.actors import Actor, Side
from reseau.directory import edits, lifecycle
from reseau.directory.apply import Applier, Incoming
from reseau.directory.commands import BATCH, recompute
from reseau.directory.models import Cause, FieldChange, Override, Status, Structure
from reseau.directory.reproject import Because
from reseau.settings import Settings

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOURCES = ("cartographie",)
TODAY = date(2026, 1, 5)


def because(cause: Cause) -> Because:
    return Because(cause, Actor(Side.COORDINATION))


def create(session: Session, **values: Any) -> UUID:
    id_ = lifecycle.create(session, values, because(Cause.CREATE), SOURCES, NOW)
    session.commit()
    return id_


def close(session: Session, id_: UUID) -> bool:
    done = lifecycle.close(session, id_, TODAY, "Fini", because(Cause.CLOSE), SOURCES, NOW)
    session.commit()
    return done


def merge(session: Session, kept: UUID, lost: UUID) -> None:
    lifecycle.merge(session, kept, lost, because(Cause.MERGE), SOURCES, NOW)
    session.commit()


def imported(session: Session, name: str, **mapped: Any) -> UUID:
    Applier(session, "cartographie", SOURCES, NOW).apply([Incoming(name, (name,), {}, {"nom": name, **mapped})])
    session.commit()
    return session.scalars(sa.select(Structure.id).where(Structure.nom == name)).one()


def row(session: Session, id_: UUID) -> Structure:
    session.expire_all()
    found = session.get_one(Structure, id_)
    session.expunge(found)
    session.commit()
    return found


def ops(session: Session, id_: UUID) -> list[tuple[str, int]]:
    found = sa.select(changes.Change.op, changes.Change.rev).where(changes.Change.object_id == id_)
    rows = [tuple(one) for one in session.execute(found.order_by(changes.Change.seq))]
    session.commit()
    return rows  # type: ignore[return-value]


# --- created ----------------------------------------------------------------------------------------------------


def test_a_structure_is_made_of_overrides_alone(session: Session) -> None:
    id_ = create(session, nom="Maison", commune="Roubaix", code_postal="59100", adresse="1 rue", services=[])
    made = row(session, id_)
    assert (made.nom, made.slug, made.code_insee, made.rev, made.origin) == ("Maison", "maison", "59512", 1, "")
    assert ops(session, id_) == [("publish", 1)]
    fields = set(session.scalars(sa.select(Override.field)))
    assert fields == {"nom", "adresse", "complement_adresse", "code_postal", "commune", "code_insee"}, "whole address"
    causes = {tuple(one) for one in session.execute(sa.select(FieldChange.cause, FieldChange.side))}
    assert causes == {("create", "coordination")}


def test_a_town_that_several_could_be_is_not_guessed(session: Session) -> None:
    assert row(session, create(session, nom="X", commune="Saint-Denis")).code_insee is None


@pytest.mark.parametrize("values", [{}, {"nom": ""}, {"nom": "  "}, {"nom": None}])
def test_it_needs_a_name(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(lifecycle.Nameless):
        lifecycle.create(session, values, because(Cause.CREATE), SOURCES, NOW)
    assert session.scalars(sa.select(Structure)).all() == []


def test_it_takes_known_fields_only(session: Session) -> None:
    with pytest.raises(edits.UnknownField):
        lifecycle.create(session, {"nom": "X", "status": "closed"}, because(Cause.CREATE), SOURCES, NOW)


# --- closed, opened again ---------------------------------------------------------------------------------------


def test_closed_and_opened_again(session: Session) -> None:
    id_ = imported(session, "Lieu")
    assert close(session, id_)
    assert not close(session, id_)
    closed = row(session, id_)
    assert (closed.status, closed.closed_on, closed.closed_reason, closed.rev) == ("closed", "2026-01-05", "Fini", 2)
    assert lifecycle.reopen(session, id_, because(Cause.REOPEN), SOURCES, NOW)
    assert not lifecycle.reopen(session, id_, because(Cause.REOPEN), SOURCES, NOW)
    session.commit()
    assert ops(session, id_) == [("publish", 1), ("withdraw", 2), ("publish", 3)]
    told = session.execute(sa.select(FieldChange.cause, FieldChange.after).order_by(FieldChange.id)).all()
    assert [tuple(one) for one in told] == [("close", {"v": "2026-01-05 – Fini"}), ("reopen", {"v": None})]


def test_what_is_not_there_cannot_be_closed(session: Session) -> None:
    with pytest.raises(LookupError):
        close(session, uuid4())


def test_edits_of_a_closed_place_are_kept_and_not_published(session: Session) -> None:
    id_ = imported(session, "Lieu")
    close(session, id_)
    edits.save(session, id_, {"telephone": "+33320000001"}, {}, because(Cause.EDIT), SOURCES, NOW)
    session.commit()
    assert row(session, id_).telephone == "+33320000001"
    assert [op for op, _ in ops(session, id_)] == ["publish", "withdraw"]


def test_closed_by_two_at_once_it_is_told_once(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        id_ = imported(session, "Lieu")
    done: list[bool] = []

    def run() -> None:
        with sessions() as session:
            done.append(close(session, id_))

    _together(run, run)
    assert sorted(done) == [False, True]
    with sessions() as session:
        assert [op for op, _ in ops(session, id_)] == ["publish", "withdraw"]


# --- joined -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "lost", "code"),
    [("a", "a", "same"), ("a", "rien", "gone"), ("rien", "a", "gone"), ("uni", "a", "gone"), ("a", "uni", "gone"),
     ("ferme", "a", "closed")],
)  # fmt: skip
def test_what_cannot_be_joined(session: Session, kept: str, lost: str, code: str) -> None:
    places = {name: imported(session, name) for name in ("a", "b", "uni", "ferme")} | {"rien": uuid4()}
    merge(session, places["b"], places["uni"])
    close(session, places["ferme"])
    with pytest.raises(lifecycle.NotMergeable) as error:
        merge(session, places[kept], places[lost])
    session.rollback()
    assert error.value.code == code
    assert row(session, places["a"]).status == Status.ACTIVE


def test_half_an_address_never_moves(session: Session) -> None:
    """A street of one person beside the town of another would be a place that does not exist."""
    kept, lost = imported(session, "A", commune="Roubaix"), imported(session, "B", commune="Lille")
    for id_, values in ((kept, {"adresse": "1 rue A"}), (lost, {"adresse": "2 rue B", "complement_adresse": "cour"})):
        edits.save(session, id_, values, {}, because(Cause.EDIT), SOURCES, NOW)
    merge(session, kept, lost)
    now = row(session, kept)
    assert (now.adresse, now.complement_adresse, now.commune) == ("1 rue A", None, "Roubaix")


def test_the_territory_follows(session: Session) -> None:
    kept, lost = imported(session, "A"), imported(session, "B")
    assert lifecycle.set_territory(session, [lost, lost, uuid4()], inside=True) == [lost]
    assert lifecycle.set_territory(session, [lost], inside=True) == []
    merge(session, kept, lost)
    assert row(session, kept).in_territory


def test_rings_of_merges_at_once_leave_one_place(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        a, b, c = (imported(session, name) for name in "ABC")
    refused: list[str] = []

    def run(kept: UUID, lost: UUID) -> None:
        with sessions() as session:
            try:
                merge(session, kept, lost)
            except lifecycle.NotMergeable as error:
                refused.append(error.code)

    _together(*(lambda pair=pair: run(*pair) for pair in ((a, b), (b, c), (c, a))))
    with sessions() as session:
        rows = {id_: row(session, id_) for id_ in (a, b, c)}
    active = [id_ for id_, one in rows.items() if one.status == Status.ACTIVE]
    assert len(active) == 1 + len([code for code in refused if code == "gone"]) - 1
    for one in rows.values():
        assert one.merged_into is None or rows[one.merged_into].status == Status.ACTIVE, "one step leads to the place"


def _together(*runs: Any) -> None:
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- computed again ---------------------------------------------------------------------------------------------


def test_sheets_are_computed_again_in_batches(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        names = [f"L{n:04}" for n in range(BATCH + 2)]
        batch = [Incoming(name, (name,), {}, {"nom": name}) for name in names]
        Applier(session, "cartographie", SOURCES, NOW).apply(batch)
        session.commit()
        kept, lost = imported(session, "L0000"), imported(session, "L0001")
        merge(session, kept, lost)
        session.execute(sa.update(Structure).values(quality=-1))
        session.commit()
    told: list[int] = []
    assert recompute(sessions, SOURCES, NOW, missing_only=True, progress=told.append) == (BATCH + 1, BATCH + 1)
    assert told == [BATCH, BATCH + 1]
    assert recompute(sessions, SOURCES, NOW, missing_only=True) == (0, 0)
    assert recompute(sessions, SOURCES, NOW) == (BATCH + 1, 0), "nothing changes twice"
    with sessions() as session:
        left = session.scalars(sa.select(Structure.id).where(Structure.quality < 0)).all()
    assert left == [lost], "a signpost has no quality"


def test_the_command_and_init_compute_what_is_missing(
    sessions: sessionmaker[Any], settings: Settings, database_url: str
) -> None:
    with sessions() as session:
        id_ = imported(session, "Lieu")
        session.execute(sa.update(Structure).values(quality=-1))
        session.commit()
    folder = str(settings.data_dir)
    environment = {"RESEAU_DATA_DIR": folder, "RESEAU_DATABASE_URL": database_url, "RESEAU_SECRET": settings.secret}
    said = [CliRunner().invoke(main, [command], env=environment).output for command in ("init", "init", "reproject")]
    assert ["Fiches calculées : 1" in text for text in said] == [True, False, True], said
    assert "changées : 0" in said[2]
    with sessions() as session:
        assert row(session, id_).quality >= 0
