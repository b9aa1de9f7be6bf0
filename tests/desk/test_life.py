"""A place is made, branched, closed, opened again, joined with another: pages, log, index, history, journal."""

from __future__ import annotations

import json
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from webtest import TestApp

from reseau.core.audit import Audit
from reseau.core.changes import Change
from reseau.directory.models import FieldChange, Override, Structure
from reseau.members.models import Membership
from tests.desk.conftest import ECHO, Desk, post_form


def ops(desk: Desk, id_: UUID) -> list[str]:
    with desk.site.sessions() as session:
        found = sa.select(Change.op).where(Change.object_id == id_).order_by(Change.seq)
        return list(session.scalars(found))


def journal(desk: Desk, id_: UUID) -> list[str]:
    return [row.action for row in desk.rows(Audit, Audit.object_id == id_)]


def history(desk: Desk, id_: UUID) -> list[tuple[str, str]]:
    rows = desk.rows(FieldChange, FieldChange.structure_id == id_)
    return [(row.cause, row.field) for row in sorted(rows, key=lambda row: row.id)]


def fill(browser: TestApp, path: str, **values: Any) -> Any:
    form = post_form(browser.get(path))
    for name, value in values.items():
        form[name] = value
    return form


def close(desk: Desk, id_: UUID, who: str = "coordination", **values: Any) -> Any:
    said = {"le": "2026-11-20", "raison": "A déménagé à Lille", "sur": True, **values}
    return fill(desk.browser(who), desk.at(id_) + "/fermer", **said).submit(expect_errors=True)


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
    form["nom"], form["adresse"] = f"{ECHO} – antenne du Pile", "3 rue du Pile"
    again = post_form(form.submit(status=422))  # another centre social has nearly its name, its parent is not said
    again["nouveau"] = True
    answer = again.submit()
    assert answer.status_int == 303
    assert answer.location.endswith("/modifier")
    branch = desk.site.named(f"{ECHO} – antenne du Pile")
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
    assert "Fermé définitivement" in page.text
    assert "20 novembre 2026" in page.text
    assert "A déménagé à Lille" in page.text
    assert "Ouvert" not in page.text.split("<main")[1].split("</main")[0]
    assert '<meta name="robots" content="noindex">' in page.text
    twin = desk.site.app.get(path + ".json").json
    assert (twin["ferme_le"], twin["ouvert"], twin["semaine"]) == ("2026-11-20", False, None)
    assert twin["raison_fermeture"] == "A déménagé à Lille"
    assert "Fermé définitivement" in desk.site.app.get(path + "/imprimer").text
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
    assert "Fermé définitivement" not in desk.site.app.get(desk.at(id_)).text
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


# --- joined -----------------------------------------------------------------------------------------------------


def merge(desk: Desk, kept: UUID, lost: UUID) -> Any:
    browser = desk.browser("coordination")
    page = browser.get("/gestion/fusionner", {"garder": desk.at(kept), "retirer": str(lost)})
    return post_form(page).submit()


def test_two_sheets_become_one(desk: Desk) -> None:
    kept = desk.place("Atelier Groseille", telephone="+33320000201")
    lost = desk.place("Atelier Groseille bis", telephone="+33320000202", site_web=["https://groseille.example"])
    member = desk.person("Cassis", referent_of=[lost])
    browser = desk.browser("coordination")
    page = browser.get("/gestion/fusionner", {"garder": str(kept), "retirer": str(lost)})
    assert "Atelier Groseille bis" in page.text
    assert "03 20 00 02 01" in page.text
    assert "Cassis" in page.text
    answer = post_form(page).submit()
    assert answer.location.endswith(desk.at(kept))
    row = desk.row(kept)
    assert (row["nom"], row["telephone"], row["site_web"]) == (
        "Atelier Groseille", "+33320000201", ["https://groseille.example"],
    )  # fmt: skip
    assert (desk.row(lost)["status"], desk.row(lost)["merged_into"]) == ("merged", kept)
    assert ops(desk, lost) == ["publish", "withdraw"]
    assert ops(desk, kept) == ["publish", "update"]
    assert ("merge", "") in history(desk, kept)
    assert journal(desk, kept) == ["sheet.merge"]
    assert desk.listed("groseille") == ["Atelier Groseille"]
    moved = desk.site.app.get(f"/annuaire/atelier-groseille-bis-{lost}")
    assert (moved.status_int, moved.location.endswith(desk.at(kept))) == (301, True)
    theirs = desk.browser(member.id)
    assert theirs.get(desk.at(kept) + "/fermer").status_int == 200, "a référent of the lost place is one of the kept"


