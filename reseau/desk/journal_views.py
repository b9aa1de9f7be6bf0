"""The journal and the outbox, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core import mail
from reseau.core.ids import parse_id
from reseau.core.wording import Wording
from reseau.desk import journal, words
from reseau.desk.journal_words import Reader, told
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="desk.journal",
    permission=Permission.SITE_ADMINISTER,
    request_method="GET",
    renderer="templates/journal.jinja2",
)
def journal_page(request: Request) -> dict[str, Any]:
    """Who changed what, when, from which network."""
    given = dict(request.query_items)
    asked, page = journal.read_filters(given), page_number(request)
    found = journal.journal(request.db, asked, ZoneInfo(request.config.timezone), page)
    reader = Reader(Wording(request.lang), found.people, found.places, found.resources, found.threads)
    return {
        "journal": found, "asked": asked, "actions": words.AUDITED, "sides": words.SIDES,
        "told": lambda row: told(row.action, row.detail, reader),
    }  # fmt: skip


@view_defaults(route_name="desk.outbox", permission=Permission.SITE_ADMINISTER)
class OutboxPages:
    """Mails that have not left, and what to do with them."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET", renderer="templates/outbox.jinja2")
    def stuck(self) -> dict[str, Any]:
        given = dict(self.request.query_items)
        return {"outbox": journal.outbox(self.request.db), "done": given.get("fait", "")}

    @view_config(request_method="POST", request_param="faire=renvoyer", journal="mail.retry")
    def retry(self) -> HTTPSeeOther:
        done = mail.retry(self.request.db, self._id(), self.request.registry["clock"]())
        return self._back("renvoye" if done else "")

    @view_config(request_method="POST", request_param="faire=annuler", journal="mail.cancel")
    def cancel(self) -> HTTPSeeOther:
        return self._back("annule" if mail.cancel(self.request.db, self._id()) else "")

    @view_config(request_method="POST", journal_exempt_reason="a form that asks for nothing")
    def nothing(self) -> HTTPSeeOther:
        raise HTTPBadRequest

    def _id(self) -> Any:
        """:raises HTTPBadRequest: not an id."""
        id_ = parse_id(str(self.request.POST.get("courriel", "")))
        if id_ is None:
            raise HTTPBadRequest
        self.request.journal(id_)
        return id_

    def _back(self, done: str) -> HTTPSeeOther:
        """To the list, which says what was done, or that it was too late."""
        if not done:
            self.request.journal_nothing()
        return HTTPSeeOther(self.request.route_path("desk.outbox", _query={"fait": done or "trop-tard"}))
