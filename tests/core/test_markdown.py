"""Texts of people as HTML: headings below those of the page, tables, nothing else than they may hold."""

from __future__ import annotations

import re

import pytest

from reseau.core.markdown import to_html

TABLE = "| Quand | Qui |\n|---|:-:|\n| lundi | **Anne** |\n| mardi |\n"


@pytest.mark.parametrize(
    "text, levels",
    [("# un\n\n## deux\n\n### trois\n\n# un", ["h3", "h4", "h4", "h3"]), ("### a\n\n#### b", ["h3", "h4"]),
     ("#### seul", ["h3"]), ("## a\n\n# b\n\n## c", ["h3", "h3", "h3"]), ("Titre\n=====\n\nSous\n---", ["h3", "h4"])],
)  # fmt: skip
def test_headings_of_any_level_are_those_of_a_text(text: str, levels: list[str]) -> None:
    assert re.findall(r"<(h\d)>", to_html(text)) == levels


def test_a_table_is_shown_and_scrolls() -> None:
    made = to_html(f"Avant.\n\n{TABLE}\nAprès.")
    assert '<div class="scroll" tabindex="0"><table>' in made
    assert '<th scope="col">Quand</th>' in made
    assert "<td><strong>Anne</strong></td>" in made
    assert "style" not in made
    assert made.count("</table>\n</div>") == 1


@pytest.mark.parametrize(
    "text",
    ["<div class='x' tabindex='5'>a</div>", "<table><tr><td onclick='x'>a", "|a|\n|-|\n|<script>x</script>|",
     "|a|\n|-|\n|[x](javascript:alert(1))|"],
)  # fmt: skip
def test_html_stays_words(text: str) -> None:
    assert not re.search(r"<(script|div class=.x|table><tr|td onclick)|href=.javascript", to_html(text))


@pytest.mark.parametrize(
    "text",
    ["|a" * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "|\n" * 2_000, "|a" * 20 + "|\n" + "|-" * 20 + "|\n" + "x\n" * 900,
     "|a|b|\n|-|-|\n" + "x\n" * 9_000],
)  # fmt: skip
def test_a_table_that_is_a_trap_is_words(text: str) -> None:
    made = to_html(text)
    assert "<table" not in made
    assert len(made) < 8 * len(text)


def test_a_long_text_with_a_table_keeps_it() -> None:
    assert "<table>" in to_html("mot\n\n" * 2_000 + TABLE)
