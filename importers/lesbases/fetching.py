"""Asking Les Bases, politely: the list once, the searches of the chosen themes, then what changed, one at a time.

At most four requests a second (``LesBases.pace``): it is somebody else's site, and nothing here is urgent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from importers.fetch import Answer, Asker
from importers.lesbases import bundle, documents, listing
from importers.lesbases.listing import Entry
from importers.pipeline.contract import Fetched, Refused, Where

SITE = "https://lesbases.anct.gouv.fr"
LIST_BYTES, PAGE_BYTES = 30 << 20, 8 << 20
#: 16 resources a page: more than Les Bases has.
MAX_PAGES = 400
#: Failures in a row after which the site is taken to be down.
MOST_FAILURES = 3
#: Resources that are the same there, and are read again in one visit since our rules changed; the rest in later ones.
MOST_AGAIN = 200


class Session:
    """One visit. :param asker: of the pace of ``LesBases``."""

    def __init__(self, asker: Asker, site: str) -> None:
        self.asker, self.site = asker, site

    def get(self, url: str, max_bytes: int = PAGE_BYTES) -> Answer:
        """An answer. :raises Refused:"""
        return self.asker.get(url, max_bytes=max_bytes)

    def entries(self) -> listing.Listing:
        """All public resources. :raises Refused:"""
        answer = self.get(f"{self.site}/api/v1/resources", LIST_BYTES)
        if answer.status != 200:
            raise Refused("telechargement", error=f"réponse {answer.status} à la liste")
        return listing.read(answer.content, self.site)

    def slugs(self, themes: Sequence[str], publics: Sequence[str]) -> set[str]:
        """Of the resources of the chosen themes or publics. :raises Refused: the pages show no resource at all."""
        found: set[str] = set()
        for search in listing.searches(self.site, themes, publics):
            seen: set[str] = set()
            for number in range(1, MAX_PAGES + 1):
                answer = self.get(f"{search}&page={number}")
                if answer.status != 200 or not _is(answer, "text/html"):
                    raise Refused("telechargement", error=f"réponse {answer.status} à une recherche")
                new = set(listing.cards(answer.content)) - seen
                if not new:  # beyond the end, it shows the last page again
                    break
                seen |= new
            found |= seen
        if not found and (themes or publics):
            raise Refused("forme-inattendue", what="pages de recherche sans ressource")
        return found

    def document(self, entry: Entry) -> dict[str, Any]:
        """A line of the raw file: ``entry``, and ``doc`` or ``failed``. :raises Refused:"""
        line: dict[str, Any] = {"entry": entry.as_dict()}
        address = listing.page_address(self.site, entry.slug)
        text = self.get(f"{address}/markdown")
        # A page that is missing says "not-found" under the type of an image, which caches keep for a year.
        if text.status != 200 or not _is(text, "text/markdown"):
            return {**line, "failed": "texte-absent"}
        head = documents.head(text.content.decode("utf-8", "replace"))
        if head is None:
            return {**line, "failed": "texte-illisible"}
        html = self.get(address)
        if html.status != 200:  # of a base that was deleted: its Markdown stays, and nobody can open it
            return {**line, "failed": "page-absente"}
        page = documents.page(html.content, self.site) if _is(html, "text/html") else None
        return {**line, "doc": _taken(head, page or documents.Page())}


def _is(answer: Answer, wanted: str) -> bool:
    return (answer.content_type or "").partition(";")[0].strip().casefold() == wanted


def _taken(head: documents.Head, page: documents.Page) -> dict[str, Any]:
    """What is kept of a resource; of one without a licence neither description nor files."""
    files = documents.named(page.files, head.files) if page.licence else []
    return {**page.as_dict(), "facets": head.facets, "text": head.digest, "files": files,
            "description": head.description if page.licence else ""}  # fmt: skip


def site_of(location: str) -> str:
    """The address of the site of a source; that of Les Bases when it gives none."""
    parts = urlsplit(location.strip())
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else SITE


def fetch(
    where: Where, session: Session, folder: Path, themes: Sequence[str], publics: Sequence[str], rules: str = ""
) -> Fetched:
    """Write the raw file: all resources of the chosen themes and those that we have, with a document where changed.

    A file that a dead process left in ``folder`` is gone on with: what it had read, and is still the same in the list,
    is not asked for again.

    :param rules: version of what reads: of the resources that others have read, some are read again.
    :raises Refused: nothing is to be changed.
    """
    found = session.entries()
    wanted = session.slugs(themes, publics)
    chosen = [one for one in found.public if one.id in where.known or one.slug in wanted]
    chosen.sort(key=lambda one: one.id)
    path = folder / "lesbases.jsonl"
    begun, again = bundle.left(path, rules), _again(chosen, where.known, rules)
    top = {"format": bundle.FORMAT, "lines": len(chosen), "rows": found.rows, "public": len(found.public),
           "columns": found.columns, "themes": list(themes), "publics": list(publics), "rules": rules}  # fmt: skip
    failures = 0
    with path.open("w", encoding="utf-8") as out:
        out.write(bundle.dumped(top))
        for entry in chosen:
            line = begun.get(entry.id)
            if line is None or line["entry"] != entry.as_dict():
                known = None if entry.id in again else where.known.get(entry.id)
                line, failures = _line(session, entry, known, failures)
            out.write(bundle.dumped(line))
            out.flush()  # what a visit that is cut short had read is not asked for again
    return Fetched(path)


def _line(session: Session, entry: Entry, known: Any, failures: int) -> tuple[dict[str, Any], int]:
    """The line of a resource, and how many could not be read in a row. :raises Refused: too many."""
    if is_same(entry, known):
        return {"entry": entry.as_dict()}, 0
    try:
        return session.document(entry), 0
    except Refused as error:
        # One that fails is read next time; the others need not wait for it.
        if failures + 1 >= MOST_FAILURES or error.code in ("adresse-interdite", "trop-tard"):
            raise
        return {"entry": entry.as_dict(), "failed": "telechargement"}, failures + 1


def _again(chosen: Sequence[Entry], known: Mapping[str, Any], rules: str) -> Set[str]:
    """Ids of those that are the same there and were read by other rules: at most ``MOST_AGAIN``.

    Not always the first: some may be unreadable by the rules of today, and must not keep the others waiting. Which ones
    depends on all that the list says, which changes each day.
    """
    stale = [one.id for one in chosen if is_same(one, known.get(one.id)) and known[one.id].get("rules") != rules]
    if len(stale) <= MOST_AGAIN:
        return frozenset(stale)
    today = hashlib.sha256("\n".join(f"{one.id} {one.updated}" for one in chosen).encode()).hexdigest()
    return frozenset(sorted(stale, key=lambda id_: hashlib.sha256(f"{today} {id_}".encode()).digest())[:MOST_AGAIN])


def is_same(entry: Entry, known: Any) -> bool:
    """Whether the list says nothing new of a resource that we have."""
    if not isinstance(known, Mapping) or known.get("url") != entry.url:
        return False
    then, now = listing.moment(str(known.get("updated") or "")), listing.moment(entry.updated)
    return then is not None and then == now
