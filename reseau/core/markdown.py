"""What a person or a register writes, as safe HTML: CommonMark without raw HTML, then an allow-list of tags."""

from __future__ import annotations

import functools

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "h3", "h4", "code", "pre", "hr", "del"}


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})


def to_html(text: str) -> str:
    """Safe HTML of Markdown ``text``. Links: http, https, mailto and tel only, ``rel="nofollow noopener"``."""
    return nh3.clean(
        _parser().render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener",
    )
