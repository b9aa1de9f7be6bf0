"""Lists of people and places that a coordinator gives: read, tried, applied once.

Nothing is sent before the coordinator has seen, row by row, what would happen. A place is never guessed: a name that is
only near gives candidates, and no invitation.
"""

from __future__ import annotations

import csv
import enum
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.core.ids import UUID_PATTERN, new_id
from reseau.core.vocabularies import fold
from reseau.directory.models import Status, Structure
from reseau.members import invitations
from reseau.members.invitations import Invited, Wanted, clean_address
from reseau.members.models import Invitation, Membership, PeopleList, Person
from reseau.settings import Settings

MAX_BYTES, MAX_ROWS, MAX_COLUMNS, MAX_CELL = 60_000, 500, 40, 300
#: Unknown places for which candidates are looked for: each costs a comparison with all names.
LOOKED_FOR, CANDIDATES, NEAR = 60, 3, 70
_ID = re.compile(UUID_PATTERN)
_HEADERS = {
    "courriel": ("courriel", "mail", "email", "e mail", "adresse mail", "adresse email", "adresse e mail",
                 "adresse courriel", "adresse electronique", "courriel professionnel", "mel"),
    "nom": ("nom", "nom complet", "nom et prenom", "nom prenom", "prenom nom", "prenom et nom", "personne"),
    "prenom": ("prenom",),
    "role": ("role", "fonction"),
    "lieu": ("lieu", "structure", "nom du lieu", "nom de la structure", "organisme", "fiche", "adresse de la fiche"),
    "commune": ("commune", "ville"),
}  # fmt: skip
_COLUMN = {spelling: name for name, spellings in _HEADERS.items() for spelling in spellings}
_ROLES = {
    "": "member", "membre": "member", "member": "member", "referent": "referent", "referente": "referent",
    "referent e": "referent", "referent ou referente": "referent", "referent referente": "referent",
}  # fmt: skip


class Unreadable(ValueError):
    """The text is not a list that can be read. ``code``: ``empty``, ``large``, ``binary``, ``columns``, ``rows``,
    ``header``, ``quotes``; ``detail``: what is missing.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class Fate(enum.StrEnum):
    """What would happen, or happened, to a row."""

    INVITE = "invite"
    SENT = "sent"
    MEMBER = "member"
    PENDING = "pending"
    TWICE = "twice"
    BAD_ADDRESS = "bad-address"
    BAD_ROLE = "bad-role"
    NO_PLACE = "no-place"
    UNKNOWN_PLACE = "unknown-place"
    SEVERAL_PLACES = "several-places"


@dataclass(frozen=True, slots=True)
class Line:
    """One row as read. ``number``: of the file, the header is 1."""

    number: int
    email: str
    name: str
    role: str
    place: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One row with what would happen to it. ``place`` and ``candidates``: rows (id, slug, nom, commune)."""

    line: Line
    fate: Fate
    role: str = ""
    place: Any | None = None
    candidates: list[Any] = field(default_factory=list)


# --- reading ------------------------------------------------------------------------------------------------


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with its mark, else UTF-8, else Windows-1252.

    :raises Unreadable: too large, or not a text.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("large")
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("binary")


def read(text: str) -> list[Line]:
    """The rows of a list. :raises Unreadable: says why nothing of it can be used."""
    text = text.removeprefix("\ufeff")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Unreadable("large")
    if any(ord(char) < 32 and char not in "\t\r\n" for char in text):
        raise Unreadable("binary")
    if not text.strip():
        raise Unreadable("empty")
    rows = _rows(text)
    if not rows:
        raise Unreadable("empty")
    columns = _columns(rows[0][1])
    lines = [_line(number, dict(zip(columns, cells, strict=False))) for number, cells in rows[1:]]
    if not lines:
        raise Unreadable("empty")
    return lines


def _rows(text: str) -> list[tuple[int, list[str]]]:
    head = text.lstrip().splitlines()[0]
    delimiter = max(";,\t", key=head.count)
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMNS:
                raise Unreadable("columns")
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, [" ".join(cell.split())[:MAX_CELL] for cell in cells]))
            if len(found) > MAX_ROWS + 1:
                raise Unreadable("rows")
    except csv.Error:
        raise Unreadable("quotes") from None
    return found


def _columns(header: Sequence[str]) -> list[str]:
    columns = [_COLUMN.get(fold(cell), "") for cell in header]
    if twice := [name for name, times in Counter(columns).items() if name and times > 1]:
        raise Unreadable("header", ", ".join(twice))
    if missing := [name for name in ("courriel", "lieu") if name not in columns]:
        raise Unreadable("header", ", ".join(missing))
    return columns


def _line(number: int, cells: Mapping[str, str]) -> Line:
    # A cell that a spreadsheet would take for a formula: no name begins that way.
    name = f"{cells.get('prenom', '')} {cells.get('nom', '')}".strip().lstrip("=+-@ ")[:120]
    place = cells.get("lieu", "")
    if place and cells.get("commune") and not _ID.search(place.lower()):
        place = f"{place}, {cells['commune']}"
    return Line(number, cells.get("courriel", ""), name, cells.get("role", ""), place)


# --- trying -------------------------------------------------------------------------------------------------


