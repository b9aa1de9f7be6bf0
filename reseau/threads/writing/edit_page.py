"""The form by which one changes one's own message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from reseau.core.changes import digest
from reseau.core.wording import Wording
from reseau.threads.base import services
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import PostState, ThreadState, Topic
from reseau.threads.base.shapes import POSTS_PER_HOUR
from reseau.threads.writing import enclosed
from reseau.threads.writing.forms import EditForm, Pairs
from reseau.threads.writing.page import WritingPage
from reseau.threads.writing.words import CLOSED, TOO_MANY_POSTS
from resources.base import langs
from resources.files import forming

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.routes import PostContext

#: States of a message that its author may change.
CHANGED = (PostState.SHOWN.value, PostState.WAITING.value)


class EditPage(WritingPage):
    """One's own message. ``theirs``: (title or "", text) as another tab left it meanwhile, with its direction."""

    form: EditForm

    def __init__(self, request: Request, context: PostContext, pairs: Pairs | None = None) -> None:
        self.thread, self.post, self.context = context.thread, context.post, context
        self.path = f"{post_path(self.post)}/modifier"
        super().__init__(request, pairs)
        self.theirs: tuple[str, str] | None = None
        data = {"texte": self.post.text, "titre": self.thread.title, "langue": self.post.lang, "rev": self.mark}
        self.form = EditForm(request, self.pairs, first=self.post.first, **data)

    @property
    def id(self) -> UUID:
        """Of the message."""
        return self.post.id

    @property
    def files(self) -> list[Any]:
        """What is attached to it, then what will be."""
        session, me = self.request.db, self.person_id
        return [*forming.mine(session, self.owner, me), *forming.mine(session, forming.waiting(self.owner, me), me)]

    def _take_files(self) -> str:
        """New files wait until the change is saved; so does taking away those that readers see."""
        kept = {one.ref.sha for one in forming.mine(self.request.db, self.owner, self.person_id)} - set(self.ticked)
        waiting = forming.waiting(self.owner, self.person_id)
        return forming.take(self.request, waiting, self.structure_id, self.ticked, enclosed.TERMS, kept)

    @property
    def structure_id(self) -> UUID | None:
        """The place in whose name it was written."""
        return self.post.structure_id

    @property
    def topic(self) -> Topic:
        """Of the thread."""
        return self.context.topic

    @property
    def mark(self) -> str:
        """What tells whether somebody has changed it since."""
        title = self.thread.title if self.post.first else ""
        return digest({"text": self.post.text, "lang": self.post.lang, "title": title})

    @property
    def thread_url(self) -> str:
        """Where the thread is read."""
        return f"{self.request.script_name}{path_of(self.thread)}"

    @property
    def post_url(self) -> str:
        """Where the message is read."""
        return f"{self.request.script_name}{post_path(self.post)}"

    @property
    def post_dir(self) -> str:
        """Direction of the message as it is."""
        return langs.direction(self.post.lang)

    def _known_words(self) -> str:
        return f"{self.thread.title}\n\n{self.post.text}" if self.post.first else self.post.text

    def _chosen(self) -> dict[str, str]:
        """Whom a handle meant before, where nothing else is chosen."""
        before = {one["handle"]: f"{one['kind']}:{one['id']}" for one in self.post.mentions}
        return before | super()._chosen()

    def save(self) -> bool:
        """Write it; False: refused or changed meanwhile, the page says why.

        :raises LookupError: it was hidden, taken away, or moved to where they do not read, meanwhile.
        """
        form, say, session = self.form, Wording.of(self.request.lang).gettext, self.request.db
        form.validate()
        self.complain_of_files()
        if form.refused:
            return False
        if self.doubt():
            return False
        if not self.allowed(POSTS_PER_HOUR):
            form.complain("texte", say(TOO_MANY_POSTS))
            return False
        self._read_again()
        if self.thread.state == ThreadState.CLOSED.value or self.topic.archived_at:
            form.complain("texte", say(CLOSED))
            return False
        if form.rev.data != self.mark and not self._same():
            self.theirs = (self.thread.title if self.post.first else "", self.post.text)
            form.rev.data = self.mark
            return False
        title = form.titre.data if self.post.first else ""
        services.edit(session, self.post, self.writing, by=self.person_id, now=self.now, title=title,
                      site_url=self.request.config.public_url)  # fmt: skip
        self.post.mentions = list(self.understood.mentions)  # chosen otherwise, for the same words
        forming.settle(session, self.owner, self.person_id, self.ticked)
        self.forget()
        return True

    def _read_again(self) -> None:
        """As it is now, until the commit; of another thread, if it was moved meanwhile."""
        self.thread, self.post = services.locked(self.request.db, self.post.id)
        if self.post.state not in CHANGED or not self.request.reader.reads(self.thread):
            raise LookupError(self.post.id)

    def _same(self) -> bool:
        """Whether it says already what was sent: a form that was sent twice."""
        title = self.form.titre.data if self.post.first else ""
        same = (self.post.text, self.post.lang) == (self.form.texte.data, self.form.lang)
        return same and title == (self.thread.title if self.post.first else "")
