"""Minutes and pages of groups: who writes, changes, deletes them, and their files."""

from __future__ import annotations

from typing import Any

from webtest import Upload

from reseau.groups.models import GroupDocument
from resources.base.models import AttachedFile
from tests.groups.conftest import ONE_ENGINE, World
from tests.groups.test_pages import actions, at, statuses
from tests.members.conftest import post_form

pytestmark = ONE_ENGINE


def fill(form: Any, **more: str) -> Any:
    for name, value in ({"titre": "Réunion de mai", "texte": "Nous **décidons**."} | more).items():
        form[name] = value
    return form


def test_members_write_others_do_not(world: World) -> None:
    group = world.group(seen="public", members=["voisine"])
    assert statuses(world, at(group, "/comptes-rendus/nouveau"), None, "voisin", "voisine") == [303, 403, 200]
    browser = world.browser("voisine")
    form = fill(post_form(browser.get(at(group, "/comptes-rendus/nouveau"))), jour="2026-05-12")
    page = form.submit(status=303).follow()
    assert "<strong>décidons</strong>" in page
    assert page.request.path == at(group, "/documents/2026-05-12-reunion-de-mai")
    assert form.submit(status=303).location.partition("?")[0].endswith(page.request.path), "the second click"
    assert len(world.rows(GroupDocument, GroupDocument.group_id == group.id)) == 1
    assert actions(world, group) == ["group.document"]
    assert page.request.path in browser.get(at(group)).text


def test_a_refused_form_keeps_its_text_and_its_files(world: World) -> None:
    group = world.group(seen="network")
    browser = world.browser("membre")
    form = fill(post_form(browser.get(at(group, "/pages/nouvelle"))), titre="")
    form["fichier"] = [Upload("notes.txt", b"des notes de reunion", "text/plain")]
    answer = form.submit(status=422)
    form = post_form(answer)
    assert form["texte"].value == "Nous **décidons**."
    assert "notes.txt" in answer
    page = fill(form).submit(status=303).follow()
    (link,) = [a["href"] for a in page.html.find_all("a") if "/fichiers/" in a.get("href", "")]
    assert browser.get(link).body == b"des notes de reunion"
    assert statuses(world, link, None, "personne", "voisine") == [404, 404, 200]
    document = page.request.path
    edit = post_form(browser.get(document + "/modifier"))
    edit["retirer"] = [link.split("/")[2]]
    assert "notes.txt" not in edit.submit(status=303).follow()
    assert statuses(world, link, "voisine") == [404]


def names_of(world: World, document: GroupDocument, kind: str = "group-document") -> list[str]:
    mine = AttachedFile.owner_kind == kind, AttachedFile.owner_id == document.id
    return sorted(one.name for one in world.rows(AttachedFile, *mine))


def test_a_form_with_the_id_of_somebody_elses_document_brings_it_nothing(world: World) -> None:
    group = world.group(seen="network", members=["voisine"])
    theirs = world.document(group, by="membre")
    where = at(group, f"/documents/{theirs.slug}/modifier")
    form = post_form(world.browser("membre").get(where))
    form["fichier"] = [Upload("avant.txt", b"un fichier d avant", "text/plain")]
    form.submit(status=303)
    (kept,) = world.rows(AttachedFile, AttachedFile.owner_id == theirs.id)
    form = fill(post_form(world.browser("membre").get(where)), titre="")
    form["fichier"] = [Upload("attend.txt", b"un fichier qui attend", "text/plain")]
    form.submit(status=422)
    (waits,) = world.rows(AttachedFile, AttachedFile.name == "attend.txt")
    browser = world.browser("voisine")
    for number in (theirs.id, waits.owner_id):
        form = fill(post_form(browser.get(at(group, "/pages/nouvelle"))))
        token = form["csrf_token"].value
        fields = {"csrf_token": token, "numero": str(number), "titre": "Intrusion", "texte": "x", "langue": "fr",
                  "retirer": kept.sha}  # fmt: skip
        files = [("fichier", "intrus.txt", f"de trop {number}".encode())]
        browser.post(at(group, "/pages/nouvelle"), fields, upload_files=files, status=303)
    page = world.browser("membre").get(where)
    assert "intrus.txt" not in page
    assert "attend.txt" in page
    post_form(page).submit(status=303)
    assert names_of(world, theirs) == ["attend.txt", "avant.txt"]
    assert len(world.rows(GroupDocument, GroupDocument.group_id == group.id)) == 3


def test_a_form_for_a_new_document_brings_nothing_to_one_that_is_there(world: World) -> None:
    group = world.group()
    browser = world.browser("membre")
    form = fill(post_form(browser.get(at(group, "/pages/nouvelle"))))
    form["fichier"] = [Upload("premier.txt", b"le premier envoi", "text/plain")]
    form.submit(status=303)
    (made,) = world.rows(GroupDocument, GroupDocument.group_id == group.id)
    (kept,) = world.rows(AttachedFile, AttachedFile.owner_id == made.id)
    fields = {"csrf_token": form["csrf_token"].value, "numero": str(made.id), "titre": "", "retirer": kept.sha}
    files = [("fichier", "second.txt", b"le second envoi")]
    answer = browser.post(at(group, "/pages/nouvelle"), fields, upload_files=files, status=303)
    assert made.slug in answer.location
    assert names_of(world, made) == ["premier.txt"]


