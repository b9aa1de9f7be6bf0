"""Who may write a resource, in whose name; reminders; what is mine; the panel."""

from __future__ import annotations

from datetime import timedelta

from reseau.core.jobs import Tools
from reseau.members.models import Person
from reseau.web.security import Identity, Role
from resources.base import services
from resources.base.models import FileUse, Resource, ResourceAuthor, ResourceVersion
from resources.writing import mine, telling
from resources.writing.jobs import ask_to_verify, reminders
from tests.members.conftest import csrf
from tests.resources.conftest import Base, a_kit
from tests.resources.writing.conftest import form_of, pdf

UNKNOWN = "Personne du réseau n’a cette adresse"


def add(base: Base, made: Resource, address: str, who: str = "membre", status: int = 303) -> str:
    form = form_of(base.browser(who).get(f"{base.at(made.id)}/auteurs"), "/auteurs")
    form["courriel"] = address
    return str(form.submit(status=status).text)


def test_a_person_of_the_network_is_added_and_hears_of_it(base: Base) -> None:
    made = base.draft(a_kit())
    base.browser("voisine").get(f"{base.at(made.id)}/modifier", status=404)
    add(base, made, "Voisine@reseau.example ")
    (mail,) = [one for one in base.mails("voisine@reseau.example") if made.title in one.subject]
    assert f"{base.at(made.id)}/modifier" in mail.text
    browser = base.browser("voisine")
    browser.get(f"{base.at(made.id)}/modifier", status=200)
    assert "écrit déjà" in add(base, made, "voisine@reseau.example", status=422)
    form_of(browser.get(f"{base.at(made.id)}/auteurs"), "/quitter").submit(status=303)
    browser.get(f"{base.at(made.id)}/modifier", status=404)


def test_an_account_outside_the_network_looks_like_none(base: Base) -> None:
    made = base.draft(a_kit())
    for address in ("personne@reseau.example", base.stranger()):
        page = add(base, made, address, status=422)
        assert UNKNOWN in page
        assert address in page
    assert not [one for one in base.mails("personne@reseau.example") if one.kind == "ressource-auteur"]


def test_addresses_cannot_be_tried_one_after_another(base: Base) -> None:
    who = base.person(member_of=[base.places["ici"]])
    base.people["curieuse"] = who.id
    made = base.draft(a_kit(), by="curieuse")
    for _ in range(10):
        assert UNKNOWN in add(base, made, base.stranger(), "curieuse", 422)
    assert "dans une heure" in add(base, made, "voisine@reseau.example", "curieuse", 422)


def test_the_last_author_of_a_resource_of_no_place_stays(base: Base) -> None:
    made = base.draft(a_kit(), by="personne", place=None)
    browser = base.browser("personne")
    answer = form_of(browser.get(f"{base.at(made.id)}/auteurs"), "/quitter").submit(status=303)
    assert "dernier=1" in answer.location
    assert base.rows(ResourceAuthor, ResourceAuthor.resource_id == made.id)


def test_somebody_else_is_removed(base: Base) -> None:
    made = base.draft(a_kit())
    add(base, made, "voisin@reseau.example")
    page = base.browser("membre").get(f"{base.at(made.id)}/auteurs")
    form_of(page, "/auteurs/retirer", personne=str(base.people["voisin"])).submit(status=303)
    base.browser("voisin").get(f"{base.at(made.id)}/modifier", status=404)


def test_another_place_takes_it_with_its_files(both: Base) -> None:
    base = both
    browser = base.browser("membre")
    form = form_of(browser.get("/ressources/nouvelle"), "/nouvelle")
    form["titre"], form["fichier"] = "À changer de lieu", pdf("lieu.pdf")
    form.submit(status=303)
    (made,) = base.rows(Resource, Resource.title == "À changer de lieu")
    token = csrf(browser, f"{base.at(made.id)}/modifier")
    browser.post(f"{base.at(made.id)}/lieu", {"csrf_token": token, "lieu": str(base.places["ailleurs"])}, status=404)
    form = form_of(browser.get(f"{base.at(made.id)}/auteurs"), "/lieu")
    form["lieu"] = ""
    form.submit(status=303)
    assert base.resource(made.id).structure_id is None
    assert [use.structure_id for use in base.rows(FileUse, FileUse.resource_id == made.id)] == [None]
    base.browser("referent").get(f"{base.at(made.id)}/modifier", status=404)


def test_authors_are_asked_once_a_month_whether_it_is_still_right(both: Base) -> None:
    base = both
    who = base.person(lang="en")
    base.people["redactrice"] = who.id
    first, second = (base.published(a_kit(), by="redactrice", place=None) for _ in range(2))
    with base.site.sessions() as session:
        for made in (first, second):
            row = session.get_one(Resource, made.id)
            services.verify(session, row, by=who.id, now=base.site.clock.now - timedelta(days=400))
        session.commit()
    tools = Tools(base.site.sessions, base.site.settings, base.site.clock)
    ask_to_verify(tools)
    (mail,) = base.mails(who.email)
    assert all(f"{base.at(made.id)}/verifier" in mail.text for made in (first, second))
    ask_to_verify(tools)
    base.site.clock.now += timedelta(days=29)
    ask_to_verify(tools)
    assert len(base.mails(who.email)) == 1
    base.site.clock.now += timedelta(days=2)
    ask_to_verify(tools)
    assert len(base.mails(who.email)) == 2
    for made in (first, second):
        form_of(base.browser("redactrice").get(f"{base.at(made.id)}/verifier"), "/verifier").submit(status=303)
    base.site.clock.now += timedelta(days=40)
    ask_to_verify(tools)
    assert len(base.mails(who.email)) == 2


