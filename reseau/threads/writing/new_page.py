"""The page of a new thread: what it begins with, what is refused, what it makes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reseau.core import cards
from reseau.core.cards import Card, Ref
from reseau.core.wording import Wording
from reseau.members.models import Person
from reseau.threads.base import finding, services, topics
from reseau.threads.base.models import Post, ThreadKind, Topic
from reseau.threads.base.services import Opening, Taken
from reseau.threads.base.shapes import MAX_TEXT, MAX_TITLE, THREADS_PER_HOUR
from reseau.threads.writing.forms import NewForm, Pairs
from reseau.threads.writing.page import WritingPage
from reseau.threads.writing.words import (
    KIND_HINTS,
    MORE_PUBLIC,
    NOT_THERE,
    TOO_MANY_THREADS,
)

if TYPE_CHECKING:
    from pyramid.request import Request

PATH = "/echanges/nouveau"
PINNED = timedelta(days=14)
"""How long an announcement stays first, where nobody says otherwise."""
#: What an address may fill in, and at most how much of it.
_ASKED = {"type": 20, "sujet": 80, "objet": 80, "titre": MAX_TITLE, "texte": MAX_TEXT}


def read_ref(text: str) -> Ref | None:
    """``kind:uuid``, as addresses and forms name an object."""
    kind, _, id_ = text.partition(":")
    try:
        return (kind, UUID(id_)) if kind and len(id_) in (32, 36) else None
    except ValueError:
        return None


class NewPage(WritingPage):
    """A new thread."""

    path = PATH
    form: NewForm

    def __init__(self, request: Request, pairs: Pairs | None = None) -> None:
        self.asked = {} if pairs is not None else {
            name: request.GET.get(name, "").replace("\x00", "")[:most] for name, most in _ASKED.items()
        }  # fmt: skip
        self.topics: list[Topic] = request.reader.writable()
        self.ref = read_ref(dict(pairs).get("objet", "") if pairs is not None else self.asked["objet"])
        super().__init__(request, pairs)
        if self.draft and any(self.asked[name] for name in ("titre", "texte")):
            self.draft = self.pairs = None  # the address says what to write
        self.__dict__.pop("said", None)
        self.form = NewForm(request, self.pairs, self.places, self.kinds, self._named(self.topics), **self._first())

    # --- what it begins with ---

    @cached_property
    def card(self) -> Card | None:
        """What it is about, if whoever asks may know it."""
        found = cards.by_refs(self.request.db, [self.ref]).get(self.ref) if self.ref else None
        reader = self.request.reader
        return found if found and found.readable(reader.network, reader.group_ids) else None

    @property
    def objet(self) -> str:
        """The same, as the form carries it."""
        return f"{self.card.kind}:{self.card.id}" if self.card else ""

    @property
    def kinds(self) -> list[ThreadKind]:
        """What may be begun."""
        kinds = [ThreadKind.QUESTION, ThreadKind.DISCUSSION, ThreadKind.SONDAGE]
        return [*kinds, ThreadKind.ANNONCE] if self.request.reader.moderates else kinds

    def kind_hint(self, kind: str) -> str:
        """What a kind is for."""
        return str(self.request.gettext(KIND_HINTS[ThreadKind(kind)]))

    def _first(self) -> dict[str, Any]:
        """What the form holds at first, and what a form that left it out is taken to say."""
        kind = self.asked.get("type", "")
        slugs = {topic.slug for topic in self.topics}
        wanted = self.asked.get("sujet", "")
        only = self.topics[0] if len(self.topics) == 1 else None
        suits = only or topics.for_card(
            [one for one in self.topics if not self.card or topics.fits(self.card, one)], self.card
        )
        own = str(self.card.structure_id) if self.card else ""
        ids = [id_ for id_, _name in self.places]
        return {
            "type": kind if kind in set(self.kinds) else ThreadKind.QUESTION.value,
            "sujet": wanted if wanted in slugs else suits.slug if suits else "",
            "lieu": own if own in ids else ids[0] if ids else None,
            "titre": self.asked.get("titre", ""),
            "texte": self.asked.get("texte", ""),
            "langue": "",
            "jusqu_au": self._today() + PINNED,
            "objet": self.objet,
        }

    def _today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.request.config.timezone)).date()

    @property
    def draft_path(self) -> str:
        """One draft for each object: a question about another one is another question. Without dashes: what looks like
        the id of a place is taken for its sheet."""
        about = f"?objet={self.ref[0]}:{self.ref[1].hex}" if self.ref else ""
        return f"{self.request.script_name}{PATH}{about}"[:300]

    # --- what it says ---

    @property
    def topic(self) -> Topic | None:
        """The topic that was chosen, of those in which one may write."""
        return next((topic for topic in self.topics if topic.slug == self.form.sujet.data), None)

    @cached_property
    def similar(self) -> list[Any]:
        """Threads that may have the answer already, for the preview of a question."""
        title = self.form.titre.data or ""
        if not self.previewed or self.form.kind is not ThreadKind.QUESTION or not title:
            return []
        engine = self.request.registry["search.engine"]
        return list(finding.similar(self.request.db, engine, self.request.reader, title))

    # --- what it makes ---

    def publish(self) -> Post | None:
        """The post of the new thread, or the one that is there already; None: refused, the form says why."""
        if not self._valid():
            return None
        form, say = self.form, Wording.of(self.request.lang).gettext
        if self.doubt():
            return None
        if not self.allowed(THREADS_PER_HOUR):
            form.complain("texte", say(TOO_MANY_THREADS))
            return None
        self._wait_for_the_first_click()
        try:
            _, post = services.start(
                self.request.db, self.opening, self.writing, self.author, id_=self.id, now=self.now,
                site_url=self.request.config.public_url,
            )  # fmt: skip
        except Taken as error:
            post = error.args[0]
        self.forget()
        found: Post = post
        return found

    def _wait_for_the_first_click(self) -> None:
        """The same form at the same moment: until that one is written, this one is not looked at."""
        who = sa.select(Person.id).where(Person.id == self.person_id)
        self.request.db.execute(who.with_for_update(key_share=True))

    def _valid(self) -> bool:
        form, say = self.form, Wording.of(self.request.lang).gettext
        form.validate()
        self.complain_of_files()
        if self.said.get("objet") and self.card is None:
            form.complain("titre", say(NOT_THERE))
            form.objet.data = ""
        if self.card and self.topic and not topics.fits(self.card, self.topic):
            form.complain("sujet", say(MORE_PUBLIC, title=self.card.title))
        return not form.refused

    @property
    def opening(self) -> Opening:
        """What the thread is, of a form that is valid."""
        form, topic, kind = self.form, self.topic, self.form.kind
        if topic is None or kind is None:
            raise ValueError("opening: the form is not valid")
        poll = kind is ThreadKind.SONDAGE
        pinned = form.jusqu_au.data if kind is ThreadKind.ANNONCE and "jusqu_au" in form else None
        return Opening(
            topic.id, kind, form.titre.data, self.card.ref if self.card else None, form.labels,
            several=poll and bool(form.plusieurs.data), closes_at=form.end_of(form.fin.data) if poll else None,
            pinned_until=form.end_of(pinned),
        )  # fmt: skip
