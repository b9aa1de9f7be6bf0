"""Compact columns of the directory in memory: what filters, counts and sorts, a few bytes a place.

The text engine only ranks. Everything else that a list page asks (filters, facet counts, distance, open now, order) is
answered here by numpy on one boolean or float per place: 17,500 places fit in 4 MB and a facet count costs 3 µs, where
counting in the text engine took 118 ms (``docs/architecture.md``).

``Facts`` is an immutable snapshot of the log at ``seq``; ``FactsReader`` is one more reader of the log, and makes the
next snapshot when the log has moved. It can be thrown away at any time: it is read again from the tables.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.communes import fold_name
from reseau.core.db import dicts
from reseau.core.text import fold
from reseau.core.vocabularies import vocabulary
from reseau.directory.facts_hours import parse
from reseau.directory.models import KIND, Service, Status, Structure

Mask = NDArray[np.bool_]
MINUTES = 24 * 60
FULL_RELOAD_OVER = 2_000

#: Parameter of ``/annuaire`` → (field of the structure, vocabulary). ``rdv`` and ``ouvert`` are computed.
FACETS: dict[str, tuple[str, str]] = {
    "service": ("services", "services"),
    "demarche": ("demarches", "demarches"),
    "public": ("publics_specifiquement_adresses", "publics"),
    "prise_en_charge": ("prise_en_charge_specifique", "prises_en_charge"),
    "frais": ("frais_a_charge", "frais"),
    "modalite": ("modalites_accompagnement", "modalites_accompagnement"),
    "programme": ("dispositif_programmes_nationaux", "programmes"),
    "label": ("formations_labels", "labels"),
}
RDV = ("sur-rendez-vous", "sans-rendez-vous")
OUVERT = ("maintenant", "soir", "weekend")
#: The local label: true of a place until a day, so that what ended yesterday is out although nothing was written.
LABEL_LOCAL = ("oui",)
_COLUMNS = (
    "id", "nom", "commune", "code_insee", "code_postal", "latitude", "longitude", "horaires", "opens_evening",
    "opens_weekend", "fresh_on", "itinerance", "modalites_acces", "prise_rdv", "label_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What the columns need of one structure. ``terms``: (parameter, code) pairs that are true of it. ``fresh_on``: ISO
    day on which it was last updated or verified, or "". ``label_until``: last day of its local label, as an ordinal of
    the calendar; 0: none."""

    id: UUID
    sort_key: str
    code_insee: str | None
    code_postal: str | None
    commune: str
    latitude: float
    longitude: float
    horaires: str | None
    fresh_on: str
    terms: frozenset[tuple[str, str]]
    label_until: int = 0


@dataclass(slots=True)
class _Openings:
    """Opening intervals of one day, in minutes from its midnight, by row (rows repeat).

    ``bounds``: when any place changes, hours that are only "unknown" included; ``late``: the same after midnight.
    """

    day: date
    rows: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    bounds: NDArray[np.int32]
    late: NDArray[np.int32]


