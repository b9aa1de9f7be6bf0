"""Lists of people and places that a coordinator gives: read, tried, applied once.

Nothing is sent or made before the coordinator has seen, row by row, what would happen. A place is never guessed: a name
that is only near gives candidates, and no invitation. A name that is near nothing in a city that is known can be made a
place, if the coordinator leaves it ticked.
"""

from __future__ import annotations

import enum
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from reseau.core import audit
from reseau.core.actors import Actor
from reseau.core.communes import Commune
from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.core.vocabularies import fold
from reseau.directory import lifecycle, priorities
from reseau.directory.models import Cause, Status, Structure
from reseau.directory.reproject import Because
from reseau.members import invitations, proposals
from reseau.members.invitations import Invited, Wanted, clean_address
from reseau.members.list_reading import ID, Line
from reseau.members.models import Invitation, Membership, PeopleList, Person
from reseau.settings import Settings

#: Unknown places for which candidates are looked for: each costs a comparison with all names.
LOOKED_FOR, CANDIDATES, NEAR = 60, 3, 70
_ROLES = {
    "": "member", "membre": "member", "member": "member", "referent": "referent", "referente": "referent",
    "referent e": "referent", "referent ou referente": "referent", "referent referente": "referent",
}  # fmt: skip


class Fate(enum.StrEnum):
    """What would happen, or happened, to a row."""

    INVITE = "invite"
    CREATE = "create"
    SENT = "sent"
    CREATED = "created"
    NOT_CREATED = "not-created"
    MEMBER = "member"
    PENDING = "pending"
    TWICE = "twice"
    BAD_ADDRESS = "bad-address"
    BAD_ROLE = "bad-role"
    NO_PLACE = "no-place"
    UNKNOWN_PLACE = "unknown-place"
    SEVERAL_PLACES = "several-places"


@dataclass(frozen=True, slots=True)
class Tried:
    """One row with what would happen to it. ``place`` and ``candidates``: rows (id, slug, nom, commune, adresse).
    ``new``: the fields of the place that would be made.
    """

    line: Line
    fate: Fate
    role: str = ""
    place: Any | None = None
    candidates: list[Any] = field(default_factory=list)
    new: dict[str, Any] | None = None


# --- looking for the places ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matched:
    """What a row says, whoever belongs where: found when the list is given, and kept with it. ``place`` and
    ``candidates``: ids of structures. ``new``: the fields of a place to make.
    """

    fate: Fate
    role: str = ""
    place: str = ""
    candidates: list[str] = field(default_factory=list)
    new: dict[str, Any] | None = None


class _Places:
    """The places of the directory, by id, by name and by commune; read once for a list."""

    def __init__(self, session: Session) -> None:
        table: Any = Structure.__table__
        columns = [table.c[name] for name in ("id", "nom", "commune", "code_insee", "status", "merged_into")]
        rows = list(dicts(session.execute(sa.select(*columns).order_by(table.c.nom, table.c.id))))
        self._by_id = {row["id"]: row for row in rows}
        self._active = [row for row in rows if row["status"] == Status.ACTIVE.value]
        self._names = [fold(f"{row['nom']} {row['commune'] or ''}") for row in self._active]
        self._by_name: dict[str, list[Any]] = defaultdict(list)
        self._by_commune: dict[str, list[Any]] = defaultdict(list)
        for row, whole in zip(self._active, self._names, strict=True):
            self._by_commune[row["code_insee"] or ""].append(row)
            for key in {whole, fold(row["nom"])}:
                self._by_name[key].append(row)
        self._looked: dict[str, list[Any]] = {}

    def find(self, text: str) -> list[Any]:
        """The places that a text names: an id, the address of a sheet, a name, a name and a commune."""
        if found := ID.search(text.lower()):
            row = self._by_id.get(UUID(found[0]))
            row = self._by_id.get(row["merged_into"], row) if row else None
            return [row] if row and row["status"] == Status.ACTIVE.value else []
        return self._by_name.get(fold(text), [])

    def near(self, text: str) -> list[Any]:
        """The nearest names, for a person to choose; [] when none is near."""
        folded = fold(text)
        if folded not in self._looked and len(self._looked) < LOOKED_FOR:
            found = process.extract(
                folded, self._names, scorer=fuzz.token_set_ratio, score_cutoff=NEAR, limit=CANDIDATES
            )
            self._looked[folded] = [self._active[rank] for _name, _score, rank in found]
        return self._looked.get(folded, [])

    def alike(self, name: str, commune: Commune) -> list[Any]:
        """The places of a commune that may be the one of that name, the likeliest first."""
        wanted, generic = fold(name), proposals.generic_in(commune.name)
        scored = [
            (-proposals.likeness(wanted, fold(row["nom"]), generic), rank, row)
            for rank, row in enumerate(self._by_commune.get(commune.code, ()))
        ]
        return [row for score, _rank, row in sorted(scored, key=lambda one: one[:2]) if -score >= proposals.ALIKE]


