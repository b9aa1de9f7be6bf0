"""Two registers, one place: what one of them takes back is no longer shown. Both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.directory.apply import Applier, Incoming
from reseau.directory.models import SourceRecord, Status, Structure
from reseau.directory.reproject import Projector, imported

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def apply(session: Session, source: str, *records: tuple[str, dict[str, Any]]) -> None:
    batch = [Incoming(id_, tuple(id_.split("__")), {}, {"nom": f"Lieu {id_}", **mapped}) for id_, mapped in records]
    Applier(session, source, ("cartographie", "finess"), NOW).apply(batch)
    session.commit()
    session.expire_all()


def named(session: Session, name: str) -> Structure:
    found = session.scalars(sa.select(Structure).where(Structure.nom == name)).one()
    session.commit()
    return found


@pytest.fixture
def shared(session: Session) -> Session:
    """A, and B that the other register knows too (a person joined the two, as a later room will let them)."""
    apply(session, "cartographie", ("A", {}), ("B", {"telephone": "+33320000001", "adresse": "1 rue de Lannoy"}))
    apply(session, "finess", ("F", {"adresse": "1 rue de Lannoy", "structure_parente": "CHU"}))
    place, alone = named(session, "Lieu B"), named(session, "Lieu F")
    session.execute(sa.update(SourceRecord).where(SourceRecord.source == "finess").values(structure_id=place.id))
    session.delete(alone)
    Projector(session, ("cartographie", "finess"), NOW).reproject([place.id], imported("finess"))
    session.commit()
    session.expire_all()
    return session


def test_the_place_of_two_registers_shows_both(shared: Session) -> None:
    place = named(shared, "Lieu B")
    assert (place.telephone, place.structure_parente) == ("+33320000001", "CHU")


def test_what_a_register_moves_elsewhere_leaves_the_place_that_the_other_still_knows(shared: Session) -> None:
    place = named(shared, "Lieu B").id
    before = changes.current_seq(shared)
    shared.commit()
    apply(shared, "cartographie", ("A__B", {"telephone": "+33320000001"}))
    left = shared.get_one(Structure, place)
    assert left.status == Status.ACTIVE, "the other register still stands for it"
    assert (left.nom, left.telephone, left.structure_parente) == ("Lieu F", None, "CHU")
    assert set(left.provenance["nom"].values()) >= {"finess"}
    assert place in {change.object_id for change in changes.changes_after(shared, before, 10)}, "and readers are told"
