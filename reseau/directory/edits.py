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
from reseau.directory.fields import BY_NAME, companions, group_of, with_companions
from reseau.directory.models import Cause, FieldChange, Override, Status, Structure
from reseau.directory.projection import is_empty, project
from reseau.directory.reproject import Because, Projector, change_row, records_of, same

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
    :raises Nameless: ``nom`` is empty. :raises LookupError: there is no such structure. One that was merged meanwhile
        is where it is now: a field that says something else there is a clash.
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
        put(session, row["id"], with_companions(changed, row), _sources_say(session, row["id"], sources), because, now)
        Projector(session, sources, now).reproject([row["id"]], because)
    return Outcome(written=tuple(changed))


def locked(session: Session, structure_id: UUID) -> Mapping[str, Any]:
    """All columns of the structure, which nobody else can write until the commit. Of one that was merged: of the place
    where it is now, the ``id`` of the row says which. A merge that commits while we wait for it is followed too.

    :raises LookupError: there is none.
    """
    now = sa.select(sa.func.coalesce(Structure.merged_into, Structure.id)).where(Structure.id == structure_id)
    row = locked_as_it_is(session, session.execute(now).scalar() or structure_id)
    while row["status"] == Status.MERGED.value:
        row = locked_as_it_is(session, row["merged_into"])
    return row


def locked_as_it_is(session: Session, structure_id: UUID) -> Mapping[str, Any]:
    """As :func:`locked`; of one that was merged, the signpost itself. :raises LookupError: there is none."""
    statement = sa.select(Structure.__table__).where(Structure.id == structure_id).with_for_update()
    row = next(dicts(session.execute(statement)), None)
    if row is None:
        raise LookupError(structure_id)
    return row


def overrides(session: Session, structure_id: UUID) -> dict[str, Override]:
    """What people set on a sheet, by field."""
    found = sa.select(Override).where(Override.structure_id == structure_id).order_by(Override.field)
    fresh = found.execution_options(populate_existing=True)  # statements write them too: a merge, a projection
    return {override.field: override for override in session.scalars(fresh)}


def last_change(session: Session, structure_id: UUID, name: str) -> FieldChange | None:
    """The newest row of the history of one field."""
    found = sa.select(FieldChange).where(FieldChange.structure_id == structure_id, FieldChange.field == name)
    return session.scalars(found.order_by(FieldChange.id.desc()).limit(1)).first()


def keep_mine(session: Session, structure_id: UUID, names: Sequence[str], because: Because, now: datetime) -> list[str]:
    """What people wrote stays, although the sources say something else: no more a conflict until they change again.

    :return: the fields concerned; none when somebody has decided meanwhile.
    """
    id_ = locked(session, structure_id)["id"]
    told, kept = [], []
    for override in _overrides(session, id_, companions(names)):
        if override.conflict_since is not None:
            told.append(change_row(id_, override.field, override.source_now["v"], override.value["v"], because, now))
            override.source_value, override.conflict_since = override.source_now, None
            kept.append(override.field)
    session.flush()
    if told:
        session.execute(sa.insert(FieldChange), told)
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
    id_ = locked(session, structure_id)["id"]
    found = _overrides(session, id_, companions(names))
    for override in found:
        session.delete(override)
    session.flush()
    Projector(session, sources, now).reproject([id_], because)
    return [override.field for override in found]


def restore(
    session: Session,
    structure_id: UUID,
    change_id: UUID,
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> tuple[str, ...]:
    """Write what :func:`restorable` says.

    :return: fields that were written. :raises LookupError: there is no such change on this sheet, or none that can be
        put back.
    """
    found = restorable(session, structure_id, change_id)
    if found is None:
        raise LookupError(change_id)
    return save(session, structure_id, found.values, {}, because, sources, now).written


@dataclass(frozen=True, slots=True)
class Restorable:
    """One change with what putting back would write (field → value), and what the sheet says of these fields now."""

    change: FieldChange
    values: dict[str, Any]
    now: dict[str, Any]

    @property
    def is_so(self) -> bool:
        """Whether the sheet says all of it already."""
        return all(same(value, self.now[name]) for name, value in self.values.items())


def restorable(session: Session, structure_id: UUID, change_id: UUID) -> Restorable | None:
    """The value from before one change of the history; with it, those that changed in the same moment and only mean
    something together with it.

    :return: None when the change is not one of a field of this sheet, or has nothing before it to put back: see
        :func:`can_be_restored`.
    """
    change = session.get(FieldChange, change_id)
    if change is None or change.structure_id != structure_id or not can_be_restored(change):
        return None
    together = sa.select(FieldChange).where(
        FieldChange.structure_id == structure_id,
        FieldChange.at == change.at,
        FieldChange.cause == change.cause,
        FieldChange.field.in_(group_of(change.field)),
    )
    values = {one.field: one.before["v"] for one in session.scalars(together)} | {change.field: change.before["v"]}
    row = next(dicts(session.execute(sa.select(Structure.__table__).where(Structure.id == structure_id))))
    return Restorable(change, values, {name: row[name] for name in values})


def can_be_restored(change: FieldChange) -> bool:
    """Whether what is before a change was once on the sheet, and can be there again. Not what a register said while a
    person kept their own value (it was never shown), nor the nothing before the first name: a place without a name
    cannot be shown."""
    if change.field not in BY_NAME or change.cause == Cause.KEPT.value:
        return False
    return not (change.field == "nom" and is_empty(change.before["v"]))


def put(session: Session, structure_id: UUID, values: Values, said: Values, because: Because, now: datetime) -> None:
    """Set overrides; the caller computes the structure again. One that says the same already stays its author's.

    :param said: what the registers say of these fields.
    """
    known = {override.field: override for override in _overrides(session, structure_id, values)}
    suggestion = because.ref if because.cause is Cause.SUGGESTION else None
    for name, value in values.items():
        override = known.get(name) or Override(id=new_id(), structure_id=structure_id, field=name)
        if name in known and override.conflict_since is None and same(override.value["v"], value):
            continue
        override.value, override.source_value, override.source_now = {"v": value}, {"v": said[name]}, {"v": said[name]}
        override.conflict_since, override.set_at = None, now
        override.side, override.author_id = because.actor.side.value, because.actor.person_id
        override.suggestion_id = suggestion
        session.add(override)
    session.flush()


def _sources_say(session: Session, structure_id: UUID, sources: Sequence[str]) -> dict[str, Any]:
    return project(records_of(session, [structure_id])[structure_id], {}, sources).values


def _overrides(session: Session, structure_id: UUID, names: Any) -> list[Override]:
    found = sa.select(Override).where(Override.structure_id == structure_id, Override.field.in_(list(names)))
    return list(session.scalars(found.order_by(Override.field).execution_options(populate_existing=True)))