def match(session: Session, lines: Iterable[Line]) -> list[Matched]:
    """What each row says. Slow (names are compared): not for while a lock is held."""
    known = _Places(session)
    return [_match(line, known) for line in lines]


def _match(line: Line, known: _Places) -> Matched:
    role = _ROLES.get(fold(line.role), "")
    if clean_address(line.email) is None:
        return Matched(Fate.BAD_ADDRESS, role)
    if not role:
        return Matched(Fate.BAD_ROLE)
    if not line.place:
        return Matched(Fate.NO_PLACE, role)
    found = known.find(line.place)
    if len(found) == 1:
        return Matched(Fate.INVITE, role, str(found[0]["id"]))
    if found:
        return Matched(Fate.SEVERAL_PLACES, role, candidates=_ids(found))
    name, commune = _named(line.place)
    if commune is None:
        return Matched(Fate.UNKNOWN_PLACE, role, candidates=_ids(known.near(line.place)))
    if alike := known.alike(name, commune):
        return Matched(Fate.UNKNOWN_PLACE, role, candidates=_ids(alike))
    new = {"nom": name, "commune": commune.name, "code_insee": commune.code}
    if len(commune.postcodes) == 1:
        new["code_postal"] = commune.postcodes[0]
    return Matched(Fate.CREATE, role, new=new)


def _named(text: str) -> tuple[str, Commune | None]:
    """The name and the commune of "Le Fil, Roubaix"; no commune when that is not sure, or there is no name."""
    name, _comma, city = text.rpartition(",")
    name = name.strip().lstrip("=+-@ ")
    sure = bool(fold(name)) and not ID.search(text.lower())
    return name, proposals.read_commune(city) if sure else None


def _ids(rows: Iterable[Any]) -> list[str]:
    return [str(row["id"]) for row in rows][:CANDIDATES]


# --- trying -------------------------------------------------------------------------------------------------


def attempt(session: Session, lines: Sequence[Line], matched: Sequence[Matched], now: datetime) -> list[Tried]:
    """What would happen to each row now; three statements, however many there are. Names are not compared again."""
    ids = {UUID(id_) for one in matched for id_ in (one.place, *one.candidates) if id_}
    rows = _rows_of(session, ids)
    addresses = {address for line in lines if (address := clean_address(line.email))}
    members, asked = _members(session, addresses), _asked(session, addresses, now)
    seen: set[tuple[str, Any]] = set()
    tried = []
    for line, one in zip(lines, matched, strict=True):
        place = rows.get(UUID(one.place)) if one.place else None
        candidates = [rows[UUID(id_)] for id_ in one.candidates if UUID(id_) in rows]
        fate, address = one.fate, clean_address(line.email) or ""
        if place:
            here = (address, place["id"])
            fate = _known_fate(one.role, members.get(here, ()), asked.get(here, ()))
        elif fate is Fate.INVITE:
            fate = Fate.UNKNOWN_PLACE  # it was closed meanwhile
        if place or one.new:
            key = (address, place["id"] if place else _key(one.new))
            fate = Fate.TWICE if key in seen else fate
            seen.add(key)
        tried.append(Tried(line, fate, one.role, place, candidates, one.new))
    return tried


