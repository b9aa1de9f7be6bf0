"""Two sheets become one: what is shown, what was written, its history, and who meets whom. Both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from reseau.core.actors import Actor, Side
from reseau.directory import edits, lifecycle, offers, suggestions, verification
from reseau.directory.apply import Applier, Incoming
from reseau.directory.history import conflicts, history, restorable
from reseau.directory.models import Cause, FieldChange, Override, SourceRecord, Status, Structure, Suggestion
from reseau.directory.reproject import Because
from reseau.directory.suggestions import Said
from tests.directory.test_lifecycle import NOW, SOURCES, because, close, create, imported, merge, row

DAY = timedelta(days=1)
ADDRESS = {"adresse": "1 rue A", "commune": "Roubaix", "latitude": 50.69, "longitude": 3.17}
OTHER = {"adresse": "2 rue B", "commune": "Lille", "latitude": 50.63, "longitude": 3.06, "frais_a_charge": ["gratuit"]}


def edit(session: Session, id_: UUID, now: datetime = NOW, **values: Any) -> None:
    edits.save(session, id_, values, {}, because(Cause.EDIT), SOURCES, now)
    session.commit()


def apply(session: Session, *parts: str, now: datetime = NOW, **mapped: Any) -> None:
    record = {"nom": "Réunis", **mapped}
    Applier(session, "cartographie", SOURCES, now).apply([Incoming("__".join(parts), parts, {}, record)])
    session.commit()


def overridden(session: Session, id_: UUID) -> dict[str, Any]:
    found = {name: one.value["v"] for name, one in edits.overrides(session, id_).items()}
    session.commit()
    return found


# --- what is shown ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newer", ["A", "B"])
def test_what_the_sheet_to_keep_shows_stays_shown(session: Session, newer: str) -> None:
    dates = {name: "2025-01-01" if name == newer else "2020-01-01" for name in "AB"}
    kept = imported(session, "A", **ADDRESS, date_maj=dates["A"])
    lost = imported(session, "B", **OTHER, date_maj=dates["B"])
    merge(session, kept, lost)
    now = row(session, kept)
    assert (now.nom, now.adresse, now.commune, now.latitude, now.longitude) == ("A", "1 rue A", "Roubaix", 50.69, 3.17)
    assert now.frais_a_charge == ["gratuit"], "the other fills what it lacks"
    names = {"nom", "adresse", "complement_adresse", "code_postal", "commune", "code_insee", "latitude", "longitude"}
    assert set(overridden(session, kept)) == (names if newer == "B" else set()), "only what would change is written"
    assert conflicts(session, [kept], SOURCES).total == 0


def test_what_was_chosen_line_by_line_stays(session: Session) -> None:
    kept = imported(session, "A", **ADDRESS, telephone="+33320000001", date_maj="2025-01-01")
    lost = imported(session, "B", **OTHER, telephone="+33320000002", horaires="Mo 09:00-12:00", date_maj="2020-01-01")
    edit(session, lost, telephone="+33320000003")
    keep = {"adresse": "lost", "latitude": "lost", "telephone": "lost", "nom": "kept", "horaires": "kept"}
    lifecycle.merge(session, kept, lost, because(Cause.MERGE), SOURCES, NOW, keep)
    session.commit()
    now = row(session, kept)
    assert (now.nom, now.adresse, now.commune, now.latitude) == ("A", "2 rue B", "Lille", 50.63)
    assert (now.telephone, now.horaires) == ("+33320000003", None)
    assert overridden(session, kept)["nom"] == "A", "what was chosen stays, whatever the registers say later"
    apply(session, "A", nom="Autre", date_maj="2026-01-01", **ADDRESS)
    assert (row(session, kept).nom, row(session, kept).adresse) == ("A", "2 rue B")


@pytest.mark.parametrize("keep", [{"commune": "kept"}, {"status": "lost"}, {"nom": "both"}])
def test_only_groups_and_sheets_can_be_chosen(session: Session, keep: dict[str, str]) -> None:
    kept, lost = imported(session, "A"), imported(session, "B")
    with pytest.raises(ValueError):
        lifecycle.merge(session, kept, lost, because(Cause.MERGE), SOURCES, NOW, keep)
    session.rollback()
    assert row(session, lost).status == Status.ACTIVE


def test_a_choice_that_agrees_leaves_an_override_to_its_author(session: Session) -> None:
    kept, lost = imported(session, "A"), imported(session, "B", telephone="+33320000002")
    author = uuid4()
    because_of = Because(Cause.EDIT, Actor(Side.PLACE, author))
    edits.save(session, kept, {"telephone": "+33320000001"}, {}, because_of, SOURCES, NOW)
    lifecycle.merge(session, kept, lost, because(Cause.MERGE), SOURCES, NOW, {"telephone": "kept"})
    session.commit()
    assert edits.overrides(session, kept)["telephone"].author_id == author


# --- verified, conflicts, parents -------------------------------------------------------------------------------


def verified(session: Session, id_: UUID) -> None:
    assert verification.verify(session, id_, because(Cause.VERIFY), SOURCES, NOW)
    session.commit()


def test_who_verified_a_sheet_did_not_verify_what_a_merge_adds(session: Session) -> None:
    kept, lost = imported(session, "A", date_maj="2020-01-01"), imported(session, "B", **OTHER, date_maj="2021-01-01")
    verified(session, kept)
    merge(session, kept, lost)
    now = row(session, kept)
    assert (now.verified_at, now.verified_by, now.fresh_on) == (None, None, "2021-01-01")


def test_a_merge_that_changes_nothing_leaves_it_verified(session: Session) -> None:
    kept, lost = imported(session, "A", telephone="+33320000001"), imported(session, "B", telephone="+33320000002")
    verified(session, kept)
    merge(session, kept, lost)
    now = row(session, kept)
    assert (now.verified_at, now.nom, now.telephone) == (NOW, "A", "+33320000001")


def test_an_import_that_joins_unverifies_too(session: Session) -> None:
    kept, _ = imported(session, "A"), imported(session, "B")
    verified(session, kept)
    apply(session, "A", "B", telephone="+33320000001")
    assert row(session, kept).verified_at is None


def test_a_merge_makes_no_conflict_that_no_register_caused(session: Session) -> None:
    kept, lost = imported(session, "A", telephone="+33320000001"), imported(session, "B", telephone="+33320000002")
    edit(session, lost, telephone="+33320000009", presentation_resume="Ici")
    merge(session, kept, lost)
    assert row(session, kept).telephone == "+33320000001"
    edit(session, kept, telephone="+33320000009")
    assert conflicts(session, [kept], SOURCES).total == 0
    apply(session, "A", telephone="+33320000005", date_maj="2026-01-04")
    assert conflicts(session, [kept], SOURCES).total == 1, "a register does"


def test_a_conflict_that_was_there_is_still_there(session: Session) -> None:
    kept, lost = imported(session, "A"), imported(session, "B", telephone="+33320000002")
    edit(session, lost, telephone="+33320000009")
    apply(session, "B", nom="B", telephone="+33320000003")
    assert conflicts(session, [lost], SOURCES).total == 1
    merge(session, kept, lost)
    assert row(session, kept).telephone == "+33320000009"
    assert conflicts(session, [kept], SOURCES).total == 1


def test_of_two_corrections_that_an_import_joins_the_newest_stays_and_the_other_is_told(session: Session) -> None:
    kept, lost = imported(session, "A"), imported(session, "B")
    edit(session, kept, NOW, telephone="+33320000001", presentation_resume="Nouveau")
    edit(session, lost, NOW + DAY, telephone="+33320000002")
    edit(session, lost, NOW - DAY, presentation_resume="Ancien")
    apply(session, "A", "B", now=NOW + 2 * DAY)
    now = row(session, kept)
    assert (now.telephone, now.presentation_resume) == ("+33320000002", "Nouveau")
    told = [
        one for moment in history(session, kept).moments if moment.first.at == NOW + 2 * DAY for one in moment.changes
    ]
    said = {(one.field, one.before["v"], one.after["v"]) for one in told}
    assert ("telephone", "+33320000001", "+33320000002") in said
    assert ("presentation_resume", "Ancien", "Nouveau") in said
    assert session.scalars(sa.select(Override).where(Override.structure_id == lost)).all() == []


def test_no_place_becomes_its_own_ancestor(session: Session) -> None:
    top, middle, low = (imported(session, name) for name in "ABC")
    for child, parent in ((middle, top), (low, middle)):
        session.execute(sa.update(Structure).where(Structure.id == child).values(parent_id=parent))
    session.commit()
    merge(session, low, top)
    assert (row(session, low).parent_id, row(session, middle).parent_id) == (None, low)


# --- imports and closed places ----------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", ["A", "B"])
def test_an_import_that_joins_an_open_and_a_closed_place_keeps_the_open_one(session: Session, closed: str) -> None:
    ids = {name: imported(session, name) for name in "AB"}
    close(session, ids[closed])
    apply(session, "A", "B")
    there = ids["B" if closed == "A" else "A"]
    assert (row(session, there).status, row(session, there).nom) == ("active", "Réunis")
    assert row(session, ids[closed]).merged_into == there
    records = session.execute(sa.select(SourceRecord.structure_id, SourceRecord.source_id)).all()
    assert [tuple(one) for one in records] == [(there, "A__B")]


# --- history ----------------------------------------------------------------------------------------------------


def test_the_history_of_the_sheet_that_goes_is_in_that_of_the_one_that_stays(session: Session) -> None:
    first, second, third = (imported(session, name) for name in "ABC")
    edit(session, third, NOW - DAY, telephone="+33320000001")
    edit(session, second, NOW - DAY, telephone="+33320000002")
    merge(session, second, third)
    merge(session, first, second)
    found = history(session, first)
    told = {
        (moment.other, change.field, change.after["v"])
        for moment in found.moments for change in moment.changes if change.cause == "edit"
    }  # fmt: skip
    assert told == {("C", "telephone", "+33320000001"), ("B", "telephone", "+33320000002")}
    assert all(moment.other is None for moment in found.moments if moment.first.structure_id == first)
    assert all(group.restorable is None for moment in found.moments if moment.other for group in moment.groups)
    assert found.total == sum(len(moment.changes) for moment in found.moments)


def test_what_only_makes_sense_together_is_shown_and_put_back_as_one(session: Session) -> None:
    id_ = imported(session, "A", **ADDRESS)
    edit(session, id_, NOW, latitude=50.1, longitude=3.1, telephone="+33320000001")
    groups = {group.name: group for moment in history(session, id_).moments for group in moment.groups}
    assert set(groups) == {"latitude", "telephone"}
    position = groups["latitude"]
    assert position.fields == ("latitude", "longitude")
    assert (position.before, position.after["latitude"]) == ({"latitude": 50.69, "longitude": 3.17}, 50.1)
    assert position.restorable is not None
    edits.restore(session, id_, position.restorable, because(Cause.RESTORE), SOURCES, NOW + DAY)
    session.commit()
    assert (row(session, id_).latitude, row(session, id_).longitude) == (50.69, 3.17)


def test_what_a_register_said_while_a_person_kept_theirs_was_never_shown(session: Session) -> None:
    id_ = imported(session, "A", telephone="+33320000001")
    edit(session, id_, NOW, telephone="+33320000002")
    apply(session, "A", nom="A", telephone="+33320000003")
    assert edits.keep_mine(session, id_, ["telephone"], because(Cause.KEPT), NOW) == ["telephone"]
    session.commit()
    kept = next(moment for moment in history(session, id_).moments if moment.first.cause == "kept")
    assert (kept.groups[0].before, kept.groups[0].restorable) == ({"telephone": "+33320000003"}, None)
    assert restorable(session, id_, kept.first.id) is None
    with pytest.raises(LookupError):
        edits.restore(session, id_, kept.first.id, because(Cause.RESTORE), SOURCES, NOW)


# --- on a place that was merged, or is closed -------------------------------------------------------------------


@pytest.fixture
def gone(session: Session) -> tuple[UUID, UUID]:
    """(where the place is now, the sheet that was merged into it)."""
    kept, lost = imported(session, "A", telephone="+33320000001"), imported(session, "B")
    merge(session, kept, lost)
    return kept, lost


def said(session: Session, id_: UUID) -> UUID:
    what = Said("telephone", "03…", None, "telephone", "+33320000009", None)
    stored = suggestions.suggest(session, id_, what, language="fr", nonce=uuid4(), now=NOW)
    assert stored is not None
    session.commit()
    return stored.id


def test_what_is_written_on_a_merged_sheet_is_written_where_the_place_is(
    session: Session, gone: tuple[UUID, UUID]
) -> None:
    kept, lost = gone
    edit(session, lost, telephone="+33320000005")
    assert row(session, kept).telephone == "+33320000005"
    base = {"telephone": edits.seen(None)}
    outcome = edits.save(session, lost, {"telephone": "+33320000006"}, base, because(Cause.EDIT), SOURCES, NOW)
    assert set(outcome.clashes) == {"telephone"}, "the person saw the other sheet"
    offer = offers.add(session, lost, {"nom": "Atelier"}, because(Cause.OFFER), SOURCES, NOW)
    assert offers.change(session, lost, offer, {"nom": "Autre"}, 1, because(Cause.OFFER), SOURCES, NOW)
    assert not verification.verify(session, lost, because(Cause.VERIFY), SOURCES, NOW), "nobody saw this sheet"
    assert verification.set_rhythm(session, lost, 12, because(Cause.EDIT), SOURCES, NOW)
    assert edits.keep_mine(session, lost, ["telephone"], because(Cause.KEPT), NOW) == []
    assert edits.take_theirs(session, lost, ["telephone"], because(Cause.THEIRS), SOURCES, NOW) == ["telephone"]
    assert not lifecycle.close(session, lost, NOW.date(), "", because(Cause.CLOSE), SOURCES, NOW)
    session.commit()
    assert (row(session, kept).telephone, row(session, kept).verify_every) == ("+33320000001", 12)
    assert row(session, lost).status == Status.MERGED


def _at_once(sessions: sessionmaker[Any], kept: UUID, lost: UUID, run: Callable[[Session], object]) -> list[Exception]:
    """``run`` begins while a merge holds its locks, and ends after it."""
    errors: list[Exception] = []

    def other() -> None:
        with sessions() as session:
            try:
                run(session)
                session.commit()
            except Exception as error:
                errors.append(error)

    with sessions() as session:
        lifecycle.merge(session, kept, lost, because(Cause.MERGE), SOURCES, NOW)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.5)
        session.commit()
    thread.join()
    return errors


def test_a_suggestion_accepted_while_a_merge_commits(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        kept, lost = imported(session, "A"), imported(session, "B")
        asked = said(session, lost)

    def accept(session: Session) -> None:
        suggestions.accept(session, asked, lost, Actor(Side.PLACE), SOURCES, NOW)

    assert _at_once(sessions, kept, lost, accept) == []
    with sessions() as session:
        assert row(session, kept).telephone == "+33320000009"
        assert session.get_one(Suggestion, asked).state == "accepted"


def test_a_form_sent_while_a_merge_commits(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        kept, lost = imported(session, "A"), imported(session, "B")
    assert _at_once(sessions, kept, lost, lambda session: edit(session, lost, telephone="+33320000009")) == []
    with sessions() as session:
        assert row(session, kept).telephone == "+33320000009"


def test_an_import_that_begins_while_a_merge_commits(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        kept, lost = imported(session, "A"), imported(session, "B")
    assert _at_once(sessions, kept, lost, lambda s: apply(s, "B", nom="B", telephone="+33320000004")) == []
    with sessions() as session:
        assert row(session, kept).telephone == "+33320000004"


def test_nothing_is_corrected_on_a_closed_place(session: Session) -> None:
    id_ = create(session, nom="Lieu")
    asked = said(session, id_)
    close(session, id_)
    with pytest.raises(suggestions.Closed):
        suggestions.accept(session, asked, id_, Actor(Side.PLACE), SOURCES, NOW)
    session.rollback()
    assert row(session, id_).telephone is None
    assert suggestions.mark_done(session, asked, Actor(Side.PLACE), NOW).state == "accepted", "a person may answer"


def test_addresses_of_suggestions_that_nobody_answers_are_forgotten_too(session: Session) -> None:
    id_ = create(session, nom="Lieu")
    for age in (364, 366):
        what = Said("autre", "…", f"{age}@exemple.fr")
        suggestions.suggest(session, id_, what, language="fr", nonce=uuid4(), now=NOW - age * DAY)
    assert suggestions.forget_contacts(session, NOW) == 1
    assert set(session.scalars(sa.select(Suggestion.contact))) == {"364@exemple.fr", None}


def test_what_the_site_computes_again_is_nobodys_news(sessions: sessionmaker[Any]) -> None:
    from reseau.directory.commands import recompute

    with sessions() as session:
        id_ = imported(session, "CPAM de Roubaix")
        session.execute(sa.update(Structure).values(demarches=[], quality=-1))
        session.commit()
    recompute(sessions, SOURCES, datetime(2026, 1, 6, tzinfo=UTC))
    with sessions() as session:
        told = session.execute(sa.select(FieldChange.cause, FieldChange.side, FieldChange.field)).all()
        assert [tuple(one) for one in told] == [("rules", "systeme", "demarches")]
        assert row(session, id_).demarches == ["ameli"]
