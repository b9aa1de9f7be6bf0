"""Threads found by words. The text engine ranks; what whoever asks may read is decided here, by the database.

What only some may read is indexed as another kind: corrections and suggestions are words of documents, and must not
tell anybody what those hold that they may not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.directory.models import KIND as PLACE
from reseau.search.protocol import Engine, Match
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
    """The same, with how the words were understood; one statement at most for each of two tries.

    :param reader: None: a visitor. :param where: what else is asked of the threads.
    """
    exact = matching(session, engine, reader, words, "all", *where, most=most)
    return exact if exact.ids else matching(session, engine, reader, words, "any", *where, most=most)


def matching(
    session: Session, engine: Engine, reader: Reader | None, words: str, match: Match,
    *where: sa.ColumnElement[bool], most: int = MOST,
) -> Found:  # fmt: skip
    """Threads with all the words, or with any of them; one statement, none for none."""
    scores, corrections = _scores(engine, reader, words, match)
    ids = _best(session, reader, scores, where)[:most]
    return Found(ids, bool(ids) and match == "any", corrections if ids else ())


def similar(session: Session, engine: Engine, reader: Reader, title: str, most: int = 5) -> list[Thread]:
    """Threads that share words with a title ("déjà demandé ?"): those that ask first, then best first."""
    scores, _ = _scores(engine, reader, title, "any")
    enough = max(scores.values(), default=0.0) * _ALIKE
    ids = _best(session, reader, {id_: score for id_, score in scores.items() if score >= enough})[: most * 4]
    rows = {row.id: row for row in session.scalars(sa.select(Thread).where(Thread.id.in_(ids)))} if ids else {}
    return sorted((rows[id_] for id_ in ids if id_ in rows), key=lambda row: not row.asks)[:most]


def _scores(
    engine: Engine, reader: Reader | None, words: str, match: Match
) -> tuple[dict[UUID, float], tuple[tuple[str, str], ...]]:
    scores: dict[UUID, float] = {}
    corrections: tuple[tuple[str, str], ...] = ()
    kinds = kinds_for(reader) if reader else [KIND]
    for kind in kinds:
        others = (*(one for one in kinds if one != kind), PLACE, RESOURCE)
        ranking = engine.rank(words, kind, match=match, also=others)
        scores.update(zip(ranking.ids, map(float, ranking.scores), strict=True))
        if len(ranking) and not corrections:  # what was understood otherwise, said only if it found something
            corrections = ranking.corrections
    return scores, corrections


def _best(
    session: Session, reader: Reader | None, scores: dict[UUID, float], where: Sequence[sa.ColumnElement[bool]] = ()
) -> list[UUID]:
    """Those that the reader may read, in order; one statement, none for none."""
    ids = sorted(scores, key=lambda id_: scores[id_], reverse=True)[:_LOOKED_AT]
    if not ids:
        return []
    public = sa.select(Topic.id).where(Topic.seen == TopicSeen.PUBLIC.value)
    wanted = sa.select(Thread.id, Thread.last_at).where(
        Thread.id.in_(ids),
        Thread.topic_id.in_(reader.topic_ids if reader else public),
        Thread.state.in_(LISTED),
        *where,
    )
    rows = session.execute(wanted.order_by(Thread.last_at.desc(), Thread.id)).all()
    return [id_ for id_, _ in sorted(rows, key=lambda row: -scores[row[0]])]
