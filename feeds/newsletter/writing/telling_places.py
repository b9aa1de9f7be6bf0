"""What the letter tells of places: new ones, those that closed, those whose hours changed, and on which days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.writing.sources import Found, Limited, Window, changed, register, said
from reseau.core.changes import Op
from reseau.core.clock import local_day
from reseau.core.hours import Hours, InvalidHours
from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording, _
from reseau.directory.models import KIND, Cause, FieldChange, Service, Status, Structure
from reseau.directory.territory import in_territory

SECTION = "lieux"
MOST = 8
MOST_NEW = 5
"""New places that are named; more are one line: a register was imported, and their names say nothing."""
NEWEST = "/annuaire?tri=date"
NOTHING = UUID(int=0)
DAYS = (_("lundi"), _("mardi"), _("mercredi"), _("jeudi"), _("vendredi"), _("samedi"), _("dimanche"))
#: What the log of fields calls the hours: the expression, and the sentence of places that have no such expression.
FIELDS = ("horaires", "horaires_texte")
#: Joined, split and computed again: the sheet moved, the place did not.
NOT_NEWS = (Cause.MERGE.value, Cause.SPLIT.value, Cause.RULES.value)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the letter names it."""

    id: UUID
    slug: str
    name: str
    commune: str
    status: str

    @property
    def path(self) -> str:
        """The address of its sheet."""
        return f"/annuaire/{self.slug}-{self.id}"


def places(session: Session, window: Window) -> list[Found]:
    """Closed places first (nobody must go there in vain), then hours, ``MOST`` of each; then new places."""
    ops = changed(session, window, KIND)
    rows = [row for row in _changes(session, window) if row.structure_id in ops] if ops else []
    created = [place for place in _new(session, window) if Op.PUBLISH.value in ops.get(place.id, ())] if ops else []
    known = {place.id: place for place in created}
    known |= _places(session, {row.structure_id for row in rows} - set(known), window)
    gone = [row for row in rows if row.cause == Cause.CLOSE.value]
    hours: dict[UUID, list[Any]] = {}
    for row in rows:
        if row.field in FIELDS and row.structure_id not in {place.id for place in created}:
            hours.setdefault(row.structure_id, []).append(row)
    closed = [known[id_] for id_ in dict.fromkeys(row.structure_id for row in gone)
              if id_ in known and known[id_].status == Status.CLOSED.value]  # fmt: skip
    today = local_day(window.now, window.timezone)
    moved = [
        (place, days)
        for id_, steps in hours.items()
        if (place := known.get(id_)) and place.status == Status.ACTIVE.value
        and (days := days_changed(steps, today, window.timezone)) is not None
    ]  # fmt: skip
    return [
        *_lines("closed", closed, _closed),
        *_lines("hours", [place for place, _days in moved], _hours({place.id: days for place, days in moved})),
        *_created(session, created),
    ]  # fmt: skip


def _created(session: Session, places: Sequence[Place]) -> list[Found]:
    """New places with the procedures that they help with; many are one line."""
    if len(places) > MOST_NEW:
        return [Found(SECTION, "places-new", uuid5(NOTHING, "places:new"), said(_entered(len(places))), url=NEWEST)]
    tasks = _tasks(session, [place.id for place in places])
    return _lines("new", places, lambda place: lambda say: (place.name, _new_words(say, tasks[place.id])))


