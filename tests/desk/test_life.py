"""A place is made, branched, closed, opened again: pages, log, index, history, journal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from reseau.members.models import Membership
from tests.desk.conftest import ECHO, Desk, post_form
from tests.desk.steps import close, fill, history, journal, ops

# --- made -------------------------------------------------------------------------------------------------------


def create(desk: Desk, name: str, **values: Any) -> Any:
    said = {"nom": name, "commune": "59100 Roubaix", "adresse": "1 rue du Test", **values}
    return fill(desk.browser("coordination"), "/gestion/lieux/nouveau", **said).submit()


def test_a_place_made_by_hand_is_listed_and_told(desk: Desk) -> None:
    answer = create(
        desk, "Zébulon des réseaux", telephone="03 20 11 22 33", services=["aide-aux-demarches-administratives"]
    )
    assert answer.status_int == 303
    assert answer.location.endswith("/modifier")
    row = desk.site.named("Zébulon des réseaux")
    assert row["code_insee"] == "59512"
    assert row["code_postal"] == "59100"
    assert row["telephone"] == "+33320112233"
    assert (row["rev"], row["status"], row["slug"]) == (1, "active", "zebulon-des-reseaux")
    assert row["fresh_on"] == "2026-11-24"
    assert row["due_on"] == "2027-05-24"
    assert row["quality"] >= 0
    assert row["provenance"]["nom"]["source"] == "reseau"
    assert ops(desk, row["id"]) == ["publish"]
    assert journal(desk, row["id"]) == ["sheet.create"]
    assert ("create", "nom") in history(desk, row["id"])
    assert desk.listed("zebulon") == ["Zébulon des réseaux"]
    assert desk.site.app.get(desk.at(row["id"])).status_int == 200


def test_what_is_already_there_is_shown_first(desk: Desk) -> None:
    first = create(desk, "Ludothèque Pistache", telephone="03 20 44 55 66", siret="12345678901234")
    assert first.status_int == 303
    known = desk.site.named("Ludothèque Pistache")
    assert known["pivot"] == "12345678901234"
    alike = (
        {"nom": "LUDOTHEQUE pistache"},
        {"nom": "Tout autre nom", "telephone": "+33 3 20 44 55 66"},
        {"nom": "Encore autre", "siret": "123 456 789 01234"},
    )
    for said in alike:
        browser = desk.browser("coordination")
        form = fill(browser, "/gestion/lieux/nouveau", **{"commune": "Roubaix", **said})
        page = form.submit(status=422)
        assert str(known["id"]) in page.text
        assert said["nom"] in page.text, "what was typed is kept"
        again = post_form(page)
        assert again["nom"].value == said["nom"]
    again["nouveau"] = True
    assert again.submit().status_int == 303
    assert desk.site.named("Encore autre")["id"] != known["id"]


@pytest.mark.parametrize(
    "values",
    [
        {"nom": ""},
        {"nom": " \x00 "},
        {"nom": "x" * 201},
        {"commune": "Nulle-Part-sur-Rien"},
        {"commune": ""},
        {"telephone": "mon numéro"},
        {"siret": "12"},
        {"siret": "²²²²²²²²²²²²²²"},
    ],
)
def test_a_wrong_form_is_asked_again(desk: Desk, values: dict[str, str]) -> None:
    said = {"nom": "Lieu faux", "commune": "Roubaix", **values}
    page = fill(desk.browser("coordination"), "/gestion/lieux/nouveau", **said).submit(status=422)
    assert "erreurs" in page.text
    assert not [row for row in desk.site.rows() if row["nom"] == "Lieu faux"]


def test_made_up_choices_are_refused(desk: Desk) -> None:
    browser = desk.browser("coordination")
    token = post_form(browser.get("/gestion/lieux/nouveau"))["csrf_token"].value
    said = {"csrf_token": token, "nom": "Lieu inventé", "commune": "Roubaix", "services": "<script>"}
    assert browser.post("/gestion/lieux/nouveau", said, status=422)
    assert browser.post("/gestion/lieux/nouveau", {"csrf_token": token}, status=422)


def test_who_may_make_a_place(desk: Desk) -> None:
    for who in ("referent", "membre", "personne", "admin"):
        desk.browser(who).get("/gestion/lieux/nouveau", status=403)


# --- branches ---------------------------------------------------------------------------------------------------


def test_a_branch_is_its_own_place_and_each_leads_to_the_other(desk: Desk) -> None:
    browser, parent = desk.browser("referent"), desk.places["echo"]
    form = post_form(browser.get(desk.at(parent) + "/antenne"))
    assert form["nom"].value.startswith(ECHO)
    form["nom"], form["adresse"] = "Antenne du Pile", "3 rue du Pile"
    answer = form.submit()
    assert answer.status_int == 303
    assert answer.location.endswith("/modifier")
    branch = desk.site.named("Antenne du Pile")
    assert branch["parent_id"] == parent
    assert branch["structure_parente"] == ECHO
    assert branch["services"] == desk.row(parent)["services"]
    assert branch["horaires"] is None
    assert branch["latitude"] is None
    assert [m.role for m in desk.rows(Membership, Membership.structure_id == branch["id"])] == ["referent"]
    assert journal(desk, branch["id"]) == ["sheet.branch"]
    assert desk.at(parent) in desk.site.app.get(desk.at(branch["id"])).text
    assert desk.at(branch["id"]) in desk.site.app.get(desk.at(parent)).text
    assert desk.browser("referent").get(desk.at(branch["id"]) + "/fermer").status_int == 200


def test_a_referent_makes_five_branches_a_day_and_the_coordination_is_told(desk: Desk) -> None:
    place = desk.place("Maison Papaye")
    person, staff = desk.person("Papayer", referent_of=[place]), desk.person(roles=["coordinator"])
    assert staff.email
    browser = desk.browser(person.id)
    assert "la coordination sera prévenue" in browser.get(desk.at(place) + "/antenne").text
    for number, street in enumerate(("Ananas", "Bergamote", "Cédrat", "Datte", "Églantine", "Figue")):
        form = fill(browser, desk.at(place) + "/antenne", nom=street, adresse=f"{number} rue {street}")
        form["telephone"] = ""
        answer = form.submit(expect_errors=True)
        assert answer.status_int == (303 if number < 5 else 429), street
    (letter,) = desk.mails(staff.email)
    assert "Papayer" in letter.text
    assert "Ananas" in letter.text
    assert desk.at(place) in letter.text
    coordinator = desk.browser(staff.id)
    assert "la coordination sera prévenue" not in coordinator.get(desk.at(place) + "/antenne").text
    form = fill(coordinator, desk.at(place) + "/antenne", nom="Goyave", adresse="7 rue Goyave", telephone="")
    assert form.submit().status_int == 303
    assert len(desk.mails(staff.email)) == 1
    desk.site.clock.now += timedelta(days=1, minutes=1)
    form = fill(browser, desk.at(place) + "/antenne", nom="Figue", adresse="6 rue Figue", telephone="")
    assert form.submit().status_int == 303
    assert len(desk.mails(staff.email)) == 2


def test_a_branch_of_another_place_cannot_be_made(desk: Desk) -> None:
    desk.browser("referent").get(desk.at(desk.places["epeule"]) + "/antenne", status=403)
    desk.browser("membre").get(desk.at(desk.places["echo"]) + "/antenne", status=403)


# --- closed -----------------------------------------------------------------------------------------------------


def test_a_closed_place_keeps_its_sheet_and_leaves_everything_else(desk: Desk) -> None:
    id_ = desk.place("Cyber Mirabelle", horaires="Mo-Su 00:00-24:00", latitude=50.69, longitude=3.17)
    assert desk.listed("mirabelle") == ["Cyber Mirabelle"]
    path, total = desk.at(id_), desk.site.json()["total"]
    answer = close(desk, id_)
    assert answer.location.endswith(path)
    assert ops(desk, id_) == ["publish", "withdraw"]
    assert journal(desk, id_) == ["sheet.close"]
    assert history(desk, id_) == [("close", "")]
    assert desk.listed("mirabelle") == []
    assert desk.site.json()["total"] == total - 1
    page = desk.site.app.get(path)
    assert "Fermé pour toujours" in page.text
    assert "20 novembre 2026" in page.text
    assert "A déménagé à Lille" in page.text
    assert "Ouvert" not in page.text.split("<main")[1].split("</main")[0]
    assert '<meta name="robots" content="noindex">' in page.text
    twin = desk.site.app.get(path + ".json").json
    assert (twin["ferme_le"], twin["ouvert"], twin["semaine"]) == ("2026-11-20", False, None)
    assert twin["raison_fermeture"] == "A déménagé à Lille"
    assert "Fermé pour toujours" in desk.site.app.get(path + "/imprimer").text
    assert str(id_) not in json.dumps(desk.site.app.get("/annuaire/carte.json").json)


def test_it_opens_again_as_it_was(desk: Desk) -> None:
    id_ = desk.place("Cyber Quetsche")
    close(desk, id_)
    browser = desk.browser("coordination")
    page = browser.get(desk.at(id_)).click("Rouvrir ce lieu")
    assert "A déménagé" in page.text
    post_form(page, "/rouvrir").submit()
    row = desk.row(id_)
    assert (row["status"], row["closed_on"], row["closed_reason"]) == ("active", None, None)
    assert ops(desk, id_) == ["publish", "withdraw", "publish"]
    assert history(desk, id_) == [("close", ""), ("reopen", "")]
    assert journal(desk, id_) == ["sheet.close", "sheet.reopen"]
    assert desk.listed("quetsche") == ["Cyber Quetsche"]
    assert "Fermé pour toujours" not in desk.site.app.get(desk.at(id_)).text
    assert desk.site.app.get(desk.at(id_) + ".json").json["ferme_le"] is None


def test_closing_twice_does_it_once(desk: Desk) -> None:
    id_ = desk.place()
    browser = desk.browser("coordination")
    form = fill(browser, desk.at(id_) + "/fermer", le="2026-11-20", raison="Fin du bail", sur=True)
    assert form.submit().status_int == 303
    assert form.submit().status_int == 303
    assert journal(desk, id_) == ["sheet.close"]
    assert desk.row(id_)["rev"] == 2
    token = form["csrf_token"].value
    for _ in range(2):
        assert browser.post(desk.at(id_) + "/rouvrir", {"csrf_token": token}).status_int == 303
    assert journal(desk, id_) == ["sheet.close", "sheet.reopen"]


@pytest.mark.parametrize(
    "values",
    [
        {"le": "2026-11-25"},
        {"le": "1999-12-31"},
        {"le": "hier"},
        {"le": "\x00"},
        {"le": ""},
        {"raison": " "},
        {"raison": "x" * 501},
        {"sur": False},
    ],
)
def test_a_wrong_end_is_asked_again(desk: Desk, values: dict[str, Any]) -> None:
    id_ = desk.place()
    answer = close(desk, id_, **values)
    assert answer.status_int == 422, answer
    assert desk.row(id_)["status"] == "active"
    assert journal(desk, id_) == []


def test_the_register_goes_on_and_opens_nothing(desk: Desk) -> None:
    id_ = desk.place("Cyber Reinette", telephone="+33320000101")
    close(desk, id_)
    before = desk.row(id_)["rev"]
    desk.site.put({"nom": "Cyber Reinette", "telephone": "+33320000102"})
    row = desk.row(id_)
    assert (row["status"], row["telephone"], row["rev"]) == ("closed", "+33320000102", before + 1)
    assert ops(desk, id_) == ["publish", "withdraw"], "readers of the log were told to forget it"
    assert desk.listed("reinette") == []


def test_who_may_close_and_open(desk: Desk) -> None:
    echo, other = desk.place(), desk.place()
    person = desk.person(referent_of=[echo]).id
    mine = desk.browser(person)
    mine.get(desk.at(other) + "/fermer", status=403)
    token = post_form(mine.get(desk.at(echo) + "/fermer"))["csrf_token"].value
    mine.post(desk.at(other) + "/fermer", {"csrf_token": token, "raison": "x", "sur": "y"}, status=403)
    mine.post(desk.at(echo) + "/rouvrir", {"csrf_token": token}, status=403)
    form = fill(mine, desk.at(echo) + "/fermer", raison="Fini", sur=True, le="24/11/2026")
    assert form.submit().status_int == 303
    assert "Rouvrir ce lieu" not in mine.get(desk.at(echo) + "/fermer").text
    desk.browser("membre").get(desk.at(desk.places["echo"]) + "/fermer", status=403)
    desk.browser("coordination").get("/annuaire/rien-00000000-0000-7000-8000-000000000000/fermer", status=404)
