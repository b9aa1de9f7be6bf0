"""The journal, the outbox, the weekly mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click import ClickException

import reseau
from importers.commands import run_import
from reseau.core.actors import Actor, Side
from reseau.core.audit import Audit, record
from reseau.core.ids import new_id
from reseau.core.jobs import JobRun, Tools
from reseau.core.mail import Mail, MailState
from reseau.desk import jobs, words
from reseau.desk.bulk import AUDITED
from reseau.desk.journal import mask
from reseau.editing import reminders
from reseau.members.models import Person
from resources.base import services
from resources.base.content import Block, Content
from resources.base.shapes import Kind
from tests.desk.conftest import Desk, post_form
from tests.desk.test_desk import mail
from tests.directory.site import ROUBAIX_CSV

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # 08:30 in Roubaix


def test_the_journal_says_who_what_when(desk: Desk) -> None:
    person, place = desk.person("Journalière"), desk.place("Lieu journalisé")
    with desk.site.sessions.begin() as session:
        actor = Actor(Side.COORDINATION, person.id, "192.0.2.0/24")
        record(session, actor, "sheet.verify", desk.site.clock.now, place, number=3)
        record(session, Actor(Side.SYSTEM), "essai.inconnu", desk.site.clock.now - timedelta(days=400))
    browser = desk.browser("admin")
    page = browser.get("/gestion/journal").text
    for said in ("Journalière", "Lieu journalisé", "Fiche vérifiée", "192.0.2.0/24", "essai.inconnu"):
        assert said in page
    assert "reseau.example" not in page, "no address"
    for query, there in (
        ({"action": "sheet.verify"}, True), ({"action": "sheet.close"}, False), ({"personne": "journali"}, True),
        ({"personne": str(person.id)}, True), ({"personne": "%"}, False), ({"jour": "2026-11-24"}, True),
        ({"jour": "2026-11-23"}, False), ({"jour": "9999-12-31"}, True), ({"jour": "\x00"}, True),
        ({"personne": "x\x00" * 300}, False),
    ):  # fmt: skip
        rows = browser.get("/gestion/journal", query).text.partition("<tbody>")[2]
        assert ("Lieu journalisé" in rows) is there, query


def test_details_are_said_in_words(desk: Desk) -> None:
    person, place, lost = desk.person("Racontée"), desk.place("Lieu raconté"), desk.place("Lieu perdu")
    with desk.site.sessions.begin() as session:
        actor, now = Actor(Side.COORDINATION, person.id), desk.site.clock.now
        for action, detail in (
            ("sheet.merge", {"lost": str(lost)}), ("sheet.branch", {"parent": str(place)}),
            ("sheet.edit", {"fields": ["telephone", "horaires"], "verified": False}),
            ("people.apply", {"sent": 3, "again": False}), ("team.role", {"person": str(person.id), "role": "referent"}),
            ("suggestion.accept", {"suggestion": str(new_id())}), ("sheet.rhythm", {"months": 3}),
            ("conflict.decide", {"fields": ["nom"], "choice": "garder"}), ("sheets.bulk", {"what": "inviter", "number": 2}),
            ("team.role", {"person": str(new_id()), "role": "member"}), ("import.run", {"source": "cartographie",
             "created": 12, "merged": 0}), ("sheet.remind", {"due": "2026-01-01", "number": 2}),
            ("essai.code", {"neuf": "valeur"}), ("essai.vide", {"fields": [], "choice": None, "lost": "x"}),
        ):  # fmt: skip
            record(session, actor, action, now, place, **detail)
    rows = desk.browser("admin").get("/gestion/journal", {"personne": str(person.id)}).text.partition("<tbody>")[2]
    for said in (
        "fiche retirée : Lieu perdu", "antenne de Lieu raconté", "Téléphone, Horaires", "3 invitations envoyées",
        "Racontée", "référent", "tous les 3 mois", "valeur du réseau gardée", "Inviter un référent", "2 lieux",
        "ancien membre", "Cartographie nationale", "12 lieux créés", "rappel n° 2", "neuf : valeur",
    ):  # fmt: skip
        assert said in rows, said
    for machine in ("lost", "fields", "again", "False", "None", "[", "parent", "telephone", "suggestion :", "0 lieu"):
        assert machine not in re.sub("<[^>]+>", " ", rows), machine


def test_details_of_what_is_done_to_resources_are_said_in_words(desk: Desk) -> None:
    person, place, now = desk.person("Bibliothécaire"), desk.place("Lieu lecteur"), desk.site.clock.now
    with desk.site.sessions.begin() as session:
        actor = Actor(Side.PLACE, person.id)
        content = Content(Kind.KIT, "Kit raconté", summary="x", blocks=(Block("a", "objectifs", text="x"),))
        made, draft = (services.create(session, content, by=None, structure_id=None, now=now) for _ in range(2))
        made.version = 1
        draft.title = "Titre qui dort"
        for action, detail in (
            ("resource.use", {"place": str(place)}), ("resource.report", {"reason": "outdated"}),
            ("resource.report.answer", {"resolved": True}), ("resource.report.answer", {"resolved": False}),
            ("collection.change", {"visibility": "link"}), ("resource.publish", {"asked": True}),
            ("resource.publish", {"version": 7, "minor": True}), ("resource.review", {"answer": "sent-back"}),
            ("translation.draft", {"section": "etape-1", "lang": "ar"}), ("translation.send", {"lang": "so", "sections": 4}),
            ("glossary.propose", {"word": "carte Vitale", "lang": "en"}), ("resource.create", {"kind": "tutoriel"}),
            ("resource.adapt", {"origin": str(made.id)}), ("resource.delete", {"title": "Fini"}),
            ("resource.place", {"structure": ""}), ("resource.ask", {"asked": str(new_id())}),
        ):  # fmt: skip
            record(session, actor, action, now, made.id, **detail)
        record(session, actor, "resource.create", now, draft.id)
    page = desk.browser("admin").get("/gestion/journal", {"personne": str(person.id)}).text
    rows = page.partition("<tbody>")[2]
    for said in (
        "lieu : Lieu lecteur", "Ce n’est plus à jour", "c’est réglé", "rien n’a été changé", "ont l’adresse",
        "une relecture est demandée", "version 7", "fautes de frappe seulement", "renvoyée aux auteurs", "Arabe",
        "Somali", "4 parties", "« carte Vitale »", "Tutoriel", "d’après « Kit raconté »", "« Fini »",
        'href="/kits/kit-raconte"',
    ):  # fmt: skip
        assert said in rows, said
    assert "Titre qui dort" not in rows, "a draft is its authors'"
    told = re.sub("<[^>]+>", " ", rows)
    for machine in (
        "etape-1",
        "outdated",
        "True",
        "False",
        "link",
        "sent-back",
        "tutoriel ",
        " : ar",
        "asked",
        "origin",
    ):
        assert machine not in told, machine
    assert not re.search(r"[0-9a-f]{8}-", told)


def test_every_action_has_its_words() -> None:
    """Those of views, jobs, commands and bulk actions: the journal shows no code."""
    root = Path(reseau.__file__).parent
    sources = [
        path.read_text(encoding="utf-8")
        for folder in (root, root.parent / "importers", root.parent / "resources")
        for path in folder.rglob("*.py")
    ]
    found = {code for text in sources for code in re.findall(r'journal="([a-z-]+\.[a-z._-]+)"', text)}
    for text in sources:
        found |= set(re.findall(r'audit\.record\([^"]{0,80}"([a-z-]+\.[a-z._-]+)"', text))
    found |= {*AUDITED.values(), reminders.TOLD, "import.run"}
    assert len(found) > 40
    assert found - words.AUDITED.keys() == set()


def test_an_import_leaves_a_row(desk: Desk, tmp_path: Path) -> None:
    app = SimpleNamespace(settings=desk.site.settings, engine=desk.site.sessions.kw["bind"])
    before = len(imports := desk.rows(Audit, Audit.action == "import.run"))
    for given, rows in (({"dry_run": True}, 0), ({}, 1)):
        run_import(app, "cartographie", str(ROUBAIX_CSV), given)  # type: ignore[arg-type]
        imports = desk.rows(Audit, Audit.action == "import.run")
        assert len(imports) == before + rows
    row = next(one for one in imports if one.side == "import" and one.person_id is None)
    assert row.detail["source"] == "cartographie"
    assert row.detail["read"] == 39
    page = desk.browser("admin").get("/gestion/journal", {"action": "import.run"}).text
    assert "Import d’un registre" in page
    assert "39 lieux lus" in page
    broken = tmp_path / "cassé.csv"
    broken.write_text("rien")
    with pytest.raises(ClickException):
        run_import(app, "cartographie", str(broken))  # type: ignore[arg-type]
    assert len(desk.rows(Audit, Audit.action == "import.run")) == before + 1, "a refused file changes nothing"


def test_addresses_in_what_a_job_says_are_masked(desk: Desk) -> None:
    now = desk.site.clock.now
    with desk.site.sessions.begin() as session:
        said = "ValueError: lea.durand@exemple.fr"
        session.merge(JobRun(name="essai-adresse", started_at=now, ended_at=now, ok=False, message=said))
    page = desk.browser("admin").get("/gestion/courriels").text
    assert "lea.durand" not in page
    assert "l•••@exemple.fr" in page


def test_a_hundred_rows_a_page(desk: Desk) -> None:
    with desk.site.sessions.begin() as session:
        for _ in range(150):
            record(session, Actor(Side.SYSTEM), "essai.page", desk.site.clock.now)
    browser = desk.browser("admin")
    first = browser.get("/gestion/journal", {"action": "essai.page"})
    second = browser.get("/gestion/journal", {"action": "essai.page", "page": "2"})
    assert (first.text.count("<tr>"), second.text.count("<tr>")) == (101, 51)
    assert browser.get("/gestion/journal?page=99").status_int == 200


def test_what_is_journaled_names_nobody(desk: Desk) -> None:
    for row in desk.rows(Audit):
        assert "@" not in str(row.detail)


def test_mails_put_aside_can_be_sent_again_or_cancelled(desk: Desk) -> None:
    stuck, other = (mail(desk, MailState.ASIDE, "550 <amina.benali@exemple.fr> unknown") for _ in range(2))
    waiting = mail(desk, MailState.WAITING)
    browser = desk.browser("admin")
    page = browser.get("/gestion/courriels")
    assert "a•••@exemple.fr" in page.text
    assert "amina.benali" not in page.text
    token = post_form_token(page)

    def act(id_: Any, what: str, status: int = 303) -> Any:
        said = {"csrf_token": token, "courriel": str(id_), "faire": what}
        return browser.post("/gestion/courriels", said, status=status)

    assert act(stuck, "renvoyer").location.endswith("renvoye")
    assert act(other, "annuler").location.endswith("annule")
    assert act(waiting, "annuler").location.endswith("annule")
    assert act(stuck, "renvoyer").location.endswith("trop-tard"), "it waits already"
    states = [desk.get(Mail, id_).state for id_ in (stuck, other, waiting)]
    assert states == ["waiting", "cancelled", "cancelled"]
    assert [row.action for row in desk.rows(Audit, Audit.object_id == stuck)] == ["mail.retry"]
    for id_, what in (("x", "renvoyer"), ("\x00", "annuler"), (stuck, "lire"), (stuck, "")):
        act(id_, what, status=400)


def post_form_token(page: Any) -> str:
    return str(next(form for form in page.forms.values() if "csrf_token" in form.fields)["csrf_token"].value)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("amina@exemple.fr", "a•••@exemple.fr"),
        ("550 <a.b@c.fr>: no, b@d.fr", "550 <a•••@c.fr>: no, b•••@d.fr"),
        ("rien", "rien"),
        ("", ""),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_the_weekly_mail_leaves_once_a_week(desk: Desk) -> None:
    said = "coordination@reseau.example"

    def run(moment: datetime) -> None:
        jobs.weekly(Tools(desk.site.sessions, desk.site.settings, clock=lambda: moment))

    run(MONDAY - timedelta(hours=3))
    run(MONDAY - timedelta(days=1))
    assert desk.mails(said) == [], "not at night, not on Sundays"
    for hours in (0, 1, 24):
        run(MONDAY + timedelta(hours=hours))
    (letter,) = desk.mails(said)
    assert "sans référent" in letter.text
    assert "/gestion" in letter.text
    run(MONDAY + timedelta(days=7))
    assert len(desk.mails(said)) == 2
    with desk.site.sessions.begin() as session:
        session.get_one(Person, desk.people["coordination"]).mails = {"rappels": True, "bilan": False}
    run(MONDAY + timedelta(days=14))
    assert len(desk.mails(said)) == 2
    assert desk.mails("admin@reseau.example") == []


def test_only_administrators(desk: Desk) -> None:
    for path in ("/gestion/journal", "/gestion/courriels"):
        for who in ("coordination", "referent", "membre", "personne"):
            desk.browser(who).get(path, status=403)
    browser = desk.browser("coordination")
    token = post_form(browser.get("/gestion/lieux/nouveau"))["csrf_token"].value
    id_ = mail(desk, MailState.ASIDE)
    said = {"csrf_token": token, "courriel": str(id_), "faire": "annuler"}
    browser.post("/gestion/courriels", said, status=403)
    assert desk.get(Mail, id_).state == "aside"
