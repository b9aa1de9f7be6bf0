"""The search engine of several machines: PostgreSQL full text, fed with our own stems.

PostgreSQL analyses nothing: vectors and queries are written by us, lexeme by lexeme, so that it finds what
Whoosh finds. Everything an index is, its cursor included, is in the database: an update is one transaction.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, insert

from reseau.core import text
from reseau.search.analysis import Analysed, analyse, distinct
from reseau.search.protocol import SCHEMA, Busy, Document, Match, Missing, Ranking, Status, nothing
from reseau.search.spelling import Alternative, Plan, Vocabulary, understand

LOCK = 0x5EA2C4  # of writers; any number that no other advisory lock uses
BATCH = 1_000
RANK_WEIGHTS = [0.1, 0.125, 0.375, 1.0]  # D, C, B, A: the weights 1, 3 and 8 of fields, scaled to at most 1
MAX_POSITION = 16_383
MAX_POSITIONS = 255  # of one lexeme; PostgreSQL's own limits, both
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of the index.

    :ivar document: one row for each document. :ivar word: documents by word as written, kept up to date by
        every write: counting 17,500 documents anew takes half a second. :ivar state: one row.
    """

    document: sa.Table
    word: sa.Table
    state: sa.Table


def tables(metadata: sa.MetaData) -> Tables:
    """The tables, defined in ``metadata`` once. On SQLite they stay empty: one set of migrations for both."""
    if "search_document" in metadata.tables:
        return Tables(*(metadata.tables[f"search_{name}"] for name in ("document", "word", "state")))
    vector = TSVECTOR().with_variant(sa.Text(), "sqlite")
    words = ARRAY(sa.Text()).with_variant(sa.JSON(), "sqlite")
    document = sa.Table(
        "search_document",
        metadata,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False, index=True),
        sa.Column("vector", vector, nullable=False),
        sa.Column("words", words, nullable=False),
    )
    sa.Index("ix_search_document_vector", document.c.vector, postgresql_using="gin")
    word = sa.Table(
        "search_word",
        metadata,
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("folded", sa.String(text.MAX_WORD), primary_key=True),
        # Lower case may lengthen a word ("İ"): its length is not that of the column above.
        sa.Column("surface", sa.Text(), primary_key=True),
        sa.Column("documents", sa.Integer(), nullable=False),
    )
    state = sa.Table(
        "search_state",
        metadata,
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        # Raised by every write: a cursor may be written twice.
        sa.Column("revision", sa.BigInteger(), nullable=False),
    )
    return Tables(document, word, state)


def _quote(stem: str) -> str:
    """A lexeme, in the text form of ``tsvector`` and ``tsquery``."""
    return "'" + stem.replace("\\", "\\\\").replace("'", "''") + "'"


def vector_text(document: Analysed) -> str:
    """The ``tsvector`` of a document. Weights of fields become A (title), B (labels) and C (the rest)."""
    positions: dict[str, list[str]] = {}
    for at, (stem, weight) in enumerate(document.occurrences, start=1):
        letter = "A" if weight >= 6 else "B" if weight >= 2 else "C"
        places = positions.setdefault(stem, [])
        if len(places) < MAX_POSITIONS:
            places.append(f"{min(at, MAX_POSITION)}{letter}")
    return " ".join(f"{_quote(stem)}:{','.join(places)}" for stem, places in positions.items())


def query_text(group: Sequence[Alternative]) -> str:
    """The ``tsquery`` of one term of a query: one of the alternatives, all stems of it."""
    return "|".join("(" + "&".join(map(_quote, a.stems)) + ")" for a in group)


