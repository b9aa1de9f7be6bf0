"""The life of a structure: made by hand, closed, opened again, joined with another, counted in the territory.

Each step locks what it changes, writes one line of the history and one row of the log, and says whether it did
anything: a second click, or somebody else a moment before, changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import changes
from reseau.core.communes import communes
from reseau.core.ids import new_id
from reseau.directory.edits import UnknownField, locked_as_it_is, put
from reseau.directory.fields import BY_NAME, GROUPS, LISTS, with_companions
from reseau.directory.merging import KEPT, LOST, absorb, hold, one_at_a_time
from reseau.directory.models import FieldChange, Status, Structure
from reseau.directory.projection import is_empty, project
from reseau.directory.reproject import Because, Projector, change_row
from reseau.directory.verification import verify_some

CHUNK = 200
"""Structures that one statement changes: a few tenths of a second of the write lock."""
_HEADS = frozenset(group[0] for group in GROUPS)


class Nameless(ValueError):
    """A place without a name cannot be shown."""


class NotMergeable(ValueError):
    """Two structures that cannot be joined. ``code``: ``same``, ``gone`` (one is merged already or not there) or
    ``closed`` (the one to keep is closed: what is open would vanish with it)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def create(
    session: Session,
    values: Mapping[str, Any],
    because: Because,
    sources: Sequence[str],
    now: datetime,
    parent_id: UUID | None = None,
) -> UUID:
    """Make a structure of what a person says of it: overrides only, no register knows it.

    :param values: field → value (of the shape that ``fields.FIELDS`` says); ``code_insee`` follows from commune and
        postcode when it is not given and only one commune is meant. :param parent_id: the structure it is a branch of.
    :raises Nameless: no ``nom``. :raises UnknownField: programming error.
    """
    if strange := [name for name in values if name not in BY_NAME]:
        raise UnknownField(", ".join(strange))
    said = {name: value for name, value in values.items() if not is_empty(value)}
    if not str(said.get("nom", "")).strip():
        raise Nameless
    id_ = _insert(session, now, parent_id)
    put(session, id_, with_companions(_located(said), {}), project([], {}, sources).values, because, now)
    Projector(session, sources, now).reproject([id_], because, changes.Op.PUBLISH)
    return id_


def _insert(session: Session, now: datetime, parent_id: UUID | None) -> UUID:
    """An empty row; ``rev`` 0 becomes 1 when its values are computed."""
    structure = Structure(
        id=new_id(), slug="lieu", nom="", rev=0, digest="", provenance={}, created_at=now, updated_at=now,
        parent_id=parent_id, **{name: [] for name in LISTS},
    )  # fmt: skip
    session.add(structure)
    session.flush()
    session.expunge(structure)  # its values are written by Core statements: this copy would be out of date
    return structure.id


def _located(values: Mapping[str, Any]) -> dict[str, Any]:
    if values.get("code_insee") or not (values.get("commune") or values.get("code_postal")):
        return dict(values)
    found = communes().resolve(values.get("commune"), values.get("code_postal"))
    return {**values, "code_insee": found.code} if found else dict(values)


def close(
    session: Session,
    structure_id: UUID,
    on: date,
    reason: str,
    because: Because,
    sources: Sequence[str],
    now: datetime,
) -> bool:
    """Close for good: the sheet stays at its address and says so, everything else forgets the place. One that was
    archived because no register gives it any more (``absences``) is closed by a person from now on.

    :return: False when it is not open, nor archived. :raises LookupError: there is none.
    """
    row = locked_as_it_is(session, structure_id)
    if row["status"] != Status.ACTIVE.value and row["archived_at"] is None:
        return False
    values = {
        "status": Status.CLOSED.value, "closed_on": on.isoformat(), "closed_reason": reason, "archived_at": None,
    }  # fmt: skip
    _turn(session, structure_id, values, (None, f"{on.isoformat()} – {reason}"), because, now)
    Projector(session, sources, now).reproject([structure_id], because, changes.Op.WITHDRAW)
    return True


