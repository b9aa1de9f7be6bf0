"""New documents of groups, told to their members (``reseau.notices``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.wording import Wording, _
from reseau.groups import services
from reseau.groups.access import in_network
from reseau.groups.addresses import document_path, group_path
from reseau.groups.models import DOCUMENT_KIND, KIND, DocumentKind, GroupDocument, GroupMember, Seen, WorkingGroup
from reseau.groups.words import plain
from reseau.members.models import Person, PersonState
from reseau.members.places import names
from reseau.notices import following, sources
from reseau.notices.models import Notice
from reseau.notices.sources import Candidate, Line, Source
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
        GroupMember.group_id.in_(list(group_ids)), GroupMember.belonging == "in",
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


sources.register(DOCUMENT_KIND, Source(DOCUMENT_KIND, candidates, lines, about=(KIND,)))
