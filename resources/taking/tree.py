"""Markdown as a small tree of plain values, which the typst templates draw.

Nothing of a resource is ever typst source: it goes to the templates as data (``json()``), so none of it can be run.
The same subset as ``reseau.core.markdown``: no images, no raw HTML (it stays text), links to http, https, mailto, tel.

Inline: ``"text"``, ``["b", […]]``, ``["i", […]]``, ``["s", […]]``, ``["a", address, […]]``, ``["c", "code"]``,
``["br"]``.
Blocks: ``["p", […]]``, ``["h", level, […]]``, ``["ul", [[block…]…]]``, ``["ol", start, [[block…]…]]``,
``["quote", [block…]]``, ``["code", "text"]``, ``["hr"]``.
"""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: Lists in lists in quotes…: deeper ones are drawn at this depth. typst draws 80 calls deep and then refuses.
MAX_DEPTH = 6
_MARKS = {"strong": "b", "em": "i", "s": "s"}
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

Node = Any


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})


def blocks(text: str) -> list[Node]:
    """The blocks of Markdown ``text``."""
    return _Reader(_parser().parse(text)).blocks("", 0)


def plain(text: str) -> str:
    """``text`` without what fonts do not draw: a narrow no-break space becomes a no-break space, tabs spaces."""
    return text.replace("\u202f", "\u00a0").replace("\u2011", "-").replace("\t", " ")


class _Reader:
    """Reads the flat list of tokens once, from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at = tokens, 0

    def blocks(self, until: str, depth: int) -> list[Node]:
        """The blocks up to the token of type ``until``, which is taken too ("": to the end)."""
        found: list[Node] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type == until:
                break
            found += self._block(token, depth)
        return found

    def _block(self, token: Token, depth: int) -> list[Node]:
        deeper = depth + 1
        if token.type in ("paragraph_open", "heading_open"):
            inline = _inlines(self._tokens[self._at].children or [])
            self._at += 2
            return [["h", int(token.tag[1:]), inline] if token.type == "heading_open" else ["p", inline]]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            items = self._items(token.type.replace("open", "close"), deeper)
            if depth >= MAX_DEPTH:
                return [block for item in items for block in item]
            start = int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else 0
            return [["ol", start, items] if token.type == "ordered_list_open" else ["ul", items]]
        if token.type == "blockquote_open":
            inside = self.blocks("blockquote_close", deeper)
            return inside if depth >= MAX_DEPTH else [["quote", inside]]
        if token.type in ("fence", "code_block"):
            return [["code", plain(token.content.rstrip("\n"))]]
        return [["hr"]] if token.type == "hr" else []

    def _items(self, until: str, depth: int) -> list[list[Node]]:
        items = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type == until:
                break
            if token.type == "list_item_open":
                items.append(self.blocks("list_item_close", depth))
        return items


def _inlines(tokens: list[Token]) -> list[Node]:
    """Inline nodes; a mark that is deeper than ``MAX_DEPTH`` is dropped and its words stay."""
    stack: list[list[Node]] = [[]]
    heads: list[list[Node] | None] = []
    for token in tokens:
        kind = token.type.rpartition("_")[0]
        if token.nesting == 1:
            heads.append(_head(kind, token) if len(stack) <= MAX_DEPTH else None)
            if heads[-1] is not None:
                stack.append([])
        elif token.nesting == -1 and heads:
            if (head := heads.pop()) is not None:
                inside = stack.pop()
                stack[-1].append([*head, inside])
        elif token.type in ("softbreak", "hardbreak"):
            stack[-1].append(["br"])
        elif token.type == "code_inline":
            stack[-1].append(["c", plain(token.content)])
        elif token.content:  # of a picture: its alternative text
            stack[-1].append(plain(token.content))
    return stack[0]


def _head(kind: str, token: Token) -> list[Node] | None:
    if kind in _MARKS:
        return [_MARKS[kind]]
    address = str(token.attrGet("href") or "")
    try:
        known = urlsplit(address).scheme in _SCHEMES
    except ValueError:
        return None
    return ["a", address] if kind == "link" and known else None


def text_of(nodes: list[Node]) -> str:
    """The words of inline nodes."""
    return "".join(node if isinstance(node, str) else text_of(node[-1]) if isinstance(node[-1], list) else
                   (node[1] if node[0] == "c" else " ") for node in nodes)  # fmt: skip
