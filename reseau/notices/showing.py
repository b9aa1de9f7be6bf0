"""What the pages of notices show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.cards import Card, Ref
from reseau.members.models import Person
from reseau.notices import sources
from reseau.notices.models import Notice, Subscription
from reseau.notices.sources import Line
from reseau.settings import Settings


@dataclass(frozen=True, slots=True)
class Item:
    """One notice on the page. ``new``: neither seen in this list nor read where it is."""

    notice: Notice
    line: Line
    new: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What a person was told about one thing, newest first."""

    line: Line
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Followed:
    """Something that a person follows, or does not want to hear of. ``card``: None: they may not know it any more."""

    ref: Ref
    card: Card | None


def groups(session: Session, person: Person, notices: Sequence[Notice], settings: Settings, lang: str) -> list[Group]:
    """What notices say, by what they are about; that of the newest first."""
    lines = sources.lines(session, person, notices, settings, lang)
    found: dict[str, Group] = {}
    for notice in notices:
        if line := lines.get(notice.id):
            group = found.setdefault(line.about_path, Group(line, []))
            group.items.append(Item(notice, line, notice.seen_at is None and not line.read))
    return list(found.values())


def followed(
    session: Session, rows: Iterable[Subscription], *, network: bool, groups: Iterable[UUID]
) -> list[Followed]:
    """Subscriptions with their names; one statement for each kind among them."""
    refs = [(row.object_kind, row.object_id) for row in rows]
    known, owners = cards.by_refs(session, refs), set(groups)
    shown = {ref: card for ref, card in known.items() if card.readable(network, owners)}
    return [Followed(ref, shown.get(ref)) for ref in refs]
