"""The form by which one changes one's own message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from reseau.core import cards
from reseau.core.changes import Op, digest
from reseau.core.wording import Wording
from reseau.threads.base import services, topics
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import PostState, ThreadState, Topic
from reseau.threads.base.shapes import POSTS_PER_HOUR
from reseau.threads.writing import enclosed
from reseau.threads.writing.forms import EditForm, Pairs
from reseau.threads.writing.page import SURE, WritingPage
from reseau.threads.writing.words import ANSWERED, CLOSED, MORE_PUBLIC, TOO_MANY_POSTS
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
        stays = not self.post.first or context.topic.archived_at
        self.topics = [] if stays else [one for one in request.reader.writable() if self._may_move(one)]
        data = {
            "sujet": context.topic.slug,
            "texte": self.post.text,
            "titre": self.thread.title,
            "langue": self.post.lang,
            "rev": self.mark,
        }
        self.form = EditForm(request, self.pairs, first=self.post.first, topics=self._named(self.topics), **data)

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
        """That was chosen, else the one in which it is."""
        chosen = self.form.sujet.data if "sujet" in self.form else ""
        return next((one for one in self.topics if one.slug == chosen), self.context.topic)

    def _may_move(self, topic: Topic) -> bool:
        """Whether its author may take the thread to a topic: of the same readers; of any, while nobody has answered for
        those who read it now."""
        return not topics.readers_change(self.context.topic, topic) or not self.thread.replies

    @property
    def mark(self) -> str:
        """What tells whether somebody has changed it since."""
        title, topic = (self.thread.title, {"topic": self.thread.topic_id}) if self.post.first else ("", {})
        return digest({"text": self.post.text, "lang": self.post.lang, "title": title, **topic})

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
        if self._refused_topic():
            return False
        if form.rev.data != self.mark and not self._same():
            self.theirs = (self.thread.title if self.post.first else "", self.post.text)
            form.rev.data = self.mark
            if "sujet" in form:
                form.sujet.data = self.request.reader.by_id[self.thread.topic_id].slug
            return False
        title = form.titre.data if self.post.first else ""
        if self.post.first and self.topic.id != self.thread.topic_id:
            former = session.get_one(Topic, self.thread.topic_id)
            self.thread.topic_id = self.topic.id
            services.tell(session, self.thread, Op.UPDATE)
            services.tell_narrowed(session, self.thread, former, self.topic)
        services.edit(session, self.post, self.writing, by=self.person_id, now=self.now, title=title,
                      site_url=self.request.config.public_url)  # fmt: skip
        self.post.mentions = list(self.understood.mentions)  # chosen otherwise, for the same words
        forming.settle(session, self.owner, self.person_id, self.ticked)
        self.forget()
        return True

    def doubt(self) -> bool:
        """Also when others would read it."""
        found, topic = super().doubt(), self.topic
        if self.said.get(SURE) != self.sure and topics.readers_change(self.context.topic, topic):
            self.opens = self.readers
        return found or bool(self.opens)

    def _refused_topic(self) -> bool:
        """Whether the thread may not go where it was sent: it is locked."""
        form, say, topic = self.form, Wording.of(self.request.lang).gettext, self.topic
        if topic.id == self.thread.topic_id or "sujet" not in form:
            return False
        if not self._may_move(topic):
            form.complain("sujet", say(ANSWERED))
        about = self.thread.about
        card = cards.by_refs(self.request.db, [about]).get(about) if about else None
        if card and not topics.fits(card, topic):
            form.complain("sujet", say(MORE_PUBLIC, title=card.title))
        return bool(form.refused)

    def _read_again(self) -> None:
        """As it is now, until the commit; of another thread, if it was moved meanwhile."""
        self.thread, self.post = services.locked(self.request.db, self.post.id)
        if self.post.state not in CHANGED or not self.request.reader.reads(self.thread):
            raise LookupError(self.post.id)

    def _same(self) -> bool:
        """Whether it says already what was sent: a form that was sent twice."""
        title = self.form.titre.data if self.post.first else ""
        same = (self.post.text, self.post.lang) == (self.form.texte.data, self.form.lang)
        same = same and (not self.post.first or self.topic.id == self.thread.topic_id)
        return same and title == (self.thread.title if self.post.first else "")
