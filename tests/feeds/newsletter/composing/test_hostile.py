"""What anybody may write in a letter breaks nothing, and becomes nobody's address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.newsletter.composing import prose
from feeds.newsletter.composing.compose import compose
from feeds.newsletter.content import CODE, LEAVE, Item, Section
from tests.feeds.newsletter.composing.samples import RELAY, SITE, URL, letter, read, words

HOSTILE = st.lists(
    st.sampled_from(
        [LEAVE, CODE, "https://leave.invalid", "HTTPS://LEAVE.INVALID/", "https:&#47;/leave.invalid/", "leave.invalid",
         "https://lea", "ve.invalid/", "**", "*", "_", "`", "```\n", "[", "](", ")", "<", ">", "<b>", "</td></table>",
         "<!--", "-->", "<script>", "\n", "\n\n", "- ", "1. ", "> ", "|a|b|\n|-|-|\n|c|d|\n", "# ", "![x](y)", "&amp;",
         "&#x202e;", "\u202e", "\u2066", "\x00", "\x0b", "\ud800", "\ufffe", "عربي", "א", "é", "<![endif]-->", "%s", "{}",
         "[x](https://leave.invalid/)", "<https://subscribe.invalid/>", "javascript:alert(1)", "\r\n.\r\n", "=\r\n", "-- \n"]
    ),
    max_size=25,
).map("".join)  # fmt: skip
ITEMS = st.lists(st.builds(Item, HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.sampled_from(["", "ar", "en", "xx\"y"]),
                           st.booleans(), HOSTILE), max_size=4)  # fmt: skip


@settings(max_examples=100)
@given(ITEMS, HOSTILE, HOSTILE, st.sampled_from(["fr", "en", "ar"]), st.sampled_from(["general", "relay"]))
def test_placeholders_are_there_as_often_as_they_should_whatever_is_written(
    items: list[Item], intro: str, subject: str, lang: str, edition: str
) -> None:
    made = compose(letter(*items, intro=intro, subject=subject, lang=lang, edition=edition), SITE)
    general = edition == "general"
    assert (made.html.count(LEAVE), made.text.count(LEAVE)) == ((1, 1) if general else (0, 0))
    assert (made.html.count(CODE), made.text.count(CODE)) == ((0, 0) if general else (2, 1))
    personal = f"{URL}/lettre/d/{'b' * 32}"
    for part in (made.html, made.text):
        own = part.replace(LEAVE, personal).replace(CODE, RELAY.subscribe).lower()
        assert not re.search(r"(leave|subscribe)\.invalid", own)
        part.encode()  # no half of a pair: a mail can carry it
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", part)
    page = read(made)
    assert len(page.xpath("//h1")) == 1
    assert not page.xpath("//script | //img | //@onclick | //*[starts-with(@href, 'javascript')]")
    assert words(page.xpath("//td[contains(@class, 'p')]")[-1])  # the footer is still in its own cell
    assert made.text.split("\n").count("-- ") == 1


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60), max_size=8))
def test_html_and_text_say_the_same_lines_in_the_same_order(titles: list[str]) -> None:
    items = [Item(f"début{n} {title} fin{n}", url=f"{URL}/{n}") for n, title in enumerate(titles)]
    half = len(items) // 2
    sections = (Section("ressources", tuple(items[:half])), Section("lieux", tuple(items[half:])))
    made = compose(letter(sections=sections, intro=""), SITE)
    wanted = [str(n) for n in range(len(items))]
    shown = [words(one) for one in read(made).iter("h3")]
    assert [re.match(r"début(\d+)", one)[1] for one in shown if re.match("début", one)] == wanted  # type: ignore[index]
    assert re.findall(r"^\* début(\d+)", made.text, re.MULTILINE) == wanted
    squeezed = re.sub(r"\s+", "", made.text)
    assert all(re.sub(r"\s+", "", one) in squeezed for one in shown)


@settings(max_examples=60)
@given(HOSTILE)
def test_markdown_as_text_is_no_wider_than_asked_but_for_words_that_do_not_break(markdown: str) -> None:
    for line in prose.as_text(prose.tree(markdown, URL), 40).split("\n"):
        assert len(line) <= 40 or max(map(len, re.findall(r"\S+", line))) > 10


@pytest.mark.parametrize("markdown", ["> " * 300 + "x", "- " * 300 + "x", "[" * 2000, "*a **b " * 500, "|a" * 2000])
def test_deep_or_endless_markdown_is_read(markdown: str) -> None:
    made = compose(letter(Item("Titre", markdown), intro=markdown), SITE)
    assert made.html.count(LEAVE) == made.text.count(LEAVE) == 1


def test_directions_do_not_leak_out_of_a_title() -> None:
    made = compose(letter(Item("avant \u202eserpent\u2066 après")), SITE)
    assert "* avant serpent après" in made.text
    assert words(read(made).xpath("//h3")[0]) == "avant serpent après"


def test_two_elements_that_make_a_placeholder_together_do_not_in_the_text() -> None:
    made = compose(letter(intro="https://leave**.invalid/**"), SITE)
    assert made.text.count(LEAVE) == 1
    assert "https://leave.invalid/ " not in made.text
