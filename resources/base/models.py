"""Tables of the knowledge base."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.clock import utcnow
from reseau.core.db import Base, Json
from reseau.core.ids import new_id

KIND = "resource"
"""Kind of the objects of this package in the log."""
WORDS_KIND = "resource-words"
"""In the log: only words that the index knows a resource by have changed (those of its files). Of no other interest."""


class State(enum.StrEnum):
    """Where a resource is. ``DRAFT``: never published. ``REVIEW``: never published, waits for a coordinator."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Visibility(enum.StrEnum):
    """Who reads it once published: everyone, or the people of the network who are signed in."""

    PUBLIC = "public"
    NETWORK = "network"


class Resource(Base):
    """A resource. What readers see is ``resource_version.content`` of ``version``; ``draft`` is what its authors write.

    The columns from ``title`` to ``duree`` are those of the published content (of the draft, before that): they
    list, filter and count. ``langs``: languages in which at least the title can be read. ``due_on``: ISO day by which
    it is to be verified ("": never published). ``origin_seen``: block of the original → digest that the authors of this
    copy have seen. ``removed``: the last blocks that they took out, to put back. ``review_at``: since when a
    coordinator is asked to publish it, by ``review_by``, in the way of ``review`` (visibility, line of the version…).
    """

    __tablename__ = "resource"
    __table_args__ = (sa.UniqueConstraint("kind", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(12))
    slug: Mapped[str] = mapped_column(sa.String(100))
    lang: Mapped[str] = mapped_column(sa.String(35))
    state: Mapped[str] = mapped_column(sa.String(10), default=State.DRAFT.value, index=True)
    visibility: Mapped[str] = mapped_column(sa.String(10), default=Visibility.PUBLIC.value)
    version: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(sa.Text)
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    themes: Mapped[list[str]] = mapped_column(default=list)
    demarches: Mapped[list[str]] = mapped_column(default=list)
    publics: Mapped[list[str]] = mapped_column(default=list)
    supports: Mapped[list[str]] = mapped_column(default=list)
    niveau: Mapped[str] = mapped_column(sa.String(20), default="")
    licence: Mapped[str] = mapped_column(sa.String(30), default="")
    duree: Mapped[int | None]
    langs: Mapped[list[str]] = mapped_column(default=list)
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="SET NULL"), index=True)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None]
    verify_every: Mapped[int] = mapped_column(default=12)
    due_on: Mapped[str] = mapped_column(sa.String(10), default="")
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)
    draft_rev: Mapped[int] = mapped_column(default=0)
    draft_at: Mapped[datetime | None]
    draft_by: Mapped[UUID | None]
    removed: Mapped[dict[str, Any] | None] = mapped_column(Json, deferred=True)
    review_at: Mapped[datetime | None] = mapped_column(index=True)
    review_by: Mapped[UUID | None]
    review: Mapped[dict[str, Any] | None] = mapped_column(Json)
    review_note: Mapped[str] = mapped_column(sa.Text, default="")
    origin_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("resource.id", ondelete="SET NULL"), index=True)
    origin_version: Mapped[int | None]
    origin_seen: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rev: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")


class ResourceSource(Base):
    """Where a resource comes from, when it was brought from elsewhere by an import.

    ``source``: name of the import source; ``source_id``: its id there, which never changes. ``licence``: code of
    ``licence.toml``, or "": none was read, and no text of it is here. ``base``: the collection it is in there.
    ``digest``: of what was last taken. ``withdrawn_at``: it was taken back there. ``adopted_*``: a person made it
    theirs: no import changes its words any more; ``changed_at``: the source has changed since.
    """

    __tablename__ = "resource_source"
    __table_args__ = (sa.UniqueConstraint("source", "source_id"),)

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(40))
    source_id: Mapped[str] = mapped_column(sa.String(200))
    url: Mapped[str] = mapped_column(sa.Text)
    licence: Mapped[str] = mapped_column(sa.String(30), default="")
    licence_text: Mapped[str] = mapped_column(sa.Text, default="")
    base: Mapped[str] = mapped_column(sa.Text, default="")
    base_url: Mapped[str] = mapped_column(sa.Text, default="")
    source_updated_at: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(sa.String(64))
    said: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    fetched_at: Mapped[datetime] = mapped_column(default=utcnow)
    withdrawn_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    adopted_at: Mapped[datetime | None]
    adopted_by: Mapped[UUID | None]


