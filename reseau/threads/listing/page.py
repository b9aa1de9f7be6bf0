"""What the templates of the lists are given: a page of threads with the page's words on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from reseau.threads.base.models import ThreadKind, Topic
from reseau.threads.base.shapes import KIND_LABELS
from reseau.threads.listing.lines import NOW, Line, ago, lines
from reseau.threads.listing.params import LANGUAGE, MINE, PARAMETERS, STATES, Criteria
from reseau.threads.listing.queries import Aside, Listed
from reseau.web.i18n import _
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request

ALL = _("Tous les fils")
LOOSENED = _("Aucun fil n’a tous les mots cherchés. En voici qui en ont une partie.")
UNDERSTOOD = _("« %(typed)s » a été compris comme « %(understood)s ».")
IGNORED = _("%(title)s : « %(value)s » n’a pas été compris.")


class Choice(NamedTuple):
    """One value of a filter."""

    code: str
    label: str
    chosen: bool


class Chip(NamedTuple):
    """One thing that is asked, and the address without it."""

    label: str
    url: str


def when(request: Request) -> Callable[[datetime], str]:
    """How long ago something was, in the language of the page."""
    now, zone = request.registry["clock"](), request.config.timezone
    return lambda moment: ago(moment, now, request.lang, zone) or str(request.gettext(NOW))


def just_read(request: Request) -> Mapping[UUID, datetime]:
    """Thread → how far whoever asks has read it, of what is not written yet."""
    marks, reader = request.registry.get("threads.marks"), request.reader
    return marks.of(reader.person_id) if marks and reader.person_id else {}


@dataclass
class ThreadsPage:
    """A page of threads. :ivar topic: whose page it is, if it is one topic's."""

    request: Request
    asked: Criteria
    found: Listed
    aside: Aside
    topic: Topic | None = None

    @cached_property
    def lines(self) -> list[Line]:
        """The threads."""
        return lines(self.request.db, self.request.reader, self.found.rows, just_read(self.request))

    @cached_property
    def when(self) -> Callable[[datetime], str]:
        """How long ago."""
        return when(self.request)

    @property
    def whole(self) -> bool:
        """Whether it is the beginning of the list of all threads."""
        asked = self.asked
        return self.topic is None and not (asked.narrowed or asked.topic or asked.after or asked.before)

    @property
    def here(self) -> str:
        """The address of the list without parameters."""
        return str(self.request.path)

    def at(self, **changes: Any) -> str:
        """The address of the list with something else asked."""
        return self._url(self.asked.query(**changes))

    @property
    def newer(self) -> str:
        """The page before, or ""."""
        if self.found.newer is None:
            return ""
        asked = self.found.newer
        return self._url(asked.query(after=asked.after, before=asked.before))

    @property
    def older(self) -> str:
        """The page after, or ""."""
        return self._url(self.found.older.query(after=self.found.older.after)) if self.found.older else ""

    def page_address(self, **changes: Any) -> str:
        """For ``ui.pagination``, of the answer to words."""
        return self._url(self.asked.query(page=changes["page"] or 1))

    @property
    def new(self) -> str:
        """What follows ``/echanges/nouveau?type=…``."""
        slug = self.topic.slug if self.topic else self.asked.topic
        return "&" + urlencode({"sujet": slug}) if slug else ""

    @cached_property
    def notes(self) -> list[str]:
        """How the question was understood: one sentence for each thing."""
        say = self.request.gettext
        notes = [say(UNDERSTOOD, typed=typed, understood=found) for typed, found in self.found.corrections]
        notes += [say(LOOSENED)] if self.found.loosened else []
        return notes + [say(IGNORED, title=say(PARAMETERS[name]), value=value) for name, value in self.asked.ignored]

    @cached_property
    def chips(self) -> list[Chip]:
        """What is asked for, each with the address that does without."""
        asked, say = self.asked, self.request.gettext
        topic = next((one for one in self.request.reader.topics if one.slug == asked.topic), None)
        known = [
            (asked.q, say(_("« %(query)s »"), query=asked.q), "q"),
            (asked.topic, topic.title(self.request.lang) if topic else "", "topic"),
            (asked.kind, say(KIND_LABELS[ThreadKind(asked.kind)]) if asked.kind else "", "kind"),
            (asked.state, say(STATES.get(asked.state, "")) if asked.state else "", "state"),
            (asked.lang, langs.name(asked.lang, self.request.lang) if asked.lang else "", "lang"),
            (asked.mine, say(MINE.get(asked.mine, "")) if asked.mine else "", "mine"),
        ]
        return [Chip(label, self.at(**{field: ""})) for value, label, field in known if value]

    @property
    def topics(self) -> list[Choice]:
        """The topics, as values of a filter; none on the page of a topic."""
        lang = self.request.lang
        known = () if self.topic else self.request.reader.topics
        return [Choice(one.slug, one.title(lang), one.slug == self.asked.topic) for one in known]

    @property
    def kinds(self) -> list[Choice]:
        """The kinds of threads."""
        say = self.request.gettext
        return [Choice(kind.value, say(label), kind.value == self.asked.kind) for kind, label in KIND_LABELS.items()]

    @property
    def states(self) -> list[Choice]:
        """The states of threads."""
        return [Choice(code, self.request.gettext(label), code == self.asked.state) for code, label in STATES.items()]

    @property
    def mine(self) -> list[Choice]:
        """What is shown to who is signed in."""
        signed_in = self.request.identity is not None
        shown = MINE.items() if signed_in else ()
        return [Choice(code, self.request.gettext(label), code == self.asked.mine) for code, label in shown]

    @property
    def ways(self) -> list[tuple[str, str, bool]]:
        """(words, address, whether it is here) of what whoever is signed in comes back to."""
        every = (self.request.gettext(ALL), self.at(mine=""), not self.asked.mine)
        return [every, *((one.label, self.at(mine=one.code), one.chosen) for one in self.mine)]

    @property
    def ask(self) -> str:
        """Where the words that found nothing are asked as a question."""
        words = f"&{urlencode({'titre': self.asked.q})}" if self.asked.q else ""
        return f"{self.request.script_name}/echanges/nouveau?type=question{self.new}{words}"

    @property
    def languages(self) -> list[Choice]:
        """The languages of threads."""
        asked, lang = self.asked.lang, self.request.lang
        known = dict.fromkeys((*langs.OFFERED, *([asked] if asked else ())))
        return [Choice(code, langs.name(code, lang), code == asked) for code in known]

    @property
    def language_name(self) -> str:
        """Name of the parameter that asks for a language of threads."""
        return LANGUAGE

    def as_data(self) -> dict[str, Any]:
        """For ``/echanges.json``."""
        data = {
            "items": [line.as_data() for line in self.lines],
            "sans_reponse": self.aside.unanswered,
            "precedent": self.newer or None,
            "suivant": self.older or None,
            "ignores": [{"parametre": name, "valeur": value} for name, value in self.asked.ignored],
        }
        if self.asked.q:
            data |= {"total": self.found.total, "page": self.found.page, "pages": self.found.pages,
                     "mots_partiels": self.found.loosened}  # fmt: skip
        return data

    def _url(self, query: str) -> str:
        return f"{self.request.path}?{query}" if query else str(self.request.path)
