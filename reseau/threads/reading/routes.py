"""Addresses of what is read, and who stands before them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPMovedPermanently, HTTPNotFound

from reseau.core import cards
from reseau.core.cards import Card
from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.threads.base.models import PostState
from reseau.threads.base.routes import POST, THREAD, PostContext, ThreadContext
from reseau.threads.reading.about import KINDS, readable

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request


class AnswerContext(PostContext):
    """A post that may be the answer to its thread: it is the author of the *thread* who says so."""

    @property
    def author_ids(self) -> frozenset[UUID]:
        """Who asked."""
        author = self.thread.author_id
        return frozenset({author}) if author else frozenset()


class WordsContext(PostContext):
    """A post whose words are there, to be translated."""

    @property
    def words(self) -> str:
        """What it says. :raises HTTPNotFound: it was taken away."""
        _ = self.thread
        if self.post.state == PostState.DELETED.value:
            raise HTTPNotFound
        return str(self.post.text)


class ObjectContext:
    """The object of the address, whatever room keeps it, if whoever asks may know it.

    :raises HTTPNotFound: when it is read and there is none, or they may not know.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def card(self) -> Card:
        """Its card."""
        kind, id_ = self._request.matchdict["kind"], parse_id(self._request.matchdict["id"])
        found = cards.by_refs(self._request.db, [(kind, id_)]) if id_ and kind in KINDS else {}
        card = next(iter(found.values()), None)
        if card is None or not readable(card, self._request.reader):
            raise HTTPNotFound
        return card


def settle(context: ThreadContext, request: Request) -> None:
    """An address with another name leads to the present one. :raises HTTPMovedPermanently: with the rest kept."""
    if request.matchdict["slug"] != context.thread.slug:
        query = f"?{request.query_string}" if request.query_string else ""
        raise HTTPMovedPermanently(request.script_name + context.path + query)


def includeme(config: Configurator) -> None:
    """Fixed names before patterns."""
    config.add_route("threads.follow-object", "/echanges/suivre-objet")
    config.add_route("threads.of-object", f"/echanges/objet/{{kind}}/{{id:{UUID_PATTERN}}}", factory=ObjectContext)
    config.add_route("threads.post", POST, factory=PostContext)
    config.add_route("threads.thank", POST + "/merci", factory=PostContext)
    config.add_route("threads.answer", POST + "/reponse", factory=AnswerContext)
    config.add_route("threads.wish", POST + "/demander-traduction", factory=WordsContext)
    config.add_route("threads.translate", POST + "/traduire", factory=WordsContext)
    config.add_route("threads.untranslate", POST + "/traduire/retirer", factory=WordsContext)
    config.add_route("threads.markdown", THREAD + ".md", factory=ThreadContext)
    for name, suffix in (("thread", ""), ("print", "/imprimer"), ("follow", "/suivre"), ("bookmark", "/favori"),
                         ("vote", "/voter")):  # fmt: skip
        config.add_route(f"threads.{name}", THREAD + suffix, factory=ThreadContext)
