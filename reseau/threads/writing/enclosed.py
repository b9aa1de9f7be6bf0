"""Files of a message that is being written: what a form takes, whose they are, who reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.wording import _
from reseau.threads.base.access import LISTED
from reseau.threads.base.models import POST_KIND, Post, PostState, Thread, Topic, TopicSeen
from reseau.threads.base.shapes import MAX_FILES
from resources.files import forming
from resources.files.attached import Attached
from resources.files.forming import Terms
from resources.files.serving import picture_address

if TYPE_CHECKING:
    from pyramid.request import Request

OWNER = POST_KIND
FIELD, REMOVE = "fichiers", "retirer"
TERMS = Terms(FIELD, MAX_FILES, _("%(most)s fichiers au plus par message. Celui-ci n’a pas été ajouté : « %(name)s »."))


@dataclass(frozen=True, slots=True)
class Shown:
    """A file, in a preview. ``picture``: where it is shown, if it is an image."""

    name: str
    picture: str
    width: int
    height: int

    @classmethod
    def of(cls, one: Attached, root: str) -> Shown:
        """As readers will see it. :param root: where the site is mounted."""
        picture = one.about.type is not None and one.about.type.picture
        where = root + picture_address(one.ref) if picture else ""
        return cls(one.ref.name, where, one.about.width or 0, one.about.height or 0)


def existing(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """The posts among these ids."""
    return set(session.scalars(sa.select(Post.id).where(Post.id.in_(list(ids)))))


forming.register(OWNER, existing)


def own_id(session: Session, id_: UUID, person_id: UUID) -> bool:
    """Whether a form of somebody may bring a message and files under an id: it is neither that of somebody else's
    message, nor one under which somebody else has brought files. Two statements at most."""
    known = session.get(Post, id_)
    return known.author_id == person_id if known else not forming.theirs(session, (OWNER, id_), person_id)


def readers(request: Request, ids: Collection[UUID]) -> str | None:
    """Whether whoever asks may have a file of these posts: ``public`` (everybody may), ``private`` (they may), None."""
    rows: Any = request.db.execute(
        sa.select(Post, Thread, Topic.seen)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Topic, Topic.id == Thread.topic_id)
        .where(Post.id.in_(list(ids)), Post.state != PostState.DELETED.value)
    )
    reader, best = request.reader, None
    for post, thread, seen in rows:
        shown = post.state == PostState.SHOWN.value
        own = reader.person_id is not None and post.author_id == reader.person_id
        if not reader.reads(thread) or not (shown or own or reader.moderates):
            continue
        if shown and seen == TopicSeen.PUBLIC.value and thread.state in LISTED:
            return "public"
        best = "private"
    return best
