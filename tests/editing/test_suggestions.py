"""Suggestions: anyone proposes, the place or the coordination answers, the sender is told. Both engines.

"Signaler une erreur" is stored once, never lost, never a way in: see also ``test_suggest_form``.
"""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from webtest import TestApp

from reseau.core.actors import Actor, Side
from reseau.core.audit import Audit
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.core.mail import Mail
from reseau.directory import lifecycle
from reseau.directory import suggestions as service
from reseau.directory.models import Cause, Override
from reseau.directory.reproject import Because
from reseau.directory.words import SUGGESTION_TITLES
from reseau.editing import jobs
from reseau.editing.suggest_forms import CHOICES
from tests.directory.site import Page, dump, row
from tests.editing.conftest import Keepers
from tests.editing.keeping import SOURCES, changes, form_to, mails, said, save, suggestions, well_formed
from tests.people import person


def send(site: Keepers, path: str, app: TestApp | None = None, **cells: str) -> Any:
    """Fill in the form and send it."""
    form = form_to((app or site.client()).get(path + "/signaler"), "/signaler")
    for name, value in cells.items():
        form[name] = value
    return form.submit(expect_errors=True)


def one(site: Keepers, path: str, **cells: str) -> Any:
    """The suggestion that it made."""
    assert send(site, path, **cells).status_int == 303
    return suggestions(site)[-1]


# --- The whole journey ----------------------------------------------------------------------------------------


def test_the_journey_of_a_wrong_telephone(keepers: Keepers, tmp_path: Path) -> None:
    cells = {"nom": "Lieu du voyage", "telephone": "+33320010203"}
    keepers.add(row("voyage", **cells), path=tmp_path / "a.csv")
    path, id_ = keepers.path("Lieu du voyage"), keepers.named("Lieu du voyage")["id"]
    form = keepers.client().get(path + "/signaler")
    assert "03 20 01 02 03" in form.text, "what the sheet says is beside"
    found = one(
        keepers, path, raison="telephone", message="Le bon numéro : 03 20 81 57 57 !", contact="nadia@exemple.fr"
    )
    assert (found.field, found.proposed, found.seen) == ("telephone", {"v": "+33320815757"}, {"v": "+33320010203"})
    app = keepers.as_(keepers.coordinator)
    page = app.get("/gestion/suggestions").click("Lieu du voyage")
    text = well_formed(page).text
    assert "03 20 01 02 03" in text
    assert "03 20 81 57 57" in text
    done = form_to(page, "/accepter").submit()
    assert done.status_int == 303
    assert "Lieu du voyage" not in done.follow().text
    keepers.reindex()
    assert "03 20 81 57 57" in keepers.client().get(path).text
    items = keepers.json(q="Lieu du voyage")["items"]
    assert items[0]["telephone"] == "+33320815757"
    history = Page(app.get(path + "/historique").text).text
    assert "Correction d’un visiteur, acceptée par Carole" in history
    assert "Voir l’erreur signalée" in history
    (mail,) = [m for m in mails(keepers, "suggestion-reponse") if m.recipient == "nadia@exemple.fr"]
    assert mail.subject == "Merci : la fiche « Lieu du voyage » est corrigée"
    with keepers.sessions() as session:
        override = session.scalars(sa.select(Override).where(Override.structure_id == id_)).one()
        assert override.suggestion_id == found.id
    # The next import of the same file does not undo it.
    keepers.add(row("voyage", **cells), path=tmp_path / "a.csv")
    assert keepers.row(id_)["telephone"] == "+33320815757"
    assert "Lieu du voyage" not in app.get("/gestion/ecarts").text
    # Then the register itself changes that number.
    keepers.add(
        row("voyage", **{**cells, "telephone": "+33320777777", "date_maj": "2026-11-23"}), path=tmp_path / "b.csv"
    )
    assert keepers.row(id_)["telephone"] == "+33320815757"
    desk = app.get("/gestion/ecarts")
    assert "Lieu du voyage" in desk.text
    conflicts = app.get(path + "/ecarts")
    assert "Correction d’un visiteur, acceptée par Carole" in Page(conflicts.text).text
    assert "03 20 77 77 77" in conflicts.text
    form_to(conflicts, "/ecarts").submit("choix", value="garder")
    assert keepers.row(id_)["telephone"] == "+33320815757"
    keepers.add(
        row("voyage", **{**cells, "telephone": "+33320888888", "date_maj": "2026-11-24"}), path=tmp_path / "c.csv"
    )
    form_to(app.get(path + "/ecarts"), "/ecarts").submit("choix", value="prendre")
    assert keepers.row(id_)["telephone"] == "+33320888888"
    assert "Lieu du voyage" not in app.get("/gestion/ecarts").text


