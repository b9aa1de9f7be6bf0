"""What a person or a register writes, as safe HTML: CommonMark and tables, without raw HTML, then a list of tags."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "h3", "h4", "code", "pre", "hr", "del",
        "table", "thead", "tbody", "tr", "th", "td", "div"}  # fmt: skip
#: ``div``: around a table, which scrolls when it is wide, by keyboard too.
ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "div": {"class", "tabindex"}, "th": {"scope"}}
#: Columns and cells of tables: rows that say nothing have all the cells of the first, so that 12 kB make 600 kB.
MAX_COLUMNS, MAX_CELLS = 20, 3_000


def enriched(parser: MarkdownIt) -> MarkdownIt:
    """A parser of ours that shows tables, and headings of any level as h3 and h4: h1 and h2 are of the page."""
    parser.enable("table")
    parser.core.ruler.push("headings", _headings)
    parser.core.ruler.push("cells", _cells)
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    return parser


def tabular(text: str) -> bool:
    """Whether tables of a text may be shown: there are some, and none is a trap."""
    bars = max((line.count("|") for line in text.split("\n")), default=0)
    return 0 < bars <= MAX_COLUMNS + 1 and bars * text.count("\n") <= 10 * MAX_CELLS


def to_html(text: str) -> str:
    """Safe HTML of Markdown ``text``. Links: http, https, mailto and tel only, ``rel="nofollow noopener"``."""
    env: dict[str, Any] = {}
    rendered = _parser(tabular(text)).render(text, env)
    if env.get("cells", 0) > MAX_CELLS:
        rendered = _parser(False).render(text)
    return nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener",
    )


@functools.cache
def _parser(tables: bool) -> MarkdownIt:
    made = enriched(MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}))
    return made if tables else made.disable("table")


def _headings(state: StateCore) -> None:
    """Core rule: the first heading is h3, and those of its level or above; those below are h4: no level is left out."""
    top = 0
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1])
            top = top or level
            token.tag = "h3" if level <= top else "h4"


def _cells(state: StateCore) -> None:
    """Core rule: count the cells of tables; those of the first row are headings of columns."""
    for token in state.tokens:
        if token.type == "th_open":
            token.attrs = {"scope": "col"}
        elif token.type == "td_open":
            token.attrs = {}
            state.env["cells"] = state.env.get("cells", 0) + 1


def _open_table(
    renderer: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, _env: EnvType
) -> str:
    return f'<div class="scroll" tabindex="0">{_plain(renderer, tokens, at, options)}'


def _close_table(
    renderer: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, _env: EnvType
) -> str:
    return f"{_plain(renderer, tokens, at, options)}</div>\n"


def _plain(renderer: Any, tokens: Sequence[Token], at: int, options: OptionsDict) -> str:
    """A tag as it is always shown."""
    return str(renderer.renderToken(tokens, at, options, {}))
