"""What the templates of a sheet are given: its columns with the page's words, hours and origins on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reseau.core.clock import local_day
from reseau.core.hours import Day
from reseau.core.markdown import to_html
from reseau.directory import offers, present, quality
from reseau.directory.services import Sheet
from reseau.directory.words import FIELD_LABELS, SOURCE_LABELS
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request


@dataclass(frozen=True)
class OpeningView:
    """Open or closed, said in one short sentence."""

    request: Request
    opening: present.Opening

    @property
    def state(self) -> str:
        """``open``, ``closed`` or ``unknown``."""
        return self.opening.state

    @property
    def change(self) -> datetime | None:
        """When that changes, in the time zone of the place."""
        return self.opening.change

    @property
    def days_ahead(self) -> int:
        """In how many days that changes (0: today)."""
        today = local_day(self.request.registry["clock"](), self.request.config.timezone)
        return (self.opening.change.date() - today).days if self.opening.change else 0


class SheetPage:
    """The sheet of a place in the language of the request."""

    def __init__(self, request: Request, sheet: Sheet, now: datetime) -> None:
        self.request, self.sheet, self.now = request, sheet, now
        self.row: Mapping[str, Any] = sheet.row
        self.zone = ZoneInfo(request.config.timezone)

    @property
    def url(self) -> str:
        """The path of the sheet."""
        return present.path(self.row["slug"], self.row["id"])

    @property
    def today(self) -> date:
        """Today where the place is."""
        return local_day(self.now, self.zone)

    @cached_property
    def opening(self) -> OpeningView:
        """Open or closed now."""
        if self.sheet.closed_on:
            return OpeningView(self.request, present.CLOSED_FOR_GOOD)
        opening = present.opening(self.row["horaires"], self.now, self.zone, self.request.config.country)
        return OpeningView(self.request, opening)

    @cached_property
    def week(self) -> Sequence[Day] | None:
        """The seven days of this week, or None when hours are unknown or only text, or the place closed for good."""
        if self.sheet.closed_on:
            return None
        return present.week(self.row["horaires"], self.now, self.zone, self.request.config.country)

    def labels(self, name: str) -> list[str]:
        """The values of a list field, in words."""
        return present.field_labels(name, self.row[name], self.request.lang)

    @property
    def saved(self) -> list[str] | None:
        """What whoever reads has just written (``?enregistre=``, said after a form), in words; None: nothing."""
        said = self.request.GET.get("enregistre")
        if said is None or self.request.identity is None:
            return None
        labels = {**FIELD_LABELS, "offre": _("Aides et ateliers")}
        return list(dict.fromkeys(self.request.gettext(labels[name]) for name in said.split(",") if name in labels))

    def offer_words(self, words: Mapping[str, str], values: Sequence[str]) -> list[str]:
        """Values of an offer whose words are in ``offers``."""
        return [self.request.gettext(words[value]) if value in words else value for value in values]

    @property
    def offer_vocabularies(self) -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]:
        """Words of ``type``, ``thematiques``, ``modes_accueil``."""
        return offers.TYPES, offers.THEMES, offers.MODES

    def offer_labels(self, vocabulary_name: str, values: Sequence[str]) -> list[str]:
        """Values of an offer, in words."""
        return [present.label(vocabulary_name, value, self.request.lang) for value in values]

    @cached_property
    def description(self) -> str:
        """The long description as safe HTML, or ""."""
        return to_html(self.row["presentation_detail"]) if self.row["presentation_detail"] else ""

    def origin(self, *names: str) -> Origin | None:
        """Where the first known of some fields comes from, and when it was last updated."""
        for name in names:
            if found := self.row["provenance"].get(name):
                label = SOURCE_LABELS.get(found["source"], found["source"])
                day = date.fromisoformat(found["date"]) if found.get("date") else None
                via = found.get("via") if found["source"] not in ("deduction",) else None
                return Origin(self.request.gettext(label), via, day, self._age(day))
        return None

    def shared(self, *names: str) -> Origin | None:
        """The one origin of all the known fields among ``names``, or None when they come from several."""
        found = {origin for name in names if (origin := self.origin(name))}
        return found.pop() if len(found) == 1 else None

    @property
    def newest(self) -> date | None:
        """The newest date of the sheet as a whole: that of the registers, or of its verification."""
        return present.newest(self.row)

    @property
    def verified_by(self) -> str | None:
        """Who verified the sheet last: ``lieu`` or ``coordination``; None: nobody."""
        return self.row["verified_by"] if self.row["verified_at"] else None

    @property
    def score(self) -> int:
        """The quality of the sheet, 0 to ``quality.OUT_OF``."""
        return quality.score(self.row, self.today)

    @property
    def lacks(self) -> list[str]:
        """What the sheet lacks (names of ``quality.CRITERIA``, ``fraicheur``), the most useful first."""
        return quality.missing(self.row, self.today)

    @property
    def label_until(self) -> date | None:
        """The last day of the local label that the place holds, or None."""
        return None if self.sheet.closed_on else present.label_until(self.row, self.today)

    @property
    def is_old(self) -> bool:
        """Whether no register updated the sheet, and nobody verified it, for a year: said on the page."""
        return self.newest is None or self._age(self.newest) > 365

    def _age(self, day: date | None) -> int:
        return (self.today - day).days if day else 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from. ``via``: the register's own source. ``age``: in days."""

    source: str
    via: str | None
    date: date | None
    age: int
