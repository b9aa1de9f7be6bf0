"""What the letter says of the label: who got it, who lost it, and nothing of who kept it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from feeds.newsletter.writing import telling_others
from reseau.core.ids import new_id
from reseau.directory.models import Structure
from reseau.label import jobs, services
from reseau.label.models import Criteria
from tests.feeds.newsletter.writing.conftest import Desk
from tests.feeds.newsletter.writing.test_drafting import place

FIRST = date(2025, 1, 1)


def criteria(desk: Desk) -> Criteria:
    with desk.site.sessions() as session:
        made = Criteria(version=new_id().hex[-12:], from_on=date(2020, 1, 1), texts={"fr": "x"})
        session.add(made)
        session.commit()
        return made


def grant(desk: Desk, id_: UUID, rules: Criteria, start: date, end: date) -> None:
    with desk.site.sessions() as session:
        now = desk.site.clock.now
        services.grant(session, id_, rules, start, end, start, None, now=now)
        session.commit()


def told(desk: Desk) -> dict[str, str]:
    """French title → text of the lines of the label, in a new draft."""
    return {title: line.texts["fr"]["text"] for title, line in desk.told(desk.letter(), "label").items()}


def test_a_place_that_was_renewed_has_lost_nothing(desk: Desk) -> None:
    desk.nobody()
    desk.subscriber()
    today, rules = desk.site.clock.now.date(), criteria(desk)
    kept, lost, merged = (place(desk, f"Lieu {name}") for name in ("renouvelé", "terminé", "rejoint"))
    for id_ in (kept, lost, merged):
        grant(desk, id_, rules, FIRST, today)
    grant(desk, kept, rules, today + timedelta(days=1), today + timedelta(days=700))
    with desk.site.sessions() as session:
        session.get_one(Structure, merged).merged_into = kept  # its own label goes on being read there
        session.commit()
    desk.launch(desk.letter())
    desk.later(days=2)
    assert "labels terminés : 3" in (jobs.follow_days(desk.tools()) or "")
    assert told(desk) == {"Lieu terminé": "Le label de ce lieu est arrivé à sa fin."}


def test_a_renewal_is_said_once_and_those_beyond_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling_others, "MOST_LABELS", 2)
    desk.nobody()
    desk.subscriber()
    desk.launch(desk.letter())
    today, rules = desk.site.clock.now.date(), criteria(desk)
    for number in range(4):
        id_ = place(desk, f"Lieu compté {number}")
        grant(desk, id_, rules, today, today + timedelta(days=300))
        grant(desk, id_, rules, today + timedelta(days=301), today + timedelta(days=600))
    said = told(desk)
    assert list(said) == ["Lieu compté 0", "Lieu compté 1", "et 2 autres lieux"]
    assert said["Lieu compté 0"] == "Ce lieu reçoit le label, jusqu’au 16 juillet 2028."
