"""The tray of the agenda, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from importers.models import ImportSource
from reseau.agenda.models import Event
from reseau.core.ids import new_id
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Page, Site
from tests.members.conftest import House, post_form

TRAY, LIST = "/gestion/agenda", "/gestion/agenda/agendas"


@pytest.fixture(scope="module")
def _house(make_site: Callable[..., Site]) -> House:  # noqa: F811
    house = House(make_site("sqlite"))
    house.site.put({"nom": "Médiathèque", "commune": "Roubaix", "code_insee": "59512"})
    house.people["coordination"] = house.person("coordination", roles=["coordinator"]).id
    return house


@pytest.fixture
def house(_house: House) -> House:
    """The house; its agenda is empty."""
    _house.site.fresh()
    with _house.site.sessions() as session:
        session.execute(sa.delete(Event))
        session.execute(sa.delete(ImportSource))
        session.commit()
    return _house


def dates(house: House, number: int, **more: str) -> None:
    """Dates in the tray, one a day."""
    with house.site.sessions() as session:
        for n in range(number):
            at = house.site.clock.now + timedelta(days=n + 1)
            session.add(Event(id=new_id(), source="x", uid=f"u{n}", title=f"Date {n}", starts_at=at, **more))
        session.commit()


def test_keep_drop_undo(house: House) -> None:
    dates(house, 2)
    browser = house.browser("coordination")
    page = browser.get(TRAY)
    first = house.rows(Event, Event.title == "Date 0")[0].id
    form = next(form for form in page.forms.values() if "vu" in form.fields)
    page = form.submit("garder", value=str(first)).follow()
    assert "Date gardée." in page
    assert house.get(Event, first).state == "kept"
    next(form for form in page.forms.values() if "annuler" in form.fields).submit()
    assert house.get(Event, first).state == "tray"
    page = next(form for form in browser.get(TRAY).forms.values() if "vu" in form.fields).submit(
        "tout", value="ecarter"
    )
    assert {row.state for row in house.rows(Event)} == {"dropped"}
    house.browser(house.person().id).get(TRAY, status=403)


def test_a_series_is_sorted_at_once_and_dates_say_when_they_end(house: House) -> None:
    with house.site.sessions() as session:
        for n in range(3):
            at = house.site.clock.now + timedelta(days=7 * n + 1)
            end = at + timedelta(hours=2)
            session.add(Event(id=new_id(), source="x", uid="atelier", occurrence=str(n), title="Atelier", starts_at=at,
                              ends_at=end))  # fmt: skip
        session.commit()
    dates(house, 1)
    page = house.browser("coordination").get(TRAY)
    assert "12:30" in page  # 10:30 in Paris, and two hours
    first = house.rows(Event, Event.title == "Atelier")[0].id
    form = next(form for form in page.forms.values() if "vu" in form.fields)
    done = form.submit("serie-garder", value=str(first)).follow()
    assert "Toutes les dates de la série sont gardées." in done
    assert {row.title: row.state for row in house.rows(Event)} == {"Atelier": "kept", "Date 0": "tray"}
    next(form for form in done.forms.values() if "annuler" in form.fields).submit()
    assert {row.state for row in house.rows(Event)} == {"tray"}


def test_long_lists_cost_few_statements(house: House) -> None:
    dates(house, 300, description="mot " * 200)
    browser = house.browser("coordination")
    browser.get(TRAY)
    with house.site.statements() as seen:
        page = browser.get(TRAY + "?page=2&etat=nouveaux&agenda=%00")
    assert len([one for one in seen if not one.startswith(("PRAGMA", "BEGIN"))]) <= 10
    assert len(browser.get(TRAY).body) < 60_000
    assert not Page(page.text).errors


def test_add_a_calendar(house: House) -> None:
    browser = house.browser("coordination")
    form = post_form(browser.get(LIST), "")
    form["adresse"], form["lieu"] = "file:///etc/passwd", "rien"
    assert "Écrivez une adresse complète" in form.submit(status=422)
    form["adresse"] = "webcal://a.example/x.ics"
    assert "Nous ne trouvons pas cette fiche" in form.submit(status=422)
    form["lieu"] = house.path("Médiathèque")
    assert "Agenda ajouté." in form.submit(status=303).follow()
    (made,) = house.rows(ImportSource)
    place = str(house.site.named("Médiathèque")["id"])
    assert (made.location, made.adapter, made.complete) == ("https://a.example/x.ics", "agenda", True)
    assert made.options == {"timezone": "Europe/Paris", "structure": place}
    assert "déjà suivi" in form.submit(status=422)
