"""A reader of feeds, as good ones are: asks with what it was given, walks the archives it has not read, forgets what is
gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.feeds.syndication.validator import AT, A

Seen = list[tuple[str, str]]
"""(id, title as it is now, or "" for gone) of what a poll told, the oldest first."""


@dataclass
class Poller:
    """:param app: a browser. ``known``: id → (title, updated). ``asked``: answers, by status."""

    app: Any
    address: str
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    archives: set[str] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def poll(self) -> Seen:
        """What is new since the last time."""
        answer = self.app.get(self.address, headers=self.headers)
        self.asked.append(answer.status_int)
        if answer.status_int == 304:
            return []
        self.headers = {"If-None-Match": answer.headers["ETag"]}
        documents = [ElementTree.fromstring(answer.body)]
        while (link := _link(documents[-1], "prev-archive")) and link not in self.archives:
            self.archives.add(link)
            documents.append(ElementTree.fromstring(self.app.get(_path(link)).body))
        return [one for document in reversed(documents) for one in self._told(document)]

    def _told(self, document: Any) -> Seen:
        told: Seen = []
        for entry in reversed(document.findall(A + "entry")):
            id_, title, updated = (entry.findtext(A + tag) for tag in ("id", "title", "updated"))
            if self.known.get(id_) != (title, updated):
                self.known[id_] = (title, updated)
                told.append((id_, title))
        for gone in reversed(document.findall(AT + "deleted-entry")):
            if self.known.pop(gone.get("ref"), None):
                told.append((gone.get("ref"), ""))
        return told


def _link(document: Any, rel: str) -> str:
    return next((link.get("href") for link in document.findall(A + "link") if link.get("rel") == rel), "")


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
