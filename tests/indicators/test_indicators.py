"""The counts, counted a second time by hand; months; the job. On both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core import counting
from reseau.core.counting import Count
from reseau.core.jobs import Tools
from reseau.groups.models import Belonging, GroupDocument, GroupMember, WorkingGroup
from reseau.indicators import counts as ours
from reseau.indicators import services
from reseau.indicators.jobs import JOBS, count_all
from reseau.indicators.models import IndicatorMonth
from reseau.members.models import PersonState
from resources.base.models import Resource
from tests.label.making import TODAY, given, merged, place, version
from tests.people import person


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Two counts whose values a test sets; no other is registered."""
    values = {"un": 3, "deux": 0}
    made = {name: Count(name, name, name, lambda _s, _d, n=name: values[n], order) for order, name in enumerate(values)}  # type: ignore[misc]
    monkeypatch.setattr(counting, "_COUNTS", made)
    return values


def test_partners_are_places_with_somebody_who_is_active(session: Any) -> None:
    one, two, three, empty = (place(session, name) for name in ("Un", "Deux", "Trois", "Vide"))
    person(session, "A", member_of=[one])
    person(session, "B", referent_of=[one, two])
    person(session, "C", member_of=[three]).state = PersonState.GONE.value
    session.flush()
    assert ours.partners(session, TODAY) == 2
    merged(session, one, two)
    assert ours.partners(session, TODAY) == 1
    assert empty


def test_documents_are_published_resources_and_what_groups_wrote(session: Any) -> None:
    for number, state in enumerate(("published", "draft", "withdrawn", "published")):
        session.add(Resource(kind="kit", slug=f"k{number}", lang="fr", title="K", state=state))
    group = WorkingGroup(slug="g", name="G")
    session.add(group)
    session.flush()
    session.add(GroupDocument(group_id=group.id, kind="page", slug="p", title="P"))
    session.flush()
    assert ours.documents(session, TODAY) == 3


def test_places_in_the_group_have_somebody_in_a_working_group(session: Any) -> None:
    one, two, three = (place(session, name) for name in ("Un", "Deux", "Trois"))
    inside, asked, old = (
        person(session, "A", member_of=[one]),
        person(session, "B", member_of=[two]),
        person(session, "C", member_of=[three]),
    )
    group, archived = (
        WorkingGroup(slug="g", name="G"),
        WorkingGroup(slug="v", name="V", archived_at=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    session.add_all((group, archived))
    session.flush()
    session.add_all((
        GroupMember(group_id=group.id, person_id=inside.id, belonging=Belonging.IN.value),
        GroupMember(group_id=group.id, person_id=asked.id, belonging=Belonging.ASKED.value),
        GroupMember(group_id=archived.id, person_id=old.id, belonging=Belonging.IN.value),
    ))  # fmt: skip
    session.flush()
    assert ours.grouped(session, TODAY) == 1


def test_labelled_places_are_those_of_the_day(session: Any) -> None:
    of = version(session)
    for number, (start, end) in enumerate((("2026-11-24", "2027-03-12"), ("2026-12-01", "2027-03-12"))):
        given(session, place(session, f"Lieu {number}"), of, start, end)
    assert [ours.labelled(session, day) for day in (TODAY, date(2026, 12, 1), date(2027, 3, 13))] == [1, 2, 0]


def kept(session: Any) -> dict[tuple[str, str], int]:
    rows = session.execute(sa.select(IndicatorMonth.name, IndicatorMonth.month, IndicatorMonth.value))
    return {(name, month): value for name, month, value in rows}


def run(sessions: Any, settings: Any, moment: str) -> str | None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return count_all(Tools(sessions, settings, lambda: now))


def test_the_present_month_is_written_again_and_a_passed_one_never(
    sessions: Any, settings: Any, session: Any, only: dict[str, int]
) -> None:
    assert run(sessions, settings, "2026-11-02T10:00:00") == "indicateurs : 2"
    only["un"] = 5
    run(sessions, settings, "2026-11-30T22:30:00")  # 23:30 in Roubaix
    only["un"] = 8
    run(sessions, settings, "2026-11-30T23:30:00")  # the first of December
    run(sessions, settings, "2026-12-15T10:00:00")
    assert kept(session) == {
        ("un", "2026-11"): 5, ("un", "2026-12"): 8, ("deux", "2026-11"): 0, ("deux", "2026-12"): 0,
    }  # fmt: skip


def test_a_month_in_which_nothing_ran_is_unknown_and_not_invented(
    sessions: Any, settings: Any, session: Any, only: dict[str, int]
) -> None:
    run(sessions, settings, "2026-09-15T10:00:00")
    only["un"] = 9
    first, second = services.series(session, date(2026, 12, 3))
    assert first.months == (("2026-12", 9), ("2026-11", None), ("2026-10", None), ("2026-09", 3))
    assert (first.today, first.most, second.most) == (9, 9, 1)
    assert services.as_csv([first, second]).split() == [
        "mois,en_cours,un,deux", "2026-12,oui,9,0", "2026-11,non,,", "2026-10,non,,", "2026-09,non,3,0",
    ]  # fmt: skip


def test_a_count_that_began_later_has_fewer_months(session: Any, only: dict[str, int]) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    session.add_all((
        IndicatorMonth(name="un", month="2025-11", value=1, at=now), IndicatorMonth(name="deux", month="2026-01", value=2, at=now),
        IndicatorMonth(name="disparu", month="2020-01", value=2, at=now),
    ))  # fmt: skip
    session.flush()
    found = services.series(session, date(2026, 2, 1))
    assert services.as_csv(found).split() == [
        "mois,en_cours,un,deux", "2026-02,oui,3,0", "2026-01,non,,2", "2025-12,non,,", "2025-11,non,1,",
    ]  # fmt: skip


def test_one_that_fails_keeps_no_other_from_being_written(
    sessions: Any, settings: Any, session: Any, only: dict[str, int]
) -> None:
    del only["un"]
    with pytest.raises(RuntimeError, match=r"un$"):
        run(sessions, settings, "2026-11-02T10:00:00")
    assert kept(session) == {("deux", "2026-11"): 0}


def test_ours_are_registered_in_the_order_of_the_page() -> None:
    names = [one.name for one in counting.counts()]
    assert [name for name in names if name in ("partenaires", "documents", "structures_groupe", "labellisees")] == [
        "partenaires", "documents", "structures_groupe", "labellisees",
    ]  # fmt: skip
    assert all(len(one.name) <= 40 and one.words for one in counting.counts())
    assert [job.name for job in JOBS] == ["indicateurs"]
