"""What a register says enters the directory: match by parts, create, update, merge, log. Both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from reseau.core import changes
from reseau.core.db import ReseauSession
from reseau.directory import absences
from reseau.directory.apply import Applier, Incoming
from reseau.directory.models import Override, SourcePart, SourceRecord, Status, Structure

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def incoming(*parts: str, **mapped: Any) -> Incoming:
    record = {"nom": f"Lieu {parts[0]}", "date_maj": "2024-01-01", "code_insee": "59512", **mapped}
    return Incoming("__".join(parts), tuple(sorted(parts)), {"id": "__".join(parts)}, record)


@pytest.fixture
def apply(sessions: sessionmaker[ReseauSession]):
    def run(*batch: Incoming, source: str = "cartographie") -> Counter[str]:
        with sessions() as session:
            outcome = Applier(session, source, ("cartographie",), NOW).apply(batch)
            session.commit()
        return outcome

    return run


def all_of(session: Session, model: Any) -> Sequence[Any]:
    found = session.scalars(sa.select(model).order_by(model.id), execution_options={"populate_existing": True}).all()
    session.commit()  # the next import must not wait for this session
    return found


def log(session: Session) -> list[tuple[str, int]]:
    rows = [(row.op, row.rev) for row in changes.changes_after(session, 0, 100)]
    session.commit()
    return rows


def override(session: Session, structure: Structure, field: str, value: Any) -> None:
    session.add(
        Override(
            structure_id=structure.id,
            field=field,
            value={"v": value},
            source_value={"v": None},
            source_now={"v": None},
            side="lieu",
        )
    )
    session.commit()


def test_new_records_make_structures_and_log_them(apply, session: Session) -> None:
    outcome = apply(
        incoming("A"), incoming("B", nom="Le Fil de l'Épeule", horaires="Mo-Fr 09:00-20:00; Sa 10:00-12:00")
    )
    assert outcome == {"created": 2}
    first, second = all_of(session, Structure)
    assert (first.slug, first.rev, first.opens_evening) == ("lieu-a", 1, False)
    assert (second.slug, second.opens_evening, second.opens_weekend) == ("le-fil-de-l-epeule", True, True)
    assert second.provenance["nom"]["date"] == "2024-01-01"
    assert log(session) == [("publish", 1), ("publish", 1)]


def test_the_same_again_changes_nothing(apply, session: Session) -> None:
    apply(incoming("A"))
    assert apply(incoming("A")) == {"unchanged": 1}
    assert log(session) == [("publish", 1)]


def test_a_changed_record_updates_its_structure_only(apply, session: Session) -> None:
    apply(incoming("A"), incoming("B"))
    assert apply(incoming("A", telephone="+33320000001"), incoming("B")) == {"updated": 1, "unchanged": 1}
    first, second = all_of(session, Structure)
    assert (first.telephone, first.rev, second.rev) == ("+33320000001", 2, 1)
    assert log(session)[2:] == [("update", 2)]


def test_a_regrouped_id_keeps_its_structure(apply, session: Session) -> None:
    apply(incoming("A"))
    structure = all_of(session, Structure)[0].id
    apply(incoming("A", "B"))
    apply(incoming("B"))
    assert [s.id for s in all_of(session, Structure)] == [structure]
    assert session.scalars(sa.select(SourcePart.part)).all() == ["B"]


def test_a_part_that_leaves_becomes_a_place_of_its_own_and_stays_so(apply, session: Session) -> None:
    apply(incoming("A", "B"))
    assert apply(incoming("A"), incoming("B")) == {"updated": 1, "created": 1}
    assert apply(incoming("A"), incoming("B")) == {"unchanged": 2}


def test_two_places_that_become_one_lose_neither_address_nor_edit(apply, session: Session) -> None:
    apply(incoming("A"), incoming("B"))
    kept, lost = all_of(session, Structure)
    override(session, kept, "telephone", "+33320000001")
    override(session, lost, "telephone", "+33320000002")
    override(session, lost, "adresse", "1 rue de Lannoy")
    assert apply(incoming("A", "B", nom="Ensemble")) == {"merged": 1, "updated": 1}
    kept, lost = all_of(session, Structure)
    assert (lost.status, lost.merged_into) == (Status.MERGED, kept.id)
    newest = "+33320000002"
    assert (kept.nom, kept.telephone, kept.adresse) == ("Ensemble", newest, "1 rue de Lannoy")
    assert ("withdraw", 2) in log(session)
    assert len(all_of(session, SourceRecord)) == 1


def test_overrides_survive_imports(apply, session: Session) -> None:
    apply(incoming("A", telephone="+33320000001"))
    override(session, all_of(session, Structure)[0], "telephone", "+33320000009")
    apply(incoming("A", telephone="+33320000002", adresse="2 rue neuve"))
    structure = all_of(session, Structure)[0]
    assert (structure.telephone, structure.adresse) == ("+33320000009", "2 rue neuve")
    assert all_of(session, SourceRecord)[0].mapped["telephone"] == "+33320000002", "the source's word is kept too"


def test_an_id_means_something_only_inside_its_source(apply, session: Session) -> None:
    apply(incoming("A"))
    assert apply(incoming("A"), source="finess") == {"created": 1}


def test_absent_from_a_complete_file_is_marked_not_removed_and_comes_back(apply, session: Session) -> None:
    apply(incoming("A"), incoming("B"), incoming("C", code_insee="59350"))
    apply(incoming("A"))
    for newly in (1, 0):
        here = frozenset({"59512"})
        assert absences.mark(session, "cartographie", {"A"}, here, ("cartographie",), NOW)["absent"] == newly
        session.commit()
    records = {r.source_id: r.not_seen_since for r in all_of(session, SourceRecord)}
    assert records == {"A": None, "B": NOW, "C": None}
    assert all(s.status == Status.ACTIVE for s in all_of(session, Structure))
    assert apply(incoming("B")) == {"unchanged": 1}
    assert all(r.not_seen_since is None for r in all_of(session, SourceRecord))


def test_a_batch_costs_the_same_statements_whatever_its_size(apply, engine: sa.Engine) -> None:
    counts = []
    for size in (10, 200):
        statements: list[str] = []
        sa.event.listen(engine, "before_cursor_execute", lambda *a, s=statements: s.append(a[2]))
        apply(*(incoming(f"{size}-{n}") for n in range(size)))
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 2
