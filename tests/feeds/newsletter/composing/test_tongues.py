"""Words in another language than the letter; French typography; what is said to relays alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feeds.newsletter.composing import prose, when
from feeds.newsletter.composing.compose import cleaned, compose, to_pass_on
from feeds.newsletter.content import Item
from resources.taking import tree
from tests.feeds.newsletter.composing.samples import KIT, RELAY, SITE, URL, flat, letter, read, words

N = "\N{NO-BREAK SPACE}"
NOTE = "Vous pouvez transmettre cette lettre"


@pytest.mark.parametrize("lang, named", [("ar", "الفرنسية"), ("en", "French")])
def test_french_words_in_another_letter_keep_their_language_and_say_it(lang: str, named: str) -> None:
    made = compose(letter(KIT, lang=lang, subject_lang="fr", intro_lang="fr", intro="Bonjour !"), SITE)
    page = read(made)
    (title,) = page.xpath("//h1")
    assert (title.get("lang"), title.get("dir"), title.get("align")) == ("fr", "ltr", "left")
    (intro,) = page.xpath("//div[p[contains(., 'Bonjour')]]")
    assert (intro.get("lang"), intro.get("dir"), intro.get("align")) == ("fr", "ltr", "left")
    assert intro.text_content() == f"Bonjour{N}!"
    assert words(intro.getprevious()) == named
    assert f"({named})\n\nBonjour{N}!" in made.text


def test_words_in_the_language_of_the_letter_are_not_marked() -> None:
    made = compose(letter(KIT), SITE)
    assert read(made).xpath("//h1")[0].get("lang") is None
    assert "français" not in made.text
    assert "français" not in made.html


def test_words_of_a_relay_keep_their_language() -> None:
    made = compose(letter(KIT, lang="ar", edition="relay", relay=replace(RELAY, intro_lang="fr")), SITE)
    (intro,) = read(made).xpath("//div[p[contains(., 'collègues')]]")
    assert (intro.get("lang"), intro.get("dir")) == ("fr", "ltr")


@pytest.mark.parametrize(
    "typed, said",
    [
        ("Quoi de neuf ?", f"Quoi de neuf{N}?"),
        ("Lisez : « le kit » ; merci !", f"Lisez{N}: «{N}le kit{N}»{N}; merci{N}!"),
        ("Sans espace: rien", "Sans espace: rien"),
        (f"Déjà{N}! À 14{N}h", f"Déjà{N}! À 14{N}h"),
        ("https://a.example/?q=a+:+b", "https://a.example/?q=a+:+b"),
    ],
)
def test_french_marks_stay_with_their_word(typed: str, said: str) -> None:
    made = cleaned(letter(Item(typed), subject=typed))
    assert (made.subject, made.sections[0].items[0].title) == (said, said)
    assert prose.line(typed, "fr-x-falc") == said
    told = compose(letter(Item("Titre", typed), intro=typed), SITE)
    assert told.html.count(said) == 2
    assert told.text.count(said) == 2


def test_other_languages_and_code_keep_their_spaces() -> None:
    assert prose.line("What ?", "en") == "What ?"
    english = cleaned(letter(Item("What ?"), Item("Quoi ?", lang="fr"), lang="en"))
    assert [one.title for one in english.sections[0].items] == ["What ?", f"Quoi{N}?"]
    made = compose(letter(KIT, intro="Tapez `a ? b` !\n\n    x : y\n"), SITE)
    page = read(made)
    assert [one.text_content().strip() for one in page.iter("code")] == ["a ? b", "x : y"]
    assert f"a ? b{N}!" in made.text


def test_paper_has_the_same_spaces() -> None:
    nodes = tree.blocks("Lire **ceci !** [là ?](https://a.example/?b=c) `x ?`\n\n- un ;\n\n```\ny : z\n```")
    assert prose.spaced_nodes(nodes, "fr") == [
        ["p", ["Lire ", ["b", [f"ceci{N}!"]], " ", ["a", "https://a.example/?b=c", [f"là{N}?"]], " ", ["c", "x ?"]]],
        ["ul", [[["p", [f"un{N};"]]]]], ["code", "y : z"],
    ]  # fmt: skip
    assert prose.spaced_nodes(nodes, "en") == nodes


@pytest.mark.parametrize("lang", ["fr", "en", "ar"])
def test_what_relays_pass_on_says_nothing_to_them(lang: str) -> None:
    made = compose(letter(KIT, lang=lang, edition="relay", relay=RELAY), SITE)
    given = to_pass_on(made)
    lost = set(flat(made.text).split(". ")) - set(flat(given.text).split(". "))
    assert len(lost) <= 2
    assert len(made.text) > len(given.text)
    assert len(list(read(made).iter("tr"))) == len(list(read(given).iter("tr"))) + 1
    for part in (words(read(given)), flat(given.text)):
        assert "Transmis par CPTS d’essai" in part or lang != "fr"
        assert "Chers collègues" in part
        assert "Bonjour à tous." in part
        assert NOTE not in part
    assert (NOTE in flat(made.text)) is (lang == "fr")
    assert to_pass_on(given) == given


def test_a_forwardable_edition_says_no_address_where_there_is_no_page() -> None:
    made = compose(letter(KIT, edition="relay", online=False), SITE)
    for part in (words(read(made)), flat(made.text)):
        assert "Lire cette lettre sur le site" not in part
        assert "Tous les numéros" in part
    assert "Lire cette lettre sur le site" in compose(letter(KIT, edition="relay"), SITE).text


def test_a_mail_shows_no_picture_but_a_logo() -> None:
    page = read(compose(letter(KIT, edition="relay", relay=RELAY), SITE))
    assert page.xpath("//img/@src") == [f"{URL}/lettre/logo/K7PM.png"]
    assert not read(compose(letter(KIT, edition="relay", relay=replace(RELAY, logo="")), SITE)).xpath("//img")


def test_moments_as_each_language_writes_them() -> None:
    at = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
    assert when.moment(at, "Europe/Paris", "fr", all_day=False) == f"jeudi 3 décembre 2026 à 14{N}h"
    half = at.replace(minute=5)
    assert when.moment(half, "Europe/Paris", "fr", all_day=False) == f"jeudi 3 décembre 2026 à 14{N}h{N}05"
    assert when.moment(at, "Europe/Paris", "fr", all_day=True) == "jeudi 3 décembre 2026"
    assert when.moment(at, "Europe/Paris", "en", all_day=False) == "Thursday, 3 December 2026, 14:00"
    assert "ديسمبر" in when.moment(at, "Europe/Paris", "ar", all_day=False)
