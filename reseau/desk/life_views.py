"""Pages of the life of a place: make it, branch it, close it, open it again, join it with another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther, HTTPTooManyRequests
from pyramid.view import view_config, view_defaults

from reseau.core.clock import local_day
from reseau.core.limits import allow
from reseau.desk import comparing, joining, making
from reseau.desk.life_forms import CloseForm, PlaceForm
from reseau.directory import lifecycle, present
from reseau.directory.models import Cause, Status
from reseau.directory.reproject import Because
from reseau.directory.routes import SheetContext
from reseau.editing.values import Reader, group_lines, group_title
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

OBSTACLES = {
    "same": _("Vous avez choisi deux fois la même fiche. Choisissez une autre fiche à retirer."),
    "closed": _("Le lieu à garder est fermé. Gardez plutôt l’autre, ou rouvrez d’abord celui-ci."),
    "gone": _("L’un des deux lieux a déjà été réuni à un autre, ou n’existe plus. Choisissez-les à nouveau."),
}


SIDES = ("garder", "retirer")


def today_of(request: Request) -> date:
    """Today where the site is."""
    return local_day(request.registry["clock"](), request.config.timezone)


class _Life:
    """What all of these pages need of a request."""

    def __init__(self, request: Request) -> None:
        self.request, self.db, self.settings = request, request.db, request.config
        self.now = request.registry["clock"]()

    def go(self, path: str) -> HTTPSeeOther:
        """To another page of ours, after a POST."""
        return HTTPSeeOther(self.request.script_name + path)

    def because(self, cause: Cause) -> Because:
        """Whoever asks."""
        return Because(cause, self.request.actor)


@view_defaults(route_name="desk.create", permission=Permission.SHEET_CREATE)
class CreatePages(_Life):
    """A place that no register knows."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.form = PlaceForm(request)

    @view_config(request_method="GET", renderer="templates/create.jinja2")
    def ask(self) -> dict[str, Any]:
        return {"form": self.form, "duplicates": [], "parent": None, "most": None}

    @view_config(request_method="POST", renderer="templates/create.jinja2", journal="sheet.create")
    def make(self) -> Any:
        if not self.form.validate():
            return refuse(self.request, form=self.form, duplicates=[], parent=None, most=None)
        values = self.form.values
        known = making.duplicates(self.db, values, self.form.place)
        if known and not self.form.nouveau.data:
            return refuse(self.request, form=self.form, duplicates=known, parent=None, most=None)
        id_ = making.make(self.db, values, self.request.actor, self.settings, self.now)
        self.request.journal(id_)
        return self.go(making.path_of(self.db, id_) + "/modifier")


