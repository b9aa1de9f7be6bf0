"""Suggestions: anyone says what is wrong; the référent or the coordination answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.limits import Limit, allow_network
from reseau.directory import suggestions
from reseau.directory.models import SuggestionState
from reseau.directory.routes import SheetContext
from reseau.directory.words import SUGGESTION_TITLES
from reseau.editing.answers import tell_answer, tell_arrival
from reseau.editing.correcting import is_corrected
from reseau.editing.history_page import reader_of
from reseau.editing.keeping_routes import SuggestionContext, paged, scope
from reseau.editing.suggest_forms import RefuseForm, SuggestForm
from reseau.editing.suggest_page import SuggestionView, present_values
from reseau.members.places import names, structures_named
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

A_PAGE = 30
LIMIT = Limit("suggestion", 10, timedelta(hours=1))
TOO_MANY = 429


@view_defaults(route_name="editing.suggest", permission=Permission.REPORT_CREATE)
class SuggestPages:
    """The form with which anyone says that a sheet is wrong."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        self.context, self.request = context, request
        context.settle()

    def _page(self, form: SuggestForm, **more: Any) -> dict[str, Any]:
        row = self.context.row
        values = present_values(row, reader_of(self.request))
        return {"form": form, "row": row, "present": values, "sent": False, "too_many": False, **more}

    @view_config(request_method="GET", renderer="templates/suggest.jinja2")
    def form(self) -> dict[str, Any]:
        form = SuggestForm(self.request, self.context.row)
        return self._page(form, sent="merci" in self.request.GET)

    @view_config(request_method="POST", renderer="templates/suggest.jinja2", journal="suggestion.create")
    def send(self) -> Any:
        request, now = self.request, self.request.registry["clock"]()
        form = SuggestForm(request, self.context.row)
        if not form.validate():
            return refuse(request, **self._page(form))
        id_, slug = self.context.present
        if not allow_network(request.db, LIMIT, request.network, now):
            request.response.status_int = TOO_MANY  # returned, not raised: what was typed is kept
            return self._page(form, too_many=True)
        stored = None
        if not form.is_spam:
            author = request.identity.person_id if request.identity else None
            stored = suggestions.suggest(
                request.db, id_, form.said, language=request.lang, nonce=form.nonce, now=now, author_id=author
            )
            if stored is not None:
                place = {**self.context.row, "id": id_, "slug": slug}
                tell_arrival(request.db, stored, place, request.config, now)
        if stored is None:
            request.journal_nothing()
        return HTTPSeeOther(request.route_path("editing.suggest", id=str(id_), slug=slug, _query={"merci": "1"}))


@view_config(
    route_name="editing.desk.suggestions",
    permission=Permission.DESK_READ,
    request_method="GET",
    renderer="templates/suggest_list.jinja2",
)
def suggestion_list(request: Request) -> dict[str, Any]:
    """Suggestions that wait, of my places; of all places for the coordination."""
    places = scope(request)
    found, page, pages = paged(request, A_PAGE, lambda start: suggestions.waiting(request.db, places, A_PAGE, start))
    rows = structures_named(request.db, [one.structure_id for one in found.suggestions])
    listed = [
        (one, rows[one.structure_id], request.gettext(SUGGESTION_TITLES[one.reason]))
        for one in found.suggestions
        if one.structure_id in rows
    ]
    return {
        "suggestions": listed, "total": found.total, "page": page, "pages": pages, "done": request.GET.get("fait"),
        "not_mine": places == [],
    }  # fmt: skip


@view_defaults(permission=Permission.SHEET_EDIT)
class SuggestionPages:
    """One suggestion: old and new value side by side, and what to do."""

    def __init__(self, context: SuggestionContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()

    def _page(self, form: RefuseForm, **more: Any) -> dict[str, Any]:
        request, context = self.request, self.context
        known = names(request.db, [context.suggestion.decided_by, context.suggestion.author_id])
        view = SuggestionView(context.suggestion, context.sheet.row, known, reader_of(request))
        return {
            "view": view,
            "row": context.sheet.row,
            "form": form,
            "late": False,
            "changed": False,
            "unchanged": False,
            "closed": False,
            **more,
        }

    @view_config(route_name="editing.suggestion", request_method="GET", renderer="templates/suggestion.jinja2")
    def show(self) -> dict[str, Any]:
        return self._page(RefuseForm(self.request), late="deja" in self.request.GET)

    @view_config(
        route_name="editing.suggestion.accept",
        request_method="POST",
        renderer="templates/suggestion.jinja2",
        journal="suggestion.accept",
    )
    def accept(self) -> Any:
        request, context = self.request, self.context
        vu = request.POST.get("vu")
        try:
            outcome = suggestions.accept(
                request.db, context.suggestion.id, context.structure_id, request.actor, request.sources,
                self.now, vu if isinstance(vu, str) else None,
            )  # fmt: skip
        except suggestions.Answered:
            return self._late()
        except suggestions.Closed:
            return refuse(request, **self._page(RefuseForm(request), closed=True))
        except LookupError as error:
            raise HTTPNotFound from error
        if outcome.clashes:
            context.__dict__.pop("sheet", None)  # read before the lock: what is shown is what is there now
            return refuse(request, **self._page(RefuseForm(request), changed=True))
        return self._answered("accepte")

    @view_config(
        route_name="editing.suggestion.done",
        request_method="POST",
        renderer="templates/suggestion.jinja2",
        journal="suggestion.done",
    )
    def done(self) -> Any:
        request, suggestion = self.request, self.context.suggestion
        waits = suggestion.state == SuggestionState.OPEN.value
        if waits and not is_corrected(request.db, suggestion, self.context.sheet.row):
            return refuse(request, **self._page(RefuseForm(request), unchanged=True))
        try:
            suggestions.mark_done(request.db, suggestion.id, request.actor, self.now)
        except suggestions.Answered:
            return self._late()
        return self._answered("accepte")

    @view_config(
        route_name="editing.suggestion.refuse",
        request_method="POST",
        renderer="templates/suggestion.jinja2",
        journal="suggestion.refuse",
    )
    def refuse(self) -> Any:
        request = self.request
        form = RefuseForm(request)
        if not form.validate():
            return refuse(request, **self._page(form))
        try:
            suggestions.refuse(request.db, self.context.suggestion.id, form.motif.data.strip(), request.actor, self.now)
        except suggestions.Answered:
            return self._late()
        return self._answered("refuse")

    def _late(self) -> HTTPSeeOther:
        """Somebody was faster: the page says who, and what."""
        self.request.journal_nothing()
        path = self.request.route_path(
            "editing.suggestion", suggestion=str(self.context.suggestion.id), _query={"deja": "1"}
        )
        return HTTPSeeOther(path)

    def _answered(self, result: str) -> HTTPSeeOther:
        request, context = self.request, self.context
        row = context.sheet.row
        request.journal(suggestion=str(context.suggestion.id))
        tell_answer(request.db, context.suggestion, row, request.config, self.now)
        return HTTPSeeOther(request.route_path("editing.desk.suggestions", _query={"fait": result}))
