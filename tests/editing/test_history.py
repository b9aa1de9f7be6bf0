"""The history of a sheet: who changed which value when, from what to what; one value put back. Both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reseau.core.actors import Actor, Side
from reseau.core.ids import new_id
from reseau.directory import history
from reseau.directory.models import Cause, FieldChange
from reseau.directory.reproject import Because
from tests.directory.site import Page, dump
from tests.editing.conftest import Keepers
from tests.editing.keeping import SOURCES, changes, form_to, said, save, well_formed


def test_who_what_when_and_why(keepers: Keepers) -> None:
    id_ = keepers.place["id"]
    path = keepers.sheet_path() + "/historique"
    first = well_formed(keepers.as_(keepers.referent).get(path)).text
    assert "Dans l’annuaire depuis le 24 novembre 2026. Source : Cartographie nationale." in first
    keepers.clock.now += timedelta(minutes=5)
    before = keepers.row(id_)
    save(
        keepers,
        id_,
        {"telephone": "+33320112233", "frais_a_charge": [], "horaires": "Mo-Fr 09:00-12:00"},
        keepers.referent.id,
    )
    response = keepers.as_(keepers.referent).get(path)
    text = well_formed(response).text
    assert "03 20 11 22 33" in text
    assert "Ines" in text
    assert "Fiche corrigée" in text
    assert "lun.–ven. 9:00 – 12:00" in text
    if before["frais_a_charge"]:
        assert "Retiré" in text
    arabic = keepers.as_(keepers.referent, "ar").get(path)
    assert well_formed(arabic).all("html")[0]["dir"] == "rtl"
    with keepers.sessions.begin() as session:
        session.get_one(type(keepers.referent), keepers.referent.id).state = "gone"
    try:
        text = Page(keepers.as_(keepers.coordinator).get(path).text).text
        assert "Ines" not in text
        assert "un ancien membre" in text
    finally:
        with keepers.sessions.begin() as session:
            session.get_one(type(keepers.referent), keepers.referent.id).state = "active"


def test_put_one_value_back(keepers: Keepers) -> None:
    id_ = keepers.other["id"]
    path = keepers.sheet_path(id_)
    old = keepers.row(id_)["telephone"]
    keepers.clock.now += timedelta(minutes=7)
    save(keepers, id_, {"telephone": "+33320998877"})
    change = changes(keepers, id_)[-1]
    app = keepers.as_(keepers.elsewhere)
    confirm = app.get(f"{path}/historique").click("Remettre comme avant", index=0)
    assert "Voici ce qui sera écrit" in well_formed(confirm).text
    assert keepers.row(id_)["telephone"] == "+33320998877", "looking changes nothing"
    (form,) = (f for f in confirm.forms.values() if f.method.lower() == "post")
    done = form.submit()
    assert done.status_int == 303
    assert "comme avant" in said(done.follow())
    assert keepers.row(id_)["telephone"] == old
    assert changes(keepers, id_)[-1].cause == "restore"
    again = form.submit().follow()
    assert "la fiche dit déjà cela" in said(again)
    assert "la fiche dit déjà cela" in said(app.get(f"{path}/historique/{change.id}/remettre"))


def test_who_confirms_an_old_page_overwrites_nobody(keepers: Keepers) -> None:
    id_ = keepers.other["id"]
    save(keepers, id_, {"telephone": "+33320998822"})
    keepers.clock.now += timedelta(minutes=1)
    save(keepers, id_, {"telephone": "+33320998833"})
    change = changes(keepers, id_)[-1]
    app = keepers.as_(keepers.elsewhere)
    confirm = app.get(f"{keepers.sheet_path(id_)}/historique/{change.id}/remettre")
    save(keepers, id_, {"telephone": "+33320998844"})
    again = form_to(confirm, "/remettre").submit().follow()
    assert "Rien n’a été écrit" in said(again)
    assert keepers.row(id_)["telephone"] == "+33320998844"
    form_to(again, "/remettre").submit()
    assert keepers.row(id_)["telephone"] == "+33320998822"


def test_what_cannot_be_put_back(keepers: Keepers) -> None:
    id_ = keepers.other["id"]
    save(keepers, id_, {"telephone": "+33320998811"})
    mine = changes(keepers, id_)[-1]
    app = keepers.as_(keepers.elsewhere)
    path = keepers.sheet_path(id_)
    app.get(f"{path}/historique/{new_id()}/remettre", status=404)
    app.get(f"{path}/historique/{mine.id}/remettre", status=200)
    keepers.as_(keepers.referent).get(f"{keepers.sheet_path()}/historique/{mine.id}/remettre", status=404)
    token = form_to(app.get(f"{path}/verifier"), "/verifier")["csrf_token"].value
    whole = FieldChange(
        structure_id=id_,
        field="",
        before={"v": None},
        after={"v": "x"},
        at=keepers.clock.now,
        cause="close",
        side="lieu",
    )
    offer = FieldChange(
        structure_id=id_,
        field="",
        before={"v": None},
        after={"v": {"nom": "Atelier", "frais": "gratuit", "telephone": "+33320112233"}},
        at=keepers.clock.now,
        cause="offer",
        side="lieu",
    )
    with keepers.sessions.begin() as session:
        session.add_all([whole, offer])
        session.flush()
        ids = whole.id, offer.id
    before = dump(keepers.engine)
    for one in ids:
        app.post(f"{path}/historique/{one}/remettre", {"csrf_token": token}, status=404)
    assert dump(keepers.engine) == before
    text = well_formed(app.get(f"{path}/historique")).text
    assert "Nouvelle aide : Atelier" in text
    assert "Téléphone : 03 20 11 22 33" in text
    assert "Lieu fermé" in text


@pytest.mark.parametrize("who", [None, "stranger", "elsewhere"])
def test_the_history_is_for_those_who_keep_the_sheet(keepers_lite: Keepers, who: str | None) -> None:
    site = keepers_lite
    app = site.as_(getattr(site, who) if who else None)
    app.get(site.sheet_path() + "/historique", status=403)
    member = site.as_(site.member)
    save(site, site.place["id"], {"telephone": "+33320445566"})
    page = member.get(site.sheet_path() + "/historique")
    assert "Remettre" not in page.text, "a member reads"
    change = changes(site, site.place["id"])[-1]
    member.get(f"{site.sheet_path()}/historique/{change.id}/remettre", status=403)


def test_pages_and_as_many_statements_for_one_as_for_many(keepers: Keepers) -> None:
    id_ = sorted(row["id"] for row in keepers.rows())[5]
    path = keepers.sheet_path(id_) + "/historique"
    app = keepers.as_(keepers.coordinator)
    costs = []
    for total in (1, 120):
        start = len(changes(keepers, id_))
        with keepers.sessions.begin() as session:
            session.add_all(
                FieldChange(
                    structure_id=id_, field="telephone", before={"v": f"a{n}"}, after={"v": f"b{n}"}, cause="edit",
                    at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n), side="lieu", author_id=keepers.referent.id,
                )
                for n in range(start, total)
            )  # fmt: skip
        with keepers.statements() as statements:
            app.get(path)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 12
    third = well_formed(app.get(path, {"page": "3"}))
    assert "b0" in third.text
    assert "b119" not in third.text
    for strange in ("0", "-1", "99", "x", "١", "9" * 40, "1e9"):
        assert app.get(path, {"page": strange}).status_int == 200
    with keepers.sessions() as session:
        moments = history.history(session, id_, 1).moments
    assert [m.first.at for m in moments] == sorted((m.first.at for m in moments), reverse=True)
    assert sum(len(m.changes) for m in moments) == history.PAGE


def test_a_place_that_was_merged_leads_to_the_history_of_the_other(keepers_lite: Keepers) -> None:
    from reseau.directory import lifecycle

    site = keepers_lite
    rows = sorted(site.rows(), key=lambda row: row["id"])
    kept, lost = rows[10], rows[11]
    old = site.sheet_path(lost["id"])
    with site.sessions.begin() as session:
        lifecycle.merge(
            session, kept["id"], lost["id"], Because(Cause.MERGE, Actor(Side.COORDINATION)), SOURCES, site.clock.now
        )
    app = site.as_(site.coordinator)
    answer = app.get(old + "/historique?page=1", status=301)
    assert answer.location.endswith(site.sheet_path(kept["id"]) + "/historique?page=1")
    assert lost["nom"] in Page(answer.follow().text).text


def test_what_changed_together_is_shown_and_put_back_as_one(keepers: Keepers) -> None:
    id_ = sorted(row["id"] for row in keepers.rows())[7]
    path, app = keepers.sheet_path(id_), keepers.as_(keepers.coordinator)
    before = keepers.row(id_)
    keepers.clock.now += timedelta(minutes=3)
    save(keepers, id_, {"latitude": 50.5, "longitude": 3.5}, keepers.coordinator.id)
    page = app.get(path + "/historique")
    text = well_formed(page).text
    assert "Place sur la carte" in text
    assert "50.50000, 3.50000" in text
    assert "Latitude" not in text
    confirm = page.click("Remettre comme avant", index=0)
    assert "Place sur la carte" in well_formed(confirm).text
    form_to(confirm, "/remettre").submit()
    now = keepers.row(id_)
    assert (now["latitude"], now["longitude"]) == (before["latitude"], before["longitude"])


def test_an_import_says_its_day_and_its_register(keepers: Keepers) -> None:
    from tests.directory.site import row

    path = keepers.file_folder / "jour.csv"
    keepers.add(row("jour", nom="Lieu du jour", telephone="+33320000010"), path=path)
    keepers.clock.now += timedelta(days=2)
    keepers.add(row("jour", nom="Lieu du jour", telephone="+33320000011", date_maj="2026-11-25"), path=path)
    id_ = keepers.named("Lieu du jour")["id"]
    text = well_formed(keepers.as_(keepers.coordinator).get(keepers.sheet_path(id_) + "/historique")).text
    assert "Mise à jour du 26 novembre 2026 – Cartographie nationale" in text


def test_one_page_is_read_once(keepers: Keepers) -> None:
    path, app = keepers.sheet_path() + "/historique", keepers.as_(keepers.coordinator)
    counts = []
    for page in ("1", "2", "99"):
        with keepers.statements() as statements:
            app.get(path, {"page": page})
        counts.append(len(statements))
    assert counts[0] < counts[2], "only a page that is not there costs a second reading"
