"""Subscribers, for the coordination: sums, one person who telephones, lists to invite."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.newsletter.models import Subscriber
from feeds.newsletter.subscribing import consenting, desk, inviting, services, suppressing, words
from feeds.newsletter.subscribing.forms import InviteForm, LookForm
from feeds.newsletter.subscribing.services import Choices
from reseau.core.ids import parse_id
from reseau.core.letters import Site
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request


class _Desk:
    def __init__(self, request: Request) -> None:
        self.request, self.db, self.now = request, request.db, request.registry["clock"]()
        self.secret, self.site = request.config.secret, Site.of(request.config)


@view_defaults(permission=Permission.NETWORK_COORDINATE, renderer="templates/abonnes.jinja2")
class SubscribersPages(_Desk):
    """Sums, and the search of one address. The address is not in that of the page: those are kept in logs."""

    @view_config(route_name="subscribing.subscribers", request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown(LookForm(self.request))

    @view_config(route_name="subscribing.subscribers", request_method="POST", journal="letter.look")
    def look(self) -> Any:
        form = LookForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        found = services.by_email(self.db, form.adresse.data)
        if found is not None:
            self.request.journal(found.id)
            return HTTPSeeOther(self.request.route_path("subscribing.subscriber", id=str(found.id)))
        reason = suppressing.reason_of(self.db, self.secret, form.adresse.data)
        return self._shown(form) | {"unknown": form.adresse.data, "reason": reason}

    @view_config(
        route_name="subscribing.subscribers", request_method="POST", request_param="faire=inscrire",
        journal="letter.ask-for",
    )  # fmt: skip
    def ask_for(self) -> Any:
        """Somebody who telephones wants the letter: a mail asks them to confirm."""
        form = LookForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        lang = self.request.config.default_language
        left = services.ask(self.db, self.site, form.adresse.data, Choices(lang), self.now, source=consenting.DESK)
        said = "demande" if left else "trop"
        return HTTPSeeOther(self.request.route_path("subscribing.subscribers", _query={"fait": said}))

    def _shown(self, form: LookForm) -> dict[str, Any]:
        return {
            "form": form, "sums": desk.sums(self.db, self.now), "words": words, "unknown": "", "reason": "",
            "said": self.request.GET.get("fait", ""),
        }  # fmt: skip

    @view_config(route_name="subscribing.subscribers.csv", request_method="GET", renderer=None)
    def sums_csv(self) -> Response:
        """Sums only: no address leaves."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerows([("quoi", "lequel", "nombre"), *desk.sums(self.db, self.now).rows()])
        response = Response(out.getvalue().encode("utf-8-sig"), content_type="text/csv", charset="utf-8")
        response.content_disposition = 'attachment; filename="abonnes.csv"'
        return response


@view_defaults(
    route_name="subscribing.subscriber", permission=Permission.NETWORK_COORDINATE, renderer="templates/abonne.jinja2"
)
class SubscriberPages(_Desk):
    """One subscriber: where they stand, what they said, and what can be done for them."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        id_ = parse_id(request.matchdict["id"])
        found = self.db.get(Subscriber, id_) if id_ else None
        if found is None:
            raise HTTPNotFound
        self.found: Subscriber = found

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return {
            "one": self.found, "events": consenting.journal(self.db, self.found.id), "words": words,
            "reason": suppressing.reason_of(self.db, self.secret, self.found.email),
            "said": self.request.GET.get("fait", ""),
        }  # fmt: skip

    @view_config(request_method="POST", request_param="faire=inscrire", journal="letter.ask-for")
    def ask_for(self) -> Any:
        choices = Choices.of(self.found)
        left = services.ask(self.db, self.site, self.found.email, choices, self.now, source=consenting.DESK)
        return self._done("demande" if left else "trop")

    @view_config(request_method="POST", request_param="faire=quitter", journal="letter.leave-for")
    def leave(self) -> Any:
        services.leave(self.db, self.found, consenting.DESK, self.now, secret=self.secret, reason=suppressing.ASKED)
        return self._done("parti")

    @view_config(request_method="POST", request_param="faire=effacer", journal="letter.erase")
    def erase(self) -> Any:
        self.request.journal(self.found.id)
        desk.erase(self.db, self.secret, self.found, self.now)
        return HTTPSeeOther(self.request.route_path("subscribing.subscribers", _query={"fait": "efface"}))

    def _done(self, said: str) -> HTTPSeeOther:
        self.request.journal(self.found.id)
        path = self.request.route_path("subscribing.subscriber", id=str(self.found.id), _query={"fait": said})
        return HTTPSeeOther(path)


@view_defaults(route_name="subscribing.invite", permission=Permission.NETWORK_COORDINATE,
               renderer="templates/inviter.jinja2")  # fmt: skip
class InvitePages(_Desk):
    """A list: first what would happen, then invitations."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.form = InviteForm(request, desk.relays(request.db))

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown()

    @view_config(request_method="POST", journal_exempt_reason="only shows what would happen")
    def try_out(self) -> Any:
        try:
            read = inviting.read(self._text())
        except inviting.Unreadable as error:
            return refuse(self.request, **self._shown(), problem=words.PROBLEMS[error.code])
        if not self.form.validate():
            return refuse(self.request, **self._shown())
        return self._shown() | {"read": read, "tried": inviting.try_out(self.db, self.secret, read.emails)}

    @view_config(request_method="POST", request_param="faire=inviter", journal="letter.invite")
    def invite(self) -> Any:
        try:
            read = inviting.read(self.form.adresses.data or "")
        except inviting.Unreadable as error:
            return refuse(self.request, **self._shown(), problem=words.PROBLEMS[error.code])
        if not self.form.validate():
            return refuse(self.request, **self._shown())
        relay_id, by = parse_id(self.form.relais.data or ""), self.request.identity.person_id
        done = inviting.invite(self.db, read.emails, relay_id, by, self.site, self.now, lang=self.form.langue.data)
        self.request.journal(relay_id, sent=len(done.new))
        return HTTPSeeOther(self.request.route_path("subscribing.invite", _query={"envoyees": str(len(done.new))}))

    def _text(self) -> str:
        """What was pasted, else the file. :raises Unreadable: it is too large, or no text."""
        sent = self.request.POST.get("fichier")
        if not hasattr(sent, "file"):
            return self.form.adresses.data or ""
        with sent.file as file:
            data = file.read(inviting.MAX_BYTES + 1)
        return inviting.decode(data) if data else self.form.adresses.data or ""

    def _shown(self) -> dict[str, Any]:
        sent = self.request.GET.get("envoyees", "")
        self.form.adresses.data = (self.form.adresses.data or "")[: inviting.MAX_BYTES].replace("\x00", "")
        return {
            "form": self.form, "read": None, "tried": None, "max_rows": inviting.MAX_ADDRESSES,
            "max_kb": inviting.MAX_BYTES // 1000, "shown": inviting.MAX_SHOWN,
            "sent": int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 6 else None,
        }  # fmt: skip
