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
from reseau.core.paging import Page, nearest, offset
from reseau.desk.services import Viewer, number, orphans, orphans_order, stale, unkept_order
from reseau.directory import quality
from reseau.directory.models import Status, Structure
from reseau.directory.params import Where, find_commune
from reseau.directory.territory import in_territory
from reseau.directory.verification import due_order
from reseau.members.places import referents, with_referent
from resources.base.models import Resource
from resources.base.services import orphaned

PAGE_SIZE = 50
_table = Structure.__table__
TERRITORIES = ("", "hors", "tous")
CRITERIA = ("fraicheur", *quality.CRITERIA)


@dataclass(frozen=True, slots=True)
class Line:
    """One sheet in a list. ``score``: 0 to 10. ``missing``: names of criteria. ``referents``: names. ``closed_on``:
    None for an open place."""

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
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a coordinator asks of the list of sheets. ``where``: None also for a commune that nobody understands
    (``unknown``). ``closed``: closed places instead of open ones."""

    where: Where | None = None
    unknown: str = ""
    missing: str = ""
    orphans_only: bool = False
    territory: str = ""
    closed: bool = False


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
        closed=asked.get("fermes") == "1",
    )


def stale_sheets(session: Session, viewer: Viewer, today: date, page: int = 1) -> Page[Line]:
    """Sheets to verify, the oldest first."""
    return _page(session, stale(viewer, today), due_order(), today, page)


def orphan_sheets(session: Session, viewer: Viewer, today: date, page: int = 1) -> Page[Line]:
    """Places without a référent, the first to come first."""
    total = session.execute(sa.select(number("orphelins", viewer, today))).scalar_one()
    return _page(session, orphans(viewer), orphans_order(), today, page, total)


def unkept(session: Session, page: int = 1) -> Page[Resource]:
    """Resources whose authors have all left; two statements."""
    total = session.execute(sa.select(sa.func.count()).select_from(Resource).where(*orphaned())).scalar_one()
    here = nearest(page, total, PAGE_SIZE)
    found = sa.select(Resource).where(*orphaned()).order_by(*unkept_order())
    rows = list(session.scalars(found.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))))
    return Page(rows, total, here, PAGE_SIZE)


def sheets(session: Session, viewer: Viewer, filters: Filters, today: date, page: int = 1) -> Page[Line]:
    """All sheets that answer the filters: the worst first, or the last to be closed."""
    if filters.closed:
        order: tuple[Any, ...] = (Structure.closed_on.desc(), Structure.nom, Structure.id)
    else:
        fresh = sa.case((_is_missing("fraicheur", today), 0), else_=1)
        order = (Structure.quality + fresh, Structure.nom, Structure.id)
    return _page(session, _asked(viewer, filters, today), order, today, page)


def _asked(viewer: Viewer, filters: Filters, today: date) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        Structure.status == (Status.CLOSED if filters.closed else Status.ACTIVE).value
    ]
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


def _page(
    session: Session, where: Sequence[sa.ColumnElement[bool]], order: Sequence[Any], today: date, asked: int,
    total: int | None = None,
) -> Page[Line]:  # fmt: skip
    """Ids of the page in order first, then their rows: sorting whole rows to skip nearly all of them takes five times
    as long at 17,500 places."""
    if total is None:
        total = session.execute(sa.select(sa.func.count()).select_from(Structure).where(*where)).scalar_one()
    here = nearest(asked, total, PAGE_SIZE)
    found = sa.select(Structure.id).where(*where).order_by(*order)
    ids = list(session.scalars(found.limit(PAGE_SIZE).offset(offset(here, PAGE_SIZE))))
    rows = {row["id"]: row for row in dicts(session.execute(sa.select(_table).where(_table.c.id.in_(ids))))}
    return Page(lines(session, [rows[id_] for id_ in ids if id_ in rows], today), total, here, PAGE_SIZE)


def lines(session: Session, rows: Sequence[Mapping[str, Any]], today: date) -> list[Line]:
    """Structures (all columns) as lists show them; one statement for their référents."""
    who = referents(session, [row["id"] for row in rows])
    return [
        Line(
            row["id"], row["slug"], row["nom"], row["commune"], _day(row["due_on"]), _day(row["fresh_on"]),
            quality.score(row, today), tuple(quality.missing(row, today)),
            tuple(person.name for person in who.get(row["id"], ())), row["in_territory"],
            _day(row["closed_on"]),
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
        unseen = sa.and_(s.verified_at.is_(None), s.date_maj.is_(None))
        return sa.or_(unseen, s.fresh_on.is_(None), s.fresh_on < (today - quality.FRESH).isoformat())
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
