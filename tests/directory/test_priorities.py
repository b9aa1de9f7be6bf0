"""The order of sources: where it comes from, what a new one changes, and only that."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.directory import priorities
from reseau.directory.apply import Applier, Incoming
from reseau.directory.models import FieldChange, SourceRank, SourceRecord, Structure

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SETTING = ("cartographie",)


def place(session: Session, name: str, **theirs: str) -> UUID:
    """A place of the cartography (telephone 03 20 00 00 01); ``theirs``: source → the telephone that it says."""
    fields = {"nom": name, "commune": "Roubaix", "code_insee": "59512", "telephone": "+33320000001"}
    Applier(session, "cartographie", SETTING, NOW).apply([Incoming(name, (name,), {}, fields)])
    id_ = session.scalars(sa.select(Structure.id).where(Structure.nom == name)).one()
    for source, phone in theirs.items():
        more = {"raw": {}, "first_seen": NOW, "last_seen": NOW, "digest": ""}
        columns = {column.key for column in sa.inspect(SourceRecord).columns}
        session.add(
            SourceRecord(
                structure_id=id_, source=source, source_id=name, mapped={**fields, "telephone": phone},
                **{key: value for key, value in more.items() if key in columns},
            )
        )  # fmt: skip
    session.flush()
    return id_


def phone(session: Session, id_: UUID) -> str | None:
    return session.scalar(sa.select(Structure.telephone).where(Structure.id == id_))


def test_without_a_row_the_setting_is_the_order(session: Session) -> None:
    assert priorities.order(session, ("cartographie", "finess")) == ("cartographie", "finess")


def test_rows_come_first_then_the_setting(session: Session) -> None:
    session.add_all([SourceRank(source="b", position=1), SourceRank(source="a", position=0)])
    session.flush()
    assert priorities.order(session, ("cartographie", "b")) == ("a", "b", "cartographie")


def test_a_new_order_says_which_sources_moved(session: Session) -> None:
    assert priorities.set_order(session, ["cartographie", "a", "b"], SETTING) == frozenset()
    assert priorities.set_order(session, ["cartographie", "b", "a"], SETTING) == {"a", "b"}
    assert priorities.order(session, SETTING) == ("cartographie", "b", "a")
    assert priorities.pending(session) == {"a", "b"}
    assert priorities.set_order(session, ["b", "a", "cartographie"], SETTING) == {"a", "b", "cartographie"}


def test_a_source_twice_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="twice"):
        priorities.set_order(session, ["a", "a"], SETTING)


def test_only_sheets_that_two_sources_know_are_computed_again(session: Session) -> None:
    both = place(session, "Deux", tableur="+33320000002")
    alone = place(session, "Une")
    moved = priorities.set_order(session, ["tableur", "cartographie"], SETTING)
    assert moved == {"tableur", "cartographie"}
    assert priorities.due(session, moved) == 1
    assert priorities.compute(session, moved, priorities.order(session, SETTING), NOW) == 1
    session.expire_all()
    assert (phone(session, both), phone(session, alone)) == ("+33320000002", "+33320000001")
    assert priorities.pending(session) == frozenset()
    told = session.scalars(
        sa.select(FieldChange).where(FieldChange.structure_id == both, FieldChange.field != "")
    ).all()
    assert [(row.field, row.before["v"], row.after["v"], row.cause) for row in told] == [
        ("telephone", "+33320000001", "+33320000002", "rules")
    ]
    assert priorities.compute(session, moved, priorities.order(session, SETTING), NOW) == 0  # twice is once


def test_sources_that_did_not_move_concern_no_sheet(session: Session) -> None:
    place(session, "Deux", tableur="+33320000002")
    moved = priorities.set_order(session, ["cartographie", "tableur", "z", "y"], SETTING)
    assert moved == {"y", "z"}
    assert priorities.due(session, moved) == 0


def test_batches_read_all_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priorities, "BATCH", 2)
    ids = {place(session, f"Lieu {n}", tableur="+33320000002") for n in range(5)}
    batches = list(priorities.batches(session, frozenset({"tableur"})))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert {id_ for batch in batches for id_ in batch} == ids
