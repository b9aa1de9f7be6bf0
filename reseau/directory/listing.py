"""What the templates of the directory are given: the dictionaries of ``present`` with the page's words on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from reseau.core.hours import Day, Interval
from reseau.core.text import highlight, stems
from reseau.directory import present
from reseau.directory.notes import notes
from reseau.directory.params import FILTERS, Criteria, codes
from reseau.directory.search import Found
from reseau.directory.sheet_page import OpeningView
from reseau.directory.words import SORT_LABELS, TITLES, option_label
from reseau.web.formats import format_day, format_distance
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

#: Fields whose labels are shown on a card, in this order.
LABELLED = (
    "demarches", "services", "formations_labels", "publics_specifiquement_adresses", "prise_en_charge_specifique",
    "dispositif_programmes_nationaux",
)  # fmt: skip
SHOWN_TAGS = 4
Segments = tuple[tuple[str, bool], ...]
EVENING, SATURDAY = 18 * 60, 5
SHOWN_OPEN = ("ouvert", "service", "demarche")


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter. ``count``: places one would get."""

    code: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter. ``open``: shown unfolded."""

    name: str
    title: str
    options: list[Option]
    open: bool


class Chip(NamedTuple):
    """One active filter and the address without it."""

    label: str
    url: str


class Listing:
    """A page of results in the language of the request."""

    def __init__(self, request: Request, criteria: Criteria, found: Found, items: list[dict[str, Any]]) -> None:
        self.request, self.criteria, self.found = request, criteria, found
        self.items = [ItemView(request, item, found.marks, criteria.filters.get("ouvert", ())) for item in items]

    @cached_property
    def facets(self) -> list[Facet]:
        """Filters with their counts; a value that would give nothing is left out unless it is chosen, or says when:
        that no place opens in the evening is worth knowing."""
        made = []
        for name in FILTERS:
            chosen = self.criteria.filters.get(name, ())
            options = [
                Option(code, option_label(self.request, name, code), count, code in chosen)
                for code in codes(name)
                if (count := self.found.facets[name][code]) or code in chosen or name == "ouvert"
            ]
            if options:
                made.append(
                    Facet(name, self.request.gettext(TITLES[name]), options, bool(chosen) or name in SHOWN_OPEN)
                )
        return made

    @cached_property
    def chips(self) -> list[Chip]:
        """What is asked for, each with the address that does without."""
        criteria, say = self.criteria, self.request.gettext
        chips = []
        if criteria.q:
            chips.append(Chip(say(_("« %(query)s »"), query=criteria.q), self._url(criteria.query(q=""))))
        if criteria.where:
            chips.append(Chip(criteria.where.label, self._url(criteria.query(where=None, radius_km=None))))
        if criteria.point:
            chips.append(Chip(say(_("Autour du point choisi")), self._url(criteria.query(point=None, radius_km=None))))
        if criteria.radius_km:
            distance = format_distance(criteria.radius_km * 1000, self.request.lang)
            chips.append(
                Chip(say(_("À moins de %(distance)s"), distance=distance), self._url(criteria.query(radius_km=None)))
            )
        chips += [
            Chip(option_label(self.request, name, code), self._url(criteria.without(name, code)))
            for name, chosen in criteria.filters.items()
            for code in chosen
        ]
        return chips

    @cached_property
    def notes(self) -> list[str]:
        """How the question was understood."""
        return notes(self.request, self.criteria, self.found)

    @cached_property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """(value, label, chosen) of the orders that mean something here. "": whatever suits the question best; the form
        must not turn an order that was only a default into one that was asked for."""
        possible = {"pertinence": bool(self.criteria.q), "distance": self.found.distances is not None}
        asked = self.criteria.sort
        return [("", self.request.gettext(_("Conseillé")), asked is None)] + [
            (sort, self.request.gettext(title), sort == asked)
            for sort, title in SORT_LABELS.items()
            if possible.get(sort, True)
        ]

    @property
    def query(self) -> str:
        """The present question, for links to the list, the map, the print page and the JSON twin."""
        return self.criteria.query()

    @property
    def only_where(self) -> str:
        """The same place, whatever is offered there."""
        return self.criteria.query(q="", filters={}, radius_km=None)

    @property
    def wider(self) -> str:
        """The same question further around; "" when nothing says around what, or it is wide already."""
        located = self.criteria.where or self.criteria.point
        near = self.criteria.radius_km is None or self.criteria.radius_km < 10
        return self.criteria.query(radius_km=10.0) if located and near else ""

    def _url(self, query: str) -> str:
        return f"{self.request.path}?{query}" if query else self.request.path


class ItemView:
    """A place in a list."""

    def __init__(
        self, request: Request, item: dict[str, Any], marks: frozenset[tuple[str, ...]], moments: Sequence[str]
    ) -> None:
        self.request, self.item, self.marks, self.moments = request, item, marks, moments

    def __getattr__(self, name: str) -> Any:
        try:
            return self.item[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def nom_parts(self) -> list[tuple[str, bool]]:
        """The name in segments, True = matched."""
        return highlight(self.item["nom"], self.marks) if self.marks else [(self.item["nom"], False)]

    @cached_property
    def _labels(self) -> list[Segments]:
        """Labels of the place in segments: what is offered, then whom it is for. Those that matched come first, be it
        by a word that people type for them ("arabe") and that the label does not have."""
        codes_of = ((name, code) for name in LABELLED for code in self.item[name])
        found = [
            (_found_by(name, code, self.marks), _marked(_label(name, code, self.request.lang), self.marks))
            for name, code in codes_of
        ]
        return [segments for _hit, segments in sorted(found, key=lambda pair: not pair[0])]

    @property
    def tags(self) -> list[Segments]:
        """A few labels: what matched says why the place is here, the rest is on its sheet (a phone shows one card a
        screen)."""
        return self._labels[:SHOWN_TAGS]

    @property
    def more_tags(self) -> int:
        """How many labels are left to the sheet."""
        return max(0, len(self._labels) - SHOWN_TAGS)

    @property
    def frais(self) -> list[str]:
        """What it costs, in words."""
        return present.field_labels("frais_a_charge", self.item["frais_a_charge"], self.request.lang)

    @property
    def day(self) -> date | None:
        """When the place was last updated, as its source says."""
        return date.fromisoformat(self.item["date_maj"]) if self.item["date_maj"] else None

    @property
    def label_until(self) -> date | None:
        """The last day of the local label that the place holds."""
        until = self.item["label_local_jusqu_au"]
        return date.fromisoformat(until) if until else None

    @property
    def hours_asked_for(self) -> list[tuple[str, bool, tuple[Interval, ...]]]:
        """The openings of this week that answer the filter on evenings or week-ends, like ``week_lines``: which evening
        it is says whether to go."""
        lines = []
        for weekday, day in enumerate(self._week if {"soir", "weekend"} & set(self.moments) else ()):
            wanted = tuple(
                i
                for i in day.intervals
                if ("soir" in self.moments and i.end > EVENING) or ("weekend" in self.moments and weekday >= SATURDAY)
            )
            if wanted:
                lines.append((_days([weekday], self.request.lang), day.holiday, wanted))
        return lines

    @cached_property
    def _week(self) -> Sequence[Day]:
        request = self.request
        now, zone = request.registry["clock"](), ZoneInfo(request.config.timezone)
        return present.week(self.item["horaires"], now, zone, request.config.country) or ()

    @property
    def week_lines(self) -> list[tuple[str, bool, tuple[Interval, ...]]]:
        """This week in a few lines, for paper: (days, public holiday, intervals), days that are alike together."""
        runs: list[tuple[list[int], bool, tuple[Interval, ...]]] = []
        for weekday, day in enumerate(self._week):
            if runs and runs[-1][1:] == (day.holiday, day.intervals):
                runs[-1][0].append(weekday)
            else:
                runs.append(([weekday], day.holiday, day.intervals))
        return [(_days(run, self.request.lang), holiday, intervals) for run, holiday, intervals in runs if intervals]

    @cached_property
    def opening(self) -> OpeningView:
        """Open or closed now."""
        state: present.State = "unknown" if self.ouvert is None else "open" if self.ouvert else "closed"
        change = datetime.fromisoformat(self.item["change_a"]) if self.item["change_a"] else None
        return OpeningView(
            self.request, present.Opening(state, change, self.item["sur_rendez_vous"], self.item["ferie"])
        )


# The cards of a page have the same few dozen labels: each is read once for a question, not once a card.


@lru_cache(4_096)
def _marked(label: str, marks: frozenset[tuple[str, ...]]) -> Segments:
    return tuple(highlight(label, marks)) if marks else ((label, False),)


@lru_cache(4_096)
def _found_by(name: str, code: str, marks: frozenset[tuple[str, ...]]) -> bool:
    """Whether a label, or a word that people type for it, matched."""
    words = _stems(name, code)
    return any(words.issuperset(mark) for mark in marks)


@lru_cache(1_024)
def _stems(name: str, code: str) -> frozenset[str]:
    return frozenset(stems(present.field_words(name, code)))


@lru_cache(4_096)
def _label(name: str, code: str, lang: str) -> str:
    return present.field_labels(name, [code], lang)[0]


def _days(run: list[int], lang: str) -> str:
    first = format_day(run[0], lang, "abbreviated")
    return first if len(run) == 1 else f"{first}–{format_day(run[-1], lang, 'abbreviated')}"