@dataclass(frozen=True)
class _Lexicon:
    """What one revision of the index holds of one kind."""

    vocabulary: Vocabulary
    stems: dict[str, int]
    documents: int

    def rarity(self, stem: str) -> float:
        """As BM25 has it. Documents with two words of one stem count twice: near enough for a rank."""
        frequency = min(self.stems.get(stem, 0), self.documents)
        return math.log1p((self.documents - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True)
class _Asked:
    """How a query is understood in each kind, and what finds the documents of all kinds; None: nothing may answer."""

    plans: Sequence[Plan]
    wanted: sa.CompoundSelect[Any] | None


class PostgresEngine:
    """The index in the database of ``engine``.

    :param found: from :func:`tables`. :param patience: seconds to wait for another writer.
    """

    def __init__(self, engine: sa.Engine, found: Tables, *, patience: float = 10.0) -> None:
        self._engine, self._tables, self._patience = engine, found, patience
        self._lock = threading.Lock()
        self._revision = -1
        self._lexicons: dict[str, _Lexicon] = {}

    # --- searching

    def rank(self, query: str, kind: str, *, match: Match = "all", also: Sequence[str] = ()) -> Ranking:
        """See :class:`reseau.search.protocol.Engine`."""
        return self.rank_each(query, [kind], match=match, also=also)[0]

    def rank_each(
        self, query: str, kinds: Sequence[str], *, match: Match = "all", also: Sequence[str] = ()
    ) -> list[Ranking]:
        """See :class:`reseau.search.protocol.Engine`."""
        if not kinds or not text.words(query[: text.MAX_QUERY]):
            return [nothing() for _ in kinds]
        names = dict.fromkeys((*kinds, *also))
        with self._lock:
            revision, lexicons = self._revision, {one: self._lexicons[one] for one in names if one in self._lexicons}
        known = self._asked(query, kinds, match, also, lexicons) if len(lexicons) == len(names) else None
        if known and (found := self._rank_again(known, revision)):
            return found
        with self._reading() as connection:
            lexicons = {one: self._lexicon(connection, one) for one in names}
            asked = self._asked(query, kinds, match, also, lexicons)
            rows = connection.execute(asked.wanted).all() if asked.wanted is not None else []
        return _rankings(rows, asked.plans)

    def _asked(
        self, query: str, kinds: Sequence[str], match: Match, also: Sequence[str], lexicons: Mapping[str, _Lexicon]
    ) -> _Asked:
        others = [lexicons[one] for one in also]
        plans = [_understood(query, lexicons[kind], *others) for kind in kinds]
        looks = [
            self._ranked(kind, plan, lexicons[kind], match).add_columns(sa.literal(at).label("at"))
            for at, (kind, plan) in enumerate(zip(kinds, plans, strict=True)) if _may_answer(plan, match)
        ]  # fmt: skip
        return _Asked(plans, sa.union_all(*looks) if looks else None)

    def _rank_again(self, asked: _Asked, revision: int) -> list[Ranking] | None:
        """With words that were read before, in one statement; None when the index is of another revision by now."""
        state = self._tables.state
        wanted: sa.Select[Any] = sa.select(state.c.revision)
        if asked.wanted is not None:
            ranked = asked.wanted.subquery()
            wanted = sa.select(state.c.revision, *ranked.c).select_from(state.outerjoin(ranked, sa.true()))
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        if (rows[0].revision if rows else 0) != revision:
            return None
        return _rankings([row[1:] for row in rows if len(row) > 1 and row[1] is not None], asked.plans)

    def _ranked(self, kind: str, plan: Plan, lexicon: _Lexicon, match: Match) -> sa.Select[UUID, float]:
        document = self._tables.document.c
        weights: sa.ColumnElement[Any] = sa.literal(RANK_WEIGHTS, ARRAY(sa.REAL()))
        answers: list[sa.ColumnElement[bool]] = []
        scores: list[sa.ColumnElement[Any]] = []
        for group in filter(None, plan.groups):
            answers.append(_matches(document.vector, group))
            for at, alternative in enumerate(group):
                # The best alternative counts; what PostgreSQL lacks is how rare a word is.
                idf = sum(map(lexicon.rarity, alternative.stems)) / len(alternative.stems)
                query = sa.cast(query_text([alternative]), TSQUERY)
                rank = sa.func.ts_rank(weights, document.vector, query) * (alternative.factor * idf)
                if len(alternative.stems) > 1:  # ts_rank reads "&" as a hint, not as a condition
                    rank = sa.case((_matches(document.vector, [alternative]), rank), else_=0.0)
                scores.append(rank if at == 0 else sa.func.greatest(scores.pop(), rank))
        score: sa.ColumnElement[Any] = sum(scores[1:], start=scores[0])
        if match == "any":
            count = [sa.cast(answer, sa.Integer()) for answer in answers]
            score = sum(count[1:], start=count[0]) + score / (score + 8.0)
        wanted = sa.and_(*answers) if match == "all" else sa.or_(*answers)
        return sa.select(document.id, score.label("score")).where(document.kind == kind, wanted)

    def suggest(self, prefix: str, kind: str, limit: int = 8) -> list[str]:
        """See :class:`reseau.search.protocol.Engine`."""
        found = text.words(prefix[-text.MAX_QUERY :])
        if not found or not prefix.endswith(found[-1].surface):
            return []
        with self._reading() as connection:
            vocabulary = self._lexicon(connection, kind).vocabulary
        return [vocabulary.surface(word) for word in vocabulary.complete(found[-1].folded, limit)]

    def warm(self) -> None:
        """Nothing: the words are read at the first query, in some 30 ms."""

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        # One snapshot for the words and the documents: the index may change between two statements.
        with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection

    def _lexicon(self, connection: sa.Connection, kind: str) -> _Lexicon:
        revision = connection.execute(sa.select(self._tables.state.c.revision)).scalar() or 0
        with self._lock:
            if revision == self._revision and kind in self._lexicons:
                return self._lexicons[kind]
        made = self._read_lexicon(connection, kind)
        with self._lock:
            if revision > self._revision:
                self._revision, self._lexicons = revision, {}
            if revision == self._revision:
                self._lexicons[kind] = made
        return made

    def _read_lexicon(self, connection: sa.Connection, kind: str) -> _Lexicon:
        word, document = self._tables.word.c, self._tables.document
        rows = connection.execute(
            sa.select(word.folded, word.surface, word.documents).where(word.kind == kind, word.documents > 0)
        ).all()
        vocabulary = Vocabulary((folded, surface, count) for folded, surface, count in rows)
        stems: Counter[str] = Counter()
        for folded, count in vocabulary.items():
            stems[text.stem_of(folded)] += count
        total = sa.select(sa.func.count()).select_from(document).where(document.c.kind == kind)
        return _Lexicon(vocabulary, dict(stems), connection.execute(total).scalar_one())

    # --- state

    def cursor(self) -> int:
        """See :class:`reseau.search.protocol.Engine`."""
        state = self._tables.state.c
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(state.cursor).where(state.schema == SCHEMA)).scalar()
        return found or 0

    def status(self) -> Status:
        """See :class:`reseau.search.protocol.Engine`."""
        state, size = self._tables.state.c, sa.func.pg_total_relation_size
        with self._engine.connect() as connection:
            cursor = connection.execute(sa.select(state.cursor).where(state.schema == SCHEMA)).scalar()
            if cursor is None:
                return Status(engine="postgresql", present=False)
            count = sa.select(sa.func.count()).select_from(self._tables.document)
            documents = connection.execute(count).scalar_one()
            used = connection.execute(sa.select(size("search_document") + size("search_word"))).scalar_one()
        return Status("postgresql", True, documents, cursor, used)

    # --- writing

    def update(self, documents: Iterable[Document], deleted: Iterable[UUID], cursor: int) -> None:
        """See :class:`reseau.search.protocol.Engine`."""
        fresh = {document.id: document for document in documents}
        with self._writing() as connection:
            state = self._tables.state.c
            known = connection.execute(sa.select(state.cursor).where(state.schema == SCHEMA)).scalar()
            if known is None:
                raise Missing("search_state")
            if known > cursor:
                return
            counts = self._remove(connection, list({*deleted, *fresh}))
            counts.update(self._insert(connection, map(analyse, fresh.values())))
            self._count(connection, counts)
            self._note(connection, cursor)

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        """See :class:`reseau.search.protocol.Engine`."""
        with self._writing() as connection:
            # Not TRUNCATE: its lock would stop searches until we are done.
            connection.execute(sa.delete(self._tables.document))
            connection.execute(sa.delete(self._tables.word))
            counts: Counter[tuple[str, str, str]] = Counter()
            waiting = map(analyse, distinct(documents))
            while batch := list(islice(waiting, BATCH)):
                counts.update(self._insert(connection, batch))
            self._count(connection, counts)
            self._note(connection, cursor)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        until = time.monotonic() + self._patience
        with self._engine.begin() as connection:
            while not connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK))).scalar_one():
                if time.monotonic() > until:
                    raise Busy("another process writes the search index")
                time.sleep(0.05)
            yield connection

    def _remove(self, connection: sa.Connection, ids: list[UUID]) -> Counter[tuple[str, str, str]]:
        """Delete documents. :returns: their words, counted down."""
        document, counts = self._tables.document, Counter[tuple[str, str, str]]()
        for at in range(0, len(ids), BATCH):
            gone = sa.delete(document).where(document.c.id.in_(ids[at : at + BATCH]))
            for kind, words in connection.execute(gone.returning(document.c.kind, document.c.words)):
                for entry in words:
                    folded, surface = entry.split(SEPARATOR)
                    counts[kind, folded, surface] -= 1
        return counts

    def _insert(self, connection: sa.Connection, documents: Iterable[Analysed]) -> Counter[tuple[str, str, str]]:
        """Insert documents. :returns: their words."""
        rows: list[dict[str, Any]] = []
        counts: Counter[tuple[str, str, str]] = Counter()
        for analysed in documents:
            words = sorted(analysed.words)
            rows.append(
                {
                    "id": analysed.id,
                    "kind": analysed.kind,
                    "vector": vector_text(analysed),
                    "words": [SEPARATOR.join(word) for word in words],
                }
            )
            counts.update((analysed.kind, folded, surface) for folded, surface in words)
        if rows:
            connection.execute(sa.insert(self._tables.document), rows)
        return counts

    def _count(self, connection: sa.Connection, counts: Counter[tuple[str, str, str]]) -> None:
        word = self._tables.word
        rows = [
            {"kind": kind, "folded": folded, "surface": surface, "documents": change}
            for (kind, folded, surface), change in sorted(counts.items())
            if change
        ]
        statement = insert(word)
        added = statement.on_conflict_do_update(
            index_elements=[word.c.kind, word.c.folded, word.c.surface],
            set_={"documents": word.c.documents + statement.excluded.documents},
        )
        for at in range(0, len(rows), BATCH):
            connection.execute(added, rows[at : at + BATCH])
        connection.execute(sa.delete(word).where(word.c.documents <= 0))

    def _note(self, connection: sa.Connection, cursor: int) -> None:
        state = self._tables.state
        values = {"cursor": cursor, "schema": SCHEMA}
        statement = insert(state).values(id=1, revision=1, **values)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[state.c.id], set_={**values, "revision": state.c.revision + 1}
            )
        )