# --- What is written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raison", "message", "field", "value"),
    [
        ("telephone", "03.20.81.57.57", "telephone", "+33320815757"),
        ("telephone", "3646", "telephone", "3646"),
        ("telephone", "pas le 03 20 81 57 57 mais le 03 20 81 57 58", None, None),
        ("horaires", "lundi au vendredi 9h-12h", "horaires", "Mo-Fr 09:00-12:00"),
        ("horaires", "Fermé, il paraît, un mardi sur trois", None, None),
        ("courriel", "la bonne est accueil@ville-roubaix.fr", "courriels", ["accueil@ville-roubaix.fr"]),
        ("site", "https://www.ville-roubaix.fr/ccas", "site_web", ["https://www.ville-roubaix.fr/ccas"]),
        ("prix", "40", None, None),
        ("autre", "40", None, None),
        ("autre", "المكان مغلق يوم الثلاثاء", None, None),
        ("offre", "They no longer help with forms.", None, None),
        ("adresse", "Вони переїхали на іншу вулицю", None, None),
        ("ferme", "fermé depuis juin", None, None),
        ("position", "de l’autre côté du canal", None, None),
    ],
)
def test_it_is_read_as_a_value_when_it_can_be(
    keepers_lite: Keepers, raison: str, message: str, field: str | None, value: Any
) -> None:
    site = keepers_lite
    nothing = {"horaires": None, "courriels": [], "site_web": []}
    save(site, site.place["id"], {"telephone": "+33320000001", **nothing})
    found = one(site, site.sheet_path(), raison=raison, message=message)
    assert (found.reason, found.message, found.field) == (raison, message, field)
    assert found.proposed == ({"v": value} if field else None)


@pytest.mark.parametrize(
    ("raison", "message", "words"),
    [
        ("telephone", "il ne répond plus", "Écrivez le bon numéro"),
        ("telephone", "03 20 81 57", "Écrivez le bon numéro"),
        ("telephone", "+44 20 7946 0958", "Écrivez le bon numéro"),
        ("telephone", "03 20 00 00 01", "déjà la fiche"),
        ("courriel", "jean.dupont@mairie.fr", "adresse d’une personne"),
        ("courriel", "aucune", "Écrivez la bonne adresse mail"),
        ("courriel", "x@y", "Écrivez la bonne adresse mail"),
        ("site", "javascript:alert(1)", "Écrivez l’adresse du site"),
        ("site", "il est mort", "Écrivez l’adresse du site"),
    ],
)
def test_what_cannot_be_is_said_and_kept(keepers_lite: Keepers, raison: str, message: str, words: str) -> None:
    site = keepers_lite
    save(site, site.place["id"], {"telephone": "+33320000001"})
    before = len(suggestions(site))
    response = send(site, site.sheet_path(), raison=raison, message=message, contact="a@exemple.fr")
    assert response.status_int == 422
    page = well_formed(response)
    assert words in page.text
    form = form_to(response, "/signaler")
    assert (form["raison"].value, form["message"].value, form["contact"].value) == (raison, message, "a@exemple.fr")
    assert len(suggestions(site)) == before


