"""``/gestion/imports``: the runs, one run, what is decided of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from importers import sentences
from importers.models import RunState
from importers.pipeline.contract import Refused
from importers.pipeline.raws import RawStore
from importers.pipeline.runs import approve, drop
from importers.schedule import deciding, runs, showing
from importers.schedule.routes import RunContext, asked_of
from reseau.core.ids import parse_id
from reseau.editing.history_page import reader_of
from reseau.editing.values import FRENCH, LEFT_TO_RIGHT, lines, title
from reseau.members.places import names
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

CHUNK = 1 << 16
#: Seconds after which the page of a run that goes on asks again.
AGAIN_S = "15"
#: Numbers of a run that have a list.
LISTS = {"created": runs.What.CREATED, "linked": runs.What.LINKED, "queued": runs.What.QUEUED}
ENDINGS = frozenset({"csv", "json", "geojson", "xml", "ics", "xlsx", "ods", "parquet", "zip", "txt", "opml", "gz"})


def _shown(request: Request) -> dict[str, Any]:
    reader = reader_of(request)
    return {
        "states": showing.STATES, "state_of": showing.state_of, "triggers": showing.TRIGGERS, "counts": showing.counts,
        "keyed": showing.keyed, "address": showing.address,
        "reason": sentences.reason, "raw_rows": showing.raw_rows, "title": lambda name: title(name, reader),
        "lines": lambda name, value: lines(name, value, reader), "lasting": lambda s: showing.lasting(s, request.lang),
        "french": FRENCH, "ltr": LEFT_TO_RIGHT, "done": asked_of(request, "fait"),
    }  # fmt: skip


@view_config(
    route_name="schedule.runs",
    permission=Permission.NETWORK_COORDINATE,
    request_method="GET",
    renderer="templates/runs.jinja2",
)
def run_list(request: Request) -> dict[str, Any]:
    """All runs, the newest first."""
    asked = asked_of(request, "etat")
    found = runs.page(request.db, page_number(request), state=runs.STATES.get(asked))
    return {"found": found, "asked": asked, "choices": runs.STATES, **_shown(request)}


@view_defaults(permission=Permission.NETWORK_COORDINATE)
class RunPages:
    """One run."""

    def __init__(self, context: RunContext, request: Request) -> None:
        self.context, self.request, self.run = context, request, context.run

    @view_config(route_name="schedule.run", request_method="GET", renderer="templates/run.jinja2")
    def show(self) -> dict[str, Any]:
        request, run, found = self.request, self.run, self.context.found
        if run.state == RunState.RUNNING.value or found.accepted or found.asked:
            request.response.headers["Refresh"] = AGAIN_S
        return {
            "found": found, "run": run, "meaning": showing.meaning(run),
            "why": showing.why(run), "steps": showing.steps(run.summary),
            "deciders": names(request.db, [run.decided_by]) if run.decided_by else {},
            "state": showing.state_of(run), "lists": LISTS, "replaced": runs.replaced_by(request.db, run),
            "missing": deciding.missing(run.preview or {}) if found.previewed else (),
            "kept": bool(run.raw) and self._store().has(run.raw or ""), **_shown(request),
        }  # fmt: skip

    @view_config(route_name="schedule.run.rejects", request_method="GET", renderer="templates/run_rejects.jinja2")
    def rejects(self) -> dict[str, Any]:
        request = self.request
        asked = asked_of(request, "motif")
        found = runs.rejects(request.db, self.run.id, page_number(request), asked[:60])
        return {
            "run": self.run,
            "page": found,
            "reasons": self.context.found.reasons,
            "places": runs.named(request.db, self.run.source, [one.source_id for one in found.rows if one.source_id]),
            "asked": asked,
            **_shown(request),
        }

    @view_config(route_name="schedule.run.places", request_method="GET", renderer="templates/run_places.jinja2")
    def places(self) -> dict[str, Any]:
        request, asked = self.request, asked_of(self.request, "liste")
        what = runs.What(asked) if asked in list(runs.What) else runs.What.CREATED
        found = runs.brought(request.db, self.run, what, page_number(request))
        return {"run": self.run, "page": found, "what": what, **_shown(request)}

    @view_config(route_name="schedule.run.changes", request_method="GET", renderer="templates/run_changes.jinja2")
    def changes(self) -> dict[str, Any]:
        request = self.request
        if runs.previewed(self.run):
            would = deciding.preview(self.run.preview or {}, page_number(request))
            ids = [id_ for one in would.rows if (id_ := parse_id(one.id))]
            there = {str(id_): place for id_, place in runs.there(request.db, ids).items()}
            return {"run": self.run, "page": None, "would": would, "there": there, **_shown(request)}
        found = runs.changes(request.db, self.run.id, page_number(request))
        return {"run": self.run, "page": found, "would": None, "there": {}, **_shown(request)}

    @view_config(route_name="schedule.run.decide", request_method="POST", journal="import.decide")
    def decide(self) -> HTTPSeeOther:
        """A held run: applied by the worker, or dropped."""
        request, choice = self.request, self.request.POST.get("choix")
        if choice not in ("accepter", "refuser"):
            raise HTTPBadRequest
        decide = approve if choice == "accepter" else drop
        done = decide(request.db, self.run.id, request.actor.person_id, request.registry["clock"]())
        return self._to(choice if done else "trop-tard", done, choice=choice)

    @view_config(route_name="schedule.run.replay", request_method="POST", journal="import.replay")
    def replay(self) -> HTTPSeeOther:
        """From the kept raw file, by the worker; for good, or only to see."""
        request, dry = self.request, self.request.POST.get("faire") == "essayer"
        if not self.run.raw or not self._store().has(self.run.raw):
            raise HTTPNotFound
        done = runs.ask_replay(request.db, self.run.id, dry)
        return self._to("rejoue" if done else "deja", done, trial=dry)

    def _to(self, done: str, changed: bool, **detail: Any) -> HTTPSeeOther:
        if changed:
            self.request.journal(source=self.run.source, **detail)
        else:
            self.request.journal_nothing()
        path = self.request.route_path("schedule.run", run=str(self.run.id), _query={"fait": done})
        return HTTPSeeOther(path)

    @view_config(route_name="schedule.run.raw", request_method="GET")
    def raw(self) -> Response:
        """The raw file as it came. What a source should not have published may be in it: coordinators only."""
        kept = ExitStack()
        try:
            path = kept.enter_context(self._store().open(self.run.raw or ""))
        except Refused:
            raise HTTPNotFound from None
        response = Response(content_type="application/octet-stream", charset=None)
        response.content_disposition = f'attachment; filename="{self._filename()}"'
        response.content_length = path.stat().st_size
        response.app_iter = _Reading(kept, path)
        return response

    def _filename(self) -> str:
        ending = PurePosixPath(urlsplit(self.run.location).path).suffix.lower().lstrip(".")
        return f"{self.run.source}-{self.run.started_at:%Y-%m-%d}.{ending if ending in ENDINGS else 'bin'}"

    def _store(self) -> RawStore:
        return RawStore.of(self.request.config)


class _Reading:
    """A file in pieces; what keeps it there is let go when the server has done with it, also if it never began."""

    def __init__(self, kept: ExitStack, path: Any) -> None:
        self._kept, self._file = kept, kept.enter_context(path.open("rb"))

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._file.read(CHUNK):
            yield chunk

    def close(self) -> None:
        """Called by the server."""
        self._kept.close()