def test_a_refused_change_leaves_the_files_that_readers_see(world: World) -> None:
    group = world.group(members=["voisine"])
    made = world.document(group)
    where, browser = at(group, f"/documents/{made.slug}/modifier"), world.browser("membre")
    form = post_form(browser.get(where))
    form["fichier"] = [Upload("avant.txt", b"avant ce jour", "text/plain")]
    form.submit(status=303)
    (before,) = world.rows(AttachedFile, AttachedFile.owner_id == made.id)
    form, other = post_form(browser.get(where)), post_form(world.browser("voisine").get(where))
    fill(other, texte="Depuis un autre poste.").submit(status=303)
    form["fichier"], form["retirer"] = [Upload("apres.txt", b"apres ce jour", "text/plain")], [before.sha]
    for title in ("", "Réunion de juin"):  # refused, then overtaken by somebody else
        answer = fill(form, titre=title).submit(status=422)
        assert names_of(world, made) == ["avant.txt"]
        form = post_form(answer)
        assert [one.checked for one in form.fields["retirer"]] == [True, False]
    (waits,) = world.rows(AttachedFile, AttachedFile.name == "apres.txt")
    link = f"/fichiers/{waits.sha}/apres.txt"
    assert statuses(world, link, None, "voisine", "coordination", "membre") == [404, 404, 404, 200]
    assert "apres.txt" not in world.browser("voisine").get(where)
    form.submit(status=303)
    assert names_of(world, made) == ["apres.txt"]
    assert world.get(GroupDocument, made.id).title == "Réunion de juin"


def test_two_who_bring_the_same_file_both_keep_it(world: World) -> None:
    group = world.group(members=["voisine"])
    made = world.document(group)
    where = at(group, f"/documents/{made.slug}/modifier")
    for who in ("membre", "voisine"):
        form = fill(post_form(world.browser(who).get(where)), titre="")
        form["fichier"] = [Upload(f"{who}.txt", b"le meme contenu", "text/plain")]
        assert f"{who}.txt" in form.submit(status=422)
    for who in ("membre", "voisine"):
        post_form(world.browser(who).get(where)).submit(status=303)
    assert names_of(world, made) == ["membre.txt"]
    assert not world.rows(AttachedFile, AttachedFile.name == "voisine.txt")


def test_files_of_a_deleted_document_go_with_it(world: World) -> None:
    group = world.group()
    made = world.document(group)
    where, browser = at(group, f"/documents/{made.slug}"), world.browser("membre")
    for title, status in (("Réunion", 303), ("", 422)):
        form = fill(post_form(browser.get(f"{where}/modifier")), titre=title)
        form["fichier"] = [Upload("disparait.txt", f"il disparait {status}".encode(), "text/plain")]
        form.submit(status=status)
    assert len(world.rows(AttachedFile, AttachedFile.name == "disparait.txt")) == 2
    post_form(browser.get(f"{where}/supprimer")).submit(status=303)
    assert not world.rows(AttachedFile, AttachedFile.name == "disparait.txt")


def test_a_file_that_is_refused_says_why(world: World) -> None:
    group = world.group()
    form = fill(post_form(world.browser("membre").get(at(group, "/pages/nouvelle"))))
    form["fichier"] = [Upload("virus.exe", b"MZ\x90\x00" + b"\x00" * 200, "application/octet-stream")]
    answer = form.submit(status=422)
    assert "virus.exe" in answer
    assert post_form(answer)["titre"].value == "Réunion de mai"
    assert world.rows(GroupDocument, GroupDocument.group_id == group.id) == []


def test_two_people_who_change_a_document(world: World) -> None:
    group = world.group(members=["voisine"])
    made = world.document(group)
    where = at(group, f"/documents/{made.slug}/modifier")
    forms = [post_form(world.browser(who).get(where)) for who in ("membre", "voisine")]
    fill(forms[0], texte="Le premier texte.").submit(status=303)
    answer = fill(forms[1], texte="Le second texte.").submit(status=422)
    assert "Le premier texte." in answer
    assert post_form(answer)["texte"].value == "Le second texte."
    page = post_form(answer).submit(status=303).follow()
    assert "Le second texte." in page
    assert world.get(GroupDocument, made.id).rev == 3
    assert actions(world, group) == ["group.document.edit"] * 2


def test_who_may_delete_a_document(world: World) -> None:
    group = world.group(members=["voisine", "voisin"])
    made = world.document(group, by="voisine")
    where = at(group, f"/documents/{made.slug}/supprimer")
    assert statuses(world, where, "voisin", "voisine", "membre", "coordination") == [403, 200, 200, 200]
    page = post_form(world.browser("voisine").get(where)).submit(status=303).follow()
    assert "Le document est supprimé." in page
    assert world.get(GroupDocument, made.id) is None
    assert actions(world, group) == ["group.document.delete"]
