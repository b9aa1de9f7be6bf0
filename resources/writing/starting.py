"""A new resource from a title and a file, and the place in whose name it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.wording import Wording
from resources.base import services
from resources.base.content import Block, Content, ContentError, FileRef
from resources.base.models import FileUse, Resource
from resources.base.sentences import sentence
from resources.base.shapes import BlockKind, Kind
from resources.writing import drafting, room, sending
from resources.writing.forms import NewForm, complain, show_error
from resources.writing.sending import Sent

if TYPE_CHECKING:
    from pyramid.request import Request

#: Where the first file of each kind goes.
_FILE_PART = {Kind.KIT: "avant", Kind.TUTORIEL: "apres", Kind.EXPERIENCE: "outils",
              Kind.OUTIL: "a-savoir", Kind.LIEN: "a-savoir"}  # fmt: skip
#: Where the address goes of what is no tool and no link itself.
_LINK_PART = {Kind.KIT: "plus-loin", Kind.TUTORIEL: "apres", Kind.EXPERIENCE: "outils"}


def start(request: Request, form: NewForm, sent: Sent) -> Resource | None:
    """Keep a draft; None when something is refused: the form says what, and nothing is kept."""
    if sent.refused:
        return None
    session, kind, url = request.db, form.kind, (form.adresse.data or "").strip()
    how = {"by": request.identity.person_id, "now": request.registry["clock"]()}
    content = Content(kind, form.titre.data, url=url if kind in (Kind.OUTIL, Kind.LIEN) else "")
    if url and not content.url:
        content = Content(
            kind, form.titre.data, blocks=(Block("lien", _LINK_PART[kind], BlockKind.LIEN, data={"url": url}),)
        )
    with session.begin_nested() as point:
        try:
            resource = services.create(session, content, structure_id=form.structure_id, **how)
        except ContentError as error:
            point.rollback()
            show_error(form, error, sentence(error, Wording.of(request.lang)), "titre")
            return None
        ref, refused = sending.take(request, resource, sent, "fichier")
        if refused:
            point.rollback()
            complain(form, "fichier", refused)
            return None
        if ref:
            drafting.change(session, resource, drafting.put_block("fichier", "", lambda _: _file(kind, ref)), **how)
    return resource


def _file(kind: Kind, ref: FileRef) -> Block:
    return Block("fichier", _FILE_PART[kind], BlockKind.FICHIER, file=ref)


def give_to(session: Session, resource: Resource, structure_id: UUID | None, now: datetime, quota: int) -> bool:
    """In the name of that place from now on, with its files; None: of nobody but its authors.

    :param quota: bytes of a place. :return: False when nothing changes, or when nobody could write it any more.
    :raises UploadError: the place has no room for its files.
    """
    people = room.who_added(session, resource.id)
    with room.kept(session, resource.title, structure_id, people, quota):
        return _give_to(session, resource, structure_id, now)


def _give_to(session: Session, resource: Resource, structure_id: UUID | None, now: datetime) -> bool:
    services.lock(session, resource)
    if resource.structure_id == structure_id:
        return False
    if structure_id is None and not services.author_ids(session, resource.id):
        return False
    resource.structure_id = structure_id
    for row in session.query(FileUse).filter_by(resource_id=resource.id):
        row.structure_id = structure_id
    session.flush()
    services.touched(session, resource, now)
    return True
