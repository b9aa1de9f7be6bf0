"""A post as plain words with its paragraphs, for a mail that carries it whole."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

from reseau.threads.base.text import plain, to_html

_BLOCKS = frozenset(("p", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table", "tr"))


def whole(text: str, mentions: Sequence[Any] = ()) -> str:
    """What a post says, without mark-up: paragraphs apart, a dash before each item, the address after the words of a
    link that does not say it."""
    return _whole(text, json.dumps(list(mentions), sort_keys=True) if mentions else "[]")


@functools.lru_cache(1_000)
def _whole(text: str, mentions: str) -> str:
    """One post is told to many, one after the other."""
    parser = _Words()
    parser.feed(to_html(text, json.loads(mentions)))
    parser.close()
    return parser.text()


@functools.lru_cache(1_000)
def extract(text: str, most: int) -> str:
    """Its beginning, on one line."""
    return plain(text, most)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = [""]
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._parts.append("")
        elif tag == "li":
            self._parts.append("- ")
        elif tag == "br":
            self._parts[-1] += "\n"
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._parts[-1])))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._parts.append("")
        elif tag == "a" and self._links:
            href, start = self._links.pop()
            said = self._parts[-1][start:]
            if href.startswith("http") and href.rstrip("/") not in said:
                self._parts[-1] += f" ({href})"

    def handle_data(self, data: str) -> None:
        self._parts[-1] += data.replace("\n", " ") if not self._parts[-1].endswith("\n") else data.lstrip("\n")

    def text(self) -> str:
        """The paragraphs; items of a list are not set apart."""
        found, item, dash = "", False, False
        for part in (one.strip(" \n") for one in self._parts):
            if part in ("", "-"):
                dash = dash or part == "-"
                continue
            said = f"- {part}" if dash else part
            here, dash = said.startswith("- "), False
            found += ("\n" if item and here else "\n\n") + said if found else said
            item = here
        return found
