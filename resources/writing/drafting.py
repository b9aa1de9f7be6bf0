"""What authors do to a draft: each change is made to what the draft is *now*, under a lock.

Whoever changes a block says which text of it they had read (``mark``): if it is another by then, it is a clash, and
nothing is written. Two people who write different blocks do not meet.

Blocks that were removed lately are kept beside the draft (``Resource.removed``), to be put back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.members.models import Draft
from resources.base import provided, services
from resources.base.content import Block, Content, fresh_key, from_json
from resources.base.models import Resource, State
from resources.base.shapes import PLURALS, BlockKind, Kind, part_of

#: How many removed blocks can be put back.
KEPT = 5
#: What the form of the header writes.
HEADER_FIELDS = (
    "title", "summary", "themes", "demarches", "publics", "supports", "niveau", "licence", "duree", "groupe",
    "territoire", "periode", "url", "credits", "verifier_tous_les", "lang",
)  # fmt: skip
Edit = Callable[[Content], Content]


class BlockClash(Exception):
    """Somebody else changed the block, or removed it (None), since it was read."""

    def __init__(self, theirs: Block | None) -> None:
        super().__init__("the block has changed")
        self.theirs = theirs


class HeaderClash(Exception):
    """Somebody else changed the header since it was read. ``theirs``: the content as it is now."""

    def __init__(self, theirs: Content) -> None:
        super().__init__("the header has changed")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that was removed. ``after``: key of the block before it in its part, "" for the first."""

    block: Block
    after: str


def mark(block: Block | None) -> str:
    """Of everything that an author writes in a block; "" for none."""
    if block is None:
        return ""
    return _digest({name: value for name, value in asdict(block).items() if name not in ("same_as", "part")})


def header_mark(content: Content) -> str:
    """Of everything that an author writes in the header."""
    return _digest({name: getattr(content, name) for name in HEADER_FIELDS})


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]


# --- Writing ---------------------------------------------------------------------------------------------------------


def change(session: Session, resource: Resource, edit: Edit, *, by: UUID | None, now: datetime) -> Content:
    """Make a change to what the draft is now.

    :raises ContentError: it cannot be kept. :raises BlockClash: by ``edit``. :raises HeaderClash: by ``edit``.
    """
    services.lock(session, resource)
    content = edit(services.working(session, resource))
    services.save_draft(session, resource, content, seen_rev=None, by=by, now=now)
    if resource.version == 0:
        resource.lang = content.lang
    session.flush()
    return services.working(session, resource)


def has_draft(session: Session, resource_id: UUID) -> bool:
    """Whether something was written since the last version, without reading it."""
    wanted = sa.select(Resource.draft.is_not(None)).where(Resource.id == resource_id)
    return bool(session.execute(wanted).scalar())


def put_header(seen: str, values: Mapping[str, Any]) -> Edit:
    """Write fields of the header. :param seen: ``header_mark`` of what was read."""

    def edit(content: Content) -> Content:
        if header_mark(content) != seen:
            raise HeaderClash(content)
        return replace(content, **values)

    return edit


def put_block(key: str, seen: str, make: Callable[[Block | None], Block]) -> Edit:
    """Write a block, at the end of its part when it is new there. :param seen: ``mark`` of what was read; "": it was
    not there."""

    def edit(content: Content) -> Content:
        current = content.block(key)
        if mark(current) != seen:
            raise BlockClash(current)
        made = make(current)
        if current is None or current.part != made.part:
            return replace(content, blocks=(*(one for one in content.blocks if one.key != key), made))
        return replace(content, blocks=tuple(made if one.key == key else one for one in content.blocks))

    return edit


def move(key: str, *, up: bool) -> Edit:
    """One place up or down in its part."""

    def edit(content: Content) -> Content:
        block = content.block(key)
        if block is None:
            return content
        mates = content.part(block.part)
        at = mates.index(block)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(mates):
            return content
        mates[at], mates[to] = mates[to], mates[at]
        return _with_part(content, block.part, mates)

    return edit


def place(key: str, part: str, before: str) -> Edit:
    """Put a block before another of ``part``, "" for its end; a part that does not hold its kind changes nothing."""

    def edit(content: Content) -> Content:
        block, wanted = content.block(key), part_of(content.kind, part)
        if block is None or wanted is None or block.kind not in wanted.kinds or before == key:
            return content
        rest = replace(content, blocks=tuple(one for one in content.blocks if one.key != key))
        mates = rest.part(part)
        at = next((rank for rank, one in enumerate(mates) if one.key == before), len(mates))
        mates.insert(at, replace(block, part=part))
        return _with_part(rest, part, mates)

    return edit


