"""What the sheet of a place offers to those who keep it: the panel, what is said after a form, a closed place."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from reseau.core.actors import Actor, Side
from reseau.directory import lifecycle
from reseau.directory.models import Cause, Override
from reseau.directory.reproject import Because
from tests.directory.site import Page
from tests.editing.conftest import Keepers
from tests.editing.forms import edit
from tests.editing.keeping import SOURCES, save, well_formed


def links(page: Page) -> list[str]:
    return [str(one.get("href")) for one in page.all("a")]


def test_the_panel_comes_first_for_those_who_may_edit(keepers_lite: Keepers) -> None:
    site, path = keepers_lite, keepers_lite.sheet_path()
    html = site.as_(site.referent).get(path).text
    assert html.index("s-tenir") < html.index("s-horaires")
    page = Page(html)
    assert page.errors == []
    assert {f"{path}/fermer", f"{path}/antenne", f"{path}/verifier#mois"} <= set(links(page))
    assert links(page).count(f"{path}/fermer") == 1
    member = site.as_(site.member).get(path).text
    assert member.index("s-tenir") > member.index("s-contact")
    assert "/fermer" not in member
    assert "s-tenir" not in site.as_(None).get(path).text


def test_nothing_of_the_panel_is_printed(keepers_lite: Keepers) -> None:
    page = Page(keepers_lite.as_(keepers_lite.referent).get(keepers_lite.sheet_path()).text)
    (panel,) = (one for one in page.all("section") if one.get("aria-labelledby") == "s-tenir")
    assert "no-print" in (panel["class"] or "")
    assert "s-tenir" not in keepers_lite.as_(keepers_lite.referent).get(keepers_lite.sheet_path() + "/imprimer")


def test_the_link_to_conflicts_is_there_when_there_is_one(keepers: Keepers) -> None:
    id_, app = keepers.place["id"], keepers.as_(keepers.referent)
    path = keepers.sheet_path()
    save(keepers, id_, {"telephone": "+33320815799"}, keepers.referent.id)
    assert f"{path}/ecarts" not in links(Page(app.get(path).text))
    with keepers.sessions.begin() as session:
        mine = (Override.structure_id == id_, Override.field == "telephone")
        session.execute(sa.update(Override).where(*mine).values(conflict_since=keepers.clock.now))
    try:
        page = Page(app.get(path).text)
        assert f"{path}/ecarts" in links(page)
        assert "La cartographie dit autre chose" in page.text
    finally:
        with keepers.sessions.begin() as session:
            session.execute(sa.update(Override).where(*mine).values(conflict_since=None))


def test_a_closed_place_asks_for_nothing_more(keepers: Keepers) -> None:
    id_ = next(row["id"] for row in keepers.rows() if row["id"] not in (keepers.place["id"], keepers.other["id"]))
    because = Because(Cause.CLOSE, Actor(Side.COORDINATION, keepers.coordinator.id))
    with keepers.sessions.begin() as session:
        lifecycle.close(session, id_, date(2026, 11, 2), "Parti à Lille", because, SOURCES, keepers.clock.now)
    app, path = keepers.as_(keepers.coordinator), keepers.sheet_path(id_)
    text = well_formed(app.get(path)).text
    assert "Rouvrir ce lieu" in text
    for unwanted in ("Vérification", "sur 10", "Ajouter une aide", "Ajouter une antenne", "Ce lieu a fermé", "exact"):
        assert unwanted not in text, unwanted
    history = well_formed(app.get(path + "/historique")).text
    assert "depuis le 2 novembre 2026 : Parti à Lille" in history
    assert "2026-11-02" not in history
    with keepers.sessions.begin() as session:
        again = Because(Cause.REOPEN, because.actor)
        lifecycle.reopen(session, id_, again, SOURCES, keepers.clock.now)
    history = well_formed(app.get(path + "/historique")).text
    assert "Lieu rouvert" in history
    assert history.count("Parti à Lille") == 1, "said where it closed"


@pytest.mark.parametrize("query", ["?verifie=1", "?enregistre=nom"])
def test_what_is_said_after_a_form_is_at_the_top_and_takes_the_focus(keepers_lite: Keepers, query: str) -> None:
    site = keepers_lite
    response = site.as_(site.referent).get(site.sheet_path() + query)
    page = well_formed(response)
    html = response.text.split("<main")[1]
    assert html.index("data-focus") < html.index("card-meta")
    assert any("js/form.js" in (one.get("src") or "") for one in page.all("script"))
    for other in (site.as_(None), site.as_(site.stranger)):
        assert "C’est noté" not in other.get(site.sheet_path() + "?verifie=1")


def test_welcome_and_a_bar_that_stays(keepers_lite: Keepers) -> None:
    site = keepers_lite
    app, path = site.as_(site.referent), site.sheet_path() + "/modifier"
    assert "Bienvenue ! Corrigez ce qui est faux, puis enregistrez." in Page(app.get(path + "?bienvenue=1").text).notes
    response = app.get(path)
    assert "Bienvenue" not in response
    bar = response.text.split('class="edit-bar"')[1].split("</form>")[0]
    assert "Enregistrer" in bar
    assert "Garder pour plus tard" in bar


def test_a_rhythm_alone_is_saved_and_said(keepers_lite: Keepers) -> None:
    site = keepers_lite
    saved = edit(site.as_(site.referent), site, verify_every="3")
    assert "C’est enregistré" in saved.follow()
