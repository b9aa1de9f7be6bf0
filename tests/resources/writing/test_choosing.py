"""Resources that a block names: looked for by words or by address."""

from __future__ import annotations

from resources.base.models import Resource, Visibility
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.writing.conftest import block_form, working


def test_a_resource_is_looked_for_by_words_or_address(base: Base) -> None:
    browser = base.browser("membre")
    wanted = base.published(a_tutorial("Créer un mot de passe solide"))
    made = base.draft(a_kit())
    for words in ("mot solide", f"http://localhost{base.at(wanted.id)}"):
        form = block_form(browser.get(f"{base.at(made.id)}/blocs/remettre/ressource"))
        form["titre"], form["chercher"] = "À lire", words
        page = form.submit("chercher_maintenant")
        form = block_form(page)
        assert form["titre"].value == "À lire"
        form["ressource"] = f"tutoriel/{wanted.slug}"
        form.submit(status=303)
        assert working(base, made.id).part("remettre")[-1].data == {"ressource": f"tutoriel/{wanted.slug}"}
    form["chercher"] = f"http://localhost{base.at(made.id)}"
    assert "Aucune ressource n’a ces mots" in form.submit("chercher_maintenant"), "never itself, never a draft"
    form["chercher"] = "rien de tel"
    assert "Aucune ressource n’a ces mots" in form.submit("chercher_maintenant")


def test_looking_for_a_resource_reads_only_what_it_offers(base: Base) -> None:
    hidden = base.published(a_tutorial("Pâquerettes réservées"))
    with base.site.sessions() as session:
        session.get_one(Resource, hidden.id).visibility = Visibility.NETWORK.value
        session.commit()
    for rank in range(3):
        base.published(a_tutorial(f"Pâquerettes {rank}"))
    made = base.draft(a_kit(), by="personne", place=None)
    form = block_form(base.browser("personne").get(f"{base.at(made.id)}/blocs/remettre/ressource"))
    form["chercher"] = "paquerettes"
    form.submit("chercher_maintenant")  # what is new is read once for all
    with base.site.statements() as seen:
        page = form.submit("chercher_maintenant")
    assert len(block_form(page).fields["ressource"][0].options) == 3
    assert not [one for one in seen if "resource.title" in one and "IN (" not in one and "slug =" not in one]
