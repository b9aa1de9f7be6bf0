"""Markdown of a letter, read once (``core.markdown``): the same tree becomes HTML with inline styles, and text.

Only what stands for nobody's address gets through: the two placeholders of a letter, written by a person, would become
the personal address of each reader.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from reseau.core.markdown import to_html
from resources.base.content import clean_text, one_line

WIDTH = 76  # columns of the text: quoted twice, it still fits in 80 (RFC 3676 §4.2)
_NARROW = 24  # columns that are left to what is quoted or listed deep inside
_MOST = 20_000  # characters of one text: a letter of 100 kB is told of before
_PLACEHOLDER = re.compile(r"(?:https?:)?/*(?:leave|subscribe)\.invalid/?", re.IGNORECASE)
#: Controls, halves of pairs, no characters (XML 1.0 §2.2); embeddings, overrides and isolates (UAX #9).
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_WEB = re.compile(r"https?://[^\s<>\"'\\^`{|}]+", re.IGNORECASE)
_BEFORE, _AFTER = re.compile(" (?=[:;?!»])"), re.compile("« ")
_TIED, _LOOSE = re.compile("([\u00a0\u202f])"), re.compile("[ \\t\\n\\r\\f]+")
_BLOCKS = frozenset({"p", "ul", "ol", "blockquote", "h3", "h4", "pre", "hr", "table", "div"})


def leaf(text: str) -> str:
    """``text`` without anything that looks like a placeholder of a letter, that turns what follows, or that neither
    XML nor a mail may hold: entities of Markdown write all of them."""
    return _PLACEHOLDER.sub("…", _UNFIT.sub("", text))


def line(text: str, lang: str = "") -> str:
    """Words of somebody on one line: no control character, nothing that turns what follows, no placeholder.

    :param lang: in which they are written; French keeps its marks with the word before them (:func:`spaced`).
    """
    parts = _TIED.split(_fit(text))  # "one_line" would loosen what is tied together: "14 h"
    return spaced(leaf("".join(one if _TIED.fullmatch(one) else one_line(one) for one in parts).strip()), lang)


def spaced(text: str, lang: str) -> str:
    """``text`` so that no line of French begins with a mark that has a space before it, or ends with « : people type
    plain spaces there. An address has no space in it, so none is touched."""
    if lang.partition("-")[0] != "fr":
        return text
    return _AFTER.sub("«\N{NO-BREAK SPACE}", _BEFORE.sub("\N{NO-BREAK SPACE}", text))


def spaced_nodes(nodes: list[Any], lang: str) -> list[Any]:
    """The same for words of ``resources.taking.tree``: neither addresses nor code."""
    return [_spaced_node(one, lang) for one in nodes]


def _spaced_node(node: Any, lang: str) -> Any:
    if isinstance(node, str):
        return spaced(node, lang)
    kind, *_more, inside = node if len(node) > 1 else [*node, None]
    if kind in ("c", "code") or not isinstance(inside, list):
        return node
    if kind in ("ul", "ol"):
        return [*node[:-1], [spaced_nodes(item, lang) for item in inside]]
    return [*node[:-1], spaced_nodes(inside, lang)]


def address(url: str) -> str:
    """A whole web address as it may stand in a letter, or ""."""
    url = _fit(url).strip()
    return url if _WEB.fullmatch(url) and not _PLACEHOLDER.search(url) else ""


def _fit(text: str) -> str:
    return _UNFIT.sub(" ", text)


def tree(markdown: str, site_url: str, lang: str = "") -> Any:
    """What a Markdown text says, as an element; links are whole addresses.

    :param site_url: no slash at its end. :param lang: see :func:`line`; code stays as it is.
    """
    written = clean_text(markdown[:_MOST].encode("utf-8", "ignore").decode())
    made = html.fragment_fromstring(to_html(written), create_parent="div")
    for node in list(made.iter()):
        node.text, node.tail = leaf(node.text or ""), spaced(leaf(node.tail or ""), lang)
        if node.tag not in ("code", "pre"):
            node.text = spaced(node.text, lang)
        if node.tag == "a":
            _link(node, site_url)
    return made


def _link(node: Any, site_url: str) -> None:
    url = node.get("href", "")
    if url.startswith("/") and not url.startswith("//"):
        url = site_url + url
    if not (address(url) or (url.startswith(("mailto:", "tel:")) and not _PLACEHOLDER.search(url))):
        node.drop_tag()  # the words stay; ``#here``, ``page.html`` lead nowhere from a mail
        return
    node.attrib.clear()
    node.set("href", url)


def headed(told: Any, top: str) -> Any:
    """An element of :func:`tree` whose headings begin at a level. :param top: ``h2`` or ``h4``; ``tree`` has h3."""
    down = int(top[1]) - 3
    for node in told.iter("h3", "h4"):
        node.tag = f"h{int(node.tag[1]) + down}"
    return told


# --- as HTML --------------------------------------------------------------------------------------------------

LINK = "color:#2d2b86"
_EDGE = {"ltr": "border-left:3px solid #d9cfc2", "rtl": "border-right:3px solid #d9cfc2"}
_STYLES = {
    "p": "margin:0 0 12px",
    "ul": "margin:0 0 12px;padding:0 22px",
    "ol": "margin:0 0 12px;padding:0 22px",
    "li": "margin:0 0 4px",
    "a": LINK,
    "h2": "margin:16px 0 6px;font-size:18px;line-height:1.35",
    "h3": "margin:14px 0 6px;font-size:17px;line-height:1.35",
    "h4": "margin:12px 0 6px;font-size:16px;line-height:1.35",
    "h5": "margin:12px 0 6px;font-size:16px;line-height:1.35",
    "pre": "margin:0 0 12px;white-space:pre-wrap;overflow-wrap:anywhere;font-family:Consolas,monospace",
    "code": "font-family:Consolas,monospace",
    "hr": "border:0;border-top:1px solid #d9cfc2;margin:16px 0",
    "table": "border-collapse:collapse;margin:0 0 12px",
    "th": "border:1px solid #d9cfc2;padding:4px 8px",
    "td": "border:1px solid #d9cfc2;padding:4px 8px",
}


def bare(markdown: str, site_url: str, top: str, lang: str = "") -> str:
    """A Markdown text as safe HTML without styles, for a page or a feed. :param top: see :func:`headed`.
    :param lang: see :func:`line`."""
    return _inside(headed(tree(markdown, site_url, lang), top))


def as_html(told: Any, direction: str) -> str:
    """The inside of an element of :func:`tree`, each tag with its own style: mail programs drop style sheets."""
    for wrapper in list(told.iterdescendants("div")):  # tables scroll on a page, not in a mail
        wrapper.drop_tag()
    for node in told.iterdescendants():
        style = _STYLES.get(node.tag, "")
        if node.tag == "blockquote":
            style = f"margin:0 0 12px;padding:0 12px;{_EDGE[direction]}"
        if style:
            node.set("style", style)
        if node.tag == "a":
            node.set("class", "l")
        elif node.tag in ("pre", "code"):
            node.set("dir", "ltr")
    return _inside(told)


def _inside(told: Any) -> str:
    return "".join(etree.tostring(node, encoding="unicode", method="html") for node in told).strip()


# --- as text --------------------------------------------------------------------------------------------------


def as_text(told: Any, width: int = WIDTH) -> str:
    """An element of :func:`tree` as plain text; links in full."""
    # Scrubbed again: what stood in two elements stands side by side here.
    return leaf("\n\n".join(_texts(told, width)))


def wrap(text: str, width: int = WIDTH, first: str = "", then: str = "") -> str:
    """Each line of ``text`` in ``width`` columns; only spaces break, so that addresses stay whole."""
    done: list[str] = []
    for part in text.split("\n"):
        filled = textwrap.fill(part, width, break_long_words=False, break_on_hyphens=False, expand_tabs=False,
                               initial_indent=first if not done else then, subsequent_indent=then)  # fmt: skip
        done.append(filled)
    return "\n".join(done)


def _texts(node: Any, width: int) -> Iterator[str]:
    """The blocks of an element, in order."""
    loose = "" if node.tag in ("ul", "ol") else node.text or ""
    for child in node:
        if child.tag in _BLOCKS:
            yield from _flat(loose, width)
            yield from _block(child, width)
            loose = child.tail or ""
        else:
            loose += _inline(child) + (child.tail or "")
    yield from _flat(loose, width)


def _once(text: str) -> str:
    """With one space where there are several, or an end of line; no-break spaces stay."""
    return _LOOSE.sub(" ", text).strip()


def _flat(text: str, width: int) -> Iterator[str]:
    lines = [_once(part) for part in text.split("\v")]
    if any(lines):
        yield wrap("\n".join(lines).strip("\n"), width)


def _block(node: Any, width: int) -> Iterator[str]:
    if node.tag in ("ul", "ol"):
        yield "\n".join(_entries(node, width))
    elif node.tag == "blockquote":
        inside = "\n\n".join(_texts(node, max(width - 2, _NARROW)))
        yield "\n".join(f"> {one}".rstrip() for one in inside.split("\n"))
    elif node.tag == "pre":
        yield "\n".join(f"    {one}" for one in node.text_content().rstrip("\n").split("\n"))
    elif node.tag == "hr":
        yield "* * *"
    elif node.tag == "table":
        yield "\n".join(wrap(" | ".join(_cells(row)), width, then="  ") for row in node.iter("tr"))
    elif node.tag in ("h3", "h4"):
        yield wrap(_once(_spoken(node)), width)
    else:
        yield from _texts(node, width)


def _cells(row: Any) -> Iterator[str]:
    for cell in row:
        yield _once(_spoken(cell))


def _entries(node: Any, width: int) -> Iterator[str]:
    for number, entry in enumerate((one for one in node if one.tag == "li"), 1):
        mark = f"{number}. " if node.tag == "ol" else "- "
        inside = "\n".join(_texts(entry, max(width - len(mark), _NARROW)))
        head, *rest = inside.split("\n")
        yield "\n".join([mark + head, *(" " * len(mark) + one for one in rest)])


def _spoken(node: Any) -> str:
    return (node.text or "") + "".join(_inline(child) + (child.tail or "") for child in node)


def _inline(node: Any) -> str:
    if node.tag == "br":
        return "\v"  # told apart from the line ends of the source, which are spaces
    said = _spoken(node)
    if node.tag == "del":
        return f"~~{said}~~"
    if node.tag != "a":
        return said
    url = node.get("href", "")
    shown = url.partition(":")[2] if url.startswith(("mailto:", "tel:")) else url
    return said if " ".join(said.split()) in (url, shown) else f"{said} ({shown})"
