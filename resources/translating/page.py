"""The translator's page: a resource in two languages, section by section, with all that helps to translate it.

Long resources come in pages: as many sections as make a page of reasonable weight, at least one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from reseau.core.markdown import to_html
from reseau.core.wording import Wording
from reseau.members import drafts, places
from resources.base import langs, translations
from resources.base.content import TRANSLATED, Block, Content
from resources.base.diff import Piece, difference
from resources.base.models import GlossaryTerm, Resource, TranslationUnit
from resources.base.shapes import part_of
from resources.base.translations import UnitState, UnitView
from resources.translating import falc, glossary, memory, services
from resources.translating.confirming import may_confirm
from resources.translating.figures import Figures, figures, shape
from resources.translating.wording import STATES, field_label, section_label

A_PAGE = 20  # sections
WEIGHT = 60_000  # bytes of words on a page; each is shown two or three times
SHOWS = ("tout", "a-faire", "a-relire")


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a section. ``value``: what its box holds. ``changed``: the source since it was translated, or None.

    ``shown``: what readers see, when the box holds something else. ``most``: characters.
    """

    name: str
    label: str
    source: str
    html: str
    value: str
    shown: str
    most: int
    changed: list[Piece] | None = None
    error: str = ""

    @property
    def is_line(self) -> bool:
        """Whether it is one line."""
        return self.name in ("title", "alt")

    @property
    def rows(self) -> int:
        """Height of its box, by what it will hold."""
        return min(24, max(3, len(self.source) // 45 + self.source.count("\n") + 1))


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back with a form that was refused."""

    section: str
    words: Mapping[str, str]
    error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    word: str = ""


@dataclass
class Section:
    """A section as its translator sees it. ``kept``: when what they typed without saving was kept, or None.

    ``clash``: what was typed met another text, shown beside it.
    """

    view: UnitView
    row: TranslationUnit | None
    block: Block | None
    content: Content
    lang: str
    person: UUID
    typed: Typed | None = None
    kept: drafts.Kept | None = None
    terms: Sequence[GlossaryTerm] = ()
    known: Mapping[str, memory.Match] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its key; the anchor is ``s-`` and the key."""
        return self.view.section

    @property
    def title(self) -> str:
        """What it is called: the title of the block, in the source language, or ""."""
        return self.block.title if self.block else ""

    @property
    def label(self) -> str:
        """What it is, as a msgid."""
        return section_label(self.block.kind if self.block else None)

    @property
    def part(self) -> str:
        """The part that it belongs to, as a msgid, or ""."""
        part = part_of(self.content.kind, self.block.part) if self.block else None
        return part.label if part else ""

    @property
    def exact(self) -> bool:
        """Price, phone, address: a stale translation is not shown to readers."""
        return self.block is not None and self.block.exact

    @property
    def state(self) -> UnitState:
        """Where it is."""
        return self.view.state

    @property
    def state_label(self) -> str:
        """The same, as a msgid."""
        return STATES[self.view.state]

    @property
    def token(self) -> str:
        """See ``services.token``."""
        return services.token(self.row)

    @property
    def mine(self) -> bool:
        """Whether whoever reads wrote what waits."""
        return bool(self.row and self.row.pending and self.row.pending_by == self.person)

    @property
    def waits(self) -> bool:
        """Whether it waits for a reviewer."""
        return bool(self.row and self.row.pending_state == UnitState.IN_REVIEW.value)

    @property
    def pending_is_old(self) -> bool:
        """Whether the source has changed since what waits was written."""
        good = self.content.units()[self.key][1]
        return bool(self.row and self.row.pending and self.row.pending_digest not in good)

    @property
    def may_publish(self) -> bool:
        """Whether whoever reads may publish what waits."""
        unit = self.content.units().get(self.key)
        return self.row is not None and services.may_publish(self.row, unit, self.person)

    @property
    def may_send_back(self) -> bool:
        """Whether whoever reads may give it back."""
        return self.waits and not self.mine

    @property
    def may_mark(self) -> bool:
        """Whether the machine text that readers see may be said to be right: another entered it, nothing waits, its
        source is today's."""
        row = self.row
        if row is None or not row.words or row.state != UnitState.MACHINE.value or row.author_id == self.person:
            return False
        return not row.pending and not self.view.stale

    @property
    def may_confirm(self) -> bool:
        """Whether what readers see may be said to be right although its source has changed."""
        return may_confirm(self.row, self.content.units().get(self.key))

    @property
    def is_uneven(self) -> bool:
        """Whether a text has not as many paragraphs or items of lists as its source. Easy French never has."""
        texts = [one for one in self.fields if one.html and one.value.strip()]
        return self.lang != langs.FALC and any(shape(one.source) != shape(one.value) for one in texts)

    @property
    def may_be_machine(self) -> bool:
        """Whether machine text may be entered."""
        return not (self.row and self.row.words and self.row.state == UnitState.PUBLISHED.value)

    @property
    def said(self) -> tuple[str, UUID | None] | None:
        """(why it was sent back, by whom)."""
        return services.said(self.row)

    @property
    def who(self) -> UUID | None:
        """Who wrote what is in the boxes."""
        return self.view.author_id

    @property
    def reviewer(self) -> UUID | None:
        """Who reviewed what readers see."""
        return self.row.reviewer_id if self.row else None

    @property
    def when(self) -> datetime | None:
        """When it was written, or published."""
        return self.view.updated_at

    @cached_property
    def saved(self) -> dict[str, str]:
        """What is kept: what waits, else what readers see."""
        return services.pending_words(self.row) or {k: str(v) for k, v in self.view.words.items() if k in TRANSLATED}

    @cached_property
    def in_boxes(self) -> dict[str, str]:
        """What the boxes hold: what was typed, what was kept of it, else :attr:`saved`."""
        if self.typed is not None:
            return dict(self.typed.words)
        return dict(self.kept.fields) if self.kept else self.saved

    @cached_property
    def fields(self) -> list[FieldView]:
        """The fields that the source has, in order."""
        then, kind = self.view.source_then, self.block.kind if self.block else None
        found = []
        for name in (name for name in TRANSLATED if name in self.view.source):
            source, value = self.view.source[name], self.in_boxes.get(name, "")
            old = then.get(name, "") if then else source
            shown = self.saved.get(name, "")
            found.append(FieldView(
                name, field_label(kind, name), source, to_html(source) if name in ("text", "note") else "", value,
                shown if shown != value else "", services.limit(self.key, name),
                difference(old, source) if " ".join(old.split()) != " ".join(source.split()) else None,
                self.typed.errors.get(name, "") if self.typed else "",
            ))  # fmt: skip
        return found

    @property
    def unknown_change(self) -> bool:
        """Whether the source has changed since, and nobody kept what it was."""
        return (self.view.stale or self.pending_is_old) and not any(one.changed for one in self.fields)

    @cached_property
    def hits(self) -> list[glossary.Hit]:
        """The words of the glossary in the source."""
        source = "\n".join(self.view.source.values())
        return glossary.hits(self.terms, source, "\n".join(self.in_boxes.values()))

    @cached_property
    def matches(self) -> list[memory.Match]:
        """Sentences of the source that were translated elsewhere, and whose translation is not in the boxes."""
        boxes = "\n".join(self.in_boxes.values())
        wanted = (one for name in TRANSLATED for one in memory.sentences(self.view.source.get(name, "")))
        found = {one: self.known[one] for one in wanted if one in self.known}
        return [match for match in found.values() if match.target not in boxes]

    def remarks(self) -> list[falc.Remark]:
        """What is hard to read in easy French; [] in other languages."""
        return falc.analyse("\n".join(self.in_boxes.values())) if self.lang == langs.FALC else []

    @staticmethod
    def counted(remarks: list[falc.Remark], wording: Wording) -> list[str]:
        """The same in numbers."""
        return falc.counted(remarks, wording)


@dataclass
class TranslatePage:
    """See the module. ``sections``: those of this page. ``number``, ``pages``: which page, of how many."""

    resource: Resource
    content: Content
    lang: str
    sections: list[Section]
    names: Mapping[UUID, str]
    number: int
    pages: int
    show: str
    fresh: int
    stale: int
    total: int
    figures: Figures
    to_publish: int
    list_token: str

    @property
    def dir(self) -> str:
        """Direction of the language that one writes."""
        return langs.direction(self.lang)

    @property
    def source_dir(self) -> str:
        """Direction of the source."""
        return langs.direction(self.content.lang)

    @property
    def missing(self) -> int:
        """Sections that nobody has translated for readers yet."""
        return self.total - self.fresh - self.stale

    def name(self, id_: UUID | None) -> str | None:
        """Of a person; None: somebody who is gone, or nobody."""
        return self.names.get(id_) if id_ else None

    @property
    def is_falc(self) -> bool:
        """Whether it is easy French."""
        return self.lang == langs.FALC


def draft_path(page_path: str, section: str) -> str:
    """What the house keeps a draft of a section under: it also opens the section."""
    return f"{page_path}?section={section}#s-{section}"


def page_of(
    work: services.Work, page_path: str, *, number: int = 1, show: str = "tout", section: str = "",
    typed: Typed | None = None,
) -> TranslatePage:  # fmt: skip
    """The page of a resource in a language; five statements.

    :param section: the page must hold it, whatever is shown. :param typed: of a form that was refused.
    """
    session, content = work.session, work.content
    rows = {row.section: row for row in translations.rows(session, [work.resource.id], work.lang)[work.resource.id]}
    views = translations.unit_views(content, list(rows.values()), work.lang)
    listed = [view for view in views if _is_shown(view, rows.get(view.section), show) or view.section == section]
    pages = _paged(listed, rows)
    holding = next((n for n, some in enumerate(pages, 1) if any(v.section == section for v in some)), number)
    number = min(max(holding, 1), len(pages))
    shown = pages[number - 1]
    fresh, stale, total = translations.coverage(content, list(rows.values()), work.lang)
    ready = services.reviewable_among(content, list(rows.values()), work.person)
    return TranslatePage(
        work.resource, content, work.lang, _sections(work, page_path, shown, rows, typed),
        places.names(session, _people(rows, shown)), number, len(pages), show, fresh, stale, total,
        figures(views, rows, work.person), len(ready), services.list_token(ready),
    )  # fmt: skip


def _is_shown(view: UnitView, row: TranslationUnit | None, show: str) -> bool:
    if show == "a-faire":
        return view.stale or view.state in (UnitState.MISSING, UnitState.DRAFT)
    if show == "a-relire":
        return view.state in (UnitState.IN_REVIEW, UnitState.MACHINE)
    return True


def _paged(views: Sequence[UnitView], rows: Mapping[str, TranslationUnit]) -> list[list[UnitView]]:
    pages: list[list[UnitView]] = [[]]
    weight = 0
    for view in views:
        mine = sum(len(str(words).encode()) for words in (view.source, view.words, view.pending or {}))
        if pages[-1] and (len(pages[-1]) >= A_PAGE or weight + mine > WEIGHT):
            pages.append([])
            weight = 0
        pages[-1].append(view)
        weight += mine
    return pages


def _sections(
    work: services.Work, page_path: str, views: Sequence[UnitView], rows: Mapping[str, TranslationUnit],
    typed: Typed | None,
) -> list[Section]:  # fmt: skip
    session = work.session
    kept = {one.path: one for one in drafts.mine(session, work.person)}
    terms = glossary.of_language(session, work.lang)
    unsure = [view for view in views if view.stale or view.state in (UnitState.MISSING, UnitState.DRAFT)]
    known = memory.look_up(session, [text for view in unsure for text in view.source.values()], work.lang)
    return [
        Section(
            view, rows.get(view.section), work.content.block(view.section), work.content, work.lang, work.person,
            typed if typed and typed.section == view.section else None,
            kept.get(draft_path(page_path, view.section)), terms, known,
        )
        for view in views
    ]  # fmt: skip


def _people(rows: Mapping[str, TranslationUnit], views: Sequence[UnitView]) -> list[UUID | None]:
    found: list[UUID | None] = []
    for row in (rows[view.section] for view in views if view.section in rows):
        found += [row.author_id, row.reviewer_id, row.pending_by, row.pending_word_by]
    return found


def easy_french(text: str, wording: Wording) -> dict[str, Any]:
    """What is hard to read in a text, for a page that asks as one types."""
    remarks = falc.analyse(text)
    told = [{"code": one.code, "advice": one.advice(wording), "excerpt": one.excerpt} for one in remarks]
    return {"counts": falc.counted(remarks, wording), "remarks": told}