def test_ten_an_hour_from_one_network_and_what_was_typed_is_kept(keepers: Keepers) -> None:
    path = keepers.sheet_path()
    app = TestApp(keepers.wsgi, extra_environ={"REMOTE_ADDR": "203.0.113.7", "HTTP_ACCEPT_LANGUAGE": "fr"})
    before = len(suggestions(keepers))
    for number in range(10):
        assert send(keepers, path, app, raison="autre", message=f"numéro {number}").status_int == 303
    refused = send(keepers, path, app, raison="autre", message="le onzième", contact="a@exemple.fr")
    assert refused.status_int == 429
    assert "attendez une heure" in well_formed(refused).text
    assert form_to(refused, "/signaler")["message"].value == "le onzième"
    neighbour = TestApp(keepers.wsgi, extra_environ={"REMOTE_ADDR": "203.0.113.99"})
    assert send(keepers, path, neighbour, raison="autre", message="même réseau").status_int == 429
    other = TestApp(keepers.wsgi, extra_environ={"REMOTE_ADDR": "198.51.100.7"})
    assert send(keepers, path, other, raison="autre", message="autre réseau").status_int == 303
    keepers.clock.now += timedelta(hours=1, minutes=1)
    assert send(keepers, path, app, raison="autre", message="plus tard").status_int == 303
    assert len(suggestions(keepers)) == before + 12


def test_a_member_who_suggests_is_known(keepers_lite: Keepers) -> None:
    site = keepers_lite
    app = site.as_(site.stranger)
    assert send(site, site.sheet_path(), app, raison="autre", message="de Zoé").status_int == 303
    found = suggestions(site)[-1]
    assert found.author_id == site.stranger.id
    page = site.as_(site.referent).get(f"/gestion/suggestions/{found.id}")
    assert "Zoe" in page.text
    form = form_to(page, "/refuser")
    form["motif"] = "Merci, mais c’est juste."
    form.submit()
    assert mails(site, "suggestion-reponse")[-1].recipient == "zoe@reseau.example"


# --- Who is told ----------------------------------------------------------------------------------------------


def test_the_referents_are_told_once_an_hour_else_the_coordination(keepers: Keepers) -> None:
    with keepers.sessions.begin() as session:
        session.execute(sa.delete(Mail))
    keepers.clock.now += timedelta(hours=5)
    for number in range(3):
        one(keepers, keepers.sheet_path(), raison="autre", message=f"remarque n° {number}")
    (mail,) = mails(keepers, "suggestion")
    assert mail.recipient == "ines@reseau.example"
    assert mail.subject.startswith("Répondez : une erreur est signalée")
    assert "remarque n°" not in mail.text, "what a stranger wrote is read on the site"
    keepers.clock.now += timedelta(hours=1)
    one(keepers, keepers.sheet_path(), raison="autre", message="plus tard")
    assert len(mails(keepers, "suggestion")) == 2
    lonely = next(r for r in keepers.rows() if r["id"] not in (keepers.place["id"], keepers.other["id"]))
    one(keepers, keepers.sheet_path(lonely["id"]), raison="autre", message="sans référent")
    assert mails(keepers, "suggestion")[-1].recipient == "carole@reseau.example"


def test_the_sender_is_told_in_their_language_why_it_was_refused_then_forgotten(keepers: Keepers) -> None:
    app = keepers.client("ar")
    assert (
        send(keepers, keepers.sheet_path(), app, raison="autre", message="مغلق", contact="nadia@exemple.fr").status_int
        == 303
    )
    found = suggestions(keepers)[-1]
    page = keepers.as_(keepers.referent).get(f"/gestion/suggestions/{found.id}")
    assert "nadia@exemple.fr" not in page.text, "the address is for the answer only"
    form = form_to(page, "/refuser")
    form["motif"] = "  "
    empty = form.submit(status=422)
    assert "Écrivez pourquoi" in well_formed(empty).text
    form["motif"] = "x" * 1001
    form.submit(status=422)
    form["motif"] = "Nous avons <b>appelé</b>\x00 : c’est ouvert."
    assert form.submit().status_int == 303
    mail = mails(keepers, "suggestion-reponse")[-1]
    assert (mail.lang, mail.recipient) == ("ar", "nadia@exemple.fr")
    assert "Nous avons <b>appelé</b> : c’est ouvert." in mail.text
    assert "<b>appelé" not in mail.html
    tools = Tools(keepers.sessions, keepers.settings, keepers.clock)
    jobs.forget_senders(tools)
    assert suggestions(keepers)[-1].contact == "nadia@exemple.fr"
    keepers.clock.now += timedelta(days=31)
    assert jobs.forget_senders(tools)
    assert suggestions(keepers)[-1].contact is None
    assert jobs.forget_senders(tools) is None


# --- Answering ------------------------------------------------------------------------------------------------