def test_what_people_wrote_goes_to_the_one_that_stays(desk: Desk) -> None:
    from reseau.core.actors import Actor, Side
    from reseau.core.ids import new_id
    from reseau.directory import edits
    from reseau.directory.models import Cause, Service, Suggestion
    from reseau.directory.reproject import Because
    from reseau.directory.suggestions import Said, suggest

    kept, lost = desk.place("Halte Myrtille"), desk.place("Halte Myrtille deux")
    because, now = Because(Cause.EDIT, Actor(Side.PLACE)), desk.site.clock.now
    with desk.site.sessions.begin() as session:
        for place, values in (
            (kept, {"telephone": "+33320000301", "horaires": "Mo 09:00-12:00"}),
            (lost, {"telephone": "+33320000302", "horaires_texte": "le lundi", "prise_rdv": "https://rdv.example"}),
        ):
            edits.save(session, place, values, {}, because, ("cartographie",), now)
        suggest(session, lost, Said("autre", "Bonjour"), language="fr", nonce=new_id(), now=now)
        session.add(Service(structure_id=lost, nom="Permanence Myrtille"))
    merge(desk, kept, lost)
    row = desk.row(kept)
    assert (row["telephone"], row["horaires"], row["horaires_texte"]) == ("+33320000301", "Mo 09:00-12:00", None)
    assert row["prise_rdv"] == "https://rdv.example"
    assert {one.field for one in desk.rows(Override, Override.structure_id == kept)} == {
        "telephone", "horaires", "prise_rdv",
    }  # fmt: skip
    assert len(desk.rows(Suggestion, Suggestion.structure_id == kept)) == 1
    assert len(desk.rows(Service, Service.structure_id == kept)) == 1
    assert desk.listed("permanence myrtille")[0] == "Halte Myrtille"


def test_a_chain_leads_to_its_end_in_one_step(desk: Desk) -> None:
    a, b, c = (desk.place(f"Chaîne {letter} Framboise") for letter in "ABC")
    for lost, kept in ((a, b), (b, c)):
        merge(desk, kept, lost)
    assert desk.row(a)["merged_into"] == desk.row(b)["merged_into"] == c
    assert desk.site.app.get(f"/annuaire/x-{a}").location.endswith(desk.at(c))


def test_a_branch_joined_with_its_parent_is_no_branch_of_itself(desk: Desk) -> None:
    parent, branch, other = desk.place(), desk.place(), desk.place()
    with desk.site.sessions.begin() as session:
        session.execute(sa.update(Structure).where(Structure.id.in_([branch, other])).values(parent_id=parent))
    merge(desk, branch, parent)
    assert desk.row(branch)["parent_id"] is None
    assert desk.row(other)["parent_id"] == branch


def test_what_cannot_be_joined_is_said(desk: Desk) -> None:
    kept, lost, shut = desk.place(), desk.place(), desk.place()
    close(desk, shut)
    browser = desk.browser("coordination")
    form = post_form(browser.get("/gestion/fusionner", {"garder": str(kept), "retirer": str(lost)}))
    assert form.submit().status_int == 303
    assert "déjà été réuni" in form.submit(status=422).text, "the second click"
    token = form["csrf_token"].value
    for garder, retirer in (
        (kept, kept), (shut, kept), (lost, kept), (kept, uuid4()), ("", ""), ("x" * 5000, "\x00"), (kept, "'; DROP"),
    ):  # fmt: skip
        said = {"csrf_token": token, "garder": str(garder), "retirer": str(retirer)}
        assert "notice-error" in browser.post("/gestion/fusionner", said, status=422).text
    assert browser.post("/gestion/fusionner", {"csrf_token": token}, status=422)
    assert desk.row(kept)["status"] == "active"
    assert journal(desk, kept) == ["sheet.merge"]
    assert merge(desk, kept, shut).status_int == 303, "a closed sheet may go into an open one"


def test_places_are_found_by_their_words_or_their_address(desk: Desk) -> None:
    desk.place("Relais Nectarine")
    browser = desk.browser("coordination")
    page = browser.get("/gestion/fusionner", {"garder": "nectarine", "retirer": "wqzxvkj"})
    assert "Relais Nectarine" in page.text
    assert "Aucun lieu trouvé" in page.text
    assert browser.get("/gestion/fusionner?garder=%00&retirer=" + "x" * 3000).status_int == 200
    assert browser.get("/gestion/fusionner").status_int == 200


def test_who_may_join_places(desk: Desk) -> None:
    a, b = desk.place(), desk.place()
    browser = desk.browser(desk.person(referent_of=[a, b]).id)
    browser.get("/gestion/fusionner", {"garder": str(a), "retirer": str(b)}, status=403)
    token = post_form(browser.get(desk.at(a) + "/fermer"))["csrf_token"].value
    browser.post("/gestion/fusionner", {"csrf_token": token, "garder": str(a), "retirer": str(b)}, status=403)


def test_two_merges_at_once_make_one(desk: Desk) -> None:
    a, b = desk.place(), desk.place()
    pages = [(desk.browser("coordination"), {"garder": str(x), "retirer": str(y)}) for x, y in ((a, b), (b, a))]
    forms = [post_form(browser.get("/gestion/fusionner", said)) for browser, said in pages]
    codes: list[int] = []

    def send(form: Any) -> None:
        codes.append(form.submit(expect_errors=True).status_int)

    threads = [threading.Thread(target=send, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 422]
    assert sorted(desk.row(id_)["status"] for id_ in (a, b)) == ["active", "merged"]


def test_pages_cost_the_same_however_many_places(desk: Desk) -> None:
    a, b = desk.place(), desk.place()
    browser = desk.browser("coordination")
    with desk.site.statements() as seen:
        browser.get("/gestion/fusionner", {"garder": str(a), "retirer": str(b)})
    assert len(seen) <= 13, seen