class ResourceVersion(Base):
    """One published version. Never updated. ``note``: a line saying what changed. ``minor``: spelling only."""

    __tablename__ = "resource_version"

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    minor: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]]


class ResourceAuthor(Base):
    """A person who may write a resource, whoever made it first among them."""

    __tablename__ = "resource_author"

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(default=utcnow)


class TranslationUnit(Base):
    """A section of a resource in another language. Stale is not a column: see ``base.translations``.

    ``words``: what readers see, or NULL; ``state``: ``machine`` or ``published``. ``pending``: what a translator has
    written since; ``pending_state``: ``draft`` or ``in_review``. Each has the digest of the source that it translates.
    ``pending_word``: why a reviewer sent it back. ``author_id`` of machine text is who entered it; NULL: the engine.
    """

    __tablename__ = "translation_unit"

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    section: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    lang: Mapped[str] = mapped_column(sa.String(35), primary_key=True)
    words: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(sa.String(10), default="")
    source_digest: Mapped[str] = mapped_column(sa.String(16), default="")
    source_words: Mapped[dict[str, Any] | None] = mapped_column(Json)
    author_id: Mapped[UUID | None]
    reviewer_id: Mapped[UUID | None]
    updated_at: Mapped[datetime | None]
    pending: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pending_state: Mapped[str] = mapped_column(sa.String(10), default="")
    pending_digest: Mapped[str] = mapped_column(sa.String(16), default="")
    pending_source: Mapped[dict[str, Any] | None] = mapped_column(Json)
    pending_by: Mapped[UUID | None]
    pending_at: Mapped[datetime | None]
    pending_word: Mapped[str] = mapped_column(sa.Text, default="")
    pending_word_by: Mapped[UUID | None]


class TranslationAsk(Base):
    """How many readers asked for a resource in a language that it does not have."""

    __tablename__ = "translation_ask"

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(sa.String(35), primary_key=True)
    asked: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


class GlossaryTerm(Base):
    """A word of the network and its agreed translation. ``folded``: what it is looked up by."""

    __tablename__ = "glossary_term"
    __table_args__ = (sa.UniqueConstraint("folded", "lang"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(sa.String(120))
    folded: Mapped[str] = mapped_column(sa.String(120))
    lang: Mapped[str] = mapped_column(sa.String(35))
    target: Mapped[str] = mapped_column(sa.String(300))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    reviewed: Mapped[bool] = mapped_column(default=False)
    by: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utcnow)


class Segment(Base):
    """A sentence that was translated once: offered wherever it comes again. ``digest``: of the source sentence."""

    __tablename__ = "segment"

    digest: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    lang: Mapped[str] = mapped_column(sa.String(35), primary_key=True)
    source: Mapped[str] = mapped_column(sa.Text)
    target: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]


class StoredFile(Base):
    """A file of the storage, known by its SHA-256. ``text``: its words; ``text_state``: ``waiting``, ``ok``, ``none``
    (nothing to read in such a file) or ``unreadable``. ``preview``: whether there is a picture of it. ``scan``:
    ``off``, ``waiting``, ``clean`` or ``infected``.
    """

    __tablename__ = "stored_file"

    sha: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    text: Mapped[str] = mapped_column(sa.Text, default="", deferred=True)
    text_state: Mapped[str] = mapped_column(sa.String(10), default="waiting", index=True)
    preview: Mapped[bool] = mapped_column(default=False)
    width: Mapped[int | None]
    height: Mapped[int | None]
    scan: Mapped[str] = mapped_column(sa.String(10), default="off")


