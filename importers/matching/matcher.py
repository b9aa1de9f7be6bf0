"""Finds the place of records whose id is unknown, and remembers what a person has to look at.

A record that is surely a known place is joined to it; one that may be is made a place of its own and the pair goes to
the review queue; else it is new. Never joined by itself: a record whose issuer has another id on that place, and one
that two places resemble alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from importers.matching.pairs import chunks, follow, pair_of, pairs_of
from importers.matching.pool import Pool, Town
from importers.matching.reading import Place, issuer, read_place
from importers.matching.scoring import Score, score
from importers.matching.vocabulary import CITIES, city_of, vocabulary
from importers.models import MatchPair, Verdict
from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.directory.apply import Home, Incoming
from reseau.directory.models import SourcePart, SourceRecord, Status, Structure

_COLUMNS = (
    Structure.id, Structure.rev, Structure.nom, Structure.commune, Structure.code_insee, Structure.adresse,
    Structure.latitude, Structure.longitude, Structure.telephone, Structure.courriels, Structure.pivot,
    Structure.typologie,
)  # fmt: skip
FIRST = 1
"""Revision of a structure that was just made."""
Found = tuple[Score, Place]


class Matcher:
    """See :class:`reseau.directory.apply.Matching`. One for each batch; ``pool`` may live longer.

    :param source: name of the register. :param run: the import run, for the pairs.
    """

    def __init__(self, session: Session, source: str, pool: Pool, now: datetime, run: UUID | None = None) -> None:
        self.session, self.source, self.pool, self.now, self.run = session, source, pool, now, run
        self._pairs: dict[tuple[UUID, UUID], Score] = {}

    def homes(self, strangers: Sequence[tuple[UUID, Incoming]]) -> list[Home]:
        """One by one, in order: a record may be the place that an earlier one of the batch has just made."""
        places = [self._read(id_, item) for id_, item in strangers]
        self._load({place.town for place in places if place.town})
        known = [self.pool.town(place.town).like(place) if place.town else [] for place in places]
        ids = {other.key for some in known for _, other in some}
        issuers, apart = self._issuers(ids), self._apart(ids)
        batch: dict[str, Town] = defaultdict(Town)
        homes = []
        for place, found in zip(places, known, strict=True):
            if place.town:
                found = [*found, *batch[place.town].like(place)]
            home = self._decide(place, found, issuers, apart)
            issuers[home.structure_id] |= place.issuers
            if home.joined is None and place.town:
                batch[place.town].add(place)
            homes.append(home)
        self._keep(batch, [home.structure_id for home in homes if home.joined])
        return homes

    def _keep(self, made: Mapping[str, Town], joined: Sequence[UUID]) -> None:
        """The places that the batch makes, as the next one would read them: those that are of one record only. What a
        rollback takes away again, the next batch drops."""
        several = set(joined)
        for code, town in made.items():
            for key, place in town.places.items():
                if key not in several:
                    self.pool.town(code).add(replace(place, issuers=frozenset()), FIRST)

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

    def _decide(
        self, place: Place, found: list[Found], issuers: Mapping[Any, set[str]], apart: set[tuple[UUID, UUID]]
    ) -> Home:
        """Where one record goes, given places that are like it, their issuers known from now on."""
        here: Any = place.key
        scored = sorted((_with_issuers(place, *one, issuers[one[1].key]) for one in found), key=_rank)
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

    def _load(self, towns: set[str]) -> None:
        """Bring towns of the pool up to date: places that are new to it or were written since."""
        self.pool.shrink(towns)
        codes = {code: town for town in towns for code in _codes_of(town)}
        wanted: list[UUID] = []
        seen: dict[str, set[UUID]] = {town: set() for town in towns}
        light = sa.select(Structure.id, Structure.rev, Structure.code_insee)
        #: What no register gave for long may come back under another id.
        away = (Structure.status == Status.CLOSED.value) & Structure.archived_at.is_not(None)
        there_or_away = (Structure.status == Status.ACTIVE.value) | away
        for some in chunks(sorted(codes)):
            for id_, rev, code in self.session.execute(light.where(there_or_away, Structure.code_insee.in_(some))):
                town = codes[str(code)]
                seen[town].add(id_)
                if self.pool.town(town).revs.get(id_) != rev:
                    wanted.append(id_)
        for town, there in seen.items():
            kept = self.pool.town(town)
            for gone in [key for key in kept.places if key not in there]:
                kept.remove(gone)
        for some in chunks(wanted):
            for row in dicts(self.session.execute(sa.select(*_COLUMNS).where(Structure.id.in_(some)))):
                self.pool.town(city_of(row["code_insee"])).add(read_place(row["id"], row), row["rev"])

    def _issuers(self, ids: Iterable[Any]) -> dict[Any, set[str]]:
        found: dict[Any, set[str]] = defaultdict(set)
        rows = sa.select(SourceRecord.structure_id, SourcePart.source, SourcePart.part).join(
            SourcePart, SourcePart.record_id == SourceRecord.id
        )
        for some in chunks(ids):
            for id_, source, part in self.session.execute(rows.where(SourceRecord.structure_id.in_(some))):
                found[id_].add(issuer(part, source))
        return found

    def _apart(self, ids: Iterable[Any]) -> set[tuple[UUID, UUID]]:
        """Pairs that a person has said are two places."""
        two = {Verdict.DISTINCT.value, Verdict.INSIDE.value, Verdict.AROUND.value}
        return {pair for pair, verdict in pairs_of(self.session, ids).items() if verdict in two}


def _with_issuers(place: Place, found: Score, other: Place, known: set[str]) -> Found:
    """What was found without the ids of issuers, with them: it is another score only when they share one."""
    if place.issuers.isdisjoint(known) and place.issuers.isdisjoint(other.issuers):
        return found, other
    other = replace(other, issuers=frozenset(known))
    return score(place, other), other


def _rank(found: Found) -> tuple[float, str]:
    return -found[0].value, str(found[1].key)


def _codes_of(city: str) -> list[str]:
    """The INSEE codes of a commune: those of its arrondissements too."""
    inside = [str(code) for first, last, of in CITIES if of == city for code in range(first, last + 1)]
    return [city, *inside]
