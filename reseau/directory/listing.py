"""What the templates of the directory are given: the dictionaries of ``present`` with the page's words on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from reseau.core.hours import Day, Interval
from reseau.core.markdown import to_html
from reseau.core.text import highlight
from reseau.directory import present
from reseau.directory.facts import FACETS
from reseau.directory.params import FILTERS, Criteria, codes
from reseau.directory.search import Found
from reseau.directory.services import Sheet
from reseau.web.formats import format_day, format_distance, format_number
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

TITLES = {
    "ouvert": _("Quand"),
    "service": _("Pour quoi faire"),
    "demarche": _("Démarches de santé"),
    "public": _("Surtout pour"),
    "prise_en_charge": _("Accueil adapté"),
    "frais": _("Prix"),
    "rdv": _("Rendez-vous"),
    "modalite": _("Comment on vous aide"),
    "programme": _("Programme national"),
    "label": _("Formation ou label"),
}
OWN_LABELS = {
    ("ouvert", "maintenant"): _("Ouvert maintenant"),
    ("ouvert", "soir"): _("Ouvert après 18 h"),
    ("ouvert", "weekend"): _("Ouvert le week-end"),
    ("rdv", "sur-rendez-vous"): _("Sur rendez-vous"),
    ("rdv", "sans-rendez-vous"): _("Sans rendez-vous"),
    ("modalite", "itinerant"): _("Se déplace près de chez vous"),
}
PARAMETERS = {
    "q": _("Recherche"),
    "commune": _("Ville"),
    "lat": _("Position"),
    "lon": _("Position"),
    "rayon": _("Distance"),
    "tri": _("Ordre"),
    "page": _("Page"),
    **TITLES,
}
SORT_LABELS = {
    "pertinence": _("Ce qui répond le mieux à votre recherche"),
    "distance": _("Du plus près au plus loin"),
    "nom": _("Par nom, de A à Z"),
    "date": _("Les dernières fiches mises à jour"),
}
SOURCE_LABELS = {
    "cartographie": _("Cartographie nationale"),
    "reseau": _("Un membre du réseau"),
    "deduction": _("D’après une autre information de cette fiche"),
}
#: Fields whose labels are shown on a card, in this order.
LABELLED = (
    "demarches", "services", "formations_labels", "publics_specifiquement_adresses", "prise_en_charge_specifique",
    "dispositif_programmes_nationaux",
)  # fmt: skip
SHOWN_TAGS = 4
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


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter and the address without it."""

    label: str
    url: str


class Listing:
    """A page of results in the language of the request."""

    def __init__(self, request: Request, criteria: Criteria, found: Found, items: list[dict[str, Any]]) -> None:
        self.request, self.criteria, self.found = request, criteria, found
        self.items = [ItemView(request, item, found.marks) for item in items]

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
        """What the person must know of how the question was understood."""
        say, found, notes = self.request.gettext, self.found, []
        for typed, understood in found.corrections:
            notes.append(
                say(
                    _("Vous avez écrit « %(typed)s ». Nous avons cherché « %(understood)s »."),
                    typed=typed,
                    understood=understood,
                )
            )
        if found.loosened:
            notes.append(say(_("Aucun lieu ne répond à tous les mots. En voici qui répondent à une partie des mots.")))
        for name, value in self.criteria.ignored:
            title = say(PARAMETERS.get(name, name))
            notes.append(
                say(
                    _("%(title)s : nous n’avons pas compris « %(value)s » et ne l’avons pas utilisé."),
                    title=title,
                    value=value,
                )
            )
        if self.criteria.where and self.criteria.where.corrected:
            typed, understood = self.criteria.where.text, self.criteria.where.label
            notes.append(
                say(
                    _("Vous avez écrit « %(typed)s ». Nous avons cherché « %(understood)s »."),
                    typed=typed,
                    understood=understood,
                )
            )
        if found.procedure and found.total:
            notes.append(self._procedure_note(found.procedure.label(self.request.lang)))
        if found.without_hours:
            notes.append(
                self.request.ngettext(
                    "%(total)s lieu n’a pas donné ses horaires : il n’est pas dans cette liste.",
                    "%(total)s lieux n’ont pas donné leurs horaires : ils ne sont pas dans cette liste.",
                    found.without_hours,
                    total=format_number(found.without_hours, self.request.lang),
                )
            )
        if found.page_ignored:
            notes.append(say(_("Cette page n’existe pas. Voici la première page.")))
        if self.criteria.sort == "distance" and found.sort != "distance":
            notes.append(
                say(_("Pour trier par distance, dites d’abord où : une ville et une distance, ou votre position."))
            )
        return notes

    def _procedure_note(self, name: str) -> str:
        """Which places say that they help with the procedure, and which may."""
        request, precise = self.request, self.found.precise
        if not precise:
            sentence = _(
                "Aucun lieu ne dit qu’il aide pour « %(name)s ». Ceux-ci aident pour les démarches en général."
            )
            return str(request.gettext(sentence, name=name))
        if precise == self.found.total:
            return str(request.gettext(_("Ces lieux aident pour « %(name)s »."), name=name))
        return str(
            request.ngettext(
                "Le premier lieu aide pour « %(name)s ». Les suivants aident pour les démarches en général.",
                "Les %(total)s premiers lieux aident pour « %(name)s ». "
                "Les suivants aident pour les démarches en général.",
                precise,
                name=name,
                total=format_number(precise, request.lang),
            )
        )

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
    def chips_pairs(self) -> list[tuple[str, str]]:
        """``chips`` as the macro of the web floor takes them."""
        return [(chip.label, chip.url) for chip in self.chips]

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

    def page_url(self, page: int) -> str:
        """The address of another page of the same answer."""
        return self._url(self.criteria.query(page=page))

    def _url(self, query: str) -> str:
        return f"{self.request.path}?{query}" if query else self.request.path


