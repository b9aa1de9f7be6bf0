"""Tables of the exchanges: topics, threads, posts, and what people do with them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reseau.core.cards import Ref
from reseau.core.clock import utcnow
from reseau.core.db import Base, Json
from reseau.core.ids import new_id

KIND = "thread"
"""In the log: a thread's title, topic or state changed. The search index and the feeds read it."""
POST_KIND = "post"
"""In the log: a post was written (``publish``), changed, or taken away. Notices read ``publish``; the index all."""
HELP_KIND = "thread-help"
"""In the log: a question waited too long; those who know its topic are to hear of it."""
WISH_KIND = "post-wish"
"""In the log: somebody asks for a translation of a post."""
TOPIC_KIND = "topic"


class ThreadKind(enum.StrEnum):
    """What a thread is for. The values are in addresses and in the national language of the site."""

    QUESTION = "question"
    DISCUSSION = "discussion"
    ANNONCE = "annonce"
    DEMANDE = "demande"
    SONDAGE = "sondage"


ASKING = (ThreadKind.QUESTION.value, ThreadKind.DEMANDE.value)
"""Kinds of the threads that ask for an answer, which may be marked."""


class ThreadState(enum.StrEnum):
    """``WAITING``: its first post waits for a look. ``CLOSED``: read, no more answers. ``HIDDEN``: only moderators and
    its author. ``MERGED``: its address leads to ``merged_into``. ``DELETED``: its author took it away before anybody
    answered."""

    OPEN = "open"
    CLOSED = "closed"
    WAITING = "waiting"
    HIDDEN = "hidden"
    MERGED = "merged"
    DELETED = "deleted"


class PostState(enum.StrEnum):
    """``WAITING``: first post of a new member. ``DELETED`` and ``HIDDEN`` keep their place in the order."""

    SHOWN = "shown"
    WAITING = "waiting"
    HIDDEN = "hidden"
    DELETED = "deleted"


class TopicSeen(enum.StrEnum):
    """Who reads the threads of a topic."""

    PUBLIC = "public"
    NETWORK = "network"
    GROUP = "group"


class Topic(Base):
    """A subject under which threads are. ``titles``: language of the interface → its name. ``procedures``: codes of
    ``demarches_sante``: a thread about an object with one of them is proposed here."""

    __tablename__ = "topic"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    titles: Mapped[dict[str, Any]]
    description: Mapped[str] = mapped_column(sa.Text, default="")
    seen: Mapped[str] = mapped_column(sa.String(10), default=TopicSeen.PUBLIC.value)
    group_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("working_group.id", ondelete="CASCADE"), index=True)
    procedures: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    archived_at: Mapped[datetime | None]

    def title(self, lang: str) -> str:
        """Its name in a language of the interface, else in French."""
        return str(self.titles.get(lang) or self.titles.get("fr") or self.slug)


