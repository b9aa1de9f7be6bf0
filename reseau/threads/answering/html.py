"""The HTML of a mail as the Markdown of a post: words, lists, links, quotations. Pictures and colours are left out."""

from __future__ import annotations

import lxml.html
import nh3
from lxml.etree import LxmlError
from markdownify import markdownify

MAX_HTML = 400_000  # characters
_TAGS = {"a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre",
         "strong", "ul", "table", "tbody", "thead", "tr", "td", "th"}  # fmt: skip
#: What mail programs mark as a signature.
_SIGNATURES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_signature ') or contains(@class, 'moz-signature') or "
    "@id='AppleMailSignature' or @id='ms-outlook-mobile-signature' or @id='composer_signature' or @id='Signature' or "
    "@id='mail-app-auto-default-signature']"
)


def to_markdown(html: str) -> str:
    """Markdown of it; plain words if it is too deep to be one."""
    html = _unsigned(html[:MAX_HTML])
    clean = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"},
                      link_rel=None, clean_content_tags={"script", "style", "title", "head"})  # fmt: skip
    clean = clean.replace("&nbsp;", " ").replace("\u00a0", " ")
    try:
        return str(markdownify(clean, bullets="*", heading_style="ATX", strip=["hr"]))
    except RecursionError:
        return nh3.clean(clean, tags=set())


def _unsigned(html: str) -> str:
    try:
        tree = lxml.html.document_fromstring(html)
        for one in tree.xpath(_SIGNATURES):
            if one.getparent() is not None:
                one.drop_tree()
        return str(lxml.html.tostring(tree, encoding="unicode"))
    except (LxmlError, ValueError, RecursionError):
        return html
