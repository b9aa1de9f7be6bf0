"""Addresses of moderation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPTemporaryRedirect

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.threads.base.models import Thread, ThreadState, Topic
from reseau.threads.base.routes import POST, THREAD, PostContext, ThreadContext

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

DESK = "/gestion/echanges"
_TOPIC = rf"{DESK}/sujets/{{id:{UUID_PATTERN}}}"


class TopicByIdContext:
    """The topic of an address of the desk. :raises HTTPNotFound: when it is read and there is none."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def topic(self) -> Topic:
        """The topic."""
        found = self._request.db.get(Topic, parse_id(self._request.matchdict["id"]))
        if found is None:
            raise HTTPNotFound
        topic: Topic = found
        return topic


class DecidedContext(PostContext):
    """A post of which something is decided. Of one that was reported, moderators decide even when its author has taken
    it away, and its thread with it."""

    @cached_property
    def thread(self) -> Thread:
        """Its thread."""
        found = self._request.db.get_one(Thread, self.post.thread_id)
        if found.state == ThreadState.DELETED.value and self._request.reader.moderates:
            gone: Thread = found
            return gone
        return super().thread


class MovesContext(ThreadContext):
    """A thread that is moderated. Of a merged one the page of the other is shown: what was decided for a thread is not
    done to another, whose readers nobody looked at."""

    led_suffix = "/moderer"

    def _led(self, thread: Thread, into: Thread) -> Exception:
        led = super()._led(thread, into)
        return HTTPSeeOther(led.location) if isinstance(led, HTTPTemporaryRedirect) else led


def includeme(config: Configurator) -> None:
    """All of them. Fixed names come before ids."""
    for name, suffix in (
        ("threads.report", "/signaler"),
        ("threads.hide", "/masquer"),
        ("threads.show", "/montrer"),
        ("threads.accept", "/accepter"),
        ("threads.refuse", "/refuser"),
    ):
        config.add_route(name, POST + suffix, factory=PostContext)
    for name, suffix in (("threads.keep", "/garder"), ("threads.history", "/historique")):
        config.add_route(name, POST + suffix, factory=DecidedContext)
    for name, suffix in (
        ("threads.close", "/fermer"),
        ("threads.reopen", "/rouvrir"),
        ("threads.moderate", "/moderer"),
        ("threads.pin", "/moderer/epingler"),
        ("threads.move", "/moderer/deplacer"),
        ("threads.kind", "/moderer/genre"),
        ("threads.title", "/moderer/titre"),
        ("threads.merge", "/moderer/reunir"),
        ("threads.split", "/moderer/couper"),
        ("threads.bring", "/moderer/relancer"),
    ):
        config.add_route(name, THREAD + suffix, factory=MovesContext)
    for name, pattern in (
        ("threads.desk", DESK),
        ("threads.desk.reports", f"{DESK}/signalements"),
        ("threads.desk.waiting", f"{DESK}/en-attente"),
        ("threads.desk.questions", f"{DESK}/questions"),
        ("threads.topic.create", f"{DESK}/sujets/nouveau"),
    ):
        config.add_route(name, pattern)
    for name, pattern in (
        ("threads.topic.edit", _TOPIC),
        ("threads.topic.move", f"{_TOPIC}/place"),
        ("threads.topic.archive", f"{_TOPIC}/archiver"),
        ("threads.topic.delete", f"{_TOPIC}/supprimer"),
    ):
        config.add_route(name, pattern, factory=TopicByIdContext)
