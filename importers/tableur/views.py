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
from importers.tableur import choosing, uploads, words
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
#: The furthest line of titles, which is looked for in the first lines of a sheet.
MAX_HEADER = 200
#: Seconds after which the page of a trial or an import that goes on asks again.
AGAIN_S = "4"
STRUCTURES, PROBLEMS = 20, 40


def _to(request: Request, path: str, done: str) -> HTTPSeeOther:
    return HTTPSeeOther(f"{request.script_name}{LIST}{path}?fait={done}")


def _text(value: Any, most: int) -> str:
    return value.replace("\x00", "").strip()[:most] if isinstance(value, str) else ""


def page_number_of(said: str) -> int:
    """Of a page of columns; 1 when it is none."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 1


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
        raw = RawStore.of(request.config).keep(staged.path)
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

    def _page(self, said: dict[str, Any], errors: list[tuple[str, str]], number: int = 1) -> dict[str, Any]:
        sheet = self.upload.columns[self.rank]
        at = next((anchor[1:] for anchor, _text in errors if anchor[1:].isdigit()), "")
        return {
            "upload": self.upload, "rank": self.rank, "sheet": sheet, "labels": choosing.labels(self.say),
            "partners": uploads.partners(self.request.db), "said": said, "errors": errors, "why": words.WHY,
            "shown": choosing.shown(sheet["columns"], said["columns"], number, at), "done": _done(self.request),
            "most": MAX_HEADER,
        }  # fmt: skip

    @view_config(request_method="GET")
    def ask(self) -> Any:
        mapping, source = self.upload.mapping, uploads.partner(self.request.db, self.upload)
        if uploads.state_of(self.upload) == "reading":
            return HTTPSeeOther(f"{self.request.script_name}{LIST}/{self.upload.id}")
        same = mapping.get("sheet") == self.rank and "columns" in mapping
        columns = mapping["columns"] if same else self.upload.columns[self.rank]["mapping"]
        chosen = {"columns": choosing.said_of(columns, self.say), "source": source.name if source else "", "new": ""}
        line, unread = self.upload.columns[self.rank]["line"], mapping.get("unread")
        wrong = unread and mapping.get("sheet") == self.rank
        errors = [("ligne", self.say.gettext(words.UNREAD, line=unread))] if wrong else []
        return self._page({**chosen, "complete": mapping.get("complete", False), "line": line}, errors)

    @view_config(request_method="POST", journal="sheet.columns")
    def confirm(self) -> Any:
        request, said = self.request, self._said()
        if "suite" in request.POST:
            request.journal_nothing()
            return self._page(said, [], page_number_of(str(request.POST["suite"])))
        # Also without the button: Enter in the field presses the first one of the form.
        if "relire" in request.POST or said["line"] not in ("", str(self.upload.columns[self.rank]["line"])):
            return self._reread(said)
        columns, strange = choosing.understood(said["columns"], self.say)
        errors = [(f"c{rank}", text) for rank, text in strange.items()] or self._errors(columns)
        by_name = {one.name: one for one in uploads.partners(request.db)}
        if not said["new"] and said["source"] not in by_name:
            errors.append(("nouveau", self.say.gettext(words.NO_PARTNER)))
        if errors:
            return refuse(request, **self._page(said, errors))
        by, now, new = request.identity.person_id, request.registry["clock"](), said["new"]
        source = uploads.new_partner(request.db, new, by=by, now=now) if new else by_name[said["source"]]
        wanted = Wanted(self.rank, columns, said["complete"])
        uploads.confirm(request.db, self.upload, source, wanted, by=by, now=now)
        request.journal(self.upload.id, source=source.name)
        return _to(request, f"/{self.upload.id}", "essai")

    def _said(self) -> dict[str, Any]:
        """What the form holds, as it was written; a column that it does not hold goes nowhere."""
        posted = self.request.POST
        ranks = [str(one["rank"]) for one in self.upload.columns[self.rank]["columns"]]
        columns = {rank: _text(posted.get(f"c{rank}"), choosing.MAX_SAID) for rank in ranks}
        return {
            "columns": columns, "source": _text(posted.get("source"), MAX_NAME),
            "new": _text(posted.get("nouveau"), MAX_NAME), "complete": posted.get("complet") == "y",
            "line": _text(posted.get("ligne"), 10),
        }  # fmt: skip

    def _reread(self, said: dict[str, Any]) -> Any:
        request, line = self.request, said["line"]
        number = int(line) if line.isascii() and line.isdigit() else 0
        if not 1 <= number <= MAX_HEADER:
            return refuse(request, **self._page(said, [("ligne", self.say.gettext(words.NO_LINE, most=MAX_HEADER))]))
        asked = uploads.reread(request.db, self.upload, self.rank, number)
        if asked:
            request.journal(self.upload.id, line=number)
        else:
            request.journal_nothing()
        return _to(request, f"/{self.upload.id}", "relu" if asked else "deja")

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
        run = uploads.run_of(request.db, upload)
        state = uploads.state_of(upload, run is not None)
        if state == "columns":
            return HTTPSeeOther(f"{request.script_name}{LIST}/{upload.id}/colonnes")
        if state in ("trying", "reading", "waiting", "asked"):
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
            "why": self._why(trial) if state == "refused" else "",
            "title": lambda name: title(name, reader), "lines": lambda name, value: lines(name, value, reader),
            "french": FRENCH, "ltr": LEFT_TO_RIGHT, "done": _done(request),
        }  # fmt: skip

    def _why(self, trial: dict[str, Any]) -> str:
        error, details = trial.get("error", ""), trial.get("details", {})
        if error in words.REFUSALS:  # of another reading: the same words as when it was sent
            return words.refusal({"refused": error, **details}, Wording.of("fr"))
        return sentences.said(error, details)

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
