"""An issue as each edition and language shows it: on a phone, on a computer, as text."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from feeds.newsletter.models import Edition
from feeds.newsletter.writing import looking
from feeds.newsletter.writing.base_views import IssuePage
from feeds.newsletter.writing.words import EDITIONS, STATES
from reseau.web.headers import content_security_policy
from reseau.web.security import Permission

WIDTHS = ("ordinateur", "telephone", "texte")
#: Of the mail alone: its styles are inline, as in every mail; it runs nothing, sends nothing, leads nowhere by itself.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)


class PreviewPages(IssuePage):
    """The preview. ``?edition=``, ``?en=`` (the language of the letter: ``langue`` is that of the page),
    ``?largeur=``."""

    @property
    def edition(self) -> Edition:
        """Which one is looked at."""
        asked = self.asked.get("edition", "")
        return Edition(asked) if asked in list(Edition) else Edition.GENERAL

    @property
    def lang(self) -> str:
        """In which language."""
        asked = self.asked.get("en", "")
        return asked if asked in self.issue.langs else "fr"

    @view_config(
        route_name="letter.preview", request_method="GET", permission=Permission.NETWORK_COORDINATE,
        renderer="templates/preview.jinja2",
    )  # fmt: skip
    def show(self) -> dict[str, Any]:
        width = self.asked.get("largeur", "")
        made = looking.made(self.db, self.issue, self.edition, self.lang, self.settings, self.now)
        policy = content_security_policy(self.settings.tiles_url)
        self.request.response.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
        return {
            "issue": self.issue, "at": self.at, "tab": "apercu", "edition": self.edition.value, "lang": self.lang,
            "width": width if width in WIDTHS else WIDTHS[0], "editions": EDITIONS, "made": made, "states": STATES,
            "weight": len(made.html.encode()), "draft": self.draft,
        }  # fmt: skip

    @view_config(route_name="letter.preview.mail", request_method="GET", permission=Permission.NETWORK_COORDINATE)
    def mail(self) -> Response:
        made = looking.made(self.db, self.issue, self.edition, self.lang, self.settings, self.now)
        answer = Response(made.html, content_type="text/html", charset="utf-8")
        answer.headers["Content-Security-Policy"] = MAIL_POLICY
        answer.headers["Content-Language"] = self.lang
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer
