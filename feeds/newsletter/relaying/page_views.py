"""The pages of a relay: what it may take, its own words, what it declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from feeds.newsletter.composing.addresses import logo_path, qr_path, subscribe_url
from feeds.newsletter.relaying import own, reaching, services, taking
from feeds.newsletter.relaying.forms import OwnForm, ReachForm
from feeds.newsletter.relaying.routes import RelayContext
from reseau.core.letters import Site
from reseau.core.wording import Wording
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.base import langs
from resources.files.errors import UploadError, sentence

if TYPE_CHECKING:
    from pyramid.request import Request

DONE = {
    "presentation": _(
        "Votre présentation est enregistrée. Elle est en haut de ce que vous transmettez ; un numéro que "
        "vos contacts ont déjà reçu garde celle qu’il avait."
    ),
    "note": _("Merci. C’est noté."),
    "corrige": _("C’est corrigé."),
    "retire": _("Cette déclaration est retirée."),
}
LOGO_WORDS = {
    "type": _("Le logo doit être une image PNG ou JPEG."),
    "heavy": _("Ce logo est trop lourd : 5 Mo au plus."),
    "unreadable": _("Cette image ne peut pas être lue. Enregistrez-la de nouveau, en PNG, puis recommencez."),
}
SUBSCRIBE_SHOWN = ("fr", "en", "ar")


@view_config(route_name="relays.home", permission=Permission.RELAY_FORWARD, request_method="GET",
             renderer="templates/home.jinja2")  # fmt: skip
def home(request: Request) -> Any:
    """The relays of whoever asks; with a single one, its page. The coordination sees all of them."""
    if request.allows(Permission.NETWORK_COORDINATE):
        page = page_number(request)
        found, total = services.listed(request.db, page)
        pages = max(1, -(-total // services.PAGE))
        return {"found": found, "page": page, "pages": pages, "coordinates": True}
    found = services.of_places(request.db, list(request.identity.places))
    if len(found) == 1:
        return HTTPSeeOther(f"{request.script_name}/relais/{found[0].relay.code}")
    return {"found": found, "page": 1, "pages": 1, "coordinates": False}


class _Page:
    def __init__(self, context: RelayContext, request: Request) -> None:
        self.context, self.request, self.db = context, request, request.db
        self.relay, self.now = context.relay, request.registry["clock"]()

    def _back(self, done: str) -> HTTPSeeOther:
        return HTTPSeeOther(f"{self.request.script_name}{self.context.path}?fait={done}")

    def _common(self) -> dict[str, Any]:
        return {"relay": self.relay, "name": services.named(self.db, self.relay), "path": self.context.path}


@view_defaults(permission=Permission.RELAY_FORWARD)
class RelayPage(_Page):
    """The last issue and the one to come; what was declared."""

    def _shown(self, form: ReachForm | None = None) -> dict[str, Any]:
        offers = taking.offered(self.db, self.request.lang)
        site, done = Site.of(self.request.config), self.request.GET.get("fait", "")
        mails = taking.mails(self.db, offers, subscribe_url(site.url, self.relay.code), site)
        contacts, came, visits, declared = services.numbers(self.db, [self.relay.id])[self.relay.id]
        return {
            **self._common(), "offers": offers, "mails": mails, "done": DONE.get(done, ""),
            "form": form or ReachForm(self.request, taking.texts(offers), formdata=None),
            "declared": reaching.declared(self.db, self.relay), "means": reaching.MEANS, "came": came, "visits": visits,
            "sum": declared, "contacts": contacts, "own_name": langs.own_name, "direction": langs.direction,
            "subscribe": subscribe_url(site.url, self.relay.code), "qr": qr_path(self.relay.code),
            "logo": logo_path(self.relay.code) if self.relay.logo_sha else "",
        }  # fmt: skip

    @view_config(route_name="relays.relay", request_method="GET", renderer="templates/relay.jinja2")
    def read(self) -> dict[str, Any]:
        return self._shown()

    @view_config(route_name="relays.reach", request_method="POST", renderer="templates/relay.jinja2",
                 journal="relay.reach")  # fmt: skip
    def declare(self) -> Any:
        form = ReachForm(self.request, taking.texts(taking.offered(self.db, self.request.lang)))
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        row = reaching.declare(self.db, self.relay, form.said, self.request.identity.person_id, self.now)
        self.request.journal(self.relay.id, number=row.people)
        return self._back("note")


@view_defaults(route_name="relays.reach.one", permission=Permission.RELAY_FORWARD, renderer="templates/reach.jinja2")
class ReachPage(_Page):
    """One declaration, to put right."""

    def __init__(self, context: RelayContext, request: Request) -> None:
        super().__init__(context, request)
        found = reaching.find(self.db, self.relay, UUID(request.matchdict["id"]))
        if found is None:
            raise HTTPNotFound
        self.row = found
        offers = taking.offered(self.db, request.lang, 12)
        self.issues = taking.texts(offers)
        if self.row.issue_id and str(self.row.issue_id) not in dict(self.issues):
            self.issues.append((str(self.row.issue_id), request.gettext(_("Un numéro plus ancien"))))

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        row = self.row
        form = ReachForm(self.request, self.issues, nombre=row.people, moyen=row.means, note=row.note,
                         numero=str(row.issue_id or ""))  # fmt: skip
        return {**self._common(), "form": form}

    @view_config(request_method="POST", request_param="retirer", journal="relay.reach-withdraw")
    def withdraw(self) -> HTTPSeeOther:
        self.request.journal(self.relay.id, number=self.row.people)
        reaching.withdraw(self.db, self.row)
        return self._back("retire")

    @view_config(request_method="POST", journal="relay.reach-correct")
    def correct(self) -> Any:
        form = ReachForm(self.request, self.issues)
        if not form.validate():
            return refuse(self.request, **self._common(), form=form)
        if reaching.correct(self.db, self.row, form.said):
            self.request.journal(self.relay.id, number=self.row.people)
        else:
            self.request.journal_nothing()
        return self._back("corrige")


@view_defaults(route_name="relays.own", permission=Permission.RELAY_FORWARD, renderer="templates/own.jinja2")
class OwnPage(_Page):
    """Its words and its logo."""

    def _page(self, form: OwnForm) -> dict[str, Any]:
        logo = logo_path(self.relay.code) if self.relay.logo_sha else ""
        return {**self._common(), "form": form, "logo": logo, "logo_problem": "", "tongues": SUBSCRIBE_SHOWN,
                "direction": lambda lang: Wording.of(lang).dir}  # fmt: skip

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        said = {f"intro_{lang}": (self.relay.intro or {}).get(lang, "") for lang in SUBSCRIBE_SHOWN}
        return self._page(OwnForm(self.request, texte_logo=self.relay.logo_alt, **said))

    @view_config(request_method="POST", journal="relay.own", takes_files=True)
    def save(self) -> Any:
        request, came = self.request, self.request.upload
        sent = None if came.error else came.file("logo")
        form = OwnForm(request, needs_alt=bool(sent or self.relay.logo_sha))
        if not form.validate() or came.error:
            problem = sentence(came.error, Wording.of(request.lang)) if came.error else ""
            return refuse(request, **self._page(form) | {"logo_problem": problem})
        try:
            changed = self._logo(sent, bool(form.sans_logo.data))
        except own.NotAPicture as error:
            return refuse(request, **self._page(form) | {"logo_problem": request.gettext(LOGO_WORDS[error.code])})
        except UploadError as error:
            return refuse(request, **self._page(form) | {"logo_problem": sentence(error, Wording.of(request.lang))})
        intro = {lang: form[f"intro_{lang}"].data or "" for lang in SUBSCRIBE_SHOWN}
        if own.set_words(self.db, self.relay, intro, form.texte_logo.data or "") or changed:
            request.journal(self.relay.id)
        else:
            request.journal_nothing()
        return self._back("presentation")

    def _logo(self, sent: Any, without: bool) -> bool:
        if without:
            return own.drop_logo(self.db, self.relay)
        if sent is None:
            return False
        registry, by = self.request.registry, self.request.identity.person_id
        own.set_logo(self.db, registry["files"], self.relay, sent, by, self.now, registry["files.limits"])
        return True