def test_who_answers(keepers_lite: Keepers) -> None:
    site = keepers_lite
    found = one(site, site.sheet_path(), raison="telephone", message="03 20 81 57 11")
    page = f"/gestion/suggestions/{found.id}"
    for who, status in (
        (None, 403),
        (site.stranger, 403),
        (site.elsewhere, 403),
        (site.member, 403),
        (site.referent, 200),
        (site.coordinator, 200),
    ):
        app = site.as_(who)
        app.get(page, status=status)
        token = form_to(app.get(site.sheet_path() + "/signaler"), "/signaler")["csrf_token"].value
        if status == 403:
            for verb in ("accepter", "fait", "refuser"):
                app.post(f"{page}/{verb}", {"csrf_token": token, "motif": "x"}, status=403)
    assert suggestions(site)[-1].state == "open"
    assert "03 20 81 57 11" not in site.as_(site.elsewhere).get("/gestion/suggestions").text
    site.as_(site.member).get("/gestion/suggestions", status=403)
    site.as_(site.referent).get(f"/gestion/suggestions/{new_id()}", status=404)
    site.as_(site.referent).post(f"{page}/accepter", status=400)


def test_decided_twice_the_second_is_told(keepers: Keepers) -> None:
    found = one(keepers, keepers.sheet_path(), raison="telephone", message="03 20 81 57 12")
    first, second = keepers.as_(keepers.referent), keepers.as_(keepers.coordinator)
    pages = [app.get(f"/gestion/suggestions/{found.id}") for app in (first, second)]
    form_to(pages[0], "/accepter").submit()
    refuse = form_to(pages[1], "/refuser")
    refuse["motif"] = "non"
    for form in (refuse, form_to(pages[1], "/accepter"), form_to(pages[1], "/fait")):
        told = form.submit().follow()
        assert "Quelqu’un a répondu avant vous" in said(told)
        assert "Ines" in told.text
    assert suggestions(keepers)[-1].state == "accepted"
    assert keepers.row(keepers.place["id"])["telephone"] == "+33320815712"
    assert [c.field for c in changes(keepers, keepers.place["id"]) if c.ref == found.id] == ["telephone"]


def test_two_who_decide_at_once(keepers: Keepers) -> None:
    found = one(keepers, keepers.sheet_path(), raison="telephone", message="03 20 81 57 13")
    results: list[str] = []
    barrier = threading.Barrier(4)

    def decide(number: int) -> None:
        actor = Actor(Side.COORDINATION, keepers.coordinator.id)
        barrier.wait()
        try:
            with keepers.sessions.begin() as session:
                if number % 2:
                    service.accept(session, found.id, keepers.place["id"], actor, ("cartographie",), keepers.clock.now)
                else:
                    service.refuse(session, found.id, "non", actor, keepers.clock.now)
            results.append("done")
        except service.Answered:
            results.append("late")

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "late", "late", "late"]


def test_the_sheet_changed_meanwhile_nothing_is_written_and_the_page_says_so(keepers: Keepers) -> None:
    found = one(keepers, keepers.sheet_path(), raison="telephone", message="03 20 81 57 14")
    app = keepers.as_(keepers.referent)
    page = app.get(f"/gestion/suggestions/{found.id}")
    save(keepers, keepers.place["id"], {"telephone": "+33320555555"})
    again = form_to(page, "/accepter").submit(status=422)
    assert "La fiche a changé" in said(again)
    assert "03 20 55 55 55" in well_formed(again).text
    assert keepers.row(keepers.place["id"])["telephone"] == "+33320555555"
    assert suggestions(keepers)[-1].state == "open"
    assert form_to(again, "/accepter").submit().status_int == 303
    assert keepers.row(keepers.place["id"])["telephone"] == "+33320815714"


