"""Addresses with which resources are written."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from resources.base.content import Block
from resources.base.routes import RESOURCE, ResourceContext
from resources.base.shapes import BlockKind, Part, part_of

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

_SLOT = "{part:[a-z-]{1,30}}/{kind:[a-z]{1,20}}"
_KEY = "{key:[a-z0-9-]{1,40}}"


class WritingContext(ResourceContext):
    """The resource of the address. Who is signed in and may not write a draft is not told that there is one; a visitor
    is asked to sign in, whatever the address.

    :raises HTTPNotFound: it was never published, and whoever is signed in may not write it.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        if request.identity is not None and self.resource.version == 0 and not self.may_edit:
            raise HTTPNotFound


class BlockContext(WritingContext):
    """A block of the resource of the address, or the place for a new one."""

    @cached_property
    def block(self) -> Block | None:
        """The block of the address, as it is now; None: it was removed, or is new."""
        return self.working.block(self._request.matchdict.get("key", ""))

    @cached_property
    def slot(self) -> tuple[Part, BlockKind]:
        """The part and kind of a new block.

        :raises HTTPNotFound: that part does not hold such blocks.
        """
        matched = self._request.matchdict
        part = part_of(self.working.kind, matched["part"])
        kind = next((kind for kind in BlockKind if kind.value == matched["kind"]), None)
        if part is None or kind not in part.kinds:
            raise HTTPNotFound
        return part, kind


def includeme(config: Configurator) -> None:
    """Fixed names, then what is below a resource."""
    config.add_route("writing.new", "/ressources/nouvelle")
    config.add_route("writing.mine", "/compte/ressources")
    config.add_route("writing.reviews", "/gestion/ressources")
    for name, suffix in (
        ("writing.edit", "/modifier"),
        ("writing.put_back", "/remettre"),
        ("writing.discard", "/abandonner"),
        ("writing.delete", "/supprimer"),
        ("writing.preview", "/apercu"),
        ("writing.authors", "/auteurs"),
        ("writing.authors.remove", "/auteurs/retirer"),
        ("writing.authors.leave", "/auteurs/quitter"),
        ("writing.place", "/lieu"),
        ("writing.publish", "/publier"),
        ("writing.withdraw", "/retirer"),
        ("writing.verify", "/verifier"),
        ("writing.decide", "/relecture"),
        ("writing.adapt", "/adapter"),
        ("writing.origin", "/original"),
    ):
        config.add_route(name, RESOURCE + suffix, factory=WritingContext)
    for name, suffix in (
        ("writing.add", f"/blocs/{_SLOT}"),
        ("writing.add.draft", f"/blocs/{_SLOT}/brouillon"),
        ("writing.block.draft", f"/modifier/{_KEY}/brouillon"),
        ("writing.block.move", f"/modifier/{_KEY}/deplacer"),
        ("writing.block.remove", f"/modifier/{_KEY}/supprimer"),
        ("writing.block.duplicate", f"/modifier/{_KEY}/dupliquer"),
        ("writing.block", f"/modifier/{_KEY}"),
    ):
        config.add_route(name, RESOURCE + suffix, factory=BlockContext)
