"""Les Bases conducted whole: a real server and the polite asker; the guard; a replay from the kept raw file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from importers import conducting
from importers.conducting import Conducting, conduct, replay
from importers.lesbases import listing
from importers.lesbases.source import PUBLICS, THEMES, LesBases
from importers.models import ImportRun, ImportSource
from importers.pipeline.contract import Held, Refused, Where
from reseau.core.db import create_engine, session_factory
from reseau.settings import Settings
from resources.base.models import Resource, ResourceSource, State
from tests.conftest import SECRET, TUESDAY
from tests.importers.lesbases.standin import AUTHOR, SITE, Bases, many, small
from tests.importers.server import Reply, StandIn


class Open:
    """The little site as an asker that is opened and closed."""

    def __init__(self, bases: Bases) -> None:
        self.bases = bases

    def __enter__(self) -> Bases:
        return self.bases

    def __exit__(self, *_args: object) -> None:
        return None


@pytest.fixture
def tools(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Conducting]]:
    """Makes what conducts, without waiting; the source is registered."""
    monkeypatch.setattr(LesBases, "pace", 0.0)
    settings = Settings(secret=SECRET, data_dir=tmp_path / "var", database_url=database_url, secure_cookies=False,
                        territory_name="Roubaix", allow_private_addresses=True)  # fmt: skip
    engine = create_engine(database_url)

    def make(bases: Bases | None = None, location: str = SITE) -> Conducting:
        made = Conducting(engine, session_factory(engine), settings, clock=lambda: TUESDAY)
        with made.factory.begin() as session:
            session.add(ImportSource(name="lesbases", adapter="lesbases", title="Les Bases", location=location,
                                     complete=True))  # fmt: skip
        return Conducting(engine, made.factory, settings, clock=lambda: TUESDAY,
                          asker=(lambda _pace: Open(bases)) if bases else None)  # type: ignore[arg-type, return-value]  # fmt: skip

    yield make
    engine.dispose()


def states(tools: Conducting) -> list[str]:
    with tools.factory() as session:
        return list(session.scalars(sa.select(Resource.state).order_by(Resource.slug)))


def answering(server: StandIn, bases: Bases) -> None:
    """The little site at the address of a real server."""

    def answer(seen: Any) -> Reply:
        status, kind, body = bases.answer(seen.path)
        return Reply(status, body.encode(), {"Content-Type": f"{kind}; charset=utf-8"})

    pages = [path for item in bases.items for path in (f"/ressources/{item.slug}", f"/ressources/{item.slug}/markdown")]
    searches = [urlsplit(url).path for url in listing.searches(server.url, THEMES, PUBLICS)]
    for path in ["/api/v1/resources", *pages, *searches]:
        server.answers(path, answer)


def test_the_whole_way_over_a_real_server(tools: Callable[..., Conducting], server: StandIn) -> None:
    answering(server, small())
    made = tools(location=server.url)
    summary = conduct(made, "lesbases")
    assert (summary.read, summary.created, summary.rejected) == (2, 2, 0)
    assert summary.facts["listed"] == 6
    assert "Reseau" in server.seen[0].headers["User-Agent"]
    raws = [path for path in made.folder.rglob("*") if path.is_file()]
    assert raws
    with made.raws.open(_last(made).raw or "") as path:
        assert AUTHOR not in path.read_text()
    # The first raw file held documents, the second does not: a run of its own; the third is the second.
    assert not conduct(made, "lesbases").same
    assert conduct(made, "lesbases").same
    assert states(made) == ["published", "published"]


def _last(tools: Conducting) -> ImportRun:
    with tools.factory() as session:
        return session.scalars(sa.select(ImportRun).order_by(ImportRun.id.desc())).first()  # type: ignore[return-value]


def test_half_a_list_is_held_and_changes_nothing(tools: Callable[..., Conducting]) -> None:
    bases = many(10)
    made = tools(bases)
    conduct(made, "lesbases")
    whole, bases.items = bases.items, bases.items[:7]
    with pytest.raises(Held) as held:
        conduct(made, "lesbases")
    assert held.value.code == "trop-peu"
    assert states(made) == ["published"] * 10
    bases.items = whole[:9]
    assert conduct(made, "lesbases").absent == 1
    assert sorted(states(made)) == ["published"] * 9 + [State.WITHDRAWN.value]
    bases.items = whole
    assert conduct(made, "lesbases").updated == 1
    assert states(made) == ["published"] * 10


def test_a_coordinator_accepts_what_was_held(tools: Callable[..., Conducting]) -> None:
    bases = many(10)
    made = tools(bases)
    conduct(made, "lesbases")
    bases.items = bases.items[:7]
    with pytest.raises(Held) as held:
        conduct(made, "lesbases")
    assert held.value.run_id is not None
    assert conducting.accept(made, held.value.run_id).archived == 3


def test_another_shape_is_refused_and_changes_nothing(
    tools: Callable[..., Conducting], monkeypatch: pytest.MonkeyPatch
) -> None:
    bases = many(3)
    made = tools(bases)
    conduct(made, "lesbases")
    monkeypatch.setattr(Bases, "answer", lambda _self, _path: (200, "application/json", '{"items": []}'))
    with pytest.raises(Refused) as error:
        conduct(made, "lesbases")
    assert error.value.code == "forme-inattendue"
    assert states(made) == ["published"] * 3


def test_a_replay_asks_nobody(tools: Callable[..., Conducting]) -> None:
    bases = many(3)
    made = tools(bases)
    first = conduct(made, "lesbases")
    asked = len(bases.asked)
    assert first.run_id is not None
    with made.factory.begin() as session:  # as after a restored backup
        for row in session.scalars(sa.select(ResourceSource)):
            session.delete(row)
        session.execute(sa.delete(Resource))
    assert replay(made, first.run_id).created == 3
    assert len(bases.asked) == asked


def test_a_visit_that_is_cut_short_is_gone_on_with(tmp_path: Path) -> None:
    bases = many(6)
    source = LesBases()
    bases.broken = {f"/ressources/ressource-{number}/markdown" for number in (3, 4, 5)}
    with pytest.raises(Refused):
        source.fetch(Where(""), bases, tmp_path)
    bases.broken, bases.asked = set(), []
    bases.change("id-0001", description="Autre.", updated="2026-11-24T08:00:00.000Z")
    path = source.fetch(Where(""), bases, tmp_path).path
    assert path is not None
    texts = [one for one in bases.asked if one.endswith("/markdown")]
    assert texts == [f"/ressources/ressource-{number}/markdown" for number in (1, 3, 4, 5)]
    reads = list(source.read(path))
    assert len(reads) == 6
    assert all(read.incoming.content for read in reads)
