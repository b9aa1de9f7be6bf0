"""What a publication would change for readers, section by section."""

from __future__ import annotations

from dataclasses import dataclass

from reseau.core.wording import _
from resources.base.content import Block, Content
from resources.writing import drafting

WORDS = {"new": _("ajouté"), "changed": _("modifié"), "gone": _("supprimé"), "moved": _("déplacé")}


@dataclass(frozen=True, slots=True)
class Going:
    """A section that changes. ``what``: a code of ``WORDS``. ``block``: None for a field of the header, ``name``."""

    what: str
    block: Block | None = None
    name: str = ""


def outgoing(before: Content, after: Content) -> list[Going]:
    """What differs between what readers see and what they would see, in the order of the page; then what goes."""
    found = [
        Going("changed", name=name) for name in drafting.HEADER_FIELDS if getattr(before, name) != getattr(after, name)
    ]
    order = [block.key for block in after.blocks if before.block(block.key)]
    former = [block.key for block in before.blocks if after.block(block.key)]
    for block in after.blocks:
        old = before.block(block.key)
        if old is None:
            found.append(Going("new", block))
        elif drafting.mark(old) != drafting.mark(block):
            found.append(Going("changed", block))
        elif old.part != block.part or order.index(block.key) != former.index(block.key):
            found.append(Going("moved", block))
    return found + [Going("gone", block) for block in before.blocks if after.block(block.key) is None]
