"""Files of forms: what waits beside an owner, what comes when a change is saved; on both engines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from reseau.core.ids import new_id
from resources.base.models import AttachedFile
from resources.files import attached, forming, sweeping
from tests.resources.conftest import Base

KIND = "essai"


@pytest.fixture
def owner(base: Base, monkeypatch: pytest.MonkeyPatch) -> tuple[str, UUID]:
    """One that is there."""
    made = new_id()
    monkeypatch.setattr(attached, "_EXISTS", dict(attached._EXISTS))
    forming.register(KIND, lambda _session, ids: {made} & set(ids))
    return KIND, made


def text() -> bytes:
    """A text that nobody has."""
    return str(new_id()).encode()


def give(base: Base, owner: tuple[str, UUID], who: str, content: bytes, name: str) -> str:
    with base.site.sessions.begin() as session:
        staged = base.files.stage([content])
        now = base.site.clock.now
        return attached.attach(session, base.files, owner, staged, name, base.people[who], None, now, None).sha


def names(base: Base, owner: tuple[str, UUID]) -> list[str]:
    with base.site.sessions() as session:
        return sorted(one.ref.name for one in attached.of(session, owner[0], [owner[1]]).get(owner[1], []))


def do(base: Base, action: Any, *args: Any) -> Any:
    with base.site.sessions.begin() as session:
        return action(session, *args)


def test_what_waits_comes_and_what_is_ticked_goes(base: Base, owner: tuple[str, UUID]) -> None:
    me, same = base.people["membre"], text()
    gone, waiting = give(base, owner, "membre", text(), "part.txt"), forming.waiting(owner, me)
    give(base, owner, "voisine", same, "reste.txt")
    give(base, waiting, "membre", same, "la-meme.txt")
    give(base, waiting, "membre", text(), "vient.txt")
    theirs = forming.waiting(owner, base.people["voisine"])
    give(base, theirs, "voisine", same, "autre.txt")
    assert names(base, owner) == ["part.txt", "reste.txt"]
    for _twice in range(2):
        do(base, forming.settle, owner, me, [gone, "../../etc/passwd"])
        assert names(base, owner) == ["reste.txt", "vient.txt"]
    assert (names(base, waiting), names(base, theirs)) == ([], ["autre.txt"])


def test_no_id_that_a_form_sends_leads_to_what_waits(base: Base, owner: tuple[str, UUID]) -> None:
    me = base.people["membre"]
    kind, id_ = forming.waiting(owner, me)
    assert kind not in {KIND, "post", "group-document"}
    give(base, (KIND, id_), "voisine", text(), "intrus.txt")
    do(base, forming.settle, owner, me, [])
    assert names(base, owner) == []
    assert do(base, forming.theirs, (KIND, id_), me)
    assert not do(base, forming.theirs, (KIND, id_), base.people["voisine"])
    assert do(base, forming.mine, (KIND, id_), me) == []


def test_what_waits_goes_with_its_owner_or_after_a_week(base: Base, owner: tuple[str, UUID]) -> None:
    me, other = (forming.waiting(owner, base.people[who]) for who in ("membre", "voisine"))
    for where in (owner, me, other):
        give(base, where, "membre", text(), "a.txt")
    do(base, forming.drop_all, owner, base.people["membre"])
    assert [names(base, where) for where in (owner, me, other)] == [[], [], ["a.txt"]]
    do(base, sweeping.drop_ownerless, base.site.clock.now + timedelta(days=6))
    assert names(base, other) == ["a.txt"]
    do(base, sweeping.drop_ownerless, base.site.clock.now + timedelta(days=8))
    assert not base.rows(AttachedFile, AttachedFile.owner_id == other[1])