def test_corrected_by_hand(keepers_lite: Keepers) -> None:
    site = keepers_lite
    found = one(site, site.sheet_path(), raison="ferme", message="fermé", contact="n@exemple.fr")
    app = site.as_(site.coordinator)
    page = app.get(f"/gestion/suggestions/{found.id}")
    links = {a.get("href") for a in Page(page.text).all("a")}
    assert site.sheet_path() + "/fermer" in links
    assert f"{site.sheet_path()}/modifier?suggestion={found.id}" in links
    assert not [f for f in page.forms.values() if (f.action or "").endswith("/accepter")], "it proposes no value"
    token = form_to(page, "/fait")["csrf_token"].value
    app.post(f"/gestion/suggestions/{found.id}/accepter", {"csrf_token": token}, status=404)
    before = len(mails(site, "suggestion-reponse"))
    refused = form_to(page, "/fait").submit(status=422)
    assert "La fiche n’a pas changé depuis" in said(refused), "nobody is thanked for what was not corrected"
    assert (suggestions(site)[-1].state, len(mails(site, "suggestion-reponse"))) == ("open", before)
    save(site, site.place["id"], {"presentation_resume": "Un lieu ouvert, en fait"})
    form_to(refused, "/fait").submit()
    assert suggestions(site)[-1].state == "accepted"
    assert len(mails(site, "suggestion-reponse")) == before + 1
    twice = one(site, site.sheet_path(), raison="doublon", message="deux fois")
    page = app.get(f"/gestion/suggestions/{twice.id}")
    assert f"/gestion/fusionner?garder={site.place['id']}" in {a.get("href") for a in Page(page.text).all("a")}


def test_new_hours_do_not_stand_beside_the_old_words(keepers: Keepers) -> None:
    id_ = keepers.other["id"]
    save(keepers, id_, {"horaires": None, "horaires_texte": "le mardi, en général"})
    found = one(keepers, keepers.sheet_path(id_), raison="horaires", message="mardi 9h-12h")
    page = keepers.as_(keepers.elsewhere).get(f"/gestion/suggestions/{found.id}")
    form_to(page, "/accepter").submit()
    now = keepers.row(id_)
    assert (now["horaires"], now["horaires_texte"]) == ("Tu 09:00-12:00", None)


def test_the_list_costs_the_same_for_one_and_for_many_and_no_content_is_journaled(keepers: Keepers) -> None:
    app, costs = keepers.as_(keepers.coordinator), []
    one(keepers, keepers.sheet_path(), raison="autre", message="secret de personne")
    for _ in range(2):
        with keepers.statements() as statements:
            page = app.get("/gestion/suggestions")
        costs.append(len(statements))
        for number in range(40):
            one(keepers, keepers.sheet_path(keepers.other["id"]), raison="autre", message=f"beaucoup {number}")
    assert costs[0] == costs[1] <= 7
    well_formed(page)
    assert app.get("/gestion/suggestions?page=2").status_int == 200
    with keepers.sessions() as session:
        for audit in session.scalars(sa.select(Audit).where(Audit.action.like("suggestion.%"))):
            assert "secret" not in str(audit.detail)


def test_hostile_answers(keepers_lite: Keepers) -> None:
    site = keepers_lite
    found = one(site, site.sheet_path(), raison="telephone", message="03 20 81 57 15")
    app = site.as_(site.referent)
    path = f"/gestion/suggestions/{found.id}"
    token = form_to(app.get(path), "/fait")["csrf_token"].value
    before = dump(site.engine)["structure"]
    for vu in ("x" * 5000, "\x00", "é", "0" * 16):
        app.post(path + "/accepter", {"csrf_token": token, "vu": vu}, status=422)
    app.post(path + "/refuser", {"csrf_token": token, "motif": "\x00"}, status=422)
    app.post(path + "/refuser", {"csrf_token": token}, upload_files=[("motif", "x.txt", b"abc")], expect_errors=True)
    assert dump(site.engine)["structure"] == before


# --- Corrected by hand, in the form of the sheet -------------------------------------------------------------------


def own_hands(site: Keepers, app: TestApp, found: Any, end: str = "/modifier") -> Any:
    """The form of the sheet, opened by « Corriger moi-même »."""
    page = app.get(f"/gestion/suggestions/{found.id}").click("Corriger moi-même")
    return page, form_to(page, end)


