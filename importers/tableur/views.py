"""``/gestion/tableurs``: send a spreadsheet, say what its columns mean, look at what it would change, import it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from importers import sentences
from importers.pipeline.raws import RawStore
from importers.sheets import template
from importers.sheets.fields import FIELDS
from importers.tableur import uploads, words
from importers.tableur.routes import LIST, UploadContext
from importers.tableur.sending import FIELD
from importers.tableur.uploads import Wanted
from reseau.core.paging import Page, nearest, offset
from reseau.core.wording import Wording
from reseau.editing.history_page import reader_of
from reseau.editing.values import FRENCH, LEFT_TO_RIGHT, lines, title
from reseau.web.forms import refuse
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.files.errors import sentence

if TYPE_CHECKING:
    from pyramid.request import Request

MAX_NAME = 100
#: Seconds after which the page of a trial or an import that goes on asks again.
AGAIN_S = "4"
STRUCTURES, PROBLEMS = 20, 40


def _to(request: Request, path: str, done: str) -> HTTPSeeOther:
    return HTTPSeeOther(f"{request.script_name}{LIST}{path}?fait={done}")


def _done(request: Request) -> str:
    return words.SENT.get(dict(request.query_items).get("fait", ""), "")


@view_defaults(route_name="tableur.list", permission=Permission.NETWORK_COORDINATE, renderer="templates/list.jinja2")
class ListPages:
    """What was sent, and one more."""

    def __init__(self, request: Request) -> None:
        self.request, self.say = request, Wording.of(request.lang)

    def _page(self, refusal: str = "") -> dict[str, Any]:
        found = uploads.listed(self.request.db, page_number(self.request))
        return {"found": found, "refusal": refusal, "done": _done(self.request)}

    @view_config(request_method="GET")
    def listed(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="sheet.send", takes_files=True, reads_sheet=True)
    def send(self) -> Any:
        request = self.request
        if error := request.upload.error:
            return refuse(request, **self._page(sentence(error, self.say)))
        sent, found = request.upload.file(FIELD), getattr(request, "sheet", None)
        if sent is None or found is None:
            nothing = words.REFUSALS["aucun"]
            return refuse(request, **self._page(self.say.gettext(nothing)))
        if "refused" in found:
            return refuse(request, **self._page(words.refusal(found, self.say)))
        staged, filename = sent
        raw = RawStore(request.config.data_dir / "imports").keep(staged.path)
        by, now = request.identity.person_id, request.registry["clock"]()
        made = uploads.add(request.db, raw, filename, found["sheets"], by=by, now=now)
        request.journal(made.id, filename=filename)
        return _to(request, f"/{made.id}", "reconnu") if made.trial else _to(request, f"/{made.id}/colonnes", "recu")


@view_config(route_name="tableur.template", permission=Permission.NETWORK_COORDINATE, request_method="GET")
def download(request: Request) -> Response:
    """The official template."""
    kind = request.matchdict["kind"]
    response = Response(template.make(kind), content_type=template.TYPES[kind])
    if kind == "csv":
        response.charset = "utf-8"
    response.content_disposition = f'attachment; filename="modele-lieux.{kind}"'
    return response


@view_defaults(
    route_name="tableur.columns", permission=Permission.NETWORK_COORDINATE, renderer="templates/columns.jinja2"
)
class ColumnsPages:
    """Where each column goes."""

    def __init__(self, context: UploadContext, request: Request) -> None:
        self.request, self.upload, self.say = request, context.upload, Wording.of(request.lang)
        asked = dict(request.query_items).get("feuille", "")
        given = request.POST.get("feuille", "") if request.method == "POST" else asked
        rank = int(given) if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 4 else -1
        self.rank = rank if 0 <= rank < len(self.upload.columns) else int(self.upload.mapping.get("sheet", 0))

    def _page(self, said: dict[str, Any], errors: list[tuple[str, str]]) -> dict[str, Any]:
        return {
            "upload": self.upload, "rank": self.rank, "sheet": self.upload.columns[self.rank], "fields": FIELDS,
            "partners": uploads.partners(self.request.db), "said": said, "errors": errors, "why": words.WHY,
            "done": _done(self.request),
        }  # fmt: skip

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        mapping, source = self.upload.mapping, uploads.partner(self.request.db, self.upload)
        same = mapping.get("sheet") == self.rank
        columns = mapping["columns"] if same else self.upload.columns[self.rank]["mapping"]
        chosen = {"columns": columns, "source": source.name if source else "", "new": ""}
        return self._page({**chosen, "complete": mapping.get("complete", False)}, [])

    @view_config(request_method="POST", journal="sheet.columns")
    def confirm(self) -> Any:
        request, posted = self.request, self.request.POST
        columns = {}
        for one in self.upload.columns[self.rank]["columns"]:
            if (field := posted.get(f"c{one['rank']}")) in FIELDS:
                columns[str(one["rank"])] = str(field)
        new = str(posted.get("nouveau") or "").replace("\x00", "").strip()[:MAX_NAME]
        chosen, complete = str(posted.get("source") or ""), posted.get("complet") == "y"
        by_name = {one.name: one for one in uploads.partners(request.db)}
        errors = self._errors(columns)
        if not new and chosen not in by_name:
            errors.append(("nouveau", self.say.gettext(words.NO_PARTNER)))
        if errors:
            said = {"columns": columns, "source": chosen, "new": new, "complete": complete}
            return refuse(request, **self._page(said, errors))
        by, now = request.identity.person_id, request.registry["clock"]()
        source = uploads.new_partner(request.db, new, by=by, now=now) if new else by_name[chosen]
        uploads.confirm(request.db, self.upload, source, Wanted(self.rank, columns, complete), by=by, now=now)
        request.journal(self.upload.id, source=source.name)
        return _to(request, f"/{self.upload.id}", "essai")

    def _errors(self, columns: dict[str, str]) -> list[tuple[str, str]]:
        found = uploads.wrong(columns)
        if found is None:
            return []
        code, field = found
        if code == "deux":
            text = self.say.gettext(words.TWICE, field=self.say.gettext(FIELDS[field]))
        else:
            lacking = words.NO_NAME if code == "sans-nom" else words.NO_PLACE
            text = self.say.gettext(lacking)
        ranks = [rank for rank, one in columns.items() if one == field]
        first = self.upload.columns[self.rank]["columns"][0]["rank"]
        return [(f"c{ranks[-1] if ranks else first}", text)]


@view_defaults(permission=Permission.NETWORK_COORDINATE)
class OnePages:
    """One spreadsheet: its trial, its import."""

    def __init__(self, context: UploadContext, request: Request) -> None:
        self.request, self.upload = request, context.upload

    @view_config(route_name="tableur.one", request_method="GET", renderer="templates/one.jinja2")
    def show(self) -> Any:
        request, upload = self.request, self.upload
        state, run = uploads.state_of(upload), uploads.run_of(request.db, upload)
        if state == "columns":
            return HTTPSeeOther(f"{request.script_name}{LIST}/{upload.id}/colonnes")
        if state == "trying" or (state == "asked" and run is None):
            request.response.headers["Refresh"] = AGAIN_S
        trial, reader = upload.trial or {}, reader_of(request)
        every = trial.get("structures", [])
        number = nearest(page_number(request), len(every), STRUCTURES)
        start = offset(number, STRUCTURES)
        return {
            "upload": upload, "state": state, "run": run, "trial": trial, "sheet": self._sheet(),
            "source": uploads.partner(request.db, upload), "counts": trial.get("counts", {}),
            "page": Page(every[start : start + STRUCTURES], len(every), number, STRUCTURES),
            "problems": trial.get("problems", [])[:PROBLEMS], "reason": sentences.reason,
            "why": sentences.said(trial.get("error", ""), trial.get("details", {})) if state == "refused" else "",
            "title": lambda name: title(name, reader), "lines": lambda name, value: lines(name, value, reader),
            "french": FRENCH, "ltr": LEFT_TO_RIGHT, "done": _done(request),
        }  # fmt: skip

    def _sheet(self) -> dict[str, Any]:
        found: dict[str, Any] = self.upload.columns[self.upload.mapping.get("sheet", 0)]
        return {**found, "ids": "id" in self.upload.mapping.get("columns", {}).values()}

    @view_config(route_name="tableur.import", request_method="POST", journal="sheet.import")
    def bring(self) -> HTTPSeeOther:
        request = self.request
        complete = bool(self.upload.mapping.get("complete"))
        asked = uploads.ask_import(request.db, self.upload, complete, request.registry["clock"]())
        if asked:
            request.journal(self.upload.id)
        else:
            request.journal_nothing()
        return _to(request, f"/{self.upload.id}", "importe" if asked else "deja")

    @view_config(route_name="tableur.withdraw", request_method="POST", journal="sheet.withdraw")
    def withdraw(self) -> HTTPSeeOther:
        self.request.journal(self.upload.id)
        uploads.withdraw(self.request.db, self.upload)
        return _to(self.request, "", "retire")
