"""Downloads: PDF, ZIP, QR code, and the page that offers them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pyramid.httpexceptions import HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.clock import local_day
from reseau.core.wording import Wording
from reseau.web import caching
from reseau.web.security import Permission
from resources.base.models import Visibility
from resources.base.routes import ResourceContext
from resources.base.shapes import BlockKind
from resources.reading.page import Page, choose_language, interface_language, page_of
from resources.reading.serving import may_read, only_place, page_for
from resources.taking import offline
from resources.taking.archive import safe_name
from resources.taking.fonts import NoFont
from resources.taking.panel import Language, printed, site_of
from resources.taking.sheets import document_sheet, qr_svg, resource_sheet
from resources.taking.typesetter import CannotTypeset, Sheet

if TYPE_CHECKING:
    from pyramid.request import Request

#: A browser shows a PDF in a page of its own, which has its own styles.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
TWO = "2-par-page"


@view_defaults(permission=Permission.RESOURCE_READ, cache="public", request_method="GET")
class Downloads:
    """What is taken away from one resource."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request

    def _paper(self) -> Page:
        """The page, all in the language of its content: paper has no menu of languages.

        A language that it does not have is that of the site, or its own: what is kept in the cache is then bounded.
        """
        published = self.context.published
        there = published.resource.langs or [published.content.lang]
        lang = choose_language(self.request.GET.get("contenu", ""), self.request.lang, there)
        if lang not in there:
            lang = choose_language("", self.request.lang, there)
        return page_of(
            self.request.db, published, lang, Wording.of(interface_language(lang)), self.request.config.timezone,
            may_read=lambda one: may_read(self.request, one),
        )  # fmt: skip

    @view_config(route_name="resource.pdf")
    def pdf(self) -> Response:
        page = self._paper()
        return self._printed(page, resource_sheet(page, site_of(self.request)), page.content.title)

    @view_config(route_name="resource.document")
    def document(self) -> Response:
        page = self._paper()
        block = page.content.block(self.request.matchdict["key"])
        if block is None or block.kind is not BlockKind.DOCUMENT:
            raise HTTPNotFound
        twice = self.request.GET.get("format") == TWO
        sheet = document_sheet(page, block, site_of(self.request), twice=twice)
        return self._printed(page, sheet, f"{block.title or block.key} – {page.content.title}")

    def _printed(self, page: Page, sheet: Sheet, name: str) -> Response:
        try:
            path = self.request.registry["typesetter"].one(sheet)
            made = path.read_bytes()
        except NoFont:
            return self._refused(page, 409)
        except (CannotTypeset, FileNotFoundError):
            return self._refused(page, 503)
        ascii_name = f"{page.resource.slug}-{page.lang}.pdf"
        response = self._download([made], len(made), "application/pdf", sheet.digest[:32])
        response.headers["Content-Security-Policy"] = PDF_POLICY
        response.content_disposition = _disposition("inline", ascii_name, f"{name}.pdf")
        self._count("pdf", page.lang, response.etag or "")
        return response

    def _refused(self, page: Page, status: int) -> Response:
        """A page that says why there is no PDF, and what to do instead."""
        asked = urlencode({"contenu": page.lang})
        here = self.request.script_name + self.context.path
        values = {
            "page": page,
            "no_font": status == 409,
            "here": f"{here}?{asked}",
            "print": f"{here}/imprimer?{asked}",
        }
        response = render_to_response("resources.taking:templates/no_pdf.jinja2", values, self.request)
        response.status_int = status
        return response

    @view_config(route_name="resource.zip")
    def zip(self) -> Response:
        published = self.context.published
        wanted = self._langs()
        asked = offline.Asked(published, wanted, self.request.config.timezone, lambda one: may_read(self.request, one))
        try:
            archive = offline.archive(
                self.request.db, asked, site_of(self.request), self.request.registry["typesetter"]
            )
        except CannotTypeset:
            return self._refused(self._paper(), 503)
        response = self._download(archive, archive.size, "application/zip", archive.etag)
        name = f"{published.resource.slug}-{'-'.join(wanted)}"[:150]
        response.content_disposition = _disposition("attachment", f"{name}.zip", f"{published.content.title}.zip")
        self._count("zip", "+".join(wanted), archive.etag)
        return response

    def _langs(self) -> list[str]:
        """The languages asked for that there are, in the order of the page; none of them: the one to read in."""
        there = self.context.published.resource.langs or [self.context.published.content.lang]
        asked = set(self.request.GET.getall("contenu"))
        return [tag for tag in there if tag in asked] or [choose_language("", self.request.lang, there)]

    @view_config(route_name="resource.take", renderer="templates/take.jinja2")
    def take(self) -> dict[str, Any]:
        page = page_for(self.request, self.context)
        tags = page.languages
        languages = [Language(tag, page.own_name(tag), page.direction(tag), tag == page.lang) for tag in tags]
        if not any(one.shown for one in languages):
            languages[0] = Language(tags[0], languages[0].name, languages[0].dir, True)
        linked = sum(1 for part in page.parts for view in part.blocks if view.linked)
        size = offline.size_of(page.published, site_of(self.request), 1)
        files, here = len(page.published.content.files()), self.request.script_name + self.context.path
        return {"page": page, "choices": languages, "documents": printed(page), "linked": linked, "size": size,
                "files": files, "here": here}  # fmt: skip

    @view_config(route_name="resource.qr")
    def qr(self) -> Response:
        caching.conditional(self.request, self.context.published.resource.id)
        address = self.request.config.public_url.rstrip("/") + self.context.path
        return Response(qr_svg(address), content_type="image/svg+xml", charset="utf-8")

    def _download(self, body: Iterable[bytes], size: int, media_type: str, etag: str) -> Response:
        """A response that resumes: strong ETag, length, ranges (WebOb answers 206, 304 and 416)."""
        response = Response(content_type=media_type, charset=None)
        response.app_iter = body
        response.content_length = size
        response.etag = etag
        response.accept_ranges = "bytes"
        response.conditional_response = True
        public = self.request.page_cache.public and self.context.resource.visibility == Visibility.PUBLIC.value
        response.headers["Cache-Control"] = caching.PUBLIC if public else caching.PRIVATE
        caching.add_vary(response, *caching.VARY)
        return response

    def _count(self, what: str, lang: str, etag: str) -> None:
        """One more taken; not for a HEAD, a part that resumes, nor a copy that the browser still has."""
        request = self.request
        resumes = request.range is not None and request.range.start != 0
        if request.method != "GET" or resumes or (request.if_none_match and etag in request.if_none_match):
            return
        resource = self.context.resource
        day = local_day(request.registry["clock"](), request.config.timezone).isoformat()
        request.registry["tallies"].add(what, resource.id, day=day, version=resource.version, lang=lang,
                                        structure=only_place(request))  # fmt: skip


def _disposition(how: str, ascii_name: str, name: str) -> str:
    """RFC 6266: a name for old programs, and the true one."""
    said = safe_name(unicodedata.normalize("NFC", name))
    return f"{how}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(said, safe='')}"
