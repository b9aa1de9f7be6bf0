"""What a coordinator is told before a letter leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from feeds.newsletter.composing.checks import SAID, Finding, check, paths, shouts
from feeds.newsletter.composing.compose import compose
from feeds.newsletter.content import LEAVE, Composed, Content, Item, Section
from tests.feeds.newsletter.composing.samples import KIT, PLACE, RELAY, SITE, URL, letter


def findings(*contents: Content, known: Callable[[str], bool] = lambda _path: True) -> list[Finding]:
    told = {one.lang: one for one in contents}
    return check(told, {lang: compose(one, SITE) for lang, one in told.items()}, known)


def codes(*contents: Content) -> list[str]:
    return [one.code for one in findings(*contents)]


def test_nothing_is_wrong_with_a_good_letter() -> None:
    assert codes(letter(KIT, PLACE)) == []
    assert codes(letter(KIT, edition="relay")) == []
    assert codes(letter(KIT, edition="relay", relay=RELAY)) == []


@pytest.mark.parametrize(
    ("subject", "wrong"),
    [("", ["subject-empty"]), ("  ", ["subject-empty"]), ("a" * 60, []), ("a" * 61, ["subject-long"]),
     ("a" * 90, ["subject-long"]), ("a" * 91, ["subject-too-long"]), ("OUVREZ VITE CETTE LETTRE", ["subject-shouts"]),
     ("L’ARS et la CPTS", []), ("Venez !!", ["subject-shouts"]), ("Venez !", []), ("ثلاث حقائب جاهزة للجميع", [])],
)  # fmt: skip
def test_subject(subject: str, wrong: list[str]) -> None:
    assert codes(letter(KIT, subject=subject)) == wrong


def test_an_empty_letter_stops_and_an_introduction_alone_is_told() -> None:
    assert [(one.code, one.level) for one in findings(letter(intro=""))] == [("empty", "stop")]
    assert [(one.code, one.level) for one in findings(letter())] == [("no-lines", "warn")]
    assert codes(letter(sections=(Section("lieux", ()), Section("dates", (KIT,))))) == ["section-empty"]


def test_untranslated_words_are_told_in_the_language_they_lack() -> None:
    french = letter(KIT)
    arabic = letter(replace(KIT, lang="fr"), lang="ar")
    found = findings(french, arabic)
    assert {(one.code, one.lang) for one in found} == {
        ("subject-untranslated", "ar"), ("intro-untranslated", "ar"), ("line-untranslated", "ar"),
    }  # fmt: skip
    assert [one.where for one in found if one.code == "line-untranslated"] == ["Kit du matin"]
    assert codes(french, letter(KIT, lang="en", subject="News", intro="Hello.")) == []


def test_machine_texts_are_named_five_at_most() -> None:
    items = [Item(f"Titre {n}", machine=True) for n in range(7)]
    (found,) = findings(letter(*items))
    assert found == Finding("line-machine", "warn", "fr", SAID["line-machine"][1],
                            "Titre 0 · Titre 1 · Titre 2 · Titre 3 · Titre 4 (+ 2)")  # fmt: skip


def test_a_line_without_title_stops() -> None:
    assert codes(letter(Item("", url=f"{URL}/kits/x"))) == ["line-untitled"]
    assert codes(letter(Item("GRAND ATELIER POUR TOUS"))) == ["line-shouts"]
    assert codes(letter(Item("Bien", url="ftp://x.example/y"))) == ["link-lost"]


def test_dead_links_of_the_site_stop_and_others_are_not_asked() -> None:
    asked = []

    def known(path: str) -> bool:
        asked.append(path)
        return path != "/kits/parti"

    told = letter(Item("A", "[b](/annuaire?q=x#haut)", f"{URL}/kits/parti?a=1"), Item("C", url="https://autre.example/x"),
                  Item("D", url=f"{URL}.autre.example/y"))  # fmt: skip
    assert [(one.code, one.level, one.where) for one in findings(told, known=known)] == [
        ("link-dead", "stop", f"{URL}/kits/parti?a=1")
    ]
    assert sorted(asked) == ["/", "/annuaire", "/kits/parti", "/lettre/archives"]
    assert paths(told, compose(told, SITE))[f"{URL}/annuaire?q=x#haut"] == "/annuaire"


@pytest.mark.parametrize("path", ["/lien/abc.def", "/lettre/d/" + "a" * 32, "/compte", "/invitation/x"])
def test_a_personal_link_in_the_words_stops(path: str) -> None:
    (found,) = findings(letter(KIT, intro=f"[ici]({path})"))
    assert (found.code, found.level, found.where) == ("link-personal", "stop", URL + path)


def test_images_of_texts_do_not_leave_and_a_logo_wants_words() -> None:
    assert codes(letter(KIT, intro="![plan](https://x.example/y.png)")) == ["image-dropped"]
    assert codes(letter(KIT, edition="relay", relay=replace(RELAY, logo_alt=""))) == ["image-alt"]


def test_what_a_mail_must_hold() -> None:
    content = letter(KIT)
    made = compose(content, SITE)

    def told(content: Content, **parts: str) -> list[str]:
        return [one.code for one in check({"fr": content}, {"fr": replace(made, **parts)}, lambda _path: True)]

    assert told(content, html=made.html.replace(LEAVE, "x")) == ["leave-missing"]
    assert told(content, text="") == ["text-missing"]
    assert told(content, html="") == ["html-missing"]
    assert told(replace(content, edition="relay")) == ["leave-in-relay", "subscribe-missing"]
    assert told(content, html=made.html.replace("<h1", "<img src=x><h1")) == ["image-alt"]
    assert [one.code for one in check({"fr": content}, {}, lambda _path: True)] == ["html-missing", "text-missing"]


def test_weight_in_bytes() -> None:
    content = letter(KIT)
    made = compose(content, SITE)

    def weighed(size: int) -> list[str]:
        filler = "é" * ((size - len(made.html.encode())) // 2) + " " * ((size - len(made.html.encode())) % 2)
        heavy = Composed("fr", made.subject, made.html + filler, made.text)
        assert len(heavy.html.encode()) == size
        return [one.code for one in check({"fr": content}, {"fr": heavy}, lambda _path: True)]

    assert weighed(80_000) == []
    assert weighed(80_001) == ["heavy"]
    assert weighed(100_000) == ["heavy"]
    assert weighed(100_001) == ["too-heavy"]


def test_a_real_letter_of_sixty_lines_is_light() -> None:
    made = compose(
        letter(*[replace(KIT, text="Une phrase de taille ordinaire, pour dire l’essentiel. " * 3)] * 60), SITE
    )
    assert len(made.html.encode()) < 80_000


def test_what_stops_comes_first() -> None:
    levels = [one.level for one in findings(letter(Item("", machine=True), subject="a" * 61))]
    assert levels == ["stop", "warn", "warn"]


def test_shouting() -> None:
    assert shouts("TOUT EN MAJUSCULES")
    assert not shouts("ARS CPTS CPAM")  # nine letters
    assert not shouts("La CPTS et l’ARS se voient")


def test_every_sentence_has_no_placeholder() -> None:
    assert all("%" not in said for _, said in SAID.values())
