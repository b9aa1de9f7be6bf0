"""The log as documents: windows, archives, deletions; expected rows are counted by hand."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication import publishers, reading
from feeds.syndication.reading import Document, Part, Selection
from reseau.core.changes import Change, Op, record_narrowed
from reseau.core.ids import new_id
from tests.feeds.syndication.essays import KIND, PLACE, Essays

ALL = Selection((KIND,))
pytestmark = pytest.mark.usefixtures("short")


def titles(document: Document) -> list[str]:
    return [one.item.title for one in document.entries]


def current(session: Session, selection: Selection = ALL) -> Document:
    return reading.document(session, reading.current(session, selection), PLACE)


def archive(session: Session, number: int, selection: Selection = ALL) -> Document:
    part = reading.archive(session, selection, number)
    assert part is not None
    return reading.document(session, part, PLACE)


def test_nothing_was_ever_told(session: Session, objects: Essays) -> None:
    assert reading.current(session, ALL) == Part(())
    assert reading.archive(session, ALL, 0) is None
    assert reading.current(session, Selection(())).rows == ()


def test_the_newest_state_of_each_object_the_newest_first(session: Session, objects: Essays) -> None:
    first = objects.write(session, "Un")
    objects.write(session, "Deux")
    objects.write(session, "Un, corrigé", first)
    told = current(session)
    assert titles(told) == ["Un, corrigé", "Deux"]
    assert [one.row.seq for one in told.entries] == [3, 2]
    assert (told.part.previous, told.part.next, told.part.number) == (None, None, None)


def test_what_is_gone_is_said_until_it_comes_back(session: Session, objects: Essays) -> None:
    kept, gone, erased = (objects.write(session, name) for name in ("Reste", "Part", "Effacé"))
    objects.take(session, gone)
    objects.take(session, erased, Op.ERASE)
    told = current(session)
    assert (titles(told), [row.id for row in told.gone]) == (["Reste"], [erased, gone])
    objects.write(session, "Revient", gone)
    assert [row.id for row in current(session).gone] == [erased]
    objects.read.pop(kept)
    objects.log(session, kept, Op.UPDATE)
    assert [row.id for row in current(session).gone] == [kept, erased], "it may not be read any more"


def test_what_was_never_read_by_all_is_not_told(session: Session, objects: Essays) -> None:
    objects.log(session, new_id(), Op.PUBLISH)
    of_a_group = new_id()
    objects.silent.add(of_a_group)
    objects.log(session, of_a_group, Op.PUBLISH)
    objects.log(session, of_a_group, Op.WITHDRAW)
    told = current(session)
    assert (told.entries, told.gone) == ((), ())


def test_a_full_window_is_an_archive_and_the_open_one_says_where_it_is(session: Session, objects: Essays) -> None:
    ids = [objects.write(session, f"T{n}") for n in range(1, 11)]
    assert current(session).part.previous is None, "ten rows: the window is full, nothing came after it"
    assert len(current(session).entries) == 10
    assert reading.archive(session, ALL, 0) is None
    objects.write(session, "T11")
    told = current(session)
    assert (titles(told), told.part.previous) == (["T11", "T10", "T9", "T8"], 0), "four at least"
    old = archive(session, 0)
    assert titles(old) == [f"T{n}" for n in range(10, 0, -1)]
    assert (old.part.number, old.part.previous, old.part.next) == (0, None, None)
    objects.write(session, "T3 bis", ids[2])
    assert "T3" not in titles(archive(session, 0)), "it moved to the document that is open"
    assert reading.archive(session, ALL, 1) is None
    assert reading.archive(session, ALL, -1) is None


def test_rows_of_other_kinds_move_nothing(session: Session, objects: Essays) -> None:
    objects.write(session, "Un")
    before = reading.current(session, ALL)
    for _ in range(35):
        objects.log(session, new_id(), Op.PUBLISH, kind="autre")
    assert reading.current(session, ALL) == before
    objects.write(session, "Deux")  # row 37
    part = reading.current(session, ALL)
    assert part.previous == 0, "windows 1 and 2 hold nothing of it"
    assert reading.archive(session, ALL, 1) is None
    objects.log(session, new_id(), Op.PUBLISH, kind="autre")
    for n in range(4):
        objects.write(session, f"T{n}")  # rows 39 to 42
    old = reading.archive(session, ALL, 3)
    assert old is not None
    assert (old.previous, old.next, reading.current(session, ALL).previous) == (0, None, 3)
    assert reading.archive(session, ALL, 0).next == 3  # type: ignore[union-attr]


def walk(session: Session, selection: Selection = ALL) -> tuple[dict[UUID, str], set[UUID], int]:
    """Everything, from the newest document to the oldest archive: what is read, what is gone, how many documents."""
    read: dict[UUID, str] = {}
    gone: set[UUID] = set()
    told, number = current(session, selection), 1
    while True:
        for one in told.entries:
            assert read.setdefault(one.item.id, one.item.title) == one.item.title
            assert one.item.id not in gone
        gone |= {row.id for row in told.gone}
        if told.part.previous is None:
            return read, gone, number
        told, number = archive(session, told.part.previous, selection), number + 1


def test_following_the_archives_meets_everything_once(session: Session, objects: Essays) -> None:
    ids = [objects.write(session, f"T{n}") for n in range(30)]
    for n in range(0, 30, 3):
        objects.take(session, ids[n])
    for n in range(1, 30, 3):
        objects.write(session, f"T{n} bis", ids[n])
    read, gone, documents = walk(session)
    assert (read, gone) == (objects.read, set(ids[::3]))
    assert documents == 5, "fifty rows"


def test_a_search_tells_what_it_finds_and_every_deletion(session: Session, objects: Essays) -> None:
    wanted = [objects.write(session, f"Oui {n}") for n in range(3)]
    other = objects.write(session, "Non")
    for n in range(20):
        objects.write(session, f"Autre {n}")
    gone = objects.write(session, "Retiré")
    objects.take(session, gone)
    found = Selection((KIND,), frozenset(wanted))
    told = current(session, found)
    assert titles(told) == ["Oui 2", "Oui 1", "Oui 0"], "older than the open window, but the newest of them"
    assert [row.id for row in told.gone] == [gone]
    assert other not in walk(session, found)[0]
    assert walk(session, found)[0] == {id_: objects.read[id_] for id_ in wanted}


def test_a_search_that_finds_a_lot_asks_the_log(
    session: Session, objects: Essays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_ONE_BY_ONE", 3)
    monkeypatch.setattr(reading, "_ASKED_AT_ONCE", 2)
    wanted = [objects.write(session, f"Oui {n}") for n in range(5)]
    for n in range(150):
        objects.write(session, f"Autre {n}")
    found = Selection((KIND,), frozenset(wanted))
    assert titles(current(session, found)) == ["Oui 4", "Oui 3", "Oui 2", "Oui 1"]


def test_what_the_index_has_not_read_yet_is_not_told(session: Session, objects: Essays) -> None:
    ids = [objects.write(session, f"T{n}") for n in range(4)]
    objects.write(session, "T0 bis", ids[0])
    told = current(session, Selection((KIND,), None, upto=3))
    assert [one.row.seq for one in told.entries] == [3, 2, 1]


def test_news_since_a_row(session: Session, objects: Essays) -> None:
    ids = [objects.write(session, f"T{n}") for n in range(6)]
    objects.write(session, "T0 bis", ids[0])
    objects.take(session, ids[5])
    assert [one.item.title for one in reading.since(session, ALL, PLACE, 4)] == ["T0 bis", "T4"]
    assert [one.item.title for one in reading.since(session, ALL, PLACE, 4, limit=1)] == ["T0 bis"]
    only = Selection((KIND,), frozenset(ids[1:5]))
    assert [one.item.title for one in reading.since(session, only, PLACE, 3)] == ["T4", "T3"]


def test_one_bad_object_leaves_the_others_alone(session: Session, objects: Essays) -> None:
    ids = [objects.write(session, f"T{n}") for n in range(4)]
    objects.broken.add(ids[1])
    told = current(session)
    assert (titles(told), told.gone) == (["T3", "T2", "T0"], ())
    objects.read[ids[2]] = "\x00 \ud800 \x1b"
    assert titles(current(session)) == ["T3", "…", "T0"], "no character that a format has not"


def test_what_some_may_not_know_leaves_room_for_the_others(session: Session, objects: Essays) -> None:
    for n in range(5):
        objects.write(session, f"Public {n}")
    for n in range(20):
        objects.silent.add(hidden := new_id())
        objects.log(session, hidden, Op.WITHDRAW if n % 2 else Op.PUBLISH)
    told = current(session, Selection((KIND,), place=PLACE))
    assert (titles(told), told.gone) == ([f"Public {n}" for n in (4, 3, 2, 1)], ())


def test_what_everybody_could_read_once_is_gone_for_them(session: Session, objects: Essays) -> None:
    public = objects.write(session, "Pour tous")
    objects.silent.add(never := new_id())
    objects.log(session, never, Op.PUBLISH)
    objects.log(session, never, Op.UPDATE)
    objects.read.pop(public)
    objects.silent.add(public)
    objects.log(session, public, Op.UPDATE)
    record_narrowed(session, KIND, public, 2)
    session.commit()
    for place in (None, PLACE):
        told = current(session, Selection((KIND,), place=place))
        assert (titles(told), [row.id for row in told.gone]) == ([], [public])


def test_news_are_found_under_many_others(session: Session, objects: Essays) -> None:
    wanted = objects.write(session, "Cherché")
    for n in range(110):  # more than ten windows
        objects.write(session, f"Autre {n}")
    only = Selection((KIND,), frozenset([wanted]))
    assert [one.item.title for one in reading.since(session, only, PLACE, 0)] == ["Cherché"]


def test_when_a_feed_last_changed(session: Session, objects: Essays) -> None:
    publishers.register(replace(publishers.registered([KIND])[0], also=("voisin",)))
    ids = [objects.write(session, f"T{n}") for n in range(11)]
    objects.log(session, new_id(), Op.UPDATE, kind="voisin")
    newest = session.scalars(sa.select(Change.at).order_by(Change.seq.desc()).limit(1)).one()
    parts = [reading.current(session, ALL), reading.archive(session, ALL, 0)]
    assert [part.changed for part in parts if part] == [newest, newest]
    assert reading.current(session, Selection((KIND,), frozenset(ids))).changed is None
