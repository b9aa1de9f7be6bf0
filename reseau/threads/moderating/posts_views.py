"""Pages of one post: report it, hide it, show it again, its past, a look at a first post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.letters import Written
from reseau.core.limits import allow, allow_network
from reseau.threads.base import text as words
from reseau.threads.base.addresses import post_path
from reseau.threads.base.models import POST_KIND, PostState
from reseau.threads.base.routes import PostContext
from reseau.threads.base.shapes import REASONS, REPORTS_PER_HOUR
from reseau.threads.moderating import emails, lists, posts
from reseau.threads.moderating.forms import ReasonForm, ReportForm
from reseau.threads.moderating.letters import tell_author, tell_moderators, tell_reporters
from reseau.threads.moderating.routes import DESK
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base.langs import direction, name
from resources.files import attached

if TYPE_CHECKING:
    from pyramid.request import Request

TOO_MANY = 429
SHOWN = PostState.SHOWN.value


class _Pages:
    """What pages of one post share."""

    def __init__(self, context: PostContext, request: Request) -> None:
        self.context, self.request = context, request
        self.now = request.registry["clock"]()
        self.thread, self.post = context.thread, context.post  # reading the thread refuses who may not

    def page(self, form: Any = None, **more: Any) -> dict[str, Any]:
        """What their templates need."""
        request, said = self.request, self.post.text
        known = said if request.identity else words.veiled(said, self.post.mentions)  # visitors read no names
        return {
            "form": form, "thread": self.thread, "post": self.post, "dir": direction,
            "here": request.script_name + post_path(self.post), "desk": request.script_name + DESK,
            "html": words.to_html(known, self.post.mentions, request.script_name), **more,
        }  # fmt: skip

    def back(self, path: str) -> HTTPSeeOther:
        """To another page of the site."""
        return HTTPSeeOther(self.request.script_name + path)

    @property
    def by(self) -> Any:
        """Who asks, None for visitors."""
        return self.request.identity.person_id if self.request.identity else None


@view_defaults(route_name="threads.report", permission=Permission.REPORT_CREATE, renderer="templates/report.jinja2")
class ReportPages(_Pages):
    """Anyone who reads a post says that it should be looked at."""

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        if self.post.state != SHOWN:
            raise HTTPNotFound
        return self.page(ReportForm(self.request), sent="merci" in self.request.GET, too_many=False)

    @view_config(request_method="POST", journal="post.report")
    def send(self) -> Any:
        request, form = self.request, ReportForm(self.request)
        if self.post.state != SHOWN:
            raise HTTPNotFound
        if not form.validate():
            return refuse(request, **self.page(form, sent=False, too_many=False))
        if not self._allowed():
            request.response.status_int = TOO_MANY  # returned, not raised: what was typed is kept
            return self.page(form, sent=False, too_many=True)
        stored = None if form.is_spam else self._store(form)
        if stored is None:
            request.journal_nothing()
        else:
            request.journal(self.post.id, reason=stored.reason)
            tell_moderators(request.db, self.by, request.config, self.now)
        return self.back(f"{post_path(self.post)}/signaler?merci=1")

    def _allowed(self) -> bool:
        if self.by:
            return allow(self.request.db, REPORTS_PER_HOUR, str(self.by), self.now)
        return allow_network(self.request.db, REPORTS_PER_HOUR, self.request.network, self.now)

    def _store(self, form: ReportForm) -> Any:
        said = posts.Said(form.raison.data, form.message.data or "")
        try:
            return posts.report(self.request.db, self.post.id, said, id_=form.nonce, author_id=self.by, now=self.now)
        except posts.Late:  # hidden a moment ago: what they wanted is done
            return None


class _Decisions(_Pages):
    """What moderators do with a post. Somebody who was faster is no error: the page shows what is."""

    def done(self, path: str, act: Any, letter: Any = None, **detail: Any) -> HTTPSeeOther:
        """Decide, write to the author, go on. :param act: gives the post."""
        try:
            post = act()
        except posts.Late:
            self.request.journal_nothing()
            return self.back(f"{path}{'&' if '?' in path else '?'}deja=1")
        self.request.journal(self.post.id, **detail)
        if letter is not None and post.author_id != self.by:
            tell_author(self.request.db, post, self.request.config, self.now, letter)
        tell_reporters(self.request.db, post, self.request.config, self.now)
        return self.back(path)

    def written(self, reason: str) -> Written:
        """A reason, in the language in which it seems to be written."""
        lang = words.guess_lang(reason, self.request.lang)
        return Written(reason, lang, direction(lang))


@view_defaults(permission=Permission.THREAD_MODERATE)
class HidingPages(_Decisions):
    """Hide with a reason, show again, keep what was reported."""

    @view_config(route_name="threads.hide", request_method="GET", renderer="templates/hide.jinja2")
    def form(self) -> Any:
        if self.post.state != SHOWN:  # what can be done with it is there
            return self.back(f"{post_path(self.post)}/historique")
        return self.page(ReasonForm(self.request), refusing=False)

    @view_config(
        route_name="threads.hide", request_method="POST", renderer="templates/hide.jinja2", journal="post.hide"
    )
    def hide(self) -> Any:
        form = ReasonForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(form, refusing=False))
        reason = form.motif.data
        return self.done(
            f"{DESK}/signalements?fait=1",
            lambda: posts.hide(self.request.db, self.post.id, reason, by=self.by, now=self.now),
            lambda case: emails.hidden(case, self.written(reason)),
        )

    @view_config(route_name="threads.show", request_method="POST", journal="post.show")
    def show(self) -> Any:
        return self.done(
            f"{post_path(self.post)}/historique",
            lambda: posts.show(self.request.db, self.post.id),
            lambda case: emails.shown(case, first=False),
        )

    @view_config(route_name="threads.keep", request_method="POST", journal="post.report.keep")
    def keep(self) -> Any:
        if posts.keep(self.request.db, self.post.id, by=self.by, now=self.now):
            self.request.journal(self.post.id)
            tell_reporters(self.request.db, self.post, self.request.config, self.now)
        else:
            self.request.journal_nothing()
        return self.back(f"{DESK}/signalements?fait=1")

    @view_config(route_name="threads.history", request_method="GET", renderer="templates/history.jinja2")
    def history(self) -> dict[str, Any]:
        unread = [] if self.post.state == SHOWN else [self.post.id]  # those of a shown one are in its thread
        files = attached.of(self.request.db, POST_KIND, unread).get(self.post.id, [])
        return self.page(
            past=lists.past(self.request.db, self.post), reasons=REASONS, name_of=name, files=files,
            mark=posts.mark(self.post, self.thread, files), late="deja" in self.request.GET,
            changed="change" in self.request.GET,
        )  # fmt: skip


@view_defaults(permission=Permission.THREAD_MODERATE)
class LookPages(_Decisions):
    """A first post that waits for a look."""

    @view_config(route_name="threads.accept", request_method="POST", journal="post.accept")
    def accept(self) -> Any:
        seen = str(self.request.POST.get("lu", ""))
        try:
            return self.done(
                f"{DESK}/en-attente?fait=1",
                lambda: posts.accept(self.request.db, self.post.id, seen, now=self.now),
                lambda case: emails.shown(case, first=True),
            )
        except posts.Changed:  # the new words are read first
            self.request.journal_nothing()
            return self.back(f"{post_path(self.post)}/historique?change=1")

    @view_config(route_name="threads.refuse", request_method="GET", renderer="templates/hide.jinja2")
    def form(self) -> dict[str, Any]:
        return self.page(ReasonForm(self.request), refusing=True)

    @view_config(
        route_name="threads.refuse", request_method="POST", renderer="templates/hide.jinja2", journal="post.refuse"
    )
    def refuse(self) -> Any:
        form = ReasonForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(form, refusing=True))
        reason = form.motif.data
        return self.done(
            f"{DESK}/en-attente?fait=1",
            lambda: posts.refuse(self.request.db, self.post.id, reason, by=self.by),
            lambda case: emails.refused(case, self.written(reason)),
        )
