"""The list of resources at 200 of them, against a bare Pyramid page of the same HTML, in the same run and process."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from webtest import TestApp

from bench.one_size import build_index, make_site, measure_one
from reseau.core import migrations
from reseau.core.clock import utcnow
from reseau.core.db import create_engine, session_factory
from resources.base import services
from resources.base.content import Block, Content
from resources.base.shapes import BlockKind, Kind

COUNT = 200
PAGES = {
    "liste": "/ressources", "un mot": "/ressources?q=bouton",
    "filtres": "/ressources?q=compte&type=tutoriel&niveau=debutant",
    "pour tout": "/recherche?q=bouton",
}  # fmt: skip
WORDS = (
    "ordonnance",
    "agenda",
    "pharmacie",
    "imprimante",
    "courrier",
    "mutuelle",
    "vaccin",
    "photo",
    "tablette",
    "carte",
)


def content(number: int) -> Content:
    """A tutorial of ten steps, as long as those of the starter content; its titles do not say all of its words."""
    word = WORDS[number % len(WORDS)]
    text = f"Ouvrez la page. Cherchez « {word} », puis appuyez sur le bouton vert. Attendez que la page change. " * 3
    steps = tuple(
        Block(f"etape-{n}", "etapes", BlockKind.ETAPE, title=f"Geste {n}", text=f"{text} Vous êtes à l’étape {n}.")
        for n in range(10)
    )
    return Content(
        Kind.TUTORIEL, f"Créer un compte {word} {number}", summary=f"Pour {word}, en dix gestes.", blocks=steps,
        themes=("numerique_en_sante",), demarches=("ameli",), niveau="debutant" if number % 2 else "avance",
    )  # fmt: skip


def floor(html: str) -> TestApp:
    """A page that renders the same HTML from constants."""
    lines = html.splitlines()
    config = Configurator(settings={"jinja2.filters": {}})
    config.include("pyramid_jinja2")
    config.add_jinja2_search_path("bench:")
    config.add_route("page", "/ressources")
    config.add_view(lambda _request: {"lines": lines}, route_name="page", renderer="constants.jinja2")
    return TestApp(config.make_wsgi_app())


def measure(folder: Path) -> dict[str, Any]:
    """p50 and p95 of each page, of its 304, and of the floor, in milliseconds."""
    url = f"sqlite:///{folder / 'reseau.sqlite3'}"
    engine = create_engine(url)
    migrations.upgrade(engine)
    with session_factory(engine)() as session:
        for number in range(COUNT):
            made = services.create(session, content(number), by=None, structure_id=None, now=utcnow())
            services.publish(session, made, by=None, now=utcnow())
        session.commit()
    engine.dispose()
    wsgi, app = make_site(url, folder)
    build_index(wsgi)
    first = {name: app.get(path) for name, path in PAGES.items()}
    found: dict[str, Any] = {name: measure_one(lambda path=path: app.get(path)) for name, path in PAGES.items()}  # type: ignore[misc]
    known = {"If-None-Match": first["liste"].headers["ETag"]}
    found["304"] = measure_one(lambda: app.get("/ressources", headers=known, status=304))
    bare = floor(first["liste"].text)
    found["nu"] = measure_one(lambda: bare.get("/ressources"))
    return {"ressources": COUNT, "pages": found}


def main() -> None:
    """Print it alone: ``python -m bench.resources_page``."""
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(Path(name))), file=sys.stdout)


if __name__ == "__main__":
    main()