def _tasks(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Place → codes of the health procedures that it or an offer of it helps with, in the order of our list."""
    if not ids:
        return {}
    own = sa.select(Structure.id, Structure.demarches).where(Structure.id.in_(ids))
    offered = sa.select(Service.structure_id, Service.demarches).where(Service.structure_id.in_(ids))
    there: dict[UUID, set[str]] = {id_: set() for id_ in ids}
    for id_, codes in session.execute(sa.union_all(own, offered)):
        there[id_] |= set(codes or ())
    order = [term.code for term in vocabulary("demarches").terms]
    return {id_: [code for code in order if code in codes] for id_, codes in there.items()}


def _entered(number: int) -> Callable[[Wording], tuple[str, str]]:
    def words(say: Wording) -> tuple[str, str]:
        said = say.ngettext(
            "%(num)s lieu est entré dans l’annuaire", "%(num)s lieux sont entrés dans l’annuaire", number
        )
        return said, ""

    return words


def _new_words(say: Wording, codes: Sequence[str]) -> str:
    terms = [term for code in codes if (term := vocabulary("demarches").get(code))]
    if not terms:
        return say.gettext(_("Nouveau dans l’annuaire."))
    named = say.gettext(_(", ")).join(term.label(say.lang) for term in terms)
    return say.gettext(_("Nouveau dans l’annuaire. On y aide pour : %(tasks)s."), tasks=named)


def _changes(session: Session, window: Window) -> Sequence[Any]:
    """Closings and new hours since, the newest first; of the places of the territory."""
    wanted = (
        sa.select(FieldChange.structure_id, FieldChange.field, FieldChange.cause, FieldChange.before, FieldChange.after)
        .join(Structure, Structure.id == FieldChange.structure_id)
        .where(
            FieldChange.at > window.since, FieldChange.at <= window.now, FieldChange.cause.not_in(NOT_NEWS),
            sa.or_(FieldChange.field.in_(FIELDS), FieldChange.cause == Cause.CLOSE.value),
            in_territory(window.territory),
        )
        .order_by(FieldChange.at.desc(), FieldChange.id.desc())
    )  # fmt: skip
    return session.execute(wanted).all()


def _columns() -> Any:
    return sa.select(Structure.id, Structure.slug, Structure.nom, Structure.commune, Structure.status)


def _new(session: Session, window: Window) -> list[Place]:
    """Active places made since, the newest first. A place that came from a split or was joined is none."""
    moved = sa.exists().where(FieldChange.structure_id == Structure.id, FieldChange.cause == Cause.SPLIT.value)
    wanted = _columns().where(
        Structure.status == Status.ACTIVE.value, Structure.created_at > window.since,
        Structure.created_at <= window.now, in_territory(window.territory), ~moved,
    ).order_by(Structure.created_at.desc(), Structure.nom, Structure.id)  # fmt: skip
    return [_place(row) for row in session.execute(wanted)]


def _places(session: Session, ids: set[UUID], window: Window) -> dict[UUID, Place]:
    """Of the places that changed; one statement for all of them, whatever their number."""
    if not ids:
        return {}
    since = sa.select(FieldChange.structure_id).where(
        FieldChange.at > window.since, sa.or_(FieldChange.field.in_(FIELDS), FieldChange.cause == Cause.CLOSE.value)
    )
    found = session.execute(_columns().where(Structure.id.in_(since)))
    return {row.id: _place(row) for row in found if row.id in ids}


def _place(row: Any) -> Place:
    return Place(row.id, row.slug, row.nom, row.commune or "", row.status)


def days_changed(steps: Sequence[Any], today: date, timezone: str) -> tuple[int, ...] | None:
    """Days of the week (0: Monday) whose hours are not those of before. () : they changed, nobody can say which days.
    None: they are what they were, or there were none, or there are none any more.

    :param steps: changes of one place, the newest first: from the oldest ``before`` to the newest ``after``.
    """
    words = [step for step in steps if step.field == "horaires"]
    told = [step for step in words or steps if step.before.get("v")]  # hours that are known at last are no change
    before, after = (told[-1].before["v"], told[0].after.get("v")) if told else ("", "")
    if not after or before == after:
        return None
    if not words:
        return ()
    weeks = [_week(text, today, timezone) for text in (before, after)]
    if weeks[0] is None or weeks[1] is None:
        return ()
    days = tuple(day for day in range(7) if weeks[0][day] != weeks[1][day])
    return () if len(days) == 7 else days or None


def _week(osm: str, today: date, timezone: str) -> list[Any] | None:
    """Openings of the days of a usual week: the first of the next eight without a public holiday; None: unreadable."""
    try:
        hours = Hours(osm, timezone=timezone)
    except InvalidHours:
        return None
    monday = today.toordinal() - today.weekday()
    for week in range(1, 9):
        days = hours.week(date.fromordinal(monday + 7 * week))
        if not any(day.holiday for day in days):
            return [day.intervals for day in days]
    return None


def _closed(place: Place) -> Callable[[Wording], tuple[str, str]]:
    return lambda say: (place.name, say.gettext(_("Ce lieu est fermé.")))


def _hours(days: dict[UUID, tuple[int, ...]]) -> Callable[[Place], Callable[[Wording], tuple[str, str]]]:
    def of(place: Place) -> Callable[[Wording], tuple[str, str]]:
        return lambda say: (place.name, _hours_words(say, days[place.id]))

    return of


def _hours_words(say: Wording, days: tuple[int, ...]) -> str:
    if not days:
        return say.gettext(_("Les horaires changent. Regardez la fiche avant d’y aller."))
    names = say.gettext(_(", ")).join(say.gettext(DAYS[day]) for day in days)
    return say.gettext(_("Les horaires changent : %(days)s."), days=names)


def _lines(
    what: str, found: Sequence[Place], words: Callable[[Place], Callable[[Wording], tuple[str, str]]]
) -> list[Found]:
    cut = Limited.of([Found(SECTION, KIND, p.id, said(words(p)), url=p.path, note=p.commune) for p in found], MOST)
    if cut.others:
        rest = uuid5(NOTHING, f"places:{what}")
        cut.lines.append(Found(SECTION, "places-more", rest, said(_others(what, cut.others)), url=NEWEST))
    return cut.lines


def _others(what: str, number: int) -> Callable[[Wording], tuple[str, str]]:
    def words(say: Wording) -> tuple[str, str]:
        if what == "closed":
            return say.ngettext("et %(num)s autre lieu fermé", "et %(num)s autres lieux fermés", number), ""
        return say.ngettext("et %(num)s autre lieu dont les horaires changent",
                            "et %(num)s autres lieux dont les horaires changent", number), ""  # fmt: skip

    return words


register(SECTION, places)
