"""A post is translated by a person of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther, HTTPTooManyRequests
from pyramid.view import view_config, view_defaults

from reseau.core.limits import allow
from reseau.threads.base.addresses import anchor
from reseau.threads.base.models import PostTranslation
from reseau.threads.base.text import to_html
from reseau.threads.reading import gestures
from reseau.threads.reading.forms import TranslateForm
from reseau.threads.reading.gestures import digest_of
from reseau.threads.reading.routes import WordsContext
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="threads.untranslate", permission=Permission.THREAD_MODERATE, request_method="POST",
    journal="post.untranslate",
)  # fmt: skip
def untranslate(context: WordsContext, request: Request) -> HTTPSeeOther:
    """A moderator takes a translation away."""
    lang, _ = langs.tag(request.POST.get("langue", "")), context.words
    if lang is None:
        raise HTTPBadRequest
    request.journal(context.post.id, lang=lang)
    person, now = request.identity.person_id, request.registry["clock"]()
    if not gestures.untranslate(request.db, context.post, lang, person, now):
        request.journal_nothing()
    return HTTPSeeOther(f"{request.script_name}/echanges/messages/{context.post.id}/historique")


@view_defaults(route_name="threads.translate", permission=Permission.TRANSLATION_WRITE)
class TranslatePages:
    """The post, and the form beside it."""

    def __init__(self, context: WordsContext, request: Request) -> None:
        self.context, self.request = context, request
        self.words, self.post = context.words, context.post

    def _page(self, form: TranslateForm, changed: PostTranslation | None = None, moved: bool = False) -> dict[str, Any]:
        root = self.request.script_name
        back = f"{root}{self.context.path}?message={self.post.id}#{anchor(self.post)}"
        return {
            "form": form, "thread": self.context.thread, "post": self.post, "back": back, "moved": moved,
            "here": f"{root}/echanges/messages/{self.post.id}/traduire", "changed": changed,
            "html": to_html(self.words, self.post.mentions, root), "direction": langs.direction,
        }  # fmt: skip

    @view_config(request_method="GET", renderer="templates/translate.jinja2")
    def ask(self) -> dict[str, Any]:
        wanted = langs.tag(self.request.GET.get("vers", "")) or ""
        lang = wanted or (self.request.lang if self.request.lang != self.post.lang else "")
        there = gestures.translation(self.request.db, self.post.id, lang) if lang else None
        before = {"langue": lang, "texte": there.text if there else "", "vu": digest_of(self.words),
                  "avant": digest_of(there.text) if there else ""}  # fmt: skip
        return self._page(TranslateForm(self.request, self.post.lang, wanted, data=before))

    @view_config(request_method="POST", renderer="templates/translate.jinja2", journal="post.translate")
    def save(self) -> Any:
        request, now, person = self.request, self.request.registry["clock"](), self.request.identity.person_id
        form = TranslateForm(request, self.post.lang, langs.tag(request.POST.get("langue", "")) or "")
        if not form.validate():
            return refuse(request, **self._page(form))
        there = gestures.translation(request.db, self.post.id, form.langue.data)
        moved = form.vu.data != digest_of(self.words)
        seen = there is None or there.text == form.texte.data or form.avant.data == digest_of(there.text)
        if moved or not seen:  # what they saw is not what is there: they look, and send again
            form.vu.data, form.avant.data = digest_of(self.words), digest_of(there.text) if there else ""
            return refuse(request, **self._page(form, None if seen else there, moved))
        if not allow(request.db, gestures.TRANSLATIONS_PER_HOUR, str(person), now):
            raise HTTPTooManyRequests
        request.journal(self.post.id, lang=form.langue.data)
        gestures.translate(request.db, self.post, form.langue.data, form.texte.data, person, now)
        path = f"{request.script_name}{self.context.path}"
        return HTTPSeeOther(f"{path}?message={self.post.id}&traduction={form.langue.data}#{anchor(self.post)}")
