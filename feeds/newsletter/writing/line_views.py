"""The lines of an issue: their order, and the page of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from feeds.newsletter.content import SECTIONS
from feeds.newsletter.models import Line
from feeds.newsletter.writing import services
from feeds.newsletter.writing.base_views import IssuePage
from feeds.newsletter.writing.forms import LineForm, shown
from feeds.newsletter.writing.words import CLASH, FROZEN, SOURCES, TEXT_STATES, TOO_MANY
from reseau.core.ids import parse_id
from reseau.settings import LANGUAGES
from reseau.web.forms import refuse
from reseau.web.security import Permission

COORDINATE = Permission.NETWORK_COORDINATE


@view_defaults(route_name="letter.lines", permission=COORDINATE)
class Sorting(IssuePage):
    """The buttons of the list."""

    @view_config(request_method="POST", journal="letter.sort")
    def sort(self) -> HTTPSeeOther:
        try:
            name, id_, changed = self._done()
        except services.Frozen:
            name, id_, changed = "deja", None, False
        if not changed:
            self.request.journal_nothing()
        else:
            self.request.journal(self.issue.id, what=name)
        done = {"retirer": "retire", "remettre": "remis"}.get(name, "deja" if name == "deja" else "")
        page = self.asked.get("page", "")
        asked = {"page": page if page.isdecimal() else "", "fait": done, "avec": self.other}
        query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
        return HTTPSeeOther(f"{self.request.script_name}{self.at}?{query}#{self._place(name, id_)}")

    def _place(self, name: str, id_: UUID | None) -> str:
        """Where on the page one was: at the line, or, when it is gone, in its section."""
        if id_ is None or name in ("monter", "descendre", "remettre"):
            return f"l-{id_}" if id_ else "informations"
        lines = services.lines(self.db, self.issue.id)
        section = next((line.section for line in lines if line.id == id_), "")
        left = any(line.kept and line.section == section for line in lines)
        return f"r-{section}" if left else "informations"

    def _done(self) -> tuple[str, UUID | None, bool]:
        for name in ("monter", "descendre", "retirer", "remettre"):
            id_ = parse_id(str(self.request.POST.get(name, "")))
            if id_ is None:
                continue
            if name in ("monter", "descendre"):
                return name, id_, services.move(self.db, self.issue.id, id_, name == "monter")
            return name, id_, services.keep(self.db, self.issue.id, id_, kept=name == "remettre")
        return "", None, False


class LinePage(IssuePage):
    """What the page of a line, old or new, needs."""

    def page(self, form: LineForm, line: Line | None, seen: str, **more: Any) -> dict[str, Any]:
        """The values of the template."""
        return {
            "issue": self.issue, "form": form, "line": line, "at": self.at, "seen": seen, "other": self.other,
            "shown": shown(self.other), "others": [lang for lang in LANGUAGES if lang != "fr"], "draft": self.draft,
            "sections": SECTIONS, "text_states": TEXT_STATES, "sources": SOURCES, "refusal": "", "clash": None,
            "tab": "contenu", **more,
        }  # fmt: skip


@view_defaults(route_name="letter.line", permission=COORDINATE, renderer="templates/line.jinja2")
class LinePages(LinePage):
    """A line that is there."""

    def _line(self) -> Line:
        line = services.line(self.db, self.issue.id, UUID(self.request.matchdict["line"]))
        if line is None:
            raise HTTPNotFound
        return line

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        line = self._line()
        return self.page(LineForm.of(self.request, line), line, services.mark(services.line_words(line)))

    @view_config(request_method="POST", journal="letter.line")
    def write(self) -> Any:
        line, form, seen = self._line(), LineForm(self.request), str(self.request.POST.get("vu", ""))
        langs = shown(self.other)
        if not form.validate() or not form.titled(langs, line.texts):
            return refuse(self.request, **self.page(form, line, seen))
        try:
            services.write_line(self.db, self.issue.id, line.id, form.wish(langs), seen)
        except services.Frozen:
            return refuse(self.request, **self.page(form, line, seen, refusal=FROZEN))
        except services.Clash as clash:
            now = services.mark(clash.now)
            return refuse(self.request, **self.page(form, line, now, refusal=CLASH, clash=clash.now))
        except LookupError:
            raise HTTPNotFound from None
        self.request.journal(self.issue.id)
        if "suivante" in self.request.POST and (after := self._after(line)):
            return self.here(f"/lignes/{after}", avec=self.other)
        return HTTPSeeOther(self.request.script_name + f"{self.at}?fait=ecrit&avec={self.other}#l-{line.id}")

    def _after(self, line: Line) -> UUID | None:
        """The line that follows in the letter."""
        order = list(SECTIONS)
        kept = [one for one in services.lines(self.db, self.issue.id) if one.kept]
        ids = [one.id for one in sorted(kept, key=lambda one: order.index(one.section))]
        at = ids.index(line.id) + 1 if line.id in ids else len(ids)
        return ids[at] if at < len(ids) else None


@view_defaults(route_name="letter.line.new", permission=COORDINATE, renderer="templates/line.jinja2")
class NewLinePages(LinePage):
    """A line by hand."""

    @view_config(request_method="GET")
    def ask(self) -> dict[str, Any]:
        asked = self.asked.get("rubrique", "")
        return self.page(LineForm(self.request, rubrique=asked if asked in SECTIONS else "mot"), None, "")

    @view_config(request_method="POST", journal="letter.line")
    def add(self) -> Any:
        form, langs = LineForm(self.request), shown(self.other)
        if not form.validate() or not form.titled(langs, {}):
            return refuse(self.request, **self.page(form, None, ""))
        try:
            made = services.add_line(self.db, self.issue.id, form.wish(langs))
        except services.Frozen:
            return refuse(self.request, **self.page(form, None, "", refusal=FROZEN))
        except services.TooMany:
            return refuse(self.request, **self.page(form, None, "", refusal=TOO_MANY))
        self.request.journal(self.issue.id)
        return HTTPSeeOther(self.request.script_name + f"{self.at}?fait=ajoute&avec={self.other}#l-{made.id}")
