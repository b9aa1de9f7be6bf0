"""An issue as files: mail, text, PDF, picture. They are looked at, saved or pasted; none holds a link of a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPServiceUnavailable
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from feeds.newsletter.content import Composed, Content
from feeds.newsletter.relaying import drawing, taking
from feeds.newsletter.relaying.routes import RelayContext
from reseau.core.letters import Site
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.files.extraction import WIDE

if TYPE_CHECKING:
    from pyramid.request import Request

#: The mail brings its styles inside its tags; nothing else runs or loads but the pictures of the letter.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
_NO = _("Ce numéro ne peut pas être dessiné maintenant. Réessayez dans un instant, ou prenez une autre forme.")


@view_defaults(permission=Permission.RELAY_FORWARD, request_method="GET")
class Taken:
    """One issue, in one language, for one relay."""

    def __init__(self, context: RelayContext, request: Request) -> None:
        self.context, self.request = context, request
        self.site, self.now = Site.of(request.config), request.registry["clock"]()

    @view_config(route_name="relays.mail")
    def mail(self) -> Response:
        made = self._composed().html
        response = Response(made, content_type="text/html", charset="utf-8")
        response.headers["Content-Security-Policy"] = POLICY
        if "telecharger" in self.request.GET:
            response.content_disposition = f'attachment; filename="{self._name("html")}"'
        return response

    @view_config(route_name="relays.text")
    def text(self) -> Response:
        response = Response(self._composed().text, content_type="text/plain", charset="utf-8")
        response.content_disposition = f'inline; filename="{self._name("txt")}"'
        return response

    @view_config(route_name="relays.paper")
    def paper(self) -> Response:
        relay, logo = self.context.relay, None
        if relay.logo_sha:
            path = self.request.registry["files"].beside(relay.logo_sha, WIDE)
            logo = path if path.is_file() else None
        told = self._content()
        return self._drawn(lambda: drawing.paper(told, self.site, self._cache, logo), "application/pdf", "pdf")

    @view_config(route_name="relays.image")
    def image(self) -> Response:
        told = self._content()
        return self._drawn(lambda: drawing.picture(told, self.site, self._cache), "image/png", "png")

    @property
    def _cache(self) -> Path:
        folder: Path = self.request.config.data_dir / "cache" / "lettre"
        return folder

    def _content(self) -> Content:
        context = self.context
        return taking.content(self.request.db, context.issue, context.relay, context.lang, self.site, self.now)

    def _composed(self) -> Composed:
        context = self.context
        return taking.composed(self.request.db, context.issue, context.relay, context.lang, self.site, self.now)

    def _name(self, suffix: str) -> str:
        issue = self.context.issue
        return f"lettre-{issue.number or 'a-venir'}-{self.context.lang}.{suffix}"

    def _drawn(self, draw: Callable[[], bytes], media_type: str, suffix: str) -> Response:
        try:
            made = draw()
        except drawing.CannotDraw as error:
            raise HTTPServiceUnavailable(self.request.gettext(_NO), headers={"Retry-After": "10"}) from error
        response = Response(body=made, content_type=media_type, charset=None)
        how = "attachment" if "telecharger" in self.request.GET else "inline"
        response.content_disposition = f'{how}; filename="{self._name(suffix)}"'
        return response
