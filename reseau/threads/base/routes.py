"""Addresses of a thread, a post, a topic, and who stands before them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPTemporaryRedirect

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.core.wording import _
from reseau.threads.base.access import Reader, reader_of
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import Post, PostState, Thread, ThreadState, Topic, TopicSeen
from reseau.threads.base.topics import readers_change
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

#: Patterns; a suffix follows.
THREAD = rf"/echanges/{{slug:[a-z0-9-]*}}-{{id:{UUID_PATTERN}}}"
POST = rf"/echanges/messages/{{id:{UUID_PATTERN}}}"
NETWORK_ONLY = (
    _("Ce sujet est pour le réseau"),
    _("Cherchez votre lieu dans l’annuaire, puis demandez à le rejoindre : vous pourrez lire ce sujet."),
)
JOIN = _("Demander à rejoindre votre lieu")
AGAIN = "relire"
"""In an address to which a form was led: who reads there are others, so that it is read again before it is done."""
TOPIC = r"/echanges/sujets/{slug:[a-z0-9-]{1,80}}"


def reader(request: Request) -> Reader:
    """``request.reader``: who reads, with the topics that they may read; one statement a request."""
    network, moderates = request.allows(Permission.NETWORK_READ), request.allows(Permission.THREAD_MODERATE)
    return reader_of(request.db, request.identity, bool(network), bool(moderates))


def others_read(reader: Reader, old: UUID, new: UUID) -> bool:
    """Whether what was written for the readers of a topic would be read by others in another one."""
    was, will = reader.by_id.get(old), reader.by_id.get(new)
    return was is None or will is None or readers_change(was, will) in ("more", "others")


class ThreadContext:
    """The thread of the address, if whoever asks may read it.

    :raises HTTPNotFound: when it is read and there is none, or they may not know. :raises HTTPForbidden: it is for the
        network, and they are not of it. :raises HTTPTemporaryRedirect: it was merged into another, where the same may
        be done; what was sent is sent again there.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def id(self) -> UUID | None:
        """Of the address."""
        return parse_id(self._request.matchdict["id"])

    @cached_property
    def thread(self) -> Thread:
        """The thread."""
        found = self._request.db.get(Thread, self.id)
        if found is None or found.state == ThreadState.DELETED.value:
            raise HTTPNotFound
        if not self._request.reader.reads(found):
            raise _refusal(self._request, found.topic_id)
        if found.state == ThreadState.MERGED.value and found.merged_into:
            raise self._led(found, self._request.db.get_one(Thread, found.merged_into))
        thread: Thread = found
        return thread

    def _led(self, thread: Thread, into: Thread) -> Exception:
        """To where a merged thread goes on. Never kept by a browser: it may go on elsewhere tomorrow, or where who asks
        may not read."""
        request, reader = self._request, self._request.reader
        if into.state == ThreadState.DELETED.value:
            raise HTTPNotFound
        if not reader.reads(into):
            return _refusal(request, into.topic_id)
        query = request.query_string
        if request.method not in ("GET", "HEAD") and others_read(reader, thread.topic_id, into.topic_id):
            query = f"{query}&{AGAIN}=1" if query else f"{AGAIN}=1"
        path = f"{path_of(into)}{self.led_suffix}{'?' if query else ''}{query}"
        led: Exception = HTTPTemporaryRedirect(request.script_name + path, cache_control="no-store")
        return led

    @property
    def led_suffix(self) -> str:
        """What the address asks of the thread, when it was merged: the same of the other."""
        return str(self._request.path_info.partition(self._request.matchdict["id"])[2])

    @property
    def topic(self) -> Topic:
        """Its topic."""
        topic: Topic = self._request.reader.by_id[self.thread.topic_id]
        return topic

    @property
    def author_ids(self) -> frozenset[UUID]:
        """Whose it is: they may mark the answer."""
        author = self.thread.author_id
        return frozenset({author}) if author else frozenset()

    @property
    def path(self) -> str:
        """Its address in the site."""
        return path_of(self.thread)


class PostContext(ThreadContext):
    """The post of the address, in a thread that whoever asks may read. One that is not shown is there for its author
    and for moderators."""

    @cached_property
    def post(self) -> Post:
        """The post."""
        found = self._request.db.get(Post, self.id)
        if found is None:
            raise HTTPNotFound
        post: Post = found
        return post

    @cached_property
    def thread(self) -> Thread:
        """Its thread."""
        found = self._request.db.get_one(Thread, self.post.thread_id)
        reader = self._request.reader
        if found.state == ThreadState.DELETED.value:
            raise HTTPNotFound
        if not reader.reads(found):
            raise _refusal(self._request, found.topic_id)
        own = reader.person_id is not None and reader.person_id == self.post.author_id
        if self.post.state in (PostState.WAITING.value, PostState.HIDDEN.value) and not (own or reader.moderates):
            raise HTTPNotFound
        thread: Thread = found
        return thread

    @property
    def author_ids(self) -> frozenset[UUID]:
        """Who wrote it."""
        self.thread  # noqa: B018 (who may not read it learns nothing)
        author = self.post.author_id
        return frozenset({author}) if author else frozenset()


class TopicContext:
    """The topic of the address, if whoever asks may read it. Raises as :class:`ThreadContext`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def topic(self) -> Topic:
        """The topic."""
        wanted = self._request.matchdict["slug"]
        found = next((topic for topic in self._request.reader.topics if topic.slug == wanted), None)
        if found is not None:
            topic: Topic = found
            return topic
        hidden = self._request.db.scalar(sa.select(Topic.id).where(Topic.slug == wanted))
        raise _refusal(self._request, hidden) if hidden else HTTPNotFound


def _refusal(request: Request, topic_id: UUID) -> Exception:
    """What somebody is told who may not read a topic: those of the network are known to be there, a group's are not."""
    topic = request.db.get(Topic, topic_id)
    known = topic is not None and topic.seen == TopicSeen.NETWORK.value
    refusal: Any = HTTPForbidden() if known else HTTPNotFound()
    if known and request.identity is not None:
        refusal.words, refusal.links = NETWORK_ONLY, [(JOIN, f"{request.script_name}/annuaire")]
    found: Exception = refusal
    return found