def _understood(query: str, lexicon: _Lexicon, *others: _Lexicon) -> Plan:
    known = lexicon.stems.__contains__
    return understand(query, known, lambda: lexicon.vocabulary, lambda stem: any(stem in one.stems for one in others))


def _may_answer(plan: Plan, match: Match) -> bool:
    """Whether a document may answer, by the words that there are."""
    return any(plan.groups) and (match == "any" or all(plan.groups))


def _rankings(rows: Iterable[Any], plans: Sequence[Plan]) -> list[Ranking]:
    """One of each plan, of rows (id, score, place of its plan)."""
    each: list[list[Any]] = [[] for _ in plans]
    for row in rows:
        each[row[2]].append(row)
    return [_ranking(some, plan) for some, plan in zip(each, plans, strict=True)]


def _ranking(rows: Sequence[Any], plan: Plan) -> Ranking:
    if not rows:
        return nothing(plan.marks, plan.corrections)
    ids = np.empty(len(rows), dtype=object)
    ids[:] = [row[0] for row in rows]
    scores = np.array([row[1] for row in rows], dtype=np.float32)
    return Ranking(ids, np.arange(len(rows)), scores, plan.marks, plan.corrections)


def _matches(vector: sa.ColumnElement[Any], group: Sequence[Alternative]) -> sa.ColumnElement[bool]:
    return vector.bool_op("@@")(sa.cast(query_text(group), TSQUERY))
