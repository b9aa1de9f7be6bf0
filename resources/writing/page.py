"""What the templates of writing are given: the outline of a resource, and what lacks before it can be published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reseau.core.vocabularies import fold, vocabulary
from reseau.core.wording import Wording
from reseau.members import places
from resources.base import langs, services
from resources.base.content import Block, Content, ContentError
from resources.base.models import State
from resources.base.sentences import sentence
from resources.base.shapes import BLOCK_LABELS, KIND_LABELS, PARTS, BlockKind, Kind, Part, part_of
from resources.writing import drafting, lacking, reviewing
from resources.writing.drafting import Removed

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.routes import ResourceContext

#: The theme of a resource of which nothing says another: the network is about health online.
USUAL_THEME = "numerique_en_sante"
EXTRACT = 90


@dataclass(frozen=True, slots=True)
class Lack:
    """What a resource lacks. ``url``: where to give it."""

    said: str
    url: str


class WritingPage:
    """A resource for those who write it."""

    def __init__(self, request: Request, context: ResourceContext) -> None:
        self.request, self.context = request, context
        self.resource = context.resource
        self.now: datetime = request.registry["clock"]()

    @property
    def content(self) -> Content:
        """What its authors are writing."""
        return self.context.working

    @property
    def base(self) -> str:
        """Its address."""
        return f"{self.request.script_name}{self.context.path}"

    @property
    def kind_label(self) -> str:
        """What it is."""
        return str(self.request.gettext(KIND_LABELS[Kind(self.resource.kind)]))

    @property
    def is_new(self) -> bool:
        """Whether it was never published."""
        return self.resource.version == 0

    @property
    def is_published(self) -> bool:
        """Whether readers see it."""
        return self.resource.state == State.PUBLISHED.value

    @property
    def has_changes(self) -> bool:
        """Whether what is written differs from what readers see."""
        if self.resource.draft is None:
            return False
        found = services.current(self.request.db, self.resource)
        return found is None or found.content.to_json() != self.content.to_json()

    @property
    def lang(self) -> str:
        """Language of the text."""
        return self.content.lang

    @property
    def dir(self) -> str:
        """Direction of the text."""
        return langs.direction(self.content.lang)

    @cached_property
    def parts(self) -> list[tuple[Part, list[Block]]]:
        """All parts, also empty ones, with their blocks."""
        return [(part, self.content.part(part.code)) for part in PARTS[self.content.kind]]

    @staticmethod
    def mark(block: Block) -> str:
        """What a form says it has read."""
        return drafting.mark(block)

    def block_label(self, kind: BlockKind) -> str:
        """What a block is."""
        return str(self.request.gettext(BLOCK_LABELS[kind]))

    @staticmethod
    def extract(block: Block) -> str:
        """What tells a block without title from the others."""
        plain = " ".join(block.text.replace("*", "").replace("#", "").split())
        named = block.data.get("url") or block.data.get("ressource") or (block.file.name if block.file else "")
        found = plain or named
        return found if len(found) <= EXTRACT else f"{found[:EXTRACT].rstrip()}…"

    @property
    def removed(self) -> Removed | None:
        """The block that was removed last and can be put back."""
        return next(iter(drafting.removed(self.resource)), None)

    @property
    def removed_all(self) -> list[Removed]:
        """All that can be put back."""
        return drafting.removed(self.resource)

    @cached_property
    def asked(self) -> reviewing.Asked | None:
        """The review that was asked for."""
        return reviewing.asked(self.resource)

    @cached_property
    def lacks(self) -> list[Lack]:
        """What it lacks to be published, each with where to give it."""
        return [Lack(self._lack(error), self._where(error)) for error in self.errors]

    @cached_property
    def errors(self) -> list[ContentError]:
        """The same, as codes."""
        return lacking.lacks(self.request.db, self.resource, self.content)

    def name_of(self, block: Block) -> str:
        """What tells a block from the others: its title or words, else what it is, and where."""
        if said := block.title or self.extract(block):
            return said
        part = part_of(self.content.kind, block.part)
        where = str(self.request.gettext(part.label)) if part else ""
        mates = self.content.part(block.part)
        rank = f" {mates.index(block) + 1}" if block in mates else ""
        return f"{self.block_label(block.kind)}{rank} ({where})"

    def _lack(self, error: ContentError) -> str:
        own = lacking.SENTENCES.get(error.code)
        said = str(self.request.gettext(own)) if own else sentence(error, Wording.of(self.request.lang))
        block = self.content.block(error.where) if error.where else None
        return f"{self.name_of(block)} : {said}" if block else said

    def _where(self, error: ContentError) -> str:
        if error.where:
            return f"{self.base}/modifier/{error.where}"
        anchors = {
            "no-url": "#url",
            "no-block": "#parties",
            "no-summary": "#resume",
            "no-theme": "#themes",
            "same-title": "#titre",
        }
        return f"{self.base}/modifier{anchors.get(error.code, '')}"

    # --- whose it is ---

    @cached_property
    def authors(self) -> list[tuple[UUID, str]]:
        """Who may write it by name, by name; those who are gone are left out."""
        found = places.names(self.request.db, self.context.author_ids)
        return sorted(found.items(), key=lambda one: fold(one[1]))

    @cached_property
    def structure(self) -> Any:
        """The place in whose name it is, or None."""
        id_ = self.resource.structure_id
        return places.structures_named(self.request.db, [id_]).get(id_) if id_ else None

    @cached_property
    def may_publish(self) -> bool:
        """Whether whoever asks publishes at once, without a review."""
        return reviewing.may_publish(self.request.identity, self.request.config)

    @cached_property
    def origin_changed(self) -> bool:
        """Whether the resource that it was copied from has another version than the one that was looked at."""
        id_ = self.resource.origin_id
        origin = services.by_ids(self.request.db, [id_]).get(id_) if id_ else None
        if origin is None or origin.state != State.PUBLISHED.value:
            return False
        return origin.version != self.resource.origin_version


def my_places(request: Request) -> list[tuple[str, str]]:
    """(id, name) of the places of whoever asks, by name."""
    ids = list(request.identity.places)
    rows = places.structures_named(request.db, ids) if ids else {}
    return sorted(((str(id_), row["nom"]) for id_, row in rows.items()), key=lambda one: fold(one[1]))


def guessed(content: Content) -> tuple[list[str], list[str]]:
    """(themes, procedures) that the title says, when nobody has chosen any: to be corrected, not to be found."""
    if content.themes or content.demarches:
        return list(content.themes), list(content.demarches)
    said = f" {fold(f'{content.title} {content.summary}')} "

    def named(name: str) -> list[str]:
        return [
            term.code for term in vocabulary(name).terms
            if any(f" {fold(word)} " in said for word in (*term.labels.values(), *term.aliases, *term.mots))
        ][:3]  # fmt: skip

    themes, procedures = named("themes"), named("demarches")
    return themes or ([] if procedures else [USUAL_THEME]), procedures
