"""The page of a thread: everything that its templates show, whatever the number of its posts, in few statements.

For a signed-in reader of a page whose posts name objects of all kinds, in a poll with files: two for who they are, one
for the topics, one for the thread, one for the posts and the reader's own marks, one for files, one for the poll, one
for each kind of object that is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import segno

from reseau.core import cards
from reseau.core.cards import Card, Ref
from reseau.core.wording import _
from reseau.directory.models import KIND as PLACE
from reseau.threads.base.addresses import anchor, path_of, post_path, topic_path
from reseau.threads.base.models import Post, PostState, Thread, ThreadKind, Topic, TopicSeen
from reseau.threads.base.shapes import KIND_LABELS
from reseau.threads.base.text import plain, veiled
from reseau.threads.reading import polls
from reseau.threads.reading.about import readable
from reseau.threads.reading.posts import Found, Window, load
from reseau.threads.reading.shown import Maker, Shown
from resources.base import langs
from resources.files import attached

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.access import Reader
    from reseau.threads.base.routes import ThreadContext

_READ_BY = {
    TopicSeen.PUBLIC: _("Tout le monde peut lire"),
    TopicSeen.NETWORK: _("Réservé au réseau"),
    TopicSeen.GROUP: _("Réservé au groupe de travail"),
}
NEAR = 3
"""Posts between the head of a page and the post that helped, for it to be shown only once."""
PAPER = Window(size=500)
"""On paper and as Markdown: all that anybody would print."""


@dataclass
class ThreadPage:
    """A thread as whoever asks sees it.

    :param wanted: which posts. :param lang: in which translations are shown.
    """

    request: Request
    context: ThreadContext
    wanted: Window
    lang: str

    @property
    def thread(self) -> Thread:
        """The thread."""
        return self.context.thread

    @property
    def topic(self) -> Topic:
        """Its topic."""
        return self.context.topic

    @property
    def reader(self) -> Reader:
        """Who reads."""
        reader: Reader = self.request.reader
        return reader

    @cached_property
    def now(self) -> datetime:
        """The moment of the request."""
        now: datetime = self.request.registry["clock"]()
        return now

    @cached_property
    def here(self) -> str:
        """The address of the thread, where the site is mounted."""
        return str(self.request.script_name) + path_of(self.thread)

    @cached_property
    def found(self) -> Found:
        """Its posts, as the database has them."""
        person, waiting = self.reader.person_id, None
        if person:
            waiting = self.request.registry["threads.marks"].waiting(person, self.thread.id)
        return load(self.request.db, self.thread, self.reader, self.wanted, self.lang, waiting)

    @cached_property
    def posts(self) -> list[Shown]:
        """The posts of the page, in order."""
        made = [self._maker.shown(row) for row in self.found.rows]
        fresh = next((one for one in made if one.is_new), None)
        if fresh:
            fresh.first_new = True
        return made

    @cached_property
    def answer(self) -> Shown | None:
        """The post that helped, wherever it is in the thread."""
        row = self.found.answer
        return self._maker.shown(row) if row is not None and row.Post.state == PostState.SHOWN.value else None

    @cached_property
    def _maker(self) -> Maker:
        rows = [*self.found.rows, *((self.found.answer,) if self.found.answer else ())]
        told = [row.Post for row in rows if self._told(row.Post)]
        files = attached.of(self.request.db, "post", [post.id for post in told])
        return Maker(
            reader=self.reader, root=str(self.request.script_name), lang=self.lang, read_to=self.found.state.read_to,
            files=files, cards=self._cards(told), here={row.Post.id for row in self.found.rows}, told=self._told,
        )  # fmt: skip

    def _told(self, post: Post) -> bool:
        """Whether the reader may read its words."""
        if post.state == PostState.DELETED.value:
            return False
        own = post.author_id is not None and post.author_id == self.reader.person_id
        return post.state == PostState.SHOWN.value or own or self.reader.moderates

    def _cards(self, posts: Iterable[Post]) -> dict[Ref, Card]:
        refs = {(kind, UUID(id_)) for post in posts for kind, id_ in post.links}
        refs |= {ref for ref in (self.thread.about, self.thread.answer_ref) if ref}
        found = cards.by_refs(self.request.db, refs)
        return {ref: card for ref, card in found.items() if readable(card, self.reader)}

    @property
    def about(self) -> Card | None:
        """The object of the thread, if the reader may know it."""
        return self._maker.cards.get(self.thread.about) if self.thread.about else None

    @property
    def answer_card(self) -> Card | None:
        """The resource that answers a request."""
        return self._maker.cards.get(self.thread.answer_ref) if self.thread.answer_ref else None

    @cached_property
    def poll(self) -> polls.Results | None:
        """What was voted, if it is a poll."""
        if self.thread.kind != ThreadKind.SONDAGE.value:
            return None
        return polls.results(self.request.db, self.thread, self.reader.person_id, self.now)

    # --- words ----------------------------------------------------------------------------------------------------

    @property
    def kind_label(self) -> str:
        """What it is, a msgid."""
        return KIND_LABELS[ThreadKind(self.thread.kind)]

    @property
    def direction(self) -> str:
        """Of its title."""
        return langs.direction(self.thread.lang)

    @property
    def author_here(self) -> bool:
        """Whether the reader opened the thread."""
        return self.thread.author_id is not None and self.thread.author_id == self.reader.person_id

    @property
    def marks_answers(self) -> bool:
        """Whether the reader says which post helped."""
        return self.thread.asks and (self.author_here or self.reader.moderates)

    @property
    def who_reads(self) -> str:
        """Who may read it, in words."""
        return str(self.request.gettext(_READ_BY[TopicSeen(self.topic.seen)]))

    @property
    def topic_here(self) -> str:
        """The address of its topic."""
        return str(self.request.script_name) + topic_path(self.topic)

    @property
    def online(self) -> str:
        """Its full address, for paper."""
        return str(self.request.config.public_url.rstrip("/")) + path_of(self.thread)

    @property
    def short(self) -> str:
        """Its shortest address, for who types it from paper: that of its first post shown here."""
        site = str(self.request.config.public_url.rstrip("/"))
        return site + post_path(self.found.rows[0].Post) if self.found.rows else self.online

    @property
    def qr(self) -> str:
        """The QR code of its address, as SVG."""
        return segno.make(self.short, error="m").svg_inline(border=2, omitsize=True)

    @property
    def answer_near(self) -> bool:
        """Whether the post that helped is among the first of this page: it need not be shown twice."""
        return any(self.is_answer(one.post) for one in self.posts[: NEAR + 1])

    def asked_by(self, post: Post) -> bool:
        """Whether who wrote a post is who opened the thread."""
        return post.author_id is not None and post.author_id == self.thread.author_id

    def from_place(self, one: Shown) -> bool:
        """Whether a post is an answer in the name of the place that the thread is about."""
        thread, post = self.thread, one.post
        named = post.structure_id is not None and thread.object_kind == PLACE and not post.first
        about = {thread.object_id, self.about.id if self.about else None}
        return named and (post.structure_id in about or one.place_id in about)

    @property
    def description(self) -> str:
        """Its first words, or its title."""
        first = next((one for one in self.posts if one.post.first and one.shown), None)
        return plain(veiled(first.post.text), 160) if first else self.thread.title

    @property
    def answerable(self) -> bool:
        """Whether answers are written."""
        return self.thread.open and self.topic.archived_at is None and self.reader.person_id is not None

    @cached_property
    def translates(self) -> bool:
        """Whether the reader writes translations."""
        return bool(self.request.allows("translation:write"))

    def lang_name(self, lang: str) -> str:
        """The name of a language, in that of the page."""
        return langs.name(lang, self.request.lang)

    def in_lang(self, post: Post, lang: str) -> str:
        """The page on which a post is shown in another language."""
        return f"{self.here}?message={post.id}&traduction={lang}#{anchor(post)}"

    def is_answer(self, post: Post) -> bool:
        """Whether it is the post that helped."""
        return self.answer is not None and self.answer.post.id == post.id

    # --- pages ----------------------------------------------------------------------------------------------------

    def at(self, post_id: UUID | None) -> str:
        """The address of the page that holds a post, at its place."""
        return f"{self.here}?message={post_id}#message-{post_id}"

    @property
    def earlier(self) -> str | None:
        """The page before this one."""
        return None if self.found.begins else f"{self.here}?avant={self.found.rows[0].Post.id}"

    @property
    def later(self) -> str | None:
        """The page after this one."""
        return None if self.found.ends else f"{self.here}?apres={self.found.rows[-1].Post.id}"

    @property
    def to_first(self) -> str | None:
        """The first page, from another."""
        return None if self.found.begins else self.here

    @property
    def to_last(self) -> str | None:
        """The last posts, from another page."""
        return None if self.found.ends else self.at(self.found.last)

    @property
    def to_unread(self) -> str | None:
        """The first post that they have not read, if they have read others and it is not the first they see here."""
        state = self.found.state
        return self.at(state.unread) if state.unread and state.read_to else None

    @property
    def to_answer(self) -> str | None:
        """Where the post that helped is."""
        if self.answer is None:
            return None
        post = self.answer.post
        return f"#{anchor(post)}" if post.id in self._maker.here else self.at(post.id)

    def permalink(self, post: Post) -> str:
        """The address of a post that always leads to it."""
        return str(self.request.script_name) + post_path(post)

    def mark_read(self) -> None:
        """What this page shows is read from now on. Call it when all of the page is known."""
        if self.reader.person_id and self.found.rows:
            last = self.found.rows[-1].Post.at
            self.request.registry["threads.marks"].add(self.reader.person_id, self.thread.id, last)
