"""Who holds the label, as pages show it: the public register, the lists of the committee. A few statements a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from reseau.core.cells import harmless
from reseau.core.communes import communes
from reseau.core.db import dicts
from reseau.core.paging import Page, nearest, offset
from reseau.directory.models import Status, Structure
from reseau.directory.params import Where
from reseau.directory.present import path
from reseau.directory.reproject import add_months
from reseau.label import services, spans
from reseau.label.jobs import MONTHS
from reseau.label.models import Criteria, Label

PAGE_SIZE = 50
ENDED_SHOWN = 20
_table: Any = Structure.__table__
_PLACE = ("id", "slug", "nom", "commune", "code_insee")


@dataclass(frozen=True, slots=True)
class Holder:
    """A place that holds the label. ``version``: of the criteria under which it was given last."""

    id: UUID
    slug: str
    nom: str
    commune: str | None
    code_insee: str | None
    since: date
    until: date
    version: str

    @property
    def path(self) -> str:
        """The address of its sheet."""
        return path(self.slug, self.id)


@dataclass(frozen=True, slots=True)
class Ended:
    """A place that held the label, and its last day. ``reason``: of a withdrawal, "" of one that ended by itself."""

    id: UUID
    slug: str
    nom: str
    commune: str | None
    until: date
    reason: str

    @property
    def path(self) -> str:
        """The address of its sheet."""
        return path(self.slug, self.id)


def register(session: Session, day: date, where: Where | None, number: int, size: int = PAGE_SIZE) -> Page[Holder]:
    """A page of the open places that hold the label on a day, by name; four statements."""
    which = [_table.c.id.in_(services.places(day)), *_in(where)]
    total = session.scalar(sa.select(sa.func.count()).select_from(_table).where(*which)) or 0
    number = nearest(number, total, size)
    found = sa.select(*(_table.c[name] for name in _PLACE)).where(*which).order_by(_table.c.nom, _table.c.id)
    rows = list(dicts(session.execute(found.limit(size).offset(offset(number, size)))))
    return Page(_holders(session, rows, day), total, number, size)


def everyone(session: Session, day: date, where: Where | None) -> list[Holder]:
    """All of them, for the CSV."""
    which = [_table.c.id.in_(services.places(day)), *_in(where)]
    found = sa.select(*(_table.c[name] for name in _PLACE)).where(*which).order_by(_table.c.nom, _table.c.id)
    return _holders(session, list(dicts(session.execute(found))), day)


def _in(where: Where | None) -> list[sa.ColumnElement[bool]]:
    if where is None:
        return []
    # As in the directory: a commune that has no other postcode is all in it, whatever its places wrote.
    whole = [one for one in communes().by_postcode(where.postcode) if len(one.postcodes) == 1]
    codes = [commune.code for commune in (*where.communes, *whole)]
    return [sa.or_(_table.c.code_insee.in_(codes), _table.c.code_postal == where.postcode or sa.false())]


def _holders(session: Session, rows: Sequence[Any], day: date) -> list[Holder]:
    known = services.labels_of(session, [row["id"] for row in rows])
    versions = {one.id: one.version for one in session.scalars(sa.select(Criteria))} if rows else {}
    made = []
    for row in rows:
        labels = known[row["id"]]
        span = spans.held(labels, day)
        last = max((one for one in labels if one.starts_on <= day <= spans.last_day(one)), key=lambda one: one.ends_on)
        if span is not None:
            made.append(Holder(**row, since=span.since, until=span.until, version=versions[last.criteria_id]))
    return made


def ended(session: Session, day: date, limit: int = ENDED_SHOWN) -> list[Ended]:
    """The last open places that do not hold the label any more, the last one first; each once."""
    here = aliased(Structure)
    place, join = services.place_of()
    over = sa.case((Label.withdrawn_on.is_not(None), Label.withdrawn_on), else_=Label.ends_on)
    found = (
        sa.select(Label, here.id, here.slug, here.nom, here.commune)
        .select_from(join.join(here, here.id == place))
        .where(here.status == Status.ACTIVE.value, here.id.not_in(services.places(day)))
        .where(sa.or_(Label.ends_on < day, Label.withdrawn_on <= day))
        .where(sa.or_(Label.withdrawn_on.is_(None), Label.withdrawn_on > Label.starts_on))
        .order_by(over.desc(), here.nom, Label.id)
        .limit(limit * 2)  # a place that held it twice is here twice
    )
    made: dict[UUID, Ended] = {}
    for label, id_, slug, nom, commune in session.execute(found):
        made.setdefault(id_, Ended(id_, slug, nom, commune, spans.last_day(label), label.withdrawn_reason))
    return list(made.values())[:limit]


def as_csv(holders: Iterable[Holder], url: str) -> str:
    """The register for a spreadsheet (RFC 4180): no cell runs as a formula. :param url: of the site."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("id", "nom", "commune", "code_insee", "depuis", "jusqu_au", "criteres", "fiche"))
    for one in holders:
        cells = (str(one.id), one.nom, one.commune or "", one.code_insee or "", one.since.isoformat(),
                 one.until.isoformat(), one.version, url + one.path)  # fmt: skip
        writer.writerow(map(harmless, cells))
    return out.getvalue()


