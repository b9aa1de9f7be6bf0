"""The editor: header and blocks, moved, doubled, removed and put back; two people at once; limits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from webtest import TestApp

from reseau.members.models import Draft
from resources.base.content import Block
from resources.base.models import Resource, StoredFile
from resources.base.shapes import MAX_BLOCKS, PARTS, BlockKind, Kind
from resources.writing import drafting
from tests.members.conftest import csrf
from tests.people import at_once
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.writing.conftest import block_form, form_of, pdf, working

SHOWN = {"titre": "Un titre", "texte": "Du **texte**."}


def keys(base: Base, id_: UUID, part: str) -> list[str]:
    return [block.key for block in working(base, id_).part(part)]


def test_every_kind_of_block_has_a_form(base: Base) -> None:
    browser, seen = base.browser("membre"), set[BlockKind]()
    for kind in Kind:
        made = base.draft(
            a_tutorial(kind=kind, blocks=(), url="https://exemple.fr") if kind is not Kind.KIT else a_kit()
        )
        at = base.at(made.id)
        for part in PARTS[kind]:
            for one in sorted(set(part.kinds) - seen):
                seen.add(one)
                form = block_form(browser.get(f"{at}/blocs/{part.code}/{one.value}"))
                for name, value in SHOWN.items():
                    form[name] = value
                form.submit(status=303)
                added = working(base, made.id).part(part.code)[-1]
                assert (added.kind, added.title, added.text) == (one, "Un titre", "Du **texte**.")
        browser.get(f"{at}/blocs/inconnu/texte", status=404)
    assert seen == set(BlockKind)


def test_all_that_a_block_holds_is_written(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_kit())
    form = block_form(browser.get(f"{base.at(made.id)}/modifier/accueil"))
    form["titre"], form["texte"], form["minutes"] = "Se saluer", "Bonjour.", "15"
    form["encadre"], form["note"], form["exact"] = "attention", "Pas de nom.", True
    form.submit(status=303)
    block = working(base, made.id).block("accueil")
    assert block is not None
    assert (block.title, block.text, block.minutes) == ("Se saluer", "Bonjour.", 15)
    assert (block.note_kind, block.note, block.exact) == ("attention", "Pas de nom.", True)
    form = block_form(browser.get(f"{base.at(made.id)}/modifier/affiche"))
    form["forme"] = "flyer"
    form.submit(status=303)
    assert working(base, made.id).block("affiche").data == {"layout": "flyer"}  # type: ignore[union-attr]


def test_a_testimony_and_means(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_tutorial(kind=Kind.EXPERIENCE, blocks=()))
    form = block_form(browser.get(f"{base.at(made.id)}/blocs/temoignages/temoignage"))
    form["texte"], form["prenom"] = "J’ai osé.", "Nadia"
    form.submit(status=303)
    assert "accord" in browser.get(f"{base.at(made.id)}/publier")
    (key,) = keys(base, made.id, "temoignages")
    form = block_form(browser.get(f"{base.at(made.id)}/modifier/{key}"))
    form["consentement"] = True
    form.submit(status=303)
    form = block_form(browser.get(f"{base.at(made.id)}/blocs/moyens/moyen"))
    form["titre"], form["quantite"], form["unite"] = "Ordinateurs", "8", "ordinateurs"
    form.submit(status=303)
    one, other = working(base, made.id).block(key), working(base, made.id).part("moyens")[0]
    assert one is not None
    assert (one.data, other.data) == (
        {"prenom": "Nadia", "consentement": "oui"}, {"quantite": "8", "unite": "ordinateurs"},
    )  # fmt: skip


def test_a_file_is_kept_when_the_rest_is_refused(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_kit())
    form = block_form(browser.get(f"{base.at(made.id)}/blocs/avant/fichier"))
    form["titre"], form["fichier_fichier"] = "x" * 200, pdf("liste.pdf")
    page = form.submit(status=422)
    assert "liste.pdf" in page
    form = block_form(page)
    form["titre"] = "La liste"
    form.submit(status=303)
    (block,) = [one for one in working(base, made.id).part("avant") if one.file]
    assert (block.title, block.file.name) == ("La liste", "liste.pdf")  # type: ignore[union-attr]


def test_nobody_attaches_a_file_of_another_resource(base: Base) -> None:
    browser = base.browser("voisin")
    theirs = base.draft(a_kit(), by="membre")
    sender = base.browser("membre")
    form = block_form(sender.get(f"{base.at(theirs.id)}/blocs/avant/fichier"))
    form["fichier_fichier"] = pdf("secret.pdf")
    form.submit(status=303)
    sha = working(base, theirs.id).files()[0].sha
    mine = base.draft(a_kit(), by="voisin", place="ailleurs")
    form = block_form(browser.get(f"{base.at(mine.id)}/blocs/avant/fichier"))
    form["fichier"].force_value(f"{sha}/secret.pdf")
    form.submit(status=303)
    assert not working(base, mine.id).files()


def test_a_file_that_cannot_be_read_is_said_at_its_block(base: Base) -> None:
    browser, said = base.browser("membre"), "ne peut pas être lu"
    made = base.draft(a_kit())
    form = block_form(browser.get(f"{base.at(made.id)}/blocs/avant/fichier"))
    form["fichier_fichier"] = pdf("illisible.pdf")
    form.submit(status=303)
    (block,) = [one for one in working(base, made.id).part("avant") if one.file]
    at = f"{base.at(made.id)}/modifier/{block.key}"
    assert said not in browser.get(at)
    with base.site.sessions() as session:
        row = session.get_one(StoredFile, block.file.sha)  # type: ignore[union-attr]
        former, row.text_state = row.text_state, "unreadable"
        session.commit()
    assert said in browser.get(at)
    with base.site.sessions() as session:
        session.get_one(StoredFile, block.file.sha).text_state = former  # type: ignore[union-attr]
        session.commit()


def test_a_picture_must_be_one(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_kit())
    form = block_form(browser.get(f"{base.at(made.id)}/modifier/accueil"))
    form["image_fichier"] = pdf()
    assert "pas une image" in form.submit(status=422)


def test_blocks_move_by_buttons_and_by_dragging(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_tutorial(steps=3))
    at = base.at(made.id)
    page = browser.get(f"{at}/modifier")
    form_of(page, "/etape-3/deplacer", sens="haut").submit("sens", status=303)
    assert keys(base, made.id, "etapes") == ["etape-1", "etape-3", "etape-2"]
    form_of(browser.get(f"{at}/modifier"), "/etape-1/deplacer", sens="bas").submit("sens", status=303)
    assert keys(base, made.id, "etapes") == ["etape-3", "etape-1", "etape-2"]
    token = csrf(browser, f"{at}/modifier")
    sent = {"csrf_token": token, "partie": "etapes", "avant": "etape-3"}
    browser.post(f"{at}/modifier/etape-2/deplacer", sent, status=303)
    assert keys(base, made.id, "etapes") == ["etape-2", "etape-3", "etape-1"]
    browser.post(f"{at}/modifier/etape-2/deplacer", {**sent, "partie": "apres"}, status=303)
    assert "etape-2" in keys(base, made.id, "etapes"), "a part that holds no steps takes none"
    browser.post(f"{at}/modifier/avoir/deplacer", {**sent, "partie": "apres", "avant": ""}, status=303)
    assert keys(base, made.id, "apres") == ["avoir"]


def test_a_removed_block_comes_back_to_its_place(both: Base) -> None:
    base = both
    browser = base.browser("membre")
    made = base.draft(a_tutorial(steps=3))
    at = base.at(made.id)
    page = form_of(browser.get(f"{at}/modifier"), "/etape-2/supprimer").submit(status=303).follow()
    assert keys(base, made.id, "etapes") == ["etape-1", "etape-3"]
    other = block_form(browser.get(f"{at}/modifier/etape-1"))  # something else is written in between
    other["titre"] = "Autre"
    other.submit(status=303)
    form_of(page, "/remettre").submit(status=303)
    assert keys(base, made.id, "etapes") == ["etape-1", "etape-2", "etape-3"]
    form_of(page, "/remettre").submit(status=303)
    assert keys(base, made.id, "etapes") == ["etape-1", "etape-2", "etape-3"], "only once"


def test_a_block_is_doubled(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_tutorial(steps=2))
    form_of(browser.get(f"{base.at(made.id)}/modifier"), "/etape-1/dupliquer").submit(status=303)
    assert keys(base, made.id, "etapes") == ["etape-1", "geste-1", "etape-2"]


def test_too_many_blocks(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_tutorial(steps=MAX_BLOCKS - 1))
    page = browser.get(f"{base.at(made.id)}/modifier")
    refused = form_of(page, "/etape-1/dupliquer").submit(status=422)
    assert "200 étapes ou blocs au plus" in refused
    form = block_form(browser.get(f"{base.at(made.id)}/blocs/etapes/etape"))
    form["titre"] = "Un de trop"
    page = form.submit(status=422)
    assert block_form(page)["titre"].value == "Un de trop"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("texte", "x" * 20_001, "trop long"), ("minutes", "dix", "nombre entier"), ("minutes", "2000", "entre 0 et 1440")],
)
def test_limits_of_a_block(base: Base, field: str, value: str, said: str) -> None:
    browser = base.browser("membre")
    made = base.draft(a_kit())
    form = block_form(browser.get(f"{base.at(made.id)}/modifier/accueil"))
    form[field] = value
    page = form.submit(status=422)
    assert said in page
    assert block_form(page)[field].value == value


def test_what_is_typed_is_kept_until_it_is_saved(both: Base) -> None:
    base = both
    browser = base.browser("membre")
    made = base.draft(a_kit())
    at = f"{base.at(made.id)}/modifier/accueil"
    form = block_form(browser.get(at))
    sent = [*form.submit_fields(), ("texte", "Pas encore fini")]
    sent = [pair for pair in sent if pair != ("texte", "Dire bonjour.") and isinstance(pair[1], str)]
    browser.post(f"{at}/brouillon", sent, status=204)
    page = browser.get(at)
    assert block_form(page)["texte"].value == "Pas encore fini"
    assert working(base, made.id).block("accueil").text == "Dire bonjour."  # type: ignore[union-attr]
    block_form(page).submit(status=303)
    assert working(base, made.id).block("accueil").text == "Pas encore fini"  # type: ignore[union-attr]
    assert not base.rows(Draft, Draft.path == at)
    browser.post(f"{at}/brouillon", sent, status=204)
    assert at in browser.get("/compte"), "the account leads back to it"
    form_of(browser.get(f"{base.at(made.id)}/modifier"), f"{base.at(made.id)}/supprimer").submit(status=303)
    assert not base.rows(Draft, Draft.path == at)


def test_the_header(base: Base) -> None:
    browser = base.browser("membre")
    made = base.draft(a_kit())
    form = form_of(browser.get(f"{base.at(made.id)}/modifier"), "/modifier")
    form["titre"], form["groupe_de"], form["groupe_a"], form["langue"] = "Nouveau nom", "3", "2", "ar"
    page = form.submit(status=422)
    assert "plus petit que le premier" in page
    form = form_of(page, "/modifier")
    form["groupe_a"] = "12"
    form.submit(status=303)
    content = working(base, made.id)
    assert (content.title, content.groupe, content.lang) == ("Nouveau nom", (3, 12), "ar")
    assert base.resource(made.id).title == "Nouveau nom"
    assert base.resource(made.id).lang == "ar"


def test_two_people_on_one_block_lose_nothing(base: Base) -> None:
    made = base.draft(a_kit())
    at = f"{base.at(made.id)}/modifier/accueil"
    mine, theirs = (block_form(base.browser(who).get(at)) for who in ("membre", "referent"))
    theirs["texte"] = "Le texte de l’autre."
    theirs.submit(status=303)
    mine["texte"] = "Mon texte à moi."
    page = mine.submit(status=422)
    assert "Le texte de l’autre." in page
    assert block_form(page)["texte"].value == "Mon texte à moi."
    assert working(base, made.id).block("accueil").text == "Le texte de l’autre."  # type: ignore[union-attr]
    block_form(page).submit(status=303)  # having seen it
    assert working(base, made.id).block("accueil").text == "Mon texte à moi."  # type: ignore[union-attr]


def test_two_people_on_two_blocks_do_not_meet(base: Base) -> None:
    made = base.draft(a_kit())
    at = f"{base.at(made.id)}/modifier"
    mine = block_form(base.browser("membre").get(f"{at}/accueil"))
    theirs = block_form(base.browser("referent").get(f"{at}/buts"))
    header = form_of(base.browser("coordination").get(at), "/modifier")
    mine["texte"], theirs["texte"], header["resume"] = "Un", "Deux", "Trois"
    for form in (mine, theirs, header):
        form.submit(status=303)
    content = working(base, made.id)
    assert [content.block("accueil").text, content.block("buts").text, content.summary] == ["Un", "Deux", "Trois"]  # type: ignore[union-attr]


def test_a_block_that_somebody_removed_can_be_saved_again(base: Base) -> None:
    made = base.draft(a_kit())
    at = f"{base.at(made.id)}/modifier"
    mine = block_form(base.browser("membre").get(f"{at}/accueil"))
    form_of(base.browser("referent").get(at), "/accueil/supprimer").submit(status=303)
    mine["texte"] = "Encore là."
    page = mine.submit(status=422)
    assert "a supprimé ce bloc" in page
    block_form(page).submit(status=303)
    assert working(base, made.id).block("accueil").text == "Encore là."  # type: ignore[union-attr]


def test_a_block_that_somebody_changed_is_not_removed_unseen(base: Base) -> None:
    made = base.draft(a_kit())
    at = f"{base.at(made.id)}/modifier"
    page = base.browser("membre").get(at)
    theirs = block_form(base.browser("referent").get(f"{at}/accueil"))
    theirs["texte"] = "Beaucoup mieux."
    theirs.submit(status=303)
    refused = form_of(page, "/accueil/supprimer").submit(status=422)
    assert "Beaucoup mieux." in refused
    assert working(base, made.id).block("accueil")
    form_of(refused, "/accueil/supprimer").submit(status=303)
    assert working(base, made.id).block("accueil") is None


def test_two_headers_at_once(base: Base) -> None:
    made = base.draft(a_kit())
    at = f"{base.at(made.id)}/modifier"
    mine, theirs = (form_of(base.browser(who).get(at), "/modifier") for who in ("membre", "referent"))
    theirs["resume"] = "Le résumé de l’autre."
    theirs.submit(status=303)
    mine["resume"] = "Mon résumé."
    page = mine.submit(status=422)
    assert "Le résumé de l’autre." in page
    form_of(page, "/modifier").submit(status=303)
    assert working(base, made.id).summary == "Mon résumé."


def test_a_draft_goes_back_to_what_readers_see(base: Base) -> None:
    browser = base.browser("membre")
    made = base.published(a_kit())
    form = block_form(browser.get(f"{base.at(made.id)}/modifier/accueil"))
    form["texte"] = "Non."
    form.submit(status=303)
    form_of(browser.get(f"{base.at(made.id)}/modifier"), "/abandonner").submit(status=303)
    assert working(base, made.id).block("accueil").text == "Dire bonjour."  # type: ignore[union-attr]
    with base.site.sessions() as session:
        assert not drafting.has_draft(session, made.id)


def test_the_preview_shows_the_draft_and_runs_nothing(base: Base) -> None:
    made = base.draft(a_kit(blocks=(Block("x", "avant", text="<script>alert(1)</script> **gras** [l](javascript:1)"),)))
    page = base.browser("membre").get(f"{base.at(made.id)}/apercu")
    assert "<strong>gras</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    base.browser("voisine").get(f"{base.at(made.id)}/apercu", status=404)


def test_marks_say_what_was_read() -> None:
    block = Block("k", "avant", text="a")
    assert drafting.mark(None) == ""
    assert drafting.mark(block) != drafting.mark(Block("k", "avant", text="b"))
    assert drafting.mark(block) == drafting.mark(Block("k", "avant", text="a", same_as=("0" * 16,)))


def test_the_editor_in_arabic(base: Base) -> None:
    made = base.draft(a_kit())
    browser: TestApp = base.browser("membre", "ar")
    assert 'dir="rtl"' in browser.get(f"{base.at(made.id)}/modifier")
    assert base.get(Resource, made.id)


def test_writers_at_the_same_moment_lose_nothing(both: Base) -> None:
    base = both
    made = base.draft(a_tutorial(steps=6))
    marks = {block.key: drafting.mark(block) for block in working(base, made.id).part("etapes")}

    def write(key: str) -> None:
        with base.site.sessions() as session:
            row = session.get_one(Resource, made.id)
            edit = drafting.put_block(
                key, marks[key], lambda block: replace(block or Block(key, "etapes"), text=f"De {key}")
            )
            drafting.change(session, row, edit, by=None, now=base.site.clock.now)
            session.commit()

    at_once(*(partial(write, key) for key in marks))
    assert [block.text for block in working(base, made.id).part("etapes")] == [f"De {key}" for key in marks]
    assert base.resource(made.id).draft_rev == 1 + len(marks)
