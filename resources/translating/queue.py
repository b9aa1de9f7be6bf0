"""What to translate first: what is read most and is least translated, and what readers ask for.

Coverage is derived from contents and digests each time: a stored one would lie after the next edit. Four statements,
however many resources there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import log1p
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from resources.base.addresses import path_for
from resources.base.content import HEADER, from_json
from resources.base.models import Resource, ResourceVersion, State, Tally, TranslationAsk, TranslationUnit
from resources.base.shapes import Kind
from resources.base.translations import UnitState
from resources.translating.opening import MAX_LANGS

VIEWED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Line:
    """A resource in the queue of a language. ``views``: of the last 90 days. ``asked``: readers who want it."""

    id: UUID
    path: str
    title: str
    title_lang: str
    kind: Kind
    total: int
    missing: int
    stale: int
    machine: int
    views: int
    asked: int

    @property
    def share(self) -> float:
        """Part of the sections that is missing or stale, from 0 to 1."""
        return (self.missing + self.stale) / self.total if self.total else 0.0

    @property
    def score(self) -> float:
        """What comes first: views × share, plus the readers who asked. Anybody can read a page again and again: a view
        more counts less and less (logarithm), so that nobody puts a page before all others by that."""
        return log1p(self.views) * self.share + (self.asked if self.share else 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody else may review: ``count`` sections of a resource in a language."""

    path: str
    title: str
    title_lang: str
    lang: str
    count: int


def to_translate(session: Session, lang: str, today: date, kind: str = "") -> list[Line]:
    """All published resources that lack something in ``lang``, most useful first; four statements.

    :param kind: only that kind; "": all.
    """
    units = _units(session, lang)
    views = _counts(session, sa.select(Tally.object_id, sa.func.sum(Tally.count)).where(
        Tally.what == "view", Tally.day >= (today - VIEWED).isoformat()).group_by(Tally.object_id))  # fmt: skip
    asks = _counts(session, sa.select(TranslationAsk.resource_id, TranslationAsk.asked).where(
        TranslationAsk.lang == lang))  # fmt: skip
    table = Resource
    columns = (table.id, table.kind, table.slug, table.title, table.lang, ResourceVersion.content)
    join = sa.and_(ResourceVersion.resource_id == table.id, ResourceVersion.number == table.version)
    wanted = sa.select(*columns).join(ResourceVersion, join).where(table.state == State.PUBLISHED.value)
    wanted = wanted.where(table.lang != lang)
    if kind:
        wanted = wanted.where(table.kind == kind)
    lines = [_line(row, units.get(row.id, {}), views.get(row.id, 0), asks.get(row.id, 0))
             for row in session.execute(wanted)]  # fmt: skip
    return sorted((line for line in lines if line.share), key=lambda line: (-line.score, -line.share, line.title))


def _line(row: Any, units: Mapping[str, tuple[str, str]], views: int, asked: int) -> Line:
    content = from_json(row.content)
    missing = stale = machine = 0
    sections = content.units()
    for key, (_, good, _) in sections.items():
        if key not in units:
            missing += 1
            continue
        digest, state = units[key]
        stale += digest not in good
        machine += state == UnitState.MACHINE.value
    path = path_for(row.kind, row.slug)
    return Line(row.id, path, row.title, row.lang, Kind(row.kind), len(sections), missing, stale, machine, views, asked)


def _units(session: Session, lang: str) -> dict[UUID, dict[str, tuple[str, str]]]:
    """Resource → section → (digest of the source, state) of what readers see; the words are not read."""
    unit = TranslationUnit
    rows = session.execute(
        sa.select(unit.resource_id, unit.section, unit.source_digest, unit.state).where(
            unit.lang == lang, unit.words.is_not(None)
        )
    )
    found: dict[UUID, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in rows:
        found[row.resource_id][row.section] = (row.source_digest, row.state)
    return found


def _counts(session: Session, statement: sa.Executable) -> dict[UUID, int]:
    return {row[0]: int(row[1]) for row in session.execute(statement)}


def waiting_for(session: Session, person: UUID, most: int = 50) -> list[Waiting]:
    """What others wrote and waits for a reviewer, in every language, most sections first; one statement."""
    unit, table = TranslationUnit, Resource
    number = sa.func.count().label("number")
    wanted = (
        sa.select(table.kind, table.slug, table.title, table.lang.label("source"), unit.lang, number)
        .join(table, table.id == unit.resource_id)
        .where(unit.pending_state == UnitState.IN_REVIEW.value, unit.pending_by != person)
        .where(table.state == State.PUBLISHED.value)
        .group_by(table.id, table.kind, table.slug, table.title, table.lang, unit.lang)
        .order_by(number.desc(), table.title, unit.lang)
        .limit(most)
    )
    return [Waiting(path_for(row.kind, row.slug), row.title, row.source, row.lang, row.number)
            for row in session.execute(wanted)]  # fmt: skip


def languages(session: Session) -> Counter[str]:
    """How often each language was asked for, the ``MAX_LANGS`` most asked, with those in which readers can read at
    least a title (0 if nobody asked); one statement."""
    asked = sa.select(TranslationAsk.lang, sa.func.sum(TranslationAsk.asked)).group_by(TranslationAsk.lang)
    unit = TranslationUnit
    there = sa.select(unit.lang, sa.literal(0)).where(unit.section == HEADER, unit.words.is_not(None)).distinct()
    titled, wanted = set(), Counter[str]()
    for lang, number in session.execute(sa.union_all(asked, there)):
        wanted[lang] += int(number)
        titled |= {lang} if not number else set()
    kept = titled | {lang for lang, _ in wanted.most_common(MAX_LANGS)}
    return Counter({lang: wanted[lang] for lang in kept})
