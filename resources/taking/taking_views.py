"""Downloads: PDF, ZIP, QR code, and the page that offers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPNotFound
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from reseau.core.changes import current_seq
from reseau.core.clock import local_day
from reseau.web import caching
from reseau.web.security import Permission
from resources.base.models import Visibility
from resources.base.routes import ResourceContext
from resources.base.shapes import BlockKind
from resources.base.tallies import counted_lang
from resources.files.names import disposition
from resources.reading.page import Page, choose_language
from resources.reading.serving import may_read, only_place, page_for
from resources.taking import offline
from resources.taking.archive import sendable
from resources.taking.fonts import NoFont
from resources.taking.gathering import Asked, Pages, named_by
from resources.taking.panel import Language, printed, site_of
from resources.taking.sheets import document_sheet, qr_svg, resource_sheet
from resources.taking.typesetter import Busy, CannotTypeset, Sheet

if TYPE_CHECKING:
    from pyramid.request import Request

#: A browser shows a PDF in a page of its own, which has its own styles.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
TWO = "2-par-page"
AGAIN = 5  # seconds
MAX_LANGS = 6  # of one archive: each has its pages and its PDFs


@view_defaults(permission=Permission.RESOURCE_READ, cache="public", request_method="GET")
class Downloads:
    """What is taken away from one resource."""

    def __init__(self, context: ResourceContext, request: Request) -> None:
        self.context, self.request = context, request

    def _language(self) -> str:
        """The language of a PDF: one that the resource has, as asked for, or of the site, or its own. What is kept
        in the cache is then bounded."""
        published = self.context.published
        there = published.resource.langs or [published.content.lang]
        lang = choose_language(self.request.GET.get("contenu", ""), self.request.lang, there)
        return lang if lang in there else choose_language("", self.request.lang, there)

    def _asked(self, langs: list[str]) -> Asked:
        published, zone = self.context.published, self.request.config.timezone
        return Asked(published, langs, zone, lambda one: may_read(self.request, one))

    def _paper(self, lang: str) -> Page:
        """The page, all in the language of its content: paper has no menu of languages."""
        asked = self._asked([lang])
        return Pages(self.request.db, asked, [asked.published]).page(asked.published, lang, lang)

    def _key(self, *parts: str) -> tuple[object, ...]:
        """Of what is laid out once for all who may read the same. The log has a row for each thing that it says."""
        request = self.request
        audience = bool(request.allows("network:read"))
        return (current_seq(request.db), self.context.published.resource.id, audience, *parts)

    def _end_reading(self) -> None:
        """Nothing of the database is needed any more: no transaction stays open while PDFs are drawn."""
        self.request.tm.abort()
        self.request.tm.begin()

    @view_config(route_name="resource.pdf")
    def pdf(self) -> Response:
        return self._printed(lambda page: (resource_sheet(page, site_of(self.request)), page.content.title))

    @view_config(route_name="resource.document")
    def document(self) -> Response:
        key, twice = self.request.matchdict["key"], self.request.GET.get("format") == TWO

        def make(page: Page) -> tuple[Sheet, str]:
            block = page.content.block(key)
            if block is None or block.kind is not BlockKind.DOCUMENT:
                raise HTTPNotFound
            sheet = document_sheet(page, block, site_of(self.request), twice=twice)
            return sheet, f"{block.title or block.key} – {page.content.title}"

        return self._printed(make, key, TWO if twice else "")

    def _printed(self, make: Callable[[Page], tuple[Sheet, str]], *what: str) -> Response:
        """A PDF; one that this process has given before is known without its page."""
        registry, lang = self.request.registry, self._language()
        key = self._key("pdf", lang, *what)
        digest, name = registry["taking.sheets"].get(key) or ("", "")
        path = registry["typesetter"].found(digest) if digest else None
        if path is None:
            page = self._paper(lang)
            sheet, name = make(page)
            self._end_reading()
            try:
                path, digest = registry["typesetter"].one(sheet), sheet.digest
            except NoFont:
                return self._refused(page, 409)
            except Busy:
                return self._preparing(page)
            except CannotTypeset:
                return self._refused(page, 503)
            registry["taking.sheets"].put(key, (digest, name))
        return self._given(path, digest, name, lang)

    def _given(self, path: Path, digest: str, name: str, lang: str) -> Response:
        made = path.read_bytes()
        response = self._download([made], len(made), "application/pdf", digest[:32])
        response.headers["Content-Security-Policy"] = PDF_POLICY
        plain = f"{self.context.resource.slug}-{lang}.pdf"
        response.content_disposition = disposition(f"{titled(name)}.pdf", "inline", plain)
        self._count("pdf", counted_lang(lang, self.context.resource.langs), response.etag or "")
        return response

    def _preparing(self, page: Page) -> Response:
        """A page to ask again from: somebody else's PDF is being drawn."""
        values = {"page": page, "again": self.request.path_qs}
        response = render_to_response("resources.taking:templates/preparing.jinja2", values, self.request)
        response.status_int = 503
        response.retry_after = AGAIN
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
        request, wanted = self.request, self._langs()
        if len(wanted) > MAX_LANGS:
            return self._too_many()
        registry = request.registry
        key = self._key("zip", *wanted)
        archive = registry["taking.archives"].get(key)
        if archive is None or not offline.still_there(archive, registry["typesetter"]):
            asked = self._asked(wanted)
            kit = offline.gathered(request.db, asked, site_of(self.request))
            self._end_reading()
            try:
                archive = offline.archive(kit, asked, registry["typesetter"])
            except Busy:
                return self._preparing(kit.pages[f"{wanted[0]}/index.html"])
            registry["taking.archives"].put(key, archive, archive.weight)
        body = sendable(archive, request.environ)
        response = self._download(body, archive.size, "application/zip", archive.etag)
        published = self.context.published
        plain = f"{published.resource.slug}-{'-'.join(wanted)}"[:150]
        name = f"{titled(published.content.title)}.zip"
        response.content_disposition = disposition(name, "attachment", f"{plain}.zip")
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
        tags = sorted(page.languages, key=lambda tag: (tag != page.lang, tag != self.request.lang))
        languages = [Language(tag, page.own_name(tag), page.direction(tag), tag == page.lang) for tag in tags]
        if not any(one.shown for one in languages):
            languages[0] = Language(tags[0], languages[0].name, languages[0].dir, True)
        linked = sum(1 for part in page.parts for view in part.blocks if view.linked)
        size, more = self._sizes()
        files, here = len(page.published.content.files()), self.request.script_name + self.context.path
        return {"page": page, "choices": languages, "documents": printed(page), "linked": linked, "size": size,
                "more": more, "most": MAX_LANGS, "files": files, "here": here, "too_many": False}  # fmt: skip

    def _sizes(self) -> tuple[int, int]:
        """Bytes of an archive in one language; of each other language."""
        asked = self._asked([self.context.published.content.lang])
        return offline.sizes_of([asked.published, *named_by(self.request.db, asked)], site_of(self.request))

    def _too_many(self) -> Response:
        """The form again, that says how many languages one archive may have."""
        values = {**self.take(), "too_many": True}
        response = render_to_response("resources.taking:templates/take.jinja2", values, self.request)
        response.status_int = 422
        return response

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
        request.registry["tallies"].add(
            what, resource.id, day=day, version=resource.version, lang=lang,
            structure=only_place(request),
        )  # fmt: skip


def titled(title: str) -> str:
    """A title as the name of a file: what separates folders separates words here."""
    return re.sub(r"\s*[/\\]\s*", " - ", title)
