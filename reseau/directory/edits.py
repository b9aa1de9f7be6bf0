"""What people write on a sheet: each value becomes an override. Nobody's work is lost, nobody overwrites unseen.

A form gives back, for each field, the digest of the value that its reader saw. A field that the person changed and that
somebody else changed meanwhile is a clash: nothing is written, both values are shown, the person chooses. The
structure is locked from the comparison to the commit, so that two forms sent at once meet one after the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.db import dicts
from reseau.core.ids import new_id
from reseau.directory.fields import BY_NAME, TOGETHER
from reseau.directory.models import FieldChange, Override, SourceRecord, Structure
from reseau.directory.projection import RecordView, is_empty, project
from reseau.directory.reproject import Because, Projector, same

Values = Mapping[str, Any]


class UnknownField(ValueError):
    """A field that no sheet has."""


class Nameless(ValueError):
    """A sheet without a name cannot be shown."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed. ``last``: the other's change, None when an import made it without a trace."""

    field: str
    mine: Any
    theirs: Any
    last: FieldChange | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an edit: fields that were written, or the clashes for which nothing was."""

    written: tuple[str, ...] = ()
    clashes: dict[str, Clash] = field(default_factory=dict)


def seen(value: Any) -> str:
    """Digest of a value as a form showed it (16 hexadecimal digits); all ways of saying nothing are one."""
    if same(value, None):
        value = None
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(
    session: Session,
    structure_id: UUID,
    values: Values,
    base: Mapping[str, str],
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> Outcome:
    """Write what a person says of a sheet.

    :param values: field → new value (of the shape that ``fields.FIELDS`` says). Fields that are as they were are left.
    :param base: field → :func:`seen` of the value that the person saw; a field that is not there is written unseen.
    :raises UnknownField: programming error, nothing is written.
    :raises Nameless: ``nom`` is empty. :raises LookupError: there is no such structure.
    """
    if strange := [name for name in values if name not in BY_NAME]:
        raise UnknownField(", ".join(strange))
    if "nom" in values and is_empty(values["nom"]):
        raise Nameless
    row = locked(session, structure_id)
    changed = {name: value for name, value in values.items() if not same(row[name], value)}
    clashing = [name for name in changed if name in base and base[name] != seen(row[name])]
    if clashing:
        return Outcome(clashes={n: Clash(n, changed[n], row[n], last_change(session, row["id"], n)) for n in clashing})
    if changed:
        _write(session, row, _with_companions(changed, row), because, sources, now)
    return Outcome(written=tuple(changed))


def locked(session: Session, structure_id: UUID) -> Mapping[str, Any]:
    """All columns of the structure, which nobody else can write until the commit.

    :raises LookupError: there is none.
    """
    statement = sa.select(Structure.__table__).where(Structure.id == structure_id).with_for_update()
    row = next(dicts(session.execute(statement)), None)
    if row is None:
        raise LookupError(structure_id)
    return row


def overrides(session: Session, structure_id: UUID) -> dict[str, Override]:
    """What people set on a sheet, by field."""
    found = sa.select(Override).where(Override.structure_id == structure_id).order_by(Override.field)
    return {override.field: override for override in session.scalars(found)}


def last_change(session: Session, structure_id: UUID, name: str) -> FieldChange | None:
    """The newest row of the history of one field."""
    found = sa.select(FieldChange).where(FieldChange.structure_id == structure_id, FieldChange.field == name)
    return session.scalars(found.order_by(FieldChange.id.desc()).limit(1)).first()


def keep_mine(session: Session, structure_id: UUID, names: Sequence[str], because: Because, now: datetime) -> list[str]:
    """What people wrote stays, although the sources say something else: no more a conflict until they change again.

    :return: the fields concerned; none when somebody has decided meanwhile.
    """
    locked(session, structure_id)
    kept = []
    for override in _overrides(session, structure_id, _group_names(names)):
        if override.conflict_since is not None:
            theirs, mine = override.source_now["v"], override.value["v"]
            session.add(_told(structure_id, override.field, theirs, mine, because, now))
            override.source_value, override.conflict_since = override.source_now, None
            kept.append(override.field)
    session.flush()
    return kept


def take_theirs(
    session: Session,
    structure_id: UUID,
    names: Sequence[str],
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> list[str]:
    """What the sources say is shown again: the overrides go, with those that only mean something together with them."""
    locked(session, structure_id)
    found = _overrides(session, structure_id, _group_names(names))
    for override in found:
        session.delete(override)
    session.flush()
    Projector(session, sources, now).reproject([structure_id], because)
    return [override.field for override in found]


def restore(
    session: Session,
    structure_id: UUID,
    change_id: UUID,
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> tuple[str, ...]:
    """Put back the value from before one change of the history; with it, those that changed in the same moment and only
    mean something together with it.

    :return: fields that were written. :raises LookupError: there is no such change on this sheet.
    """
    change = session.get(FieldChange, change_id)
    if change is None or change.structure_id != structure_id or not change.field:
        raise LookupError(change_id)
    together = sa.select(FieldChange).where(
        FieldChange.structure_id == structure_id,
        FieldChange.at == change.at,
        FieldChange.field.in_(_group_names([change.field])),
    )
    values = {one.field: one.before["v"] for one in session.scalars(together)} | {change.field: change.before["v"]}
    return save(session, structure_id, values, {}, because, sources, now).written


def _write(
    session: Session, row: Values, changed: Values, because: Because, sources: Sequence[str], now: datetime
) -> None:
    said = _sources_say(session, row["id"], sources)
    known = {override.field: override for override in _overrides(session, row["id"], changed)}
    suggestion = because.ref if because.cause.value == "suggestion" else None
    for name, value in changed.items():
        override = known.get(name) or Override(id=new_id(), structure_id=row["id"], field=name)
        override.value, override.source_value, override.source_now = {"v": value}, {"v": said[name]}, {"v": said[name]}
        override.conflict_since, override.set_at = None, now
        override.side, override.author_id = because.actor.side.value, because.actor.person_id
        override.suggestion_id = suggestion
        session.add(override)
    session.flush()
    Projector(session, sources, now).reproject([row["id"]], because)


def _sources_say(session: Session, structure_id: UUID, sources: Sequence[str]) -> dict[str, Any]:
    columns = (SourceRecord.id, SourceRecord.source, SourceRecord.date_maj, SourceRecord.mapped)
    rows = session.execute(sa.select(*columns).where(SourceRecord.structure_id == structure_id))
    return project([RecordView(*row) for row in rows], {}, sources).values


def _with_companions(changed: Values, row: Values) -> dict[str, Any]:
    """With the fields that only mean something together: a street of a person with the commune of a register, should
    the register move the place later, would be a place that does not exist."""
    found = dict(changed)
    for group in TOGETHER:
        if not found.keys().isdisjoint(group) and "horaires" not in group:
            found = {name: row[name] for name in group} | found
    return found


def _group_names(names: Sequence[str]) -> list[str]:
    groups = [group for group in TOGETHER if not set(group).isdisjoint(names)]
    return sorted({*names, *(name for group in groups for name in group)})


def _overrides(session: Session, structure_id: UUID, names: Any) -> list[Override]:
    found = sa.select(Override).where(Override.structure_id == structure_id, Override.field.in_(list(names)))
    return list(session.scalars(found.order_by(Override.field).execution_options(populate_existing=True)))


def _told(structure_id: UUID, name: str, before: Any, after: Any, because: Because, now: datetime) -> FieldChange:
    return FieldChange(
        structure_id=structure_id, field=name, before={"v": before}, after={"v": after}, at=now,
        cause=because.cause.value, side=because.actor.side.value, author_id=because.actor.person_id, ref=because.ref,
    )  # fmt: skip
