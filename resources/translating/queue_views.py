"""The queue of translations, and readers who ask for a language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.view import forbidden_view_config, view_config, view_defaults

from reseau.core.clock import local_day
from reseau.core.paging import nearest, offset, pages_of
from reseau.web.errors import error_response, forbidden
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.base import langs
from resources.base.routes import ResourceContext
from resources.base.shapes import KIND_LABELS, Kind
from resources.translating import queue
from resources.translating.asking import ask

if TYPE_CHECKING:
    from pyramid.request import Request

A_PAGE = 50
#: When nobody said which language: that of most people who are helped and do not read French.
FIRST = "ar"
NO_PLACE = (
    _("Pour traduire, rejoignez d’abord un lieu"),
    _("Les traductions sont faites par les personnes des lieux du réseau. Cherchez votre lieu, puis rejoignez-le."),
)


@view_config(
    route_name="translating.queue",
    request_method="GET",
    permission=Permission.TRANSLATION_WRITE,
    renderer="templates/queue.jinja2",
)
def show_queue(request: Request) -> dict[str, Any]:
    """What to translate first, and what waits for my review."""
    usual = request.lang if request.lang != "fr" else FIRST
    typed = request.GET.get("langue_cible", "").strip()
    lang = langs.tag(typed) or usual
    kind = request.GET.get("type", "")
    kind = kind if kind in {one.value for one in Kind} else ""
    today = local_day(request.registry["clock"](), request.config.timezone)
    lines = queue.to_translate(request.db, lang, today, kind)
    number = nearest(page_number(request), len(lines), A_PAGE)
    start = offset(number, A_PAGE)
    asked = queue.languages(request.db)
    known = [*dict.fromkeys((*asked, *langs.OFFERED, lang))]
    return {
        "lines": lines[start : start + A_PAGE], "total": len(lines), "number": number,
        "pages": pages_of(len(lines), A_PAGE), "lang": lang, "kind": kind,
        "wrong": bool(typed and not langs.tag(typed)),
        "waiting": queue.waiting_for(request.db, request.identity.person_id),
        "tags": sorted(((tag, langs.name(tag, request.lang), asked[tag]) for tag in known),
                            key=lambda one: (-one[2], one[1])),
        "kinds": [(one.value, request.gettext(KIND_LABELS[one])) for one in Kind],
        "kind_label": lambda one: request.gettext(KIND_LABELS[one]),
        "language": langs.name(lang, request.lang), "name": lambda tag: langs.name(tag, request.lang),
        "direction": langs.direction,
    }  # fmt: skip


@forbidden_view_config(route_name="translating.queue")
def no_place(exc: HTTPForbidden, request: Request) -> Any:
    """To a visitor: sign in first. To somebody who is of no place: how to become one who translates."""
    who = request.known_identity
    if who is None and request.method in ("GET", "HEAD"):
        query = urlencode({"suite": request.path_qs})
        return HTTPSeeOther(f"{request.script_name}/connexion?{query}", headers={"Cache-Control": "no-store"})
    if who is None or who.places:
        return forbidden(exc, request)
    return error_response(request, 403, NO_PLACE, links=[(_("Chercher mon lieu"), f"{request.script_name}/annuaire")])


@view_defaults(route_name="translating.ask", permission=Permission.RESOURCE_READ, renderer="templates/ask.jinja2")
class AskPages:
    """A reader asks for a language."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request

    def _page(self, error: str = "") -> dict[str, Any]:
        resource, request = self.context.published.resource, self.request
        offered = [tag for tag in langs.OFFERED if tag not in resource.langs]
        return {
            "resource": resource, "here": request.script_name + self.context.path, "error": error,
            "offered": [(tag, langs.own_name(tag), langs.name(tag, request.lang)) for tag in offered],
            "direction": langs.direction,
        }  # fmt: skip

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", journal="translation.ask")
    def send(self) -> Any:
        request, resource = self.request, self.context.published.resource
        typed = request.POST.get("vers", "")
        lang = langs.tag(typed) if isinstance(typed, str) else None
        if lang is None:
            return refuse(request, **self._page(request.gettext(_("Choisissez une langue de la liste."))))
        there = lang in resource.langs
        counted = not there and ask(request.db, resource.id, lang, request.network, request.registry["clock"]())
        request.journal(resource.id, lang=lang)
        if not counted:
            request.journal_nothing()
        query = {"contenu": lang} if there else {"demande": "merci" if counted else "deja"}
        return HTTPSeeOther(request.route_path("resource.page", **request.matchdict, _query=query))
