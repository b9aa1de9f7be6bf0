"""The form of an answer, on its own page and on that of its thread."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from reseau.core.ids import parse_id
from reseau.core.wording import Wording
from reseau.members import places
from reseau.threads.base import services
from reseau.threads.base.models import Post, PostState, Topic
from reseau.threads.base.services import Closed, Taken, Writing
from reseau.threads.base.shapes import POSTS_PER_HOUR
from reseau.threads.base.text import plain
from reseau.threads.writing.forms import Pairs, ReplyForm
from reseau.threads.writing.page import WritingPage
from reseau.threads.writing.words import TOO_MANY_POSTS
from reseau.web.i18n import _
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import ThreadContext

CLOSED = _("Ce fil est fermé : on n’y répond plus. Votre texte est gardé, vous pouvez commencer un autre fil avec.")


class ReplyPage(WritingPage):
    """An answer to a thread. ``closed``: it was closed meanwhile."""

    form: ReplyForm

    def __init__(self, request: Request, context: ThreadContext, pairs: Pairs | None = None) -> None:
        self.thread, self.context = context.thread, context
        self.path = f"{context.path}/repondre"
        super().__init__(request, pairs)
        self.closed = not self.thread.open
        first = self.places[0][0] if self.places else None
        data = {"langue": "", "lieu": first, "citer": "" if self.sent else request.GET.get("citer", "")}
        self.form = ReplyForm(request, self.pairs, self.places, **data)
        if data["citer"]:
            self.form.citer.data = data["citer"]

    @property
    def topic(self) -> Topic:
        """Of the thread."""
        return self.context.topic

    @cached_property
    def quoted(self) -> Post | None:
        """The message that it quotes: shown, of this thread."""
        id_ = parse_id(self.form.citer.data or "")
        found: Post | None = self.request.db.get(Post, id_) if id_ else None
        good = found is not None and found.thread_id == self.thread.id and found.state == PostState.SHOWN.value
        return found if good else None

    @property
    def quoted_words(self) -> str:
        """The beginning of it."""
        return plain(self.quoted.text) if self.quoted else ""

    @cached_property
    def quoted_by(self) -> str:
        """Who wrote it; "": nobody who is still there."""
        author: UUID | None = self.quoted.author_id if self.quoted else None
        return places.names(self.request.db, [author]).get(author, "") if author else ""

    @property
    def quoted_dir(self) -> str:
        """Direction of what is quoted."""
        return langs.direction(self.quoted.lang) if self.quoted else "ltr"

    @property
    def thread_dir(self) -> str:
        """Direction of the title."""
        return langs.direction(self.thread.lang)

    @property
    def thread_url(self) -> str:
        """Where the thread is read."""
        return f"{self.request.script_name}{self.context.path}"

    @property
    def writing(self) -> Writing:
        """What it says, of a form that is valid."""
        said = super().writing
        quoted = self.quoted.id if self.quoted else None
        return Writing(said.text, said.lang, said.mentions, quoted_id=quoted)

    def publish(self) -> Post | None:
        """The answer, or the one that is there already; None: refused, the form says why."""
        form, say = self.form, Wording.of(self.request.lang).gettext
        form.validate()
        self.complain_of_files()
        if self.closed:
            form.complain("texte", say(CLOSED))
        if form.refused:
            return None
        if not self.allowed(POSTS_PER_HOUR):
            form.complain("texte", say(TOO_MANY_POSTS))
            return None
        try:
            post = services.reply(
                self.request.db, self.thread.id, self.writing, self.author, id_=self.id, now=self.now,
                site_url=self.request.config.public_url,
            )  # fmt: skip
        except Taken as error:
            post = error.args[0]
        except Closed:
            self.closed = True
            form.complain("texte", say(CLOSED))
            return None
        self.forget()
        return post


def reply_form(request: Request, context: ThreadContext) -> ReplyPage | None:
    """``request.reply_form(context)``: the form of an answer, for the page of a thread, where a template includes
    ``reseau.threads.writing:templates/reply_form.jinja2`` with it as ``reply``. None: whoever asks may not answer.
    Three statements at most."""
    if request.identity is None or not context.thread.open:
        return None
    return ReplyPage(request, context)
