"""Two people, or a person and an import, and one sheet: nobody's work is lost, nobody overwrites unseen."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.directory.site import Page, row
from tests.editing.conftest import Keepers
from tests.editing.forms import main_form, open_form
from tests.editing.test_edit import history


def two(site: Keepers) -> tuple[Any, Any]:
    """The same form, opened by two people."""
    return open_form(site.as_(site.referent), site), open_form(site.as_(site.coordinator), site)


def value(site: Keepers, name: str) -> Any:
    return site.row(site.place["id"])[name]


def test_different_fields_both_succeed(keepers: Keepers) -> None:
    mine, theirs = two(keepers)
    theirs["telephone"], mine["h-1-1-de"] = "03 20 81 57 61", "9"
    assert theirs.submit().status_int == 303
    assert mine.submit().status_int == 303
    assert value(keepers, "telephone") == "+33320815761"
    assert "09:00" in value(keepers, "horaires")


@pytest.mark.parametrize("choice, wanted", [("mien", "+33320815763"), ("autre", "+33320815762")])
def test_the_same_field(keepers: Keepers, choice: str, wanted: str) -> None:
    reset = open_form(keepers.as_(keepers.coordinator), keepers)
    reset["telephone"] = "03 20 81 57 57"
    reset.submit()
    mine, theirs = two(keepers)
    theirs["telephone"] = "03 20 81 57 62"
    mine["telephone"], mine["structure_parente"] = "03 20 81 57 63", f"Écrit aussi, {choice}"
    assert theirs.submit().status_int == 303
    shown = mine.submit(status=422)
    page = Page(shown.text)
    assert not page.errors
    assert "Quelqu’un d’autre a changé la même chose" in page.text
    clash = " ".join(page.text_of(".clash-side"))
    assert "03 20 81 57 62" in clash
    assert "03 20 81 57 63" in clash
    assert "Carole" in clash
    assert value(keepers, "structure_parente") != f"Écrit aussi, {choice}"  # nothing was written
    form = main_form(shown)
    assert form["choix-telephone"].value is None  # nobody chooses for them
    assert form["structure_parente"].value == f"Écrit aussi, {choice}"
    undecided = form.submit(status=422)
    assert "Choisissez ce qu’il faut garder." in undecided
    form = main_form(undecided)
    form["choix-telephone"] = choice
    assert form.submit().status_int == 303
    assert value(keepers, "telephone") == wanted
    assert value(keepers, "structure_parente") == f"Écrit aussi, {choice}"
    steps = history(keepers, "telephone")
    assert all(one.after == two.before for one, two in itertools.pairwise(steps))


def test_the_clash_is_in_the_draft(keepers: Keepers) -> None:
    """Whoever leaves the page at the choice finds it again."""
    mine, theirs = two(keepers)
    theirs["telephone"], mine["telephone"] = "03 20 81 57 64", "03 20 81 57 65"
    theirs.submit()
    mine.submit(status=422)
    again = open_form(keepers.as_(keepers.referent), keepers)
    assert again["telephone"].value == "03 20 81 57 65"
    shown = again.submit(status=422)
    assert "Quelqu’un d’autre" in shown
    form = main_form(shown)
    form["choix-telephone"] = "autre"
    form["latitude"] = "nord"  # refused for another reason: the choice stays
    refused = form.submit(status=422)
    assert main_form(refused)["choix-telephone"].value == "autre"
    opened = open_form(keepers.as_(keepers.referent), keepers)
    assert opened["choix-telephone"].value == "autre"
    opened["latitude"] = "50.69"
    assert opened.submit().status_int == 303
    assert value(keepers, "telephone") == "+33320815764"


def test_a_third_one_while_choosing(keepers: Keepers) -> None:
    mine, theirs = two(keepers)
    theirs["telephone"], mine["telephone"] = "03 20 81 57 66", "03 20 81 57 67"
    theirs.submit()
    form = main_form(mine.submit(status=422))
    third = open_form(keepers.as_(keepers.coordinator), keepers)
    third["telephone"] = "03 20 81 57 68"
    third.submit()
    form["choix-telephone"] = "mien"
    shown = form.submit(status=422)
    assert "03 20 81 57 68" in " ".join(Page(shown.text).text_of(".clash-side"))
    form = main_form(shown)
    assert form["choix-telephone"].value is None
    form["choix-telephone"] = "mien"
    assert form.submit().status_int == 303
    assert value(keepers, "telephone") == "+33320815767"


def test_what_only_means_something_together(keepers: Keepers) -> None:
    """The street of one with the town of the other would be a place that does not exist."""
    mine, theirs = two(keepers)
    theirs["commune"], theirs["code_postal"] = "Tourcoing", "59200"
    mine["adresse"] = "12 rue du Nouveau-Monde"
    theirs.submit()
    shown = mine.submit(status=422)
    clash = " ".join(Page(shown.text).text_of(".clash-side"))
    assert "59200 Tourcoing" in clash
    assert "59100 Roubaix" in clash
    form = main_form(shown)
    form["choix-adresse"] = "mien"
    assert form.submit().status_int == 303
    assert [value(keepers, n) for n in ("adresse", "commune", "code_insee")] == [
        "12 rue du Nouveau-Monde",
        "Roubaix",
        "59512",
    ]


def test_the_same_words_are_no_clash(keepers: Keepers) -> None:
    mine, theirs = two(keepers)
    theirs["presentation_resume"] = mine["presentation_resume"] = f"La même chose {keepers.engine.dialect.name}"
    assert theirs.submit().status_int == 303
    assert mine.submit().status_int == 303


def test_an_import_between_the_form_and_its_sending(keepers: Keepers) -> None:
    cells = {"nom": "Lieu du registre", "telephone": "+33320000010", "adresse": "1 rue du Registre"}
    path = keepers.file_folder / "un.csv"
    keepers.add(row("un", **cells), path=path)
    id_ = keepers.named("Lieu du registre")["id"]
    form = open_form(keepers.as_(keepers.coordinator), keepers, id_)
    keepers.add(row("un", **cells | {"telephone": "+33320000011", "date_maj": "2026-11-20"}), path=path)
    form["telephone"] = "03 20 00 00 12"
    shown = form.submit(status=422)
    clash = " ".join(Page(shown.text).text_of(".clash-side"))
    assert "Cartographie nationale" in clash
    assert "03 20 00 00 11" in clash
    form = main_form(shown)
    form["choix-telephone"] = "mien"
    assert form.submit().status_int == 303
    assert keepers.row(id_)["telephone"] == "+33320000012"