class Thread(Base):
    """A thread. ``posts`` and ``replies``: of the posts that are shown, the first one included or not; ``helpers``: of
    these replies, those that its author did not write. ``answer_id``: the post that helped. ``answer_ref_*``: the
    resource that answers a request. ``request_id``: of ``resource_request`` from which it was born.
    ``object_*``: what it is about. ``options``: of a poll, ``[{"id": 1, "label": "…"}]``; ``several``: more than one
    may be chosen; ``closes_at``: no vote from then on. ``brought_at``: when those who know the topic were asked.
    """

    __tablename__ = "thread"
    __table_args__ = (
        sa.Index("ix_thread_last", "last_at", "id"),
        sa.Index("ix_thread_topic_last", "topic_id", "last_at", "id"),
        sa.Index("ix_thread_object", "object_kind", "object_id", "last_at"),
        sa.Index("ix_thread_question", "kind", "state", "helpers", "created_at"),
        sa.Index("ix_thread_author", "author_id", "last_at"),
        sa.Index("ix_thread_pinned", "pinned_until"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    topic_id: Mapped[UUID] = mapped_column(sa.ForeignKey("topic.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(10), default=ThreadState.OPEN.value)
    slug: Mapped[str] = mapped_column(sa.String(80))
    title: Mapped[str] = mapped_column(sa.String(160))
    lang: Mapped[str] = mapped_column(sa.String(35))
    author_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="SET NULL"))
    object_kind: Mapped[str | None] = mapped_column(sa.String(20))
    object_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    last_at: Mapped[datetime]
    posts: Mapped[int] = mapped_column(default=0)
    replies: Mapped[int] = mapped_column(default=0)
    helpers: Mapped[int] = mapped_column(default=0)
    answer_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    answer_ref_kind: Mapped[str | None] = mapped_column(sa.String(20))
    answer_ref_id: Mapped[UUID | None]
    request_id: Mapped[UUID | None] = mapped_column(unique=True)
    pinned_until: Mapped[datetime | None]
    options: Mapped[list[Any]] = mapped_column(Json, default=list)
    several: Mapped[bool] = mapped_column(default=False)
    closes_at: Mapped[datetime | None]
    brought_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(sa.Text, default="")
    merged_into: Mapped[UUID | None] = mapped_column(sa.ForeignKey("thread.id"))
    rev: Mapped[int] = mapped_column(default=1)

    @property
    def open(self) -> bool:
        """Whether answers may be written."""
        return self.state == ThreadState.OPEN.value

    @property
    def asks(self) -> bool:
        """Whether it asks for an answer, which may be marked."""
        return self.kind in ASKING

    @property
    def solved(self) -> bool:
        """Whether its answer was marked."""
        return self.answer_id is not None or self.answer_ref_id is not None

    @property
    def about(self) -> Ref | None:
        """What it is about."""
        return (self.object_kind, self.object_id) if self.object_kind and self.object_id else None

    @property
    def answer_ref(self) -> Ref | None:
        """What answers it, if that is no post: the resource of a request."""
        return (self.answer_ref_kind, self.answer_ref_id) if self.answer_ref_kind and self.answer_ref_id else None


class Post(Base):
    """One message of a thread. Posts of a thread are ordered by ``at``, unique in it: it is given while the thread is
    locked, so that no post appears before one that was read. ``first``: opens the thread. ``mentions``:
    ``[{"handle", "kind", "id", "name", "path"}]``. ``links``: ``[[kind, id]]``, objects of the site that it names.
    ``quoted_id``: post that it answers. ``thanks``: how many said "merci"."""

    __tablename__ = "post"
    __table_args__ = (
        sa.UniqueConstraint("thread_id", "at"),
        sa.Index("ix_post_author_at", "author_id", "at"),
        sa.Index("ix_post_waiting", "state", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    thread_id: Mapped[UUID] = mapped_column(sa.ForeignKey("thread.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    first: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    structure_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("structure.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(sa.String(10), default=PostState.SHOWN.value)
    lang: Mapped[str] = mapped_column(sa.String(35))
    text: Mapped[str] = mapped_column(sa.Text)
    mentions: Mapped[list[Any]] = mapped_column(Json, default=list)
    links: Mapped[list[Any]] = mapped_column(Json, default=list)
    quoted_id: Mapped[UUID | None]
    thanks: Mapped[int] = mapped_column(default=0)
    by_mail: Mapped[bool] = mapped_column(default=False)
    edited_at: Mapped[datetime | None]
    hidden_by: Mapped[UUID | None]
    hidden_reason: Mapped[str] = mapped_column(sa.Text, default="")
    rev: Mapped[int] = mapped_column(default=1)


class PostVersion(Base):
    """What a post said before it was changed at ``until``, for moderators; or, of its ``translation`` into ``lang``."""

    __tablename__ = "post_version"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID] = mapped_column(sa.ForeignKey("post.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime]
    title: Mapped[str] = mapped_column(sa.String(160), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    lang: Mapped[str] = mapped_column(sa.String(35))
    translation: Mapped[bool] = mapped_column(default=False)
    by: Mapped[UUID | None]


class PostThank(Base):
    """A person said "merci" for a post."""

    __tablename__ = "post_thank"

    post_id: Mapped[UUID] = mapped_column(sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]


class PostTranslation(Base):
    """A post in another language, written by a person. ``digest``: of the text that it translates."""

    __tablename__ = "post_translation"

    post_id: Mapped[UUID] = mapped_column(sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    lang: Mapped[str] = mapped_column(sa.String(35), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class TranslationWish(Base):
    """A person asks for a post in a language."""

    __tablename__ = "post_translation_wish"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID] = mapped_column(sa.ForeignKey("post.id", ondelete="CASCADE"))
    lang: Mapped[str] = mapped_column(sa.String(35))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    __table_args__ = (sa.UniqueConstraint("post_id", "lang", "person_id"),)


class ThreadRead(Base):
    """How far a person has read a thread: the ``at`` of the last post that a page showed them."""

    __tablename__ = "thread_read"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    read_to: Mapped[datetime]


class ReadAll(Base):
    """ "Tout marquer comme lu": all that was written before is read."""

    __tablename__ = "read_all"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    before: Mapped[datetime]


class Bookmark(Base):
    """A thread that a person keeps at hand."""

    __tablename__ = "thread_bookmark"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]


class PollVote(Base):
    """One choice of a person in a poll; several rows where several choices may be made. Never shown by name."""

    __tablename__ = "poll_vote"

    thread_id: Mapped[UUID] = mapped_column(sa.ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    option: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class PostReport(Base):
    """Somebody says that a post should be looked at. ``state``: ``open``, ``hidden`` (the post was), ``kept``."""

    __tablename__ = "post_report"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID] = mapped_column(sa.ForeignKey("post.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.String(10), default="open", index=True)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class ThreadSetting(Base):
    """What the coordination has set for the exchanges (``base.choices.DEFAULTS``)."""

    __tablename__ = "thread_setting"

    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None]


class MailReceived(Base):
    """A mail that came in, so that it is taken once. ``digest``: SHA-256 of its Message-ID and of whom it is from.
    ``outcome``: what became of it; ``body``: digest of what it said, by which loops are seen."""

    __tablename__ = "mail_received"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[UUID | None]
    body: Mapped[str] = mapped_column(sa.String(64), default="")
