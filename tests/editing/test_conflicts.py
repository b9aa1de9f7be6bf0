"""When a register contradicts a person: both are shown, one click keeps or takes. Both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.directory.site import Page, dump, row
from tests.editing.conftest import Keepers
from tests.editing.keeping import changes, form_to, said, save, well_formed

CELLS = {"telephone": "+33320010203", "adresse": "1 rue de la Paix", "horaires": "Mo-Fr 09:00-12:00"}


def place(keepers: Keepers, tmp_path: Path, name: str, **cells: str) -> Any:
    """A place of the register."""
    keepers.add(row(name, nom=f"Lieu {name}", **{**CELLS, **cells}), path=tmp_path / f"{name}.csv")
    return keepers.named(f"Lieu {name}")["id"]


def fight(keepers: Keepers, tmp_path: Path, name: str) -> Any:
    """A place whose telephone and address a person set, and then the register changed."""
    id_ = place(keepers, tmp_path, name)
    save(keepers, id_, {"telephone": "+33320111111", "adresse": "2 rue Neuve"}, keepers.coordinator.id)
    place(keepers, tmp_path, name, telephone="+33320222222", adresse="3 place Haute", date_maj="2026-11-20")
    return id_


def test_both_sides_are_shown_and_one_click_keeps(keepers: Keepers, tmp_path: Path) -> None:
    id_ = fight(keepers, tmp_path, "garde")
    app = keepers.as_(keepers.coordinator)
    page = app.get(keepers.sheet_path(id_) + "/ecarts")
    text = well_formed(page).text
    for wanted in (
        "03 20 11 11 11",
        "03 20 22 22 22",
        "2 rue Neuve",
        "3 place Haute",
        "Carole",
        "20 novembre 2026",
        "Cartographie nationale",
    ):
        assert wanted in text, wanted
    form = next(f for f in page.forms.values() if "champ" in f.fields and f["champ"].value.startswith("telephone."))
    done = form.submit("choix", value="garder").follow()
    assert "la fiche ne change pas" in said(done)
    assert keepers.row(id_)["telephone"] == "+33320111111"
    assert "03 20 22 22 22" not in done.text
    assert "3 place Haute" in done.text, "the other one still waits"
    assert changes(keepers, id_)[-1].cause == "kept"
    assert "quelqu’un a déjà choisi" in said(form.submit("choix", value="garder").follow()), "twice"
    place(keepers, tmp_path, "garde", telephone="+33320333333", adresse="3 place Haute", date_maj="2026-11-21")
    assert "03 20 33 33 33" in app.get(keepers.sheet_path(id_) + "/ecarts").text, "until the register changes again"


def test_one_click_takes_what_the_register_says(keepers: Keepers, tmp_path: Path) -> None:
    id_ = fight(keepers, tmp_path, "prend")
    app = keepers.as_(keepers.coordinator)
    page = app.get(keepers.sheet_path(id_) + "/ecarts")
    every = [f for f in page.forms.values() if "champ" in f.fields][-1]
    assert len(every.fields["champ"]) == 2
    done = every.submit("choix", value="prendre").follow()
    assert "la cartographie" in said(done)
    now = keepers.row(id_)
    assert (now["telephone"], now["adresse"]) == ("+33320222222", "3 place Haute")
    assert changes(keepers, id_)[-1].cause == "theirs"
    assert "Rien à choisir" in done.text


def test_who_chooses_an_old_page_is_told_and_nothing_is_written(keepers: Keepers, tmp_path: Path) -> None:
    id_ = fight(keepers, tmp_path, "vieux")
    app = keepers.as_(keepers.coordinator)
    page = app.get(keepers.sheet_path(id_) + "/ecarts")
    form = next(f for f in page.forms.values() if "champ" in f.fields and f["champ"].value.startswith("telephone."))
    place(keepers, tmp_path, "vieux", telephone="+33320444444", adresse="3 place Haute", date_maj="2026-11-21")
    assert "a changé pendant que vous lisiez" in said(form.submit("choix", value="prendre").follow())
    assert keepers.row(id_)["telephone"] == "+33320111111"


def test_the_list_of_the_desk(keepers: Keepers, tmp_path: Path) -> None:
    app = keepers.as_(keepers.coordinator)
    with keepers.statements() as one:
        app.get("/gestion/ecarts")
    ids = [fight(keepers, tmp_path, f"liste{n}") for n in range(3)]
    with keepers.statements() as many:
        page = app.get("/gestion/ecarts")
    text = well_formed(page).text
    assert all(f"Lieu liste{n}" in text for n in range(3))
    with keepers.statements() as more:
        fight(keepers, tmp_path, "liste9")
    assert more
    with keepers.statements() as again:
        app.get("/gestion/ecarts")
    assert len(again) == len(many) <= 10  # one for the order of sources
    assert len(one) <= len(many)
    mine = keepers.as_(keepers.referent).get("/gestion/ecarts")
    assert "Lieu liste" not in mine.text, "a référent sees those of their own places"
    keepers.as_(keepers.member).get("/gestion/ecarts", status=403)
    keepers.as_(None).get("/gestion/ecarts", status=403)
    form = next(f for f in page.forms.values() if "champ" in f.fields and f["champ"].value.startswith("telephone."))
    back = form.submit("choix", value="garder")
    assert back.location.endswith("/gestion/ecarts?choix=garder")
    assert ids


@pytest.mark.parametrize(
    ("champ", "choix"),
    [
        ("", "garder"), ("telephone", "garder"), ("telephone.x", "prendre"), ("digest", "prendre"), ("a.b.c", "prendre"),
        ("telephone.\x00", "garder"), ("x" * 5000, "garder"), ("telephone.0123456789abcdef", "tout"),
    ],
)  # fmt: skip
def test_hostile_choices_change_nothing(keepers_lite: Keepers, champ: str, choix: str) -> None:
    site = keepers_lite
    app = site.as_(site.referent)
    path = site.sheet_path()
    token = form_to(app.get(path + "/verifier"), "/verifier")["csrf_token"].value
    before = {name: rows for name, rows in dump(site.engine).items() if name not in ("audit", "person_session")}
    app.post(path + "/ecarts", {"csrf_token": token, "champ": champ, "choix": choix}, status=303)
    app.post(path + "/ecarts", {"csrf_token": token}, upload_files=[("champ", "x.txt", b"x")], status=303)
    assert {name: rows for name, rows in dump(site.engine).items() if name not in ("audit", "person_session")} == before
    app.post(path + "/ecarts", {"champ": champ, "choix": choix}, status=400)
    site.as_(site.member).get(path + "/ecarts", status=403)
    assert Page
