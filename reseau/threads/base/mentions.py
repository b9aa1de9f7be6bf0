"""Whom a text mentions: people of the network and places, by what is written after ``@``.

Decided once, when the text is written: the page shows ``Post.mentions`` and looks nobody up. Whether somebody mentioned
is told is another matter (``telling``); here a person is not even named in a topic that they may not read.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.directory.models import Status, Structure
from reseau.groups.models import Belonging, GroupMember
from reseau.members.models import Membership, Person, PersonState
from reseau.threads.base import text as words
from reseau.threads.base.access import Reader, audience
from reseau.threads.base.models import Topic, TopicSeen
from reseau.threads.base.shapes import MAX_MENTIONS
from resources.base.content import one_line

PERSON, PLACE = "person", "structure"
#: How many of one handle a writer is asked to choose from.
MAX_CANDIDATES = 20
OFFERED = 8
#: What tells people or places of one handle apart: ``marie-dupont-2f3a``, the end of an id.
_TELLS = re.compile(r"(.+)-([0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom a handle may mean. ``where``: what tells them from others of that name: places, or a commune."""

    kind: str
    id: UUID
    handle: str
    name: str
    where: str = ""
    path: str = ""

    @property
    def ref(self) -> Ref:
        """Kind and id."""
        return self.kind, self.id

    @property
    def value(self) -> str:
        """The same, as a form carries it."""
        return f"{self.kind}:{self.id}"

    @property
    def row(self) -> dict[str, str]:
        """As ``Post.mentions`` holds it."""
        return {"handle": self.handle, "kind": self.kind, "id": str(self.id), "name": self.name, "path": self.path}


@dataclass(slots=True)
class Understood:
    """What was made of the handles of a text. ``unclear``: several have that name, and nobody chose.
    ``barred``: people who may not read the topic: they stay plain text. ``unknown``: handles
    of nobody. ``over``: handles beyond ``MAX_MENTIONS``."""

    mentions: list[dict[str, str]] = field(default_factory=list)
    asked: list[tuple[str, list[Candidate]]] = field(default_factory=list)
    unclear: list[tuple[str, list[Candidate]]] = field(default_factory=list)
    barred: list[Candidate] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    over: int = 0


def resolve(
    session: Session, reader: Reader, text: str, topic: Topic | None = None,
    chosen: Mapping[str, str] | None = None,
) -> tuple[list[dict[str, str]], list[tuple[str, list[Candidate]]]]:  # fmt: skip
    """(mentions as ``Post.mentions`` holds them, handles that several have); see :func:`understand`."""
    found = understand(session, reader, text, topic, chosen)
    return found.mentions, found.unclear


