"""The HTML of a mail as the Markdown of a post: words, lists, links, quotations. Pictures and colours are left out."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import Any

import lxml.html
import nh3
from lxml.etree import LxmlError
from markdownify import MarkdownConverter

MAX_HTML = 400_000  # characters
#: Tags that are made Markdown. A page of more is words only: the library looks at all rows of a table for each of them.
MAX_TAGS, MAX_ROWS = 12_000, 500
_TAGS = {"a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre",
         "strong", "ul", "table", "tbody", "thead", "tr", "td", "th"}  # fmt: skip
#: What mail programs mark as a signature.
_SIGNATURES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_signature ') or contains(@class, 'moz-signature') or "
    "@id='AppleMailSignature' or @id='ms-outlook-mobile-signature' or @id='composer_signature' or @id='Signature' or "
    "@id='mail-app-auto-default-signature']"
)


class _Converter(MarkdownConverter):
    """Numbers the items of a list in one go: the library counts, for each item, all those before it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._items: Counter[int] = Counter()

    def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """An item, with its number or its bullet."""
        text = (text or "").strip()
        ordered = el.parent is not None and el.parent.name == "ol"
        number = self._items[id(el.parent)] = self._items[id(el.parent)] + 1
        mark = f"{number}. " if ordered else "* "
        indented = "\n".join(" " * len(mark) + line if line else "" for line in text.split("\n"))
        return f"{mark}{indented[len(mark) :]}\n" if text else "\n"


def to_markdown(html: str) -> str:
    """Markdown of it; plain words if it is too deep or too large to be one."""
    html = _unsigned(html[:MAX_HTML])
    clean = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"},
                      link_rel=None, clean_content_tags={"script", "style", "title", "head"})  # fmt: skip
    clean = clean.replace("&nbsp;", " ").replace("\u00a0", " ")
    if clean.count("<") > MAX_TAGS or clean.count("<tr") > MAX_ROWS:
        return _words(clean)
    try:
        return str(_Converter(bullets="*", heading_style="ATX", strip=["hr"]).convert(clean))
    except RecursionError:
        return _words(clean)


def _words(clean: str) -> str:
    """The words, a block on each line."""
    lines = re.sub(r"<(?:br|/p|/div|/li|/tr|/h\d|/blockquote)\b[^>]*>", "\n", clean)
    return unescape(nh3.clean(lines, tags=set()))


def _unsigned(html: str) -> str:
    try:
        tree = lxml.html.document_fromstring(html)
        for one in tree.xpath(_SIGNATURES):
            if one.getparent() is not None:
                one.drop_tree()
        return str(lxml.html.tostring(tree, encoding="unicode"))
    except (LxmlError, ValueError, RecursionError):
        return html
