"""The form by which one changes one's own message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from reseau.core.changes import digest
from reseau.core.wording import Wording
from reseau.threads.base import services
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import Post, PostState, Topic
from reseau.threads.base.shapes import POSTS_PER_HOUR
from reseau.threads.writing import enclosed
from reseau.threads.writing.forms import EditForm, Pairs
from reseau.threads.writing.page import WritingPage
from reseau.threads.writing.words import TOO_MANY_POSTS
from resources.base import langs

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
        waiting = enclosed.mine(self.request.db, enclosed.waiting_id(self.id), self.person_id)
        return [*enclosed.mine(self.request.db, self.id, self.person_id), *waiting]

    def _take_files(self) -> str:
        """New files wait until the change is saved; so does taking away those that readers see."""
        kept = {one.ref.sha for one in enclosed.mine(self.request.db, self.id, self.person_id)} - set(self.ticked)
        waiting = enclosed.waiting_id(self.id)
        return enclosed.change(self.request, waiting, self.structure_id, self.ticked, kept)

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

    def _chosen(self) -> dict[str, str]:
        """Whom a handle meant before, where nothing else is chosen."""
        before = {one["handle"]: f"{one['kind']}:{one['id']}" for one in self.post.mentions}
        return before | super()._chosen()

    def save(self) -> bool:
        """Write it; False: refused or changed meanwhile, the page says why.

        :raises LookupError: it was hidden or taken away meanwhile.
        """
        form, say, session = self.form, Wording.of(self.request.lang).gettext, self.request.db
        form.validate()
        self.complain_of_files()
        if form.refused:
            return False
        if not self.allowed(POSTS_PER_HOUR):
            form.complain("texte", say(TOO_MANY_POSTS))
            return False
        self._read_again()
        if form.rev.data != self.mark and not self._same():
            self.theirs = (self.thread.title if self.post.first else "", self.post.text)
            form.rev.data = self.mark
            return False
        title = form.titre.data if self.post.first else ""
        services.edit(session, self.post, self.writing, by=self.person_id, now=self.now, title=title,
                      site_url=self.request.config.public_url)  # fmt: skip
        self.post.mentions = list(self.understood.mentions)  # chosen otherwise, for the same words
        enclosed.settle(session, self.id, self.ticked)
        self.forget()
        return True

    def _read_again(self) -> None:
        """As it is now, until the commit."""
        self.thread = services.lock(self.request.db, self.post.thread_id)
        found: Post = self.request.db.get_one(Post, self.post.id, populate_existing=True)
        self.post = found
        if found.state not in CHANGED:
            raise LookupError(found.id)

    def _same(self) -> bool:
        """Whether it says already what was sent: a form that was sent twice."""
        title = self.form.titre.data if self.post.first else ""
        same = (self.post.text, self.post.lang) == (self.form.texte.data, self.form.lang)
        return same and title == (self.thread.title if self.post.first else "")
