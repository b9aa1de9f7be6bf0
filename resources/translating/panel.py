"""What the page of a resource says of its languages, beside the bar that leads to each: which have machine text, which
one may ask for, where to translate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resources.base import langs
from resources.base.models import State
from resources.translating.asking import machine_languages

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.reading.page import Page

TEMPLATE = "resources.translating:templates/languages_panel.jinja2"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of a page. ``name``: in the language of the interface."""

    tag: str
    own_name: str
    name: str

    @property
    def dir(self) -> str:
        """Direction of its own name."""
        return langs.direction(self.tag)


@dataclass(frozen=True, slots=True)
class Panel:
    """``machine``: languages of which a part is machine text. ``wanted``: the language that the reader has not found,
    or None. ``asked``: what became of a request, or "". ``translates``: whether the reader may translate."""

    machine: list[Language]
    wanted: Language | None
    asked: str
    translates: bool


def language(tag: str, interface: str) -> Language:
    """A language, by its tag."""
    return Language(tag, langs.own_name(tag), langs.name(tag, interface))


def languages_panel(request: Request, page: Page) -> Panel | None:
    """``request.languages_panel(page)``: None where there is nothing to ask for (a preview, a withdrawn resource)."""
    if page.is_preview or page.resource.state != State.PUBLISHED.value:
        return None
    machine = machine_languages(request.db, page.resource.id, page.languages)
    missed = next((tag for tag in (page.lang, request.lang) if tag not in page.languages), None)
    asked = str(request.GET.get("demande", ""))
    return Panel(
        [language(tag, request.lang) for tag in page.languages if tag in machine],
        language(missed, request.lang) if missed and not asked else None,
        asked if asked in ("merci", "deja") else "",
        bool(request.allows("translation:write")),
    )
