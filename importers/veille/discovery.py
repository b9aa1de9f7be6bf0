"""The feed that a page announces (``<link rel="alternate">``, WHATWG HTML, "feed autodiscovery")."""

from __future__ import annotations

from html.parser import HTMLParser

from importers.targets.texts import clean_url, parse

TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
MAX_PAGE = 500_000
"""Characters of a page that are looked at."""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base = ""
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = said.get("href", "")
        rel = said.get("rel", "").lower().split()
        if tag in ("link", "a") and "alternate" in rel and said.get("href"):
            type_ = said.get("type", "").lower().split(";")[0].strip()
            if type_ in TYPES:
                self.found.append((said["href"], said.get("title", "")))


def announced(page: bytes, url: str) -> str | None:
    """The address of the first feed that a page announces, or None; a feed of comments only when there is no other.

    :param url: of the page: what its links are relative to.
    """
    reader = _Links()
    parse(reader, page.decode("utf-8", "replace")[:MAX_PAGE])
    base = clean_url(reader.base, url) or url
    found = [(clean_url(href, base), title) for href, title in reader.found]
    found = [(address, title) for address, title in found if address]
    news = [address for address, title in found if "comment" not in f"{address} {title}".lower()]
    return next(iter([*news, *(address for address, _ in found)]), None)
