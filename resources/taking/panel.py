"""What a resource's page offers to take away: the panel « Télécharger »."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resources.base.addresses import path_of
from resources.base.shapes import BlockKind
from resources.taking.sheets import Site

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.reading.page import Page

TEMPLATE = "resources.taking:templates/take_panel.jinja2"


@dataclass(frozen=True, slots=True)
class Language:
    """A language to take. ``name``: in itself. ``shown``: the page is in it."""

    tag: str
    name: str
    dir: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Printed:
    """A document to print. ``two``: whether there is a sheet with two of them."""

    key: str
    title: str
    label: str
    two: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """``here``: address of the resource. ``lang``: of the page."""

    here: str
    lang: str
    languages: list[Language]
    documents: list[Printed]


def take_panel(request: Request, page: Page) -> Panel | None:
    """``request.take_panel(page)``: no statement. None for what nobody else can read yet."""
    if page.is_preview:
        return None
    here = request.script_name + path_of(page.resource)
    languages = [Language(tag, page.own_name(tag), page.direction(tag), tag == page.lang) for tag in page.languages]
    return Panel(here, page.lang, languages, printed(page))


def printed(page: Page) -> list[Printed]:
    """The documents of a page."""
    found = [block for block in page.content.blocks if block.kind is BlockKind.DOCUMENT]
    return [Printed(block.key, block.title, page.layout_label(block.data.get("layout", "")),
                    block.data.get("layout") == "flyer") for block in found]  # fmt: skip


def site_of(request: Request) -> Site:
    """What sheets say of the site."""
    return Site.of(request.config, request.registry["files"])
