"""The offers of a place: said, changed, taken back; found by the search, told in the history."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.directory import offers
from reseau.directory.models import FieldChange, Service
from tests.directory.site import Page
from tests.editing.conftest import Keepers
from tests.editing.forms import main_form


def new_offer(site: Keepers, app: Any = None) -> Any:
    app = app or site.as_(site.referent)
    return main_form(app.get(site.sheet_path() + "/offres/nouvelle"), "/offres/nouvelle")


def offers_of(site: Keepers) -> list[Service]:
    with site.sessions() as session:
        return list(
            session.scalars(sa.select(Service).where(Service.structure_id == site.place["id"]).order_by(Service.id))
        )


def told(site: Keepers, offer: Any) -> list[FieldChange]:
    with site.sessions() as session:
        return list(session.scalars(sa.select(FieldChange).where(FieldChange.ref == offer).order_by(FieldChange.id)))


@pytest.fixture
def empty(keepers: Keepers) -> Keepers:
    with keepers.sessions() as session:
        session.execute(sa.delete(Service))
        session.commit()
    return keepers


def test_from_nothing_to_nothing(empty: Keepers) -> None:
    site = empty
    app, rev = site.as_(site.referent), site.row(site.place["id"])["rev"]
    sheet = app.get(site.sheet_path())
    form = main_form(sheet.click("Ajouter une aide ou un atelier"), "/offres/nouvelle")
    form["nom"] = "Atelier Mon espace santé"
    form["description"] = "Venez avec votre téléphone."
    form["horaires_accueil"] = "le mardi de 14 h à 16 h"
    form.set("demarches", True, index=0)
    form.set("thematiques", True, index=0)
    form.set("publics", True, index=1)
    form["frais"], form["frais_precisions"], form["type"] = "gratuit", "Sur inscription", "atelier"
    form["telephone"], form["courriel"] = "03 20 00 11 22", "ateliers@ccas-roubaix.fr"
    form["lien_mobilisation"] = "https://www.ccas-roubaix.fr/ateliers"
    sheet = form.submit().follow()
    text = Page(sheet.text).text
    for seen in ("C’est enregistré", "Atelier Mon espace santé", "le mardi de 14 h à 16 h", "03 20 00 11 22",
                 "ateliers@ccas-roubaix.fr", "www.ccas-roubaix.fr/ateliers", "Sur inscription", "Mon espace santé"):  # fmt: skip
        assert seen in text, seen
    assert not Page(sheet.text).errors
    (offer,) = offers_of(site)
    assert offers.opening_hours(offer) == "Tu 14:00-16:00"
    assert site.row(site.place["id"])["rev"] == rev + 1
    site.reindex()
    found = {item["id"] for item in site.json(q="atelier espace santé", demarche="mon-espace-sante")["items"]}
    assert str(site.place["id"]) in found

    form = main_form(sheet.click("Modifier une aide"), f"/offres/{offer.id}")
    assert form["telephone"].value == "03 20 00 11 22"
    assert form["horaires_accueil"].value == "le mardi de 14 h à 16 h"
    form["nom"] = "Atelier Ameli"
    sheet = form.submit().follow()
    assert "Atelier Ameli" in sheet
    again = main_form(sheet.click("Modifier une aide"), f"/offres/{offer.id}")
    again.submit()  # nothing is different
    assert site.row(site.place["id"])["rev"] == rev + 2

    confirm = app.get(site.sheet_path() + f"/offres/{offer.id}").click("Retirer cette aide")
    assert offers_of(site)  # a GET changes nothing
    sheet = main_form(confirm, "/retirer").submit().follow()
    assert "Atelier Ameli" not in sheet
    assert not offers_of(site)
    assert site.row(site.place["id"])["rev"] == rev + 3
    steps = told(site, offer.id)
    assert [step.cause for step in steps] == ["offer"] * 3
    assert steps[0].before["v"] is None
    assert steps[-1].after["v"] is None
    assert all(one.after == two.before for one, two in itertools.pairwise(steps))
    site.reindex()
    assert str(site.place["id"]) not in {item["id"] for item in site.json(demarche="mon-espace-sante")["items"]}
    assert "Atelier Ameli" in app.get(site.sheet_path() + "/historique")
    app.get(site.sheet_path() + f"/offres/{offer.id}", status=404)


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("nom", "", "Écrivez le nom de cette aide"),
        ("nom", "x" * 151, "trop long"),
        ("description", "x" * 5001, "trop long"),
        ("description", "Écrivez à jean.dupont@mairie.fr", "celle d’une personne"),
        ("telephone", "douze", "numéro français"),
        ("courriel", "jean.dupont@mairie.fr", "celle d’une personne"),
        ("lien_mobilisation", "javascript:alert(1)", "ne peut pas être publiée"),
    ],
)
def test_what_is_wrong_is_said(keepers_lite: Keepers, name: str, value: str, sentence: str) -> None:
    form, count = new_offer(keepers_lite), len(offers_of(keepers_lite))
    form["nom"] = "Permanence"
    form[name] = value
    refused = form.submit(status=422)
    page = Page(refused.text)
    assert not page.errors
    assert any(sentence in text for text in page.text_of(".error-text"))
    assert main_form(refused, "/nouvelle")[name].value.strip() == value
    assert len(offers_of(keepers_lite)) == count


def test_hostile_offers(empty: Keepers) -> None:
    app = empty.as_(empty.referent)
    form = new_offer(empty, app)
    token = form["csrf_token"].value
    for values in (
        {}, {"nom": "\x00"}, {"nom": "a", "type": "x"}, {"nom": "a", "frais": "<script>"}, {"nom": "a", "demarches": "x"},
        {"nom": "a", "thematiques": ["sante--addictions", "x"]},
    ):  # fmt: skip
        app.post(form.action, {"csrf_token": token, **values}, status=422)
    app.post(form.action, {"csrf_token": token, "nom": "a\x00b", "rev": "x" * 400, "telephone": ""})
    (offer,) = offers_of(empty)
    assert offer.nom == "ab"
    path = f"{empty.sheet_path()}/offres/{offer.id}"
    for rev in ("", "-1", "99999999999999999999", "²"):
        refused = app.post(path, {"csrf_token": token, "nom": "autre", "rev": rev}, status=422)
        assert "Quelqu’un d’autre" in refused
    app.post(f"{empty.sheet_path(empty.other['id'])}/offres/{offer.id}", {"csrf_token": token, "nom": "x"}, status=403)
    boss = empty.as_(empty.coordinator)
    boss.get(f"{empty.sheet_path(empty.other['id'])}/offres/{offer.id}", status=404)  # another place's


def test_two_people_and_one_offer(empty: Keepers) -> None:
    form = new_offer(empty)
    form["nom"] = "Permanence"
    form.submit()
    (offer,) = offers_of(empty)
    path, end = f"{empty.sheet_path()}/offres/{offer.id}", f"/offres/{offer.id}"
    mine = main_form(empty.as_(empty.referent).get(path), end)
    theirs = main_form(empty.as_(empty.coordinator).get(path), end)
    theirs["description"], mine["nom"] = "Écrit par l’autre", "Permanence Ameli"
    assert theirs.submit().status_int == 303
    shown = mine.submit(status=422)
    assert "Écrit par l’autre" in Page(shown.text).text
    form = main_form(shown, end)
    assert form["nom"].value == "Permanence Ameli"
    form["description"] = "Écrit par l’autre"
    assert form.submit().status_int == 303
    (offer,) = offers_of(empty)
    assert (offer.nom, offer.description, offer.rev) == ("Permanence Ameli", "Écrit par l’autre", 3)
    gone = main_form(empty.as_(empty.referent).get(path), end)
    remove = main_form(empty.as_(empty.coordinator).get(path + "/retirer"), "/retirer")
    remove.submit()
    gone["nom"] = "Trop tard"
    gone.submit(status=404)


def test_who_may_change_offers(empty: Keepers) -> None:
    form = new_offer(empty)
    form["nom"] = "Permanence"
    form.submit()
    (offer,) = offers_of(empty)
    for name in ("member", "elsewhere", "stranger"):
        app = empty.as_(getattr(empty, name))
        for path in ("/offres/nouvelle", f"/offres/{offer.id}", f"/offres/{offer.id}/retirer"):
            app.get(empty.sheet_path() + path, status=403)
        assert "/offres/" not in app.get(empty.sheet_path()).text
