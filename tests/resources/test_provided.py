"""What an import brought: written again by imports only as long as no person wrote it. Both engines."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reseau.core.changes import Change
from resources.base import provided, services
from resources.base.content import Content
from resources.base.models import Resource, ResourceSource, State
from resources.base.provided import Incoming, Provided
from resources.base.shapes import Kind
from tests.resources.conftest import Base

_numbers = itertools.count(1)


def one(**changes: Any) -> Incoming:
    """A link of a source that nobody else has."""
    number = next(_numbers)
    url = f"https://source.example.fr/{number}"
    content = Content(Kind.LIEN, f"Lien {number}", summary="De la source.", themes=("numerique_en_sante",), url=url,
                      licence="etalab-2.0")  # fmt: skip
    return replace(Incoming(f"s{number}", url, datetime(2026, 1, 1, tzinfo=UTC), content, "d1", "etalab-2.0",
                            said={"nom": "La source"}), **changes)  # fmt: skip


def again(first: Incoming, digest: str = "d2", **changes: Any) -> Incoming:
    """The same, with another content."""
    assert first.content is not None
    return replace(first, digest=digest, content=replace(first.content, **changes))


@pytest.fixture
def run(base: Base) -> Callable[..., Counter[str]]:
    """Applies records as a run of their own source."""

    def apply(*records: Incoming, source: str = "source", gone: bool = False) -> Counter[str]:
        with base.site.sessions() as session:
            work = Provided(session, source, base.site.clock.now)
            counts = work.absent(set()) if gone else work.apply(records)
            session.commit()
            return counts

    return apply


def row_of(base: Base, incoming: Incoming, source: str = "source") -> ResourceSource:
    (row,) = base.rows(ResourceSource, ResourceSource.source_id == incoming.source_id, ResourceSource.source == source)
    return row


def read(base: Base, incoming: Incoming, source: str = "source") -> Content:
    """What readers see."""
    with base.site.sessions() as session:
        resource = session.get_one(Resource, row_of(base, incoming, source).resource_id)
        found = services.current(session, resource)
        assert found is not None
        return found.content


def by_a_person(base: Base, incoming: Incoming, action: Callable[[Any, Resource], None]) -> None:
    with base.site.sessions() as session:
        action(session, session.get_one(Resource, row_of(base, incoming).resource_id))
        session.commit()


def test_created_then_changed_then_the_same(base: Base, run: Any) -> None:
    first = one()
    assert run(first) == Counter(created=1)
    second = again(first, summary="Autre.")
    assert run(second) == Counter(updated=1)
    assert read(base, first).summary == "Autre."
    log = len(base.rows(Change))
    assert run(second) == run(replace(second, content=None)) == Counter(unchanged=1)
    assert run(replace(second, digest="d3")) == Counter(unchanged=1), "what is taken is the same"
    assert len(base.rows(Change)) == log
    assert run(replace(one(), content=None)) == Counter(unchanged=1), "never read: nothing is made of it"


def test_its_kind_and_address_stay(base: Base, run: Any) -> None:
    first = one()
    run(first)
    address = base.at(row_of(base, first).resource_id)
    run(again(first, kind=Kind.OUTIL, title="Un outil"))
    assert (base.at(row_of(base, first).resource_id), read(base, first).title) == (address, "Un outil")


def edited(base: Base) -> Callable[[Any, Resource], None]:
    def edit(session: Any, resource: Resource) -> None:
        content = replace(services.working(session, resource), summary="D’une personne.")
        how = {"by": base.people["coordination"], "now": base.site.clock.now}
        services.save_draft(session, resource, content, seen_rev=None, **how)
        services.publish(session, resource, **how)

    return edit


def test_what_a_person_edited_is_not_overwritten_but_its_address_follows(base: Base, run: Any) -> None:
    first = one()
    run(first)
    by_a_person(base, first, edited(base))
    moved = replace(
        again(first, summary="Autre.", url="https://source.example.fr/neuf"), url="https://source.example.fr/neuf"
    )
    assert run(moved) == Counter(updated=1)
    content, row = read(base, first), row_of(base, first)
    assert (content.summary, content.url) == ("D’une personne.", "https://source.example.fr/neuf")
    assert row.changed_at == base.site.clock.now
    assert row.url == "https://source.example.fr/neuf"
    run(replace(again(moved, "d9", summary="Encore."), url=moved.url))
    assert read(base, first).summary == "D’une personne.", "the address was written by nobody: still a person's"


def test_what_a_person_is_writing_is_left_alone(base: Base, run: Any) -> None:
    first = one()
    run(first)

    def draft(session: Any, resource: Resource) -> None:
        content = replace(services.working(session, resource), summary="En cours.")
        services.save_draft(session, resource, content, seen_rev=None, by=base.people["coordination"],
                            now=base.site.clock.now)  # fmt: skip

    by_a_person(base, first, draft)
    run(again(first, summary="Autre."))
    with base.site.sessions() as session:
        resource = session.get_one(Resource, row_of(base, first).resource_id)
        assert services.working(session, resource).summary == "En cours."
    assert read(base, first).summary == "De la source."


def test_gone_and_back(base: Base, run: Any) -> None:
    first = one()
    run(first, source="partante")
    assert run(source="partante", gone=True) == Counter(absent=1, archived=1)
    assert run(source="partante", gone=True) == Counter()
    with base.site.sessions() as session:
        assert provided.known(session, "partante") == {first.source_id: {"updated": "", "url": first.url, "rules": ""}}
        assert provided.present_count(session, "partante") == 0
    assert run(replace(first, content=None), source="partante") == Counter(unchanged=1), (
        "an old file brings nothing back"
    )
    assert base.resource(row_of(base, first, "partante").resource_id).state == State.WITHDRAWN.value
    assert run(first, source="partante") == Counter(updated=1)
    assert base.resource(row_of(base, first, "partante").resource_id).state == State.PUBLISHED.value


def test_what_the_coordination_withdrew_stays_withdrawn(base: Base, run: Any) -> None:
    first = one()
    run(first, source="retiree")
    with base.site.sessions() as session:
        resource = session.get_one(Resource, row_of(base, first, "retiree").resource_id)
        services.withdraw(session, resource, base.site.clock.now)
        session.commit()
    run(again(first, summary="Autre."), source="retiree")
    assert run(source="retiree", gone=True) == Counter(absent=1)
    run(first, source="retiree")
    assert base.resource(row_of(base, first, "retiree").resource_id).state == State.WITHDRAWN.value


def test_sources_do_not_see_each_other(base: Base, run: Any) -> None:
    first = one()
    assert run(first, source="a") == run(first, source="b") == Counter(created=1)
    assert run(source="a", gone=True) == Counter(absent=1, archived=1)
    assert base.resource(row_of(base, first, "b").resource_id).state == State.PUBLISHED.value


def test_the_list_says_where_it_comes_from_without_a_statement_more(base: Base, run: Any) -> None:
    first = one()
    run(first)
    written_here = base.published()
    base.site.reindex()
    page = base.browser("membre").get("/ressources?type=lien")
    assert 'Vient de <bdi lang="fr">La source</bdi>' in page.text
    items = {item["id"]: item for item in page.test_app.get("/ressources.json").json["items"]}
    assert items[str(row_of(base, first).resource_id)]["vient_de"] == "La source"
    assert items[str(written_here.id)]["vient_de"] is None
