"""The page of publication: what goes out, what is empty, what not everybody sees, what was typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reseau.core.audit import Audit
from reseau.members.models import Person
from resources.base import services
from resources.base.content import Block
from resources.base.models import Resource, State, Visibility
from resources.base.shapes import BlockKind
from tests.members.conftest import csrf
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.writing.conftest import block_form, form_of


def opened(base: Base, made: Resource, who: str = "membre") -> Any:
    return base.browser(who).get(f"{base.at(made.id)}/publier")


def change(base: Base, made: Resource, by: str, **changes: Any) -> None:
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        content = replace(services.working(session, row), **changes)
        services.save_draft(session, row, content, seen_rev=None, by=base.people[by], now=base.site.clock.now)
        session.commit()


def test_an_empty_block_is_not_published_and_is_named(both: Base) -> None:
    base = both
    made = base.draft(a_tutorial(steps=1))
    steps = (Block("vide", "etapes", BlockKind.ETAPE), Block("sans", "apres", BlockKind.FICHIER, title="La fiche"))
    change(base, made, "membre", blocks=(*a_tutorial(steps=1).blocks, *steps))
    page = opened(base, made)
    assert "Étape 2 (Étapes) : Ce bloc est vide" in page
    assert "La fiche : Ce bloc est vide" in page
    assert f'href="{base.at(made.id)}/modifier/vide"' in page
    form_of(page, "/publier").submit(status=422)
    assert base.resource(made.id).state == State.DRAFT.value
    change(base, made, "membre", blocks=a_tutorial(steps=1).blocks)
    again = form_of(opened(base, made), "/publier", rev=str(base.resource(made.id).draft_rev))
    again.submit(status=303)


def test_what_goes_out_is_said_with_who_wrote_last(both: Base) -> None:
    base = both
    made = base.published(a_kit())
    assert "Ce qui va changer" not in opened(base, made)
    blocks = [block for block in a_kit().blocks if block.key != "affiche"]
    blocks = [replace(block, text="Dire bonsoir.") if block.key == "accueil" else block for block in blocks]
    blocks.append(Block("pause", "deroule", BlockKind.ETAPE, title="La pause"))
    change(base, made, "referent", summary="Un autre résumé.", blocks=tuple(blocks))
    page = opened(base, made)
    section = page.html.find("section", {"aria-labelledby": "change"})
    said = [" ".join(one.get_text(" ").split()) for one in section.find_all("li")]
    assert said == ["Résumé modifié", "Accueil modifié", "La pause ajouté", "Affiche supprimé"]
    with base.site.sessions() as session:
        name = session.get_one(Person, base.people["referent"]).name
    assert f"par {name}." in section.get_text()


def test_links_that_not_everybody_follows_are_said_and_not_refused(base: Base) -> None:
    hidden, draft, shown = base.published(a_kit()), base.draft(a_kit()), base.published(a_kit())
    with base.site.sessions() as session:
        session.get_one(Resource, hidden.id).visibility = Visibility.NETWORK.value
        session.commit()
    refs = {"reserve": f"kit/{hidden.slug}", "brouillon": f"kit/{draft.slug}", "ouvert": f"kit/{shown.slug}",
            "rien": "kit/il-n-y-en-a-pas"}  # fmt: skip
    blocks = [Block(key, "avant", BlockKind.RESSOURCE, title=key, data={"ressource": ref}) for key, ref in refs.items()]
    made = base.draft(a_kit(blocks=tuple(blocks)))
    page = opened(base, made)
    assert "reserve : Ce lien ne sera vu que par les personnes du réseau." in page
    for key in ("brouillon", "rien"):  # alike
        assert f"{key} : Ce lien ne sera vu que par les personnes qui écrivent" in page
    assert "ouvert : Ce lien" not in page
    form_of(page, "/publier").submit(status=303)
    (entry,) = base.rows(Audit, Audit.object_id == made.id, Audit.action == "resource.publish")
    assert entry.detail["visibility"] == "public"


def test_what_was_typed_is_there_after_a_refusal_and_after_mending(both: Base) -> None:
    base = both
    photo = Block("vide", "avant")
    made = base.draft(a_kit())
    change(base, made, "membre", blocks=(*a_kit().blocks, photo))
    form = form_of(opened(base, made), "/publier")
    form["resume"], form["verifie"] = "Un résumé tapé ici.", True
    form["visibilite"] = Visibility.NETWORK.value
    form.submit(status=422)
    change(base, made, "membre", blocks=a_kit().blocks)
    page = opened(base, made)
    form = form_of(page, "/publier", rev=str(base.resource(made.id).draft_rev))
    assert (form["resume"].value, form["verifie"].checked) == ("Un résumé tapé ici.", True)
    assert form["visibilite"].value == Visibility.NETWORK.value
    assert "Vous aviez commencé" in page
    form.submit(status=303)
    assert base.resource(made.id).summary == "Un résumé tapé ici."
    assert "Vous aviez commencé" not in opened(base, made)


def test_what_is_typed_is_kept_as_one_types_and_does_not_undo_the_header(base: Base) -> None:
    made = base.published(a_kit())
    browser, at = base.browser("membre"), base.at(made.id)
    form = form_of(browser.get(f"{at}/publier"), "/publier")
    form["note"], form["resume"] = "Ce qui change.", "Résumé pas fini"
    sent = [(name, value) for name, value in form.submit_fields() if name]
    browser.post(f"{at}/publier?garder=1", sent, status=204)
    assert base.resource(made.id).version == 1
    header = form_of(browser.get(f"{at}/modifier"), "/modifier")
    header["resume"] = "Le résumé d’une autre page."
    header.submit(status=303)
    form = form_of(browser.get(f"{at}/publier"), "/publier", rev=str(base.resource(made.id).draft_rev))
    assert (form["note"].value, form["resume"].value) == ("Ce qui change.", "Le résumé d’une autre page.")
    token = csrf(browser, f"{at}/modifier")
    browser.post(f"{at}/publier", {"csrf_token": token, "effacer": "1"}, status=303)
    assert form_of(browser.get(f"{at}/publier"), "/publier", rev=form["rev"].value)["note"].value == ""


def test_after_publishing_its_address_is_there_to_copy(base: Base) -> None:
    made = base.draft(a_kit())
    page = form_of(opened(base, made), "/publier").submit(status=303).follow()
    address = page.html.find(id="adresse-publiee")
    assert address["value"].endswith(base.at(made.id))
    assert address["value"].startswith("http")
    assert "adresse-publiee" not in base.browser("membre").get(base.at(made.id))
    assert "adresse-publiee" not in base.browser().get(f"{base.at(made.id)}?publie=1")


def test_who_asked_is_not_asked_to_ask_again(base: Base) -> None:
    made = base.draft(a_kit(), by="personne", place=None)
    page = form_of(opened(base, made, "personne"), "/publier").submit(status=303).follow()
    assert "Demander la publication" not in page
    form_of(page, "/publier", renoncer="1").submit("renoncer", status=303)
    assert "Demander la publication" in opened(base, made, "personne")


def test_what_is_needed_is_not_said_to_be_optional(base: Base) -> None:
    made = base.draft(a_kit())
    browser, at = base.browser("membre"), base.at(made.id)

    def optional(path: str) -> set[str]:
        labels = browser.get(path).html.find_all(["label", "legend"])
        return {
            one.get_text(" ").split("(facultatif)")[0].strip() for one in labels if "(facultatif)" in one.get_text()
        }

    assert not {"Résumé", "Thèmes", "Licence", "Qui peut la lire"} & optional(f"{at}/publier")
    assert "Fichier" not in optional(f"{at}/blocs/avant/fichier")
    assert "Adresse du site" not in optional(f"{at}/blocs/avant/lien")
    assert "Description de l’image, nécessaire pour publier" in browser.get(f"{at}/blocs/avant/texte")
    assert "Fichier" in optional("/ressources/nouvelle")


def test_no_side_note_is_the_usual_answer(base: Base) -> None:
    made = base.draft(a_kit())
    browser, at = base.browser("membre"), base.at(made.id)
    form = block_form(browser.get(f"{at}/modifier/buts"))
    assert form["encadre"].value == ""
    form["note"] = "Pensez-y."
    page = form.submit(status=422)
    assert "Choisissez la sorte d’encadré" in page
    form = block_form(page)
    assert form["note"].value == "Pensez-y."
    form["encadre"] = "attention"
    form.submit(status=303)
    assert block_form(browser.get(f"{at}/modifier/buts"))["encadre"].value == "attention"