def duplicate(key: str, new_key: str) -> Edit:
    """The same block once more, after it, under a new key."""

    def edit(content: Content) -> Content:
        block = content.block(key)
        if block is None:
            return content
        mates = content.part(block.part)
        mates.insert(mates.index(block) + 1, replace(block, key=new_key, same_as=()))
        return _with_part(content, block.part, mates)

    return edit


def _with_part(content: Content, part: str, blocks: list[Block]) -> Content:
    """With these blocks in a part, in this order; ``checked`` puts parts in order."""
    return replace(content, blocks=(*(one for one in content.blocks if one.part != part), *blocks))


def new_key(content: Content, part: str, kind: BlockKind, title: str) -> str:
    """A key for a new block: from its title, else from its kind."""
    return fresh_key(content, title or (kind.value if kind is not BlockKind.TEXTE else part))


# --- Removing and putting back ----------------------------------------------------------------------------------------


def remove(session: Session, resource: Resource, key: str, seen: str, *, by: UUID | None, now: datetime) -> Block:
    """Take a block out; it can be put back.

    :raises BlockClash: somebody changed it since it was read, or it is gone.
    """
    services.lock(session, resource)
    content = services.working(session, resource)
    block = content.block(key)
    if block is None or mark(block) != seen:
        raise BlockClash(block)
    mates = content.part(block.part)
    at = mates.index(block)
    plain = replace(content, blocks=(block,)).to_json()["blocks"][0]
    gone = {"block": plain, "after": mates[at - 1].key if at else ""}
    kept = [gone, *_kept(resource)][:KEPT]
    rest = tuple(one for one in content.blocks if one.key != key)
    change(session, resource, lambda now_: replace(now_, blocks=rest), by=by, now=now)
    resource.removed = {"blocks": kept}
    session.flush()
    return block


def _kept(resource: Resource) -> list[dict[str, Any]]:
    return list((resource.removed or {}).get("blocks") or [])


def removed(resource: Resource) -> list[Removed]:
    """What can be put back, the last one first."""
    found = []
    for one in _kept(resource):
        content = from_json({"kind": resource.kind, "title": "x", "blocks": [one["block"]]})
        found.append(Removed(content.blocks[0], one["after"]))
    return found


def put_back(session: Session, resource: Resource, key: str, *, by: UUID | None, now: datetime) -> Block | None:
    """Put a removed block back where it was. :return: None when it is not among those kept."""
    services.lock(session, resource)
    one = next((one for one in removed(resource) if one.block.key == key), None)
    if one is None:
        return None
    rest = [other for other in _kept(resource) if other["block"]["key"] != key]

    def edit(content: Content) -> Content:
        back = one.block if content.block(key) is None else replace(one.block, key=fresh_key(content, key))
        mates = content.part(back.part)
        at = next((rank + 1 for rank, mate in enumerate(mates) if mate.key == one.after), 0)
        mates.insert(at, back)
        return _with_part(content, back.part, mates)

    change(session, resource, edit, by=by, now=now)
    resource.removed = {"blocks": rest} if rest else None
    session.flush()
    return one.block


# --- The whole -------------------------------------------------------------------------------------------------------


def discard_changes(session: Session, resource: Resource, now: datetime) -> bool:
    """Throw away what was written since the last version, and the question to publish it. :return: False when it was
    never published."""
    row = provided.lock(session, resource)
    if resource.version == 0:
        return False
    provided.give_up(session, row)
    resource.draft, resource.draft_at, resource.removed = None, now, None
    resource.review_at = resource.review_by = resource.review = None
    resource.draft_rev += 1
    session.flush()
    return True


def delete(session: Session, resource: Resource) -> bool:
    """Delete a draft that was never published, for good. :return: False when it was published once: it is withdrawn
    instead, since others may have copied it or linked to it."""
    services.lock(session, resource)
    if resource.version or resource.state not in (State.DRAFT.value, State.REVIEW.value):
        return False
    # What people had typed in its forms: another resource may have its address one day.
    below = "/".join(("", PLURALS[Kind(resource.kind)], resource.slug, ""))
    session.execute(sa.delete(Draft).where(Draft.path.contains(below, autoescape=True)))
    session.delete(resource)
    session.flush()
    return True
