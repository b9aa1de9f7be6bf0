"""The page of moves of a thread, and each of them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.members.places import names
from reseau.threads.base import addresses, services
from reseau.threads.base import text as words
from reseau.threads.base.models import Thread, ThreadKind, ThreadState, Topic
from reseau.threads.base.routes import ThreadContext
from reseau.threads.base.shapes import KIND_LABELS
from reseau.threads.base.topics import readers_change
from reseau.threads.moderating import forms, merging, moves
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base.langs import direction

if TYPE_CHECKING:
    from pyramid.request import Request

CONFIRM = "reseau.threads.moderating:templates/confirm.jinja2"
PIN_AT_MOST = timedelta(days=366)
DONE = {
    "close": _("Le fil est fermé."),
    "reopen": _("Le fil est rouvert."),
    "pin": _("C’est fait : le fil est en tête des listes."),
    "unpin": _("C’est fait : le fil n’est plus en tête des listes."),
    "move": _("Le fil a changé de sujet."),
    "kind": _("C’est fait."),
    "title": _("Le titre est changé."),
    "merge": _("Les deux fils n’en font plus qu’un : le voici."),
    "split": _("Voici le nouveau fil."),
    "rien": _("Il n’y avait rien à changer."),
}
READERS = {
    "more": _("Plus de personnes pourront lire ces messages. Ont-ils été écrits pour elles ?"),
    "fewer": _("Des personnes qui lisent ce fil ne pourront plus le lire, même si elles y ont écrit."),
    "others": _("Ce ne sont pas les mêmes personnes qui le liront."),
}
PROBLEMS = {
    "same": _("C’est l’adresse de ce fil. Écrivez celle de l’autre."),
    "gone": _("Un de ces deux fils n’est plus là, ou vient d’être réuni à un autre."),
    "poll": _("Un sondage ne peut pas être réuni à un autre fil : les votes seraient perdus."),
    "none": _("Cochez au moins un message."),
    "first": _("Le premier message coché doit être visible de tous."),
    "unknown": _("Nous ne trouvons pas ce fil. Copiez l’adresse de sa page, ou essayez d’autres mots."),
    "several": _("Choisissez le fil dans la liste."),
    "past": _("Choisissez un jour à venir, dans moins d’un an."),
}


class _Moves:
    """What the pages of moves share."""

    def __init__(self, context: ThreadContext, request: Request) -> None:
        self.context, self.request, self.db = context, request, request.db
        self.now, self.thread = request.registry["clock"](), context.thread

    def lock(self) -> Thread:
        """The thread, which nobody else changes until the answer is sent."""
        return services.lock(self.db, self.thread.id)

    def back(self, done: bool, what: str, thread: Thread | None = None, **detail: Any) -> HTTPSeeOther:
        """To the page of moves (of another thread, that came of it); nothing in the journal for nothing done."""
        if done:
            self.request.journal(self.thread.id, **detail)
        else:
            self.request.journal_nothing()
        path = addresses.path_of(thread or self.thread)
        return HTTPSeeOther(f"{self.request.script_name}{path}/moderer?fait={what if done else 'rien'}")


@view_defaults(permission=Permission.THREAD_ANSWERED, request_method="POST")
class ClosingPages(_Moves):
    """Its author closes a thread without a word, and may open it again; moderators say why on their page."""

    @view_config(route_name="threads.close", journal="thread.close", renderer="templates/moderate.jinja2")
    def close(self) -> Any:
        if self.request.allows(Permission.THREAD_MODERATE):
            return ThreadPages(self.context, self.request).close_with_reason()
        return self._own(moves.close(self.db, self.lock(), "", now=self.now))

    @view_config(route_name="threads.reopen", journal="thread.reopen")
    def reopen(self) -> HTTPSeeOther:
        moderates, thread = self.request.allows(Permission.THREAD_MODERATE), self.lock()
        done = moves.may_reopen(thread, moderates) and moves.reopen(self.db, thread)
        return self.back(done, "reopen") if moderates else self._own(done)

    def _own(self, done: bool) -> HTTPSeeOther:
        if done:
            self.request.journal(self.thread.id)
        else:
            self.request.journal_nothing()
        return HTTPSeeOther(self.request.script_name + self.context.path)


@view_defaults(permission=Permission.THREAD_MODERATE, request_method="POST", renderer="templates/moderate.jinja2")
class ThreadPages(_Moves):
    """All moves on one page; each form comes back with what was typed."""

    def page(self, **more: Any) -> dict[str, Any]:
        """What the template needs. :param more: forms that came back, a change of readers, threads found."""
        request, thread = self.request, self.thread
        since = parse_id(request.GET.get("message", ""))
        movable, next_ = moves.movable(self.db, thread, since)
        blank = {
            "closing": forms.CloseForm, "pinning": forms.PinForm, "merging": forms.MergeForm,
        }  # fmt: skip
        given = {name: more.pop(name, None) or _empty(form, request) for name, form in blank.items()}
        same = thread.kind if thread.kind in moves.CHANGEABLE else ThreadKind.DISCUSSION.value
        given["splitting"] = more.pop("splitting", None) or _empty(forms.SplitForm, request, genre=same)
        given["moving"] = more.pop("moving", None) or self._move_form(None)
        given["kinding"] = more.pop("kinding", None) or _empty(forms.KindForm, request, genre=thread.kind)
        given["titling"] = more.pop("titling", None) or _empty(forms.TitleForm, request, titre=thread.title)
        shown = next((form for form in given.values() if form.refused), given["closing"])
        return {
            **given, "thread": thread, "topic": self.context.topic, "here": request.script_name + self.context.path,
            "closed": thread.state == ThreadState.CLOSED.value, "may_kind": thread.kind in moves.CHANGEABLE,
            "kinds": KIND_LABELS, "refused_form": shown, "dir": direction, "plain": words.plain, "posts": movable,
            "next": next_, "names": names(self.db, {post.author_id for post in movable}), "now": self.now,
            "done": DONE.get(request.GET.get("fait", ""), ""), "found": [], "path": addresses.path_of,
            **more,
        }  # fmt: skip

    def _complain(self, name: str, form: Any, field: Any, code: str, **more: Any) -> dict[str, Any]:
        field.errors = [self.request.gettext(PROBLEMS[code])]
        return refuse(self.request, **self.page(**{name: form}, **more))

    @view_config(route_name="threads.moderate", request_method="GET")
    def show(self) -> dict[str, Any]:
        return self.page()

    def close_with_reason(self) -> Any:
        """Close it, with the reason that its readers see."""
        form = forms.CloseForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(closing=form))
        return self.back(moves.close(self.db, self.lock(), form.motif.data, now=self.now), "close")

    @view_config(route_name="threads.pin", journal="thread.pin")
    def pin(self) -> Any:
        if "retirer" in self.request.POST:
            return self.back(moves.pin(self.db, self.lock(), None), "unpin", pinned=False)
        form = forms.PinForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(pinning=form))
        zone = ZoneInfo(self.request.config.timezone)
        until = datetime.combine(form.jour.data + timedelta(days=1), time(), zone).astimezone(self.now.tzinfo)
        if not self.now < until <= self.now + PIN_AT_MOST:
            return self._complain("pinning", form, form.jour, "past")
        return self.back(moves.pin(self.db, self.lock(), until), "pin", pinned=True)

    def _move_form(self, chosen: str | None) -> forms.MoveForm:
        listed = [one for one in self.request.reader.topics if not one.archived_at or one.id == self.thread.topic_id]
        if chosen is None:
            made = forms.MoveForm(self.request, listed)
            made.process(None, data={"sujet": str(self.thread.topic_id)})
            return made
        return forms.MoveForm(self.request, listed)

    @view_config(route_name="threads.move", journal="thread.move")
    def move(self) -> Any:
        form = self._move_form(self.request.POST.get("sujet", ""))
        if not form.validate():
            return refuse(self.request, **self.page(moving=form))
        topic: Topic = self.request.reader.by_id[parse_id(form.sujet.data)]
        change = readers_change(self.context.topic, topic)
        if change and form.confirme.data != str(topic.id):
            fields = {"sujet": str(topic.id), "confirme": str(topic.id)}
            return self._ask("move", fields, readers=READERS[change], topic=topic)
        return self.back(moves.move(self.db, self.lock(), topic), "move", topic=str(topic.id))

    @view_config(route_name="threads.kind", journal="thread.kind")
    def kind(self) -> Any:
        form = forms.KindForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(kinding=form))
        done = moves.change_kind(self.db, self.lock(), ThreadKind(form.genre.data))
        return self.back(done, "kind", kind=form.genre.data)

    @view_config(route_name="threads.title", journal="thread.title")
    def title(self) -> Any:
        form = forms.TitleForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(titling=form))
        by = self.request.identity.person_id
        return self.back(moves.retitle(self.db, self.lock(), form.titre.data, by=by, now=self.now), "title")

    @view_config(route_name="threads.merge", journal="thread.merge")
    def merge(self) -> Any:
        form = forms.MergeForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(merging=form))
        target, found = self._target(form.vers.data)
        if target is None:
            return self._complain("merging", form, form.vers, "several" if found else "unknown", found=found)
        goes, stays = merging.ordered(self.thread, target)
        try:
            merging.check(goes, stays)
            if form.confirme.data != str(target.id):
                return self._ask_merge(goes, stays, target)
            into = merging.merge(self.db, goes.id, stays.id)
        except merging.Impossible as error:
            return self._complain("merging", form, form.vers, error.args[0])
        return self.back(True, "merge", into, into=str(into.id))

    def _ask_merge(self, goes: Thread, stays: Thread, target: Thread) -> Any:
        topics, fields = self.request.reader.by_id, {"vers": addresses.path_of(target), "confirme": str(target.id)}
        change = readers_change(topics[goes.topic_id], topics[stays.topic_id])
        first = {one.id: services.first_post(self.db, one.id) for one in (stays, goes)}
        return self._ask("merge", fields, readers=READERS.get(change, ""), goes=goes, stays=stays, first=first,
                         topics=topics, kinds=KIND_LABELS, plain=words.plain)  # fmt: skip

    def _ask(self, what: str, fields: dict[str, str], **more: Any) -> Any:
        """A question before something that changes what people read; its answer is the same form, with its fields."""
        self.request.journal_nothing()
        path = self.request.script_name + self.context.path
        self.request.override_renderer = CONFIRM
        return {"what": what, "fields": fields, "thread": self.thread, "here": path, "dir": direction, **more}

    def _target(self, typed: str) -> tuple[Thread | None, list[Thread]]:
        """The thread that an address names; else those that hold the words."""
        id_ = addresses.thread_id(typed[at:] if (at := typed.find("/echanges/")) >= 0 else typed)
        if id_ is None:
            engine = self.request.registry["search.engine"]
            return None, moves.matching(self.db, engine, self.request.reader, typed, self.thread.id)
        found = self.db.get(Thread, services.led_to(self.db, id_))
        return (found if found is not None and self.request.reader.reads(found) else None), []

    @view_config(route_name="threads.split", journal="thread.split")
    def split(self) -> Any:
        form = forms.SplitForm(self.request)
        if not form.validate():
            return refuse(self.request, **self.page(splitting=form))
        ids = {id_ for one in form.messages.data or () if (id_ := parse_id(one))}
        try:
            made = merging.split(self.db, self.thread.id, ids, form.nouveau.data, rest=form.suite.data,
                                 kind=ThreadKind(form.genre.data))  # fmt: skip
        except merging.Impossible as error:
            return self._complain("splitting", form, form.messages, error.args[0])
        return self.back(True, "split", made, made=str(made.id), posts=len(ids))


def _empty(form: Any, request: Request, **data: Any) -> Any:
    """A form that nobody has sent, on a page that another form sent."""
    made = form(request)
    made.process(None, data=data)
    return made
