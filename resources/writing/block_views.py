"""The page of one block: new, changed, moved, doubled, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.wording import Wording
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base.content import ContentError
from resources.base.sentences import sentence
from resources.writing import drafting, sending
from resources.writing.block_page import BlockPage
from resources.writing.drafting import BlockClash
from resources.writing.routes import BlockContext

if TYPE_CHECKING:
    from pyramid.request import Request

_A_DRAFT = "a draft changes nothing that others see"


class _Base:
    def __init__(self, context: BlockContext, request: Request) -> None:
        self.context, self.request = context, request
        self.how = {"by": request.identity.person_id, "now": request.registry["clock"]()}

    def page(self, *, posted: bool = False) -> BlockPage:
        """The block of the address. :raises HTTPNotFound: there is none."""
        try:
            return BlockPage(self.request, self.context, sending.posted(self.request) if posted else None)
        except LookupError:
            raise HTTPNotFound from None

    def outline(self, anchor: str = "", **query: str) -> HTTPSeeOther:
        """Show the outline next, at a block."""
        query_string = "".join(f"?{name}={value}" for name, value in query.items())
        where = f"#bloc-{anchor}" if anchor else "#parties"
        return HTTPSeeOther(f"{self.request.script_name}{self.context.path}/modifier{query_string}{where}")


@view_defaults(permission=Permission.RESOURCE_EDIT, renderer="templates/block.jinja2")
class BlockPages(_Base):
    """The form of a block."""

    @view_config(route_name="writing.add", request_method="GET")
    @view_config(route_name="writing.block", request_method="GET")
    def form(self) -> dict[str, Any]:
        return {"page": self.page()}

    @view_config(route_name="writing.add", request_method="POST", journal_exempt_reason=_A_DRAFT, takes_files=True)
    @view_config(route_name="writing.block", request_method="POST", journal_exempt_reason=_A_DRAFT, takes_files=True)
    def save(self) -> Any:
        page = self.page(posted=True)
        if page.sent and page.sent.has("chercher_maintenant"):
            page.take_files()
            return {"page": page}
        block = page.save()
        if block is None:
            return refuse(self.request, page=page)
        if page.sent and page.sent.has("encore"):
            where = f"/blocs/{block.part}/{block.kind.value}"
            return HTTPSeeOther(f"{self.request.script_name}{self.context.path}{where}?enregistre=1")
        return self.outline(block.key, enregistre="1")


@view_defaults(permission=Permission.RESOURCE_EDIT, request_method="POST", journal_exempt_reason=_A_DRAFT)
class BlockActions(_Base):
    """What is done to a block from the outline."""

    @view_config(route_name="writing.add.draft")
    @view_config(route_name="writing.block.draft")
    def keep(self) -> Any:
        page = self.page(posted=True)
        if "effacer" in self.request.POST:
            page.drop_typed()
            return HTTPSeeOther(page.form_url)
        page.keep_typed()
        return HTTPNoContent()

    @view_config(route_name="writing.block.move")
    def move(self) -> Any:
        sent, key = dict(sending.posted(self.request).pairs), self.request.matchdict["key"]
        if "partie" in sent:
            edit = drafting.place(key, sent["partie"], sent.get("avant", ""))
        else:
            edit = drafting.move(key, up=sent.get("sens") == "haut")
        drafting.change(self.request.db, self.context.resource, edit, **self.how)
        return self.outline(key)

    @view_config(route_name="writing.block.duplicate", renderer="templates/editor.jinja2")
    def duplicate(self) -> Any:
        key, content = self.request.matchdict["key"], self.context.working
        block = content.block(key)
        if block is None:
            raise HTTPNotFound
        new = drafting.new_key(content, block.part, block.kind, block.title)
        try:
            drafting.change(self.request.db, self.context.resource, drafting.duplicate(key, new), **self.how)
        except ContentError as error:
            from resources.writing.editor_page import EditorPage

            said = sentence(error, Wording.of(self.request.lang))
            return refuse(self.request, page=EditorPage(self.request, self.context, said=said))
        return self.outline(new)

    @view_config(route_name="writing.block.remove", renderer="templates/editor.jinja2")
    def remove(self) -> Any:
        key = self.request.matchdict["key"]
        seen = dict(sending.posted(self.request).pairs).get("vu", "")
        try:
            drafting.remove(self.request.db, self.context.resource, key, seen, **self.how)
        except BlockClash as clash:
            if clash.theirs is None:
                return self.outline()
            from resources.writing.editor_page import EditorPage

            return refuse(self.request, page=EditorPage(self.request, self.context, changed=clash.theirs))
        return self.outline(supprime="1")
