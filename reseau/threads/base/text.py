"""What people write in the exchanges: Markdown without HTML, with mentions and bare addresses made into links.

A mention is ``@`` and the handle of a person or a place (its name folded into a slug). Which handle is whom was decided
when the post was written (``Post.mentions``); the page only shows it. Nothing is fetched to show a link.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from reseau.core.markdown import TAGS
from reseau.core.vocabularies import fold

#: A handle begins after a space or at the beginning: an address of mail is no mention.
HANDLE = re.compile(r"(?<![\w.@/-])@(\w(?:[\w-]{0,78}\w)?)(?![\w@])")
#: A bare address ends before the punctuation of the sentence.
_URL = re.compile(r"https?://[^\s<>\"“”«»]*[^\s<>\"“”«».,;:!?)\]'’]")
#: Characters of a text whose HTML is kept: two thousand long ones would fill the memory.
_KEPT = 4_000
#: What nobody writes for others to read: its Markdown would cost a tenth of a second each time that it is shown.
_MOST_LINES, _MOST_BRACKETS, _MOST_RUN, _MOST_MARKS = 2_000, 400, 50, 3_000
_RUN = re.compile(rf"(?:!?\[){{{_MOST_RUN + 1}}}")
#: Groups of digits, as of a telephone number: between letters written from right to left their order would turn.
_DIGITS = r"(?<!\w)\+?\d+(?:[ \u00a0\u202f./-]\d+)+(?!\w)"
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_ARABIC, _LETTER = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"), re.compile(r"[^\W\d_]")


def handle(name: str) -> str:
    """What is typed after ``@`` for this name: ``Marie Dupont`` → ``marie-dupont``; letters of any script."""
    return "-".join(re.findall(r"\w+", fold(name)))[:80].strip("-")


def handles(text: str) -> list[str]:
    """The handles that a text mentions, in order, once each."""
    return list(dict.fromkeys(handle(found) for found in HANDLE.findall(text)))


def links(text: str) -> list[str]:
    """The addresses that a text names: bare ones, and those of Markdown links."""
    if _heavy(text):
        return []
    tokens = _parser().parse(text, {"mentions": {}})
    found = [child.attrs.get("href") for token in tokens for child in token.children or () if child.type == "link_open"]
    return list(dict.fromkeys(str(one) for one in found if one))


def to_html(text: str, mentions: Sequence[Any] = (), script_name: str = "") -> str:
    """Safe HTML of a post. :param mentions: as stored. :param script_name: where the site is mounted."""
    make = _kept if len(text) < _KEPT else _html
    return make(text, json.dumps(list(mentions), sort_keys=True), script_name)


def _html(text: str, mentions: str, script_name: str) -> str:
    if _heavy(text):
        parts = re.split(r"\n{2,}", escape(text.replace("\r", "")))
        return "".join(f"<p>{part}</p>" for part in ("<br>".join(one.split("\n")) for one in parts))
    known = {one["handle"]: one for one in json.loads(mentions)}
    env = {"mentions": known, "script_name": script_name, "rtl": bool(_RTL.search(text))}
    return nh3.clean(
        _parser().render(text, env),
        tags=TAGS | {"span", "bdi"},
        attributes={"a": {"href"}, "span": {"class"}, "bdi": {"dir"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener",
    )


def _heavy(text: str) -> bool:
    """Whether a text is shown as it was typed, its mark-up not read."""
    return (
        text.count("\n") > _MOST_LINES or text.count("[") > _MOST_BRACKETS or bool(_RUN.search(text))
        or sum(map(text.count, "*_`<&\\]!")) > _MOST_MARKS
    )  # fmt: skip


_kept = functools.lru_cache(2_000)(_html)


def veiled(text: str, mentions: Sequence[Any] | None = None) -> str:
    """A text for who may not know names: handles of people become ``@…``. :param mentions: None: every handle does."""
    people = None if mentions is None else {one["handle"] for one in mentions if one["kind"] == "person"}
    return HANDLE.sub(lambda found: "@…" if people is None or handle(found[1]) in people else found[0], text)


def plain(text: str, most: int = 300) -> str:
    """The beginning of a post as plain words, for lists and mails: no mark-up, no line break, cut at a word."""
    text = text[: most * 8]
    said = [text] if _heavy(text) else _words(_parser().parse(text, {"mentions": {}}))
    words = " ".join(" ".join(said).split())
    if len(words) <= most:
        return words
    return words[: most + 1].rsplit(" ", 1)[0][:most].rstrip() + "…"


def guess_lang(text: str, otherwise: str) -> str:
    """The language of a text whose author said nothing of it: Arabic if most of its letters are, else ``otherwise``."""
    arabic, letters = len(_ARABIC.findall(text)), len(_LETTER.findall(text))
    if letters and arabic * 2 > letters:
        return otherwise if otherwise.split("-")[0] in ("ar", "fa", "ps", "ur", "ckb") else "ar"
    return "fr" if otherwise.split("-")[0] == "ar" and letters else otherwise


@functools.cache
def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    made.disable("image")  # a picture is attached, never fetched from elsewhere
    made.core.ruler.push("names", _names)
    return made


def _names(state: StateCore) -> None:
    """Core rule: in the words of a text, mentions and bare addresses become what they are."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_split(block.children, state.env))


def _split(tokens: list[Token], env: Any) -> Iterator[Token]:
    inside, rtl = 0, bool(env.get("rtl"))
    for token in tokens:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or inside:
            yield token
            continue
        at = 0
        for found in _KNOWN[rtl].finditer(token.content):
            made = list(_made(found, env))
            if made:
                yield _text(token.content[at : found.start()])
                yield from made
                at = found.end()
        yield _text(token.content[at:])


#: What becomes something else in words; and in those of a text written from right to left.
_KNOWN = (
    re.compile(f"{_URL.pattern}|{HANDLE.pattern}|(?P<digits>(?!))"),
    re.compile(f"{_URL.pattern}|{HANDLE.pattern}|(?P<digits>{_DIGITS})"),
)


def _made(found: re.Match[str], env: Any) -> Iterator[Token]:
    if found["digits"]:
        yield from (_inline('<bdi dir="ltr">'), _text(found["digits"]), _inline("</bdi>"))
    elif found[1] is None:
        yield from _link(found[0], found[0])
    elif mention := env["mentions"].get(handle(found[1])):
        name = f"@{mention['name']}"
        if mention.get("path"):
            yield from _link(f"{env.get('script_name', '')}{mention['path']}", name)
        else:
            yield _inline(f'<span class="mention">{escape(name)}</span>')


def _link(href: str, text: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": href})
    yield _text(text)
    yield Token("link_close", "a", -1)


def _inline(html: str) -> Token:
    made = Token("html_inline", "", 0)
    made.content = html
    return made


def _text(content: str) -> Token:
    made = Token("text", "", 0)
    made.content = content
    return made


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is not None:
            yield "".join(" " if one.type in ("softbreak", "hardbreak") else one.content for one in token.children
                          if one.type != "html_inline")  # fmt: skip
        elif token.type in ("code_block", "fence"):
            yield token.content
