"""Addresses with which a sheet and its offers are edited."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPMovedPermanently, HTTPNotFound

from reseau.core.ids import UUID_PATTERN, parse_id
from reseau.directory.routes import SHEET, SheetContext

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

    from reseau.directory.models import Service


class OfferContext(SheetContext):
    """One offer of the structure of the address.

    :raises HTTPNotFound: when it is read and there is none there.
    """

    @cached_property
    def offer(self) -> Service:
        """The offer."""
        id_ = parse_id(self._request.matchdict["service"])
        found = next((offer for offer in self.sheet.offers if offer.id == id_), None)
        if found is None:
            raise HTTPNotFound
        return found


def canonical(context: SheetContext, request: Request) -> None:
    """On a GET, an old name, or a place that was merged into another, leads to the present address.

    :raises HTTPMovedPermanently: with the rest of the address kept.
    """
    if request.method not in ("GET", "HEAD"):
        return
    id_, slug = context.present
    if (str(id_), slug) != (str(context.row["id"]), request.matchdict["slug"]):
        names = {**request.matchdict, "id": str(id_), "slug": slug}
        target = request.route_path(request.matched_route.name, **names)
        query = request.query_string
        raise HTTPMovedPermanently(location=f"{target}?{query}" if query else target)


def includeme(config: Configurator) -> None:
    """The form of a sheet, its draft, the forms of its offers."""
    for name, suffix in (
        ("editing.edit", "/modifier"),
        ("editing.draft", "/modifier/brouillon"),
        ("editing.draft.drop", "/modifier/brouillon/effacer"),
        ("editing.offer.new", "/offres/nouvelle"),
    ):
        config.add_route(name, SHEET + suffix, factory=SheetContext)
    offer = SHEET + "/offres/{service:" + UUID_PATTERN + "}"
    config.add_route("editing.offer.remove", offer + "/retirer", factory=OfferContext)
    config.add_route("editing.offer", offer, factory=OfferContext)
