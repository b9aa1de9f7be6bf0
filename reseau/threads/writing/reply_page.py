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
from reseau.threads.base.routes import others_read
from reseau.threads.base.services import Closed, Taken, Writing
from reseau.threads.base.shapes import POSTS_PER_HOUR
from reseau.threads.base.text import plain
from reseau.threads.writing.forms import Pairs, ReplyForm
from reseau.threads.writing.page import WritingPage
from reseau.threads.writing.words import CLOSED, TOO_MANY_POSTS
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import ThreadContext


class ReplyPage(WritingPage):
    """An answer to a thread. ``closed``: it was closed meanwhile, or its topic archived."""

    form: ReplyForm

    def __init__(self, request: Request, context: ThreadContext, pairs: Pairs | None = None) -> None:
        self.thread, self.context = context.thread, context
        self.path = f"{context.path}/repondre"
        super().__init__(request, pairs)
        self.closed = not self.thread.open or self.topic.archived_at is not None
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
        if self.doubt():
            return None
        if not self.allowed(POSTS_PER_HOUR):
            form.complain("texte", say(TOO_MANY_POSTS))
            return None
        try:
            post = self._reply(self.thread.id)
        except Closed:
            into = self._merged_into()
            if into is None:
                self.closed = True
                form.complain("texte", say(CLOSED))
                return None
            post = self._reply(into)
        self.forget()
        return post

    def _reply(self, thread_id: UUID) -> Post:
        try:
            return services.reply(
                self.request.db, thread_id, self.writing, self.author, id_=self.id, now=self.now,
                site_url=self.request.config.public_url,
            )  # fmt: skip
        except Taken as error:
            there: Post = error.args[0]
            return there

    def _merged_into(self) -> UUID | None:
        """The thread in which this one goes on since a moment ago, if the same people read it, or fewer, and if it is
        open; that one stays so until the commit. Else the next click leads there (``base.routes``), to look again."""
        session, reader = self.request.db, self.request.reader
        id_ = services.led_to(session, self.thread.id)
        if id_ == self.thread.id:
            return None
        into = services.lock(session, id_)
        carries = reader.reads(into) and into.open and not others_read(reader, self.topic.id, into.topic_id)
        return into.id if carries else None


def reply_form(request: Request, context: ThreadContext) -> ReplyPage | None:
    """``request.reply_form(context)``: the form of an answer, for the page of a thread, where a template includes
    ``reseau.threads.writing:templates/reply_form.jinja2`` with it as ``reply``. None: whoever asks may not answer.
    Three statements at most."""
    if request.identity is None or not context.thread.open or context.topic.archived_at:
        return None
    return ReplyPage(request, context)
