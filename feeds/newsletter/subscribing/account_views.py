"""The letter in one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from feeds.newsletter.subscribing import consenting, own, services
from feeds.newsletter.subscribing.forms import ChoicesForm
from feeds.newsletter.subscribing.services import Choices
from reseau.members import profile
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(route_name="subscribing.own", permission=Permission.ACCOUNT_OWN, renderer="templates/compte.jinja2")
class OwnLetterPages:
    """Subscribe in one click, choose, leave."""

    def __init__(self, request: Request) -> None:
        self.request, self.db, self.now = request, request.db, request.registry["clock"]()
        self.secret = request.config.secret
        self.person = profile.active(request.db, request.identity.person_id)

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown()

    @view_config(request_method="POST", request_param="faire=inscrire", journal="letter.confirm")
    def subscribe(self) -> Any:
        row = own.subscribe(self.db, self.secret, self.person, Choices(self.person.lang), self.now)
        self.request.journal(row.id)
        return self._to("inscrit")

    @view_config(request_method="POST", request_param="faire=quitter", journal="letter.leave")
    def leave(self) -> Any:
        row = self._settled()
        if row is None or not services.leave(self.db, row, consenting.PROFILE, self.now, secret=self.secret):
            self.request.journal_nothing()
        else:
            self.request.journal(row.id)
        return self._to("parti")

    @view_config(request_method="POST", request_param="faire=choisir", journal="letter.change")
    def choose(self) -> Any:
        row = self._settled()
        form = ChoicesForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        if row is None or not services.change(self.db, row, form.choices, consenting.PROFILE, self.now):
            self.request.journal_nothing()
        else:
            self.request.journal(row.id)
        return self._to("enregistre")

    def _settled(self) -> Any:
        return own.settle(self.db, self.secret, self.person.id, self.person.email or "", self.now)

    def _to(self, said: str) -> HTTPSeeOther:
        return HTTPSeeOther(self.request.route_path("subscribing.own", _query={"fait": said}))

    def _shown(self, form: ChoicesForm | None = None) -> dict[str, Any]:
        one = own.of_person(self.db, self.person.id, self.person.email or "")
        receives = one is not None and one.state == services.ACTIVE
        chosen = Choices.of(one) if one is not None else Choices(self.person.lang)
        return {
            "one": one, "receives": receives, "email": self.person.email, "said": self.request.GET.get("fait", ""),
            "form": (form or ChoicesForm(self.request, chosen)) if receives else None,
        }  # fmt: skip
