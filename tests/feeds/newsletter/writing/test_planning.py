"""When an issue leaves, who approves it, what holds it back, who is reminded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.newsletter.models import Delivery, Edition, Issue, IssueState, LetterDate
from feeds.newsletter.sending import launching
from feeds.newsletter.writing import asking, calendar, jobs, planning, services
from reseau.core.mail import Mail
from tests.feeds.newsletter.writing.conftest import Desk

APPROVAL = {"letter_approval": True}


def plan(desk: Desk, issue: Any, when: planning.When, **changes: Any) -> None:
    settings = replace(desk.site.settings, **changes)
    with desk.site.sessions() as session:
        planning.plan(session, issue.id, when, desk.people["coordination"], settings)
        session.commit()


def editions(desk: Desk, issue: Any) -> list[str]:
    return sorted({row.edition for row in desk.rows(Delivery, Delivery.issue_id == issue.id)})


@pytest.fixture
def ready(desk: Desk) -> Any:
    """A draft with a line, for one subscriber and one relay."""
    desk.nobody()
    desk.subscriber()
    desk.subscriber(edition=Edition.RELAY.value)
    issue = desk.letter()
    desk.add(issue)
    return issue


def test_a_scheduled_issue_leaves_at_its_moment_the_relays_before(desk: Desk, ready: Any) -> None:
    now = desk.site.clock.now
    plan(desk, ready, planning.on(now + timedelta(days=5), 2, now))
    assert jobs.launch_due(desk.tools()) is None
    desk.later(days=3)
    assert jobs.launch_due(desk.tools()) == "édition relay lancée"
    assert jobs.launch_due(desk.tools()) is None
    assert editions(desk, ready) == ["relay"]
    assert desk.issue(ready.id).state == IssueState.SCHEDULED.value
    with desk.site.sessions() as session, pytest.raises(planning.Refused):
        planning.take_back(session, ready.id)  # the relays have it
    desk.later(days=2)
    assert jobs.launch_due(desk.tools()) == "édition general lancée"
    assert editions(desk, ready) == ["general", "relay"]
    assert desk.issue(ready.id).state == IssueState.SENDING.value


def test_what_changed_since_it_was_read_is_not_planned(desk: Desk, ready: Any) -> None:
    rev = desk.issue(ready.id).rev
    desk.add(ready)
    with desk.site.sessions() as session, pytest.raises(planning.Refused, match="state"):
        planning.plan(session, ready.id, planning.at_once(desk.site.clock.now), None, desk.site.settings, rev)
    assert desk.issue(ready.id).state == IssueState.DRAFT.value


def test_a_worker_that_slept_launches_both(desk: Desk, ready: Any) -> None:
    now = desk.site.clock.now
    plan(desk, ready, planning.on(now + timedelta(days=5), 2, now))
    desk.later(days=9)
    assert jobs.launch_due(desk.tools()) == "édition relay lancée et édition general lancée"


def test_moments_that_make_no_sense(desk: Desk) -> None:
    now = desk.site.clock.now
    with pytest.raises(planning.Refused, match="late"):
        planning.on(now, 2, now)
    with pytest.raises(planning.Refused, match="far"):
        planning.on(now + timedelta(days=400), 2, now)
    assert planning.on(now + timedelta(days=1), 2, now).relays == now
    first = planning.relays_first(now, "Europe/Paris")
    assert (first.relays, first.general) == (now, datetime(2026, 11, 26, 8, tzinfo=UTC))  # nine o'clock in Roubaix


def test_an_issue_takes_only_a_near_day_of_the_calendar(desk: Desk, ready: Any) -> None:
    now = desk.site.clock.now
    with desk.site.sessions() as session:
        session.execute(sa.delete(LetterDate))
        calendar.add(session, date(2026, 12, 4), "Ten days from now")
        session.commit()
    plan(desk, ready, planning.at_once(now))
    assert [day.issue_id for day in desk.rows(LetterDate)] == [None]
    with desk.site.sessions() as session:
        planning.take_back(session, ready.id)  # the site is shared: it would leave in another test
        session.commit()


def test_a_second_person_approves_and_who_asked_does_not(desk: Desk, ready: Any) -> None:
    plan(desk, ready, planning.at_once(desk.site.clock.now), **APPROVAL)
    assert desk.issue(ready.id).state == IssueState.APPROVAL.value
    assert jobs.launch_due(desk.tools(**APPROVAL)) is None
    rev, now = desk.issue(ready.id).rev, desk.site.clock.now
    with desk.site.sessions() as session:
        for by, seen, code in (("coordination", rev, "own"), ("autre", rev - 1, "state")):
            with pytest.raises(planning.Refused, match=code):
                planning.approve(session, ready.id, desk.people[by], seen, now)
        planning.approve(session, ready.id, desk.people["autre"], rev, now)
        session.commit()
    assert jobs.launch_due(desk.tools(**APPROVAL)) == "édition relay lancée et édition general lancée"


def test_what_is_taken_back_has_no_approval_any_more(desk: Desk, ready: Any) -> None:
    now = desk.site.clock.now
    plan(desk, ready, planning.on(now + timedelta(days=5), 0, now), **APPROVAL)
    with desk.site.sessions() as session:
        planning.approve(session, ready.id, desk.people["autre"], desk.issue(ready.id).rev, now)
        with pytest.raises(services.Frozen):
            services.locked(session, ready.id)  # to change it, one takes it back
        planning.take_back(session, ready.id)
        session.commit()
    back = desk.issue(ready.id)
    assert (back.state, back.approved_at, back.approved_by, back.scheduled_at) == ("draft", None, None, None)
    desk.later(days=6)
    assert jobs.launch_due(desk.tools(**APPROVAL)) is None


def test_the_others_are_asked_once(desk: Desk, ready: Any) -> None:
    plan(desk, ready, planning.at_once(desk.site.clock.now), **APPROVAL)
    with desk.site.sessions() as session:
        issue = session.merge(desk.issue(ready.id))
        for number in (1, 0):
            asked = asking.approval(
                session, issue, desk.people["coordination"], desk.site.settings, desk.site.clock.now
            )
            assert asked == number
        session.commit()
    mail = desk.mails("autre@reseau.example")[-1]
    assert mail.subject == "Relisez la lettre avant son envoi"
    assert f"/gestion/lettre/{ready.id}/approuver" in mail.text


def test_what_cannot_leave_any_more_is_a_draft_again_and_said(desk: Desk, ready: Any) -> None:
    now = desk.site.clock.now
    plan(desk, ready, planning.on(now + timedelta(hours=2), 0, now))
    with desk.site.sessions() as session:
        session.merge(desk.issue(ready.id)).subject = {}
        session.commit()
    desk.later(hours=3)
    assert jobs.launch_due(desk.tools()) == "un numéro retenu"
    assert desk.issue(ready.id).state == IssueState.DRAFT.value
    assert editions(desk, ready) == []
    assert desk.mails("coordination@reseau.example")[-1].subject == "Regardez la lettre : elle n’est pas partie"


def test_the_coordination_is_reminded_a_week_before_and_on_the_day(desk: Desk, ready: Any) -> None:
    with desk.site.sessions() as session:
        session.execute(sa.delete(LetterDate))
        session.execute(sa.delete(Mail))
        assert calendar.add(session, date(2026, 12, 10), "Numéro d’hiver")
        assert not calendar.add(session, date(2026, 12, 10), "")
        session.commit()

    def on(day: int, hour: int = 9) -> str | None:
        desk.site.clock.now = datetime(2026, 12, day, hour, tzinfo=UTC)
        return jobs.remind(desk.tools())

    assert on(2) is None
    assert on(3, 6) is None  # seven o'clock in Paris: too early
    assert on(3) == "rappels : 2"
    assert on(3, 12) is None
    assert on(8) is None
    assert on(10) == "rappels : 2"
    assert on(10, 15) is None
    subjects = [mail.subject for mail in desk.mails("autre@reseau.example")]
    assert subjects == [
        "Préparez la lettre : elle est prévue dans 7 jours", "Envoyez la lettre : elle est prévue aujourd’hui"
    ]  # fmt: skip


def test_nobody_is_reminded_of_a_day_whose_issue_is_ready(desk: Desk, ready: Any) -> None:
    with desk.site.sessions() as session:
        session.execute(sa.delete(LetterDate))
        calendar.add(session, date(2026, 11, 28), "")
        calendar.add(session, date(2026, 12, 24), "")
        session.commit()
    now = desk.site.clock.now
    plan(desk, ready, planning.on(now + timedelta(days=4), 2, now))
    days = {one.day.day: one for one in desk.rows(LetterDate)}
    assert (days[28].issue_id, days[24].issue_id) == (ready.id, None)
    assert jobs.remind(desk.tools()) is None
    with desk.site.sessions() as session:
        planning.take_back(session, ready.id)
        session.commit()
    assert jobs.remind(desk.tools()) == "rappels : 2"


def test_a_cancelled_issue_is_not_ready(desk: Desk, ready: Any) -> None:
    now = desk.site.clock.now
    with desk.site.sessions() as session:
        session.execute(sa.delete(LetterDate))
        calendar.add(session, now.date(), "")
        session.commit()
    desk.launch(ready)
    assert jobs.remind(desk.tools()) is None
    with desk.site.sessions() as session:
        launching.cancel(session, session.get_one(Issue, ready.id), now)
        session.commit()
    assert desk.rows(LetterDate)[0].issue_id is None
    assert jobs.remind(desk.tools()) == "rappels : 2"