@dataclass(slots=True)
class Facts:
    """A snapshot. All arrays have one entry a place, in the same order: ``rank_name`` gives the order by name."""

    seq: int
    places: list[Place]
    timezone: ZoneInfo
    country: str
    row_of: dict[UUID, int] = field(init=False)
    terms: dict[tuple[str, str], Mask] = field(init=False)
    latitude: NDArray[np.float64] = field(init=False)
    longitude: NDArray[np.float64] = field(init=False)
    by_date: NDArray[np.int32] = field(init=False)
    known_hours: Mask = field(init=False)
    label_until: NDArray[np.int32] = field(init=False)
    _communes: dict[str, list[int]] = field(init=False)
    _postcodes: dict[str, list[int]] = field(init=False)
    _openings: dict[date, _Openings] = field(init=False, default_factory=dict)
    _universe: tuple[NDArray[np.object_], NDArray[np.int64]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        places = self.places
        self.row_of = {place.id: row for row, place in enumerate(places)}
        self.latitude = np.array([place.latitude for place in places], dtype=np.float64)
        self.longitude = np.array([place.longitude for place in places], dtype=np.float64)
        newest = sorted(range(len(places)), key=lambda row: places[row].fresh_on, reverse=True)
        self.by_date = np.empty(len(places), dtype=np.int32)
        self.by_date[newest] = np.arange(len(places), dtype=np.int32)
        self.known_hours = np.array([place.horaires is not None for place in places], dtype=np.bool_)
        self.label_until = np.array([place.label_until for place in places], dtype=np.int32)
        rows: dict[tuple[str, str], list[int]] = {}
        self._communes, self._postcodes = {}, {}
        for row, place in enumerate(places):
            for term in place.terms:
                rows.setdefault(term, []).append(row)
            self._communes.setdefault(place.code_insee or f"~{place.commune}", []).append(row)
            if place.code_postal:
                self._postcodes.setdefault(place.code_postal, []).append(row)
        self.terms = {term: self._mask(found) for term, found in rows.items()}

    def __len__(self) -> int:
        return len(self.places)

    def rows_of(self, universe: NDArray[np.object_]) -> NDArray[np.int64]:
        """Row of each id of an array, -1 for those that are not here; kept for as long as it is the same array."""
        kept = self._universe
        if kept is None or kept[0] is not universe:
            rows = (self.row_of.get(id_, -1) for id_ in universe)
            kept = self._universe = universe, np.fromiter(rows, dtype=np.int64, count=len(universe))
        return kept[1]

    def everything(self) -> Mask:
        """A fresh mask that is true everywhere."""
        return np.ones(len(self.places), dtype=np.bool_)

    def having(self, parameter: str, codes: Iterable[str]) -> Mask:
        """Places for which at least one of the codes is true."""
        mask = np.zeros(len(self.places), dtype=np.bool_)
        for code in codes:
            if (known := self.terms.get((parameter, code))) is not None:
                mask |= known
        return mask

    def in_commune(self, code_insee: str, folded_name: str) -> Mask:
        """Places of a commune; those without a code are found by the folded name of their commune."""
        return self._mask(self._communes.get(code_insee, []) + self._communes.get(f"~{folded_name}", []))

    def in_postcode(self, code_postal: str) -> Mask:
        """Places of a postcode."""
        return self._mask(self._postcodes.get(code_postal, []))

    def centre(self, mask: Mask) -> tuple[float, float] | None:
        """Mean position of the places of a mask that have one: where a commune is, for want of a better source."""
        located = mask & ~np.isnan(self.latitude)
        if not located.any():
            return None
        return float(self.latitude[located].mean()), float(self.longitude[located].mean())

    def distances(self, latitude: float, longitude: float) -> NDArray[np.float64]:
        """Great-circle distance to each place in metres (haversine, sphere of 6,371,008.8 m); NaN if unknown."""
        phi, there = np.radians(latitude), np.radians(self.latitude)
        half = np.sin((there - phi) / 2) ** 2
        half += np.cos(phi) * np.cos(there) * np.sin(np.radians(self.longitude - longitude) / 2) ** 2
        metres: NDArray[np.float64] = 2 * 6_371_008.8 * np.arcsin(np.sqrt(half))
        return metres

    def open_at(self, at: datetime) -> Mask:
        """Places that are open at that minute; unknown hours are not."""
        mask = np.zeros(len(self.places), dtype=np.bool_)
        local = at.astimezone(self.timezone)
        minute = local.hour * 60 + local.minute
        for day, now in ((local.date(), minute), (local.date() - timedelta(days=1), minute + MINUTES)):
            openings = self._openings_of(day)
            mask[openings.rows[(openings.starts <= now) & (now < openings.ends)]] = True
        return mask

    def labelled(self, day: date) -> Mask:
        """Places that hold the local label on a day, today or later."""
        held: Mask = self.label_until >= day.toordinal()
        return held

    def stable_since(self, at: datetime) -> str:
        """Names the period around ``at`` in which no place opens or closes: pages that show it do not change."""
        local = at.astimezone(self.timezone)
        minute = local.hour * 60 + local.minute
        today, night = self._openings_of(local.date()), self._openings_of(local.date() - timedelta(days=1))
        passed = (int(np.searchsorted(bounds, minute, side="right")) for bounds in (today.bounds, night.late))
        return f"{local.date()}/{sum(passed)}"

    def _openings_of(self, day: date) -> _Openings:
        if (known := self._openings.get(day)) is None:
            known = self._compute_openings(day)
            recent = {d: o for d, o in self._openings.items() if abs((d - day).days) <= 1}
            self._openings = {**recent, day: known}
        return known

    def _compute_openings(self, day: date) -> _Openings:
        """0.1 s for 17,500 places with 250 distinct expressions: once a day, not once a request."""
        intervals: dict[str, list[tuple[int, int]]] = {}
        rows, starts, ends = [], [], []
        changes_at: set[int] = set()
        for row in np.flatnonzero(self.known_hours).tolist():
            osm = self.places[row].horaires or ""
            if osm not in intervals:
                hours = parse(osm, self.timezone.key, self.country)
                # A public holiday of which the hours say nothing: nobody knows whether it is open.
                found = hours.day_intervals(day) if hours and not hours.doubtful(day) else ()
                intervals[osm] = [(i.start, i.end) for i in found if not i.unknown]
                changes_at |= {minute for i in found for minute in (i.start, i.end)}
            for start, end in intervals[osm]:
                rows.append(row)
                starts.append(start)
                ends.append(end)
        bounds = sorted(minute for minute in changes_at if minute < MINUTES)
        late = sorted(minute - MINUTES for minute in changes_at if minute >= MINUTES)
        return _Openings(day, _int32(rows), _int32(starts), _int32(ends), _int32(bounds), _int32(late))

    def _mask(self, rows: Sequence[int]) -> Mask:
        mask = np.zeros(len(self.places), dtype=np.bool_)
        mask[list(rows)] = True
        return mask


class FactsReader:
    """Gives the snapshot that is true for a session, and makes a new one when the log has moved."""

    def __init__(self, timezone: str, country: str, patience: float = 0.0) -> None:
        """``patience``: seconds for which a snapshot does although the log has moved, so that an import that commits
        three times a second does not make one each time."""
        self._timezone, self._country, self._patience = ZoneInfo(timezone), country, patience
        self._made_at = 0.0
        self._lock = threading.Lock()
        self._facts: Facts | None = None

    def read(self, session: Session) -> Facts:
        """The snapshot of all that the session can see: one statement when nothing has changed.

        :param session: any session; its transaction gives the moment.
        """
        seq = changes.current_seq(session)
        facts = self._facts
        if facts is not None and (facts.seq >= seq or time.monotonic() - self._made_at < self._patience):
            return facts
        # While one request makes the next snapshot (0.2 s at 17,500 places), the others are answered from this one.
        if not self._lock.acquire(blocking=facts is None):
            return facts  # type: ignore[return-value]  # it is not None: else we would have waited
        try:
            facts = self._facts
            if facts is None or facts.seq < seq:
                facts = self._facts = self._next(session, facts, seq)
                self._made_at = time.monotonic()
            return facts
        finally:
            self._lock.release()

    def _next(self, session: Session, old: Facts | None, seq: int) -> Facts:
        places: Iterable[Place] | None = None
        if old is not None:
            log = changes.changes_after(session, old.seq, FULL_RELOAD_OVER + 1)
            changed = {change.object_id for change in log if change.kind == KIND}
            if not changed and len(log) <= FULL_RELOAD_OVER:
                return replace(old, seq=seq)  # news of other kinds
            if len(log) <= FULL_RELOAD_OVER:
                kept = {place.id: place for place in old.places if place.id not in changed}
                places = [*kept.values(), *load_places(session, changed)]
        if places is None:
            places = load_places(session)
        return Facts(seq, sorted(places, key=lambda p: (p.sort_key, p.id)), self._timezone, self._country)


def _int32(values: Sequence[int]) -> NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


def load_places(session: Session, ids: Iterable[UUID] | None = None) -> list[Place]:
    """Places of the active structures (of ``ids``, or all), in any order; three statements at most."""
    table = Structure.__table__
    names = [*_COLUMNS, *(field_name for field_name, _ in FACETS.values())]
    statement = sa.select(*(table.c[name] for name in names)).where(table.c.status == Status.ACTIVE.value)
    offers = sa.select(Service.structure_id, Service.demarches, Service.publics, Service.frais)
    if ids is not None:
        wanted = list(ids)
        statement = statement.where(table.c.id.in_(wanted))
        offers = offers.where(Service.structure_id.in_(wanted))
    of_structure: dict[UUID, set[tuple[str, str]]] = {}
    for structure_id, demarches, publics, frais in session.execute(offers):
        found = of_structure.setdefault(structure_id, set())
        found |= {("demarche", code) for code in demarches} | {("public", code) for code in publics}
        found |= {("frais", frais)} if frais else set()
    return [_place(row, of_structure.get(row["id"], set())) for row in dicts(session.execute(statement))]


def _place(row: Mapping[str, Any], offered: set[tuple[str, str]]) -> Place:
    terms = set(offered)
    for parameter, (name, vocabulary_name) in FACETS.items():
        known = vocabulary(vocabulary_name)
        terms |= {(parameter, code) for code in row[name] if known.get(code)}
    if "itinerant" in row["itinerance"]:
        terms.add(("modalite", "itinerant"))
    terms |= {("rdv", code) for code in appointment(row)}
    terms |= {("ouvert", "soir")} if row["opens_evening"] else set()
    terms |= {("ouvert", "weekend")} if row["opens_weekend"] else set()
    located = row["latitude"] is not None and row["longitude"] is not None
    return Place(
        id=row["id"],
        sort_key=fold(row["nom"]),
        code_insee=row["code_insee"],
        code_postal=row["code_postal"],
        commune=fold_name(row["commune"] or ""),
        latitude=row["latitude"] if located else float("nan"),
        longitude=row["longitude"] if located else float("nan"),
        horaires=row["horaires"],
        fresh_on=row["fresh_on"] or "",
        terms=frozenset(terms),
        label_until=row["label_until"].toordinal() if row["label_until"] else 0,
    )


def appointment(row: Mapping[str, Any]) -> set[str]:
    """By appointment or not, as far as the place says it; both can be true, and so can neither (unknown)."""
    found = set()
    if row["prise_rdv"] or "prendre-un-rdv-en-ligne" in row["modalites_acces"]:
        found.add("sur-rendez-vous")
    hours = parse(row["horaires"])
    if hours is not None and hours.by_appointment:
        found.add("sur-rendez-vous")
    if "se-presenter" in row["modalites_acces"]:
        found.add("sans-rendez-vous")
    return found
