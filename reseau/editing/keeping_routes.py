"""Addresses of what keeps a sheet true: history, conflicts, verification, suggestions; and their contexts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from pyramid.httpexceptions import HTTPGone, HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.core.tokens import read
from reseau.directory import services, suggestions
from reseau.directory.models import Suggestion
from reseau.directory.routes import SHEET, SheetContext
from reseau.editing.reminders import PURPOSE, TOKEN_LASTS
from reseau.web.security import Role

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request


class _Counted(Protocol):
    @property
    def total(self) -> int:
        """Of all pages."""


Found = TypeVar("Found", bound=_Counted)


class SuggestionContext:
    """A suggestion of the address, and the structure that it is about today; read when a view asks for it.

    :raises HTTPNotFound: when it is read and there is none.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def _found(self) -> tuple[Suggestion, UUID]:
        id_ = parse_id(self._request.matchdict["suggestion"])
        found = suggestions.find(self._request.db, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found

    @property
    def suggestion(self) -> Suggestion:
        """What was suggested."""
        return self._found[0]

    @property
    def structure_id(self) -> UUID:
        """The structure in which the roles of whoever asks count."""
        return self._found[1]

    @cached_property
    def sheet(self) -> services.Sheet:
        """That structure."""
        found = services.sheet(self._request.db, self.structure_id)
        if found is None:
            raise HTTPNotFound
        return found


class VerifyLinkContext:
    """The link of a reminder: which sheet, who was asked. Nobody needs to be signed in; who has the link is that
    person.

    :raises HTTPGone: when it is read, and the link is not ours, or older than ``TOKEN_LASTS``.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def token(self) -> str:
        """As it is in the address."""
        return str(self._request.matchdict["token"])

    @cached_property
    def _read(self) -> tuple[UUID, UUID]:
        now = self._request.registry["clock"]()
        found = read(self._request.config.secret, PURPOSE, self.token, TOKEN_LASTS, now)
        if not isinstance(found, list) or len(found) != 3:
            raise HTTPGone
        structure_id, person_id = (parse_id(str(part)) for part in found[:2])
        if structure_id is None or person_id is None:
            raise HTTPGone
        return structure_id, person_id

    @property
    def person_id(self) -> UUID:
        """Who was asked."""
        return self._read[1]

    @cached_property
    def sheet(self) -> services.Sheet:
        """The place, where it is today."""
        found = services.sheet(self._request.db, self._read[0])
        if found is not None and found.moved_to:
            found = services.sheet(self._request.db, found.moved_to[0])
        if found is None:
            raise HTTPGone
        return found

    @property
    def structure_id(self) -> UUID:
        """The structure that is verified."""
        id_: UUID = self.sheet.row["id"]
        return id_


def scope(request: Request) -> list[UUID] | None:
    """Whose work whoever asks sees on the desk: None for all of it (coordination), else the places they refer to."""
    identity = request.identity
    if identity is None:
        return []
    return None if Role.COORDINATOR in identity.roles else list(identity.refers_to)


def paged(request: Request, size: int, read: Callable[[int], Found]) -> tuple[Found, int, int]:
    """(what is on the page that is asked for, its number, how many there are); of one that is not there, the nearest.

    :param read: gives the rows from an offset on, with the total; asked once, and again only for such a page.
    """
    text = request.GET.get("page", "1")
    asked = max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    found = read((asked - 1) * size)
    pages = max(1, -(-found.total // size))
    if asked > pages:
        asked, found = pages, read((pages - 1) * size)
    return found, asked, pages


def includeme(config: Configurator) -> None:
    """All routes of this half of the room."""
    change = "/historique/{change:" + UUID_PATTERN + "}/remettre"
    for name, suffix in (
        ("editing.history", "/historique"),
        ("editing.restore", change),
        ("editing.conflicts", "/ecarts"),
        ("editing.verify", "/verifier"),
        ("editing.rhythm", "/rythme"),
        ("editing.suggest", "/signaler"),
    ):
        config.add_route(name, SHEET + suffix, factory=SheetContext)
    config.add_route("editing.verify.link", "/verifier/{token:[A-Za-z0-9._-]{20,2000}}", factory=VerifyLinkContext)
    config.add_route("editing.desk.conflicts", "/gestion/ecarts")
    config.add_route("editing.desk.suggestions", "/gestion/suggestions")
    one = "/gestion/suggestions/{suggestion:" + UUID_PATTERN + "}"
    for name, suffix in (
        ("editing.suggestion", ""),
        ("editing.suggestion.accept", "/accepter"),
        ("editing.suggestion.done", "/fait"),
        ("editing.suggestion.refuse", "/refuser"),
    ):
        config.add_route(name, one + suffix, factory=SuggestionContext)
