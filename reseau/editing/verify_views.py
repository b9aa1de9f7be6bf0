""" "C’est toujours exact": from the sheet, or from the link of a reminder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.actors import Actor, Side
from reseau.core.tokens import spend
from reseau.directory import verification
from reseau.directory.models import Cause, Status
from reseau.directory.reproject import Because
from reseau.directory.routes import SheetContext
from reseau.directory.sheet_page import SheetPage
from reseau.editing import reminders
from reseau.editing.history_page import reader_of
from reseau.editing.keeping_routes import VerifyLinkContext
from reseau.editing.values import group_lines, hours, phone
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


def essentials(request: Request, row: Any) -> list[tuple[str, list[str], str]]:
    """(kind, lines, direction) of what is asked to be true: hours, telephone, address, mail."""
    reader = reader_of(request)
    said = hours(row["horaires"], reader) if row["horaires"] else []
    if not said and row["horaires_texte"]:
        said = row["horaires_texte"].splitlines()
    address = group_lines(row, ("adresse", "complement_adresse", "code_postal", "commune"), reader)
    return [
        ("horaires", said, "auto"),
        ("telephone", [phone(row["telephone"])] if row["telephone"] else [], "ltr"),
        ("adresse", address, "auto"),
        ("courriels", row["courriels"], "ltr"),
    ]


@view_defaults(route_name="editing.verify", permission=Permission.SHEET_VERIFY)
class VerifyPages:
    """A person who belongs to the place, or to the coordination."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        context.settle()
        self.now = request.registry["clock"]()

    @view_config(request_method="GET", renderer="templates/verify.jinja2")
    def show(self) -> dict[str, Any]:
        request = self.request
        return {
            "row": self.context.row,
            "sheet": SheetPage(request, self.context.sheet, self.now),
            "essentials": essentials(request, self.context.row),
            "rhythms": verification.RHYTHMS,
            "may_edit": request.allows(Permission.SHEET_EDIT, self.context.structure_id),
            "chosen": "rythme" in request.GET,
        }

    @view_config(request_method="POST", journal="sheet.verify")
    def verify(self) -> HTTPSeeOther:
        request, (id_, slug) = self.request, self.context.present
        if self.context.row["status"] == Status.CLOSED.value:
            raise HTTPNotFound  # a place that closed for good has nothing to verify
        because = Because(Cause.VERIFY, request.actor)
        if not verification.verify(request.db, id_, because, request.sources, self.now):
            request.journal_nothing()
        return HTTPSeeOther(request.route_path("directory.sheet", id=str(id_), slug=slug, _query={"verifie": "1"}))


@view_config(
    route_name="editing.rhythm", permission=Permission.SHEET_EDIT, request_method="POST", journal="sheet.rhythm"
)
def rhythm(context: SheetContext, request: Request) -> HTTPSeeOther:
    """After how many months the sheet is to be verified again."""
    id_, slug = context.present
    months = {str(one): one for one in verification.RHYTHMS}.get(str(request.POST.get("mois")))
    if months is None:
        raise HTTPNotFound
    because = Because(Cause.EDIT, request.actor)
    request.journal(months=months)
    now = request.registry["clock"]()
    if not verification.set_rhythm(request.db, id_, months, because, request.sources, now):
        request.journal_nothing()
    return HTTPSeeOther(request.route_path("editing.verify", id=str(id_), slug=slug, _query={"rythme": "1"}))


@view_defaults(route_name="editing.verify.link", permission=Permission.DIRECTORY_READ)
class VerifyLinkPages:
    """The link of a reminder: works without signing in, once."""

    def __init__(self, context: VerifyLinkContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()

    @view_config(request_method="GET", renderer="templates/verify_link.jinja2")
    def show(self) -> dict[str, Any]:
        request, context = self.request, self.context
        sheet = context.sheet
        return {
            "row": sheet.row,
            "sheet": SheetPage(request, sheet, self.now),
            "essentials": essentials(request, sheet.row),
            "spent": reminders.is_spent(request.db, context.token),
            "member": reminders.still_member(request.db, context.person_id, context.structure_id),
            "thanks": "merci" in request.GET,
        }

    @view_config(request_method="POST", journal="sheet.verify")
    def verify(self) -> HTTPSeeOther:
        request, context = self.request, self.context
        if not reminders.still_member(request.db, context.person_id, context.structure_id):
            raise HTTPForbidden
        request.actor = actor = Actor(Side.PLACE, context.person_id, request.network)
        request.journal(by="link")
        because, done = Because(Cause.VERIFY, actor), False
        if spend(request.db, context.token, self.now, reminders.TOKEN_LASTS):
            done = verification.verify(request.db, context.structure_id, because, request.sources, self.now)
        if not done:
            request.journal_nothing()
        return HTTPSeeOther(request.route_path("editing.verify.link", token=context.token, _query={"merci": "1"}))
