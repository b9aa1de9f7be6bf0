"""Threads found by words. The text engine ranks; what whoever asks may read is decided here, by the database.

What only some may read is indexed as another kind: corrections and suggestions are words of documents, and must not
tell anybody what those hold that they may not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from reseau.directory.models import KIND as PLACE
from reseau.search.protocol import Engine, Match, Ranking
from reseau.threads.base.access import LISTED, Reader
from reseau.threads.base.models import KIND, Thread, Topic, TopicSeen
from resources.base.models import KIND as RESOURCE

NETWORK_KIND, GROUP_KIND = "thread-network", "thread-group"
"""Kinds, in the index, of what only the network reads, and of what working groups keep for themselves."""
KINDS: dict[str, str] = {
    TopicSeen.PUBLIC.value: KIND,
    TopicSeen.NETWORK.value: NETWORK_KIND,
    TopicSeen.GROUP.value: GROUP_KIND,
}
MOST = 200
"""Threads that a search shows: nobody reads on."""
#: Threads that the engine found and that the database looks at: the reader may not read all of them.
_LOOKED_AT = 2_000
#: Of a title, words that so many of the best thread's words must share: one word in common is not the same question.
_ALIKE = 0.5
Scores = NDArray[np.float32]
Scored = tuple[list[UUID], Scores]
"""Documents, best first, and their scores."""


@dataclass(frozen=True)
class Found:
    """Threads that answer words, best first, the last active of equal ones first. ``loosened``: none has all the
    words. ``corrections``: (word typed, word understood)."""

    ids: list[UUID]
    loosened: bool = False
    corrections: tuple[tuple[str, str], ...] = ()


def kinds_for(reader: Reader) -> list[str]:
    """The kinds of the index that hold something whoever asks may read."""
    seen = {topic.seen for topic in reader.topics}
    return [kind for value, kind in KINDS.items() if value in seen]


def ranked(session: Session, engine: Engine, reader: Reader, words: str, most: int = MOST) -> list[UUID]:
    """The threads that answer some words and that whoever asks may read, best first."""
    return found(session, engine, reader, words, most=most).ids


def found(
    session: Session,
    engine: Engine,
    reader: Reader | None,
    words: str,
    *where: sa.ColumnElement[bool],
    most: int = MOST,
) -> Found:
    """The same, with how the words were understood; two tries at most.

    :param reader: None: a visitor. :param where: what else is asked of the threads.
    """
    exact = matching(session, engine, reader, words, "all", *where, most=most)
    return exact if exact.ids else matching(session, engine, reader, words, "any", *where, most=most)


def matching(
    session: Session, engine: Engine, reader: Reader | None, words: str, match: Match,
    *where: sa.ColumnElement[bool], most: int = MOST,
) -> Found:  # fmt: skip
    """Threads with all the words, or with any of them; one statement (two when few of many may be read), none for
    none."""
    rankings = _ranked(engine, reader, words, match)
    ids = _best(session, reader, _in_order(rankings.values()), most, where)
    return Found(ids, bool(ids) and match == "any", _understood(rankings, ids))


def similar(session: Session, engine: Engine, reader: Reader, title: str, most: int = 5) -> list[Thread]:
    """Threads that share words with a title ("déjà demandé ?"): those that ask first, then best first."""
    ids, scores = _in_order(_ranked(engine, reader, title, "any").values())
    near = int(np.count_nonzero(scores >= scores[0] * _ALIKE)) if ids else 0
    found = _best(session, reader, (ids[:near], scores[:near]), most * 4)
    rows = {row.id: row for row in session.scalars(sa.select(Thread).where(Thread.id.in_(found)))} if found else {}
    return sorted((rows[id_] for id_ in found if id_ in rows), key=lambda row: not row.asks)[:most]


def _ranked(engine: Engine, reader: Reader | None, words: str, match: Match) -> dict[str, Ranking]:
    """What the engine finds, of each kind."""
    kinds = kinds_for(reader) if reader else [KIND]
    # One index holds all groups: a word of theirs that is left as it is elsewhere would tell that somebody wrote it.
    also = (*(kind for kind in kinds if kind != GROUP_KIND), PLACE, RESOURCE)
    return dict(zip(kinds, engine.rank_each(words, kinds, match=match, also=also), strict=True))


def _understood(rankings: Mapping[str, Ranking], ids: Collection[UUID]) -> tuple[tuple[str, str], ...]:
    """What was understood otherwise, if it found something that whoever asks may read. Never by the words of groups:
    they may be those of a group that they are not in."""
    shown = set(ids)
    for kind, ranking in rankings.items():
        if kind != GROUP_KIND and ranking.corrections and not shown.isdisjoint(ranking.ids):
            return ranking.corrections
    return ()


def _in_order(rankings: Iterable[Ranking]) -> Scored:
    """The documents of all kinds with their scores, best first: as many as are looked at."""
    found = [one for one in rankings if len(one)]
    if not found:
        return [], np.empty(0, np.float32)
    ids = np.concatenate([one.universe[one.positions] for one in found])
    scores = np.concatenate([one.scores for one in found])
    order = np.argsort(-scores, kind="stable")[:_LOOKED_AT]
    return ids[order].tolist(), scores[order]


def _best(
    session: Session, reader: Reader | None, scored: Scored, most: int, where: Sequence[sa.ColumnElement[bool]] = ()
) -> list[UUID]:
    """Those that the reader may read, in order, the last active of equal ones first."""
    ids, scores = scored
    # The best are nearly always enough. What is asked besides may leave few of them: then all are looked at, at once.
    first = len(ids) if where else 2 * most
    while first < len(ids) and scores[first] == scores[first - 1]:
        first += 1
    found = _readable(session, reader, ids[:first], scores, where)
    if len(found) < most:
        found += _readable(session, reader, ids[first:], scores[first:], where)
    return found[:most]


def _readable(
    session: Session, reader: Reader | None, ids: Sequence[UUID], scores: Scores,
    where: Sequence[sa.ColumnElement[bool]],
) -> list[UUID]:  # fmt: skip
    """Those of some documents that the reader may read, in order; one statement, none for none."""
    if not ids:
        return []
    public = sa.select(Topic.id).where(Topic.seen == TopicSeen.PUBLIC.value)
    wanted = sa.select(Thread.id).where(
        Thread.id.in_(ids),
        Thread.topic_id.in_(reader.topic_ids if reader else public),
        Thread.state.in_(LISTED),
        *where,
    )
    best = dict(zip(ids, scores.tolist(), strict=False))
    rows = session.scalars(wanted.order_by(Thread.last_at.desc(), Thread.id))
    return sorted(rows, key=lambda id_: -best[id_])
