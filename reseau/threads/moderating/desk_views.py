"""The exchanges on the desk: numbers, settings, topics; what is reported, what waits, what nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.members.places import names, structures_named
from reseau.threads.base import choices
from reseau.threads.base import text as words
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import POST_KIND, Post
from reseau.threads.base.shapes import REASONS
from reseau.threads.moderating import jobs, lists, topics
from reseau.threads.moderating.forms import SEEN_LABELS, SettingsForm
from reseau.threads.moderating.posts import mark as marked
from reseau.threads.moderating.routes import DESK
from reseau.web.forms import refuse
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.base.langs import direction
from resources.files import attached

if TYPE_CHECKING:
    from pyramid.request import Request


@view_defaults(permission=Permission.NETWORK_COORDINATE)
class DeskPages:
    """What the coordination keeps of the exchanges."""

    def __init__(self, request: Request) -> None:
        self.request, self.now = request, request.registry["clock"]()

    @view_config(route_name="threads.desk", request_method="GET", renderer="templates/desk.jinja2")
    def home(self) -> dict[str, Any]:
        known = choices.choices(self.request.db)
        form = SettingsForm(self.request, jours=known.forgotten_days, attente=known.first_post_waits)
        return self._home(form, known)

    def _home(self, form: SettingsForm, known: choices.Choices) -> dict[str, Any]:
        return {
            "form": form, "numbers": topics.numbers(self.request.db, self.now, known.forgotten_after),
            "days": known.forgotten_days,
            "topics": topics.listed(self.request.db), "readers": SEEN_LABELS, "done": self.request.GET.get("fait"),
        }  # fmt: skip

    @view_config(
        route_name="threads.desk", request_method="POST", renderer="templates/desk.jinja2", journal="thread.settings"
    )
    def settings(self) -> Any:
        form, db = SettingsForm(self.request), self.request.db
        known = choices.choices(db)
        if not form.validate():
            return refuse(self.request, **self._home(form, known))
        wanted = choices.Choices(form.jours.data, form.attente.data)
        if wanted == known:
            self.request.journal_nothing()
        else:
            choices.choose(db, wanted, by=self.request.identity.person_id, now=self.now)
            self.request.journal(days=wanted.forgotten_days, waits=wanted.first_post_waits)
        return HTTPSeeOther(f"{self.request.script_name}{DESK}?fait=1")

    def _posts(self, found: Any, shown: list[Post], **more: Any) -> dict[str, Any]:
        base, db, kept = self.request.script_name, self.request.db, more.pop("kept", {})
        html = {post.id: words.to_html(kept.get(post.id, post.text), post.mentions, base) for post in shown}
        return {
            "found": found, "html": html, "dir": direction, "names": lists.words_of(db, shown, more.pop("by", ())),
            "files": attached.of(db, POST_KIND, [post.id for post in shown]), "mark": marked, "post_path": post_path,
            "path": path_of, "done": "fait" in self.request.GET, "late": "deja" in self.request.GET, **more,
        }  # fmt: skip

    @view_config(route_name="threads.desk.reports", request_method="GET", renderer="templates/reports.jinja2")
    def reports(self) -> dict[str, Any]:
        found = lists.reports(self.request.db, page_number(self.request))
        shown = [one.post for one in found.rows]
        kept = lists.kept_words(self.request.db, shown)
        by = [said.author_id for one in found.rows for said in one.reports]
        return self._posts(found, shown, reasons=REASONS, kept=kept, by=by)

    @view_config(route_name="threads.desk.waiting", request_method="GET", renderer="templates/waiting.jinja2")
    def waiting(self) -> dict[str, Any]:
        found = lists.waiting(self.request.db, page_number(self.request))
        return self._posts(found, [post for post, _thread in found.rows])

    @view_config(route_name="threads.desk.questions", request_method="GET", renderer="templates/questions.jinja2")
    def questions(self) -> dict[str, Any]:
        db, known = self.request.db, choices.choices(self.request.db)
        found = lists.questions(db, page_number(self.request))
        threads = [one.thread for one in found.rows]
        return {
            "found": found, "dir": direction, "path": path_of, "now": self.now, "days": known.forgotten_days,
            "late": topics.numbers(db, self.now, known.forgotten_after).late, "again": self.now - jobs.AGAIN_AFTER,
            "names": names(db, {one.author_id for one in threads}), "done": self.request.GET.get("fait"),
            "places": structures_named(db, [one.structure_id for one in threads if one.structure_id]),
        }  # fmt: skip

    @view_config(route_name="threads.bring", request_method="POST", journal="thread.bring")
    def bring(self) -> HTTPSeeOther:
        thread = self.request.context.thread
        done = jobs.bring_again(self.request.db, thread.id, self.now)
        if done:
            self.request.journal(thread.id)
        else:
            self.request.journal_nothing()
        return HTTPSeeOther(f"{self.request.script_name}{DESK}/questions?fait={int(done)}")
