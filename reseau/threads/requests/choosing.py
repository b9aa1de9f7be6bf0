"""Resources that may answer a request."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.wording import _
from resources.base import services
from resources.base.addresses import path_of
from resources.base.models import Resource, State, Visibility
from resources.base.shapes import KIND_LABELS, Kind
from resources.finding import params
from resources.finding.asking import NoAnswer
from resources.finding.search import ResourceSearch

MOST = 8
"""How many are offered."""
NETWORK = _("réservée au réseau")


def found(session: Session, search: ResourceSearch, words: str) -> list[dict[str, str]]:
    """The resources that some words mean, best first, at most ``MOST``: title, language, what it is, where it is."""
    criteria = params.read([("q", words)])
    answer = search.find(criteria, MOST) if criteria.typed else None
    if answer is None:
        return []
    rows = services.by_ids(session, answer.ids)
    return [_line(rows[id_]) for id_ in answer.ids if id_ in rows]


def _line(row: Resource) -> dict[str, str]:
    kept = NETWORK if row.visibility == Visibility.NETWORK.value else ""
    return {"id": str(row.id), "title": row.title, "lang": row.lang, "kind": KIND_LABELS[Kind(row.kind)],
            "path": path_of(row), "kept": kept, "summary": row.summary}  # fmt: skip


def one(session: Session, id_: UUID) -> Resource:
    """A resource of the list. :raises NoAnswer: it is not there any more."""
    row = services.by_ids(session, [id_]).get(id_)
    if row is None:
        raise NoAnswer("absente")
    return row


def readable(row: Resource, network: bool) -> bool:
    """Whether somebody may know it. :param network: they read what is for the network."""
    return row.state == State.PUBLISHED.value and (network or row.visibility == Visibility.PUBLIC.value)
