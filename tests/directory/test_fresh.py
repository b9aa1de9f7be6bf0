"""How old a sheet is said to be, and on which day: the registers and whoever verified it decide. Both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from reseau.core.actors import Actor, Side
from reseau.core.clock import local_day
from reseau.core.db import session_factory
from reseau.directory import edits, lifecycle, offers, quality, verification
from reseau.directory.models import Cause, FieldChange, Structure
from reseau.directory.reproject import Because
from tests.directory.site import Site
from tests.directory.test_lifecycle import NOW, SOURCES, _together, because, create, imported, row

LATER = NOW + timedelta(days=40)
#: The sixth, half an hour after midnight in Paris; still the fifth in UTC.
NIGHT = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)


def verify(session: Session, id_: UUID, now: datetime, side: Side = Side.PLACE) -> bool:
    done = verification.verify(session, id_, Because(Cause.VERIFY, Actor(side)), SOURCES, now)
    session.commit()
    return done


def edit(session: Session, id_: UUID, now: datetime, **values: Any) -> None:
    edits.save(session, id_, values, {}, because(Cause.EDIT), SOURCES, now)
    session.commit()


def test_correcting_one_value_makes_nothing_else_fresh(session: Session) -> None:
    id_ = imported(session, "Lieu", date_maj="2022-05-11", telephone="+33320000001")
    edit(session, id_, NOW, telephone="+33320000002")
    now = row(session, id_)
    assert (now.fresh_on, now.due_on) == ("2022-05-11", "2022-11-11")
    assert now.provenance["telephone"]["date"] == "2026-01-05", "the value itself is of today, and says so"
    assert verify(session, id_, LATER)
    assert row(session, id_).fresh_on == "2026-02-14"


def test_what_a_register_says_under_a_correction_still_dates_the_sheet(session: Session) -> None:
    id_ = imported(session, "Lieu", date_maj="2022-05-11")
    edit(session, id_, NOW, nom="Autre nom")
    assert row(session, id_).fresh_on == "2022-05-11"


def test_a_deduction_from_a_corrected_value_is_no_date(session: Session) -> None:
    id_ = imported(session, "Lieu")
    edit(session, id_, NOW, nom="CPAM de Roubaix")
    now = row(session, id_)
    assert (now.demarches, now.fresh_on, now.due_on) == (["ameli"], None, "")


def test_a_sheet_made_by_hand_is_as_old_as_itself_until_somebody_verifies_it(session: Session) -> None:
    id_ = create(session, nom="Maison")
    edit(session, id_, LATER, nom="Maison bleue", telephone="+33320000001")
    made = row(session, id_)
    assert made.fresh_on == "2026-01-05"
    columns = {column.name: getattr(made, column.name) for column in Structure.__table__.columns}
    assert "fraicheur" in quality.missing(columns, date(2026, 1, 6)), "nobody has looked at it twice"
    assert verify(session, id_, LATER)
    assert row(session, id_).fresh_on == "2026-02-14"


@pytest.fixture
def old(make_site: Callable[..., Site]) -> tuple[Site, UUID]:
    site = make_site("sqlite")
    site.put({"nom": "Vieux lieu", "date_maj": "2022-05-11", "telephone": "+33320000001"})
    with site.sessions() as session:
        return site, session.scalars(sa.select(Structure.id)).one()


def test_the_public_warning_stays_until_somebody_verifies(old: tuple[Site, UUID]) -> None:
    site, id_ = old
    with site.sessions() as session:
        edit(session, id_, site.clock.now, telephone="+33320000002")
    page = site.client().get(f"/annuaire/vieux-lieu-{id_}")
    assert "plus d’un an" in page.text
    assert "11 mai 2022" in page.text
    with site.sessions() as session:
        assert verify(session, id_, site.clock.now)
    assert "plus d’un an" not in site.client().get(f"/annuaire/vieux-lieu-{id_}").text


# --- the day of the places --------------------------------------------------------------------------------------


def test_a_day_is_that_of_the_places(engine: sa.Engine) -> None:
    assert local_day(NIGHT, "Europe/Paris") == date(2026, 1, 6)
    assert local_day(NIGHT, "America/Martinique") == date(2026, 1, 5)
    days = {}
    for zone in ("Europe/Paris", "America/Martinique"):
        with session_factory(engine, timezone=zone)() as session:
            id_ = create(session, nom=zone)
            edit(session, id_, NIGHT, telephone="+33320000001")
            assert verify(session, id_, NIGHT)
            values = {"nom": "Aide"}
            offer = offers.add(session, id_, values, because(Cause.OFFER), SOURCES, NIGHT)
            session.commit()
            now = row(session, id_)
            told = session.get_one(offers.Service, offer).date_maj
            days[zone] = (now.fresh_on, now.provenance["telephone"]["date"], told)
    assert days == {"Europe/Paris": ("2026-01-06",) * 3, "America/Martinique": ("2026-01-05",) * 3}


def test_twice_the_same_day_is_a_local_day(session: Session) -> None:
    id_ = create(session, nom="Lieu")
    assert verify(session, id_, NIGHT - timedelta(hours=2)), "the evening before"
    assert verify(session, id_, NIGHT), "after midnight in Paris, the same day in UTC"
    assert not verify(session, id_, NIGHT + timedelta(hours=20)), "the same day in Paris, the next in UTC"
    assert verify(session, id_, NIGHT, Side.COORDINATION), "another side"


# --- many at once -----------------------------------------------------------------------------------------------


def test_many_cost_no_more_statements_than_a_few(session: Session, engine: sa.Engine) -> None:
    ids = [create(session, nom=f"Lieu {n}") for n in range(lifecycle.CHUNK + 20)]
    counts = []
    for some in (ids[:2], ids[2:-1]):
        statements: list[str] = []
        sa.event.listen(engine, "before_cursor_execute", lambda *a, s=statements: s.append(a[2]))
        assert lifecycle.verify_many(session, some, because(Cause.VERIFY), SOURCES, NOW) == some
        session.commit()
        counts.append(len(statements))
    chunks = 2
    assert counts[1] <= chunks * counts[0] <= 30
    assert lifecycle.verify_many(session, ids, because(Cause.VERIFY), SOURCES, NOW) == ids[-1:], "not twice a day"
    session.commit()
    told = sa.select(sa.func.count()).where(FieldChange.cause == Cause.VERIFY.value)
    assert session.execute(told).scalar_one() == len(ids)


def test_verified_by_two_at_once_it_is_told_once(sessions: sessionmaker[Any]) -> None:
    with sessions() as session:
        id_ = create(session, nom="Lieu")
    done: list[bool] = []

    def run() -> None:
        with sessions() as session:
            done.append(verify(session, id_, NOW))

    _together(run, run)
    assert sorted(done) == [False, True]


def test_due_takes_a_condition(session: Session) -> None:
    one, other = (imported(session, name, date_maj="2020-01-01") for name in ("A", "B"))
    found = verification.due(session, date(2026, 1, 5), where=Structure.nom == "B")
    assert ([line["id"] for line in found.rows], found.total) == ([other], 1)
    assert [line["id"] for line in verification.due(session, date(2026, 1, 5)).rows] == [one, other]