class _Places:
    """The places of the directory, by id and by name; read once for a list."""

    def __init__(self, session: Session) -> None:
        table: Any = Structure.__table__
        columns = (table.c.id, table.c.slug, table.c.nom, table.c.commune, table.c.status, table.c.merged_into)
        rows = list(dicts(session.execute(sa.select(*columns).order_by(table.c.nom, table.c.id))))
        self._by_id = {row["id"]: row for row in rows}
        self._active = [row for row in rows if row["status"] == Status.ACTIVE.value]
        self._names = [fold(f"{row['nom']} {row['commune'] or ''}") for row in self._active]
        self._by_name: dict[str, list[Any]] = {}
        for row, whole in zip(self._active, self._names, strict=True):
            for key in {whole, fold(row["nom"])}:
                self._by_name.setdefault(key, []).append(row)
        self._looked: dict[str, list[Any]] = {}

    def find(self, text: str) -> list[Any]:
        """The places that a text names: an id, the address of a sheet, a name, a name and a commune."""
        if found := _ID.search(text.lower()):
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


def attempt(session: Session, lines: Iterable[Line], now: datetime) -> list[Tried]:
    """What would happen to each row; four statements, however many there are."""
    lines, known = list(lines), _Places(session)
    addresses = {address for line in lines if (address := clean_address(line.email))}
    members, asked = _members(session, addresses), _asked(session, addresses, now)
    seen: set[tuple[str, UUID]] = set()
    tried = []
    for line in lines:
        one = _try(line, known)
        if one.fate is Fate.INVITE and one.place:
            key = (clean_address(line.email) or "", one.place["id"])
            fate = _known_fate(one.role, members.get(key, ()), asked.get(key, ()))
            one = Tried(line, Fate.TWICE if key in seen else fate, one.role, one.place)
            seen.add(key)
        tried.append(one)
    return tried


def _try(line: Line, known: _Places) -> Tried:
    role = _ROLES.get(fold(line.role), "")
    if clean_address(line.email) is None:
        return Tried(line, Fate.BAD_ADDRESS, role)
    if not role:
        return Tried(line, Fate.BAD_ROLE)
    if not line.place:
        return Tried(line, Fate.NO_PLACE, role)
    found = known.find(line.place)
    if len(found) == 1:
        return Tried(line, Fate.INVITE, role, found[0])
    if found:
        return Tried(line, Fate.SEVERAL_PLACES, role, candidates=found[:CANDIDATES])
    return Tried(line, Fate.UNKNOWN_PLACE, role, candidates=known.near(line.place))


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


def keep(session: Session, lines: Sequence[Line], by: UUID, now: datetime) -> UUID:
    """Store a list as read, to be looked at, then applied."""
    row = PeopleList(id=new_id(), given_by=by, created_at=now, rows={"lines": [asdict(line) for line in lines]})
    session.add(row)
    session.flush()
    return row.id


def lines_of(row: PeopleList) -> list[Line]:
    """The rows of a stored list."""
    return [Line(**line) for line in row.rows["lines"]]


def get(session: Session, id_: UUID) -> PeopleList | None:
    """A stored list."""
    return session.get(PeopleList, id_)


def result(session: Session, row: PeopleList, now: datetime) -> list[Tried]:
    """What would happen to each row; once applied, what happened."""
    tried = attempt(session, lines_of(row), now)
    happened = row.rows.get("fates")
    if row.applied_at is None or not happened:
        return tried
    return [
        Tried(one.line, Fate(fate), one.role, one.place, one.candidates)
        for one, fate in zip(tried, happened, strict=True)
    ]


def apply(session: Session, id_: UUID, by: UUID, lang: str, settings: Settings, now: datetime) -> int | None:
    """Invite those who would be. :return: how many were; None when the list was applied already.

    :raises LookupError: there is no such list.
    """
    found = sa.select(PeopleList).where(PeopleList.id == id_).with_for_update()
    row = session.scalars(found.execution_options(populate_existing=True)).first()
    if row is None:
        raise LookupError(id_)
    if row.applied_at is not None:
        return None
    # In one order of places for all: two lists applied at once would otherwise wait for each other.
    tried = attempt(session, lines_of(row), now)
    ordered = sorted(enumerate(tried), key=lambda each: (str(each[1].place["id"]) if each[1].place else "", each[0]))
    fates = {rank: _invite(session, one, by, lang, settings, now) for rank, one in ordered}
    row.rows = {**row.rows, "fates": [fates[rank].value for rank in range(len(tried))]}
    row.applied_at = now
    session.flush()
    return sum(fate is Fate.SENT for fate in fates.values())


def _invite(session: Session, one: Tried, by: UUID, lang: str, settings: Settings, now: datetime) -> Fate:
    email = clean_address(one.line.email)
    if one.fate is not Fate.INVITE or one.place is None or email is None:
        return one.fate
    wanted = Wanted(email, one.role, one.place["id"], one.line.name, lang)
    done = invitations.invite(session, wanted, by, settings, now)
    return {Invited.SENT: Fate.SENT, Invited.MEMBER: Fate.MEMBER, Invited.PENDING: Fate.PENDING}[done]


def counts(tried: Iterable[Tried]) -> dict[str, int]:
    """How many rows of each fate, in the order of :class:`Fate`."""
    found = Counter(one.fate for one in tried)
    return {fate.value: found[fate] for fate in Fate if found[fate]}
