"""An issue: its words, its lines in a list, brought up to date, thrown away."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from feeds.newsletter.content import SECTIONS
from feeds.newsletter.writing import drafting, services
from feeds.newsletter.writing.base_views import HOME, IssuePage
from feeds.newsletter.writing.forms import IssueForm, shown
from feeds.newsletter.writing.words import CLASH, DONE, FROZEN, SOURCES, STATES, TEXT_STATES
from reseau.core import markdown
from reseau.core.paging import Page as Pages
from reseau.core.paging import nearest, offset
from reseau.settings import LANGUAGES
from reseau.web.forms import refuse
from reseau.web.params import page_number
from reseau.web.security import Permission

PER_PAGE = 20


class EditPages(IssuePage):
    """The draft of an issue."""

    def _page(self, form: IssueForm, seen: str = "", **more: Any) -> dict[str, Any]:
        lines = services.lines(self.db, self.issue.id)
        kept = [one for group in drafting.by_section(lines).values() for one in group if one.kept]
        number = nearest(page_number(self.request), len(kept), PER_PAGE)
        start = offset(number, PER_PAGE)
        return {
            "issue": self.issue, "form": form, "at": self.at, "draft": self.draft, "other": self.other,
            "shown": shown(self.other), "others": [lang for lang in LANGUAGES if lang != "fr"],
            "found": Pages(kept[start : start + PER_PAGE], len(kept), number, PER_PAGE),
            "out": [one for one in lines if not one.kept][:PER_PAGE], "sections": SECTIONS, "states": STATES,
            "text_states": TEXT_STATES, "sources": SOURCES, "tab": "contenu",
            "seen": seen or services.mark(services.words_of(self.issue)),
            "done": DONE.get(self.asked.get("fait", ""), ""), "refusal": "", "clash": None, "previews": {}, **more,
        }  # fmt: skip

    @view_config(
        route_name="letter.issue", request_method="GET", permission=Permission.NETWORK_COORDINATE,
        renderer="templates/issue.jinja2",
    )  # fmt: skip
    def show(self) -> Any:
        if self.left:
            return HTTPSeeOther(self.request.script_name + self.at + "/suivi")
        return self._page(IssueForm.of(self.request, self.issue))

    @view_config(
        route_name="letter.issue", request_method="POST", permission=Permission.NETWORK_COORDINATE,
        renderer="templates/issue.jinja2", journal="letter.write",
    )  # fmt: skip
    def write(self) -> Any:
        form, seen = IssueForm(self.request), str(self.request.POST.get("vu", ""))
        if not form.validate():
            return refuse(self.request, **self._page(form, seen))
        subject, intro = form.words("objet", self.issue.subject), form.words("intro", self.issue.intro)
        if "apercu" in self.request.POST:
            self.request.journal_nothing()
            return self._page(
                form, seen, previews={lang: markdown.to_html(text) for lang, text in intro.items() if text}
            )
        before, onward = self.issue.rev, "suite" in self.request.POST
        try:
            issue = services.write(self.db, self.issue.id, subject, intro, form.langues.data or [], seen)
        except services.Frozen:
            return refuse(self.request, **self._page(form, seen, refusal=FROZEN))
        except services.Clash as clash:
            return refuse(self.request, **self._page(form, services.mark(clash.now), refusal=CLASH, clash=clash.now))
        if issue.rev == before:
            self.request.journal_nothing()
        else:
            self.request.journal(issue.id)
        return self.here("/envoyer") if onward else self.here(fait="ecrit", avec=self.other)

    @view_config(
        route_name="letter.update", request_method="POST", permission=Permission.NETWORK_COORDINATE,
        journal="letter.update",
    )  # fmt: skip
    def update(self) -> HTTPSeeOther:
        try:
            issue = services.locked(self.db, self.issue.id)
        except services.Frozen:
            self.request.journal_nothing()
            return self.here(fait="deja")
        done = drafting.update(self.db, issue, self.settings, self.now)
        self.request.journal(issue.id, added=done.added, changed=done.changed, removed=done.removed)
        return self.here(fait="a-jour" if done.any else "deja-a-jour", avec=self.other)

    @view_config(
        route_name="letter.delete", request_method="POST", permission=Permission.NETWORK_COORDINATE,
        journal="letter.delete",
    )  # fmt: skip
    def delete(self) -> HTTPSeeOther:
        try:
            services.delete(self.db, self.issue.id)
        except services.Frozen:
            self.request.journal_nothing()
            return self.here(fait="deja")
        self.request.journal(self.issue.id)
        return self.go(f"{HOME}?fait=supprime")
