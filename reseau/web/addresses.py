"""Addresses of the present page with something changed: language, page number, one filter less.

The order of parameters is kept, and so are unknown ones: an address that somebody shared must not lose
anything because its reader changed the language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from reseau.settings import LANGUAGES
from reseau.web.i18n import PARAMETER

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

Query = list[tuple[str, str]]

#: What follows these is a signed token: who has it can act.
_SIGNED = re.compile(
    r"(/(?:lien|invitation|verifier|compte/adresse|avis/stop|lettre/confirmer|lettre/d|flux/prive)/).*", re.DOTALL
)

MAX_QUERY_STRING, MAX_PARAMETERS, MAX_VALUE = 100_000, 100, 300


def query_items(request: Request) -> Query:
    """The parameters of the address, in order; never raises.

    Bytes that are not UTF-8 become ``\\ufffd``, and what is absurdly long is cut: a page repeats its own address a
    dozen times (languages, filters), so it would grow with it.
    """
    raw = str(request.environ.get("QUERY_STRING", ""))[:MAX_QUERY_STRING].encode("latin-1", "replace")
    pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", encoding="utf-8")
    return [(name[:MAX_VALUE], value[:MAX_VALUE]) for name, value in pairs[:MAX_PARAMETERS]]


def raw_path(request: Request) -> str:
    """Path of the request inside the application, never raising: bytes that are not UTF-8 become ``\\ufffd``."""
    return str(request.environ.get("PATH_INFO", "")).encode("latin-1", "replace").decode("utf-8", "replace")


def loggable_path(request: Request) -> str:
    """Path of the request for a log: a signed token, which would open somebody's account, becomes ``…``."""
    return _SIGNED.sub(r"\1…", raw_path(request))


def address(request: Request, **changes: Any) -> str:
    """This page's path and query, with parameters replaced.

    :param changes: name = new value; None takes the parameter away, a list gives it several times.
    """
    query = [(key, value) for key, value in request.query_items if key not in changes]
    for key, value in changes.items():
        several = value if isinstance(value, list | tuple) else [] if value is None else [value]
        query += [(key, str(one)) for one in several]
    return _join(_path(request), query)


def address_without(request: Request, name: str, value: str) -> str:
    """This page's path and query without ``name=value`` and back on its first page (to take a filter away)."""
    query = [(k, v) for k, v in request.query_items if (k, v) != (name, value) and k != "page"]
    return _join(_path(request), query)


def canonical(request: Request, lang: str | None) -> str:
    """The full public address of this page in ``lang`` (None: in the language of whoever opens it)."""
    query = [(k, v) for k, v in request.query_items if k != PARAMETER]
    if lang:
        query.append((PARAMETER, lang))
    return _join(request.registry.settings_typed.public_url.rstrip("/") + quote(raw_path(request)), query)


def alternates(request: Request) -> list[tuple[str, str]]:
    """``(hreflang, address)`` of this page in each language, then ``x-default``."""
    found = [(lang, canonical(request, lang)) for lang in LANGUAGES]
    return [*found, ("x-default", canonical(request, None))]


def page_window(page: int, pages: int, around: int = 1) -> list[int | None]:
    """Page numbers worth a link: first, last and those around ``page``; None where some are left out."""
    wanted = sorted({1, pages, *range(page - around, page + around + 1)} & set(range(1, pages + 1)))
    shown: list[int | None] = []
    for number in wanted:
        last = shown[-1] if shown else 0
        if last is not None and number - last == 2:
            shown.append(number - 1)  # one missing page takes the place of the ellipsis that would hide it
        elif last is not None and number - last > 2:
            shown.append(None)
        shown.append(number)
    return shown


def _path(request: Request) -> str:
    return "/" + quote(str(request.script_name) + raw_path(request)).lstrip("/")


def _join(path: str, query: Query) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def includeme(config: Configurator) -> None:
    """``request.query_items``, ``address()``, ``address_without()``."""
    config.add_request_method(query_items, "query_items", reify=True)
    config.add_request_method(address, "address")
    config.add_request_method(address_without, "address_without")
