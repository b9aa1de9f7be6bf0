"""What keeps a draft from being published, beyond what every content needs: empty blocks, the title of its original;
and what is only said: links that not everybody may follow."""

from __future__ import annotations

from sqlalchemy.orm import Session

from reseau.core.vocabularies import fold
from reseau.core.wording import _
from resources.base import services
from resources.base.content import Block, Content, ContentError, missing_to_publish
from resources.base.models import Resource, State, Visibility
from resources.base.shapes import BlockKind

#: Codes of errors of this module → sentence.
SENTENCES = {
    "empty-block": _("Ce bloc est vide. Complétez-le, ou supprimez-le."),
    "same-title": _(
        "Cette copie a le titre de son original. Donnez-lui un autre titre, pour qu’on ne les confonde pas."
    ),
}
LINKS = {
    "network": _("Ce lien ne sera vu que par les personnes du réseau."),
    # Also of what is not there at all: nobody finds out which drafts there are.
    "unpublished": _("Ce lien ne sera vu que par les personnes qui écrivent cette ressource : elle n’est pas publiée."),
}
#: What a block of a kind is there for: a fact, or its file.
_FOR = {BlockKind.LIEN: "url", BlockKind.RESSOURCE: "ressource", BlockKind.FICHIER: ""}


def is_empty(block: Block) -> bool:
    """Whether a reader would find nothing in it."""
    if block.text or block.note or block.image:
        return False
    if block.kind in _FOR:
        return not (block.data.get(_FOR[block.kind]) if _FOR[block.kind] else block.file)
    facts = {name: value for name, value in block.data.items() if name not in ("layout", "role", "consentement")}
    return not (block.title or block.file or facts)


def lacks(session: Session, resource: Resource, content: Content) -> list[ContentError]:
    """What a draft lacks to be published; each with a code of this module or of ``base.sentences``."""
    found = missing_to_publish(content)
    found += [ContentError("empty-block", block.key) for block in content.blocks if is_empty(block)]
    return found + ([ContentError("same-title")] if _has_the_title_of_its_original(session, resource, content) else [])


def _has_the_title_of_its_original(session: Session, copy: Resource, content: Content) -> bool:
    if copy.origin_id is None:
        return False
    origin = services.by_ids(session, [copy.origin_id]).get(copy.origin_id)
    return origin is not None and fold(origin.title) == fold(content.title)


def hidden_links(session: Session, content: Content, visibility: Visibility) -> list[tuple[Block, str]]:
    """(block, code of ``LINKS``) of those that name a resource which not all readers of this one may read."""
    blocks = [block for block in content.blocks if block.data.get("ressource")]
    known = services.by_refs(session, [block.data["ressource"] for block in blocks])
    found = []
    for block in blocks:
        row = known.get(block.data["ressource"])
        if row is None or row.state != State.PUBLISHED.value:
            found.append((block, "unpublished"))
        elif row.visibility == Visibility.NETWORK.value and visibility is Visibility.PUBLIC:
            found.append((block, "network"))
    return found
