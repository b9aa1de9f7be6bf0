"""The translator's page, and what its buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNoContent, HTTPNotFound, HTTPRequestEntityTooLarge, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.wording import Wording
from reseau.members import drafts
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import langs
from resources.base.content import TRANSLATED, ContentError
from resources.base.routes import ResourceContext
from resources.base.sentences import sentence
from resources.translating import machine, services
from resources.translating.confirming import confirm
from resources.translating.emails import tell_translators
from resources.translating.page import SHOWS, Typed, draft_path, easy_french, page_of
from resources.translating.routes import TranslateContext
from resources.translating.services import Overtaken, Refused
from resources.translating.wording import DONE, LIST_MOVED, OVERTAKEN, REFUSALS, SOURCE_MOVED

if TYPE_CHECKING:
    from pyramid.request import Request

PAGE = "templates/translate.jinja2"


class _Base:
    def __init__(self, context: TranslateContext, request: Request) -> None:
        self.context, self.request = context, request

    def _text(self, name: str) -> str:
        value = self.request.POST.get(name, "")
        return value if isinstance(value, str) else ""

    def _shown(self, source: Any) -> dict[str, Any]:
        show = source.get("montrer", "tout")
        text = source.get("page", "")
        number = int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 6 else 1
        return {"show": show if show in SHOWS else "tout", "number": number}

    def _page(self, source: Any, *, section: str = "", typed: Typed | None = None, problem: str = "") -> dict[str, Any]:
        context, request = self.context, self.request
        page = page_of(context.work, context.page_path, section=section, typed=typed, **self._shown(source))
        wording = Wording.of(request.lang)
        return {
            "page": page, "here": request.script_name + context.page_path, "problem": problem, "done": "",
            "language": langs.name(page.lang, request.lang), "own_name": langs.own_name(page.lang),
            "source_name": langs.name(page.content.lang, request.lang), "wording": wording,
            "direction": langs.direction, "engine": machine.is_there(request.registry["translation.engine"]),
            "counts": None,
        }  # fmt: skip

    def _back(self, done: str, section: str = "", **more: str) -> HTTPSeeOther:
        shown = self._shown(self.request.POST)
        query = {"fait": done, **more, **({"section": section} if section else {})}
        if shown["show"] != "tout":
            query["montrer"] = shown["show"]
        if shown["number"] > 1 and not section:
            query["page"] = str(shown["number"])
        anchor = {"_anchor": f"s-{section}"} if section else {}
        context = self.context
        return HTTPSeeOther(self.request.route_path(
            "translating.page", **self.request.matchdict | {"lang": context.lang}, _query=query, **anchor
        ))  # fmt: skip


@view_defaults(permission=Permission.TRANSLATION_WRITE)
class TranslatePages(_Base):
    """The page, and what concerns all of it."""

    @view_config(route_name="translating.page", request_method="GET", renderer=PAGE)
    def show(self) -> Any:
        lang = self.context.lang
        if lang != self.request.matchdict["lang"]:  # AR_ma → ar-MA: one address a language
            return HTTPSeeOther(self.request.script_name + self.context.page_path)
        section = self.request.GET.get("section", "")
        section = section if section in self.context.published.content.units() else ""
        done = DONE.get(self.request.GET.get("fait", ""), "")
        return {**self._page(self.request.GET, section=section), "done": done, "counts": self._counts()}

    def _counts(self) -> tuple[str, int, int] | None:
        """What a button for the whole page did: (which, done, left)."""
        asked, get = self.request.GET.get("fait", ""), self.request.GET.get
        numbers = [get(name, "") for name in ("n", "reste")]
        if asked not in ("tout-envoyer", "tout-publier") or not all(n.isdigit() and len(n) < 5 for n in numbers):
            return None
        return asked, int(numbers[0]), int(numbers[1])

    @view_config(route_name="translating.send_all", request_method="POST", journal="translation.send")
    def send_all(self) -> Any:
        sent, left = services.send_all(self.context.work)
        self.request.journal(self.context.resource.id, lang=self.context.lang, sections=sent)
        if not sent:
            self.request.journal_nothing()
        return self._back("tout-envoyer", n=str(sent), reste=str(left))

    @view_config(
        route_name="translating.publish_all", request_method="POST", renderer=PAGE, journal="translation.publish"
    )
    def publish_all(self) -> Any:
        context, request = self.context, self.request
        try:
            translators = services.publish_all(context.work, seen=self._text("vu"))
        except Overtaken:
            return refuse(request, **self._page(request.POST, problem=request.gettext(LIST_MOVED)))
        except Refused as refused:
            return refuse(request, **self._page(request.POST, problem=request.gettext(REFUSALS[refused.code])))
        tell_translators(context.work, translators, request.config, context.page_path)
        request.journal(context.resource.id, lang=context.lang, sections=len(translators))
        return self._back("tout-publier", n=str(len(translators)), reste="0")

    @view_config(route_name="translating.draft", request_method="POST",
                 journal_exempt_reason="a draft changes nothing that others see")  # fmt: skip
    def keep(self) -> Any:
        path = draft_path(self.context.page_path, self.context.section)
        fields = [(name, self._text(name)) for name in TRANSLATED if name in self.request.POST]
        person, now = self.request.identity.person_id, self.request.registry["clock"]()
        if not drafts.save(self.request.db, person, path, fields, now):
            raise HTTPRequestEntityTooLarge
        return HTTPNoContent()


@view_defaults(
    route_name="translating.unit", permission=Permission.TRANSLATION_WRITE, request_method="POST", renderer=PAGE
)
class UnitPages(_Base):
    """One section."""

    def _act(self, verb: str) -> Any:
        """Do it, and come back to the section; a refused form comes back with all that was typed."""
        context, request, key = self.context, self.request, self.context.section
        words = {name: self._text(name) for name in TRANSLATED if name in request.POST}
        try:
            row = self._do(verb, key, words)
        except ContentError as error:
            told = sentence(error, Wording.of(request.lang))
            return self._refused(key, words, told, {error.where: told})
        except Overtaken as overtaken:
            return self._refused(key, words, request.gettext(SOURCE_MOVED if overtaken.source else OVERTAKEN))
        except Refused as refused:
            return self._refused(key, words, request.gettext(REFUSALS[refused.code]))
        drafts.drop(request.db, request.identity.person_id, draft_path(context.page_path, key))
        request.journal(context.resource.id, **services.changed_fields(row))
        return self._back(verb, key)

    def _do(self, verb: str, key: str, words: dict[str, str]) -> Any:
        work, seen, of = self.context.work, self._text("vu"), self._text("source")
        match verb:
            case "enregistrer" | "envoyer":
                return services.save(work, key, words, seen=seen, of=of, send=verb == "envoyer")
            case "machine":
                return services.enter_machine(work, key, words, seen=seen, of=of)
            case "relire":
                return services.mark_reviewed(work, key, seen=seen, words=words)
            case "confirmer":
                return confirm(work, key, seen=seen, of=of, words=words)
            case "retirer":
                return services.withdraw(work, key, seen=seen)
            case "moteur":
                return services.enter_machine(work, key, self._engine_words(key), seen=seen, of=of, by_engine=True)
        if verb == "renvoyer":
            row, translator = services.send_back(work, key, self._text("mot"), seen=seen)
        else:
            row, translator = services.publish(work, key, seen=seen, words=words)
        tell_translators(work, [translator], self.request.config, self.context.page_path)
        return row

    def _engine_words(self, key: str) -> dict[str, str]:
        work = self.context.work
        source, _, _ = work.source(key)
        texts = list(source.values())
        found = self.request.registry["translation.engine"].translate(texts, work.content.lang, work.lang)
        if found is None or len(found) != len(texts):
            raise Refused("no-answer")
        return dict(zip(source, found, strict=True))

    def _refused(self, key: str, words: dict[str, str], problem: str, errors: Any = None) -> dict[str, Any]:
        self.request.db.expire_all()  # what is shown beside it is what is there now
        typed = Typed(key, words, problem, errors or {}, self._text("mot"))
        self.context.work.session.refresh(self.context.resource)
        for name in ("published", "work"):
            self.context.__dict__.pop(name, None)
        return refuse(self.request, **self._page(self.request.POST, section=key, typed=typed, problem=problem))

    @view_config(match_param="verb=enregistrer", journal="translation.draft")
    def save(self) -> Any:
        return self._act("enregistrer")

    @view_config(match_param="verb=envoyer", journal="translation.send")
    def send(self) -> Any:
        return self._act("envoyer")

    @view_config(match_param="verb=publier", journal="translation.publish")
    def publish(self) -> Any:
        return self._act("publier")

    @view_config(match_param="verb=renvoyer", journal="translation.send_back")
    def send_back(self) -> Any:
        return self._act("renvoyer")

    @view_config(match_param="verb=relire", journal="translation.review")
    def review(self) -> Any:
        return self._act("relire")

    @view_config(match_param="verb=confirmer", journal="translation.confirm")
    def confirm(self) -> Any:
        return self._act("confirmer")

    @view_config(match_param="verb=machine", journal="translation.machine")
    def machine(self) -> Any:
        return self._act("machine")

    @view_config(match_param="verb=moteur", journal="translation.machine")
    def engine(self) -> Any:
        if not machine.is_there(self.request.registry["translation.engine"]):
            raise HTTPNotFound
        return self._act("moteur")

    @view_config(match_param="verb=retirer", journal="translation.withdraw")
    def withdraw(self) -> Any:
        return self._act("retirer")


@view_config(
    route_name="translating.choose",
    request_method="GET",
    permission=Permission.TRANSLATION_WRITE,
    renderer="templates/choose.jinja2",
)
def choose(context: ResourceContext, request: Request) -> Any:
    """Which language? Any BCP 47 tag, the usual ones by name."""
    published, asked = context.published, request.GET.get("vers", "").strip()
    typed = request.GET.get("autre", "").strip()
    tag = langs.tag(typed or asked) if typed or asked else None
    if tag and tag != published.content.lang:
        return HTTPSeeOther(f"{request.script_name}{context.path}/traduire/{tag}")
    there = [one for one in published.resource.langs if one != published.content.lang]
    offered = [one for one in langs.OFFERED if one not in (*there, published.content.lang)]
    if typed or asked:
        request.response.status_int = 422
    return {
        "resource": published.resource, "here": request.script_name + context.path, "typed": typed or asked,
        "wrong": bool(typed or asked), "name": lambda one: langs.name(one, request.lang), "own_name": langs.own_name,
        "direction": langs.direction, "there": there, "offered": offered,
    }  # fmt: skip


@view_config(
    route_name="translating.falc", request_method="POST", permission=Permission.TRANSLATION_WRITE, renderer="json",
    journal_exempt_reason="nothing is written: a text is read, remarks are given back",
)  # fmt: skip
def easy(request: Request) -> dict[str, Any]:
    """What is hard to read in ``text``, as one types."""
    text = request.POST.get("text", "")
    return easy_french(text if isinstance(text, str) else "", Wording.of(request.lang))
