"""The glossary of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults
from wtforms import StringField, TextAreaField, ValidationError

from reseau.core.ids import parse_id
from reseau.web.forms import MaxLength, Required, ReseauForm, refuse
from reseau.web.i18n import _
from reseau.web.params import page_number
from reseau.web.security import Permission
from resources.base import langs
from resources.base.models import GlossaryTerm
from resources.translating import glossary

if TYPE_CHECKING:
    from pyramid.request import Request

COLUMNS = (_("Mot en français"), _("Langue"), _("Traduction"), _("Remarque"), _("Relu"))


class TermForm(ReseauForm):
    """A word and its translation."""

    mot = StringField(_("Le mot, en français"), [Required(), MaxLength(glossary.MAX_SOURCE)])
    vers = StringField(
        _("Langue (code)"), [Required(), MaxLength(35)], description=_("Par exemple : ar, en, uk, fr-x-falc.")
    )
    traduction = StringField(_("Sa traduction"), [Required(), MaxLength(glossary.MAX_TARGET)])
    remarque = TextAreaField(
        _("Remarque"), [MaxLength(glossary.MAX_NOTE)], description=_("Pour les personnes qui traduisent.")
    )

    def validate_vers(self, field: Any) -> None:
        """A language that exists."""
        if langs.tag(field.data) in (None, "fr"):
            raise ValidationError(field.gettext(_("Ce code de langue n’existe pas.")))

    def validate_mot(self, field: Any) -> None:
        """Something that can be looked up."""
        if not any(char.isalnum() for char in field.data):
            raise ValidationError(field.gettext(_("Écrivez un mot.")))


@view_defaults(route_name="glossary", renderer="templates/glossary.jinja2")
class GlossaryPages:
    """The words, and the form to propose one."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def _page(self, form: TermForm, agreed: GlossaryTerm | None = None) -> dict[str, Any]:
        request = self.request
        q, lang = request.GET.get("q", "")[:200], langs.tag(request.GET.get("vers", "")) or ""
        return {
            "form": form, "found": glossary.search(request.db, q, lang, page_number(request)), "q": q, "lang": lang,
            "tags": [(tag, langs.name(tag, request.lang)) for tag in glossary.languages(request.db)],
            "name": lambda tag: langs.name(tag, request.lang), "direction": langs.direction, "agreed": agreed,
            "done": request.GET.get("fait", ""), "may_write": bool(request.allows("translation:write")),
            "may_agree": bool(request.allows("network:coordinate")),
        }  # fmt: skip

    @view_config(request_method="GET", permission=Permission.RESOURCE_READ)
    def show(self) -> dict[str, Any]:
        return self._page(TermForm(self.request, vers=self.request.GET.get("vers", "")))

    @view_config(request_method="POST", permission=Permission.TRANSLATION_WRITE, journal="glossary.propose")
    def propose(self) -> Any:
        request, form = self.request, TermForm(self.request)
        if not form.validate():
            return refuse(request, **self._page(form))
        by, now = request.identity.person_id, request.registry["clock"]()
        lang, agrees = langs.tag(form.vers.data) or "", bool(request.allows("network:coordinate"))
        try:
            term = glossary.propose(request.db, form.mot.data, lang, form.traduction.data, form.remarque.data or "",
                                    by=by, now=now, reviewed=agrees, replace=agrees)  # fmt: skip
        except glossary.Agreed as agreed:
            return refuse(request, **self._page(form, agreed.term))
        request.journal(term.id, word=term.source, lang=term.lang)
        query = {"fait": "propose", "vers": term.lang, "q": term.source}
        return HTTPSeeOther(request.route_path("glossary", _query=query, _anchor="mots"))


@view_config(route_name="glossary.csv", request_method="GET", permission=Permission.RESOURCE_READ)
def download(request: Request) -> Any:
    """The words of a language, or of all, as CSV for a spreadsheet."""
    lang = langs.tag(request.GET.get("vers", "")) or ""
    tags = [lang] if lang else glossary.languages(request.db)
    terms = [term for tag in tags for term in sorted(glossary.of_language(request.db, tag), key=lambda t: t.folded)]
    response = request.response
    response.content_type, response.charset = "text/csv", "utf-8"
    response.content_disposition = f'attachment; filename="glossaire{f"-{lang}" if lang else ""}.csv"'
    # A mark of order: without it, spreadsheets read the Arabic as Latin-1.
    response.text = "\ufeff" + glossary.as_csv(terms, [request.gettext(name) for name in COLUMNS])
    return response


@view_defaults(permission=Permission.NETWORK_COORDINATE, request_method="POST")
class TermPages:
    """A coordinator agrees on a word, or takes it away."""

    def __init__(self, request: Request) -> None:
        self.request = request
        id_ = parse_id(request.matchdict["term"])
        term = request.db.get(GlossaryTerm, id_) if id_ else None
        if term is None:
            raise HTTPNotFound
        self.term = term
        request.journal(term.id, word=term.source, lang=term.lang)

    def _back(self, done: str) -> HTTPSeeOther:
        query = {"fait": done, "vers": self.term.lang}
        return HTTPSeeOther(self.request.route_path("glossary", _query=query, _anchor="mots"))

    @view_config(route_name="glossary.review", journal="glossary.agree")
    def agree(self) -> HTTPSeeOther:
        self.term.reviewed = True
        return self._back("relu")

    @view_config(route_name="glossary.delete", journal="glossary.delete")
    def delete(self) -> HTTPSeeOther:
        self.request.db.delete(self.term)
        return self._back("supprime")