class ItemView:
    """A place in a list."""

    def __init__(self, request: Request, item: dict[str, Any], marks: frozenset[tuple[str, ...]]) -> None:
        self.request, self.item, self.marks = request, item, marks

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
    def _labels(self) -> list[list[tuple[str, bool]]]:
        """Labels of the place in segments: what is offered, then whom it is for. Those that matched come first, be it
        by a word that people type for them ("arabe") and that the label does not have."""
        found: list[tuple[bool, list[tuple[str, bool]]]] = []
        for name in LABELLED:
            for code in self.item[name]:
                label, words = present.field_words(name, code, self.request.lang)
                hit = any(matched for _text, matched in highlight(words, self.marks)) if self.marks else False
                found.append((hit, highlight(label, self.marks) if self.marks else [(label, False)]))
        return [segments for _hit, segments in sorted(found, key=lambda pair: not pair[0])]

    @property
    def tags(self) -> list[list[tuple[str, bool]]]:
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
    def week_lines(self) -> list[tuple[str, bool, tuple[Interval, ...]]]:
        """This week in a few lines, for paper: (days, public holiday, intervals), days that are alike together."""
        request = self.request
        now, zone = request.registry["clock"](), ZoneInfo(request.config.timezone)
        runs: list[tuple[list[int], bool, tuple[Interval, ...]]] = []
        for weekday, day in enumerate(present.week(self.item["horaires"], now, zone, request.config.country) or ()):
            if runs and runs[-1][1:] == (day.holiday, day.intervals):
                runs[-1][0].append(weekday)
            else:
                runs.append(([weekday], day.holiday, day.intervals))
        return [(_days(run, request.lang), holiday, intervals) for run, holiday, intervals in runs if intervals]

    @cached_property
    def opening(self) -> OpeningView:
        """Open or closed now."""
        state: present.State = "unknown" if self.ouvert is None else "open" if self.ouvert else "closed"
        change = datetime.fromisoformat(self.item["change_a"]) if self.item["change_a"] else None
        return OpeningView(
            self.request, present.Opening(state, change, self.item["sur_rendez_vous"], self.item["ferie"])
        )


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
        today = self.request.registry["clock"]().astimezone(ZoneInfo(self.request.config.timezone)).date()
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
        return self.now.astimezone(self.zone).date()

    @cached_property
    def opening(self) -> OpeningView:
        """Open or closed now."""
        opening = present.opening(self.row["horaires"], self.now, self.zone, self.request.config.country)
        return OpeningView(self.request, opening)

    @cached_property
    def week(self) -> Sequence[Day] | None:
        """The seven days of this week, or None when hours are unknown or only text."""
        return present.week(self.row["horaires"], self.now, self.zone, self.request.config.country)

    def labels(self, name: str) -> list[str]:
        """The values of a list field, in words."""
        return present.field_labels(name, self.row[name], self.request.lang)

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
        """The newest date of the sheet."""
        return present.newest(self.row)

    @property
    def is_old(self) -> bool:
        """Whether nothing of the sheet was updated for a year: said on the page."""
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


def _days(run: list[int], lang: str) -> str:
    first = format_day(run[0], lang, "abbreviated")
    return first if len(run) == 1 else f"{first}–{format_day(run[-1], lang, 'abbreviated')}"


def option_label(request: Request, name: str, code: str) -> str:
    """The words of a filter's value."""
    if own := OWN_LABELS.get((name, code)):
        return str(request.gettext(own))
    return present.label(FACETS[name][1], code, request.lang)
