"""New documents of groups, told to their members (``reseau.notices``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.wording import Wording, _
from reseau.groups import services
from reseau.groups.access import in_network
from reseau.groups.addresses import document_path, group_path
from reseau.groups.models import (
    DOCUMENT_KIND,
    KIND,
    Belonging,
    DocumentKind,
    GroupDocument,
    GroupMember,
    Seen,
    WorkingGroup,
)
from reseau.groups.words import plain
from reseau.members.models import Membership, Person, PersonState
from reseau.members.places import names
from reseau.notices import following, sources
from reseau.notices.models import Notice
from reseau.notices.sources import Candidate, Line, Pair, Source, Stop
from reseau.settings import Settings

PREFERENCE, REASON, FIRST_WORDS = "groupes", "groupe", 200


def candidates(session: Session, ids: Sequence[UUID], _now: datetime) -> Iterator[Candidate]:
    """The members of the group when the document was written, but who wrote it and who wants to hear nothing."""
    row = GroupDocument
    wanted = sa.select(row.id, row.group_id, row.created_by, row.created_at).where(row.id.in_(list(ids)))
    documents = session.execute(wanted.order_by(row.created_at, row.id)).all()
    groups = {one.group_id for one in documents}
    inside = _since(session, groups)
    muted = following.muted(session, [(KIND, group_id) for group_id in sorted(groups)])
    for one in documents:
        about = (KIND, one.group_id)
        for person_id, since in sorted(inside.get(one.group_id, {}).items()):
            if person_id != one.created_by and since <= one.created_at and about not in muted.get(person_id, ()):
                yield Candidate(person_id, PREFERENCE, REASON, (DOCUMENT_KIND, one.id), about, one.created_at)


def _since(session: Session, group_ids: Collection[UUID]) -> dict[UUID, dict[UUID, datetime]]:
    """Group → member who is there → since when."""
    found: dict[UUID, dict[UUID, datetime]] = {}
    wanted = sa.select(GroupMember.group_id, GroupMember.person_id, GroupMember.since)
    wanted = wanted.join(Person, Person.id == GroupMember.person_id).where(
        GroupMember.group_id.in_(list(group_ids)), GroupMember.belonging == Belonging.IN.value,
        Person.state == PersonState.ACTIVE.value,
    )  # fmt: skip
    for group_id, person_id, since in session.execute(wanted) if group_ids else ():
        found.setdefault(group_id, {})[person_id] = since
    return found


def lines(
    session: Session, person: Person, notices: Sequence[Notice], _settings: Settings, lang: str
) -> Mapping[UUID, Line]:
    """What a new document looks like today, to who may still read it."""
    row, say = GroupDocument, Wording.of(lang)
    ids = [notice.object_id for notice in notices]
    wanted = sa.select(row, WorkingGroup).join(WorkingGroup, WorkingGroup.id == row.group_id).where(row.id.in_(ids))
    known = {document.id: (document, group) for document, group in session.execute(wanted)}
    mine, network = services.mine(session, person.id), in_network(session, person)
    wrote = names(session, (document.created_by for document, _group in known.values()))
    found = {}
    for notice in notices:
        document, group = known.get(notice.object_id, (None, None))
        if document is None or group is None:
            continue
        open_to = group.seen == Seen.PUBLIC.value or (group.seen == Seen.NETWORK.value and network)
        if group.id in mine or open_to or "coordinator" in person.roles:
            author = wrote.get(document.created_by, "") if document.created_by else ""
            found[notice.id] = _line(document, group, author, say)
    return found


def _line(document: GroupDocument, group: WorkingGroup, author: str, say: Wording) -> Line:
    minutes = document.kind == DocumentKind.MINUTES.value
    said: Any = _("Nouveau compte rendu du groupe « %(group)s »") if minutes else _(
        "Nouvelle page du groupe « %(group)s »"
    )  # fmt: skip
    return Line(
        document.title, document.lang, document_path(group.slug, document.slug), group_path(group.slug),
        say.gettext(said, group=group.name), text=plain(document.text, FIRST_WORDS), text_lang=document.lang,
        author=author,
    )  # fmt: skip


def readers(session: Session, pairs: Collection[Pair]) -> set[Pair]:
    """Those of the (person, group) where the person may read the documents of the group today; three statements."""
    people, ids = {person_id for person_id, _ in pairs}, {about[1] for _, about in pairs}
    inside = _since(session, ids)
    placed = sa.exists().where(Membership.person_id == Person.id)
    wanted = sa.select(Person.id, Person.roles, placed)
    active = wanted.where(Person.id.in_(people), Person.state == PersonState.ACTIVE.value)
    rows = session.execute(active).all()
    network = {id_: bool(place or roles) for id_, roles, place in rows}
    coordinate = {id_ for id_, roles, _ in rows if "coordinator" in roles}
    groups = sa.select(WorkingGroup.id, WorkingGroup.seen).where(WorkingGroup.id.in_(ids))
    seen = {row[0]: row[1] for row in session.execute(groups)}
    return {
        (id_, about)
        for id_, about in pairs
        if id_ in network and (known := seen.get(about[1]))
        and (known == Seen.PUBLIC.value or (known == Seen.NETWORK.value and network[id_])
             or id_ in coordinate or id_ in inside.get(about[1], ()))
    }  # fmt: skip


def shown(session: Session, refs: Collection[Ref]) -> set[Ref]:
    """Those of the documents that are there; one statement."""
    wanted = sa.select(GroupDocument.id).where(GroupDocument.id.in_({id_ for _, id_ in refs}))
    return {(DOCUMENT_KIND, id_) for id_ in session.scalars(wanted)}


_STOP = Stop(
    _("Ne plus suivre ce groupe"), _("Vous ne recevrez plus de mail pour les pages et les comptes rendus de ce groupe.")
)
sources.register(DOCUMENT_KIND, Source(DOCUMENT_KIND, candidates, lines, shown, KIND, readers, _STOP))
