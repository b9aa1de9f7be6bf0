"""Jinja for all rooms: where templates are found, what they can call.

Filters and globals take the language from the thread's current request, so that ``macros.jinja2`` is imported
*without* context (see :class:`reseau.web.i18n.JinjaGettext`). Filters are ``pass_context`` all the same:
Jinja works out ``{{ 0|day }}`` once, when it compiles, for a filter that does not say that it depends on more
than its value. An undefined name in a template is an error, not "".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from jinja2 import pass_context
from jinja2.runtime import Context
from pyramid.csrf import get_csrf_token
from pyramid.threadlocal import get_current_request

from reseau.core import hours
from reseau.web import addresses, assets, formats
from reseau.web.i18n import NAMES, JinjaGettext, direction

if TYPE_CHECKING:
    from pyramid.config import Configurator

SETTINGS = {
    "jinja2.i18n.domain": "reseau",
    "jinja2.i18n.gettext": JinjaGettext,
    "jinja2.newstyle": True,
    "jinja2.trim_blocks": True,
    "jinja2.lstrip_blocks": True,
    "jinja2.undefined": "strict",
}


def _lang() -> str:
    return str(get_current_request().locale_name)


def _zone() -> str:
    return str(get_current_request().registry.settings_typed.timezone)


@pass_context
def date_filter(_context: Context, value: date, style: str = "long") -> str:
    """``{{ day|date }}``."""
    return formats.format_date(value, _lang(), _zone(), style)


@pass_context
def time_filter(_context: Context, value: time | datetime) -> str:
    """``{{ moment|time }}``."""
    return formats.format_time(value, _lang(), _zone())


@pass_context
def datetime_filter(_context: Context, value: datetime, style: str = "long") -> str:
    """``{{ moment|datetime }}``."""
    return formats.format_datetime(value, _lang(), _zone(), style)


@pass_context
def day_filter(_context: Context, weekday: int, width: formats.Width = "wide") -> str:
    """``{{ 0|day }}`` is Monday."""
    return formats.format_day(weekday, _lang(), width)


@pass_context
def number_filter(_context: Context, value: float) -> str:
    """``{{ total|number }}``."""
    return formats.format_number(value, _lang())


@pass_context
def distance_filter(_context: Context, metres: float) -> str:
    """``{{ metres|distance }}``."""
    return formats.format_distance(metres, _lang())


@pass_context
def enumeration_filter(_context: Context, values: Iterable[object]) -> str:
    """``{{ names|enumeration }}``: a, b et c."""
    return formats.format_list(values, _lang())


def csrf_token() -> str:
    """The token for a hidden field; from then on the page is private."""
    return str(get_csrf_token(get_current_request()))


FILTERS: dict[str, Any] = {
    "date": date_filter,
    "time": time_filter,
    "datetime": datetime_filter,
    "day": day_filter,
    "number": number_filter,
    "distance": distance_filter,
    "enumeration": enumeration_filter,
}
GLOBALS: dict[str, Any] = {
    "clock": hours.clock,
    "asset": assets.asset,
    "csrf_token": csrf_token,
    "alternates": addresses.alternates,
    "canonical": addresses.canonical,
    "page_window": addresses.page_window,
    "text_direction": direction,
    "languages": NAMES,
}


def includeme(config: Configurator) -> None:
    """The Jinja environment of ``.jinja2`` templates, searched for in ``reseau.web:templates`` first."""
    config.add_settings(SETTINGS)
    config.include("pyramid_jinja2")
    config.add_jinja2_search_path("reseau.web:templates", name=".jinja2")

    def extend() -> None:
        environment = config.get_jinja2_environment(".jinja2")
        environment.filters.update(FILTERS)
        environment.globals.update(GLOBALS)

    config.action(None, extend, order=1)
