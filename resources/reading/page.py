"""A resource as a page shows it in one language: parts, blocks, words around them. Online, on paper and in the ZIP.

It knows no request: ``wording`` is the language of the interface around the content, ``reading.lang`` that of the
content. Templates take addresses from a ``Links`` object, so that the same macros write a page that opens offline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.clock import local_day
from reseau.core.markdown import to_html
from reseau.core.vocabularies import vocabulary
from reseau.core.wording import Wording
from reseau.settings import LANGUAGES
from resources.base import langs, services, translations
from resources.base.content import HEADER, Block, Content, FileRef
from resources.base.models import Resource, State, Visibility
from resources.base.services import Published
from resources.base.shapes import KIND_LABELS, LAYOUTS, NIVEAUX, NOTES, PARTS, ROLES, BlockKind, Kind, Part
from resources.base.translations import Mark, Reading
from resources.reading.cards import Card, cards

#: Reading speed of an adult who reads with some difficulty, in words a minute.
WORDS_A_MINUTE = 120
#: A page of more parts than that has a table of contents.
LONG = 3


class Links(Protocol):
    """Where a page sends its reader. Each gives an address, or "" for none (then there is no link)."""

    def file(self, ref: FileRef) -> str:
        """An attached file."""

    def image(self, ref: FileRef) -> str:
        """The picture of a step."""

    def preview(self, ref: FileRef) -> str:
        """A small picture of a file."""

    def resource(self, resource: Resource) -> str:
        """Another resource."""

    def document(self, key: str) -> str:
        """The print-ready sheet of a ``document`` block."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A resource that a block names: with its title in the language of the page."""

    resource: Resource
    title: str
    lang: str


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block with what it is shown as. ``number``: of a step. ``starts_at``: minutes since the session began."""

    block: Block
    mark: Mark
    lang: str
    dir: str
    number: int | None = None
    starts_at: int | None = None
    linked: Linked | None = None

    @property
    def key(self) -> str:
        """Its key: also the anchor."""
        return self.block.key

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.block.kind.value

    @property
    def html(self) -> str:
        """Its text, as safe HTML."""
        return to_html(self.block.text)

    @property
    def note_html(self) -> str:
        """Its note, as safe HTML."""
        return to_html(self.block.note)

    @property
    def layout(self) -> str:
        """Of a document."""
        return self.block.data.get("layout", "")

    @property
    def cards(self) -> list[Card]:
        """The cards of a document of cards."""
        return cards(self.block.text)[1] if self.layout == "cartes" else []

    @staticmethod
    def markdown(text: str) -> str:
        """Safe HTML of the back of a card."""
        return to_html(text)


@dataclass(frozen=True, slots=True)
class PartView:
    """A part that has blocks. ``label``: in the language of the interface."""

    part: Part
    label: str
    blocks: Sequence[BlockView]

    @property
    def code(self) -> str:
        """Its code."""
        return self.part.code

    @property
    def steps(self) -> bool:
        """Whether its blocks are steps to follow in order."""
        return any(view.number for view in self.blocks)


@dataclass
class Page:
    """See the module. ``languages``: tags in which it can be read, the source first. ``today``: of the site; None for
    what will be read at any time. ``coverage``: ``translations.readable``, or nothing where nobody is told."""

    published: Published
    reading: Reading
    languages: Sequence[str]
    wording: Wording
    timezone: str
    structure: Mapping[str, Any] | None = None
    linked: Mapping[str, Linked] = field(default_factory=dict)
    origin: Resource | None = None
    is_preview: bool = False
    today: date | None = None
    coverage: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def resource(self) -> Resource:
        """The row."""
        return self.published.resource

    @property
    def content(self) -> Content:
        """The content in the language of the page."""
        return self.reading.content

    @property
    def lang(self) -> str:
        """Language of the content."""
        return self.reading.lang

    @property
    def dir(self) -> str:
        """Direction of the content."""
        return langs.direction(self.reading.lang)

    @property
    def title_lang(self) -> str:
        """Language of the title: the source's if it is not translated."""
        return self.reading.mark(HEADER).lang("title")

    @property
    def title_dir(self) -> str:
        """Direction of the title."""
        return langs.direction(self.title_lang)

    @property
    def summary_lang(self) -> str:
        """Language of the summary."""
        return self.reading.mark(HEADER).lang("text")

    @property
    def kind_label(self) -> str:
        """What it is, in words."""
        return self.gettext(KIND_LABELS[Kind(self.resource.kind)])

    def gettext(self, msgid: str, /, **values: Any) -> str:
        """A sentence of the interface, in its language."""
        return self.wording.gettext(msgid, **values)

    def ngettext(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """A sentence with a number."""
        return self.wording.ngettext(one, many, n, **values)

    def day(self, moment: datetime | date | None) -> str:
        """A day in words, on the site's calendar; "" for None."""
        if moment is None:
            return ""
        return self.wording.date(local_day(moment, self.timezone) if isinstance(moment, datetime) else moment)

    def language(self, tag: str) -> str:
        """Name of a language, in the interface's."""
        return langs.name(tag, self.wording.lang)

    @staticmethod
    def own_name(tag: str) -> str:
        """Name of a language in itself."""
        return langs.own_name(tag)

    @staticmethod
    def direction(tag: str) -> str:
        """``rtl`` or ``ltr``."""
        return langs.direction(tag)

    def labels(self, vocabulary_name: str, codes: Sequence[str]) -> list[str]:
        """Labels of terms that exist, in the interface's language."""
        known = vocabulary(vocabulary_name)
        return [term.label(self.wording.lang) for code in codes if (term := known.get(code))]

    @property
    def licence(self) -> str:
        """Name of the licence."""
        return "".join(self.labels("licences", [self.content.licence]))

    @property
    def niveau(self) -> str:
        """For whom, by ease."""
        return self.gettext(NIVEAUX[self.content.niveau]) if self.content.niveau in NIVEAUX else ""

    @property
    def to_verify(self) -> date | None:
        """By when a person of the network is to verify it; None for what was never published."""
        return date.fromisoformat(self.resource.due_on) if self.resource.due_on else None

    @property
    def late(self) -> bool:
        """Whether that day has passed. Never in what is kept (PDF, ZIP): it says the day."""
        return bool(self.today and self.to_verify and self.to_verify < self.today)

    @cached_property
    def reading_minutes(self) -> int:
        """How long it takes to read, for somebody who reads with some difficulty; at least one."""
        words = sum(len(re.findall(r"\w+", f"{one.title} {one.text} {one.note}")) for one in self.content.blocks)
        return max(1, round(words / WORDS_A_MINUTE))

    def partly(self, tag: str) -> tuple[int, int] | None:
        """(sections that can be read in a language, all sections), or None: all of them, or nobody knows."""
        shown, whole = self.coverage.get(tag, (0, 0))
        return (shown, whole) if shown < whole else None

    @property
    def is_long(self) -> bool:
        """Whether its page begins with a table of contents."""
        return self.resource.kind in (Kind.KIT, Kind.EXPERIENCE) and len(self.parts) > LONG

    @cached_property
    def sheets(self) -> list[tuple[str, str]]:
        """(key, what it is printed as) of each document; with its title where two are printed as the same."""
        found = [block for block in self.content.blocks if block.kind is BlockKind.DOCUMENT]
        layouts = [self.layout_label(block.data.get("layout", "")) for block in found]
        return [(block.key, f"{label} – {block.title}" if block.title and layouts.count(label) > 1 else label)
                for block, label in zip(found, layouts, strict=True)]  # fmt: skip

    @property
    def only_files(self) -> list[FileRef]:
        """Its files, each once, when it is nothing but files that somebody shares; else none."""
        blocks = self.content.blocks
        if any(block.kind is not BlockKind.FICHIER or block.file is None for block in blocks):
            return []
        return list(dict.fromkeys(block.file for block in blocks if block.file))

    @cached_property
    def parts(self) -> list[PartView]:
        """The parts that have blocks, in order."""
        found = []
        for part in PARTS[Kind(self.resource.kind)]:
            if blocks := self.content.part(part.code):
                found.append(PartView(part, self.gettext(part.label), self._views(blocks)))
        return found

    def _views(self, blocks: Sequence[Block]) -> list[BlockView]:
        views, number, minute = [], 0, 0
        for block in blocks:
            is_step = block.kind is BlockKind.ETAPE
            number += is_step
            lang = self.reading.mark(block.key).langs.get("text") or self.reading.mark(block.key).langs.get("title")
            lang = lang or self.published.content.lang
            views.append(BlockView(
                block, self.reading.mark(block.key), lang, langs.direction(lang), number if is_step else None,
                minute if block.minutes is not None else None, self.linked.get(block.data.get("ressource", "")),
            ))  # fmt: skip
            minute += block.minutes or 0
        return views

    def note_label(self, kind: str) -> str:
        """``Astuce`` or ``Attention``."""
        return self.gettext(NOTES.get(kind, NOTES["astuce"]))

    def layout_label(self, layout: str) -> str:
        """What a document is printed as."""
        return self.gettext(LAYOUTS[layout]) if layout in LAYOUTS else ""

    def role_label(self, role: str) -> str:
        """What a partner does."""
        return self.gettext(ROLES[role]) if role in ROLES else ""


def page_of(
    session: Session, published: Published, lang: str, wording: Wording, timezone: str, *,
    may_read: Callable[[Resource], bool] = lambda resource: is_public(resource), is_preview: bool = False,
    today: date | None = None,
) -> Page:  # fmt: skip
    """The page of a resource in ``lang``; five statements at most.

    :param may_read: whether the reader may be sent to another resource: others are not named.
    """
    rows = translations.rows(session, [published.resource.id])[published.resource.id]
    reading = translations.read_in(published.content, rows, lang)
    languages = translations.languages(published.content, rows)
    structure = services.present_structure(session, published.resource.structure_id)
    origin = services.by_ids(session, [published.resource.origin_id] if published.resource.origin_id else [])
    return Page(
        published, reading, languages, wording, timezone, structure,
        linked_of(session, published.content, lang, may_read),
        next((one for one in origin.values() if may_read(one)), None), is_preview, today,
        translations.readable(published.content, rows),
    )  # fmt: skip


def linked_of(session: Session, content: Content, lang: str, may_read: Callable[[Resource], bool]) -> dict[str, Linked]:
    """The resources that blocks name and that the reader may open, by reference; two statements at most."""
    refs = [ref for block in content.blocks if (ref := block.data.get("ressource"))]
    found = {ref: one for ref, one in services.by_refs(session, refs).items() if may_read(one)}
    titles = header_titles(session, [one.id for one in found.values() if lang in one.langs and lang != one.lang], lang)
    return {ref: Linked(one, titles.get(one.id, one.title), lang if one.id in titles else one.lang)
            for ref, one in found.items()}  # fmt: skip


def header_titles(session: Session, ids: Sequence[UUID], lang: str) -> dict[UUID, str]:
    """Titles in ``lang`` of resources that have one; one statement, none for no ids."""
    if not ids:
        return {}
    rows = translations.rows(session, ids, lang)
    return {id_: str(row.words["title"]) for id_, units in rows.items() for row in units
            if row.section == HEADER and row.words and row.words.get("title")}  # fmt: skip


def is_public(resource: Resource) -> bool:
    """Whether everyone may read it."""
    return resource.state == State.PUBLISHED.value and resource.visibility == Visibility.PUBLIC.value


def interface_language(lang: str) -> str:
    """The language of ours to put around a content: that of the content where there is one."""
    return base if (base := lang.split("-")[0]) in LANGUAGES else "fr"


def choose_language(asked: str, interface: str, languages: Sequence[str]) -> str:
    """The language to read in: the one asked for (even if nothing is translated: then it says so), else that of the
    interface, else the source."""
    if found := langs.tag(asked) if asked else None:
        return found
    return interface if interface in languages else languages[0]
