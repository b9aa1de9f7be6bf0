"""The working groups of the demonstration, from ``starter.toml``; once, however often it is called."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.db import site_day
from reseau.core.ids import new_id
from reseau.groups import documents, services
from reseau.groups.documents import Writing
from reseau.groups.models import KIND, DocumentKind, GroupMember, WorkingGroup
from reseau.notices import following

STARTER = Path(__file__).with_name("starter.toml")
Created = Callable[[Session, WorkingGroup, datetime], object]


def load(
    session: Session, people: Mapping[str, UUID], now: datetime, created: Sequence[Created] = ()
) -> list[WorkingGroup]:
    """Make the groups that are not there. :param people: who plays which part (``coordination``, ``mediatrice``,
    ``referent``, ``cpts``); parts that nobody plays are left out. :param created: told of each new group, as
    ``registry["group.created"]``. :return: the new groups.
    """
    made = []
    for entry in tomllib.loads(STARTER.read_text(encoding="utf-8"))["group"]:
        if services.find(session, entry["slug"]) is None:
            group = _group(session, entry, people, now)
            for told in created:
                told(session, group, now)
            made.append(group)
    return made


def _group(session: Session, entry: Mapping[str, Any], people: Mapping[str, UUID], now: datetime) -> WorkingGroup:
    first = now - timedelta(days=max(one["days_ago"] for one in entry["document"]) + 7)
    animators, members = (
        [people[part] for part in entry[field] if part in people] for field in ("animators", "members")
    )
    group = services.create(
        session, entry["name"], entry["slug"], by=animators[0] if animators else None, now=first,
        description=entry["description"].strip(), seen=entry["seen"], joining=entry["joining"],
        animators=dict.fromkeys(animators),
    )  # fmt: skip
    inside = list(dict.fromkeys((*animators, *members)))
    session.add_all(
        GroupMember(group_id=group.id, person_id=one, since=first) for one in inside if one not in animators
    )
    session.flush()
    for person_id in inside:
        following.join(session, person_id, (KIND, group.id), first)
    for number, one in enumerate(entry["document"]):
        kind, at = DocumentKind(one["kind"]), now - timedelta(days=one["days_ago"])
        day = site_day(session, at).isoformat() if kind is DocumentKind.MINUTES else ""
        writing = Writing(one["title"], one["text"].strip(), "fr", day)
        by = inside[number % len(inside)] if inside else None
        documents.create(session, group.id, kind, writing, id_=new_id(), by=by, now=at)
    return group
