"""Rules of the mail, read back from its HTML and its text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from feeds.newsletter.composing.compose import compose
from feeds.newsletter.content import CODE, LEAVE, Composed, Item, Section
from tests.feeds.newsletter.composing.samples import (
    DAY,
    KIT,
    PLACE,
    RELAY,
    SITE,
    URL,
    colours,
    contrast,
    flat,
    letter,
    read,
    words,
)  # fmt: skip

ARABIC = Item("دليل", "نص **قصير**.", f"{URL}/tutoriels/ar", lang="ar")


def both(made: Composed) -> tuple[str, str]:
    return made.html, made.text


@pytest.mark.parametrize(
    ("lang", "way", "side"), [("fr", "ltr", "left"), ("en", "ltr", "left"), ("ar", "rtl", "right")]
)
def test_language_and_direction_are_said_outside_and_inside_the_body(lang: str, way: str, side: str) -> None:
    page = read(compose(letter(KIT, lang=lang), SITE))
    assert (page.get("lang"), page.get("dir")) == (lang, way)
    article = page.xpath("//div[@role='article']")[0]
    assert (article.get("lang"), article.get("dir")) == (lang, way)
    cells = page.xpath("//td[contains(@class, 'p')]")
    assert [cell.get("align") for cell in cells] == [side, side]
    assert {table.get("dir") for table in page.iter("table")} == {way}


def test_a_line_in_another_language_says_it_on_its_own_nodes() -> None:
    page = read(compose(letter(KIT, ARABIC), SITE))
    first, second = page.iter("h3")
    assert (first.get("lang"), first.get("dir")) == (None, None)
    assert (second.get("lang"), second.get("dir"), second.get("align")) == ("ar", "rtl", "right")
    text = page.xpath("//div[@lang='ar']")[0]
    assert (words(text), text.get("dir")) == ("نص قصير.", "rtl")
    assert "Arabe" in words(page)


def test_one_column_of_tables_that_are_no_tables_of_data() -> None:
    page = read(compose(letter(KIT, PLACE), SITE))
    assert {table.get("role") for table in page.iter("table")} == {"presentation"}
    assert "max-width:600px" in page.xpath("//table/@style")[1]
    assert not page.xpath("//script | //link | //iframe | //form | //object | //*[@onclick]")
    assert not page.xpath("//img")


def test_headings_leave_no_level_out() -> None:
    page = read(compose(letter(KIT, replace(PLACE, text="## Horaires"), intro="# Un mot\n\nOui."), SITE))
    assert [one.tag for one in page.xpath("//h1 | //h2 | //h3 | //h4")] == ["h1", "h2", "h2", "h3", "h3", "h4"]


def test_contrast_of_every_text_is_over_seven_on_every_ground_by_day() -> None:
    page = read(compose(letter(KIT, PLACE, ARABIC, edition="relay", relay=RELAY), SITE))
    button = page.xpath("//td[@bgcolor]")[0]
    assert contrast("#ffffff", button.get("bgcolor")) > 7
    assert colours(button.find("a").get("style")) == ["#ffffff"]
    button.getparent().remove(button)
    used = {one for style in page.xpath("//@style") for one in colours(style)}
    assert used  # something was read
    for ground in ("#ffffff", "#faf6ef"):
        assert min(contrast(one, ground) for one in used) > 7


def test_contrast_by_night() -> None:
    style = read(compose(letter(KIT), SITE)).xpath("//style")[0].text
    night = style.partition("prefers-color-scheme:dark")[2].partition("@media")[0]
    grounds = re.findall(r"background:(#[0-9a-f]{6})", night)
    grounds.remove("#ffffff")  # of pictures
    assert len(grounds) == 2
    assert len(colours(night)) == 3
    assert min(contrast(one, ground) for one in colours(night) for ground in grounds) > 7


def test_general_edition_holds_the_personal_address_once_in_each_part() -> None:
    for lang in ("fr", "en", "ar"):
        made = compose(letter(KIT, PLACE, lang=lang), SITE)
        assert [part.count(LEAVE) for part in both(made)] == [1, 1]
        assert [part.count(CODE) for part in both(made)] == [0, 0]
        own = [part.replace(LEAVE, f"{URL}/lettre/d/{'a' * 32}") for part in both(made)]
        assert not [part for part in own if ".invalid" in part]


def test_relay_edition_holds_nothing_personal() -> None:
    made = compose(letter(KIT, edition="relay"), SITE)
    assert [part.count(LEAVE) for part in both(made)] == [0, 0]
    assert [part.count(CODE) for part in both(made)] == [2, 1]
    assert "Vous pouvez transmettre cette lettre" in flat(made.text)
    assert "Vous pouvez transmettre cette lettre" in words(read(made))
    assert not [part for part in both(made) if "/lettre/d/" in part]


def test_edition_of_one_relay_says_who_passes_it_on_and_its_own_address() -> None:
    made = compose(letter(KIT, edition="relay", relay=RELAY), SITE)
    page = read(made)
    assert [(one.get("src"), one.get("alt")) for one in page.iter("img")] == [
        (f"{URL}/lettre/logo/K7PM.png", "Une maison")
    ]
    for part in (words(page), flat(made.text)):
        assert "Transmis par CPTS d’essai" in part
        assert "Chers collègues, à lire." in part
        assert f"{URL}/lettre?r=K7PM" in part
    assert not [part for part in both(made) if ".invalid" in part]


def test_a_logo_without_words_is_called_after_its_relay() -> None:
    made = compose(letter(edition="relay", relay=replace(RELAY, logo_alt="")), SITE)
    assert read(made).xpath("//img")[0].get("alt") == "Logo : CPTS d’essai"


def test_a_relay_of_a_general_edition_is_not_shown() -> None:
    made = compose(letter(KIT, relay=RELAY), SITE)
    assert not [part for part in both(made) if "CPTS" in part or "K7PM" in part]


def test_text_is_76_columns_wide_with_whole_addresses() -> None:
    long = f"{URL}/{'a' * 120}"
    told = "Une phrase bien longue. " * 12
    made = compose(letter(Item("Un titre qui ne finit pas, " * 6, told, long), intro=told), SITE)
    lines = made.text.split("\n")
    assert [line for line in lines if len(line) > 76] == [f"  {long}"]
    assert max(map(len, lines[:20])) > 60  # it is filled, not cut short


def test_text_underlines_sections_and_ends_with_a_footer() -> None:
    made = compose(letter(KIT), SITE)
    lines = made.text.split("\n")
    at = lines.index("Nouveaux kits, tutoriels et fiches")
    assert lines[at + 1] == "-" * len("Nouveaux kits, tutoriels et fiches")
    assert lines.count("-- ") == 1
    body, _, foot = made.text.partition("\n-- \n")
    assert "Kit du matin" in body
    assert LEAVE in foot
    assert "Cette lettre ne vous suit pas" in foot


def test_text_shows_addresses_of_links_and_lists() -> None:
    intro = "Voyez [l’agenda](/agenda), <https://ici.example/a>.\n\n1. un\n2. deux\n\n> merci"
    text = compose(letter(intro=intro), SITE).text
    assert f"Voyez l’agenda ({URL}/agenda), https://ici.example/a." in flat(text)
    assert "1. un\n2. deux\n\n> merci" in text


def test_links_are_whole_and_lead_straight_there() -> None:
    intro = (
        "[a](/annuaire) [b](#ici) [c](page.html) [d](//ailleurs.example/x) [e](mailto:a@b.example) [f](javascript:x)"
    )
    made = compose(letter(KIT, Item("Sans lien", url="javascript:alert(1)"), intro=intro), SITE)
    page = read(made)
    found = [one.get("href") for one in page.iter("a")]
    web = f"{URL}/lettre/2026/n-7"
    assert found == [web, f"{URL}/annuaire", "mailto:a@b.example", f"{URL}/kits/matin", web, LEAVE,
                     f"{URL}/lettre/archives", URL]  # fmt: skip
    assert "a b c d e [f](javascript:x)" in words(page)
    assert "javascript:alert" not in made.html + made.text


def test_a_machine_and_a_source_are_said() -> None:
    made = compose(letter(Item("Actualité", from_="ARS", machine=True, note="mardi")), SITE)
    for part in (words(read(made)), flat(made.text)):
        assert "mardi · Source : ARS · Traduit par une machine, pas encore relu" in part


def test_preheader_says_what_the_letter_tells_and_is_hidden() -> None:
    page = read(compose(letter(KIT, PLACE), SITE))
    first = page.find("body")[0]
    assert first.text == "Kit du matin · Maison du quartier"
    assert "display:none" in first.get("style")
    long = read(compose(letter(*[KIT] * 40), SITE)).find("body")[0].text
    assert len(long) <= 141
    assert long.endswith("…")


def test_draft_has_no_number() -> None:
    assert "Lettre n° 7 – 24 novembre 2026" in compose(letter(), SITE).text
    assert "Lettre – 24 novembre 2026" in compose(letter(number=None), SITE).text


def test_sections_without_lines_or_unknown_are_not_shown() -> None:
    made = compose(
        letter(sections=(Section("lieux", ()), Section("inconnue", (KIT,)), Section("dates", (PLACE,)))), SITE
    )
    assert [words(one) for one in read(made).iter("h2")] == ["Les dates à venir"]
    assert "Kit du matin" not in made.text


def test_a_language_that_is_not_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="'de'"):
        compose(letter(lang="de"), SITE)


def test_same_values_give_the_same_mail() -> None:
    assert compose(letter(KIT), SITE) == compose(letter(KIT), SITE)
    assert str(DAY.year) in compose(letter(KIT), SITE).html


def test_two_hundred_lines_are_all_there_in_order() -> None:
    items = [replace(KIT, title=f"Ligne numéro {n} fin") for n in range(200)]
    made = compose(letter(*items), SITE)
    wanted = [str(n) for n in range(200)]
    assert re.findall(r"Ligne numéro (\d+) fin", " ".join(words(one) for one in read(made).iter("h3"))) == wanted
    assert re.findall(r"Ligne numéro (\d+) fin", made.text) == wanted


def test_the_edition_of_relays_says_the_way_out() -> None:
    made = compose(letter(KIT, edition="relay"), SITE)
    address = f"{SITE.url}/lettre"
    assert f'href="{address}"' in made.html
    said = " ".join(made.text.split())
    assert f"Écrivez votre adresse sur {address} : un mail vous donne votre lien." in said
    assert "Écrivez votre adresse sur" not in compose(letter(KIT), SITE).text
