"""A little Les Bases in memory, with the shapes of the real one.

Its documents are those of ``data/`` (hand-written from betagouv/la-base f423629d, AGPL-3.0: shapes and labels are facts,
no code was copied; nothing in them was published by anyone).
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from importers.fetch import Answer
from importers.pipeline.contract import Refused

DATA = Path(__file__).parent / "data"
SITE = "https://lesbases.anct.gouv.fr"
HEALTH = "00000000-0000-4000-8000-000000000002"
TEENS = "00000000-0000-4000-8000-000000000003"
#: In the page of every resource, as the real one very probably has it; to be found in no table and no file.
AUTHOR = "camille.exemple@mediation.example"
PRIVATE_SLUGS = ("brouillon-jamais-publie", "publiee-puis-supprimee", "publiee-en-prive")

NO_LICENCE = '<p class="fr-text--xs">Aucune licence n’est appliquée à cette ressource</p>'
PUBLIC_DOMAIN = '<p><a href="https://www.etalab.gouv.fr/licence-ouverte-open-licence/">Domaine public</a><span>Aucun droit réservé</span></p>'
ETALAB = '<p><a href="https://www.etalab.gouv.fr/licence-ouverte-open-licence/">Licence Etalab 2.0</a></p>'
BY_SA = '<p><a href="https://creativecommons.org/licenses/by-sa/4.0/deed.fr">Licence CC BY-SA 4.0</a></p>'


@dataclass
class Item:
    """A resource there. ``themes``: (enum, label). ``page``: the whole page, "" for one that is made."""

    id: str
    slug: str
    title: str | None = "Un titre"
    themes: tuple[tuple[str, str], ...] = (("NumeriqueEnSante", "Numérique en santé"),)
    types: str = "Article"
    publics: str = ""
    description: str = "Une description des autres."
    body: str = "Un texte long."
    licence: str = ETALAB
    updated: str = "2026-03-05T10:11:12.345Z"
    public: bool = True
    deleted: str | None = None
    base: str = '<a href="/bases/sante-nord">Santé Nord</a>'
    files: tuple[str, ...] = ()
    markdown: str = ""
    page: str = ""
    no_page: bool = False

    def row(self) -> dict[str, Any]:
        """In the list."""
        shown = self.public and self.deleted is None and self.title is not None
        return {"id": self.id, "slug": self.slug, "title": self.title if shown else None,
                "created": "2024-02-01T09:00:00.000Z", "updated": self.updated, "deleted": self.deleted,
                "is_public": self.public, "published": "2024-02-02T09:00:00.000Z",
                "url": f"{SITE}/ressources/{self.slug}" if shown else None}  # fmt: skip

    def text(self) -> str:
        """Its Markdown."""
        if self.markdown:
            return self.markdown
        facets = [
            f"Thématiques : {', '.join(label for _, label in self.themes)}" if self.themes else "false",
            (f"Type de support : {self.types}" if self.types else "false") + "  ",
            f"Bénéficiaires : {self.publics}" if self.publics else "false",
            "false",
        ]
        return f"# {self.title}\n\n{self.description}\n\n" + "\n\n".join(facets) + f"\n\n\n\n{self.body}\n"

    def view(self) -> str:
        """Its page."""
        if self.page:
            return self.page
        hooks = "".join(f'<a data-testid="resource-indexation-themes-{word}">x</a>' for word, _ in self.themes)
        links = "".join(f'<div data-testid="content-file"><a href="{html.escape(url)}" download="{url[-12:]}">T</a></div>'
                        for url in self.files)  # fmt: skip
        return (
            f'<html><body><div data-testid="resource-view"><p>Publiée dans la base {self.base}</p>'
            f'<div data-testid="content-link"><a href="https://creativecommons.org/licenses/by-sa/4.0/">autre</a></div>'
            f'{links}<div id="informations">{hooks}{self.licence}</div></div>'
            f'<script>self.__next_f.push([1,"{{\\"createdBy\\":{{\\"email\\":\\"{AUTHOR}\\"}}}}"])</script></body></html>'
        )


@dataclass
class Bases:
    """The site. ``asked``: paths with their queries. ``broken``: paths that answer with an error."""

    items: list[Item]
    asked: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def change(self, id_: str, **changes: Any) -> None:
        """Edit a resource there."""
        self.items = [replace(item, **changes) if item.id == id_ else item for item in self.items]

    def get(self, url: str, *, max_bytes: int) -> Answer:
        """What ``Asker.get`` gives."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.asked.append(path)
        if path in self.broken:
            raise Refused("telechargement", error="503")
        status, kind, body = self.answer(path)
        return Answer(status, body.encode(), kind, url, {})

    def answer(self, path: str) -> tuple[int, str, str]:
        """(status, media type, body)."""
        parts = urlsplit(path)
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        if parts.path == "/api/v1/resources":
            return 200, "application/json", json.dumps({"data": [item.row() for item in self.items]})
        if steps[0] == "rechercher":
            return 200, "text/html", self._results(parse_qs(steps[1]), int(parse_qs(parts.query)["page"][0]))
        item = next((one for one in self.items if len(steps) > 1 and one.slug == steps[1]), None)
        if item is None or not item.public or item.deleted:
            return 404, "image/webp", "not-found"
        if steps[-1] == "markdown":
            return 200, "text/markdown", item.text()
        return (404, "text/html", "<h1>404</h1>") if item.no_page else (200, "text/html", item.view())

    def _results(self, asked: dict[str, list[str]], page: int) -> str:
        """16 a page; beyond the end, the last one."""
        words = set(asked.get("thematiques", []))
        found = [item for item in self.items if item.public and not item.deleted and not item.no_page
                 and words & {word for word, _ in item.themes}]  # fmt: skip
        page = min(page, max(1, -(-len(found) // 16)))
        cards = (f'<li><a data-testid="resource-card-link" href="/ressources/{html.escape(one.slug)}">{one.title}</a></li>'
                 for one in found[16 * (page - 1) : 16 * page])  # fmt: skip
        return f"<html><body><ul>{''.join(cards)}</ul></body></html>"


def small() -> Bases:
    """The six rows of the stand-in list, with the documents of ``data/`` for the one about health."""
    rows = json.loads((DATA / "api-v1-resources.json").read_text())["data"]
    items = [Item(row["id"], row["slug"], row["title"], public=row["is_public"], deleted=row["deleted"],
                  updated=row["updated"]) for row in rows]  # fmt: skip
    bases = Bases(items)
    script = f'<script>self.__next_f.push([1,"{AUTHOR}"])</script></body>'
    bases.change(HEALTH, markdown=(DATA / "resource-full.md").read_text(),
                 page=(DATA / "resource-page.html").read_text().replace("</body>", script))  # fmt: skip
    bases.change("00000000-0000-4000-8000-000000000001", themes=(), types="",
                 markdown=(DATA / "resource-empty-indexation.md").read_text())  # fmt: skip
    return bases


def many(count: int) -> Bases:
    """So many public resources about health."""
    return Bases([Item(f"id-{n:04}", f"ressource-{n}", f"Ressource {n}") for n in range(count)])
