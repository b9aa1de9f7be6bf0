"""A new resource: a title and a file; a PDF shared in four clicks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from webtest import Upload

from resources.base.models import FileUse, Resource, State
from resources.base.routes import path_of
from tests.members.conftest import csrf
from tests.resources.conftest import Base, post_form
from tests.resources.writing.conftest import form_of, pdf, working


def newest(base: Base, title: str) -> Resource:
    (found,) = base.rows(Resource, Resource.title == title)
    return found


class Clicks:
    """A person who shares: each link followed and each form sent is a click."""

    def __init__(self, page: Any) -> None:
        self.page, self.count = page, 0

    def link(self, ending: str) -> None:
        self.page, self.count = self.page.click(href=f"{ending}$", index=0), self.count + 1

    def send(self, ending: str, **fields: Any) -> None:
        form = post_form(self.page, ending)
        for name, value in fields.items():
            form[name] = value
        self.page, self.count = form.submit(status=303).follow(), self.count + 1


def test_a_pdf_is_shared_in_four_clicks_from_the_shelf(base: Base) -> None:
    person = Clicks(base.browser("membre").get("/ressources"))
    person.link("/ressources/nouvelle")
    person.send("/nouvelle", titre="Se connecter à Ameli sans peur", fichier=pdf())
    assert "atelier.pdf" in person.page
    person.link("/publier")
    person.send("/publier", resume="Un support d’une page, à distribuer.")
    assert person.count == 4
    made = newest(base, "Se connecter à Ameli sans peur")
    assert person.page.request.path == path_of(made)
    assert (made.state, made.version, made.demarches) == (State.PUBLISHED.value, 1, ["ameli"])
    assert made.structure_id == base.places["ici"]
    (use,) = base.rows(FileUse, FileUse.resource_id == made.id)
    assert use.structure_id == base.places["ici"]


def test_a_title_is_enough_for_a_draft_that_nobody_else_sees(base: Base) -> None:
    browser = base.browser("personne")
    form = post_form(browser.get("/ressources/nouvelle"), "/nouvelle")
    assert "lieu" not in form.fields  # they have no place
    form["titre"] = "Un brouillon de rien"
    form.submit(status=303)
    made = newest(base, "Un brouillon de rien")
    assert (made.state, made.structure_id) == (State.DRAFT.value, None)
    base.browser("membre").get(f"{path_of(made)}/modifier", status=404)
    base.browser().get(path_of(made), status=404)
    base.browser("coordination").get(f"{path_of(made)}/modifier", status=200)


def test_an_address_makes_a_link(base: Base) -> None:
    browser = base.browser("membre")
    form = post_form(browser.get("/ressources/nouvelle"), "/nouvelle")
    form["titre"], form["adresse"] = "Le site d’Ameli pour tous", "https://www.ameli.fr"
    form.submit(status=303)
    made = newest(base, "Le site d’Ameli pour tous")
    assert made.kind == "lien"
    assert working(base, made.id).url == "https://www.ameli.fr"


def test_an_address_with_another_kind_is_a_block(base: Base) -> None:
    browser = base.browser("membre")
    form = post_form(browser.get("/ressources/nouvelle?type=tutoriel"), "/nouvelle")
    form["titre"], form["adresse"] = "Tutoriel avec lien", "https://www.ameli.fr"
    form.submit(status=303)
    made = newest(base, "Tutoriel avec lien")
    assert [block.data["url"] for block in working(base, made.id).blocks] == ["https://www.ameli.fr"]


def test_what_is_wrong_is_said_and_nothing_is_lost_nor_kept(base: Base) -> None:
    browser = base.browser("membre")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"titre": ""}, "Donnez un titre."),
        ({"titre": "x" * 151}, "Ce texte est trop long"),
        ({"titre": "Titre", "adresse": "javascript:alert(1)"}, "doit commencer par https://"),
    ]
    before = len(base.rows(Resource))
    for fields, said in cases:
        form = post_form(browser.get("/ressources/nouvelle"), "/nouvelle")
        for name, value in fields.items():
            form[name] = value
        page = form.submit(status=422)
        assert said in page
        assert all(post_form(page, "/nouvelle")[name].value == value for name, value in fields.items())
    assert len(base.rows(Resource)) == before


def test_a_refused_file_leaves_no_draft(base: Base) -> None:
    browser = base.browser("membre")
    form = post_form(browser.get("/ressources/nouvelle"), "/nouvelle")
    form["titre"], form["fichier"] = (
        "Fichier piégé",
        Upload("page.html", b"<html><script>1</script></html>", "text/html"),
    )
    page = form.submit(status=422)
    assert "est une page web" in page
    assert post_form(page, "/nouvelle")["titre"].value == "Fichier piégé"
    assert not base.rows(Resource, Resource.title == "Fichier piégé")
    with base.site.sessions() as session:
        assert not session.scalars(sa.select(FileUse.sha).where(FileUse.added_by.is_(None))).first()


def test_a_place_of_others_is_refused(base: Base) -> None:
    browser = base.browser("membre")
    form = post_form(browser.get("/ressources/nouvelle"), "/nouvelle")
    form["titre"] = "Au nom d’un autre"
    form["lieu"].force_value(str(base.places["ailleurs"]))
    form.submit(status=422)


def test_a_draft_that_was_never_published_can_be_deleted(base: Base) -> None:
    made = base.draft()
    browser = base.browser("membre")
    page = browser.get(f"{path_of(made)}/modifier")
    gone = form_of(page, f"{path_of(made)}/supprimer").submit(status=303)
    assert gone.location.endswith("/compte/ressources?supprime=1")
    assert base.get(Resource, made.id) is None
    kept = base.published()
    forms = browser.get(f"{path_of(kept)}/modifier").forms.values()
    assert not [form for form in forms if form.action.endswith(f"{path_of(kept)}/supprimer")]
    browser.post(f"{path_of(kept)}/supprimer", {"csrf_token": csrf(browser, f"{path_of(kept)}/modifier")}, status=303)
    assert base.get(Resource, kept.id) is not None
