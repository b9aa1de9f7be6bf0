"""Who receives an issue, the check list, the test, the moment, the confirmation, the approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request as BlankRequest
from pyramid.view import view_config, view_defaults
from webob.multidict import MultiDict

from feeds.newsletter.audience import Segments
from feeds.newsletter.models import Edition, IssueState
from feeds.newsletter.sending.testing import send_test
from feeds.newsletter.writing import asking, looking, planning, reaching, services
from feeds.newsletter.writing.base_views import IssuePage
from feeds.newsletter.writing.forms import WHO_LABELS, SegmentsForm, WhenForm
from feeds.newsletter.writing.words import CLASH, DONE, EDITIONS, FROZEN, NO_EMAIL, REFUSED, STATES
from reseau.members import places
from reseau.members.models import Person
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

COORDINATE = Permission.NETWORK_COORDINATE


def routed(request: Request) -> looking.Routed:
    """Whether the site has a page at a path, by its routes."""
    mapper = request.registry.queryUtility(IRoutesMapper)
    return lambda path: mapper(BlankRequest.blank(path))["route"] is not None


@view_defaults(route_name="letter.segments", permission=COORDINATE, renderer="templates/segments.jinja2")
class SegmentPages(IssuePage):
    """Who receives it."""

    def _page(self, form: SegmentsForm, segments: Segments, seen: str = "", **more: Any) -> dict[str, Any]:
        return {
            "issue": self.issue, "at": self.at, "form": form, "tab": "destinataires", "who_labels": WHO_LABELS,
            "reach": reaching.reach(self.db, self.issue, segments, self.settings.timezone, self.now),
            "segments": segments, "seen": seen or services.mark(self.issue.segments), "draft": self.draft,
            "done": DONE.get(self.asked.get("fait", ""), ""), "refusal": "", "states": STATES, **more,
        }  # fmt: skip

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        segments = Segments.of(self.issue.segments)
        return self._page(SegmentsForm.of(self.request, segments), segments)

    @view_config(request_method="POST", journal="letter.choose")
    def choose(self) -> Any:
        form, seen = SegmentsForm(self.request), str(self.request.POST.get("vu", ""))
        if not form.validate():
            return refuse(self.request, **self._page(form, Segments.of(self.issue.segments), seen))
        if "compter" in self.request.POST:
            self.request.journal_nothing()
            return self._page(form, form.segments, seen)
        try:
            services.choose(self.db, self.issue.id, form.segments, seen)
        except services.Frozen:
            return refuse(self.request, **self._page(form, form.segments, seen, refusal=FROZEN))
        except services.Clash as clash:
            return refuse(self.request, **self._page(form, form.segments, services.mark(clash.now), refusal=CLASH))
        self.request.journal(self.issue.id)
        return self.here("/destinataires", fait="ecrit")


class PlanPage(IssuePage):
    """What the pages before the launch need."""

    def looked(self) -> looking.Looked:
        """The check list."""
        return looking.look(self.db, self.issue, self.settings, self.now, routed(self.request))

    def reach(self) -> reaching.Reach:
        """How many people."""
        segments = Segments.of(self.issue.segments)
        return reaching.reach(self.db, self.issue, segments, self.settings.timezone, self.now)

    @property
    def email(self) -> str:
        """The address of who looks at the page, or ""."""
        return self.db.get(Person, self.request.identity.person_id).email or ""

    def plan(self, form: WhenForm | None = None, **more: Any) -> dict[str, Any]:
        """The values of the page of sending."""
        return {
            "issue": self.issue, "at": self.at, "tab": "envoyer",
            "form": form or WhenForm(self.request, formdata=MultiDict()),
            "email": self.email, "no_email": NO_EMAIL, "looked": self.looked(), "reach": self.reach(),
            "segments": Segments.of(self.issue.segments), "who_labels": WHO_LABELS,
            "editions": EDITIONS, "draft": self.draft, "states": STATES, "approval": self.settings.letter_approval,
            "done": DONE.get(self.asked.get("fait", ""), ""), "refusal": "", "today": self.today.isoformat(),
            "mine": self.issue.asked_by == self.request.identity.person_id, **more,
        }  # fmt: skip


class PlanPages(PlanPage):
    """The check list, the test, the moment."""

    @view_config(
        route_name="letter.plan", request_method="GET", permission=COORDINATE, renderer="templates/plan.jinja2"
    )
    def show(self) -> Any:
        refused = self.asked.get("refus", "")
        if self.left:
            return self.here("/suivi", fait="parti" if refused else "")
        return self.plan(refusal=REFUSED.get(refused, ""))

    @view_config(
        route_name="letter.plan", request_method="POST", permission=COORDINATE, renderer="templates/plan.jinja2",
        journal_exempt_reason="it leads to the page that confirms",
    )  # fmt: skip
    def choose(self) -> Any:
        form = WhenForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.plan(form))
        try:
            form.when(self.now)
        except planning.Refused as refused:
            return refuse(self.request, **self.plan(form, refusal=REFUSED[refused.code]))
        said = [(name, self.request.POST.get(name, "")) for name in ("quand", "jour", "heure", "avant")]
        return self.go(f"{self.at}/lancer?" + urlencode([pair for pair in said if pair[1]]))

    @view_config(
        route_name="letter.test", request_method="POST", permission=COORDINATE, renderer="templates/plan.jinja2",
        journal="letter.test",
    )  # fmt: skip
    def test(self) -> Any:
        email = self.email
        if not email:
            return refuse(self.request, **self.plan(refusal=NO_EMAIL))
        asked = str(self.request.POST.get("edition", ""))
        edition = Edition(asked) if asked in list(Edition) else Edition.GENERAL
        wanted = self.request.POST.getall("en")
        for lang in [lang for lang in self.issue.langs if lang in wanted] or ["fr"]:
            made = looking.made(self.db, self.issue, edition, lang, self.settings, self.now)
            send_test(self.db, made, email, self.now)
        self.request.journal(self.issue.id, edition=edition.value)
        return self.here("/envoyer", fait="essai")

    @view_config(route_name="letter.back", request_method="POST", permission=COORDINATE, journal="letter.take-back")
    def take_back(self) -> HTTPSeeOther:
        try:
            planning.take_back(self.db, self.issue.id)
        except planning.Refused:
            self.request.journal_nothing()
            return self.here("/envoyer", fait="deja")
        self.request.journal(self.issue.id)
        return self.here(fait="repris")


@view_defaults(route_name="letter.launch", permission=COORDINATE, renderer="templates/launch.jinja2")
class LaunchPages(PlanPage):
    """The confirmation: how many people, what cannot be undone."""

    def _page(self, form: WhenForm, when: planning.When, **more: Any) -> dict[str, Any]:
        return {
            "issue": self.issue, "at": self.at, "tab": "envoyer", "form": form, "when": when, "now": self.now,
            "reach": self.reach(), "looked": self.looked(), "segments": Segments.of(self.issue.segments),
            "who_labels": WHO_LABELS, "approval": self.settings.letter_approval, "draft": self.draft, "refusal": "",
            "editions": EDITIONS, "states": STATES, "seen": str(self.issue.rev), **more,
        }  # fmt: skip

    @view_config(request_method="GET")
    def ask(self) -> Any:
        form = WhenForm(self.request, formdata=MultiDict(self.asked))
        try:
            if self.left:
                return self.here("/suivi", fait="parti")
            if not self.draft or not form.validate():
                return HTTPSeeOther(self.request.script_name + f"{self.at}/envoyer")
            return self._page(form, form.when(self.now))
        except planning.Refused:
            return HTTPSeeOther(self.request.script_name + f"{self.at}/envoyer")

    @view_config(request_method="POST", journal="letter.plan")
    def launch(self) -> Any:
        form = WhenForm(self.request)
        if not self.draft or not form.validate():
            return self._not_done("state" if not self.draft else "")
        try:
            when = form.when(self.now)
            page = self._page(form, when)
            if (said := self._obstacle(page)) is not None:
                return refuse(self.request, **{**page, "refusal": said})
            planning.plan(
                self.db, self.issue.id, when, self.request.identity.person_id, self.settings, int(page["seen"])
            )
        except planning.Refused as refused:
            return self._not_done(refused.code)
        except services.Frozen:
            return self._not_done("state")
        self.request.journal(self.issue.id, when=when.general.isoformat(), people=page["reach"].total)
        return self._after(when)

    def _not_done(self, code: str) -> HTTPSeeOther:
        """Back to where one chooses when. :param code: of ``REFUSED``, or "" (the form itself is wrong)."""
        self.request.journal_nothing()
        if self.left:
            return self.here("/suivi", fait="parti")
        return self.here("/envoyer", refus=code)

    def _obstacle(self, page: dict[str, Any]) -> str | None:
        if str(self.request.POST.get("vu", "")) != str(self.issue.rev):
            return REFUSED["state"]
        if not page["reach"].total:
            return REFUSED["nobody"]
        return "" if page["looked"].stops else None

    def _after(self, when: planning.When) -> HTTPSeeOther:
        if self.settings.letter_approval:
            asking.approval(self.db, self.issue, self.request.identity.person_id, self.settings, self.now)
            return self.here("/envoyer", fait="demande")
        if when.relays <= self.now:
            planning.leave(self.db, self.issue.id, self.settings, self.now)
        return self.here(
            "/suivi" if when.general <= self.now else "/envoyer",
            fait="lance" if when.general <= self.now else "programme",
        )


@view_defaults(route_name="letter.approve", permission=COORDINATE, renderer="templates/approve.jinja2")
class ApprovePages(PlanPage):
    """A second person."""

    def _page(self, **more: Any) -> dict[str, Any]:
        names = places.names(self.db, [self.issue.asked_by])
        return self.plan(by=names.get(self.issue.asked_by, "") if self.issue.asked_by else "", now=self.now, **more)

    @view_config(request_method="GET")
    def show(self) -> Any:
        if self.issue.state != IssueState.APPROVAL.value:
            return HTTPSeeOther(self.request.script_name + f"{self.at}/envoyer")
        return self._page()

    @view_config(request_method="POST", journal="letter.approve")
    def approve(self) -> Any:
        read = str(self.request.POST.get("vu", "")) == str(self.issue.rev)
        try:
            if self.looked().stops:
                return refuse(self.request, **self._page())
            rev = self.issue.rev if read else -1
            planning.approve(self.db, self.issue.id, self.request.identity.person_id, rev, self.now)
        except planning.Refused as refused:
            return refuse(self.request, **self._page(refusal=REFUSED[refused.code]))
        gone = planning.leave(self.db, self.issue.id, self.settings, self.now)
        self.request.journal(self.issue.id)
        general = Edition.GENERAL in gone
        return self.here("/suivi" if general else "/envoyer", fait="lance" if general else "approuve")