@view_defaults(route_name="desk.branch", permission=Permission.SHEET_EDIT)
class BranchPages(_Life):
    """Another address of a place."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        super().__init__(request)
        self.parent = open_place(context, request)
        name = request.gettext(_("%(nom)s – antenne"), nom=self.parent["nom"])
        same = {field: self.parent[field] for field in ("telephone", "commune", "services", "demarches")}
        self.form = PlaceForm(request, nom=name, **same)
        #: A référent is told of limits; the coordination has none.
        self.bounded = not request.allows(Permission.SHEET_COORDINATE)

    def _page(self, duplicates: Sequence[Any] = ()) -> dict[str, Any]:
        most = making.BRANCHES.times if self.bounded else None
        return {"form": self.form, "duplicates": duplicates, "parent": self.parent, "most": most}

    @view_config(request_method="GET", renderer="templates/create.jinja2")
    def ask(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", renderer="templates/create.jinja2", journal="sheet.branch")
    def make(self) -> Any:
        if not self.form.validate():
            return refuse(self.request, **self._page())
        values = self.form.values
        known = [row for row in making.duplicates(self.db, values, self.form.place) if row["id"] != self.parent["id"]]
        if known and not self.form.nouveau.data:
            return refuse(self.request, **self._page(known))
        by = self.request.identity.person_id
        if self.bounded and not allow(self.db, making.BRANCHES, str(by), self.now):
            raise HTTPTooManyRequests
        id_ = making.make_branch(self.db, self.parent, values, self.request.actor, self.settings, self.now)
        if self.bounded:
            making.tell_coordination(self.db, self.parent, values["nom"], by, self.settings, self.now)
        self.request.journal(id_, parent=str(self.parent["id"]))
        return self.go(making.path_of(self.db, id_) + "/modifier")


def open_place(context: SheetContext, request: Request) -> Any:
    """The row of the place, where it is now.

    :raises HTTPMovedPermanently: a GET of an old address. :raises HTTPSeeOther: it is closed, or was merged before this
        POST: its sheet says what became of it.
    """
    context.settle()
    row = context.row
    if row["status"] != Status.ACTIVE.value:
        id_, slug = context.present
        raise HTTPSeeOther(request.script_name + present.path(slug, id_))
    return row


@view_defaults(route_name="desk.close", permission=Permission.SHEET_EDIT)
class ClosePages(_Life):
    """The end of a place."""

    def __init__(self, context: SheetContext, request: Request) -> None:
        super().__init__(request)
        self.context = context
        context.settle()

    def _values(self, form: CloseForm) -> dict[str, Any]:
        return {"form": form, "row": self.context.row, "closed_on": self.context.sheet.closed_on}

    @view_config(request_method="GET", renderer="templates/close.jinja2")
    def ask(self) -> dict[str, Any]:
        today = today_of(self.request)
        return self._values(CloseForm(self.request, today, le=today))

    @view_config(request_method="POST", renderer="templates/close.jinja2", journal="sheet.close")
    def close(self) -> Any:
        row = open_place(self.context, self.request)
        form = CloseForm(self.request, today_of(self.request))
        if not form.validate():
            return refuse(self.request, **self._values(form))
        said = (form.le.data, form.raison.data)
        because = self.because(Cause.CLOSE)
        done = lifecycle.close(self.db, row["id"], *said, because, self.request.sources, self.now)
        if not done:
            self.request.journal_nothing()  # somebody was faster
        return self.go(present.path(row["slug"], row["id"]))


@view_config(
    route_name="desk.reopen",
    permission=Permission.SHEET_COORDINATE,
    request_method="POST",
    journal="sheet.reopen",
)
def reopen(context: SheetContext, request: Request) -> Any:
    """Undo a closing."""
    life = _Life(request)
    id_, slug = context.present
    done = lifecycle.reopen(request.db, id_, life.because(Cause.REOPEN), request.sources, life.now)
    if not done:
        request.journal_nothing()
    return life.go(present.path(slug, id_))


@view_defaults(route_name="desk.merge", permission=Permission.SHEET_COORDINATE)
class MergePages(_Life):
    """Two sheets that are one place: both are looked for by their names, then compared, then joined."""

    def _page(self, asked: dict[str, str], obstacle: str = "") -> dict[str, Any]:
        kept, lost = (comparing.named_by(self.db, asked[name]) for name in SIDES)
        found = {name: [] if row else self._search(asked[name]) for name, row in zip(SIDES, (kept, lost), strict=True)}
        comparison = comparing.compare(self.db, kept, lost) if kept and lost else None
        obstacle = obstacle or (comparison.obstacle if comparison else "")
        reader = Reader(self.request.lang, self.request.gettext, today_of(self.request))
        return {
            "asked": asked, "kept": kept, "lost": lost, "found": found, "comparison": comparison,
            "chosen": comparing.read_choices(_texts(self.request.POST)),
            "obstacle": self.request.gettext(OBSTACLES[obstacle]) if obstacle else "",
            "title": lambda group: group_title(group[0], reader),
            "lines": lambda values, group: group_lines(values, group, reader),
        }  # fmt: skip

    def _search(self, text: str) -> list[Any]:
        if not text:
            return []
        facts = self.request.registry["directory.facts"].read(self.db)
        return comparing.search(self.db, facts, self.request.registry["search.engine"], text, self.now)

    @view_config(request_method="GET", renderer="templates/merge.jinja2")
    def compare(self) -> dict[str, Any]:
        given = dict(self.request.query_items)
        return self._page({name: _asked(given, name) for name in SIDES})

    @view_config(request_method="POST", renderer="templates/merge.jinja2", journal="sheet.merge")
    def merge(self) -> Any:
        posted = dict(_texts(self.request.POST))
        asked = {name: posted.get(name, "")[:300].replace("\x00", "") for name in SIDES}
        kept, lost = (comparing.id_in(asked[name]) for name in SIDES)
        if kept is None or lost is None:
            return refuse(self.request, **self._page(asked, "gone"))
        keep = comparing.read_choices(posted.items())
        try:
            joining.join(self.db, kept, lost, keep, self.because(Cause.MERGE), self.settings, self.now)
        except lifecycle.NotMergeable as error:
            return refuse(self.request, **self._page(asked, error.code))
        self.request.journal(kept, lost=str(lost))
        return self.go(making.path_of(self.db, kept))


def _texts(posted: Any) -> list[tuple[str, str]]:
    """The fields of a form without its files."""
    return [(key, value) for key, value in posted.items() if isinstance(value, str)]


def _asked(given: dict[str, str], name: str) -> str:
    """Which place is meant: the one that was chosen in the list of results, unless other words were typed since."""
    words, seen = (given.get(key, "").replace("\x00", "").strip() for key in (name, f"{name}-cherche"))
    chosen = given.get(f"{name}-choix", "")
    return chosen if chosen and words == seen else words