def test_correct_it_oneself_and_the_sender_is_told(keepers: Keepers) -> None:
    site, path = keepers, keepers.sheet_path()
    found = one(site, path, raison="prix", message="c’est gratuit le mardi", contact="lea@exemple.fr")
    app = site.as_(site.referent)
    page, form = own_hands(site, app, found)
    assert "c’est gratuit le mardi" in well_formed(page).text
    assert form["repond"].checked
    untouched = form.submit()
    assert "enregistre=rien" in untouched.location
    assert suggestions(site)[-1].state == "open", "nothing was corrected"
    form["presentation_resume"] = f"Gratuit le mardi {site.engine.dialect.name}"
    refused = form_to(page, "/modifier")
    refused["latitude"] = "nord"
    again = refused.submit(status=422)
    assert "c’est gratuit le mardi" in again.text, "still there when the form comes back"
    form = form_to(again, "/modifier")
    form["latitude"] = str(site.row(site.place["id"])["latitude"])
    saved = form.submit()
    assert saved.status_int == 303
    assert "marquée comme corrigée" in said(saved.follow())
    answered = suggestions(site)[-1]
    assert (answered.state, answered.decided_by) == ("accepted", site.referent.id)
    (mail,) = [m for m in mails(site, "suggestion-reponse") if m.recipient == "lea@exemple.fr"]
    assert "corrigée" in mail.subject
    with site.sessions() as session:
        audit = session.scalars(sa.select(Audit).where(Audit.action == "sheet.edit").order_by(Audit.id.desc())).first()
        assert audit is not None
        assert audit.detail["suggestion"] == str(found.id)


def test_a_correction_may_answer_nothing(keepers_lite: Keepers) -> None:
    site = keepers_lite
    found = one(site, site.sheet_path(), raison="autre", message="autre chose encore")
    app = site.as_(site.referent)
    page, form = own_hands(site, app, found)
    form["repond"] = False
    form["presentation_resume"] = "Une phrase qui n’a rien à voir"
    kept = app.post(form.action + "/brouillon", form.submit_fields("garder")).follow()
    form = form_to(kept, "/modifier")
    assert form["suggestion"].value == str(found.id), "the draft knows what it answers"
    assert not form["repond"].checked
    assert form.submit().status_int == 303
    assert suggestions(site)[-1].state == "open"
    assert page


def test_only_an_open_one_of_this_place(keepers_lite: Keepers) -> None:
    site = keepers_lite
    mine = one(site, site.sheet_path(), raison="autre", message="de ce lieu")
    other = one(site, site.sheet_path(site.other["id"]), raison="autre", message="d’un autre lieu")
    app, path = site.as_(site.referent), site.sheet_path() + "/modifier"
    for strange in (str(other.id), str(new_id()), "x", "", "9" * 3000, "%00"):
        page = app.get(f"{path}?suggestion={strange}")
        assert "d’un autre lieu" not in page
        assert "repond" not in form_to(page, "/modifier").fields
    page = app.get(f"{path}?suggestion={mine.id}")
    form = form_to(page, "/modifier")
    form["presentation_resume"] = "Changé pour l’autre"
    fields = [(n, str(other.id) if n == "suggestion" else v) for n, v in form.submit_fields()]
    assert app.post(path, fields).status_int == 303
    states = {one_.id: one_.state for one_ in suggestions(site)}
    assert (states[mine.id], states[other.id]) == ("open", "open")
    form_to(app.get(f"/gestion/suggestions/{mine.id}"), "/fait").submit()
    assert "de ce lieu" not in app.get(f"{path}?suggestion={mine.id}"), "answered"


@pytest.mark.parametrize(
    ("raison", "values", "corrected"),
    [
        ("telephone", {"presentation_resume": "Rien à voir"}, False),
        ("telephone", {"telephone": "+33320815741"}, True),
        ("horaires", {"horaires_texte": "le mardi"}, True),
        ("adresse", {"adresse": "4 rue Neuve"}, True),
        ("adresse", {"telephone": "+33320815742"}, False),
        ("autre", {"telephone": "+33320815743"}, True),
        ("autre", {}, False),
    ],
)
def test_what_counts_as_corrected(keepers: Keepers, raison: str, values: dict[str, Any], corrected: bool) -> None:
    id_ = keepers.other["id"]
    save(keepers, id_, {"telephone": "+33320815740", "presentation_resume": None, "horaires_texte": None})
    save(keepers, id_, {"adresse": "1 rue de Départ"})
    message = "deux numéros : 03 20 81 57 57 et 03 20 81 57 58" if raison == "telephone" else "c’est faux"
    found = one(keepers, keepers.sheet_path(id_), raison=raison, message=message)
    save(keepers, id_, values)
    page = keepers.as_(keepers.elsewhere).get(f"/gestion/suggestions/{found.id}")
    assert form_to(page, "/fait").submit(status="*").status_int == (303 if corrected else 422)


