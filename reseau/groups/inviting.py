"""Invitations to groups among the notifications of the site; their mail is sent at once (``mailing``), not by these."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.cards import Ref
from reseau.core.db import insert
from reseau.core.ids import new_id
from reseau.core.wording import Wording, _
from reseau.groups.addresses import group_path
from reseau.groups.models import Belonging, GroupMember, WorkingGroup
from reseau.members.models import Person
from reseau.notices import sources
from reseau.notices.models import Notice, NoticeState
from reseau.notices.sources import Candidate, Line, Pair, Source, Stop
from reseau.settings import Settings

KIND, PREFERENCE, REASON = "group-invitation", "groupes", "groupe"


def tell(session: Session, group_id: UUID, person_id: UUID, now: datetime) -> None:
    """Somebody is invited: once for a person and group, new again when they are invited again."""
    row = {"id": new_id(), "person_id": person_id, "kind": PREFERENCE, "reason": REASON, "object_kind": KIND,
           "object_id": group_id, "about_kind": KIND, "about_id": group_id, "at": now, "due_at": None,
           "state": NoticeState.WAITING.value}  # fmt: skip
    once = insert(session, Notice).values(row)
    session.execute(
        once.on_conflict_do_update(
            index_elements=["person_id", "object_kind", "object_id"],
            set_={"at": now, "seen_at": None, "state": NoticeState.WAITING.value},
        )
    )


def _nobody(_session: Session, _ids: Sequence[UUID], _now: datetime) -> Iterator[Candidate]:
    """Nothing of the log: ``tell`` is called."""
    return iter(())


def lines(
    session: Session, person: Person, notices: Sequence[Notice], _settings: Settings, lang: str
) -> Mapping[UUID, Line]:
    """The invitations that wait for an answer."""
    wanted = sa.select(WorkingGroup).join(GroupMember, GroupMember.group_id == WorkingGroup.id)
    waits = GroupMember.person_id == person.id, GroupMember.belonging == Belonging.INVITED.value
    ids = [notice.object_id for notice in notices]
    rows = session.scalars(wanted.where(*waits, WorkingGroup.id.in_(ids), WorkingGroup.archived_at.is_(None)))
    known = {group.id: group for group in rows}
    said = Wording.of(lang).gettext(_("On vous invite dans ce groupe."))
    return {
        notice.id: Line(group.name, group.lang, group_path(group.slug), group_path(group.slug), said)
        for notice in notices
        if (group := known.get(notice.object_id))
    }


def shown(session: Session, refs: Collection[Ref]) -> set[Ref]:
    """Those of the groups that are there; one statement."""
    wanted = sa.select(WorkingGroup.id).where(WorkingGroup.id.in_({id_ for _kind, id_ in refs}))
    return {(KIND, id_) for id_ in session.scalars(wanted)}


def readers(session: Session, pairs: Collection[Pair]) -> set[Pair]:
    """Those who are invited still; one statement."""
    wanted = sa.select(GroupMember.person_id, GroupMember.group_id).where(
        GroupMember.person_id.in_({person_id for person_id, _about in pairs}),
        GroupMember.group_id.in_({about[1] for _person, about in pairs}),
        GroupMember.belonging == Belonging.INVITED.value,
    )  # fmt: skip
    known = {(person_id, group_id) for person_id, group_id in session.execute(wanted)}
    return {(person_id, about) for person_id, about in pairs if (person_id, about[1]) in known}


_STOP = Stop(
    _("Ne plus suivre ce groupe"), _("Vous ne recevrez plus de mail pour les pages et les comptes rendus de ce groupe.")
)
sources.register(KIND, Source(KIND, _nobody, lines, shown, KIND, readers, _STOP))
