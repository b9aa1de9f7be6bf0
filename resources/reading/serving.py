"""What the views of a resource share: the page that whoever asks may read, addresses in the site, counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from uuid import UUID

from babel.numbers import format_decimal

from reseau.core.clock import local_day
from reseau.core.wording import LOCALES, Wording, _
from resources.base import tallies
from resources.base.addresses import path_of
from resources.base.content import FileRef
from resources.base.models import Resource, State, Visibility
from resources.files import services as files
from resources.reading.page import Page, choose_language, page_of

if TYPE_CHECKING:
    from pyramid.request import Request

    from resources.base.routes import ResourceContext


class OnlineLinks:
    """Addresses in the site. See ``reading.page.Links``."""

    def __init__(self, request: Request, resource: Resource, lang: str) -> None:
        self._base, self._resource, self._lang = request.script_name, resource, lang

    def file(self, ref: FileRef) -> str:
        return f"{self._base}/fichiers/{ref.sha}/{quote(ref.name, safe='')}"

    def image(self, ref: FileRef) -> str:
        return f"{self._base}/fichiers/{ref.sha}/image.webp"

    def preview(self, ref: FileRef) -> str:
        return f"{self._base}/fichiers/{ref.sha}/apercu.webp"

    def resource(self, resource: Resource) -> str:
        asked = "?" + urlencode({"contenu": self._lang}) if self._lang in resource.langs else ""
        return f"{self._base}{path_of(resource)}{asked}"

    def document(self, key: str) -> str:
        return f"{self._base}{path_of(self._resource)}/documents/{key}.pdf?" + urlencode({"contenu": self._lang})


def may_read(request: Request, resource: Resource) -> bool:
    """Whether whoever asks may be sent to that resource."""
    if resource.state != State.PUBLISHED.value:
        return False
    return resource.visibility == Visibility.PUBLIC.value or bool(request.allows("network:read"))


def page_for(request: Request, context: ResourceContext) -> Page:
    """The page in the language that was asked for, with words of the interface around it.

    :raises HTTPNotFound, HTTPForbidden: see ``ResourceContext.published``.
    """
    published = context.published
    lang = choose_language(request.GET.get("contenu", ""), request.lang, published.resource.langs or ["fr"])
    return page_of(
        request.db, published, lang, Wording.of(request.lang), request.config.timezone,
        may_read=lambda one: may_read(request, one), today=_today(request),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shared:
    """A file that is all there is. ``about``: its type and size in words, or "" when nobody knows them."""

    ref: FileRef
    about: str


#: More files than that are found in the page, not above it.
MOST_BUTTONS = 4


def shared_files(request: Request, page: Page) -> list[Shared]:
    """The files to offer first, of a resource that is nothing else; one statement, none for any other."""
    refs = page.only_files
    if not refs or len(refs) > MOST_BUTTONS:
        return []
    known = files.about(request.db, [ref.sha for ref in refs])
    return [Shared(ref, _about(page, ref, known[ref.sha].size) if ref.sha in known else "") for ref in refs]


def _about(page: Page, ref: FileRef, size: int) -> str:
    type_ = PurePath(ref.name).suffix[1:].upper()
    if size < 100_000:
        said = page.gettext(_("%(size)s Ko"), size=max(1, round(size / 1000)))
    else:
        said = page.gettext(_("%(size)s Mo"), size=_megabytes(size, page.wording.lang))
    return ", ".join(filter(None, (type_, said)))


def _megabytes(size: int, lang: str) -> str:
    value = size / 1_000_000
    return format_decimal(round(value, 1 if value < 10 else 0), locale=LOCALES[lang])


def _today(request: Request) -> date:
    return local_day(request.registry["clock"](), request.config.timezone)


def only_place(request: Request) -> UUID | None:
    """The place that counts of whoever asks are kept by (``tallies.only_place``)."""
    return tallies.only_place(request.identity.places) if request.identity else None


def counted_lang(page: Page) -> str:
    """The language that a page is counted under (``tallies.counted_lang``)."""
    return tallies.counted_lang(page.lang, page.languages)


def count(request: Request, what: str, page: Page) -> None:
    """One more view, ZIP or PDF of a page. A HEAD takes nothing."""
    if request.method == "HEAD":
        return
    day = _today(request).isoformat()
    lang, place = counted_lang(page), only_place(request)
    request.registry["tallies"].add(
        what, page.resource.id, day=day, version=page.resource.version, lang=lang, structure=place
    )
