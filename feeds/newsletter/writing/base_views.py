"""What all pages of the letter's writing need of a request."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther

from feeds.newsletter.models import Issue, IssueState
from feeds.newsletter.writing import services
from reseau.core.clock import local_day
from reseau.settings import LANGUAGES

if TYPE_CHECKING:
    from pyramid.request import Request

HOME = "/gestion/lettre"


class Page:
    """A page of the letter."""

    def __init__(self, request: Request) -> None:
        self.request, self.db, self.settings = request, request.db, request.config
        self.now = request.registry["clock"]()
        self.asked = dict(request.query_items)

    @property
    def today(self) -> date:
        """Today where the site is."""
        return local_day(self.now, self.settings.timezone)

    def go(self, path: str) -> HTTPSeeOther:
        """To a page of ours, after a POST."""
        return HTTPSeeOther(self.request.script_name + path)


class IssuePage(Page):
    """A page of one issue. ``other``: the language that stands beside French (``?avec=``)."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        issue = services.find(self.db, UUID(request.matchdict["id"]))
        if issue is None:
            raise HTTPNotFound
        self.issue: Issue = issue
        self.at = f"{HOME}/{issue.id}"
        asked = self.asked.get("avec", "") or str(request.POST.get("avec", ""))
        others = [lang for lang in issue.langs if lang != "fr"]
        self.other = asked if asked in LANGUAGES and asked != "fr" else (others[0] if others else "en")

    @property
    def draft(self) -> bool:
        """Whether it may be changed."""
        return self.issue.state == IssueState.DRAFT.value

    @property
    def left(self) -> bool:
        """Whether it is on its way, or has arrived, or will not leave any more."""
        return self.issue.state not in services.OPEN

    def here(self, path: str = "", **asked: str) -> HTTPSeeOther:
        """To another page of this issue."""
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
        return self.go(self.at + path + (f"?{query}" if query else ""))