def test_changed_and_changed_back_is_not_corrected(keepers: Keepers) -> None:
    id_ = keepers.other["id"]
    save(keepers, id_, {"frais_a_charge": ["Payant"], "telephone": "+33320815750"})
    found = one(keepers, keepers.sheet_path(id_), raison="autre", message="le numéro")
    save(keepers, id_, {"telephone": "+33320815751"})
    save(keepers, id_, {"telephone": "+33320815750"})
    page = keepers.as_(keepers.elsewhere).get(f"/gestion/suggestions/{found.id}")
    form_to(page, "/fait").submit(status=422)


def test_programs_are_counted_and_what_is_stored_twice_is_not_journaled(keepers: Keepers) -> None:
    app = TestApp(keepers.wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.7", "HTTP_ACCEPT_LANGUAGE": "fr"})
    for _ in range(10):
        sent = send(keepers, keepers.sheet_path(), app, raison="autre", message="pub", adresse_du_site="http://spam")
        assert sent.status_int == 303
    assert send(keepers, keepers.sheet_path(), app, raison="autre", message="pub").status_int == 429
    other = TestApp(keepers.wsgi, extra_environ={"REMOTE_ADDR": "192.0.3.7", "HTTP_ACCEPT_LANGUAGE": "fr"})
    form = form_to(other.get(keepers.sheet_path() + "/signaler"), "/signaler")
    form["raison"], form["message"] = "autre", "deux clics"
    counts = []
    for _ in range(2):
        form.submit()
        with keepers.sessions() as session:
            found = sa.select(sa.func.count()).select_from(Audit).where(Audit.action == "suggestion.create")
            counts.append(session.execute(found).scalar_one())
    assert counts[0] == counts[1]


def test_an_administrator_is_told_who_answers(keepers_lite: Keepers) -> None:
    site = keepers_lite
    one(site, site.sheet_path(), raison="autre", message="attend")
    with site.sessions.begin() as session:
        admin = person(session, "Odile", roles=["administrator"], now=site.clock.now)
    page = site.as_(admin).get("/gestion/suggestions")
    assert "Les erreurs signalées sont traitées par la coordination." in page
    assert "Aucune erreur signalée" not in page


def test_a_member_who_left_is_no_visitor(keepers_lite: Keepers) -> None:
    site = keepers_lite
    with site.sessions.begin() as session:
        gone = person(session, "Parti", now=site.clock.now)
    send(site, site.sheet_path(), site.as_(gone), raison="autre", message="d’un membre")
    with site.sessions.begin() as session:
        session.get_one(type(gone), gone.id).state = "gone"
    text = Page(site.as_(site.referent).get(f"/gestion/suggestions/{suggestions(site)[-1].id}").text).text
    assert "ancien membre" in text
    assert "un visiteur" not in text


def test_what_waits_for_a_place_that_closed(keepers: Keepers) -> None:
    row = sorted(keepers.rows(), key=lambda one: one["id"])[20]
    found = one(keepers, keepers.sheet_path(row["id"]), raison="telephone", message="03 20 81 57 44")
    app = keepers.as_(keepers.coordinator)
    page = app.get(f"/gestion/suggestions/{found.id}")
    because = Because(Cause.CLOSE, Actor(Side.COORDINATION))
    with keepers.sessions.begin() as session:
        lifecycle.close(session, row["id"], date(2026, 11, 2), "parti", because, SOURCES, keepers.clock.now)
    told = form_to(page, "/accepter").submit(status=422)
    assert "rouvrez-le d’abord" in said(told)
    assert not [f for f in told.forms.values() if (f.action or "").endswith("/accepter")]
    form_to(told, "/fait").submit()
    assert suggestions(keepers)[-1].state == "accepted"


def test_each_reason_has_its_words() -> None:
    assert [code for code, _label in CHOICES] == list(service.REASONS)
    assert set(SUGGESTION_TITLES) == set(service.REASONS) | service.OLD_REASONS
