"""What the page of a resource shows of what people say: two statements for visitors, none when nobody said anything
beyond the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from reseau.core.db import site_day
from reseau.core.ids import new_id
from reseau.core.markdown import to_html
from resources.base.addresses import path_of
from resources.base.models import Opinion, Resource, State
from resources.saying import collecting, opinions, reports, uses
from resources.saying.collecting import Found, Reader
from resources.saying.opinions import Comment
from resources.saying.services import Counts, counts
from resources.saying.uses import MyPlace, UseView

if TYPE_CHECKING:
    from pyramid.request import Request

TEMPLATE = "resources.saying:templates/panel.jinja2"
#: Comments and uses that the page of a resource shows; a link leads to the others.
SHOWN = 3


class OfResource(Protocol):
    """What is needed of the page of a resource (``reading.page.Page``)."""

    @property
    def resource(self) -> Resource:
        """The resource."""

    @property
    def is_preview(self) -> bool:
        """Whether nobody else reads it yet."""


@dataclass(frozen=True, slots=True)
class Panel:
    """``here``: address of the resource. ``network``: whoever reads is of the network, and sees names. ``mine``: their
    opinion. ``places``: of theirs, to say a use. ``collections``: theirs. ``nonce``: of the form of a use. ``waiting``:
    reports without an answer; None for who does not answer them."""

    here: str
    counts: Counts
    comments: Sequence[Comment]
    network: bool
    signed_in: bool
    mine: Opinion | None
    uses: Sequence[UseView]
    places: Sequence[MyPlace]
    collections: Sequence[Found]
    today: date
    nonce: str
    waiting: int | None = None

    @staticmethod
    def markdown(text: str) -> str:
        """Safe HTML of a comment."""
        return to_html(text)

    @property
    def again(self) -> bool:
        """Whether a place of theirs has used it."""
        return any(place.last for place in self.places)


def reader_of(request: Request) -> Reader:
    """Who asks, for collections."""
    identity = request.identity
    if identity is None:
        return Reader()
    return Reader(identity.person_id, frozenset(identity.places), bool(request.allows("network:read")))


def _keeps(request: Request) -> bool:
    """Whether whoever asks keeps the resource of the address (``ResourceContext``)."""
    return bool(getattr(request.context, "may_edit", False))


def saying_panel(request: Request, page: OfResource) -> Panel | None:
    """``request.saying_panel(page)``: None for what readers do not see."""
    resource = page.resource
    if page.is_preview or resource.state != State.PUBLISHED.value:
        return None
    session, identity = request.db, request.identity
    network = bool(request.allows("network:read"))
    figures = counts(session, [resource.id])[resource.id]
    said = opinions.comments(session, resource.id, hidden=False, most=SHOWN) if figures.opinions else []
    return Panel(
        here=request.script_name + path_of(resource),
        counts=figures,
        comments=said,
        network=network,
        signed_in=identity is not None,
        mine=opinions.mine(session, resource.id, identity.person_id) if identity else None,
        uses=uses.listed(session, resource.id, SHOWN) if network and figures.structures else [],
        places=uses.my_places(session, resource.id, identity.places) if identity else [],
        collections=collecting.mine(session, reader_of(request)) if identity else [],
        today=site_day(session, request.registry["clock"]()),
        nonce=str(new_id()),
        waiting=reports.how_many_wait(session, resource.id) if identity and _keeps(request) else None,
    )
