"""What the template of the form of a sheet is given, and what a form that is sent does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reseau.core.actors import Side
from reseau.directory import edits, suggestions, verification
from reseau.directory.edits import Clash
from reseau.directory.history import conflicts
from reseau.directory.models import Cause, FieldChange, Override, Suggestion
from reseau.directory.reproject import Because
from reseau.directory.sheet_page import SheetPage
from reseau.directory.words import SOURCE_LABELS, SUGGESTION_TITLES
from reseau.editing import correcting, fields, values
from reseau.editing.answers import tell_answer
from reseau.editing.fields import SECTIONS, UNIT_OF, UNITS
from reseau.editing.forms import ANSWERS, REPORTED, SheetForm, as_typed
from reseau.members import drafts, places
from reseau.web.csrf import FIELD as TOKEN
from reseau.web.formats import format_date
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.directory.routes import SheetContext

_WRITTEN_BY = {
    Side.PLACE.value: _("Écrit par le lieu le %(date)s"),
    Side.COORDINATION.value: _("Écrit par la coordination le %(date)s"),
    Side.VISITOR.value: _("Proposé par un visiteur, accepté le %(date)s"),
}


def draft_path(structure_id: UUID) -> str:
    """The address of the form that stays the same when the place changes its name."""
    return f"/annuaire/-{structure_id}/modifier"


def posted(request: Request) -> fields.Pairs:
    """What a form sent, without its token and without files."""
    return [(name, value) for name, value in request.POST.items() if isinstance(value, str) and name != TOKEN]


@dataclass(frozen=True, slots=True)
class UnitClash:
    """A unit that somebody else changed too. ``mine``, ``theirs``: lines of words. ``who``: None when it is not known
    (an import without a trace)."""

    unit: str
    mine: list[str]
    theirs: list[str]
    who: str | None
    at: datetime | None
    register: str | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a form did. ``written``: fields of the sheet; ``verified``: it was said to be exact; ``rhythm``: changed;
    ``answered``: the error that was reported and is now corrected."""

    written: tuple[str, ...] = ()
    verified: bool = False
    rhythm: bool = False
    answered: UUID | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether all is as it was."""
        return not (self.written or self.verified or self.rhythm)


class EditPage:
    """The form of one sheet for one person."""

    def __init__(self, request: Request, context: SheetContext, pairs: fields.Pairs | None = None) -> None:
        """:param pairs: what was posted; None to open the form, with the person's draft when there is one."""
        self.request, self.context = request, context
        self.now: datetime = request.registry["clock"]()
        self.sheet = SheetPage(request, context.sheet, self.now)
        self.row: Mapping[str, Any] = context.row
        self.draft: drafts.Kept | None = None
        self.clashes: dict[str, UnitClash] = {}
        if pairs is None:
            self.draft = drafts.read(request.db, request.identity.person_id, self.draft_path)
            pairs = self._with_reported(self.draft.fields if self.draft else as_typed(self.row, self.sheet.today))
        self.reported = self._reported(pairs)
        self.form = SheetForm(request, self.row, pairs, self.sheet.today)
        if self.draft and self.form.conflicting:
            self.form.validate()
            self._beside(self.row)
        self.overrides: dict[str, Override] = edits.overrides(request.db, context.structure_id)
        self.sections = SECTIONS

    def _with_reported(self, pairs: fields.Pairs) -> fields.Pairs:
        """With the error of the address (``?suggestion=``), said to be corrected, unless the draft knows it already."""
        id_ = self.request.GET.get(REPORTED)
        if not id_ or (REPORTED, id_) in pairs:
            return pairs
        return [pair for pair in pairs if pair[0] not in (REPORTED, ANSWERS)] + [(REPORTED, id_), (ANSWERS, "y")]

    def _reported(self, pairs: fields.Pairs) -> Suggestion | None:
        id_ = next((value for name, value in pairs if name == REPORTED), "")
        return correcting.reported(self.request.db, id_, self.context.structure_id) if id_ else None

    # --- what it does ---

    @property
    def draft_path(self) -> str:
        """See :func:`draft_path`."""
        return draft_path(self.context.structure_id)

    def keep_draft(self) -> bool:
        """Keep what was posted for later. :return: False: too long, the former draft stays."""
        return drafts.save(self.request.db, self.request.identity.person_id, self.draft_path, self.form.pairs, self.now)

    def save(self) -> Saved | None:
        """Write what the person changed; None when the form is to be shown again, with errors or clashes: what was
        written is kept as a draft."""
        if not self.form.validate():
            self.keep_draft()
            self._beside(self.row)
            return None
        request, structure_id = self.request, self.context.structure_id
        sources, because = request.sources, Because(Cause.EDIT, request.actor)
        reported = self.reported if self.form.repond.data else None
        outcome = edits.save(request.db, structure_id, self.form.values, self.form.base, because, sources, self.now)
        if outcome.clashes:
            self.keep_draft()  # with the old marks: whoever opens it again must see the clash again
            self._show_clashes(outcome.clashes)
            return None
        rhythm = verified = False
        if self.form.rhythm is not None:
            rhythm = verification.set_rhythm(request.db, structure_id, self.form.rhythm, because, sources, self.now)
        if self.form.verifie.data:
            exact = Because(Cause.VERIFY, request.actor)
            verified = verification.verify(request.db, structure_id, exact, sources, self.now)
        drafts.drop(request.db, request.identity.person_id, self.draft_path)
        answered = self._answer(reported) if reported and outcome.written else None
        return Saved(outcome.written, verified, rhythm, answered)

    def _answer(self, reported: Suggestion) -> UUID | None:
        """What was written corrects the error that was reported: who reported it is told. None: somebody answered
        meanwhile."""
        db = self.request.db
        try:
            suggestions.mark_done(db, reported.id, self.request.actor, self.now)
        except suggestions.Answered:
            return None
        tell_answer(db, reported, edits.locked(db, self.context.structure_id), self.request.config, self.now)
        return reported.id

    # --- clashes ---

    def _show_clashes(self, found: Mapping[str, Clash]) -> None:
        """Beside each unit that clashes, the other's; the form gets new marks, so that sending it again decides."""
        again = list(dict.fromkeys(UNIT_OF[name] for name in found))
        row = edits.locked(self.request.db, self.context.structure_id)
        fresh = dict(as_typed(row, self.sheet.today))
        kept = [
            (name, value) for name, value in self.form.pairs if name not in {fields.CHOICE + unit for unit in again}
        ]
        self.form.pairs = [
            (name, fresh[name] if name.removeprefix(fields.MARK) in again and name in fresh else value)
            for name, value in kept
        ] + [("conflit", unit) for unit in again]
        self._beside(row)

    def _beside(self, row: Mapping[str, Any]) -> None:
        """Both versions of each unit of which the form shows two."""
        lasts = {unit: self._last_change(unit) for unit in self.form.conflicting}
        people = places.names(self.request.db, [last.author_id for last in lasts.values() if last])
        for unit, last in lasts.items():
            register = last.source if last and last.cause == Cause.IMPORT.value else None
            self.clashes[unit] = UnitClash(
                unit, self._mine(unit, row), self.in_words(unit, row), self._who(last, people),
                last.at if last else None, SOURCE_LABELS.get(register, register) if register else None,
            )  # fmt: skip

    def _mine(self, unit: str, row: Mapping[str, Any]) -> list[str]:
        """What the person changed, in words; as it is typed when it cannot be read."""
        if unit in self.form.changed and unit not in self.form.mine:
            if unit == "horaires":
                return [str(self.request.gettext(_("Ce qui est écrit dans le tableau, à corriger")))]
            return [value for name, value in self.form.pairs if value and fields.posted_by(unit, name)]
        return self.in_words(unit, {**{name: row[name] for name in UNITS[unit]}, **self.form.mine.get(unit, {})})

    def _last_change(self, unit: str) -> FieldChange | None:
        found = (edits.last_change(self.request.db, self.context.structure_id, name) for name in UNITS[unit])
        return max((one for one in found if one), key=lambda one: one.id, default=None)

    def _who(self, last: FieldChange | None, people: Mapping[UUID, str]) -> str | None:
        if last is None or last.author_id is None:
            return None
        return people.get(last.author_id) or str(self.request.gettext(_("ancien membre")))

    def in_words(self, unit: str, said: Mapping[str, Any]) -> list[str]:
        """The values of a unit, line by line."""
        return values.group_lines(said, UNITS[unit], self._reader)

    @cached_property
    def _reader(self) -> values.Reader:
        return values.Reader(self.request.lang, self.request.gettext, self.sheet.today)

    # --- what it shows ---

    def register_of(self, unit: str) -> str:
        """The name of the register that says :meth:`register_says`."""
        source = self._registers.get(unit)
        label = SOURCE_LABELS.get(source, source) if source else _("Une autre source")
        return str(self.request.gettext(label))

    @cached_property
    def _registers(self) -> dict[str, str | None]:
        found = conflicts(self.request.db, [self.context.structure_id], self.request.sources)
        every = [conflict for sheet in found.sheets for conflict in sheet.conflicts]
        return {UNIT_OF[n]: one.origin.get("source") for one in every for n in one.group if n in UNIT_OF}

    @property
    def url(self) -> str:
        """The address of the form."""
        return f"{self.sheet.url}/modifier"

    @property
    def reported_words(self) -> str:
        """What is said to be wrong, in words."""
        return str(self.request.gettext(SUGGESTION_TITLES[self.reported.reason])) if self.reported else ""

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Hidden fields: what the person saw of each unit, and of the rhythm."""
        return [(name, value) for name, value in self.form.pairs if name.startswith(fields.MARK)]

    @property
    def editables(self) -> Mapping[str, fields.Editable]:
        """How each field is typed."""
        return fields.BY_FORM_NAME

    def names(self, unit: str) -> tuple[str, ...]:
        """The fields of a unit that are typed."""
        return tuple(name for name in UNITS[unit] if name in fields.BY_FORM_NAME)

    @property
    def current_hours(self) -> list[str]:
        """The hours of the sheet in words."""
        return self.in_words("horaires", self.row)

    def origin(self, unit: str) -> str | None:
        """``Écrit par le lieu le 3 mars 2026``, or None when no person wrote it."""
        override = next((self.overrides[name] for name in UNITS[unit] if name in self.overrides), None)
        if override is None:
            return None
        say = self.request.gettext
        side = Side.VISITOR.value if override.suggestion_id else override.side
        return str(say(_WRITTEN_BY.get(side, _WRITTEN_BY[Side.PLACE.value]), date=self._day(override.set_at)))

    def _day(self, moment: datetime) -> str:
        return format_date(moment, self.request.lang, self.request.config.timezone, "long")

    def register_says(self, unit: str) -> list[str]:
        """What the registers say now of a unit that a person wrote and that they contradict; [] when they do not."""
        contested = [name for name in UNITS[unit] if name in self.overrides and self.overrides[name].conflict_since]
        if not contested:
            return []
        now = {n: self.overrides[n].source_now["v"] if n in self.overrides else self.row[n] for n in UNITS[unit]}
        return self.in_words(unit, now)

    def is_open(self, units: tuple[str, ...]) -> bool:
        """Whether a folded part is shown: something in it is wrong, contradicted, or was being written."""
        refused = {UNIT_OF.get(one.id, one.id) for one in self.form.refused}
        shown = refused | set(self.clashes) | set(self.form.changed)
        return bool(shown & set(units)) or any(self.register_says(unit) for unit in units)