def _key(new: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """What makes two rows mean the same new place."""
    return (new["code_insee"], fold(new["nom"])) if new else None


def _rows_of(session: Session, ids: set[UUID]) -> dict[UUID, Any]:
    """id → (id, slug, nom, commune, adresse) of the open place that it means now."""
    table: Any = Structure.__table__
    was, now = table.alias(), table.alias()
    columns = [was.c.id.label("was"), *(now.c[name] for name in ("id", "slug", "nom", "commune", "adresse"))]
    found = sa.select(*columns).join(now, now.c.id == sa.func.coalesce(was.c.merged_into, was.c.id))
    open_ones = found.where(was.c.id.in_(sorted(ids)), now.c.status == Status.ACTIVE.value)
    return {row["was"]: row for row in dicts(session.execute(open_ones))}


def _known_fate(role: str, holds: Iterable[str], asked: Iterable[str]) -> Fate:
    if {role, "referent"} & set(holds):
        return Fate.MEMBER
    return Fate.PENDING if {role, "referent"} & set(asked) else Fate.INVITE


def _members(session: Session, addresses: set[str]) -> dict[tuple[str, UUID], list[str]]:
    place = sa.func.coalesce(Structure.merged_into, Structure.id)
    found = (
        sa.select(Person.email, place, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .join(Structure, Structure.id == Membership.structure_id)
        .where(Person.email.in_(sorted(addresses)))
    )
    return _grouped(session.execute(found))


def _asked(session: Session, addresses: set[str], now: datetime) -> dict[tuple[str, UUID], list[str]]:
    place = sa.func.coalesce(Structure.merged_into, Structure.id)
    found = (
        sa.select(Invitation.email, place, Invitation.role)
        .join(Structure, Structure.id == Invitation.structure_id)
        .where(Invitation.email.in_(sorted(addresses)), Invitation.expires_at > now)
        .where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    )
    return _grouped(session.execute(found))


def _grouped(rows: Iterable[Any]) -> dict[tuple[str, UUID], list[str]]:
    found: dict[tuple[str, UUID], list[str]] = {}
    for email, place, role in rows:
        found.setdefault((email, place), []).append(role)
    return found


# --- keeping, applying --------------------------------------------------------------------------------------


def keep(session: Session, lines: Sequence[Line], matched: Sequence[Matched], by: UUID, now: datetime) -> UUID:
    """Store a list as read, with what each row says (:func:`match`), to be looked at, then applied."""
    rows = {"lines": [asdict(line) for line in lines], "matched": [asdict(one) for one in matched]}
    row = PeopleList(id=new_id(), given_by=by, created_at=now, rows=rows)
    session.add(row)
    session.flush()
    return row.id


def _stored(row: PeopleList) -> tuple[list[Line], list[Matched]]:
    matched = [Matched(**{**one, "fate": Fate(one["fate"])}) for one in row.rows["matched"]]
    return [Line(**line) for line in row.rows["lines"]], matched


def get(session: Session, id_: UUID) -> PeopleList | None:
    """A stored list."""
    return session.get(PeopleList, id_)


def result(session: Session, row: PeopleList, now: datetime) -> list[Tried]:
    """What would happen to each row; once applied, what happened."""
    tried = attempt(session, *_stored(row), now)
    happened = row.rows.get("fates")
    if row.applied_at is None or not happened:
        return tried
    made = [UUID(id_) if id_ else None for id_ in row.rows["made"]]
    rows = _rows_of(session, {id_ for id_ in made if id_})
    return [
        replace(one, fate=Fate(fate), place=rows.get(id_) if id_ else one.place)
        for one, fate, id_ in zip(tried, happened, made, strict=True)
    ]


def apply(
    session: Session, id_: UUID, create: Collection[int], actor: Actor, settings: Settings, now: datetime
) -> Counter[Fate] | None:
    """Invite those who would be, make the places that were ticked.

    :param create: ``Line.number`` of the rows whose new place is to be made.
    :return: how many rows of each fate; None when the list was applied already. :raises LookupError: no such list.
    """
    found = sa.select(PeopleList).where(PeopleList.id == id_).with_for_update()
    row = session.scalars(found.execution_options(populate_existing=True)).first()
    if row is None:
        raise LookupError(id_)
    if row.applied_at is not None:
        return None
    tried = attempt(session, *_stored(row), now)
    made = _make_places(session, [one for one in tried if one.line.number in create], id_, actor, settings, now)
    places = [
        one.place["id"] if one.place else made.get(_key(one.new)) if one.line.number in create else None
        for one in tried
    ]
    # In one order of places for all: two lists applied at once would otherwise wait for each other.
    ordered = sorted(enumerate(tried), key=lambda each: (str(places[each[0]] or ""), each[0]))
    fates = {rank: _invite(session, one, places[rank], actor.person_id, settings, now) for rank, one in ordered}
    news = [str(place) if one.new and place else "" for one, place in zip(tried, places, strict=True)]
    row.rows = {**row.rows, "fates": [fates[rank].value for rank in range(len(tried))], "made": news}
    row.applied_at = now
    session.flush()
    return Counter(fates.values())


def _make_places(
    session: Session, wanted: Iterable[Tried], list_id: UUID, actor: Actor, settings: Settings, now: datetime
) -> dict[Any, UUID]:
    """The new places, each once, by :func:`_key`; one that somebody made since the list was given is taken as it is."""
    new: dict[Any, Mapping[str, Any]] = {}
    for one in wanted:
        if one.new and one.fate is Fate.CREATE:
            new.setdefault(_key(one.new), one.new)  # as its first row writes it
    if not new:
        return {}
    if session.get_bind().dialect.name == "postgresql":  # two lists at once; SQLite has one writer
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(zlib.crc32(b"reseau:people-list"))))
    table: Any = Structure.__table__
    codes = sorted({values["code_insee"] for values in new.values()})
    there = sa.select(table.c.id, table.c.nom, table.c.code_insee).where(table.c.code_insee.in_(codes))
    there = there.where(table.c.status == Status.ACTIVE.value).order_by(table.c.id)
    made: dict[Any, UUID] = {}
    for known in dicts(session.execute(there)):
        made.setdefault((known["code_insee"], fold(known["nom"])), known["id"])
    sources = priorities.order(session, settings.sources)
    for key, values in new.items():
        if key not in made:
            because = Because(Cause.CREATE, actor, ref=list_id)
            made[key] = lifecycle.create(session, values, because, sources, now)
            audit.record(session, actor, "sheet.create", now, made[key])
    return {key: made[key] for key in new}


def _invite(
    session: Session, one: Tried, place: UUID | None, by: UUID | None, settings: Settings, now: datetime
) -> Fate:
    email = clean_address(one.line.email)
    if one.fate is Fate.CREATE and place is None:
        return Fate.NOT_CREATED
    if one.fate not in (Fate.INVITE, Fate.CREATE) or place is None or email is None:
        return one.fate
    wanted = Wanted(email, one.role, place, one.line.name, settings.default_language)
    done = invitations.invite(session, wanted, by, settings, now)
    sent = Fate.CREATED if one.fate is Fate.CREATE else Fate.SENT
    return {Invited.SENT: sent, Invited.MEMBER: Fate.MEMBER, Invited.PENDING: Fate.PENDING}[done]


def counts(tried: Iterable[Tried]) -> dict[str, int]:
    """How many rows of each fate, in the order of :class:`Fate`."""
    found = Counter(one.fate for one in tried)
    return {fate.value: found[fate] for fate in Fate if found[fate]}
