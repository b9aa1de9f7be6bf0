"""``/gestion/sources``: made, changed, switched, asked for, deleted, ordered; no secret is ever shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from webtest import TestApp

from importers.adapters import ADAPTERS
from importers.models import ImportSource
from importers.schedule import sources
from tests.directory.site import Page
from tests.importers.schedule.conftest import Sources
from tests.members.conftest import post_form

SECRET = "cle-tres-secrete-123"


def new(app: TestApp, adapter: str = "cartographie", **fields: Any) -> Any:
    form = post_form(app.get("/gestion/sources/nouvelle", {"lecture": adapter}))
    for name, value in {"titre": "Une source", "adresse": "https://exemple.fr/lieux.csv", **fields}.items():
        form[name] = value
    return form.submit(status="*")


def press(app: TestApp, path: str, action: str, **more: str) -> Any:
    form = next(
        form for form in app.get(path).forms.values()
        if form.action.endswith(action) and all(form.fields[name][-1]._value == value for name, value in more.items())
    )  # fmt: skip
    name = next(
        (field for field, inputs in form.fields.items() if field and inputs[0].attrs.get("type") == "submit"), None
    )
    return form.submit(name) if name else form.submit()


@pytest.mark.parametrize("code", sorted(ADAPTERS))
def test_an_adapter_says_what_its_sources_give(code: str) -> None:
    assert ADAPTERS[code].make("une-source", {}).target.kind == ADAPTERS[code].kind


def test_only_coordinators_see_it(house: Sources) -> None:
    house.browser("personne").get("/gestion/sources", status=403)
    house.browser("personne").get("/gestion/imports", status=403)


def test_a_source_is_made_switched_off_and_said(house: Sources) -> None:
    app = house.app
    page = app.get("/gestion/sources/nouvelle")
    assert all(str(adapter.code) in page.text for adapter in ADAPTERS.values())
    answer = new(app, titre="Registre des Hauts-de-France", territoire="59512, dep:62")
    assert answer.status_int == 303
    shown = answer.follow()
    assert "Elle est arrêtée" in shown.text
    assert "Pas-de-Calais (62)" in shown.text
    row = house.row("registre-des-hauts-de-france")
    assert (row.enabled, row.next_at, row.territory) == (False, None, ["59512", "dep:62"])
    assert Page(shown.text).errors == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"adresse": "ftp://exemple.fr/a"}, "Écrivez une adresse complète"),
        ({"adresse": "https://moi:secret@exemple.fr/a"}, "sans mot de passe"),
        ({"adresse": "https://[zz"}, "Écrivez une adresse complète"),
        ({"adresse": ""}, "Écrivez l’adresse de la source."),
        ({"titre": " "}, "Écrivez le nom de la source."),
        ({"titre": "a" * 121}, "trop long"),
        ({"territoire": "59512 75999"}, "75999"),
        ({"territoire": "epci:1"}, "epci:1"),
        ({"heures": "0"}, "entre 1 et 2208"),
        ({"heures": "1e9"}, "nombre"),
        ({"bruts": "100"}, "entre 1 et 60"),
        ({"nom": "../x"}, "lettres minuscules"),
        ({"nom": "nouvelle"}, "lettres minuscules"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_lost(house: Sources, fields: dict[str, str], said: str) -> None:
    answer = new(house.app, **{"titre": "Registre refusé", **fields})
    assert answer.status_int == 422
    assert said in answer.text
    assert not [row for row in house.rows(ImportSource) if row.title == "Registre refusé"]


def test_a_name_that_is_taken_is_refused(house: Sources) -> None:
    name = house.source()
    answer = new(house.app, nom=name)
    assert answer.status_int == 422
    assert "porte déjà ce nom court" in answer.text


def test_a_secret_is_written_and_never_shown(house: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    from importers.schedule import options

    secret = options.Option("token", "secret", "Clé d’accès à l’API")
    monkeypatch.setattr(options, "OPTIONS", {"cartographie": (secret,)})
    app = house.app
    refused = new(app, titre="", option_token=SECRET)
    assert refused.status_int == 422
    assert SECRET not in refused.text
    shown = new(app, titre="Source à clé", option_token=SECRET).follow()
    assert SECRET not in shown.text
    edit = app.get("/gestion/sources/source-a-cle/modifier")
    assert SECRET not in edit.text
    assert "Une clé est enregistrée" in edit.text
    assert SECRET not in app.get("/gestion/sources").text
    post_form(edit, "/modifier").submit()
    assert house.row("source-a-cle").options == {"token": SECRET}
    form = post_form(app.get("/gestion/sources/source-a-cle/modifier"), "/modifier")
    form["oublier_token"] = True
    form.submit()
    assert house.row("source-a-cle").options == {}


def test_options_that_no_field_names_stay(house: Sources) -> None:
    name = house.source(options={"autre": 1}, etag="x", digest="y")
    app = house.app
    form = post_form(app.get(f"/gestion/sources/{name}/modifier"), "/modifier")
    form["adresse"] = "https://exemple.fr/autre.csv"
    assert form.submit().location.endswith("fait=modifie")
    row = house.row(name)
    assert (row.options, row.etag, row.digest) == ({"autre": 1}, None, None)


def test_on_off_now_and_deleted(house: Sources) -> None:
    name, app = house.source(), house.app
    path = f"/gestion/sources/{name}"
    assert press(app, path, "/activer").location.endswith("fait=active")
    assert house.row(name).enabled
    assert house.row(name).next_at == house.site.clock.now
    assert press(app, path, "/lancer").location.endswith("fait=attend")
    assert press(app, path, "/activer").location.endswith("fait=arrete")
    assert house.row(name).next_at is None
    asked = press(app, path, "/lancer").follow()
    assert "la lecture commence dans la minute" in asked.text
    assert house.row(name).next_at == house.site.clock.now
    assert press(app, path, "/supprimer").location.endswith("fait=supprime")
    app.get(path, status=404)


def test_a_source_that_ran_stays(house: Sources) -> None:
    name, app = house.source(), house.app
    form = next(f for f in app.get(f"/gestion/sources/{name}").forms.values() if f.action.endswith("/supprimer"))
    house.run(name)
    assert form.submit().location.endswith("fait=garde")
    assert "/supprimer" not in app.get(f"/gestion/sources/{name}").text


def test_the_order_moves_by_one(house: Sources) -> None:
    first, app = house.source(), house.app
    with house.site.sessions() as session:
        before = [one.name for one in sources.ranking(session, ("cartographie",))]
    last = 1 + (len(before) - 1) // sources.PAGE
    form = post_form(app.get(f"/gestion/sources?page={last}"), "/ordre")
    token = form["csrf_token"].value
    answer = app.post("/gestion/sources/ordre", {"csrf_token": token, "haut": first})
    assert "fait=ordre" in answer.location
    with house.site.sessions() as session:
        after = [one.name for one in sources.ranking(session, ("cartographie",))]
    rank = before.index(first)
    assert after == [*before[: rank - 1], first, before[rank - 1], *before[rank + 1 :]]
    app.post("/gestion/sources/ordre", {"csrf_token": token, "haut": "personne"}, status=303)
    app.post("/gestion/sources/ordre", {"csrf_token": token, "haut": first, "bas": first}, status=400)
    app.post("/gestion/sources/ordre", {"csrf_token": token}, status=400)


def test_a_late_source_says_by_how_much(house: Sources) -> None:
    now = house.site.clock.now
    house.source(title="En retard", enabled=True, last_good_at=now - timedelta(days=4), failures=2, next_at=now)
    text = " ".join(house.app.get("/gestion/sources").text.split())
    assert "en retard de 3 jours" in text
    assert "2 échecs de suite" in text


def test_two_hundred_sources_cost_no_more_than_a_few(house: Sources) -> None:
    app = house.app
    for n in range(200):
        house.source(title=f"Masse {n:03}", enabled=True, territory=["59512"])
    app.get("/gestion/sources")
    with house.site.statements() as seen:
        page = app.get("/gestion/sources?page=2")
    assert len(seen) <= 10, seen
    assert len(page.body) < 60_000
    assert Page(page.text).errors == []
    assert len(re.findall(r'scope="row"', page.text)) == sources.PAGE


def test_arabic_readers_get_it_from_right_to_left(house: Sources) -> None:
    page = house.app.get("/gestion/sources?langue=ar")
    assert 'dir="rtl"' in page.text
