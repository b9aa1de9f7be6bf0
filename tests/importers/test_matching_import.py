"""What an import does with a record whose id it does not know: joins it, asks, or makes a new place. Both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from importers.models import MatchPair, Verdict
from importers.pipeline.contract import How
from importers.targets.structures import Structures
from reseau.core.changes import Change
from reseau.directory import splitting
from reseau.directory.apply import Incoming
from reseau.directory.merging import absorb
from reseau.directory.models import FieldChange, SourcePart, SourceRecord, Status, Structure
from reseau.directory.reproject import imported
from tests.directory.site import DATA, ROUBAIX_CSV

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SOURCES = ("cartographie",)
CCAS = {
    "nom": "CCAS de Roubaix", "adresse": "9 rue Pellart", "commune": "Roubaix", "code_insee": "59512",
    "telephone": "+33320815757", "latitude": 50.69, "longitude": 3.18, "date_maj": "2024-01-01",
}  # fmt: skip
Apply = Callable[..., Counter[str]]


def item(id_: str, **fields: Any) -> Incoming:
    return Incoming(id_, tuple(id_.split("__")), {}, {**CCAS, **fields})


@pytest.fixture
def apply(sessions: sessionmaker[Any]) -> Apply:
    """One batch; the same target for all of a test, as in a run."""
    target = Structures()

    def run(*batch: Incoming, source: str = "cartographie", match: bool = True, **how: Any) -> Counter[str]:
        with sessions() as session:
            counts = target.apply(session, How(source, SOURCES, NOW, match=match, **how), batch)
            session.commit()
        return +counts

    return run


def all_of(session: Session, model: Any) -> list[Any]:
    found = list(session.scalars(sa.select(model).order_by(model.id).execution_options(populate_existing=True)))
    session.commit()
    return found


def test_the_same_place_under_an_unknown_id_is_joined(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"))
    assert apply(item("dora_2", nom="Ccas de ROUBAIX", adresse="9 à 11 RUE PELLART", latitude=50.6984)) == {"linked": 1}
    (place,) = all_of(session, Structure)
    first, second = all_of(session, SourceRecord)
    assert first.joined is None
    assert (second.structure_id, second.joined["how"]) == (place.id, "score")
    assert 85 <= second.joined["score"] <= 100
    assert second.joined["reasons"] | {"telephone": "same"} == second.joined["reasons"]
    assert not all_of(session, MatchPair)
    assert apply(item("dora_2", telephone="+33320000000", date_maj="2025-01-01")) == {"updated": 1}
    assert all_of(session, Structure)[0].telephone == "+33320000000", "it is a record of the place as any other"


def test_two_new_records_of_one_batch_are_one_place_told_once(apply: Apply, session: Session) -> None:
    assert apply(item("SIILAB_1", date_maj="2023-01-01"), item("dora_2", telephone="+33320000000")) == {
        "created": 1, "linked": 1,
    }  # fmt: skip
    (place,) = all_of(session, Structure)
    assert (place.rev, place.telephone) == (1, "+33320000000"), "the newest record speaks"
    assert [change.op for change in session.scalars(sa.select(Change))] == ["publish"]


def test_one_issuer_that_gives_two_ids_says_that_they_are_two(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"))
    assert apply(item("SIILAB_2")) == {"created": 1, "queued": 1}
    (pair,) = all_of(session, MatchPair)
    assert (pair.verdict, pair.reasons["emetteur"]) == ("open", ["siilab"])
    assert (pair.left_id, pair.right_id) == tuple(place.id for place in all_of(session, Structure))
    assert apply(item("dora_3")) == {"linked": 1}
    assert apply(item("dora_4")) == {"linked": 1}, "on the other one: dora has said that 3 and 4 are two"
    assert len({record.structure_id for record in all_of(session, SourceRecord)}) == 2
    assert apply(item("dora_5")) == {"created": 1, "queued": 1}


def test_what_is_between_the_thresholds_is_new_and_asked_once(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1", nom="France services de Roubaix"))
    bus = item("dora_2", nom="Bus France services de Roubaix")
    assert apply(bus) == {"created": 1, "queued": 1}
    assert apply(bus) == {"unchanged": 1}
    (pair,) = all_of(session, MatchPair)
    assert 65 <= pair.score < 85
    assert pair.reasons["mots"] == ["bus"]


def test_what_is_below_is_simply_new(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"))
    assert apply(item("dora_2", nom="Médiathèque de Roubaix")) == {"created": 1}
    assert apply(item("dora_3", adresse="200 rue de Lannoy", telephone=None, latitude=50.70)) == {"created": 1}
    assert apply(item("dora_4", code_insee="59599", commune="Tourcoing")) == {"created": 1}
    assert apply(item("dora_5", code_insee=None)) == {"created": 1}, "nobody knows in which commune"
    assert not all_of(session, MatchPair)


def test_nobody_is_asked_for_when_matching_is_off(apply: Apply, session: Session) -> None:
    assert apply(item("SIILAB_1"), item("dora_2"), match=False) == {"created": 2}


def test_arrondissements_are_in_their_city(apply: Apply) -> None:
    paris = {"commune": "Paris", "nom": "CCAS de Paris"}
    apply(item("SIILAB_1", code_insee="75056", **paris))
    assert apply(item("dora_2", code_insee="75112", **paris)) == {"linked": 1}


def test_a_place_that_changed_since_the_last_batch_is_seen_as_it_is(apply: Apply, session: Session) -> None:
    """What is kept between two batches is never older than the database."""
    apply(item("SIILAB_1"), item("SIILAB_9", nom="Maison des aînés", adresse="3 rue Neuve", telephone=None))
    apply(item("SIILAB_1", nom="Espace Simone Veil", adresse="40 rue du Fort", telephone=None, date_maj="2025-01-01"))
    assert apply(item("dora_2")) == {"created": 1}
    first, second = all_of(session, Structure)[:2]
    absorb(session, first.id, second.id, imported("cartographie"), NOW)
    session.commit()
    assert apply(item("dora_3", nom="Maison des aînés", adresse="3 rue Neuve", telephone=None)) == {"created": 1}


def test_an_archived_place_that_was_merged_is_nobodys_home(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"), item("SIILAB_9", nom="Tout autre lieu", adresse="3 rue Neuve", telephone=None))
    first, second = all_of(session, Structure)
    gone = {"status": "closed", "archived_at": NOW, "closed_on": "2026-11-01"}
    session.execute(sa.update(Structure).where(Structure.id == first.id).values(**gone))
    session.commit()
    assert apply(item("dora_2")) == {"linked": 1}, "it opens again"
    session.execute(sa.update(Structure).where(Structure.id == first.id).values(**gone))
    absorb(session, second.id, first.id, imported("cartographie"), NOW)
    session.commit()
    assert all_of(session, Structure)[0].archived_at is None
    session.execute(sa.update(Structure).where(Structure.id == first.id).values(archived_at=NOW))  # an older merge
    session.commit()
    assert apply(item("Coop_3")) == {"created": 1}


def test_of_two_places_that_are_two_none_is_chosen(apply: Apply, session: Session) -> None:
    """A person said that they are two: a third record that is like both is asked about."""
    apply(item("SIILAB_1"), match=False)
    apply(item("dora_2"), match=False)
    one, other = (place.id for place in all_of(session, Structure))
    session.add(MatchPair(left_id=one, right_id=other, score=90, verdict=Verdict.DISTINCT.value))
    session.commit()
    assert apply(item("Coop_3")) == {"created": 1, "queued": 1}
    session.execute(sa.update(MatchPair).values(verdict=Verdict.OPEN.value))
    session.commit()
    assert apply(item("Hub_4")) == {"linked": 1}, "but two sheets that nobody has told apart are as good as one"


def test_a_register_does_not_join_what_a_person_said_to_be_two(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"), item("SIILAB_2", telephone="+33320000002"), match=False)
    one, other = (place.id for place in all_of(session, Structure))
    session.add(MatchPair(left_id=one, right_id=other, score=90, verdict=Verdict.DISTINCT.value))
    session.commit()
    both = item("SIILAB_1__SIILAB_2")
    mixed = item("SIILAB_1__SIILAB_2", telephone="+33320999999", nom="Un mélange des deux")
    assert apply(mixed) == {"unchanged": 1}, "what is said of both is true of neither"
    assert apply(both) == {"unchanged": 1}
    assert [place.status for place in all_of(session, Structure)] == [Status.ACTIVE, Status.ACTIVE]
    assert [place.telephone for place in all_of(session, Structure)] == ["+33320815757", "+33320000002"]
    assert apply(item("SIILAB_1"), item("SIILAB_2", telephone="+33320000003")) == {"unchanged": 1, "updated": 1}
    session.execute(sa.delete(MatchPair))
    session.commit()
    assert apply(both) == {"merged": 1, "updated": 1}


def test_our_own_data_is_no_news(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"))
    (place,) = all_of(session, Structure)
    assert apply(item(f"Reseau_{place.id}", nom="Tout autre chose")) == {"unchanged": 1}
    assert apply(item(f"SIILAB_1__Reseau_{place.id}")) == {"unchanged": 1}
    assert apply(item(f"SIILAB_1__Reseau_{place.id}", telephone="+33320999999")) == {"updated": 1}, "that is news"
    assert len(all_of(session, SourceRecord)) == 1


def test_what_a_register_groups_with_our_id_is_ours(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"), item("SIILAB_8", nom="Autre lieu", adresse="5 rue Neuve", telephone=None))
    place, other = all_of(session, Structure)
    assert apply(item(f"dora_2__Reseau_{place.id}", nom="Un tout autre nom")) == {"linked": 1}
    record = next(one for one in all_of(session, SourceRecord) if one.source_id.startswith("dora"))
    assert (record.structure_id, record.joined["how"]) == (place.id, "own")
    unknown = UUID(int=7)
    assert apply(item(f"Reseau_{unknown}", nom="D’un autre site", adresse="1 rue X", telephone=None)) == {"created": 1}
    # The register groups two that we hold for two: only a person may join them.
    assert apply(item(f"SIILAB_8__Reseau_{place.id}", nom="Autre lieu", adresse="5 rue Neuve")) == {
        "updated": 1, "queued": 1,
    }  # fmt: skip
    (pair,) = all_of(session, MatchPair)
    assert {pair.left_id, pair.right_id} == {place.id, other.id}


def test_a_record_joined_wrongly_goes_to_a_place_of_its_own(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"))
    apply(item("dora_2", telephone="+33320000000", date_maj="2025-01-01"))
    record = all_of(session, SourceRecord)[1]
    left, reached = splitting.detach(session, record.id, imported("cartographie"), SOURCES, NOW)
    session.commit()
    places = {place.id: place for place in all_of(session, Structure)}
    assert (places[left].telephone, places[reached].telephone) == ("+33320815757", "+33320000000")
    moved = all_of(session, SourceRecord)[1]
    assert (moved.structure_id, moved.joined) == (reached, None)
    assert {row.structure_id for row in all_of(session, FieldChange) if not row.field} == {left, reached}
    with pytest.raises(splitting.NotSplittable, match="alone"):
        splitting.detach(session, record.id, imported("cartographie"), SOURCES, NOW)


def test_a_place_that_was_merged_wrongly_opens_again(apply: Apply, session: Session) -> None:
    apply(item("SIILAB_1"), match=False)
    apply(item("dora_2"), match=False)
    kept, lost = (place.id for place in all_of(session, Structure))
    record = all_of(session, SourceRecord)[1]
    absorb(session, kept, lost, imported("cartographie"), NOW)
    session.commit()
    assert splitting.detach(session, record.id, imported("cartographie"), SOURCES, NOW, lost) == (kept, lost)
    session.commit()
    place = next(one for one in all_of(session, Structure) if one.id == lost)
    assert (place.status, place.merged_into, place.nom) == (Status.ACTIVE, None, "CCAS de Roubaix")


def test_roubaix_then_the_region_then_the_advisers(do_import: Any, session: Session) -> None:
    found = do_import(ROUBAIX_CSV, match=True)
    assert (found.read, found.created, found.linked, found.queued) == (39, 36, 3, 0)
    region = do_import(DATA / "hdf-lieux_schema-1.0.csv.gz", match=True)
    assert region.created + region.linked + region.unchanged == 1741
    assert region.unchanged == 39
    again = do_import(DATA / "hdf-lieux_schema-1.0.csv.gz", match=True)
    assert again.unchanged == 1741
    assert (again.created, again.linked, again.queued) == (0, 0, 0)
    assert region.linked > 80
    assert region.queued < 0.06 * 1741, "people have other things to do"
    do_import(DATA / "cnfs-2022_hauts-de-france_schema-0.1.json", match=True)
    right, wrong = of_advisers(session)
    assert right >= 240, "of 256 that are in both files under two ids"
    assert not wrong


def of_advisers(session: Session) -> tuple[int, list[str]]:
    """Advisers' records whose id tells which place of the region's file they are: joined to it, or to another one (but
    for twins: one name at one address under several ids)."""
    owner = sa.select(SourcePart.part, SourceRecord.structure_id).join(
        SourceRecord, SourceRecord.id == SourcePart.record_id
    )
    owners: dict[str, UUID] = dict(session.execute(owner).all())
    places = {place.id: (place.nom.casefold(), place.adresse) for place in all_of(session, Structure)}
    right, wrong = 0, []
    for record in all_of(session, SourceRecord):
        truth = owners.get(f"Conseiller-Numerique_{record.source_id}")
        if truth is not None and record.joined is not None:
            right += record.structure_id == truth
            wrong += [record.source_id] if places[record.structure_id] != places[truth] else []
    return right, wrong
