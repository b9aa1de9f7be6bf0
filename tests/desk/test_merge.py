"""Two sheets are joined: what stays is chosen, what hangs on the other follows, the référents of both are told."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from reseau.core.actors import Actor, Side
from reseau.core.ids import new_id
from reseau.directory import edits
from reseau.directory.models import Cause, Override, Service, Structure, Suggestion
from reseau.directory.reproject import Because
from reseau.directory.suggestions import Said, suggest
from reseau.members.models import Person
from tests.desk.conftest import Desk, post_form
from tests.desk.steps import close, history, journal, ops


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


def test_the_name_the_address_and_the_position_that_were_chosen_stay(desk: Desk) -> None:
    """The sheet to remove is dated later by its register: without a choice its values would win."""
    mine: dict[str, Any] = {"date_maj": "2020-01-01", "adresse": "1 rue Cerise", "latitude": 50.69, "longitude": 3.17}
    theirs: dict[str, Any] = {"date_maj": "2026-11-01", "adresse": "2 rue Prune", "latitude": 50.70, "longitude": 3.18}
    browser = desk.browser("coordination")
    for chosen in (
        {},
        {"adresse": "lost"},
        {"nom": "lost", "latitude": "lost", "telephone": "lost"},
    ):
        kept = desk.place(**mine, telephone="+33320000401")
        lost = desk.place(**theirs, telephone="+33320000402", site_web=["https://prune.example"])
        before = {"kept": desk.row(kept), "lost": desk.row(lost)}
        form = post_form(browser.get("/gestion/fusionner", {"garder": str(kept), "retirer": str(lost)}))
        assert form["choix-adresse"].value == "kept"
        assert form["choix-site_web"].value == "lost", "the sheet to keep says nothing"
        for name, side in chosen.items():
            form[f"choix-{name}"] = side
        assert form.submit().status_int == 303
        after = desk.row(kept)
        for name in ("nom", "adresse", "latitude", "longitude", "telephone"):
            side = chosen.get("latitude" if name == "longitude" else name, "kept")
            assert after[name] == before[side][name], (chosen, name)
        assert after["site_web"] == ["https://prune.example"]


def test_made_up_choices_are_no_choices(desk: Desk) -> None:
    kept, lost = desk.place(telephone="+33320000501"), desk.place(telephone="+33320000502")
    browser = desk.browser("coordination")
    token = post_form(browser.get("/gestion/fusionner", {"garder": str(kept), "retirer": str(lost)}))[
        "csrf_token"
    ].value
    said = {"csrf_token": token, "garder": str(kept), "retirer": str(lost), "choix-telephone": "x", "choix-x": "lost",
            "choix-source": "lost", "choix-": "kept"}  # fmt: skip
    assert browser.post("/gestion/fusionner", said).status_int == 303
    assert desk.row(kept)["telephone"] == "+33320000501"


def test_the_referents_of_both_are_told_once(desk: Desk) -> None:
    kept, lost = desk.place("Relais Mandarine"), desk.place("Relais Mandarine bis")
    mine, theirs = desk.person(referent_of=[kept]), desk.person(referent_of=[lost])
    both, silent = desk.person(referent_of=[kept, lost]), desk.person(referent_of=[lost])
    with desk.site.sessions.begin() as session:
        session.get_one(Person, silent.id).mails = {"demandes": False}
    page = desk.browser("coordination").get("/gestion/fusionner", {"garder": str(kept), "retirer": str(lost)})
    assert "Les référents des deux lieux seront prévenus par mail" in page.text
    assert "elle sera à vérifier à nouveau" not in page.text
    post_form(page).submit()
    for person in (mine, theirs, both):
        assert person.email
        (letter,) = desk.mails(person.email)
        assert "Relais Mandarine bis" in " ".join(letter.text.split())
        assert desk.at(kept) in letter.text
    assert silent.email
    assert desk.mails(silent.email) == []


def test_that_a_verification_is_lost_is_said(desk: Desk) -> None:
    kept, lost = desk.place(), desk.place()
    with desk.site.sessions.begin() as session:
        verified = {"verified_at": desk.site.clock.now, "verified_by": "lieu"}
        session.execute(sa.update(Structure).where(Structure.id == kept).values(verified))
    page = desk.browser("coordination").get("/gestion/fusionner", {"garder": str(kept), "retirer": str(lost)})
    assert "elle sera à vérifier à nouveau" in page.text


def test_what_people_wrote_goes_to_the_one_that_stays(desk: Desk) -> None:
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
    held = {one.field for one in desk.rows(Override, Override.structure_id == kept)}
    assert held >= {"telephone", "horaires", "prise_rdv"}
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
    search = page.forms[next(key for key, form in page.forms.items() if "garder" in form.fields)]
    search["retirer"] = "nectarine"
    page = search.submit()
    search = next(form for form in page.forms.values() if "garder" in form.fields)
    assert search["garder"].attrs.get("type") == "hidden", "the only one found was ticked already"
    assert search["retirer-choix"].value == search["garder"].value
    search["retirer"] = "quatrefoil"
    assert "Aucun lieu trouvé" in search.submit().text, "words typed since count more than what was ticked"
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