def test_reminders_take_as_many_statements_for_one_as_for_many(both: Base) -> None:
    base, counts = both, []
    for number in (1, 6):
        who = base.person(referent_of=[base.places["ailleurs"]])
        for rank in range(number):
            made = base.published(a_kit(), by="voisin", place="ailleurs")
            with base.site.sessions() as session:
                session.get_one(Resource, made.id).due_on = "2020-01-01"
                row = session.get_one(ResourceAuthor, (made.id, base.people["voisin"]))
                if rank % 2:
                    session.delete(row)
                else:
                    row.person_id = who.id
                session.commit()
        with base.site.sessions() as session, base.site.statements() as seen:
            todo = reminders(session, base.site.settings, base.site.clock.now)
        counts.append(len([one for one in seen if one.startswith("SELECT")]))
        assert {one.person_id for one in todo} >= {who.id}
    assert counts[1] <= 5
    assert "draft" not in "".join(one.replace("draft_", "") for one in seen)


def test_authors_choose_whether_they_hear_of_what_they_write(base: Base) -> None:
    who = base.person(member_of=[base.places["ici"]])
    made = base.published(a_kit())
    for wants in (False, True):
        with base.site.sessions() as session:
            session.get_one(Person, who.id).mails = {"ressources": wants}
            for row in session.query(ResourceAuthor).filter_by(resource_id=made.id, person_id=who.id):
                session.delete(row)
            session.commit()
        before = len(base.mails(who.email))
        add(base, made, who.email or "")
        with base.site.sessions() as session:
            row = session.get_one(Resource, made.id)
            version = session.get_one(ResourceVersion, (made.id, 1))
            by, settings, now = base.people["membre"], base.site.settings, base.site.clock.now
            row.review_note = f"Pas encore ({wants})."
            telling.tell_published(session, row, version, by, settings, now)
            telling.tell_sent_back(session, row, by, settings, now)
            session.commit()
        kinds = {mail.kind for mail in base.mails(who.email)[before:]}
        assert kinds == ({"ressource-auteur", "ressource-publiee", "ressource-renvoyee"} if wants else set())


def test_the_referents_are_asked_when_no_author_can_be(base: Base) -> None:
    who = base.person(referent_of=[base.places["ailleurs"]])
    made = base.published(a_kit(), by="voisin", place="ailleurs")
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        services.verify(session, row, by=None, now=base.site.clock.now - timedelta(days=400))
        for one in session.query(ResourceAuthor).filter_by(resource_id=made.id):
            session.delete(one)
        session.commit()
    ask_to_verify(Tools(base.site.sessions, base.site.settings, base.site.clock))
    assert [mail.kind for mail in base.mails(who.email)] == ["ressource-a-verifier"]


def test_what_is_mine(base: Base) -> None:
    who = base.person()
    base.people["seule"] = who.id
    assert "rien partagé" in base.browser("seule").get("/compte/ressources")
    draft, shown = base.draft(a_kit(), by="seule", place=None), base.published(a_kit(), by="seule", place=None)
    page = base.browser("seule").get("/compte/ressources")
    assert f'href="{base.at(draft.id)}/modifier"' in page
    assert f'href="{base.at(shown.id)}"' in page
    base.browser().get("/compte/ressources", status=303)
    identity = Identity(who.id, "", "", frozenset({Role.COORDINATOR}), {}, who.id)
    with base.site.sessions() as session, base.site.statements() as seen:
        found = mine.of(session, identity, base.site.clock.now)
        assert (len(found.drafts), len(found.published)) == (1, 1)
    selects = [one for one in seen if one.startswith("SELECT")]
    assert len(selects) <= 3
    assert not any("resource.draft," in one or "resource.removed" in one for one in selects)


def test_the_panel_of_a_resource(base: Base) -> None:
    made = base.published(a_kit())
    page = base.browser().get(base.at(made.id))
    assert "Adapter cette ressource" not in page
    page = base.browser("voisine").get(base.at(made.id))
    assert "Adapter cette ressource" in page
    assert "/modifier" not in page
    page = base.browser("membre").get(base.at(made.id))
    assert f'href="{base.at(made.id)}/modifier"' in page
    closed = base.published(a_kit(licence="tous-droits-reserves"))
    assert "Adapter cette ressource" not in base.browser("voisine").get(base.at(closed.id))


def test_who_is_not_of_the_network_adds_nobody_and_learns_nothing(base: Base) -> None:
    made = base.draft(a_kit(), by="personne", place=None)
    browser = base.browser("personne")
    page = browser.get(f"{base.at(made.id)}/auteurs")
    assert "rejoignez d’abord un lieu" in page
    assert 'name="courriel"' not in page
    token = csrf(browser, f"{base.at(made.id)}/modifier")
    answers = []
    for address in ("voisine@reseau.example", base.stranger()):
        sent = {"csrf_token": token, "courriel": address}
        answers.append(browser.post(f"{base.at(made.id)}/auteurs", sent, status=422).text.replace(address, ""))
    assert answers[0] == answers[1]
    authors = base.rows(ResourceAuthor, ResourceAuthor.resource_id == made.id)
    assert [row.person_id for row in authors] == [base.people["personne"]]


def test_changes_that_are_not_published_yet_are_said_in_my_resources(base: Base) -> None:
    made = base.published(a_kit())
    browser, said = base.browser("membre"), "Changements pas encore publiés"
    before = browser.get("/compte/ressources").text.count(said)
    form = form_of(browser.get(f"{base.at(made.id)}/modifier"), "/modifier")
    form["resume"] = "Un autre résumé."
    form.submit(status=303)
    assert browser.get("/compte/ressources").text.count(said) == before + 1
