"""Pages of the committee and the coordination: what was decided, written down."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.clock import local_day
from reseau.core.ids import parse_id
from reseau.desk import comparing
from reseau.directory.models import Status
from reseau.directory.reproject import add_months
from reseau.label import criteria, listing, services
from reseau.label.forms import CriteriaForm, GrantForm, RenewForm, WithdrawForm
from reseau.label.listing import Line
from reseau.members.places import names
from reseau.web.formats import format_date
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

VIEWS = {
    "tenus": _("Labels en cours"),
    "bientot": _("À renouveler bientôt"),
    "a-venir": _("À venir"),
    "termines": _("Terminés"),
    "retires": _("Retirés"),
}
DONE = {
    "donne": _("C’est fait : le label est donné. Il se voit sur la fiche."),
    "renouvele": _("C’est fait : le label est renouvelé."),
    "retire": _("C’est fait : le label est retiré. La fiche ne le montre plus."),
    "criteres": _("Les critères sont enregistrés."),
}
OBSTACLES = {
    "closed": _("Ce lieu est fermé : il ne peut pas recevoir le label."),
    "order": _("Le label finirait avant de commencer : changez l’une des deux dates."),
    "criteria": _("Cette version des critères commence plus tard que le label. Choisissez une autre version, ou un "
                  "autre jour."),
    "over": _("Ce label est déjà terminé."),
    "day": _("Ce jour n’est pas possible : choisissez un jour entre le début du label et aujourd’hui."),
    "reason": _("Écrivez en quelques mots pourquoi."),
}  # fmt: skip
OVERLAP = _("Ce lieu a déjà le label du %(start)s au %(end)s. Choisissez des dates qui ne se croisent pas, ou "
            "renouvelez ce label.")  # fmt: skip
UNUSABLE = {
    "version": _("Ce nom ne convient pas : des lettres sans accent, des chiffres, un point ou un tiret."),
    "taken": _("Une version a déjà ce nom."),
    "french": _("Écrivez les critères en français."),
    "used": _("Un label a été donné avec ces critères : ils ne changent plus. Faites une nouvelle version."),
}
MONTHS = 24
"""How long a label is proposed to last."""


def _lasting(starts: date) -> date:
    """The last day that is proposed."""
    return date.fromordinal(add_months(starts, MONTHS).toordinal() - 1)


class _Desk:
    """What all of these pages need of a request."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.now = request.registry["clock"]()
        self.today: date = local_day(self.now, request.config.timezone)

    def go(self, path: str) -> HTTPSeeOther:
        """To another page of ours, after a POST."""
        return HTTPSeeOther(self.request.script_name + path)

    def obstacle(self, code: str) -> str:
        """What stands in the way, in a sentence."""
        return str(self.request.gettext(OBSTACLES[code]))

    def said(self, error: services.Refused) -> str:
        """Why it was refused, in a sentence."""
        if error.span is None:
            return self.obstacle(error.code)
        start, end = (format_date(day, self.request.lang) for day in error.span)
        return str(self.request.gettext(OVERLAP, start=start, end=end))

    def chosen(self, form: GrantForm | RenewForm) -> Any:
        """The version of the criteria that a valid form names."""
        return criteria.named(self.db, form.criteres.data)

    def line(self) -> Line:
        """The decision of the address. :raises HTTPNotFound: there is none."""
        id_ = parse_id(self.request.matchdict["id"])
        found = listing.one(self.db, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        return found


@view_defaults(permission=Permission.LABEL_DECIDE)
class ListPages(_Desk):
    """What was decided."""

    @view_config(route_name="label.desk", renderer="templates/desk.jinja2", request_method="GET")
    def decisions(self) -> dict[str, Any]:
        asked = dict(self.request.query_items)
        view = asked.get("etat", "tenus")
        view = view if view in VIEWS else "tenus"
        counts = listing.counts(self.db, self.today)
        found = listing.decisions(self.db, view, self.today, page_number(self.request), counts[view])
        done = DONE.get(asked.get("fait", ""), "")
        return {"found": found, "view": view, "views": VIEWS, "counts": counts, "done": done,
                "versions": criteria.every(self.db), "today": self.today}  # fmt: skip

    @view_config(route_name="label.decision", renderer="templates/decision.jinja2", request_method="GET")
    def decision(self) -> dict[str, Any]:
        line = self.line()
        label = line.label
        others = services.labels_of(self.db, [line.id]).get(line.id, [])
        return {"line": line, "label": label, "today": self.today, "over": label.ended or line.until < self.today,
                "others": [one for one in reversed(others) if one.id != label.id],
                "names": names(self.db, [label.decided_by, label.withdrawn_by])}  # fmt: skip


@view_defaults(route_name="label.grant", permission=Permission.LABEL_DECIDE, renderer="templates/grant.jinja2")
class GrantPages(_Desk):
    """A place receives the label: it is looked for by its name, then the days are written."""

    def _page(self, place: Any, form: GrantForm | None, **more: Any) -> dict[str, Any]:
        return {"place": place, "form": form, "asked": "", "results": [], "obstacle": "", **more}

    def _form(self, **data: Any) -> GrantForm:
        return GrantForm(self.request, self.today, criteria.every(self.db), **data)

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        given = dict(self.request.query_items)
        words, seen = (given.get(name, "").replace("\x00", "").strip() for name in ("lieu", "lieu-cherche"))
        text = given.get("lieu-choix", "") if given.get("lieu-choix") and words == seen else words
        place = comparing.named_by(self.db, text)
        if place is None:
            return self._page(None, None, asked=words, results=self._search(text))
        current = criteria.current(self.db, self.today)
        first = {"criteres": current and current.version, "debut": self.today, "fin": _lasting(self.today)}
        closed = "" if place["status"] == Status.ACTIVE.value else self.obstacle("closed")
        return self._page(place, None if closed else self._form(**first, decide=self.today), obstacle=closed)

    def _search(self, text: str) -> list[Any]:
        if not text:
            return []
        facts = self.request.registry["directory.facts"].read(self.db)
        return comparing.search(self.db, facts, self.request.registry["search.engine"], text, self.now)

    @view_config(request_method="POST", journal="label.grant")
    def grant(self) -> Any:
        posted = self.request.POST.get("lieu", "")
        place = comparing.named_by(self.db, posted[:300]) if isinstance(posted, str) else None
        form = self._form()
        if place is None:
            return refuse(self.request, **self._page(None, None, asked=""))
        if not form.validate():
            return refuse(self.request, **self._page(place, form))
        days = (form.debut.data, form.fin.data, form.decide.data)
        by, note = self.request.identity.person_id, form.note.data or ""
        try:
            label = services.grant(self.db, place["id"], self.chosen(form), *days, by, note, now=self.now)
        except services.Refused as error:
            return refuse(self.request, **self._page(place, form, obstacle=self.said(error)))
        self.request.journal(place["id"], label=str(label.id))
        return self.go("/gestion/label?fait=donne")


@view_defaults(route_name="label.renew", permission=Permission.LABEL_DECIDE, renderer="templates/renew.jinja2")
class RenewPages(_Desk):
    """The label goes on, the day after its last one."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.shown = self.line()
        self.starts = services.following_day(self.shown.label)

    def _page(self, form: RenewForm, obstacle: str = "") -> dict[str, Any]:
        return {"line": self.shown, "form": form, "starts": self.starts, "obstacle": obstacle}

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        current = criteria.current(self.db, self.today)
        first = {"criteres": current and current.version, "fin": max(_lasting(self.starts), self.today)}
        form = RenewForm(self.request, self.today, criteria.every(self.db), **first, decide=self.today)
        over = self.obstacle("over") if self.shown.label.withdrawn_on else ""
        return self._page(form, over)

    @view_config(request_method="POST", journal="label.renew")
    def renew(self) -> Any:
        form = RenewForm(self.request, self.today, criteria.every(self.db))
        if not form.validate():
            return refuse(self.request, **self._page(form))
        said = (form.fin.data, form.decide.data, self.request.identity.person_id, form.note.data or "")
        try:
            label = services.renew(self.db, self.shown.label, self.chosen(form), *said, now=self.now)
        except services.Refused as error:
            return refuse(self.request, **self._page(form, self.said(error)))
        self.request.journal(self.shown.id, label=str(label.id))
        return self.go("/gestion/label?fait=renouvele")


@view_defaults(route_name="label.withdraw", permission=Permission.LABEL_DECIDE, renderer="templates/withdraw.jinja2")
class WithdrawPages(_Desk):
    """The label ends before its day."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.shown = self.line()

    def _page(self, form: WithdrawForm, obstacle: str = "") -> dict[str, Any]:
        return {"line": self.shown, "form": form, "obstacle": obstacle}

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        over = self.shown.label.ended or self.shown.until < self.today
        obstacle = self.obstacle("over") if over else ""
        return self._page(WithdrawForm(self.request, le=self.today), obstacle)

    @view_config(request_method="POST", journal="label.withdraw")
    def withdraw(self) -> Any:
        form = WithdrawForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        by = self.request.identity.person_id
        try:
            services.withdraw(self.db, self.shown.label, form.raison.data, form.le.data, by, now=self.now)
        except services.Refused as error:
            return refuse(self.request, **self._page(form, self.said(error)))
        self.request.journal(self.shown.id, label=str(self.shown.label.id))
        return self.go("/gestion/label?fait=retire")


@view_defaults(permission=Permission.LABEL_DECIDE, renderer="templates/criteria_form.jinja2")
class CriteriaPages(_Desk):
    """A new version of the criteria; one that no label was given under yet can be corrected."""

    def _page(self, form: CriteriaForm, one: Any = None, obstacle: str = "") -> dict[str, Any]:
        return {"form": form, "one": one, "obstacle": obstacle}

    def _named(self) -> Any:
        found = criteria.named(self.db, self.request.matchdict["version"])
        if found is None:
            raise HTTPNotFound
        return found

    @view_config(route_name="label.criteria.new", request_method="GET")
    def ask(self) -> dict[str, Any]:
        last = next(iter(criteria.every(self.db)), None)
        texts = {name.removeprefix("fr-x-"): text for name, text in last.texts.items()} if last else {}
        return self._page(CriteriaForm(self.request, debut=self.today, **texts))

    @view_config(route_name="label.criteria.new", request_method="POST", journal="label.criteria")
    def add(self) -> Any:
        form = CriteriaForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._page(form))
        by = self.request.identity.person_id
        try:
            made = criteria.add(self.db, form.version.data, form.debut.data, form.texts, by, now=self.now)
        except criteria.Unusable as error:
            return refuse(self.request, **self._page(form, obstacle=self.request.gettext(UNUSABLE[error.code])))
        self.request.journal(made.id, version=made.version)
        return self.go("/gestion/label?fait=criteres")

    @view_config(route_name="label.criteria.edit", request_method="GET")
    def correct(self) -> dict[str, Any]:
        one = self._named()
        texts = {name.removeprefix("fr-x-"): text for name, text in one.texts.items()}
        why = UNUSABLE["used"]
        used = self.request.gettext(why) if criteria.used(self.db, one) else ""
        return self._page(CriteriaForm(self.request, version=one.version, debut=one.from_on, **texts), one, used)

    @view_config(route_name="label.criteria.edit", request_method="POST", journal="label.criteria")
    def save(self) -> Any:
        one, form = self._named(), CriteriaForm(self.request)
        form.version.data = one.version
        if not form.validate():
            return refuse(self.request, **self._page(form, one))
        try:
            criteria.change(self.db, one, form.debut.data, form.texts)
        except criteria.Unusable as error:
            return refuse(self.request, **self._page(form, one, self.request.gettext(UNUSABLE[error.code])))
        self.request.journal(one.id, version=one.version)
        return self.go("/gestion/label?fait=criteres")
