"""Finds the place of records whose id is unknown, and remembers what a person has to look at.

A record that is surely a known place is joined to it; one that may be is made a place of its own and the pair goes to
the review queue; else it is new. Never joined by itself: a record whose issuer has another id on that place, and one
that two places resemble alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.matching.pairs import CHUNK, chunks, follow, pair_of, pairs_of
from importers.matching.pool import Pool
from importers.matching.reading import Place, issuer, read_place
from importers.matching.scoring import Score, score
from importers.matching.vocabulary import CITIES, city_of, vocabulary
from importers.models import MatchPair, Verdict
from reseau.core import changes
from reseau.core.changes import Change
from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.directory.apply import Home, Incoming
from reseau.directory.models import KIND, SourcePart, SourceRecord, Status, Structure

#: Tables, not classes: thousands of rows a batch, of which one or two values are wanted.
_STRUCTURE, _RECORD, _PART = (cast("sa.Table", one.__table__) for one in (Structure, SourceRecord, SourcePart))
_S = _STRUCTURE.c
#: What no register gave for long may come back under another id. Said as a value when it is asked of ids: as a
#: condition, SQLite looks through all open places for them (50 ms for 500 ids, at 30,000 places).
_LISTED = (_S.status == Status.ACTIVE.value) | ((_S.status == Status.CLOSED.value) & _S.archived_at.is_not(None))
_REV = sa.case((_LISTED, _S.rev))
_PLACE = sa.select(
    _S.id, _REV.label("rev"), _S.nom, _S.commune, _S.code_insee, _S.adresse, _S.latitude, _S.longitude, _S.telephone,
    _S.courriels, _S.pivot, _S.typologie,
)  # fmt: skip
_NOW = sa.select(_S.id, _REV)
_ISSUERS = sa.select(_RECORD.c.structure_id, _PART.c.source, _PART.c.part).join_from(
    _RECORD, _PART, _PART.c.record_id == _RECORD.c.id
)
FIRST = 1
"""Revision of a structure that was just made."""
READ = 500
"""Places of a town that are in memory at once."""
AT_ONCE = 50
"""Records of a batch that are compared before one is decided: each may be like dozens of places, and all of a batch
at once were 20 MB and more."""
Found = tuple[Score, Place]


class Matcher:
    """See :class:`reseau.directory.apply.Matching`. One for each batch; ``pool`` may live longer.

    :param source: name of the register. :param run: the import run, for the pairs.
    """

    def __init__(self, session: Session, source: str, pool: Pool, now: datetime, run: UUID | None = None) -> None:
        self.session, self.source, self.pool, self.now, self.run = session, source, pool, now, run
        self._pairs: dict[tuple[UUID, UUID], Score] = {}
        pool.belong((session.get_bind().engine, run))

    def homes(self, strangers: Sequence[tuple[UUID, Incoming]]) -> list[Home]:
        """One by one, in order: a record may be the place that an earlier one of the batch has just made."""
        places = [self._read(id_, item) for id_, item in strangers]
        batch = Pool()  # what the batch makes is in the log once it is committed: the next one reads it there
        given: dict[Any, set[str]] = defaultdict(set)
        homes: list[Home] = []
        try:
            self._follow()
            self._load({place.town for place in places if place.town} - self.pool.towns)
            for start in range(0, len(places), AT_ONCE):
                homes += self._some(places[start : start + AT_ONCE], batch, given)
        except BaseException:
            self.pool.clear()  # half of what was to be written is there
            raise
        return homes

    def _some(self, places: Sequence[Place], batch: Pool, given: dict[Any, set[str]]) -> list[Home]:
        """``batch``: places that the batch makes, so far; ``given``: who gave the ids of its records, by place."""
        known = self._known(places)
        ids = {other.key for some in known for _, other in some}
        issuers, apart = self._issuers(ids), self._apart(ids)
        homes = []
        for place, found in zip(places, known, strict=True):
            if place.town:
                found = [*found, *batch.like(place)]
            home = self._decide(place, [(*one, issuers[one[1].key] | given[one[1].key]) for one in found], apart)
            given[home.structure_id] |= place.issuers
            if home.joined is None and place.town:
                batch.put([(place, FIRST)])
            homes.append(home)
        return homes

    def doubt(self, one: UUID, other: UUID) -> None:
        """The register says that two sheets are one."""
        self._ask(one, other, Score(100.0, {"registre": self.source}))

    def apart(self, one: UUID, other: UUID) -> bool:
        """What a person said of the two."""
        return pair_of(one, other) in self._apart([one])

    def settle(self) -> int:
        """Write the pairs; those that are known, asked or answered, are left as they are."""
        if not self._pairs:
            return 0
        follow(self.session)
        wanted = {id_ for pair in self._pairs for id_ in pair}
        known = pairs_of(self.session, wanted)
        rows = [
            {"id": new_id(), "left_id": left, "right_id": right, "score": found.value, "reasons": dict(found.reasons),
             "verdict": Verdict.OPEN.value, "run_id": self.run, "created_at": self.now}
            for (left, right), found in self._pairs.items() if (left, right) not in known
        ]  # fmt: skip
        if rows:
            self.session.connection().execute(sa.insert(MatchPair.__table__), rows)  # type: ignore[arg-type]
        self._pairs = {}
        return len(rows)

    def _read(self, id_: UUID, item: Incoming) -> Place:
        return read_place(id_, item.mapped, (issuer(part, self.source) for part in item.parts))

    def _decide(self, place: Place, found: list[tuple[Score, Place, set[str]]], apart: set[tuple[UUID, UUID]]) -> Home:
        """Where one record goes, given places that are like it and who gave the ids of each."""
        here: Any = place.key
        scored = _weighed(place, found)
        if not scored or scored[0][0].value < vocabulary().low:
            return Home(here)
        best, nearest = scored[0]
        there: Any = nearest.key
        if best.value < vocabulary().high or self._torn(scored, apart):
            self._ask(here, there, best)
            return Home(here)
        trace = {"how": "score", "score": best.value, "reasons": dict(best.reasons), "at": self.now.isoformat()}
        return Home(there, trace | ({"run": str(self.run)} if self.run else {}))

    def _torn(self, scored: list[Found], apart: set[tuple[UUID, UUID]]) -> bool:
        """Whether two places that are not one another are both surely this one: nobody can choose."""
        sure = [place for found, place in scored if found.value >= vocabulary().high]
        first: Any = sure[0].key
        for other in sure[1:]:
            key: Any = other.key
            plain = score(replace(sure[0], issuers=frozenset()), replace(other, issuers=frozenset()))
            if plain.value < vocabulary().high or pair_of(first, key) in apart:
                return True
        return False

    def _ask(self, one: UUID, other: UUID, found: Score) -> None:
        if one != other:
            self._pairs.setdefault(pair_of(one, other), found)

    def _known(self, places: Sequence[Place]) -> list[list[Found]]:
        """For each, the places like it that this transaction sees, as it sees them."""
        sure: set[Any] = set()
        while True:
            known = [self.pool.like(place) if place.town else [] for place in places]
            used = {other.key for some in known for _, other in some} - sure
            if not self._mend(used):
                return known
            sure |= used

    def _follow(self) -> None:
        """Read again what was written since the last batch, by whomever: what the log tells, what this transaction has
        written so far, and what the last one had, which may have been rolled back."""
        pool = self.pool
        if not pool.towns:
            pool.seq = changes.current_seq(self.session)
        log = sa.select(Change.seq, Change.kind, Change.object_id).order_by(Change.seq).limit(CHUNK)
        while rows := self.session.execute(log.where(Change.seq > pool.seq)).all():
            self._renew({id_ for _, kind, id_ in rows if kind == KIND})
            pool.seq = rows[-1][0]
        written = _written(self.session)
        self._renew(written | pool.unsure)
        pool.unsure = written

    def _load(self, towns: set[str]) -> None:
        """All places of towns that are new to the pool; never a second time in a run."""
        for some in chunks(code for town in sorted(towns) for code in _codes_of(town)):
            wanted = _PLACE.where(_LISTED, _S.code_insee.in_(some)).execution_options(yield_per=READ)
            with self.session.execute(wanted) as rows:
                self.pool.put((read_place(row["id"], row), row["rev"]) for row in dicts(rows))
        self.pool.towns |= towns

    def _renew(self, ids: Iterable[UUID]) -> None:
        """Read places again; those that are there no more, or in none of the towns of the pool, are dropped."""
        for some in chunks(ids):
            self.pool.drop(some)
            rows = dicts(self.session.execute(_PLACE.where(_S.id.in_(some))))
            ours = (row for row in rows if row["rev"] and city_of(row["code_insee"] or "") in self.pool.towns)
            self.pool.put((read_place(row["id"], row), row["rev"]) for row in ours)

    def _mend(self, ids: Iterable[Any]) -> bool:
        """Read again those that are not what the pool says, though no log tells (an archived place that a person
        writes to), or did not yet when it was read. :return: whether there are any."""
        stale: set[UUID] = set()
        for some in chunks(ids):
            now = dict(self.session.execute(_NOW.where(_S.id.in_(some))).all())
            stale.update(id_ for id_, rev in self.pool.revs(some).items() if now.get(id_) != rev)
        self._renew(stale)
        return bool(stale)

    def _issuers(self, ids: Iterable[Any]) -> dict[Any, set[str]]:
        found: dict[Any, set[str]] = defaultdict(set)
        for some in chunks(ids):
            for id_, source, part in self.session.execute(_ISSUERS.where(_RECORD.c.structure_id.in_(some))):
                found[id_].add(issuer(part, source))
        return found

    def _apart(self, ids: Iterable[Any]) -> set[tuple[UUID, UUID]]:
        """Pairs that a person has said are two places: few of those that are asked about."""
        return set(pairs_of(self.session, ids, Verdict.DISTINCT, Verdict.INSIDE, Verdict.AROUND))


def _written(session: Session) -> set[UUID]:
    """Structures that the transaction has changed: the log has them at its commit only."""
    return {entry.object_id for entry in changes.pending(session) if entry.kind == KIND}


def _weighed(place: Place, found: Iterable[tuple[Score, Place, set[str]]]) -> list[Found]:
    """What was found without the ids of issuers, with them: the best first, and all that are sure. One that both share
    only ever takes from a score, so what was less than the best is now needs no second look."""
    scored: list[Found] = []
    best = 0.0
    for plain, other, known in sorted(found, key=_rank):
        if plain.value < min(best, vocabulary().high):
            break
        scored.append(_with_issuers(place, plain, other, known))
        best = max(best, scored[-1][0].value)
    return sorted(scored, key=_rank)


def _with_issuers(place: Place, found: Score, other: Place, known: set[str]) -> Found:
    """What was found without the ids of issuers, with them: it is another score only when they share one."""
    if place.issuers.isdisjoint(known) and place.issuers.isdisjoint(other.issuers):
        return found, other
    other = replace(other, issuers=frozenset(known))
    return score(place, other), other


def _rank(found: Sequence[Any]) -> tuple[float, str]:
    return -found[0].value, str(found[1].key)


def _codes_of(city: str) -> list[str]:
    """The INSEE codes of a commune: those of its arrondissements too."""
    inside = [str(code) for first, last, of in CITIES if of == city for code in range(first, last + 1)]
    return [city, *inside]
