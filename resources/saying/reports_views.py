"""Reports: anyone says what is wrong with a resource; those who keep it answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.limits import Limit, allow_network
from reseau.members.places import names
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base.addresses import path_of
from resources.base.models import Resource, ResourceReport
from resources.base.routes import ResourceContext
from resources.saying import reports
from resources.saying.forms import AnswerForm, ReportForm
from resources.saying.reports import DUPLICATE, REASONS, RESOLVED, STATES
from resources.saying.routes import ReportContext, page_number
from resources.saying.telling import tell_answer, tell_report

if TYPE_CHECKING:
    from pyramid.request import Request

LIMIT = Limit("resource-report", 10, timedelta(hours=1))
TOO_MANY = 429
UNKNOWN = _("Nous ne trouvons pas cette ressource. Copiez l’adresse de sa page.")
ITSELF = _("C’est l’adresse de cette ressource. Copiez celle de l’autre.")


@view_defaults(route_name="saying.report", permission=Permission.REPORT_CREATE)
class ReportPages:
    """The form with which anyone says that something is wrong."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request
        self.resource = context.published.resource

    def _page(self, form: ReportForm, **more: Any) -> dict[str, Any]:
        return {"form": form, "resource": self.resource, "here": self.request.script_name + self.context.path,
                "sent": False, "too_many": False, **more}  # fmt: skip

    @view_config(request_method="GET", renderer="templates/report.jinja2")
    def form(self) -> dict[str, Any]:
        return self._page(ReportForm(self.request), sent="merci" in self.request.GET)

    def _other(self, form: ReportForm) -> Resource | None:
        """The other one, of a duplicate; else the form says why there is none."""
        found = reports.other_of(self.request.db, form.autre.data)
        if found is None or found.version == 0:
            form.autre.errors = [self.request.gettext(UNKNOWN)]
            return None
        if found.id == self.resource.id:
            form.autre.errors = [self.request.gettext(ITSELF)]
            return None
        return found

    @view_config(request_method="POST", renderer="templates/report.jinja2", journal="resource.report")
    def send(self) -> Any:
        request, now = self.request, self.request.registry["clock"]()
        form, other = ReportForm(request), None
        if not form.validate():
            return refuse(request, **self._page(form))
        if form.raison.data == DUPLICATE and (other := self._other(form)) is None:
            return refuse(request, **self._page(form))
        if not allow_network(request.db, LIMIT, request.network, now):
            request.response.status_int = TOO_MANY  # returned, not raised: what was typed is kept
            return self._page(form, too_many=True)
        stored = None if form.is_spam else self._store(form, other)
        if stored is None:
            request.journal_nothing()
        else:
            request.journal(self.resource.id, reason=stored.reason)
            tell_report(request.db, stored, self.resource, request.config, now)
        return HTTPSeeOther(f"{request.script_name}{self.context.path}/signaler?merci=1")

    def _store(self, form: ReportForm, other: Resource | None) -> ResourceReport | None:
        request = self.request
        said = reports.Said(form.raison.data, form.message.data or "", form.contact.data or None,
                            other.id if other else None)  # fmt: skip
        author = request.identity.person_id if request.identity else None
        return reports.send(request.db, form.nonce, self.resource, said, lang=request.lang, author_id=author,
                            now=request.registry["clock"]())  # fmt: skip


@view_config(
    route_name="saying.desk.reports", permission=Permission.NETWORK_COORDINATE, request_method="GET",
    renderer="templates/reports_list.jinja2",
)  # fmt: skip
def waiting(request: Request) -> dict[str, Any]:
    """Reports that wait, about all resources."""
    found = reports.waiting(request.db, page_number(request))
    return {"found": found, "reasons": REASONS, "states": STATES, "resource": None, "here": "", "path": path_of,
            "done": request.GET.get("fait")}  # fmt: skip


@view_config(
    route_name="saying.reports", permission=Permission.RESOURCE_EDIT, request_method="GET",
    renderer="templates/reports_list.jinja2",
)  # fmt: skip
def of_resource(context: ResourceContext, request: Request) -> dict[str, Any]:
    """Reports about one resource, answered or not, for those who keep it."""
    resource = context.resource
    found = reports.of_resource(request.db, resource.id, page_number(request))
    return {"found": found, "reasons": REASONS, "states": STATES, "resource": resource,
            "here": request.script_name + context.path, "path": path_of,
            "done": request.GET.get("fait")}  # fmt: skip


@view_defaults(route_name="saying.report.answer", permission=Permission.RESOURCE_EDIT)
class AnswerPages:
    """One report, and what became of it."""

    def __init__(self, context: ReportContext, request: Request) -> None:
        self.context, self.request = context, request

    def _page(self, form: AnswerForm, late: bool = False) -> dict[str, Any]:
        report, session = self.context.report, self.request.db
        other = self.request.db.get(Resource, report.other_id) if report.other_id else None
        coordinates = self.request.allows("network:coordinate")  # authors do not read who reported
        return {
            "form": form, "report": report, "resource": self.context.resource, "late": late,
            "here": self.request.script_name + self.context.path,
            "reason": self.request.gettext(REASONS[report.reason]),
            "other": other, "path": path_of,
            "names": names(session, [report.decided_by, *([report.author_id] if coordinates else [])]),
            "state": STATES[report.state],
            "is_open": report.state == reports.OPEN, "may_answer_to": bool(report.contact or report.author_id),
        }  # fmt: skip

    @view_config(request_method="GET", renderer="templates/report_answer.jinja2")
    def show(self) -> dict[str, Any]:
        return self._page(AnswerForm(self.request), late="deja" in self.request.GET)

    @view_config(request_method="POST", renderer="templates/report_answer.jinja2", journal="resource.report.answer")
    def answer(self) -> Any:
        request, context, now = self.request, self.context, self.request.registry["clock"]()
        form = AnswerForm(request)
        if not form.validate():
            return refuse(request, **self._page(form))
        here = f"{request.script_name}{context.path}/signalements"
        try:
            reports.answer(request.db, context.report, form.decision.data, form.mot.data or "",
                           by=request.identity.person_id, now=now)  # fmt: skip
        except reports.Answered:
            request.journal_nothing()
            return HTTPSeeOther(f"{here}/{context.report.id}?deja=1")
        tell_answer(request.db, context.report, context.resource, request.config, now)
        request.journal(context.resource.id, resolved=form.decision.data == RESOLVED)
        return HTTPSeeOther(f"{here}?fait=1")


@view_config(
    route_name="saying.report.reply", permission=Permission.RESOURCE_READ, request_method="GET",
    renderer="templates/report_reply.jinja2",
)  # fmt: skip
def reply(context: ReportContext, request: Request) -> dict[str, Any]:
    """What was answered, for who reported: the mail to an address that nobody confirmed only leads here. Nobody else
    knows the address of this page; neither who reported nor what they wrote is on it."""
    report = context.report
    return {"report": report, "resource": context.resource, "here": request.script_name + context.path,
            "reason": request.gettext(REASONS[report.reason]), "is_open": report.state == reports.OPEN,
            "state": STATES[report.state]}  # fmt: skip