class FileUse(Base):
    """A resource has a file. Rows are made at upload; a job drops those that no version nor draft names any more."""

    __tablename__ = "file_use"

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    sha: Mapped[str] = mapped_column(sa.ForeignKey("stored_file.sha"), primary_key=True, index=True)
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="SET NULL"), index=True)
    added_by: Mapped[UUID | None]
    added_at: Mapped[datetime] = mapped_column(default=utcnow)


class Opinion(Base):
    """Was it useful? One a person. ``grade``: 1 (no) to 4 (very). ``hidden_at``: a coordinator hid the comment."""

    __tablename__ = "opinion"

    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    grade: Mapped[int]
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    hidden_at: Mapped[datetime | None]


class ResourceUse(Base):
    """A structure used it: when, and with how many people. Never who they were."""

    __tablename__ = "resource_use"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    structure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    on_day: Mapped[str] = mapped_column(sa.String(10))
    people: Mapped[int | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    by: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utcnow, index=True)


class ResourceReport(Base):
    """Somebody says that a resource is outdated, wrong, a duplicate, or should not be here. ``lang``: of the page on
    which they said it, and of the answer. ``other_id``: of a duplicate, the other one."""

    __tablename__ = "resource_report"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text)
    other_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("resource.id", ondelete="SET NULL"))
    contact: Mapped[str | None] = mapped_column(sa.String(254))
    author_id: Mapped[UUID | None]
    lang: Mapped[str] = mapped_column(sa.String(10), default="fr")
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[str] = mapped_column(sa.String(10), default="open", index=True)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class Collection(Base):
    """An ordered list of resources, of a person or of a structure. ``visibility``: private, link, network or public.

    ``secret``: of the address that its owner shares.
    """

    __tablename__ = "collection"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(sa.String(150))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="CASCADE"), index=True)
    visibility: Mapped[str] = mapped_column(sa.String(10), default="private")
    secret: Mapped[str] = mapped_column(sa.String(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class CollectionItem(Base):
    """A resource in a collection."""

    __tablename__ = "collection_item"

    collection_id: Mapped[UUID] = mapped_column(sa.ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]
    note: Mapped[str] = mapped_column(sa.Text, default="")


class ResourceRequest(Base):
    """A resource that somebody looked for and did not find. ``lang``: in which it is wanted; ``language``: in which who
    asks is answered. ``answer_id``: the resource that answers it. ``state``: ``open``, ``answered`` or ``declined``."""

    __tablename__ = "resource_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    words: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    theme: Mapped[str] = mapped_column(sa.String(60), default="")
    lang: Mapped[str] = mapped_column(sa.String(35), default="")
    language: Mapped[str] = mapped_column(sa.String(10), default="fr")
    contact: Mapped[str | None] = mapped_column(sa.String(254))
    author_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[str] = mapped_column(sa.String(10), default="open", index=True)
    answer_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("resource.id", ondelete="SET NULL"))
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class Tally(Base):
    """How often something was read or taken, by day, version, language and structure; never by whom.

    ``what``: ``view``, ``zip``, ``pdf`` or ``file``. ``structure``: id of the place of whoever was signed in, or "".
    """

    __tablename__ = "tally"

    day: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    what: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lang: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    structure: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    count: Mapped[int]


class AttachedFile(Base):
    """A file that something else than a resource has: a post, minutes of a group (``files.attached``). Its owner may
    not be there yet: what a refused form brought waits for it to be sent again."""

    __tablename__ = "attached_file"
    __table_args__ = (sa.Index("ix_attached_file_sha", "sha"),)

    owner_kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha: Mapped[str] = mapped_column(sa.ForeignKey("stored_file.sha"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="SET NULL"), index=True)
    added_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"), index=True)
    added_at: Mapped[datetime]
