"""Files of a message that is being written: attached at once to the message that it will be, so that nothing is chosen
twice when a form comes back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.files import SHA
from reseau.core.wording import Wording, _
from reseau.threads.base.access import LISTED
from reseau.threads.base.models import Post, PostState, Thread, Topic, TopicSeen
from reseau.threads.base.shapes import MAX_FILES
from resources.base.models import AttachedFile
from resources.files import attached
from resources.files.attached import Attached
from resources.files.errors import UploadError, sentence

if TYPE_CHECKING:
    from pyramid.request import Request

OWNER = "post"
FIELD, REMOVE = "fichiers", "retirer"
TOO_MANY = _("%(most)s fichiers au plus par message. Celui-ci n’a pas été ajouté : « %(name)s ».")


def existing(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """The posts among these ids."""
    return set(session.scalars(sa.select(Post.id).where(Post.id.in_(list(ids)))))


attached.register(OWNER, existing)


def mine(session: Session, id_: UUID, person_id: UUID) -> list[Attached]:
    """The files that a person gave to a message; those of others under that id, if there are, are not told."""
    return [one for one in attached.of(session, OWNER, [id_]).get(id_, []) if one.added_by == person_id]


def change(
    request: Request, id_: UUID, structure_id: UUID | None, removed: Sequence[str], beside: Collection[str] = ()
) -> str:
    """Take away the files that were ticked, attach those that came.

    :param beside: SHA-256 of files that the message has elsewhere: they count. :return: why one was refused, or "".
    """
    session, person_id = request.db, request.identity.person_id
    have = {one.ref.sha for one in mine(session, id_, person_id)}
    for sha in removed:
        if SHA.fullmatch(sha) and sha in have:
            attached.detach(session, (OWNER, id_), sha)
            have.discard(sha)
    wording = Wording.of(request.lang)
    if request.upload.error:
        return sentence(request.upload.error, wording)
    return _add(request, (OWNER, id_), structure_id, have | set(beside))


def _add(request: Request, owner: Ref, structure_id: UUID | None, have: set[str]) -> str:
    wording, registry, said = Wording.of(request.lang), request.registry, ""
    for field, staged, name in request.upload.files:
        if field != FIELD:
            continue
        if len(have) >= MAX_FILES and staged.sha not in have:
            said = said or wording.gettext(TOO_MANY, most=MAX_FILES, name=name)
            continue
        try:
            ref = attached.attach(
                request.db, registry["files"], owner, staged, name, request.identity.person_id, structure_id,
                registry["clock"](), registry["files.limits"], inspected=True,
            )  # fmt: skip
        except UploadError as error:
            said = said or sentence(error, wording)
        else:
            have.add(ref.sha)
    return said


def waiting_id(post_id: UUID) -> UUID:
    """Under which id the new files of a message wait until its change is saved: nobody reads them before."""
    return uuid5(post_id, "modifier")


def settle(session: Session, post_id: UUID, removed: Collection[str]) -> None:
    """A change is saved: the files that its author ticked go, those that waited come."""
    row, waiting = AttachedFile, waiting_id(post_id)
    for sha in removed:
        attached.detach(session, (OWNER, post_id), sha)
    of_kind = row.owner_kind == OWNER
    there = sa.select(row.sha).where(of_kind, row.owner_id == post_id)
    twice = of_kind & (row.owner_id == waiting) & row.sha.in_(list(session.scalars(there)))
    session.execute(sa.delete(row).where(twice))
    session.execute(sa.update(row).where(of_kind, row.owner_id == waiting).values(owner_id=post_id))


def drop_all(session: Session, id_: UUID) -> None:
    """The message was taken away: so are its files."""
    for owner_id, files in attached.of(session, OWNER, [id_, waiting_id(id_)]).items():
        for one in files:
            attached.detach(session, (OWNER, owner_id), one.ref.sha)


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
