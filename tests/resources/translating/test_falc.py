"""What is hard to read in French, on made-up sentences and on the texts of the starter content."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from reseau.core.wording import Wording
from resources.base.plain import read_source, read_translation
from resources.translating.falc import ADVICE, COUNTED, analyse, counted, syllables
from tests.resources.conftest import Base, a_tutorial
from tests.resources.translating.conftest import ONE_ENGINE, Desk

STARTER = Path(__file__).parents[3] / "resources" / "starter"


def codes(text: str) -> list[str]:
    return [remark.code for remark in analyse(text)]


@pytest.mark.parametrize(("text", "found"), [
    ("Ouvrez le site.", []),
    ("Un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze.", []),
    ("Un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize.", ["sentence"]),
    ("- un sac ;\n- une clé ;\n- un lit ;\n- un mail ;\n- une carte ;\n- un stylo ;\n- un livre ;\n- un ami.", []),
    ("Une anticonstitutionnelle idée.", ["word"]),
    ("Allumez l’ordinateur et téléphonez.", []),
    ("Joignez un justificatif.", ["jargon"]), ("Vous bénéficiez de droits.", ["jargon"]),
    ("Cliquez sur « Valider ».", []), ("Il faut valider.", ["jargon"]),
    ("La demande est traitée par la caisse.", ["passive"]), ("Votre dossier a été envoyé.", ["passive"]),
    ("Vous êtes allé chez lui.", []), ("Vous êtes fatigué.", []), ("C’est vrai aussi.", []),
    ("Lisez afin que tout aille bien.", ["jargon", "subjunctive"]), ("Il faut que vous soyez là.", ["subjunctive"]),
    ("Vous ne pouvez pas ne pas venir.", ["negation"]), ("Ne payez pas.", []),
    ("Allez à la CPAM.", ["abbreviation"]), ("La CPAM est un bureau. Allez à la CPAM.", []), ("Un SMS arrive.", []),
    ("Des papiers, etc.", ["abbreviation"]), ("60 % des gens.", ["percentage"]),
    ("Il y a 17 500 lieux.", ["number"]), ("Appelez le 03 20 12 34 56 ou le 3646.", []), ("En 2026.", []),
    ("Le site (celui de la ville) ouvre.", ["parenthesis"]), ("On vous aide.", ["address"]),
    ("[le site](https://exemple.fr/a/b) et https://exemple.fr/justificatif et ameli.fr", []), ("", []), ("***", []),
])  # fmt: skip
def test_each_rule(text: str, found: list[str]) -> None:
    assert codes(text) == found


@pytest.mark.parametrize(("word", "number"), [
    ("site", 1), ("téléphone", 3), ("ordinateur", 4), ("identifiant", 4), ("tables", 1), ("qui", 1), ("eau", 1),
])  # fmt: skip
def test_syllables(word: str, number: int) -> None:
    assert syllables(word) == number


def test_every_remark_says_what_to_do_in_plain_words() -> None:
    assert set(ADVICE) == set(COUNTED)
    (remark,) = analyse("Joignez un justificatif.")
    assert remark.advice(Wording("fr")) == "Mot difficile : « justificatif ». Plus simple : papier qui prouve."
    assert counted([remark, remark], Wording("fr")) == ["mots difficiles : 2"]


def test_hostile_texts_are_read_quickly() -> None:
    started = time.perf_counter()
    for text in (
        "a" * 20_000,
        "être " * 4_000,
        "(" * 20_000,
        "1 000 " * 3_000,
        "que " * 5_000,
        "A" * 20_000,
        "-" * 20_000,
    ):
        analyse(text)
    assert time.perf_counter() - started < 4


def test_easy_french_of_the_starter_content_has_clearly_fewer_remarks() -> None:
    hard: Counter[str] = Counter()
    simple: Counter[str] = Counter()
    folders = [path.parent for path in sorted(STARTER.rglob("fr-x-falc.md"))]
    assert len(folders) >= 12
    for folder in folders:
        units = read_source((folder / "fr.md").read_text(encoding="utf-8")).content.units()
        easy = read_translation((folder / "fr-x-falc.md").read_text(encoding="utf-8")).units
        both = [key for key in easy if key in units]
        here = [code for key in both for code in codes("\n".join(units[key][0].values()))]
        there = [code for key in both for code in codes("\n".join(easy[key].words.values()))]
        assert len(there) < len(here), folder.name
        hard.update(here)
        simple.update(there)
    assert simple.total() < hard.total() * 0.55
    assert simple["sentence"] <= 3
    assert simple["passive"] < hard["passive"]


@ONE_ENGINE
def test_the_page_counts_and_so_does_the_address_for_who_types(base: Base) -> None:
    one = Desk(base, base.published(a_tutorial()), "fr-x-falc")
    one.save(words={"title": "Geste", "text": "Joignez un justificatif."})
    browser = base.browser("membre")
    page = browser.get(one.path)
    assert "mots difficiles : 1" in page
    assert "Rien de difficile trouvé." in page
    token = next(one for one in page.forms.values() if one.method == "post")["csrf_token"].value
    found = browser.post("/traductions/falc.json", {"text": "On vous aide.", "csrf_token": token}).json
    assert found["counts"] == ["« nous » ou « on » : 1"]
    assert found["remarks"][0]["advice"].startswith("« On » : parlez à la personne")
    browser.post("/traductions/falc.json", {"text": "On"}, status=400)
