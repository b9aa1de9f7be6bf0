"""What an object of the site is called and where it is, whoever keeps it: a place, a kit, a thread, a working group.

Rooms register how to find theirs, so that one room can name an object of another without knowing it: the object of a
thread, a link in a message, what a notice is about. Nothing is ever fetched from another site.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

Visibility = Literal["public", "network", "members"]
Ref = tuple[str, UUID]
"""(kind, id) of an object."""


@dataclass(frozen=True, slots=True)
class Card:
    """An object as others show it.

    :param title: in the language ``lang``. :param path: in the site, without the site's name.
    :param label: what it is, a French msgid (``Kit``). :param note: one more word, as it is (a commune), or "".
    :param visibility: who may know its title; ``members``: only who belongs to ``owner_id``.
    :param structure_id: the place that it is, or is of. :param procedures: codes of the health procedures it is about.
    """

    kind: str
    id: UUID
    title: str
    path: str
    label: str
    lang: str = "fr"
    note: str = ""
    visibility: Visibility = "public"
    owner_id: UUID | None = None
    structure_id: UUID | None = None
    procedures: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref:
        """Its kind and id."""
        return self.kind, self.id

    def readable(self, network: bool, owners: Collection[UUID] = ()) -> bool:
        """Whether somebody may know it. :param network: they are of the network. :param owners: what they belong to."""
        if self.visibility == "members":
            return self.owner_id in owners
        return self.visibility == "public" or network


ByIds = Callable[[Session, Collection[UUID]], Mapping[UUID, Card]]
ByPaths = Callable[[Session, Collection[str]], Mapping[str, Card]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """How a room finds its objects: one statement at most, none for none. ``by_paths`` passes over what is not its."""

    by_ids: ByIds
    by_paths: ByPaths


_KEEPERS: dict[str, Keeper] = {}


def register(kind: str, by_ids: ByIds, by_paths: ByPaths) -> None:
    """Called where the objects are defined. Objects that nobody may read any more are left out by both functions."""
    _KEEPERS[kind] = Keeper(by_ids, by_paths)


def keeps(kind: str) -> bool:
    """Whether a room has registered what objects of a kind are called, and so who may know them."""
    return kind in _KEEPERS


def by_refs(session: Session, refs: Iterable[Ref]) -> dict[Ref, Card]:
    """The cards of some objects; one statement for each kind among them."""
    wanted: dict[str, set[UUID]] = {}
    for kind, id_ in refs:
        wanted.setdefault(kind, set()).add(id_)
    return {
        card.ref: card
        for kind, ids in sorted(wanted.items())
        if kind in _KEEPERS
        for card in _KEEPERS[kind].by_ids(session, ids).values()
    }


def by_paths(session: Session, paths: Collection[str]) -> dict[str, Card]:
    """Path of the site → card, for those that lead to an object; one statement at most for each kind."""
    found: dict[str, Card] = {}
    for _, keeper in sorted(_KEEPERS.items()) if paths else ():
        found |= keeper.by_paths(session, paths)
    return found