# --- for the committee ----------------------------------------------------------------------------------------

VIEWS: Final = ("tenus", "bientot", "a-venir", "termines", "retires")


@dataclass(frozen=True, slots=True)
class Line:
    """One decision, with the place as it is now."""

    label: Label
    id: UUID
    slug: str
    nom: str
    commune: str | None
    version: str

    @property
    def until(self) -> date:
        """The last day of it."""
        return spans.last_day(self.label)

    @property
    def path(self) -> str:
        """The address of the sheet."""
        return path(self.slug, self.id)


def _view(view: str, day: date) -> sa.ColumnElement[bool]:
    if view == "tenus":
        return services.held_on(day)
    if view == "bientot":
        return sa.and_(services.held_on(day), Label.ends_on <= add_months(day, MONTHS), ~services.renewed())
    if view == "a-venir":
        return sa.and_(Label.starts_on > day, Label.withdrawn_on.is_(None))
    if view == "retires":
        return Label.withdrawn_on.is_not(None)
    return sa.and_(Label.ends_on < day, Label.withdrawn_on.is_(None))


def counts(session: Session, day: date) -> dict[str, int]:
    """How many decisions each view of the committee has; one statement."""
    columns = (sa.func.sum(sa.case((_view(view, day), 1), else_=0)).label(view) for view in VIEWS)
    row = session.execute(sa.select(*columns).select_from(Label)).one()
    return {view: int(number or 0) for view, number in zip(VIEWS, row, strict=True)}


def decisions(session: Session, view: str, day: date, number: int, total: int) -> Page[Line]:
    """A page of a view: what ends first comes first, what is over last comes first."""
    number = nearest(number, total, PAGE_SIZE)
    over = sa.case((Label.withdrawn_on.is_not(None), Label.withdrawn_on), else_=Label.ends_on)
    order = over.desc() if view in ("termines", "retires") else Label.ends_on
    found = _lines().where(_view(view, day)).order_by(order, Label.id)
    rows = session.execute(found.limit(PAGE_SIZE).offset(offset(number, PAGE_SIZE)))
    return Page([Line(*row) for row in rows], total, number, PAGE_SIZE)


def one(session: Session, label_id: UUID) -> Line | None:
    """One decision."""
    row = session.execute(_lines().where(Label.id == label_id)).first()
    return Line(*row) if row else None


def _lines() -> sa.Select[Any]:
    here = aliased(Structure)
    place, join = services.place_of()
    columns: tuple[Any, ...] = (Label, here.id, here.slug, here.nom, here.commune, Criteria.version)
    there = join.join(here, here.id == place).join(Criteria, Criteria.id == Label.criteria_id)
    return sa.select(*columns).select_from(there)
