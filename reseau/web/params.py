"""Parameters that many addresses have, read in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.request import Request

_DIGITS = 6


def page_number(request: Request, name: str = "page") -> int:
    """The page that an address asks for, from 1; 1 for anything that is not a number. That there is such a page is for
    ``core.paging.nearest`` to see."""
    text = dict(request.query_items).get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) else 1
