"""The lists of sheets behind the numbers of the desk, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.desk.services import (
    Viewer,
    in_territory,
    orphans,
    orphans_order,
    stale,
    stale_order,
)
from reseau.directory import quality
from reseau.directory.models import Status, Structure
from reseau.directory.params import Where, find_commune
from reseau.members.places import referents, with_referent

PAGE_SIZE = 50
_table = Structure.__table__
TERRITORIES = ("", "hors", "tous")
CRITERIA = ("fraicheur", *quality.CRITERIA)


@dataclass(frozen=True, slots=True)
class Line:
    """One sheet in a list. ``score``: 0 to 10. ``missing``: names of criteria. ``referents``: names."""

    id: UUID
    slug: str
    nom: str
    commune: str | None
    due_on: date | None
    fresh_on: date | None
    score: int
    missing: tuple[str, ...]
    referents: tuple[str, ...]
    in_territory: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """One page of a list of ``total`` sheets."""

    rows: list[Line]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What a coordinator asks of the list of sheets. ``where``: None also for a commune that nobody understands
    (``unknown``)."""

    where: Where | None = None
    unknown: str = ""
    missing: str = ""
    orphans_only: bool = False
    territory: str = ""


def read_filters(asked: Mapping[str, str]) -> Filters:
    """Filters from the parameters of an address; what makes no sense is left out."""
    text = asked.get("commune", "").replace("\x00", "").strip()
    where = find_commune(text) if text else None
    missing = asked.get("manque", "")
    territory = asked.get("territoire", "")
    return Filters(
        where=where,
        unknown=text if text and where is None else "",
        missing=missing if missing in CRITERIA else "",
        orphans_only=asked.get("sans_referent") == "1",
        territory=territory if territory in TERRITORIES else "",
    )


def page_number(text: str) -> int:
    """A page number of an address; 1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) else 1


def stale_sheets(session: Session, viewer: Viewer, today: date, page: int = 1) -> Pages:
    """Sheets to verify, the oldest first."""
    return _pages(session, stale(viewer, today), stale_order(), today, page)


def orphan_sheets(session: Session, viewer: Viewer, today: date, page: int = 1) -> Pages:
    """Places without a référent, the first to come first."""
    return _pages(session, orphans(viewer), orphans_order(), today, page)


def sheets(session: Session, viewer: Viewer, filters: Filters, today: date, page: int = 1) -> Pages:
    """All sheets that answer the filters, the worst first."""
    fresh = sa.case((_is_missing("fraicheur", today), 0), else_=1)
    return _pages(
        session, _asked(viewer, filters, today), (Structure.quality + fresh, Structure.nom, Structure.id), today, page
    )


def _asked(viewer: Viewer, filters: Filters, today: date) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [Structure.status == Status.ACTIVE.value]
    if filters.where:
        codes = [commune.code for commune in filters.where.communes]
        here = Structure.code_insee.in_(codes)
        found.append(sa.or_(here, Structure.code_postal == filters.where.postcode) if filters.where.postcode else here)
    if filters.missing:
        found.append(_is_missing(filters.missing, today))
    if filters.orphans_only:
        found.append(Structure.id.not_in(with_referent()))
    if viewer.territory and filters.territory != "tous":
        inside = in_territory(viewer.territory)
        # A place of which nobody knows the commune is outside, not nowhere.
        found.append(sa.not_(sa.func.coalesce(inside, sa.false())) if filters.territory == "hors" else inside)
    return found


def _pages(
    session: Session, where: Sequence[sa.ColumnElement[bool]], order: Sequence[Any], today: date, page: int
) -> Pages:
    total = session.execute(sa.select(sa.func.count()).select_from(Structure).where(*where)).scalar_one()
    pages = max(1, -(-total // PAGE_SIZE))
    page = page if page <= pages else 1
    found = sa.select(_table).where(*where).order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = list(dicts(session.execute(found)))
    return Pages(lines(session, rows, today), total, page, pages)


def lines(session: Session, rows: Sequence[Mapping[str, Any]], today: date) -> list[Line]:
    """Structures (all columns) as lists show them; one statement for their référents."""
    who = referents(session, [row["id"] for row in rows])
    return [
        Line(
            row["id"], row["slug"], row["nom"], row["commune"], _day(row["due_on"]), _day(row["fresh_on"]),
            quality.score(row, today), tuple(quality.missing(row, today)),
            tuple(person.name for person in who.get(row["id"], ())), row["in_territory"],
        )
        for row in rows
    ]  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# --- the criteria of quality, asked of the database -----------------------------------------------------------


def _is_missing(name: str, today: date) -> sa.ColumnElement[bool]:
    """The SQL twin of the criteria of ``quality`` (a test compares them on real rows)."""
    s = Structure
    if name == "fraicheur":
        return sa.or_(s.fresh_on.is_(None), s.fresh_on < (today - quality.FRESH).isoformat())
    return {
        "horaires": lambda: sa.and_(_blank(s.horaires), _blank(s.horaires_texte)),
        "telephone": lambda: _blank(s.telephone),
        "adresse": lambda: sa.or_(
            _blank(s.commune), sa.and_(_blank(s.adresse), _json(s.itinerance) != '["itinerant"]')
        ),
        "offre": lambda: sa.or_(_none(s.services), _none(s.demarches)),
        "acces": lambda: sa.or_(_none(s.modalites_acces), _none(s.modalites_accompagnement)),
        "prix": lambda: _none(s.frais_a_charge),
        "description": lambda: sa.and_(_useless(s.presentation_resume), _useless(s.presentation_detail)),
        "contact": lambda: sa.and_(_none(s.courriels), _none(s.site_web), _blank(s.prise_rdv)),
        "position": lambda: sa.or_(s.latitude.is_(None), s.longitude.is_(None)),
    }[name]()


def _blank(column: Any) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(column, "") == ""


def _json(column: Any) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.Text)


def _none(column: Any) -> sa.ColumnElement[bool]:
    return _json(column) == "[]"


def _useless(column: Any) -> sa.ColumnElement[bool]:
    sizes = quality.DESCRIPTION
    return sa.func.length(sa.func.coalesce(column, "")).between(sizes.start, sizes.stop - 1).is_(False)
