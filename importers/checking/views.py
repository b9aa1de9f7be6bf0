"""The page where a file is checked.

The file is read before any transaction of the request begins, in this order: the token (the first field of the form),
how often this network has asked (a short transaction of its own), the file, the process that checks it. The file and
all that was made of it are gone before the page is written.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.response import Response
from pyramid.tweens import INGRESS
from pyramid.view import view_config, view_defaults
from webob.multidict import MultiDict

from importers.cartographie.columns import FIELDS
from importers.checking import reasons, words
from importers.checking.findings import Finding, Report
from importers.checking.packing import packed, unpacked
from importers.checking.running import check
from importers.checking.whole import RENAMED
from importers.sheets import template
from reseau.core.limits import Limit, allow_network
from reseau.core.vocabularies import for_field
from reseau.core.wording import Wording
from reseau.web.app import MAX_FORM
from reseau.web.csrf import STATE_CHANGING
from reseau.web.forms import UNPROCESSABLE
from reseau.web.security import Permission
from resources.files.receiving import first_field, receive

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

MAX_FILE = 5_000_000  # bytes
LIMIT = Limit("check-file", 120, timedelta(hours=1))
FORM, FIELD = "reseau.form", "fichier"
NOT_KEPT = "nothing is kept: the file is read, told of and deleted"
#: Refusals that are nobody's file: (code, status).
_STATUS = {"occupe": 503, "trop-souvent": 429}


def token_deriver(view: Any, info: Any) -> Any:
    """View option ``checks_file``, first half: of a form too large for WebOb, the token is the first field."""
    if not info.options.get("checks_file"):
        return view

    def first(context: Any, request: Request) -> Any:
        request.environ.pop(FORM, None)
        if _is_form(request) and (request.content_length or 0) > MAX_FORM:
            found = first_field(request.body_file_raw, request.headers["Content-Type"], request.content_length)
            request.body_file_raw.seek(0)
            request.environ[FORM] = MultiDict([found] if found else [])
        return view(context, request)

    return first


token_deriver.options = ("checks_file",)  # type: ignore[attr-defined]


def body_deriver(view: Any, info: Any) -> Any:
    """Second half, once the token is good: ``request.checked`` is the report."""
    if not info.options.get("checks_file"):
        return view

    def read(context: Any, request: Request) -> Any:
        if _is_form(request):
            request.checked = _checked(request)
        return view(context, request)

    return read


body_deriver.options = ("checks_file",)  # type: ignore[attr-defined]


def _is_form(request: Request) -> bool:
    return request.method in STATE_CHANGING and request.content_type == "multipart/form-data"


def _checked(request: Request) -> Report:
    registry = request.registry
    with registry["write_sessions"].begin() as session:
        allowed = allow_network(session, LIMIT, request.network, registry["clock"]())
    if not allowed:
        return Report(refused="trop-souvent", details={"limit": str(LIMIT.times)})
    store, stream = registry["files"], request.body_file_raw
    stream.seek(0)
    found = receive(stream, request.headers["Content-Type"], request.content_length or 0, store, MAX_FILE)
    try:
        if found.error:
            return Report(refused={"too-large": "trop-lourd", "empty": "vide"}.get(found.error.code, "envoi"))
        sent = found.file(FIELD)
        if not sent:
            return Report(refused="aucun")
        report = check(sent[0].path, store.temporary)
        report.details["file"] = sent[1][:200]
        return report
    finally:
        found.discard()


@view_defaults(permission=Permission.DIRECTORY_READ)
class CheckPages:
    """The form, and what was found."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.say = Wording.of(request.lang)

    @view_config(route_name="checking.page", request_method="GET", renderer="templates/checking.jinja2")
    def form(self) -> dict[str, Any]:
        """Nothing yet."""
        return self._page(None)

    @view_config(route_name="checking.page", request_method="POST", renderer="templates/checking.jinja2",
                 journal_exempt_reason=NOT_KEPT, checks_file=True)  # fmt: skip
    def send(self) -> dict[str, Any]:
        """What was found."""
        report: Report = getattr(self.request, "checked", None) or Report(refused="aucun")
        if report.refused:
            self.request.response.status_int = _STATUS.get(report.refused, UNPROCESSABLE)
        return self._page(report)

    def _page(self, report: Report | None) -> dict[str, Any]:
        values: dict[str, Any] = {
            "report": report, "refusal": "", "errors": [], "warnings": [], "table": "", "limit": LIMIT.times,
            "fields": FIELDS, "now": self.request.registry["clock"](), "lists": [],
        }  # fmt: skip
        if report is None:
            return values
        if report.refused:
            means = [line.split("\t") for line in report.details.get("means", "").splitlines()]
            return {**values, "refusal": words.refusal(report, self.say), "means": means}
        return {
            **values, "schema": self.say.gettext(reasons.SCHEMAS[report.schema]), "errors": self._told(report.errors),
            "warnings": self._told(report.warnings), "table": packed(report) if report.findings else "",
            "lists": _lists(report) if report.schema == "national" else [],
        }  # fmt: skip

    def _told(self, found: list[Finding]) -> list[words.Told]:
        return [words.told(one, self.request.checked.format, self.say, self._today()) for one in found]

    def _today(self) -> date:
        today: date = self.request.registry["clock"]().date()
        return today

    @view_config(route_name="checking.table", request_method="POST", journal_exempt_reason=NOT_KEPT)
    def table(self) -> Response:
        """The table of what the page had: it was kept nowhere but in the page."""
        text = self.request.POST.get("tableau")
        try:
            report = unpacked(text if isinstance(text, str) else "")
        except ValueError:
            raise HTTPBadRequest from None
        content = words.as_csv(report, self.say, self._today())
        response = Response(("\ufeff" + content).encode(), content_type="text/csv", charset="utf-8")
        response.content_disposition = 'attachment; filename="verification.csv"'
        return response


@view_config(route_name="checking.template", permission=Permission.DIRECTORY_READ, request_method="GET")
def download(request: Request) -> Response:
    """An empty table with the columns of the national standard."""
    kind = request.matchdict["kind"]
    response = Response(template.make(kind, standard=True), content_type=template.TYPES[kind])
    if kind == "csv":
        response.charset = "utf-8"
    response.content_disposition = f'attachment; filename="modele-lieux-standard.{kind}"'
    return response


def _lists(report: Report) -> list[tuple[str, list[str]]]:
    """(field, values that the standard knows) of the fields where a value is not one of them."""
    some = dict.fromkeys(one.field for one in report.findings if one.reason in words.OF_A_LIST)
    homes = {name: RENAMED.get(name, name).split(", ") for name in some}
    known = [(name, [found for home in homes[name] if (found := for_field(home))]) for name in some]
    return [(name, [term.national for one in found for term in one.terms]) for name, found in known if found]


def includeme(config: Configurator) -> None:
    """The view option and the views."""
    config.add_view_deriver(token_deriver, name="checks_file", under=INGRESS, over="csrf_view")
    config.add_view_deriver(body_deriver, name="checks_file_body", under="csrf_view", over="secured_view")
    config.scan("importers.checking.views")
