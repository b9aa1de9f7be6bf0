"""The threads about one object, and who follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from reseau.core import cards
from reseau.core.ids import parse_id
from reseau.notices import following
from reseau.threads.base.shapes import KIND_LABELS
from reseau.threads.reading import about
from reseau.threads.reading.action_views import wanted
from reseau.threads.reading.routes import ObjectContext
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="threads.of-object", permission=Permission.THREAD_READ, request_method="GET", cache="public",
    renderer="templates/object.jinja2",
)  # fmt: skip
def of_object(context: ObjectContext, request: Request) -> dict[str, Any]:
    """All that was said about an object."""
    card, reader = context.card, request.reader
    rows, more = about.page(request.db, reader, card.kind, card.id, parse_id(request.GET.get("avant", "")))
    return {"card": card, "threads": rows, "more": more, "labels": KIND_LABELS,
            "about": request.object_threads(card.kind, card.id)}  # fmt: skip


@view_config(
    route_name="threads.follow-object", permission=Permission.ACCOUNT_OWN, request_method="POST",
    journal="object.follow",
)  # fmt: skip
def follow_object(request: Request) -> HTTPSeeOther:
    """Hear of what is asked and said about an object, or no more."""
    kind, _, id_ = request.POST.get("objet", "").partition(":")
    found = parse_id(id_)
    card = (
        next(iter(cards.by_refs(request.db, [(kind, found)]).values()), None) if found and kind in about.KINDS else None
    )
    if card is None or not about.readable(card, request.reader):
        raise HTTPNotFound
    say = following.follow if wanted(request, "suivre") else following.unfollow
    say(request.db, request.identity.person_id, card.ref, request.registry["clock"]())
    request.journal(card.id, kind=kind)
    return HTTPSeeOther(f"{request.script_name}{card.path}#s-echanges")
