"""What every form of a message is given: its text, files, mentions, preview, and what was kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core import limits
from reseau.core.ids import new_id, parse_id
from reseau.core.vocabularies import fold
from reseau.members import drafts, places
from reseau.threads.base import mentions
from reseau.threads.base.addresses import post_path
from reseau.threads.base.choices import choices
from reseau.threads.base.models import Post, PostState, Topic
from reseau.threads.base.services import Author, Writing
from reseau.threads.base.shapes import MAX_FILES, MAX_TEXT
from reseau.threads.base.text import to_html
from reseau.threads.writing import enclosed
from reseau.threads.writing.words import FORMATS, READERS
from reseau.web.csrf import FIELD as TOKEN
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.writing.forms import Pairs, WritingForm

#: What a draft keeps of a form is what its fields hold; these buttons are pressed, not kept.
_BUTTONS = ("apercu", "format", "publier", enclosed.REMOVE, enclosed.FIELD)
_CHOICE = "mention-"


@dataclass(frozen=True, slots=True)
class Question:
    """Which of several people or places a handle means. ``name``: of the field; ``chosen``: its value or ""."""

    name: str
    handle: str
    candidates: list[mentions.Candidate]
    chosen: str


def posted(request: Request) -> Pairs:
    """The fields of a form that was sent, without its token."""
    return [(name, value) for name, value in request.POST.items() if isinstance(value, str) and name != TOKEN]


class WritingPage:
    """A message that is being written. A subclass says where, and makes ``form``."""

    form: WritingForm
    #: Where the form is, without the site's name and without what is asked.
    path: str
    heading: str

    def __init__(self, request: Request, pairs: Pairs | None) -> None:
        """:param pairs: what was sent; None: the form opens."""
        self.request = request
        self.sent = pairs is not None
        self.now: datetime = request.registry["clock"]()
        self.draft: drafts.Kept | None = None
        if pairs is None:
            self.draft = drafts.read(request.db, self.person_id, self.draft_path)
            pairs = self.draft.fields if self.draft else None
        self.pairs = pairs
        self.previewed = self.sent and "apercu" in self.said
        self.file_error = ""

    # --- what was sent ---

    @property
    def person_id(self) -> UUID:
        """Who writes."""
        person_id: UUID = self.request.identity.person_id
        return person_id

    @cached_property
    def said(self) -> dict[str, str]:
        """The fields as they were sent, the last of each name."""
        return dict(self.pairs or [])

    @cached_property
    def id(self) -> UUID:
        """The id that the message will have."""
        return parse_id(self.said.get("numero", "")) or new_id()

    @property
    def has_button(self) -> bool:
        """Whether another button than that of publishing was pressed: the form comes back, nothing is refused."""
        return "apercu" in self.said or "format" in self.said

    @cached_property
    def already(self) -> Post | None:
        """The message, if it is there already: the form was sent twice."""
        found: Post | None = self.request.db.get(Post, self.id)
        return found

    def take(self) -> None:
        """Keep the files that came, and do what the toolbar says."""
        self.file_error = self._take_files()
        mark = FORMATS.get(self.said.get("format", ""))
        if mark:
            text = self.form.texte.data or ""
            self.form.texte.data = f"{text}\n\n" * bool(text) + self.request.gettext(mark[1])

    def _take_files(self) -> str:
        return enclosed.change(self.request, self.id, self.structure_id, self.ticked)

    @property
    def ticked(self) -> list[str]:
        """SHA-256 of the files to take away."""
        return [value for name, value in self.pairs or [] if name == enclosed.REMOVE]

    def complain_of_files(self) -> None:
        """Say at its field why a file, or all that was sent, did not come."""
        if self.file_error:
            came = self.request.upload.error
            name = "texte" if came and came.code == "text-too-long" else enclosed.FIELD
            self.form[name].errors = [self.file_error]

    # --- in whose name ---

    @cached_property
    def places(self) -> list[tuple[str, str]]:
        """(id, name) of the places of who writes, by name; one statement, none without a place."""
        ids = list(self.request.identity.places)
        rows = places.structures_named(self.request.db, ids) if ids else {}
        return sorted(((str(id_), row["nom"]) for id_, row in rows.items()), key=lambda one: fold(one[1]))

    @property
    def structure_id(self) -> UUID | None:
        """The place in whose name, or None: never one that is not theirs."""
        chosen = parse_id(self.form.lieu.data or "") if "lieu" in self.form else None
        return chosen if chosen in self.request.identity.places else None

    @cached_property
    def author(self) -> Author:
        """Who writes; whether the first message of somebody new waits for a look. Two statements at most."""
        waits = not self.request.reader.moderates and choices(self.request.db).first_post_waits
        if waits:
            shown = sa.exists().where(Post.author_id == self.person_id, Post.state == PostState.SHOWN.value)
            waits = not self.request.db.scalar(sa.select(shown))
        return Author(self.person_id, self.structure_id, waits=bool(waits))

    def allowed(self, limit: limits.Limit) -> bool:
        """Count one more message."""
        return limits.allow(self.request.db, limit, str(self.person_id), self.now)

    # --- what it says ---

    @property
    def topic(self) -> Topic | None:
        """The topic in which it will be."""
        raise NotImplementedError

    @property
    def readers(self) -> str:
        """Who will read it."""
        return str(self.request.gettext(READERS[self.topic.seen])) if self.topic else ""

    @cached_property
    def understood(self) -> mentions.Understood:
        """Whom it mentions."""
        text = (self.form.texte.data or "")[:MAX_TEXT]
        return mentions.understand(self.request.db, self.request.reader, text, self.topic, self._chosen())

    def _chosen(self) -> dict[str, str]:
        return {name.removeprefix(_CHOICE): value for name, value in self.said.items() if name.startswith(_CHOICE)}

    @property
    def questions(self) -> list[Question]:
        """The handles that several have."""
        chosen = self._chosen()
        return [
            Question(f"{_CHOICE}{handle}", handle, several, chosen.get(handle, ""))
            for handle, several in self.understood.asked
        ]

    @property
    def writing(self) -> Writing:
        """What the message says, of a form that is valid."""
        return Writing(self.form.texte.data or "", self.form.lang, self.understood.mentions)

    @property
    def html(self) -> str:
        """The message as it will be shown."""
        text = (self.form.texte.data or "")[:MAX_TEXT]
        return to_html(text, self.understood.mentions, self.request.script_name)

    @property
    def dir(self) -> str:
        """Direction of the text."""
        return langs.direction(self.form.lang)

    @property
    def lang_name(self) -> str:
        """Language of the text, in that of the page."""
        return langs.name(self.form.lang, self.request.lang)

    @cached_property
    def files(self) -> list[Any]:
        """What is attached to it so far; no statement for a message that nobody has sent or kept yet."""
        return enclosed.mine(self.request.db, self.id, self.person_id) if self.pairs is not None else []

    max_files = MAX_FILES
    formats = FORMATS

    # --- what is kept of it as one types ---

    @property
    def draft_path(self) -> str:
        """Address of the form as a person's drafts name it."""
        return f"{self.request.script_name}{self.path}"

    @property
    def url(self) -> str:
        """Where the form is sent."""
        return f"{self.request.script_name}{self.path}"

    def keep(self) -> None:
        """Keep what is typed, if anything is."""
        fields = [(name, value) for name, value in self.pairs or [] if name not in _BUTTONS]
        if any(value.strip() for name, value in fields if name in ("titre", "texte", "options")):
            drafts.save(self.request.db, self.person_id, self.draft_path, fields, self.now)
        else:
            self.forget()

    def forget(self) -> None:
        """The message was sent, or thrown away."""
        drafts.drop(self.request.db, self.person_id, self.draft_path)

    def written(self, post: Post) -> str:
        """Where to go once it is there."""
        if post.state == PostState.WAITING.value:
            return f"{self.request.script_name}/echanges/attente?message={post.id}"
        return f"{self.request.script_name}{post_path(post)}"
