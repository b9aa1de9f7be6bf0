"""A history and its conflicts in the words of the page: what changed, from what to what, who, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from reseau.core.actors import Side
from reseau.core.wording import Wording, _
from reseau.directory.edits import Restorable
from reseau.directory.fields import BY_NAME, LISTS, group_of
from reseau.directory.history import Conflict, Group, Moment, SheetConflicts
from reseau.directory.models import Cause, FieldChange, Override
from reseau.directory.words import SOURCE_LABELS
from reseau.editing import offer_words
from reseau.editing.values import FRENCH, LEFT_TO_RIGHT, Reader, group_lines, group_title, lines, list_difference, title

if TYPE_CHECKING:
    from pyramid.request import Request

CAUSES = {
    Cause.EDIT: _("Fiche corrigée"),
    Cause.SUGGESTION: _("Correction acceptée"),
    Cause.RESTORE: _("Fiche remise comme avant"),
    Cause.KEPT: _("Fiche gardée, alors que la cartographie dit autre chose"),
    Cause.THEIRS: _("Fiche changée comme la cartographie"),
    Cause.IMPORT: _("Mise à jour du %(date)s"),
    Cause.RULES: _("Fiche calculée à nouveau par le site"),
    Cause.MERGE: _("Deux fiches réunies en une"),
    Cause.SPLIT: _("Fiche séparée d’une autre"),
    Cause.VERIFY: _("Fiche vérifiée : tout est exact"),
    Cause.CREATE: _("Fiche créée"),
    Cause.CLOSE: _("Lieu fermé"),
    Cause.REOPEN: _("Lieu rouvert"),
    Cause.OFFER: _("Changement dans les aides et ateliers"),
}
SIDES = {
    Side.PLACE: _("quelqu’un du lieu"),
    Side.COORDINATION: _("la coordination"),
    Side.SITE: _("l’administration du site"),
    Side.PERSON: _("une personne du réseau"),
    Side.VISITOR: _("un visiteur"),
    Side.IMPORT: _("une autre source"),
    Side.SYSTEM: _("le site"),
}


def reader_of(request: Request) -> Reader:
    """Who reads this page."""
    today = request.registry["clock"]().astimezone(ZoneInfo(request.config.timezone)).date()
    return Reader(request.lang, request.gettext, today)


def register(name: str | None, reader: Reader) -> str:
    """The name of a register."""
    return reader.say(SOURCE_LABELS[name]) if name in SOURCE_LABELS else name or reader.say(SIDES[Side.IMPORT])


@dataclass(frozen=True, slots=True)
class Who:
    """An author. ``name``: of a person, in no language; ``words``: beside it or instead of it."""

    name: str
    words: str


def who(side: str, author_id: UUID | None, names: Mapping[UUID, str], reader: Reader, source: str | None = None) -> Who:
    """Who said something. :param names: of the people who are still there."""
    if side == Side.IMPORT.value:
        return Who("", register(source, reader))
    if author_id is None:
        return Who("", reader.say(SIDES[Side(side)]))
    coordination = reader.say(SIDES[Side.COORDINATION]) if side == Side.COORDINATION.value else ""
    return Who(names[author_id], coordination) if author_id in names else Who("", reader.say(_("un ancien membre")))


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What changed as one. ``before`` and ``after``: lines, [] for what was not known; of a list, ``added`` and
    ``removed`` instead. ``restorable``: the change to name in order to put it back, or None. ``lang`` and ``dir``: of
    the values."""

    title: str
    before: list[str]
    after: list[str]
    added: list[str]
    removed: list[str]
    is_list: bool
    restorable: UUID | None
    lang: str
    dir: str


def change_view(group: Group, reader: Reader) -> ChangeView:
    """Rows of the history that are one change, in words."""
    change = group.changes[0]
    name, before, after = change.field, change.before["v"], change.after["v"]
    if offer_words.is_offer(before) or offer_words.is_offer(after):
        was, becomes = offer_words.sides(before, after, reader)
        named = offer_words.title(before, after, reader)
        return ChangeView(named, was, becomes, [], [], False, None, "fr", "auto")
    heading, was = _side(group.before, reader)
    _heading, becomes = _side(group.after, reader)
    is_list = name in LISTS
    added, removed = list_difference(before, after) if is_list else ([], [])
    lang, direction = _language(name, reader)
    more, less = lines(name, added, reader), lines(name, removed, reader)
    return ChangeView(heading, was, becomes, more, less, is_list, group.restorable, lang, direction)


def _side(values: Mapping[str, Any], reader: Reader) -> tuple[str, list[str]]:
    """(title, lines) of one value, or of several that only mean something together."""
    name, *others = values
    if not others:
        return title(name, reader), lines(name, values[name], reader)
    return group_title(name, reader), group_lines(values, group_of(name), reader)


def is_whole(change: FieldChange) -> bool:
    """Whether it concerns the whole sheet (closed, verified…), not a field or an offer."""
    return not change.field and not any(offer_words.is_offer(side["v"]) for side in (change.before, change.after))