def reopen(session: Session, structure_id: UUID, because: Because, sources: Sequence[str], now: datetime) -> bool:
    """Undo :func:`close`, or that it was archived.

    :return: False when it is not closed. :raises LookupError: there is none.
    """
    row = locked_as_it_is(session, structure_id)
    if row["status"] != Status.CLOSED.value:
        return False
    values = {"status": Status.ACTIVE.value, "closed_on": None, "closed_reason": None, "archived_at": None}
    said = (f"{row['closed_on']} – {row['closed_reason']}", None)
    _turn(session, structure_id, values, said, because, now)
    Projector(session, sources, now).reproject([structure_id], because, changes.Op.PUBLISH)
    return True


def _turn(
    session: Session,
    structure_id: UUID,
    values: Mapping[str, Any],
    told: tuple[str | None, str | None],
    because: Because,
    now: datetime,
) -> None:
    execute = session.connection().execute
    session.flush()
    execute(sa.update(Structure).where(Structure.id == structure_id).values(**values))
    execute(sa.insert(FieldChange).values(change_row(structure_id, "", *told, because, now)))


def merge(
    session: Session,
    kept: UUID,
    lost: UUID,
    because: Because,
    sources: Sequence[str],
    now: datetime,
    keep: Mapping[str, str] | None = None,
) -> None:
    """Two sheets are one place: ``lost`` becomes a signpost to ``kept``, which gets all that hung on it. What ``kept``
    shows stays shown, whatever the records of the other say; the other fills what it lacks.

    :param keep: what was chosen: first field of a group of ``fields.GROUPS`` → ``"kept"`` or ``"lost"``, the sheet
        whose values stay. :raises NotMergeable: says why, nothing is changed.
    :raises UnknownField: no such group. :raises ValueError: neither of the two sheets.
    """
    chosen = dict(keep or {})
    if strange := [name for name in chosen if name not in _HEADS]:
        raise UnknownField(", ".join(strange))
    if not {KEPT, LOST}.issuperset(chosen.values()):
        raise ValueError("keep")
    if kept == lost:
        raise NotMergeable("same")
    one_at_a_time(session)
    rows = {}
    for id_ in sorted((kept, lost)):  # always in this order, as imports lock theirs
        try:
            rows[id_] = locked_as_it_is(session, id_)
        except LookupError:
            raise NotMergeable("gone") from None
    if Status.MERGED.value in (rows[kept]["status"], rows[lost]["status"]):
        raise NotMergeable("gone")
    if rows[kept]["status"] != Status.ACTIVE.value:
        raise NotMergeable("closed")
    theirs = [name for name, side in chosen.items() if side == LOST]
    absorb(session, kept, lost, because, now, theirs=theirs)
    hold(session, rows[kept], rows[lost], chosen, because, sources, now)
    Projector(session, sources, now).reproject([kept], because, joined={kept: BY_NAME.keys()})


def set_territory(session: Session, ids: Iterable[UUID], inside: bool) -> list[UUID]:
    """Add structures to the territory of the site by hand, or take that back. :return: those that changed."""
    changed: list[UUID] = []
    for some in _chunks(ids):
        found = sa.select(Structure.id).where(
            Structure.id.in_(some), Structure.in_territory.is_(not inside), Structure.status == Status.ACTIVE.value
        )
        these = list(session.scalars(found.order_by(Structure.id).with_for_update()))
        session.connection().execute(sa.update(Structure).where(Structure.id.in_(these)).values(in_territory=inside))
        changed += these
    return changed


def verify_many(
    session: Session, ids: Iterable[UUID], because: Because, sources: Sequence[str], now: datetime
) -> list[UUID]:
    """Say of several open structures that all is still true today. :return: those of which it was said."""
    return [id_ for some in _chunks(ids) for id_ in verify_some(session, some, because, sources, now)]


def _chunks(ids: Iterable[UUID]) -> list[list[UUID]]:
    every = sorted(set(ids))
    return [every[start : start + CHUNK] for start in range(0, len(every), CHUNK)]
