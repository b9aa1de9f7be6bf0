"""Resources that a block may name: meant by an address or by words."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from resources.base import services
from resources.base.addresses import parse_path
from resources.base.models import Resource, State, Visibility
from resources.base.shapes import Kind
from resources.finding import params
from resources.finding.search import ResourceSearch

#: How many are offered.
MOST = 20


def named(session: Session, text: str, script_name: str = "") -> Resource | None:
    """The resource of an address, of this site or typed without it, or of ``kind/slug`` as blocks name it."""
    path = urlsplit(text.strip()).path.removeprefix(script_name)
    if found := parse_path("/" + "/".join(path.strip("/").split("/")[:2])):
        return services.find(session, *found)
    kind, _, slug = path.strip("/").partition("/")
    return services.find(session, kind, slug) if slug and kind in set(Kind) else None


def found(
    session: Session, search: ResourceSearch, text: str, but: UUID, *, network: bool, script_name: str = ""
) -> list[Resource]:
    """What an address or words mean, the best first, at most ``MOST``, never the one that names it.

    :param network: whoever asks reads what is for the network.
    """
    one = named(session, text, script_name) if "/" in text else None
    rows = [one] if one else [] if "://" in text else _having(session, search, text)
    return [row for row in rows if row.id != but and _readable(row, network)][:MOST]


def _having(session: Session, search: ResourceSearch, words: str) -> list[Resource]:
    """Those that have all the words: the page says nothing of others."""
    criteria = params.read([("q", words)])
    answer = search.find(criteria, MOST + 1) if criteria.typed else None
    if answer is None or answer.loosened:
        return []
    known = services.by_ids(session, answer.ids)
    return [known[id_] for id_ in answer.ids if id_ in known]


def _readable(row: Resource, network: bool) -> bool:
    return row.state == State.PUBLISHED.value and (network or row.visibility == Visibility.PUBLIC.value)