def _language(name: str, reader: Reader) -> tuple[str, str]:
    return "fr" if name in FRENCH else reader.lang, "ltr" if name in LEFT_TO_RIGHT else "auto"


@dataclass(frozen=True, slots=True)
class MomentView:
    """Changes of one author at one moment. ``accepted``: what a visitor proposed, ``who`` accepted it. ``kept``:
    nothing changed, "before" is what a register said. ``detail``: what is said of the whole sheet (a name, a reason).
    ``other``: the name of the sheet on which it was, if not this one."""

    at: datetime
    who: Who
    why: str
    accepted: bool
    kept: bool
    suggestion_id: UUID | None
    detail: str
    other: str | None
    changes: list[ChangeView]


def moment_view(moment: Moment, names: Mapping[UUID, str], reader: Reader) -> MomentView:
    """A group of changes in words."""
    first = moment.first
    cause = Cause(first.cause)
    accepted = cause is Cause.SUGGESTION
    whole = [change for change in moment.changes if is_whole(change)]
    return MomentView(
        first.at,
        who(first.side, first.author_id, names, reader, first.source),
        reader.say(CAUSES[cause], date=Wording(reader.lang).date(first.at.date())),
        accepted,
        cause is Cause.KEPT,
        first.ref if accepted else None,
        _detail(cause, whole[0], reader) if whole else "",
        moment.other,
        [change_view(group, reader) for group in moment.groups if not is_whole(group.changes[0])],
    )


def _detail(cause: Cause, change: FieldChange, reader: Reader) -> str:
    before, after = change.before["v"], change.after["v"]
    if cause in (Cause.VERIFY, Cause.REOPEN):  # why it had closed is said where it closed
        return ""
    if cause in (Cause.MERGE, Cause.SPLIT):
        return reader.say(_("L’autre fiche s’appelait « %(name)s »."), name=before)
    if cause is Cause.CLOSE:
        return _closed(str(after or ""), reader)
    return str(after or before or "")


def _closed(said: str, reader: Reader) -> str:
    """``2026-11-24 – parti à Lille`` in words; as it is when it is not so."""
    day, _dash, reason = said.partition(" – ")
    try:
        on = Wording(reader.lang).date(date.fromisoformat(day))
    except ValueError:
        return said
    if not reason:  # nobody closed it: the registers gave it no more
        return reader.say(_("depuis le %(date)s, plus donné par les registres"), date=on)
    return reader.say(_("depuis le %(date)s : %(reason)s"), date=on, reason=reason)


def people(*some: Iterable[UUID | None]) -> set[UUID]:
    """The people whose names a page needs."""
    return {id_ for ids in some for id_ in ids if id_ is not None}


@dataclass(frozen=True, slots=True)
class RestoreView:
    """What putting back would write: (title, lines now, lines afterwards, language, direction)."""

    rows: list[tuple[str, list[str], list[str], str, str]]
    is_so: bool


def restore_view(found: Restorable, reader: Reader) -> RestoreView:
    """A confirmation in words."""
    names = [n for n, value in found.values.items() if n == found.change.field or found.now[n] != value]
    heading, present = _side({name: found.now[name] for name in names}, reader)
    _heading, former = _side({name: found.values[name] for name in names}, reader)
    return RestoreView([(heading, present, former, *_language(names[0], reader))], found.is_so)


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Two sides of one conflict, in words. ``key``: to be given back with the decision."""

    name: str
    key: str
    title: str
    mine: list[str]
    mine_who: Who
    mine_at: datetime
    suggested: bool
    theirs: list[str]
    theirs_who: str
    theirs_on: date | None
    lang: str
    dir: str


def conflict_view(conflict: Conflict, names: Mapping[UUID, str], reader: Reader) -> ConflictView:
    """A conflict in words."""
    override: Override = conflict.override
    origin_day = conflict.origin.get("date")
    return ConflictView(
        conflict.name,
        f"{conflict.name}.{conflict.version}",
        group_title(conflict.name, reader),
        group_lines(conflict.mine, conflict.group, reader),
        who(override.side, override.author_id, names, reader),
        override.set_at,
        override.suggestion_id is not None,
        group_lines(conflict.theirs, conflict.group, reader),
        register(conflict.origin.get("source"), reader),
        date.fromisoformat(origin_day) if origin_day else None,
        *_language(conflict.name, reader),
    )


def authors_of(sheets: Iterable[SheetConflicts]) -> set[UUID]:
    """The people who wrote what is contradicted."""
    return people(conflict.override.author_id for sheet in sheets for conflict in sheet.conflicts)


def decided(posted: Iterable[str], conflicts: Iterable[Conflict]) -> tuple[list[str], bool]:
    """(names of the fields that were decided, whether some have changed since the page was shown).

    :param posted: values ``key`` of a form; unknown ones are left out.
    """
    present = {conflict.name: f"{conflict.name}.{conflict.version}" for conflict in conflicts}
    keys = [key for key in dict.fromkeys(posted) if key.split(".")[0] in BY_NAME]
    names = [name for name, key in present.items() if key in keys]
    stale = any(group_of(key.split(".")[0])[0] in present and key not in present.values() for key in keys)
    return names, stale
