"""What the templates of the list are given: dictionaries of ``items`` with the page's words on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from reseau.core.text import highlight, snippet
from reseau.core.vocabularies import vocabulary
from reseau.web.formats import format_list
from reseau.web.i18n import _
from resources.base import langs
from resources.base.models import Visibility
from resources.base.shapes import KIND_LABELS, NIVEAUX, Kind
from resources.finding import understanding
from resources.finding.params import FILTERS, Criteria, codes
from resources.finding.search import Found
from resources.finding.words import (
    IGNORED,
    IN_LANGUAGES,
    LOOSENED,
    OF_KINDS,
    PARAMETERS,
    SORT_LABELS,
    TITLES,
    UNDERSTOOD,
    UNUSED,
    option_label,
)

if TYPE_CHECKING:
    from pyramid.request import Request

SHOWN_OPEN = ("type", "langue_contenu", "demarche")
SHOWN_TAGS, SHOWN_LANGUAGES = 3, 6
SUMMARY = 220
Segments = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter. ``count``: resources one would get."""

    code: str
    label: str
    count: int
    selected: bool


class Facet(NamedTuple):
    """One filter. ``open``: shown unfolded."""

    name: str
    title: str
    options: list[Option]
    open: bool


class Chip(NamedTuple):
    """One active filter and the address without it."""

    label: str
    url: str


class Language(NamedTuple):
    """A language in which a resource can be read: its own name, and where. ``partly``: less than half of it."""

    lang: str
    dir: str
    name: str
    url: str
    partly: bool = False


class Listing:
    """A page of results in the language of the request."""

    def __init__(self, request: Request, criteria: Criteria, found: Found, items: Sequence[dict[str, Any]]) -> None:
        self.request, self.criteria, self.found = request, criteria, found
        spoken = criteria.filters.get("langue_contenu", ())
        self.items = [CardView(request, item, found.marks, spoken) for item in items]

    @cached_property
    def facets(self) -> list[Facet]:
        """Filters with their counts; a value that would give nothing is left out unless it is chosen."""
        made = []
        for name in FILTERS:
            chosen, counts = self.criteria.filters.get(name, ()), self.found.facets[name]
            options = [
                Option(code, option_label(name, code, self.request.lang), counts.get(code, 0), code in chosen)
                for code in codes(name, (*counts, *chosen) if name == "langue_contenu" else ())
                if counts.get(code) or code in chosen
            ]
            if options:
                is_open = bool(chosen) or name in SHOWN_OPEN
                made.append(Facet(name, self.request.gettext(TITLES[name]), options, is_open))
        return made

    @cached_property
    def chips(self) -> list[Chip]:
        """What is asked for, each with the address that does without."""
        criteria, request = self.criteria, self.request
        words = request.gettext(_("« %(query)s »"), query=criteria.q)
        chips = [Chip(words, self._url(criteria.query(q="")))] if criteria.q else []
        return chips + [
            Chip(option_label(name, code, request.lang), self._url(criteria.without(name, code)))
            for name, chosen in criteria.filters.items()
            for code in chosen
        ]

    @cached_property
    def notes(self) -> list[str]:
        """How the question was understood: one sentence for each thing."""
        return list(self._notes())

    def _notes(self) -> Iterator[str]:
        say = self.request.gettext
        yield from self._understood()
        for typed, understood in self.found.corrections:
            yield say(UNDERSTOOD, typed=typed, understood=understood)
        if self.found.loosened:
            yield say(LOOSENED)
        for name, value in self.criteria.ignored:
            yield say(IGNORED, title=say(PARAMETERS.get(name, name)), value=value)
        for name, _value in self.found.unused:
            yield say(UNUSED[name])

    def _understood(self) -> Iterator[str]:
        """What words of the question were taken for filters; each is a chip that takes it away."""
        lang = self.request.lang
        spoken, kinds = (
            [option_label(name, code, lang) for said, code in self.criteria.understood if said == name]
            for name in (understanding.LANGUAGE, understanding.KIND)
        )
        if lang == "fr":  # in the middle of a sentence: "en arabe"
            spoken = [label[:1].lower() + label[1:] for label in spoken]
        if spoken:
            yield self.request.gettext(IN_LANGUAGES, languages=format_list(spoken, lang))
        if kinds:
            yield self.request.gettext(OF_KINDS, kinds=format_list(kinds, lang))

    @cached_property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """(value, label, chosen) of the orders that mean something here; "": whatever suits the question best."""
        asked = self.criteria.sort
        return [("", self.request.gettext(_("Conseillé")), asked is None)] + [
            (sort, self.request.gettext(title), sort == asked)
            for sort, title in SORT_LABELS.items()
            if sort != "pertinence" or self.criteria.q
        ]

    @property
    def query(self) -> str:
        """The present question, for a link to the JSON twin."""
        return self.criteria.query()

    @property
    def ask(self) -> str:
        """Where one asks for what is not here, with what was looked for."""
        first = {name: (self.criteria.filters.get(name) or ("",))[0] for name in ("theme", "langue_contenu")}
        asked = {"mots": self.criteria.q, "theme": first["theme"], "langue_voulue": first["langue_contenu"]}
        query = urlencode({name: value for name, value in asked.items() if value})
        path: str = self.request.route_path("finding.ask")
        return f"{path}?{query}" if query else path

    def _url(self, query: str) -> str:
        return f"{self.request.path}?{query}" if query else self.request.path


