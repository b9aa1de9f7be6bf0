"""Addresses of the archive; a year has four digits, so that no other address of the letter is one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPMovedPermanently, HTTPNotFound

from feeds.newsletter.composing.addresses import issue_path
from feeds.newsletter.models import Issue
from feeds.newsletter.reading import services

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

ISSUE = r"/lettre/{year:\d{4}}/{slug:[a-z0-9-]{1,80}}"
CODE = "{code:[A-Za-z0-9]{1,12}}"


class IssueContext:
    """The issue of the address.

    :raises HTTPNotFound: when it is read and there is none, or it has not left. :raises HTTPMovedPermanently: it left
        in another year than somebody who wrote the address thought.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def issue(self) -> Issue:
        """The issue."""
        request = self._request
        found = services.find(request.db, request.matchdict["slug"])
        if found is None:
            raise HTTPNotFound
        here, path = f"/lettre/{request.matchdict['year']}/{found.slug}", issue_path(request.db, found)
        if here != path:
            query = f"?{request.query_string}" if request.query_string else ""
            raise HTTPMovedPermanently(request.script_name + path + query)
        return found

    @property
    def path(self) -> str:
        """Its address in the site."""
        return issue_path(self._request.db, self.issue)


def includeme(config: Configurator) -> None:
    """All routes of the part."""
    for name, pattern in (
        ("letters.archive", "/lettre/archives"),
        ("letters.qr.png", "/lettre/qr.png"),
        ("letters.qr.svg", "/lettre/qr.svg"),
        ("letters.qr.code.png", f"/lettre/qr/{CODE}.png"),
        ("letters.qr.code.svg", f"/lettre/qr/{CODE}.svg"),
        ("letters.logo", f"/lettre/logo/{CODE}.png"),
    ):
        config.add_route(name, pattern)
    config.add_route("letters.issue.print", f"{ISSUE}/imprimer", factory=IssueContext)
    config.add_route("letters.issue", ISSUE, factory=IssueContext)
