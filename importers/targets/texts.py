"""What others write, as we keep it: plain text from HTML, addresses without what follows people around."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from reseau.core.contacts import without_people
from resources.base.content import is_web_address, one_line

MAX_HTML = 20_000
"""Characters of a text that are looked at: an extract comes from its beginning."""
#: Python's parser looks for the end of a tag from each ``<`` on: 15 kB of ``<a `` took it 5 s. One that does not end
#: soon, or meets another first, is no tag.
_NO_TAG = re.compile(r"<(?![a-zA-Z/!?][^<>]{0,2000}>)")
_UNSEEN = frozenset({"script", "style", "head", "template", "noscript", "iframe", "object", "svg"})
_INLINE = frozenset({"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "q", "s", "small", "span",
                     "strong", "sub", "sup", "u", "wbr"})  # fmt: skip
_ENTITY = re.compile(r"&(#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
#: Parameters that say from where one came, never what one reads: Google, AT Internet (``xtor``, ``at_``: the French
#: press), Matomo, Facebook, Mailchimp, HubSpot, Microsoft, Yandex, Instagram.
_FOLLOWS = re.compile(
    r"(utm_.*|at_.*|pk_.*|mtm_.*|piwik_.*|_hs.*|xtor|xts|fbclid|gclid|gclsrc|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|"
    r"wt_mc|s_cid|ns_.*|ref_src|cmpid)",
    re.IGNORECASE,
)


class _Words(HTMLParser):
    """Gathers the words that a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag not in _INLINE:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        elif tag not in _INLINE:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def parse(reader: HTMLParser, text: str) -> None:
    """Give a page or a piece of one to a parser, in a time that grows as the text does; what makes the parser give up
    ends the reading there."""
    try:
        reader.feed(_NO_TAG.sub("&lt;", _without_comments(text)))
        reader.close()
    except AssertionError:  # ``<![<![``: Python's own
        return


def _without_comments(text: str) -> str:
    kept, start = [], 0
    while (opened := text.find("<!--", start)) >= 0:
        kept.append(text[start:opened])
        closed = text.find("-->", opened + 4)
        if closed < 0:
            return "".join(kept)
        start = closed + 3
    return "".join([*kept, text[start:]])


@lru_cache(512)  # a calendar says the same words of each date of a series
def plain(text: str) -> str:
    """One line of plain text: no tags, no entities (written twice: undone twice), no control character, no lone
    surrogate; people's addresses masked."""
    reader = _Words()
    parse(reader, text[:MAX_HTML])
    line = "".join(reader.pieces)
    if _ENTITY.search(line):
        line = html.unescape(line)
    return without_people(one_line(line))[0]


def extract(text: str, most: int) -> str:
    """The beginning of a text, cut at a word, with an ellipsis; ``most`` characters at most."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    at_word = cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut
    return at_word.rstrip(" ,;:–-") + "…"


def clean_url(url: str, base: str = "") -> str:
    """An http(s) address without what follows people around; "" for anything else.

    :param base: what a relative address is relative to.
    """
    url = "".join(url.split()) if "\n" in url or "\t" in url else url.strip()
    if not url:
        return ""
    try:
        url = urljoin(base, url) if base else url
        parts = urlsplit(url)
        query = parts.query
        if query:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
            kept = [(name, value) for name, value in pairs if not _FOLLOWS.fullmatch(name)]
            query = urlencode(kept) if len(kept) != len(pairs) else query
    except ValueError:
        return ""
    fragment = "" if _FOLLOWS.fullmatch(parts.fragment.partition("=")[0]) else parts.fragment
    clean = urlunsplit((parts.scheme.lower(), parts.netloc, parts.path, query, fragment))
    clean = clean.replace(" ", "%20")
    return clean if is_web_address(clean) else ""


def url_key(url: str) -> str:
    """What two addresses of the same page have in common: no scheme, no ``www.``, no last slash, no fragment. "" for
    the front page of a site, which many entries link to."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/")
    if not path and not parts.query:
        return ""
    return f"{host}{path}?{'&'.join(sorted(parts.query.split('&')))}" if parts.query else f"{host}{path}"
