"""A feed as a source of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importers.pipeline.contract import Fetched, Problem, Read, Refused, Where
from importers.targets.watch import Watch
from importers.veille.cleaning import Rules, clean, newest, read_words
from importers.veille.discovery import announced
from importers.veille.formats import MAX_BYTES, is_feed, read_feed

if TYPE_CHECKING:
    from importers.fetch import Asker

MOST = 200
"""Entries of one run."""
#: What is said of an entry that is left out on purpose: it is no mistake of the feed.
LEFT_OUT = "entree-hors-sujet"


class Veille:
    """Reads a feed; see :class:`importers.pipeline.contract.Source`. Options, all texts: ``words``, ``without`` (see
    ``cleaning.read_words``), ``theme`` (code of ``themes``), ``lang`` (of what it says; "": as the feed says)."""

    def __init__(self, name: str = "veille", options: Mapping[str, Any] | None = None) -> None:
        said = dict(options or {})
        self.name, self.options, self.target = name, said, Watch()
        text = {key: str(said.get(key) or "") for key in ("words", "without", "theme", "lang")}
        self._rules = Rules(read_words(text["words"]), read_words(text["without"]), text["theme"], text["lang"])

    @property
    def rules(self) -> str:
        """Other rules read the same file again."""
        return f"veille-1 {self._rules!r}"

    def fetch(self, where: Where, asker: Asker, folder: Path) -> Fetched:
        """The feed; of a page, the one that it announces (the page is asked each time: its feed may move)."""
        known = {"If-None-Match": where.etag or "", "If-Modified-Since": where.last_modified or ""}
        conditions = {name: value for name, value in known.items() if value}
        answer = asker.get(where.location, max_bytes=MAX_BYTES, headers=conditions)
        if answer.status == 200 and not is_feed(answer.content):
            if (address := announced(answer.content, answer.url)) is None:
                raise Refused("flux-absent" if b"<html" in answer.content[:4096].lower() else "flux-illisible")
            answer = asker.get(address, max_bytes=MAX_BYTES, headers=conditions)
        if answer.status == 304:
            return Fetched(None, where.etag, where.last_modified)
        if answer.status != 200:
            raise Refused("telechargement", error=f"le serveur répond {answer.status}")
        path = folder / "flux"
        path.write_bytes(answer.content)
        return Fetched(path, answer.etag, answer.last_modified)

    def check(self, path: Path) -> Mapping[str, Any]:
        """Read it whole."""
        feed = read_feed(_content(path))
        return {"format": feed.format, "title": feed.title[:200], "entries": len(feed.entries)}

    def read(self, path: Path) -> Iterator[Read]:
        """Its newest entries that the rules keep; an entry twice in the feed is read once."""
        feed = read_feed(_content(path))
        seen: set[str] = set()
        for row, said in enumerate(newest(feed.entries, MOST), 1):
            found = clean(said, self._rules, feed.base)
            if isinstance(found, str):
                if found != LEFT_OUT:
                    yield Read(row, None, (Problem(row, None, None, found, said.url[:200] or said.id[:200]),))
            elif found.guid not in seen:
                seen.add(found.guid)
                yield Read(row, found, parts=found.parts)


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise Refused("trop-gros")
    return path.read_bytes()
