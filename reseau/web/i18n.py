"""The language of a page: ``?langue=``, else the cookie ``langue``, else ``Accept-Language``, else the
setting.

Messages are gettext, domain ``reseau``; **the msgid is the French sentence**, so French needs a catalogue
only for its plurals and a missing translation shows readable French rather than a key. In templates:
``_("…")`` and ``ngettext(one, many, n)`` with ``%(name)s`` placeholders; in Python: ``request.gettext`` /
``request.ngettext``. A literal percent sign is written ``%%``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape
from pyramid.i18n import get_localizer
from pyramid.threadlocal import get_current_request

from reseau.core.wording import LOCALE_DIR
from reseau.core.wording import _ as _
from reseau.core.wording import direction as direction
from reseau.settings import LANGUAGES
from reseau.web import DOMAIN

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request
    from pyramid.response import Response

log = logging.getLogger(__name__)

PARAMETER = COOKIE = "langue"
COOKIE_AGE_S = 365 * 24 * 3600
NAMES = {"fr": "Français", "en": "English", "ar": "العربية"}


def negotiate(request: Request) -> str:
    """The language of this request, one of ``fr``, ``en``, ``ar``. Pyramid calls it once a request.

    A value of ``?langue=`` that is not one of ours is ignored, as if it were absent.
    """
    asked = chosen(request)
    if asked:
        request.add_response_callback(_remember)
        return asked
    remembered = request.cookies.get(COOKIE)
    if remembered in LANGUAGES:
        return str(remembered)
    default = request.registry.settings_typed.default_language
    return str(request.accept_language.lookup(LANGUAGES, default=default))


def chosen(request: Request) -> str | None:
    """The language asked for in the address (the last one wins), or None."""
    values = [value for key, value in request.query_items if key == PARAMETER and value in LANGUAGES]
    return values[-1] if values else None


def _remember(request: Request, response: Response) -> None:
    # A response callback, not request.response: a view that returns its own Response would lose the cookie.
    response.set_cookie(
        COOKIE,
        request.locale_name,
        max_age=COOKIE_AGE_S,
        path=request.script_name or "/",
        secure=request.registry.settings_typed.secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def gettext(request: Request, message: str, **values: Any) -> str:
    """``message`` in the language of the request, placeholders ``%(name)s`` filled with ``values``.

    Values are escaped when the message is :class:`~markupsafe.Markup`; a plain message gives a plain string.
    """
    return _fill(get_localizer(request).translate(message, domain=DOMAIN), message, values)


def ngettext(request: Request, singular: str, plural: str, n: int, **values: Any) -> str:
    """Like :func:`gettext`, in the form that ``n`` asks for; ``%(num)s`` is ``n``."""
    text = get_localizer(request).pluralize(singular, plural, n, domain=DOMAIN)
    return _fill(text, singular, {"num": n, **values})


def _fill(text: str, message: str, values: dict[str, Any]) -> str:
    if isinstance(message, Markup):
        safe = {key: escape(value) for key, value in values.items()}
        return Markup(text) % safe  # noqa: S704 (the text is ours, from a catalogue)
    return str(text) % values


class JinjaGettext:
    """What the ``i18n`` extension of Jinja calls (new style: Jinja fills the placeholders itself).

    Uses the thread's current request, as pyramid_jinja2's own does, so that macros can be imported *without*
    context, which is what lets Jinja keep them compiled and instantiated from one page to the next.
    """

    def __init__(self, domain: str) -> None:
        self.domain = domain

    def gettext(self, message: str) -> str:
        localizer = get_localizer(get_current_request())
        return str(localizer.translate(message, domain=self.domain))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        localizer = get_localizer(get_current_request())
        return str(localizer.pluralize(singular, plural, n, domain=self.domain))


def includeme(config: Configurator) -> None:
    """Locale negotiator, catalogues, and ``request.lang``, ``dir``, ``gettext``, ``ngettext``."""
    config.set_locale_negotiator(negotiate)
    config.add_translation_dirs(str(LOCALE_DIR))
    config.add_request_method(lambda request: request.locale_name, "lang", property=True)
    config.add_request_method(lambda request: direction(request.locale_name), "dir", property=True)
    methods: dict[str, Callable[..., str]] = {"gettext": gettext, "ngettext": ngettext}
    for name, method in methods.items():
        config.add_request_method(method, name)
    if not all((LOCALE_DIR / lang / "LC_MESSAGES" / f"{DOMAIN}.mo").exists() for lang in LANGUAGES):
        log.warning("message catalogues are not compiled: pages are in French (run `make assets`)")
