"""Texts made to hold a reader: what they cost grows as they do, and nothing is raised."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from importers.targets import texts
from importers.targets.texts import plain
from importers.veille.discovery import announced

PIECES = ["<a ", '<a b="', "<!--", "<![", "<![<![", "</", "<?", "<a b='>", "&#", "&amp;", "<script>", "]]>", "<!-->"]


def cost(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


@pytest.mark.parametrize("piece", PIECES)
def test_what_a_text_costs_grows_as_it_does(piece: str) -> None:
    """Twice the text, twice the time, give or take: it was four times, and 5 s for 15 kB."""
    half, whole = (piece * (size // len(piece)) for size in (texts.MAX_HTML // 2, texts.MAX_HTML))
    plain.cache_clear()
    assert cost(lambda: plain(whole)) < 3 * cost(lambda: plain(half)) + 0.1
    one, two = ((piece * (size // len(piece))).encode() for size in (200_000, 400_000))
    assert cost(lambda: announced(two, "https://a.fr/")) < 3 * cost(lambda: announced(one, "https://a.fr/")) + 0.2


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Un <b>atelier</b>", "Un atelier"),
        ("avant <!-- <p>caché</p> --> après", "avant après"),
        ("5 < 6 et 7 > 2", "5 < 6 et 7 > 2"),
        ("fin <a href=", "fin <a href="),
        ("<![<![ suite", "suite"),
        ('<a title="a > b" href="x">lien</a>', "lien"),
    ],
)
def test_what_is_no_tag_is_text(written: str, read: str) -> None:
    assert read in plain(written)
