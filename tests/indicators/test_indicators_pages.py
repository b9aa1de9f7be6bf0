"""The page of the indicators and its CSV."""

from __future__ import annotations

from datetime import datetime

import pytest

from reseau.core.counting import counts
from reseau.indicators.models import IndicatorMonth
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Page
from tests.label.conftest import Committee, _committee, committee  # noqa: F401 (fixtures)


@pytest.fixture
def past(committee: Committee) -> Committee:  # noqa: F811
    """September is known, October is not."""
    with committee.site.sessions.begin() as session:
        at = datetime.fromisoformat("2026-09-30T20:00:00+00:00")
        session.merge(IndicatorMonth(name="labellisees", month="2026-09", value=1234, at=at))
    return committee


def test_each_is_defined_counted_and_has_its_months(past: Committee) -> None:
    page = Page(past.browser("comite").get("/indicateurs").text)
    assert not page.errors
    assert "Structures labellisées" in page.text
    assert "Les lieux ouverts qui ont le label local ce jour-là" in page.text
    assert "octobre 2026 non renseigné" in page.text
    assert "septembre 2026 1 234" in page.text.replace("\u202f", " ").replace("\xa0", " ")
    assert "novembre 2026 ( en cours ) 1" in page.text.replace("(en cours)", "( en cours )")


def test_the_csv_says_the_same(past: Committee) -> None:
    answer = past.browser("referent").get("/indicateurs.csv")
    assert answer.content_type == "text/csv"
    head, *rows = answer.text.removeprefix("\ufeff").split()
    column = head.split(",").index("labellisees")
    assert [row.split(",")[column] for row in rows[:3]] == ["1", "", "1234"]
    assert head.split(",")[2:] == [one.name for one in counts()]


@pytest.mark.parametrize("who", [None, "personne"])
def test_it_is_for_the_network(past: Committee, who: str | None) -> None:
    assert past.browser(who).get("/indicateurs", status="*").status_int in (303, 403)


def test_one_statement_for_each_and_few_more(past: Committee) -> None:
    browser = past.browser("comite")
    at = datetime.fromisoformat("2026-09-30T20:00:00+00:00")
    with past.site.sessions.begin() as session:
        for month in range(1, 12):
            for one in counts():
                if (one.name, month) not in (("labellisees", 9), ("labellisees", 10)):
                    session.merge(IndicatorMonth(name=one.name, month=f"2026-{month:02d}", value=12345, at=at))
    with past.site.statements() as seen:
        page = browser.get("/indicateurs")
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= len(counts()) + 5
    assert len(page.body) < 60_000


def test_in_arabic_the_page_reads_from_the_right(past: Committee) -> None:
    page = past.browser("comite", language="ar").get("/indicateurs").text
    assert 'dir="rtl"' in page
