"""What awaits: who sees what, that each number is the length of its list, that nothing costs more when there is more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.core.jobs import JobRun
from reseau.core.mail import Mail, MailState
from reseau.desk import awaiting, lists, services
from reseau.desk.services import Viewer
from reseau.directory import quality
from reseau.directory.history import conflicts
from reseau.directory.models import Override, Structure
from reseau.directory.suggestions import Said, suggest
from reseau.members.models import JoinRequest
from reseau.threads.base.models import PostReport, ThreadKind, Topic
from reseau.threads.base.services import Author, Opening, Writing, start
from resources.base import services as resources
from resources.base.content import Block, Content
from resources.base.models import ResourceAuthor, ResourceReport, ResourceRequest
from resources.base.shapes import BlockKind, Kind
from resources.writing import reviewing
from tests.desk.conftest import SOURCES, Desk
from tests.directory.site import Page

COUNT = re.compile(r'<li><a href="([^"]+)"[^>]*><strong>([\d\s\u202f]+)</strong>\s*([^<]+)</a></li>')


def counts(page: Any) -> dict[str, int]:
    return {url: int(re.sub(r"\s", "", number)) for url, number, _ in COUNT.findall(page.text)}


def mail(desk: Desk, state: MailState, error: str = "") -> UUID:
    now, id_ = desk.site.clock.now, new_id()
    with desk.site.sessions.begin() as session:
        session.add(
            Mail(
                id=id_, kind="invitation", recipient="amina.benali@exemple.fr", lang="fr", subject="Venez", text="t",
                html="h", headers={}, created_at=now, due_at=now, state=state.value, last_error=error,
            )
        )  # fmt: skip
    return id_


def everything(desk: Desk, place: UUID) -> None:
    """One thing of each kind."""
    now = desk.site.clock.now
    asking = desk.person().id
    with desk.site.sessions.begin() as session:
        session.add(JoinRequest(person_id=asking, structure_id=place, created_at=now - timedelta(days=3)))
        session.add(JoinRequest(person_id=asking, proposal={"nom": "X"}, created_at=now - timedelta(days=2)))
        suggest(session, place, Said("ferme", "x"), language="fr", nonce=new_id(), now=now - timedelta(days=9))
        value = {"v": "a"}
        for name in ("telephone", "prise_rdv"):
            session.add(
                Override(
                    structure_id=place, field=name, value=value, source_value=value, source_now={"v": "b"},
                    side="lieu", conflict_since=now - timedelta(days=1),
                )
            )  # fmt: skip
        session.merge(JobRun(name="essai", started_at=now, ended_at=now, ok=False, message="KeyError: 'x'"))
    mail(desk, MailState.ASIDE)
    about_resources(desk)
    about_threads(desk)


def about_threads(desk: Desk) -> None:
    """A post reported twice, one that waits, a question that nobody answered in time."""
    now, author = desk.site.clock.now - timedelta(days=20), Author(desk.person().id)
    with desk.site.sessions.begin() as session:
        topic = Topic(slug=f"sujet-{new_id().hex[-12:]}", titles={"fr": "Un sujet"}, created_at=now)
        session.add(topic)
        session.flush()
        for waits, kind in ((False, ThreadKind.QUESTION), (True, ThreadKind.DISCUSSION)):
            made, post = start(session, Opening(topic.id, kind, "Un fil sur le castor"), Writing("Bonjour.", "fr"),
                               replace(author, waits=waits), id_=new_id(), now=now)  # fmt: skip
            if not waits:
                made.brought_at = now
                session.add_all([PostReport(post_id=post.id, at=now, reason="faux") for _ in range(2)])


def about_resources(desk: Desk) -> UUID:
    """A resource that waits for a review, was reported, and another that somebody looks for."""
    now, left = desk.site.clock.now, desk.person().id
    with desk.site.sessions.begin() as session:
        blocks = (Block("etape", "etapes", BlockKind.ETAPE, title="Un geste", text="Faites."),)
        content = Content(Kind.TUTORIEL, "Le tutoriel qui attend", summary="Un résumé.",
                          themes=("numerique_en_sante",), demarches=("ameli",), blocks=blocks)  # fmt: skip
        made = resources.create(session, content, by=None, structure_id=None, now=now)
        reviewing.ask(session, made, reviewing.Said(), by=None, now=now - timedelta(days=6))
        session.add(ResourceRequest(words="un atelier sur le castor", at=now - timedelta(days=7)))
        session.add(
            ResourceReport(resource_id=made.id, reason="outdated", text="x", version=1, at=now - timedelta(days=8))
        )
        gone = resources.create(session, replace(content, title="Le tutoriel que personne ne tient"), by=left,
                                structure_id=None, now=now)  # fmt: skip
        session.execute(sa.delete(ResourceAuthor).where(ResourceAuthor.resource_id == gone.id))
        return made.id


def test_resources_await_the_coordination_with_their_titles(desk: Desk) -> None:
    about_resources(desk)
    page = desk.browser("coordination").get("/gestion")
    for said in (
        "Le tutoriel qui attend",
        "un atelier sur le castor",
        "Ce n’est plus à jour",
        "à relire avant de publier",
    ):
        assert said in page.text, said
    page.click("Une personne cherche", index=0, verbose=False)
    assert "Le tutoriel qui attend" in page.click("Ce n’est plus à jour", index=0).text
    assert page.click("Le tutoriel que personne ne tient", index=0).request.path.endswith("/auteurs")
    listed = desk.browser("coordination").get("/gestion/ressources/sans-auteur")
    assert "Le tutoriel que personne ne tient" in listed.text
    assert Page(listed.text).errors == []
    assert "Le tutoriel qui attend" in page.click("à relire avant de publier", index=0).text


def test_each_number_is_a_link_to_a_list_of_that_length(desk: Desk) -> None:
    everything(desk, desk.place())
    both_roles = desk.person(roles=["coordinator", "administrator"])
    both = desk.browser(both_roles.id)
    others = {one.path for one in awaiting.kinds().values()}  # of other packages, each with its own tests
    every = counts(both.get("/gestion"))
    assert others <= set(every)
    found = {path: number for path, number in every.items() if path not in others}
    assert set(found) == {
        "/gestion/demandes", "/gestion/propositions", "/gestion/suggestions", "/gestion/ecarts", "/gestion/a-verifier",
        "/gestion/sans-referent", "/gestion/courriels", "/gestion/courriels#taches", "/gestion/ressources",
        "/gestion/ressources/sans-auteur", "/gestion/demandes-ressources", "/gestion/ressources/signalements",
        "/gestion/echanges/signalements", "/gestion/echanges/en-attente", "/gestion/echanges/questions",
    }  # fmt: skip
    assert all(found.values()), found
    for path in ("/gestion/a-verifier", "/gestion/sans-referent"):
        listed = 0
        for page in range(1, found[path] // lists.PAGE_SIZE + 2):
            listed += both.get(path, {"page": page}).text.count('<li class="card">')
        assert listed == found[path], path
    outbox = both.get("/gestion/courriels").text
    assert outbox.count('value="renvoyer"') == found["/gestion/courriels"]
    assert outbox.split('id="taches"')[1].count('<li class="card">') == found["/gestion/courriels#taches"]


def listed(browser: Any, url: str) -> int:
    """How many things a list has, on all of its pages."""
    path, _, part = url.partition("#")
    total, number = 0, 1
    while True:
        page = browser.get(path, {"page": number})
        main = page.text.split("<main")[1].split("</main")[0]
        if path == "/gestion/courriels":
            tasks = main.split('id="taches"')[1]
            return tasks.count('<li class="card">') if part else main.count('value="renvoyer"')
        if path == "/gestion/ecarts":
            total += main.count('<section aria-labelledby="f-')
        elif path in ("/gestion/demandes", "/gestion/propositions"):
            total += len(set(re.findall(r'action="[^"]*/gestion/(?:demandes|propositions)/([0-9a-f-]{36})/', main)))
        elif path == "/gestion/suggestions":
            total += len(set(re.findall(r'href="/gestion/suggestions/([0-9a-f-]{36})"', main)))
        else:
            total += len(re.findall('<li class="card"[ >]', main))
        if 'rel="next"' not in main:
            return total
        number += 1


def test_each_number_is_the_length_of_its_list_for_every_role(desk: Desk) -> None:
    mine, other = desk.place(), desk.place()
    for place in (mine, other):
        everything(desk, place)
    seen = {
        "référent": desk.person(referent_of=[mine]),
        "coordinator": desk.person(roles=["coordinator"]),
        "administrator": desk.person(roles=["administrator"]),
    }
    for role, person in seen.items():
        browser = desk.browser(person.id)
        found = counts(browser.get("/gestion"))
        assert found, role
        for url, number in found.items():
            assert listed(browser, url) == number, (role, url)
    assert set(counts(desk.browser(seen["administrator"].id).get("/gestion"))) == {
        "/gestion/courriels", "/gestion/courriels#taches",
    }  # fmt: skip


def test_old_sheets_never_hide_people(desk: Desk) -> None:
    desk.site.put(*({"nom": f"Lieu vieux {n}", "date_maj": "2001-01-01"} for n in range(12)))
    everything(desk, place := desk.place())
    page = desk.browser("coordination").get("/gestion")
    people, sheets = page.text.split("Fiches à vérifier</h2>")
    assert desk.row(place)["nom"] in people
    assert "Lieu vieux" not in people
    assert "Lieu vieux" in sheets
    number = counts(page)["/gestion/a-verifier"]
    assert f"et {number - 5} autres" in re.sub(r"\s", " ", sheets), "it is said that the list is cut"


def test_a_page_too_far_is_the_last(desk: Desk) -> None:
    desk.site.put(*({"nom": f"Lieu paginé {n}", "commune": "Roubaix"} for n in range(60)))
    browser = desk.browser("coordination")
    for path in ("/gestion/fiches", "/gestion/a-verifier", "/gestion/sans-referent"):
        far = Page(browser.get(path, {"page": 999}).text)
        current = next(
            one
            for tag, one in far.elements
            if tag == "a" and one.get("aria-current") == "page" and "page=" in (one["href"] or "")
        )
        assert int(current["href"].split("page=")[1].split("&")[0]) > 1, path
        assert browser.get(path, {"page": "²"}).text.count('rel="prev"') == 0


def test_what_awaits_is_told_oldest_first(desk: Desk) -> None:
    everything(desk, place := desk.place())
    with desk.site.sessions() as session:
        viewer = Viewer(True, True, ())
        found = services.desk(session, viewer, desk.site.clock.now.date())
    for shown in (found.waiting, *found.sheets.values()):
        moments = [item.since or services.OLDEST for item in shown.items]
        assert moments == sorted(moments)
    assert {item.kind for item in found.waiting.items} == set(services.LISTS) - set(services.SHEETS)
    for kind, shown in found.sheets.items():
        assert {item.kind for item in shown.items} == {kind}
        number = next(one.number for one in found.counts if one.kind == kind)
        assert len(shown.items) == min(5, number)
        assert [more.number for more in shown.rest] == ([number - 5] if number > 5 else [])
    ours = [item for item in found.waiting.items if item.kind == "ecarts"]
    assert [item.place_id for item in ours].count(place) == 1, "two values of a place are looked at together"


def test_a_referent_sees_their_places_only(desk: Desk) -> None:
    mine, other = desk.place(), desk.place()
    everything(desk, other)
    browser = desk.browser(desk.person(referent_of=[mine]).id)
    page = browser.get("/gestion")
    found = counts(page)
    assert set(found) == {"/gestion/demandes", "/gestion/suggestions", "/gestion/ecarts", "/gestion/a-verifier"}
    assert found["/gestion/demandes"] == found["/gestion/suggestions"] == found["/gestion/ecarts"] == 0
    assert found["/gestion/a-verifier"] == 1, "the register dates it from 2024"
    assert desk.at(mine) in page.text
    assert desk.at(other) not in page.text
    listed = browser.get("/gestion/a-verifier").text
    assert desk.at(mine) in listed
    assert desk.at(other) not in listed
    for path in ("/gestion/sans-referent", "/gestion/fiches", "/gestion/journal", "/gestion/courriels"):
        browser.get(path, status=403)


def test_nothing_awaits_is_said_kindly(desk: Desk) -> None:
    mine = desk.place()
    with desk.site.sessions.begin() as session:
        session.execute(sa.update(Structure).where(Structure.id == mine).values(due_on="2027-05-01"))
    page = desk.browser(desk.person(referent_of=[mine]).id).get("/gestion").text
    assert "Vous n’avez rien à faire" in page
    assert "Mes lieux" in page


def test_who_comes_in(desk: Desk) -> None:
    for who, status in (("coordination", 200), ("admin", 200), ("referent", 200), ("membre", 403), ("personne", 403)):
        desk.browser(who).get("/gestion", status=status)
    assert desk.browser().get("/gestion", expect_errors=True).status_int in (303, 403)
    admin = counts(desk.browser("admin").get("/gestion"))
    assert set(admin) == {"/gestion/courriels", "/gestion/courriels#taches"}


def test_it_costs_the_same_for_one_and_for_hundreds(desk: Desk) -> None:
    browser = desk.browser(desk.person(roles=["coordinator", "administrator"]).id)
    everything(desk, desk.place())
    costs = []
    for _ in range(2):
        cost = {}
        for path in ("/gestion", "/gestion/a-verifier", "/gestion/sans-referent", "/gestion/fiches",
                     "/gestion/ressources/sans-auteur", "/gestion/journal", "/gestion/courriels"):  # fmt: skip
            with desk.site.statements() as seen:
                browser.get(path)
            cost[path] = len(seen)
        costs.append(cost)
        for _n in range(60):
            mail(desk, MailState.ASIDE)
        desk.site.put(*({"nom": f"Lieu nombreux {n}", "commune": "Roubaix"} for n in range(300)))
        everything(desk, desk.place())
    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= 12, costs[0]


def test_pages_are_well_formed(desk: Desk) -> None:
    everything(desk, desk.place())
    browser = desk.browser(desk.person(roles=["coordinator", "administrator"]).id)
    paths = ("/gestion", "/gestion/a-verifier", "/gestion/sans-referent", "/gestion/fiches", "/gestion/journal",
             "/gestion/courriels", "/gestion/lieux/nouveau", "/gestion/fusionner",
             f"/gestion/fusionner?garder={desk.places['echo']}&retirer={desk.places['epeule']}",
             desk.at(desk.places["echo"]) + "/antenne", desk.at(desk.places["echo"]) + "/fermer")  # fmt: skip
    for path in paths:
        for language in ("fr", "ar"):
            answer = browser.get(path, headers={"Accept-Language": language})
            page = Page(answer.text)
            assert not page.errors, (path, page.errors)
            assert len(page.all("h1")) == 1, path
            assert answer.headers["Cache-Control"] == "private, no-store", path
            ids = [one["id"] for _, one in page.elements if one.get("id")]
            assert len(ids) == len(set(ids)), path


# --- the list of sheets -----------------------------------------------------------------------------------------


def test_criteria_in_sql_are_those_of_the_sheet(desk: Desk) -> None:
    desk.site.put(
        {"nom": "Vide"},
        {"nom": "Courte", "commune": "Roubaix", "presentation_resume": "x" * 79, "itinerance": ["itinerant"]},
        {"nom": "Juste", "commune": "Roubaix", "adresse": "1 rue", "presentation_detail": "é" * 80},
        {"nom": "Longue", "presentation_resume": "x" * 2001, "services": ["aide-aux-demarches-administratives"]},
    )
    today = desk.site.clock.now.date()
    rows = [row for row in desk.site.rows() if row["status"] == "active"]
    for name in lists.CRITERIA:
        wanted = {row["id"] for row in rows if name in quality.missing(row, today)}
        with desk.site.sessions() as session:
            asked = sa.select(Structure.id).where(Structure.status == "active", lists._is_missing(name, today))
            assert set(session.scalars(asked)) == wanted, name


def test_the_worst_come_first(desk: Desk) -> None:
    with desk.site.sessions() as session:
        viewer, today = Viewer(True, False, ()), desk.site.clock.now.date()
        total = lists.sheets(session, viewer, lists.Filters(), today).total
        pages = range(1, -(-total // lists.PAGE_SIZE) + 1)
        found = [line for page in pages for line in lists.sheets(session, viewer, lists.Filters(), today, page).rows]
    scores = [line.score for line in found]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]
    assert len({line.id for line in found}) == total >= 39


def test_filters_and_what_makes_no_sense(desk: Desk) -> None:
    browser = desk.browser("coordination")
    elsewhere = desk.place("Ailleurs à Lille", commune="Lille", code_insee="59350", code_postal="59000")
    assert str(elsewhere) in browser.get("/gestion/fiches", {"commune": "Lille"}).text
    assert str(elsewhere) not in browser.get("/gestion/fiches", {"commune": "Roubaix"}).text
    assert "Nous ne connaissons pas la ville" in browser.get("/gestion/fiches", {"commune": "Xyzzyville"}).text
    for query in ("manque=rien", "page=-1", "page=99999999999", "page=²", "page=999", "commune=%00", "territoire=x",
                  "fait=verifier&nombre=x", "fait=<b>", "commune=" + "x" * 3000, "manque=horaires&sans_referent=1"):  # fmt: skip
        assert browser.get("/gestion/fiches?" + query).status_int == 200, query


def test_the_territory_bounds_what_awaits_a_coordinator(desk: Desk) -> None:
    inside = desk.place("Dedans", code_insee="59512")
    outside = desk.place("Dehors", code_insee="59009", commune="Villeneuve-d’Ascq")
    added = desk.place("Ajouté", code_insee="59009", commune="Villeneuve-d’Ascq")
    nowhere = desk.place("Nulle part", code_insee=None, commune=None)
    today = desk.site.clock.now.date()
    viewer = Viewer(True, False, (), ("59512",))
    with desk.site.sessions.begin() as session:
        session.execute(sa.update(Structure).where(Structure.id == added).values(in_territory=True))
    four = {inside, outside, added, nowhere}

    def seen(**filters: str) -> set[UUID]:
        with desk.site.sessions() as session:
            where = lists._asked(viewer, lists.Filters(**filters), today)  # type: ignore[arg-type]
            return set(session.scalars(sa.select(Structure.id).where(*where))) & four

    assert seen() == {inside, added}
    assert seen(territory="hors") == {outside, nowhere}
    assert seen(territory="tous") == four
    with desk.site.sessions() as session:
        numbers = {one.kind: one.number for one in services.count(session, viewer, today)}
        for kind, page in (
            ("verifier", lists.stale_sheets(session, viewer, today)),
            ("orphelins", lists.orphan_sheets(session, viewer, today)),
        ):
            assert page.total == numbers[kind]
        everywhere = {one.kind: one.number for one in services.count(session, Viewer(True, False, ()), today)}
    assert everywhere["orphelins"] >= numbers["orphelins"] + 2


def test_the_territory_bounds_conflicts_and_neither_requests_nor_suggestions(desk: Desk) -> None:
    outside = desk.place("Très loin", code_insee="59009", commune="Villeneuve-d’Ascq")
    everything(desk, outside)
    today, viewers = desk.site.clock.now.date(), (Viewer(True, False, ()), Viewer(True, False, (), ("59512",)))
    with desk.site.sessions() as session:
        wide, narrow = ({one.kind: one.number for one in services.count(session, v, today)} for v in viewers)
        for viewer, numbers in zip(viewers, (wide, narrow), strict=True):
            assert conflicts(session, None, SOURCES, territory=viewer.territory).total == numbers["ecarts"]
    assert narrow["ecarts"] < wide["ecarts"]
    for kind in ("demandes", "propositions", "suggestions"):
        assert narrow[kind] == wide[kind]
