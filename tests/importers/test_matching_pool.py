"""What an import keeps of the places that it may meet: always what the database says, and read once. Both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.matching import matcher
from importers.matching.pool import CROWD, Pool
from importers.matching.reading import Place, read_place
from importers.pipeline.contract import How
from importers.targets.structures import Structures
from reseau.core.ids import new_id
from reseau.directory.apply import Incoming
from reseau.directory.merging import absorb
from reseau.directory.models import SourceRecord, Structure
from reseau.directory.reproject import imported

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SOURCES = ("cartographie",)
CCAS = {
    "nom": "CCAS de Roubaix", "adresse": "9 rue Pellart", "commune": "Roubaix", "code_insee": "59512",
    "telephone": "+33320815757", "latitude": 50.69, "longitude": 3.18, "date_maj": "2024-01-01",
}  # fmt: skip
VEIL = {"nom": "Espace Simone Veil", "adresse": "40 rue du Fort", "telephone": None, "date_maj": "2025-01-01"}
ELDERS = {"nom": "Maison des aînés", "adresse": "3 rue Neuve", "telephone": None}
Run = Callable[..., Counter[str]]


def item(id_: str, **fields: Any) -> Incoming:
    return Incoming(id_, tuple(id_.split("__")), {}, {**CCAS, **fields})


def place(number: int, **fields: Any) -> Place:
    return read_place(UUID(int=number), {**CCAS, **fields})


@pytest.fixture
def importer(sessions: sessionmaker[Any]) -> Callable[[], Run]:
    """Makes imports that each keep what they have read, as two processes do."""

    def make() -> Run:
        target = Structures()

        def batch(*items: Incoming, kept: bool = True, run: UUID | None = None) -> Counter[str]:
            with sessions() as session:
                counts = target.apply(session, How("cartographie", SOURCES, NOW, run), items)
                if kept:
                    session.commit()
                else:
                    session.rollback()
            return +counts

        return batch

    return make


@contextmanager
def told(engine: sa.Engine) -> Iterator[list[tuple[str, int]]]:
    """Statements that an engine is given, with the number of values of each."""
    found: list[tuple[str, int]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found.append((statement, len(values)))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_what_others_write_while_an_import_runs_is_seen(importer: Callable[[], Run]) -> None:
    """It is in the log."""
    ours, theirs = importer(), importer()
    ours(item("SIILAB_1"))
    assert ours(item("SIILAB_9", **ELDERS)) == {"created": 1}, "the town is read, and followed from now on"
    theirs(item("SIILAB_1", **VEIL), item("SIILAB_3", nom="Bourse du travail", adresse="1 rue Foch", telephone=None))
    assert ours(item("dora_2")) == {"created": 1}, "there is none at that address any more"
    assert ours(item("dora_4", **VEIL), item("dora_5", nom="Bourse du travail", adresse="1 rue Foch")) == {"linked": 2}


def test_what_the_transaction_has_written_is_seen_before_it_is_logged(importer: Callable[[], Run]) -> None:
    ours = importer()
    ours(item("SIILAB_1"))
    ours(item("SIILAB_9", **ELDERS))
    assert ours(item("SIILAB_1", **VEIL), item("dora_2", **VEIL), item("dora_3")) == {
        "updated": 1, "linked": 1, "created": 1,
    }  # fmt: skip


@pytest.mark.parametrize("read", [True, False], ids=["town known", "town new"])
def test_what_is_rolled_back_is_as_if_it_had_never_been(importer: Callable[[], Run], read: bool) -> None:
    """A trial, a held run that is looked at: batches that are made and taken away again."""
    ours, before = importer(), importer()
    before(item("SIILAB_1"))
    if read:
        ours(item("SIILAB_9", **ELDERS))
    trial = (item("SIILAB_1", **VEIL), item("dora_2", nom="Bourse du travail", adresse="1 rue Foch", telephone=None))
    assert ours(*trial, kept=False) == {"updated": 1, "created": 1}
    assert ours(item("Coop_3"), kept=False) == {"linked": 1}, "it is where it was"
    assert ours(item("Coop_4", **VEIL), kept=False) == {"created": 1}
    assert ours(item("Coop_5", nom="Bourse du travail", adresse="1 rue Foch"), kept=False) == {"created": 1}
    assert ours(*trial) == {"updated": 1, "created": 1}
    assert ours(item("Coop_4", **VEIL)) == {"linked": 1}


def test_of_two_writings_of_one_revision_the_one_that_stayed_counts(importer: Callable[[], Run]) -> None:
    ours, theirs = importer(), importer()
    ours(item("SIILAB_1"))
    ours(item("SIILAB_9", **ELDERS))
    assert ours(item("SIILAB_1", **VEIL), item("dora_8"), kept=False) == {"updated": 1, "created": 1}
    theirs(item("SIILAB_1", nom="Bourse du travail", adresse="1 rue Foch", telephone=None, date_maj="2025-01-01"))
    assert ours(item("dora_2", **VEIL)) == {"created": 1}
    assert ours(item("dora_3", nom="Bourse du travail", adresse="1 rue Foch", telephone=None)) == {"linked": 1}


def test_a_place_that_moves_is_looked_for_where_it_is(importer: Callable[[], Run]) -> None:
    ours, theirs = importer(), importer()
    there = {"code_insee": "59599", "commune": "Tourcoing", "date_maj": "2025-01-01"}
    ours(item("SIILAB_1"))
    ours(item("SIILAB_8", **ELDERS), item("SIILAB_9", **ELDERS | there))
    theirs(item("SIILAB_1", **there))
    assert ours(item("dora_2"), item("dora_3", **there)) == {"created": 1, "linked": 1}
    away = {"code_insee": "59378", "commune": "Mouvaux", "date_maj": "2025-01-02"}
    theirs(item("SIILAB_1", **away), item("dora_3", **away))
    assert ours(item("Coop_4", **there)) == {"created": 1}
    assert ours(item("Coop_5", **away)) == {"linked": 1}, "a town that nobody had asked for yet"


def test_a_place_that_is_merged_is_found_under_the_one_that_stays(
    importer: Callable[[], Run], session: Session
) -> None:
    ours = importer()
    ours(item("SIILAB_1"), item("SIILAB_9", **ELDERS))
    ours(item("SIILAB_8", **VEIL))
    first, second = session.scalars(sa.select(Structure.id).order_by(Structure.id).limit(2)).all()
    absorb(session, second, first, imported("cartographie"), NOW)
    session.commit()
    assert ours(item("dora_2"), item("dora_3", **ELDERS)) == {"created": 1, "linked": 1}
    homes = dict(session.execute(sa.select(SourceRecord.source_id, SourceRecord.structure_id)).all())
    assert homes["dora_3"] == second


def test_what_no_log_tells_is_seen_when_it_matters(importer: Callable[[], Run], session: Session) -> None:
    """A sheet in the archive, on which somebody writes, is no news for the readers of the log."""
    ours = importer()
    ours(item("SIILAB_1"))
    away = {"status": "closed", "archived_at": NOW, "closed_on": "2026-11-01"}
    session.execute(sa.update(Structure).values(**away))
    session.commit()
    assert ours(item("SIILAB_9", **ELDERS)) == {"created": 1}
    session.execute(
        sa.update(Structure).where(Structure.nom == CCAS["nom"]).values(rev=2, nom=VEIL["nom"], adresse=VEIL["adresse"])
    )
    session.commit()
    assert ours(item("dora_2")) == {"created": 1}
    session.execute(sa.delete(SourceRecord).where(SourceRecord.source_id == "dora_2"))
    gone = sa.select(Structure.id).where(Structure.nom == CCAS["nom"])
    session.execute(sa.delete(Structure).where(Structure.id.in_(gone)))
    session.commit()
    assert ours(item("dora_3")) == {"created": 1}, "nobody is there"


def test_another_run_or_another_database_begins_anew(importer: Callable[[], Run], engine: sa.Engine) -> None:
    ours, run = importer(), new_id()
    ours(item("SIILAB_1"), run=run)
    with told(engine) as statements:
        ours(item("SIILAB_2", **VEIL), run=run)
        assert towns(statements) == 0
        assert ours(item("dora_3"), run=new_id()) == {"linked": 1}
        assert towns(statements) == 1
    pool = Pool()
    pool.belong(("one", None))
    pool.put([(place(1), 1)])
    pool.belong(("one", None))
    assert pool.revs([UUID(int=1)]) == {UUID(int=1): 1}
    pool.belong(("other", None))
    assert not pool.revs([UUID(int=1)])


def test_what_stopped_in_the_midst_is_read_again(importer: Callable[[], Run]) -> None:
    """A full disk, a database that goes away: half of a town is not a town."""
    importer()(item("SIILAB_1"), item("SIILAB_2", **VEIL))
    ours = importer()
    read = (place for place in [mock.DEFAULT, mock.DEFAULT])  # the record and one of the two places; then no more
    stopping = mock.patch.object(matcher, "read_place", wraps=read_place, side_effect=read)
    with stopping, pytest.raises((StopIteration, RuntimeError)):
        ours(item("dora_3", **ELDERS))
    assert ours(item("dora_4"), item("dora_5", **VEIL)) == {"linked": 2}


def towns(statements: list[tuple[str, int]]) -> int:
    """How often all places of communes were read."""
    return sum(1 for text, _ in statements if "structure.code_insee IN" in text.partition("WHERE")[2])


def test_a_town_is_read_once_however_many_batches(importer: Callable[[], Run], engine: sa.Engine) -> None:
    """What a batch reads depends on the batch, not on the town: or 90,000 places take for ever."""
    importer()(*(item(f"SIILAB_{n}", nom=f"Lieu {n:03}x{n * 7919}", adresse=f"{n} rue {n:03}aire", telephone=None,
                      latitude=50 + n / 50) for n in range(300)))  # fmt: skip
    ours, costs = importer(), []
    for n in range(5):
        batch = [item(f"dora_{n}{i}", nom=f"Autre {n}{i}b{n * 31 + i}", adresse=f"7 quai {n}{i}ville", telephone=None,
                      latitude=40 + n + i / 20) for i in range(5)]  # fmt: skip
        with told(engine) as statements, mock.patch.object(matcher, "read_place", wraps=read_place) as reading:
            assert ours(*batch) == {"created": 5}
        costs.append((towns(statements), reading.call_count, len(statements), sum(count for _, count in statements)))
    assert costs[0][:2] == (1, 305)
    assert [cost[:2] for cost in costs[1:]] == [(0, 10)] * 4, "five of the batch, five that the last one has made"
    assert len({cost[2:] for cost in costs[2:]}) == 1


def test_a_pool_forgets_all_of_what_it_drops() -> None:
    pool = Pool()
    pool.put([(place(1, pivot="21590512000019", courriels=["a@b.fr"]), 1), (place(2, **ELDERS), 4)])
    pool.put([(place(1, **VEIL), 2)])
    assert pool.revs(UUID(int=n) for n in (1, 2, 3)) == {UUID(int=1): 2, UUID(int=2): 4}
    assert not pool.like(place(9))
    ((found, other),) = pool.like(place(9, **VEIL))
    assert (other, found.value) == (place(1, **VEIL), 100)
    assert not pool.like(place(1, **VEIL)), "itself"
    pool.drop([UUID(int=1), UUID(int=2), UUID(int=3)])
    left = [pool._db.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("place", "block")]
    assert left == [(0,), (0,)]
    with pytest.raises(TypeError):
        pool.put([(read_place(7, CCAS), 1)])


def test_a_key_of_a_crowd_says_nothing_until_the_crowd_is_gone() -> None:
    pool = Pool()
    far = {"telephone": None, "latitude": None, "longitude": None, "adresse": "1 rue Foch"}
    pool.put((place(n, **far), 1) for n in range(CROWD + 1))
    assert not pool.like(place(999, **far))
    pool.drop([UUID(int=0)])
    assert len(pool.like(place(999, **far))) == CROWD


def test_squares_on_both_sides_of_greenwich_are_two() -> None:
    """Python's hash of -1 is that of -2."""
    pool = Pool()
    alike: dict[str, Any] = {"adresse": None, "telephone": None}
    for n in range(CROWD):
        pool.put((place(2 * n + side, **alike, longitude=-0.002 - 0.0041 * side), 1) for side in (0, 1))
    pool.put([(place(2 * CROWD, **alike, longitude=1.0), 1)])  # the name alone says nothing
    assert len(pool.like(place(999, **alike, longitude=-0.002))) == 2 * CROWD
