"""Texts that made a search of patterns take minutes, when their time grew with the square of their length. Nothing is
timed here: with such a pattern these tests do not end."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.files import types
from resources.files.errors import UploadError
from resources.translating import falc, memory

TEXTS = {
    "newlines": "a" + "\n" * 200_000 + "b",
    "acronyms": " ".join(f"A{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}{chr(65 + n // 676)}" for n in range(10_000)),
    "blanks": "a." + " " * 200_000,
    "brackets": "[a](" * 5_000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_easy_french_and_memory(text: str) -> None:
    falc.analyse(text)
    memory.sentences(text)


def test_a_drawing_full_of_blanks(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    inside = b"<style>a { fill: url(" + b" " * 2_000_000 + b"x) }</style>"
    path.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg">' + inside + b"</svg>")
    assert types.recognise(path, "x.svg")[1] == "x.svg"
    path.write_bytes(
        b'<svg xmlns="http://www.w3.org/2000/svg"><style>a { fill: url( \' https://x.example/) }</style></svg>'
    )
    with pytest.raises(UploadError):
        types.recognise(path, "x.svg")


def test_a_table_of_nothing_but_quotes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(('",' * 1_600 + "\n").encode() * 20)
    types.recognise(path, "x.csv")
    path.write_bytes(b"a;b\n1;2\n")
    assert types.recognise(path, "x.csv")[0].media_type == "text/csv"
