"""The week, typed: what is written, what is refused, what a table cannot hold."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from reseau.directory.models import Override, Structure
from reseau.members.models import Draft
from tests.directory.site import Page
from tests.editing.conftest import Keepers
from tests.editing.forms import edit, main_form, open_form

RICH = 'Mo-Fr 09:00-12:00; Jul-Aug Mo-Fr 10:00-12:00 "sur place"'


def hours(site: Keepers) -> tuple[Any, Any]:
    row = site.row(site.place["id"])
    return row["horaires"], row["horaires_texte"]


def put(site: Keepers, osm: str | None, text: str | None) -> None:
    """The hours of the place as a register wrote them."""
    with site.sessions() as session:
        place = Structure.__table__.c.id == site.place["id"]
        session.execute(sa.delete(Override).where(Override.structure_id == site.place["id"]))
        session.execute(sa.update(Structure.__table__).where(place).values(horaires=osm, horaires_texte=text))
        session.execute(sa.delete(Draft))
        session.commit()


@pytest.fixture
def place(keepers_lite: Keepers) -> Keepers:
    put(keepers_lite, "Tu-Fr 08:00-12:00,13:30-17:00; Sa 08:00-11:00", None)
    return keepers_lite


def test_tuesday(keepers: Keepers) -> None:
    """One field, the one that was wrong; the sheet shows the week."""
    put(keepers, "Tu-Fr 08:00-12:00,13:30-17:00", None)
    app = keepers.as_(keepers.referent)
    form = open_form(app, keepers)
    assert (form["h-1-1-de"].value, form["h-1-1-a"].value, form["h-1-2-de"].value) == ("8:00", "12:00", "13:30")
    form["h-1-1-de"] = "9h"
    sheet = form.submit().follow()
    osm, text = hours(keepers)
    assert osm == "Tu 09:00-12:00,13:30-17:00; We-Fr 08:00-12:00,13:30-17:00"
    assert text is None
    assert "9:00 – 12:00" in Page(sheet.text).text.replace("09:00", "9:00")
    keepers.import_again()
    assert hours(keepers) == (osm, None)
    assert open_form(app, keepers)["h-1-1-de"].value == "9:00"


def test_all_that_the_table_says(place: Keepers) -> None:
    form = open_form(place.as_(place.referent), place)
    for day in range(7):
        for name in ("1-de", "1-a", "2-de", "2-a"):
            form[f"h-{day}-{name}"] = ""
    form["h-0-1-de"], form["h-0-1-a"] = "930", "12"
    form["h-0-rdv"] = True
    form["h-copie"] = True
    form["h-5-2-de"], form["h-5-2-a"] = "14h", "16:30"
    form["h-feries"] = "ferme"
    form["h-fermeture-0-du"], form["h-fermeture-0-au"], form["h-fermeture-0-motif"] = "24/12/2026", "2/1/2027", "Noël"
    assert form.submit().status_int == 303
    osm, _text = hours(place)
    assert osm.startswith(
        'Mo-Fr 09:30-12:00 open "sur rendez-vous"; Sa 14:00-16:30; PH off; 2026 Dec 24-2027 Jan 02 off "Noël"'
    )
    again = open_form(place.as_(place.referent), place)
    assert (again["h-5-1-de"].value, again["h-5-2-de"].value, again["h-fermeture-0-au"].value) == (
        "",
        "14:00",
        "02/01/2027",
    )
    again["verifie"] = False
    assert "enregistre=rien" in again.submit().location


def test_one_week_in_two(place: Keepers) -> None:
    answer = edit(place.as_(place.referent), place, **{"h-rythme": "1/2", "h-rythme-depuis": "23/11/2026"})
    assert answer.status_int == 303
    assert "1 semaine sur 2" in hours(place)[0]
    again = open_form(place.as_(place.referent), place)
    assert (again["h-rythme"].value, again["h-rythme-depuis"].value) == ("1/2", "23/11/2026")


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("h-1-1-de", "neuf", "Écrivez une heure"),
        ("h-1-1-de", "", "Il manque une heure"),
        ("h-1-1-a", "7h", "L’heure de fin doit venir après"),
        ("h-1-2-de", "11h", "se chevauchent"),
        ("h-rythme", "1/2", "première semaine"),
        ("h-fermeture-1-du", "hier", "Écrivez une date"),
        ("h-fermeture-1-motif", "travaux", "deux dates"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(place: Keepers, name: str, value: str, sentence: str) -> None:
    before = hours(place)
    refused = edit(place.as_(place.referent), place, **{name: value})
    assert refused.status_int == 422
    page = Page(refused.text)
    assert not page.errors
    assert any(sentence in text for text in page.text_of(".error-text"))
    assert main_form(refused)[name].value == value
    wrong = [a for a in page.all("input") if a.get("aria-invalid")]
    assert all(any(b.get("id") == a["aria-describedby"] for _t, b in page.elements) for a in wrong)
    links = {a["href"][1:] for a in page.all("a") if a.get("href", "").startswith("#h-")}
    assert links
    assert links <= {a.get("id") for _t, a in page.elements}
    assert hours(place) == before


@pytest.fixture(params=[(RICH, None), (None, "le mardi, sauf si le temps le permet")])
def rich(keepers_lite: Keepers, request: pytest.FixtureRequest) -> Keepers:
    put(keepers_lite, *request.param)
    return keepers_lite


def test_what_a_table_cannot_hold_is_left(rich: Keepers) -> None:
    before = hours(rich)
    page = rich.as_(rich.referent).get(rich.sheet_path() + "/modifier")
    assert "ne tiennent pas dans le tableau" in page
    form = main_form(page)
    assert form["h-mode"].value == "garder"
    form["structure_parente"] = "Mairie de Roubaix, service"
    assert form.submit().status_int == 303
    # Nothing was said of the hours: no override, and the place's register rules again.
    with rich.sessions() as session:
        wanted = sa.select(Override).where(Override.structure_id == rich.place["id"], Override.field == "horaires")
        assert not list(session.scalars(wanted))
    assert before != (None, None)


def test_what_a_table_cannot_hold_is_replaced_on_purpose(rich: Keepers) -> None:
    app = rich.as_(rich.referent)
    refused = edit(app, rich, **{"h-0-1-de": "9", "h-0-1-a": "12"})
    assert refused.status_int == 422
    assert "choisissez de remplacer les horaires" in refused
    form = main_form(refused)
    form["h-mode"] = "remplacer"
    assert form.submit().status_int == 303
    assert hours(rich) == ("Mo 09:00-12:00", None)


def test_unknown_hours(place: Keepers) -> None:
    app = place.as_(place.referent)
    form = open_form(app, place)
    for name in [n for n in form.fields if n and n.startswith("h-") and n.endswith(("-de", "-a"))]:
        form[name] = ""
    refused = form.submit(status=422)
    assert "Écrivez les heures d’un jour au moins" in refused
    form = main_form(refused)
    form["h-inconnu"] = True
    assert form.submit().status_int == 303
    assert hours(place) == (None, None)
    place.import_again()
    assert hours(place) == (None, None)
