"""The page of the second person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from feeds.newsletter.models import Delivery
from feeds.newsletter.writing import planning
from tests.feeds.newsletter.writing.conftest import ONE_ENGINE, Desk, post_form

pytestmark = ONE_ENGINE


@pytest.fixture
def asked(desk: Desk) -> Any:
    """An issue that ``coordination`` asked to send now."""
    desk.nobody()
    desk.subscriber()
    issue = desk.letter()
    desk.add(issue, "Une information")
    with desk.site.sessions() as session:
        settings, when = replace(desk.site.settings, letter_approval=True), planning.at_once(desk.site.clock.now)
        planning.plan(session, issue.id, when, desk.people["coordination"], settings)
        session.commit()
    return issue


def state(desk: Desk, issue: Any) -> tuple[str, int]:
    return desk.issue(issue.id).state, len(desk.rows(Delivery, Delivery.issue_id == issue.id))


def test_a_second_person_approves_and_it_leaves(desk: Desk, asked: Any) -> None:
    page = desk.browser("autre").get(f"/gestion/lettre/{asked.id}/approuver")
    assert "Départ dès votre approbation." in page.text
    page = post_form(page, "/approuver").submit(status=303).follow(status=200)
    assert page.request.path.endswith("/suivi")
    assert "La lettre part." in page.text
    assert state(desk, asked) == ("sending", 1)
    desk.browser("autre").get(f"/gestion/lettre/{asked.id}/approuver", status=303)


def test_who_asked_does_not_approve(desk: Desk, asked: Any) -> None:
    path = f"/gestion/lettre/{asked.id}/approuver"
    mine = desk.claire()
    page = mine.get(path)
    assert not [form for form in page.forms.values() if form.action.endswith("/approuver")]
    values = {"csrf_token": post_form(page, "/reprendre")["csrf_token"].value, "vu": str(desk.issue(asked.id).rev)}
    assert "Une autre personne doit approuver" in mine.post(path, values, status=422).text
    assert state(desk, asked) == ("approval", 0)


@pytest.mark.parametrize("seen", ["1", "", "9" * 5000, "²", "٣"])
def test_only_what_was_read_is_approved(seen: str, desk: Desk, asked: Any) -> None:
    form = post_form(desk.browser("autre").get(f"/gestion/lettre/{asked.id}/approuver"), "/approuver")
    form["vu"].force_value(seen)
    assert "relisez-le" in form.submit(status=422).text
    assert state(desk, asked) == ("approval", 0)
