"""What the address of a list of threads asks, read without ever raising."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from reseau.core.asked import Asked
from reseau.core.wording import _
from reseau.threads.base.models import Thread, ThreadKind
from resources.base import langs

MAX_QUERY, MAX_PAGE = 200, 8
LANGUAGE = "langue_contenu"
"""``langue`` is the language of the page around."""
STATES = {
    "sans-reponse": _("Sans réponse"),
    "sans-solution": _("Pas encore résolues"),
    "resolu": _("Réponse trouvée"),
    "ferme": _("Fermés"),
}
MINE = {
    "non-lus": _("Non lus"),
    "suivis": _("Que je suis"),
    "favoris": _("Mes favoris"),
    "miens": _("Où j’ai écrit"),
}
PARAMETERS = {
    "q": _("Recherche"), "sujet": _("Sujet"), "type": _("Type"), "etat": _("État"), LANGUAGE: _("Langue"),
    "montrer": _("Montrer"), "apres": _("Page"), "avant": _("Page"), "page": _("Page"),
}  # fmt: skip
_FILTERS = {"sujet": "topic", "type": "kind", "etat": "state", LANGUAGE: "lang", "montrer": "mine"}
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SIZE = 24  # bytes: a moment, an id

Mark = tuple[datetime, UUID]
"""Place of a thread in a list: when something was last written, its id."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is asked. ``after``: threads that come after this place in the list (older ones); ``before``: the other way.
    ``page``: of the answer to words. ``ignored``: (name, value)."""

    q: str = ""
    topic: str = ""
    kind: str = ""
    state: str = ""
    lang: str = ""
    mine: str = ""
    after: Mark | None = None
    before: Mark | None = None
    page: int = 1
    ignored: tuple[tuple[str, str], ...] = ()

    def query(self, **changes: Any) -> str:
        """The query string that asks for the same with some fields replaced, from its beginning unless said."""
        asked = replace(self, **{"after": None, "before": None, "page": 1, **changes})
        pairs = [("q", asked.q), *((name, getattr(asked, field)) for name, field in _FILTERS.items())]
        pairs += [("apres", _written(asked.after)), ("avant", _written(asked.before))]
        pairs += [("page", str(asked.page) if asked.page > 1 else "")]
        return urlencode([(name, value) for name, value in pairs if value])

    @property
    def narrowed(self) -> bool:
        """Whether something is asked besides the topic."""
        return bool(self.q or self.kind or self.state or self.lang or self.mine)


def mark(thread: Thread) -> Mark:
    """Where a thread is in the list."""
    return thread.last_at, thread.id


def read(pairs: Iterable[tuple[str, str]], topics: Collection[str] | None, *, signed_in: bool) -> Criteria:
    """Read the parameters of a request.

    :param topics: slugs of the topics that whoever asks may read; None on the page of a topic, which is that topic's.
    """
    return _Reader(pairs).criteria(topics, signed_in)


class _Reader(Asked):
    def criteria(self, topics: Collection[str] | None, signed_in: bool) -> Criteria:
        query = self.meaning(self.words(MAX_QUERY))
        after, before = self._mark("apres"), self._mark("avant")
        return Criteria(
            query,
            "" if topics is None else self._known("sujet", topics),
            self._known("type", [kind.value for kind in ThreadKind]),
            self._known("etat", STATES),
            self._lang(),
            self._known("montrer", MINE if signed_in else ()),
            None if query else after,
            None if query or after else before,
            self.page(MAX_PAGE) if query else 1,
            tuple(self.ignored),
        )

    def _known(self, name: str, values: Collection[str]) -> str:
        value = self.one(name)
        if value and value not in values:
            self.ignore(name, value)
            return ""
        return value

    def _lang(self) -> str:
        value = self.one(LANGUAGE)
        found = langs.tag(value) if value else None
        if value and not found:
            self.ignore(LANGUAGE, value)
        return found or ""

    def _mark(self, name: str) -> Mark | None:
        value = self.one(name)
        found = _mark_of(value) if value else None
        if value and found is None:
            self.ignore(name, value)
        return found


def _written(place: Mark | None) -> str:
    """A place as addresses say it: opaque, nobody writes one by hand."""
    if place is None:
        return ""
    ticks = (place[0] - _EPOCH) // _TICK
    return base64.urlsafe_b64encode(ticks.to_bytes(8, "big", signed=True) + place[1].bytes).decode()


def _mark_of(text: str) -> Mark | None:
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        if len(raw) != _SIZE:
            return None
        return _EPOCH + int.from_bytes(raw[:8], "big", signed=True) * _TICK, UUID(bytes=raw[8:])
    except (UnicodeError, binascii.Error, OverflowError, ValueError):
        return None
