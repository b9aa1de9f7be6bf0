"""The pages of groups: who sees what, who may what."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from reseau.core.audit import Audit
from reseau.groups import services
from reseau.groups.models import GroupDocument, GroupMember, WorkingGroup
from reseau.groups.services import Said
from reseau.members.models import Membership, Person
from reseau.notices import following
from tests.groups.conftest import ONE_ENGINE, World
from tests.members.conftest import post_form

pytestmark = ONE_ENGINE


def at(group: WorkingGroup, suffix: str = "") -> str:
    return f"/groupes/{group.slug}{suffix}"


def actions(world: World, group: WorkingGroup) -> list[str]:
    return [row.action for row in sorted(world.rows(Audit, Audit.object_id == group.id), key=lambda row: row.at)]


def statuses(world: World, path: str, *who: str | None) -> list[int]:
    return [world.browser(one).get(path, expect_errors=True).status_int for one in who]


WHO = (None, "personne", "voisine", "membre", "coordination")


def test_who_sees_a_group_and_its_documents(world: World) -> None:
    for seen, expected in (("public", [200] * 5), ("network", [403, 403, 200, 200, 200]),
                           ("members", [404, 404, 404, 200, 200])):  # fmt: skip
        group = world.group(seen=seen)
        made = world.document(group)
        for suffix in ("", "/comptes-rendus", f"/documents/{made.slug}", f"/documents/{made.slug}/imprimer",
                       f"/documents/{made.slug}.md"):  # fmt: skip
            assert statuses(world, at(group, suffix), *WHO) == expected, (seen, suffix)


def test_the_list_shows_what_each_may_see(world: World) -> None:
    made = {seen: world.group(seen=seen, name=f"Liste {seen}") for seen in ("public", "network", "members")}

    def shown(who: str | None) -> list[str]:
        page, found = 1, ""
        while f'page={page}"' in found or page == 1:
            found += world.browser(who).get(f"/groupes?page={page}").text
            page += 1
        return [seen for seen, group in made.items() if f'{at(group)}"' in found]

    assert shown(None) == ["public"]
    assert shown("personne") == ["public"]
    assert shown("voisine") == ["public", "network"]
    assert shown("membre") == shown("coordination") == ["public", "network", "members"]


def test_visitors_see_numbers_the_network_sees_names(world: World) -> None:
    keeper = world.person("Anne-Animatrice", member_of=[world.places["ici"]])
    world.people["anne"] = keeper.id
    group = world.group(seen="public", by="anne")
    assert "Anne-Animatrice" not in world.browser(None).get(at(group)).text
    assert "Anne-Animatrice" not in world.browser("personne").get(at(group)).text
    assert "Anne-Animatrice" in world.browser("voisine").get(at(group)).text
    made = world.document(group, by="anne")
    assert "Anne-Animatrice" not in world.browser(None).get(at(group, f"/documents/{made.slug}")).text
    assert statuses(world, at(group, "/personnes"), None, "personne", "voisine") == [403, 403, 200]


def test_a_coordinator_makes_a_group(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert statuses(world, "/groupes/nouveau", None, "membre", "coordination") == [403, 403, 200]
    told: list[str] = []
    hooks = [lambda _session, group, _now: told.append(group.slug)]
    monkeypatch.setitem(world.site.wsgi.registry, "group.created", hooks)
    browser = world.browser("coordination")
    form = post_form(browser.get("/groupes/nouveau"))
    form["nom"], form["description"], form["animateur"] = "Groupe tout neuf", "Pour <b>essayer</b>.", "inconnue"
    answer = form.submit(status=422)
    assert "Nous ne trouvons personne" in answer
    form = post_form(answer)
    assert form["nom"].value == "Groupe tout neuf"
    form["animateur"] = world.get(Person, world.people["voisine"]).name
    page = form.submit(status=303).follow()
    assert form.submit(status=303).location.endswith("/groupe-tout-neuf?fait=cree"), "the second click"
    assert told == ["groupe-tout-neuf"]
    assert "parce que vous êtes de la coordination" in page
    assert "<b>essayer</b>" not in page.text
    (group,) = world.rows(WorkingGroup, WorkingGroup.slug == "groupe-tout-neuf")
    assert world.stands(group, "voisine") == "animates"
    assert actions(world, group) == ["group.create"]


def test_asking_and_being_let_in(world: World) -> None:
    group = world.group(seen="public")
    browser, keeper = world.browser("voisine"), world.browser("membre")
    form = post_form(browser.get(at(group)), "/rejoindre")
    form["message"] = "Je fais des ateliers."
    page = form.submit(status=303).follow()
    assert "Votre demande attend une réponse" in page
    members = keeper.get(at(group, "/membres"))
    assert "Je fais des ateliers." in members
    answer = post_form(members, "/accepter").submit(status=303).follow()
    assert "La personne est dans le groupe." in answer
    assert world.stands(group, "voisine") == "in"
    mail = world.mails(world.get(Person, world.people["voisine"]).email)[-1]
    assert mail.subject == f"Vous êtes dans le groupe « {group.name} »"
    post_form(browser.get(at(group)), "/quitter").submit(status=303)
    assert world.stands(group, "voisine") == ""
    assert actions(world, group) == ["group.join", "group.accept", "group.leave"]


def test_an_invitation_to_a_group_that_nobody_else_sees(world: World) -> None:
    group = world.group(seen="members", joining="invite", description="Pour les curieux.")
    world.document(group, "Rien que pour nous")
    voisine = world.get(Person, world.people["voisine"])
    form = post_form(world.browser("membre").get(at(group, "/membres")), "/membres")
    form["personne"] = voisine.email
    assert "est invitée" in form.submit(status=303).follow()
    assert world.mails(voisine.email)[-1].kind == "groupe-invitation"
    browser = world.browser("voisine")
    told = browser.get("/compte/avis")
    assert "On vous invite dans ce groupe." in told
    assert group.name in told
    assert at(group) in browser.get("/groupes").text
    page = browser.get(at(group))
    assert "Pour les curieux." in page
    assert "Rien que pour nous" not in page
    browser.get(at(group, "/comptes-rendus"), status=403)
    post_form(page, "/rejoindre").submit(status=303)
    assert "On vous invite dans ce groupe." not in browser.get("/compte/avis")
    assert "Rien que pour nous" in browser.get(at(group))
    assert actions(world, group) == ["group.invite", "group.join"]


def test_a_part_of_a_name_offers_people(world: World) -> None:
    group = world.group()
    for name in ("Yasminachoisie", "Yasminachouette"):
        world.person(name, member_of=[world.places["ici"]])
    form = post_form(world.browser("membre").get(at(group, "/membres")), "/membres")
    form["personne"] = "yasminach"
    answer = form.submit(status=422)
    assert "Choisissez la personne dans la liste." in answer
    assert "Yasminachoisie" in answer
    form = post_form(answer, "/membres")
    people = {one.name: one for one in world.rows(Person, Person.name.like("Yasminach%"))}
    form["choix"] = str(people["Yasminachouette"].id)
    assert "est invitée" in form.submit(status=303).follow()
    (row,) = world.rows(GroupMember, GroupMember.group_id == group.id, GroupMember.belonging == "invited")
    assert row.person_id == people["Yasminachouette"].id
    form["personne"] = "yasminacho"  # another text: what was chosen does not count
    assert "Choisissez la personne" in form.submit(status=422)


def test_who_makes_a_group_keeps_it_unless_they_say_otherwise(world: World) -> None:
    form = post_form(world.browser("coordination").get("/groupes/nouveau"))
    assert form["animateur"].value == world.get(Person, world.people["coordination"]).name
    form["nom"], form["description"] = "Groupe de qui le crée", "| Quand | Qui |\n|---|---|\n| lundi | نحن نعمل معا |"
    page = form.submit(status=303).follow()
    assert "<td>lundi</td>" in page
    (group,) = world.rows(WorkingGroup, WorkingGroup.slug == "groupe-de-qui-le-cree")
    assert world.stands(group, "coordination") == "animates"
    arabic = world.group(seen="public", description="نحن نعمل معا", lang="fr")
    assert '<div class="prose" lang="fr" dir="rtl">' in world.browser(None).get(at(arabic))


def test_declining(world: World) -> None:
    group = world.group(seen="members")
    with world.site.sessions() as session:
        session.add(GroupMember(group_id=group.id, person_id=world.people["voisine"], belonging="invited"))
        session.commit()
    browser = world.browser("voisine")
    page = post_form(browser.get(at(group)), "/quitter").submit(status=303).follow()
    assert page.request.path == "/groupes"
    browser.get(at(group), status=404)


def test_who_is_not_of_the_network_may_leave_but_not_come(world: World) -> None:
    group = world.group(seen="public", joining="open")
    someone = world.person("Passante", member_of=[world.places["ici"]])
    browser = world.browser(someone.id)
    post_form(browser.get(at(group)), "/rejoindre").submit(status=303)
    with world.site.sessions() as session:
        session.execute(sa.delete(Membership).where(Membership.person_id == someone.id))
        session.commit()
    form = post_form(browser.get(at(group)), "/quitter")
    token = form["csrf_token"].value
    form.submit(status=303)
    assert world.get(GroupMember, (group.id, someone.id)) is None
    browser.post(at(group, "/rejoindre"), {"csrf_token": token}, status=403)


def test_only_its_animators_and_the_coordination_keep_it(world: World) -> None:
    group = world.group(seen="public", members=["voisine"])
    for suffix in ("/modifier", "/membres"):
        assert statuses(world, at(group, suffix), *WHO) == [403, 403, 403, 200, 200]


def test_the_last_animator_is_told_why_they_stay(world: World) -> None:
    group = world.group(members=["voisine"])
    browser = world.browser("membre")
    assert "Nommez d’abord une autre personne" in browser.get(at(group))
    page = browser.get(at(group, "/membres"))
    token = post_form(page, "/membres")["csrf_token"].value
    for suffix, fields in (("/quitter", {}), ("/membres/retirer", {"personne": str(world.people["membre"])})):
        answer = browser.post(at(group, suffix), {"csrf_token": token, **fields}, status=303).follow()
        assert "Nommez d’abord" in answer
    assert actions(world, group) == []
    named = {"csrf_token": token, "personne": str(world.people["voisine"]), "anime": "1"}
    browser.post(at(group, "/membres/animateur"), named, status=303)
    assert world.stands(group, "voisine") == "animates"
    browser.post(at(group, "/membres/animateur"), {"csrf_token": token, "personne": "x"}, status=400)


def test_nobody_overwrites_the_page_of_a_group_unseen(world: World) -> None:
    group = world.group()
    browser = world.browser("membre")
    form = post_form(browser.get(at(group, "/modifier")), "/modifier")
    world.do(services.edit, group.id, Said(group.name, "De quelqu’un d’autre.", "fr", "public", "open"), seen_rev=1)
    form["description"] = "De moi."
    answer = form.submit(status=422)
    assert "De quelqu’un d’autre." in answer
    assert "De moi." in answer
    post_form(answer, "/modifier").submit(status=303)
    assert world.get(WorkingGroup, group.id).description == "De moi."


def test_a_closed_group_is_read_only(world: World) -> None:
    group = world.group(seen="public", members=["voisine"])
    made = world.document(group)
    keeper = world.browser("membre")
    assert "a terminé son travail" in post_form(keeper.get(at(group, "/modifier")), "/archiver").submit().follow()
    browser = world.browser("voisine")
    assert made.title in browser.get(at(group))
    for suffix in ("/comptes-rendus/nouveau", f"/documents/{made.slug}/modifier"):
        browser.get(at(group, suffix), status=403)
    post_form(keeper.get(at(group, "/modifier")), "/archiver").submit(status=303)
    browser.get(at(group, "/comptes-rendus/nouveau"), status=200)
    assert actions(world, group) == ["group.archive"] * 2


def test_languages_directions_and_hostile_texts(world: World) -> None:
    group = world.group(seen="public", name="مجموعة العمل", lang="ar")
    made = world.document(group, "اجتماع", text="<script>alert(1)</script> [x](javascript:alert(1)) **نعم**", lang="ar")
    browser = world.browser(None, "ar")
    page = browser.get(at(group, f"/documents/{made.slug}"))
    assert '<div class="prose" lang="ar" dir="rtl">' in page
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    assert '<bdi lang="ar" dir="rtl">مجموعة العمل</bdi>' in browser.get(at(group))
    plain = browser.get(at(group, f"/documents/{made.slug}.md"))
    assert plain.content_type == "text/markdown"
    assert plain.text.startswith("# اجتماع\n")


def test_two_hundred_members_and_documents_cost_ten_statements(world: World) -> None:
    group = world.group(seen="public")
    with world.site.sessions() as session:
        rows = [Person(email=f"foule{n}@reseau.example", name=f"Foule {n}", lang="fr") for n in range(200)]
        session.add_all(rows)
        session.flush()
        session.add_all(GroupMember(group_id=group.id, person_id=one.id) for one in rows)
        session.add_all(
            GroupDocument(group_id=group.id, kind="minutes" if n % 2 else "page", slug=f"d{n}", title=f"Titre {n}",
                          text="x" * 3000, day="2026-05-01") for n in range(200)
        )  # fmt: skip
        session.add_all(WorkingGroup(slug=f"un-{n}", name=f"Un {n}", seen="public", description="Z" * 400)
                        for n in range(120))  # fmt: skip
        session.commit()
    for who in (None, "voisine", "membre", "coordination"):
        browser = world.browser(who)
        for path in ("/groupes", "/groupes?page=2", at(group), at(group, "/comptes-rendus"), at(group, "/personnes")):
            if who is None and path.endswith("/personnes"):
                continue
            with world.site.statements() as seen:
                answer = browser.get(path)
            asked = [one for one in seen if not one.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SET"))]
            assert len(asked) <= 8, (who, path, asked)
            assert len(answer.body) < 60_000, (who, path)
    page = world.browser("membre").get(at(group))
    assert "Voir les autres membres" in page
    assert "Tous les comptes rendus" in page
    assert "Foule" in world.browser("membre").get(at(group, "/personnes?page=3"))


def test_a_member_mutes_a_group_and_hears_of_it_again(world: World) -> None:
    group = world.group(joining="open")
    world.join(group, "voisine")
    browser = world.browser("voisine")
    for suffix, expected in (("/ne-plus-suivre", "mute"), ("/suivre", "follow")):
        post_form(browser.get(at(group)), suffix).submit(status=303)
        assert world.do(following.level, world.people["voisine"], ("group", group.id)) == expected


def test_other_rooms_show_theirs_on_the_page_of_a_group(world: World) -> None:
    group, panels = world.group(seen="public"), world.site.wsgi.registry["group.panels"]
    panels.append("reseau.groups:templates/parts.jinja2")  # says nothing by itself
    try:
        assert group.name in world.browser(None).get(at(group))
    finally:
        panels.pop()