def understand(
    session: Session, reader: Reader, text: str, topic: Topic | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Understood:  # fmt: skip
    """Whom a text mentions; no statement when it mentions nobody.

    :param reader: who writes: a visitor mentions places only, an account outside the network also those who are in a
        group with them: names are not drawn out of here. :param topic: of the thread: whoever may not read it is
        not mentioned. :param chosen: handle → ``Candidate.value``, where several have the same name.
    """
    handles = words.handles(text)
    made = Understood(over=max(0, len(handles) - MAX_MENTIONS))
    handles = handles[:MAX_MENTIONS]
    if not handles:
        return made
    wanted = {*handles, *(told[1] for one in handles if (told := _TELLS.fullmatch(one)))}
    found = _places(session, Structure.slug.in_(wanted))
    if reader.person_id:
        found += _people(session, wanted, reader)
    made.barred = _barred(session, [one for one in found if one.kind == PERSON], topic)
    away = {one.id for one in made.barred}
    for handle in handles:
        meant = _meant(found, handle)
        _settle(made, handle, [one for one in meant if one.id not in away], chosen or {})
        if not meant:
            made.unknown.append(handle)
    return made


def _meant(found: Sequence[Candidate], handle: str) -> list[Candidate]:
    """Whom a handle means among those who were found: those of that name, else the one that its end tells."""
    if named := [one for one in found if one.handle == handle]:
        return named
    told = _TELLS.fullmatch(handle)
    meant = [one for one in found if told and one.handle == told[1] and one.id.hex.endswith(told[2])]
    return [replace(one, handle=handle) for one in meant]


def _settle(made: Understood, handle: str, candidates: list[Candidate], chosen: Mapping[str, str]) -> None:
    """What one handle means."""
    if len(candidates) > 1:
        made.asked.append((handle, candidates[:MAX_CANDIDATES]))
        said = [one for one in candidates if one.value == chosen.get(handle)]
        if not said:
            made.unclear.append(made.asked[-1])
            return
        candidates = said
    made.mentions += [one.row for one in candidates]


def offered(session: Session, begun: str) -> list[Candidate]:
    """People of the network and places of which a word begins like this, at most eight, each with a handle that
    means them alone; four statements at most. :param begun: what is typed after ``@``."""
    wanted = words.handle(begun)
    if not wanted:
        return []
    known = _known(session)
    people = [one for one in known if f"-{one.handle}".find(f"-{wanted}") >= 0]
    people = sorted(people, key=lambda one: (not one.handle.startswith(wanted), one.handle, str(one.id)))[:OFFERED]
    begins = Structure.slug.startswith(wanted, autoescape=True)
    places = _places(session, sa.or_(begins, Structure.slug.contains(f"-{wanted}", autoescape=True)), OFFERED)
    half = max(OFFERED - len(places), OFFERED // 2)
    shown = _placed(session, people[:half]) + places[: OFFERED - len(people[:half])]
    named = Counter(one.handle for one in known)
    return _told_apart(session, shown, named) if shown else []


def _told_apart(session: Session, shown: Sequence[Candidate], people: Counter[str]) -> list[Candidate]:
    """The same; who shares a handle gets one of their own. :param people: how many have each; one statement."""
    slugs = {one.handle for one in shown}
    wanted = sa.select(Structure.slug, sa.func.count()).where(Structure.slug.in_(slugs))
    named = people.copy()
    for slug, count in session.execute(wanted.where(Structure.status == Status.ACTIVE.value).group_by(Structure.slug)):
        named[slug] += count
    return [replace(one, handle=f"{one.handle}-{one.id.hex[-4:]}") if named[one.handle] > 1 else one for one in shown]


# --- people ---------------------------------------------------------------------------------------------------

#: Folding a name costs ten microseconds; the names of a network are the same from one message to the next.
_handle = functools.lru_cache(50_000)(words.handle)


def _known(session: Session, groups: Collection[UUID] | None = None) -> list[Candidate]:
    """Everybody of the network who is active, one statement. Handles are not stored: a name changes, and what folds it
    may too. :param groups: only those who are in one of these."""
    placed = sa.exists().where(Membership.person_id == Person.id)
    wanted = sa.select(Person.id, Person.name, Person.roles, placed).where(Person.state == PersonState.ACTIVE.value)
    if groups is not None:
        belongs = GroupMember.belonging == Belonging.IN.value
        near = sa.select(GroupMember.person_id).where(GroupMember.group_id.in_(list(groups)), belongs)
        wanted = wanted.where(Person.id.in_(near))
    rows = session.execute(wanted)
    return [Candidate(PERSON, id_, _handle(name), one_line(name)) for id_, name, roles, place in rows if place or roles]


def _people(session: Session, handles: Collection[str], reader: Reader) -> list[Candidate]:
    if not reader.network and not reader.group_ids:
        return []
    known = _known(session, None if reader.network else reader.group_ids)
    found = [one for one in known if one.handle in handles]
    return _placed(session, found) if len({one.handle for one in found}) < len(found) else found


def _placed(session: Session, people: Sequence[Candidate]) -> list[Candidate]:
    """The same with the names of their places; one statement, none for nobody."""
    if not people:
        return []
    row: Any = sa.select(Membership.person_id, Structure.nom).join(Structure, Structure.id == Membership.structure_id)
    rows = session.execute(row.where(Membership.person_id.in_([one.id for one in people])).order_by(Structure.nom))
    names: dict[UUID, list[str]] = {}
    for person_id, name in rows:
        names.setdefault(person_id, []).append(name)
    return [Candidate(PERSON, one.id, one.handle, one.name, ", ".join(names.get(one.id, ())[:2])) for one in people]


def _barred(session: Session, people: Sequence[Candidate], topic: Topic | None) -> list[Candidate]:
    """Those who may not read the topic."""
    if topic is None or topic.seen == TopicSeen.PUBLIC.value or not people:
        return []
    who = audience(session, [one.id for one in people])
    return [one for one in people if not who.reads(one.id, topic.id)]


# --- places ---------------------------------------------------------------------------------------------------


def _places(session: Session, wanted: sa.ColumnElement[bool], most: int = 10 * MAX_CANDIDATES) -> list[Candidate]:
    columns = (Structure.id, Structure.slug, Structure.nom, Structure.commune)
    rows = session.execute(
        sa.select(*columns)
        .where(wanted, Structure.status == Status.ACTIVE.value)
        .order_by(Structure.slug, Structure.commune, Structure.id)
        .limit(most)
    )
    return [
        Candidate(PLACE, id_, slug, one_line(name), commune or "", f"/annuaire/{slug}-{id_}")
        for id_, slug, name, commune in rows
    ]