class CardView:
    """A resource in a list. ``spoken``: languages that the reader asked for: links lead to the first it has."""

    def __init__(
        self, request: Request, item: dict[str, Any], marks: frozenset[tuple[str, ...]], spoken: Sequence[str] = ()
    ) -> None:
        self.request, self.item, self.marks = request, item, marks
        self.wanted = next((lang for lang in spoken if lang in item["langues"]), "")

    def __getattr__(self, name: str) -> Any:
        try:
            return self.item[name]
        except KeyError:
            raise AttributeError(name) from None

    def at(self, suffix: str = "", lang: str = "") -> str:
        """The address of its page, or of a page below it, in a language."""
        query = f"?{urlencode({'contenu': lang})}" if lang else ""
        return f"{self.request.script_name}{self.item['url']}{suffix}{query}"

    @property
    def address(self) -> str:
        """The address of its page, in the language that was asked for."""
        return self.at(lang=self.wanted)

    @property
    def print_address(self) -> str:
        """The address of its page to print; "" for what is not made to be printed."""
        return self.at("/imprimer", self.wanted) if self.item["type"] in (Kind.KIT, Kind.TUTORIEL) else ""

    @property
    def source_title(self) -> str:
        """The title as its authors wrote it, when another language was asked for; "" when that is what is shown."""
        differs = self.wanted and self.item["titre"] != self.item["titre_source"]
        return str(self.item["titre_source"]) if differs else ""

    @property
    def wanted_name(self) -> str:
        """The language that was asked for, in words."""
        return langs.name(self.wanted, self.request.lang)

    @property
    def kind(self) -> str:
        """Its type, in words."""
        return str(self.request.gettext(KIND_LABELS[Kind(self.item["type"])]))

    @property
    def level(self) -> str:
        """Its level, in words."""
        return str(self.request.gettext(NIVEAUX[self.item["niveau"]])) if self.item["niveau"] in NIVEAUX else ""

    @property
    def title_parts(self) -> Segments:
        """The title in segments, True = matched."""
        return highlight(self.item["titre"], self.marks) if self.marks else [(self.item["titre"], False)]

    @property
    def summary_parts(self) -> Segments:
        """The summary, or the part of it that matched."""
        return snippet(self.item["resume"], self.marks, SUMMARY)

    @property
    def extract(self) -> dict[str, Any] | None:
        """The part of its text that matched."""
        found: dict[str, Any] | None = self.item["extrait"]
        return found

    @staticmethod
    def direction(lang: str) -> str:
        """Direction of a content in a language."""
        return langs.direction(lang)

    @cached_property
    def languages(self) -> list[Language]:
        """The languages in which it can be read, that asked for first."""
        order = sorted(self.item["langues"], key=lambda lang: lang != self.wanted)
        partly = self.item["langues_en_partie"]
        return [
            Language(lang, langs.direction(lang), langs.own_name(lang), self.at(lang=lang), lang in partly)
            for lang in order
        ]

    @property
    def tags(self) -> list[Segments]:
        """A few labels of what it is about."""
        pairs = [("demarches", code) for code in self.item["demarches"]]
        pairs += [("themes", code) for code in self.item["themes"]]
        terms = [term.label(self.request.lang) for name, code in pairs if (term := vocabulary(name).get(code))]
        return [highlight(label, self.marks) if self.marks else [(label, False)] for label in terms[:SHOWN_TAGS]]

    @property
    def for_network(self) -> bool:
        """Whether only the network reads it."""
        return bool(self.item["visibilite"] == Visibility.NETWORK.value)

    @property
    def verified(self) -> date | None:
        """The day on which somebody last said that all of it is right."""
        return date.fromisoformat(self.item["verifie_le"]) if self.item["verifie_le"] else None
