"""What every form of a message is given: its text, files, mentions, preview, and what was kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reseau.core import limits
from reseau.core.cards import Ref
from reseau.core.ids import new_id, parse_id
from reseau.core.vocabularies import fold
from reseau.members import drafts, places
from reseau.threads.base import mentions, personal_words, text
from reseau.threads.base.addresses import post_path
from reseau.threads.base.choices import waits
from reseau.threads.base.models import Post, PostState, Topic
from reseau.threads.base.services import Author, Writing
from reseau.threads.base.shapes import FILES_PER_HOUR, LOOKS_PER_HOUR, MAX_FILES, MAX_TEXT
from reseau.threads.writing import enclosed
from reseau.threads.writing.words import FORMATS, READERS, READERS_SHORT, TOO_MANY_POSTS
from reseau.web.csrf import FIELD as TOKEN
from resources.base import langs
from resources.files import forming

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyramid.request import Request

    from reseau.threads.base.personal_words import Found
    from reseau.threads.writing.forms import Pairs, WritingForm

#: What a draft keeps of a form is what its fields hold; these buttons are pressed, not kept.
SURE = "sur"
_BUTTONS = ("apercu", "format", "publier", SURE, enclosed.REMOVE, enclosed.FIELD)
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
        self.file_error, self.too_fast = "", False
        self.doubts: list[Found] = []
        self.opens = ""

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
        """The id that the message will have; another one than was sent if that is somebody else's."""
        found = parse_id(self.said.get("numero", ""))
        own = found and (not self.sent or enclosed.own_id(self.request.db, found, self.person_id))
        return found if found and own else new_id()

    @property
    def has_button(self) -> bool:
        """Whether another button than that of publishing was pressed: the form comes back, nothing is refused."""
        return "apercu" in self.said or "format" in self.said

    @cached_property
    def already(self) -> Post | None:
        """The message, if it is there already: the form was sent twice."""
        found: Post | None = self.request.db.get(Post, self.id)
        return found

    @property
    def owner(self) -> Ref:
        """What its files are attached to."""
        return enclosed.OWNER, self.id

    def take(self) -> None:
        """Keep the files that came, and do what the toolbar says."""
        self.file_error = self._refused_pace() or self._take_files()
        mark = FORMATS.get(self.said.get("format", ""))
        if mark:
            said = self.form.texte.data or ""
            self.form.texte.data = f"{said}\n\n" * bool(said) + self.request.gettext(mark[1])

    def _refused_pace(self) -> str:
        """Why nothing more is looked up or taken for an hour, or "": what is not published costs too."""
        handles = text.handles((self.form.texte.data or "")[:MAX_TEXT])
        self.too_fast = bool(handles) and not self.allowed(LOOKS_PER_HOUR)
        files = [field for field, *_ in self.request.upload.files if field == enclosed.FIELD]
        self.too_fast = any([self.too_fast, *(not self.allowed(FILES_PER_HOUR) for _ in files)])
        return str(self.request.gettext(TOO_MANY_POSTS)) if self.too_fast else ""

    def _take_files(self) -> str:
        return forming.take(self.request, self.owner, self.structure_id, self.ticked, enclosed.TERMS)

    @property
    def ticked(self) -> list[str]:
        """SHA-256 of the files to take away."""
        return [value for name, value in self.pairs or [] if name == enclosed.REMOVE]

    def complain_of_files(self) -> None:
        """Say at its field why a file, or all that was sent, did not come."""
        if self.file_error:
            came = self.request.upload.error
            name = "texte" if self.too_fast or (came and came.code == "text-too-long") else enclosed.FIELD
            self.form[name].errors = [self.file_error]

    # --- what is asked before it is published ---

    @property
    def asks(self) -> bool:
        """Whether the form comes back to be looked at again; nothing in it is refused."""
        return bool(self.doubts or self.opens)

    @property
    def _told(self) -> list[str]:
        """The words that others will read."""
        names = ("titre", "texte", "options", "sujet")
        return [str(self.form[name].data or "") if name in self.form else "" for name in names]

    @property
    def sure(self) -> str:
        """What the button carries by which one publishes all the same: of these words, no others."""
        return personal_words.digest_of(*self._told)

    def doubt(self) -> bool:
        """Whether it is to be looked at again before it is there: it seems to speak of somebody who is helped."""
        if self.said.get(SURE) == self.sure:
            return False
        known = self._known_words()
        self.doubts = [one for one in personal_words.seen("\n\n".join(self._told[:3])) if one.words not in known]
        return bool(self.doubts)

    def _known_words(self) -> str:
        """What is there already: it was asked about."""
        return ""

    def doubt_label(self, one: Found) -> str:
        """What was seen, in words."""
        return str(self.request.gettext(personal_words.LABELS[one.seen]))

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
        held = waits(self.request.db, self.person_id, self.request.reader.moderates)
        return Author(self.person_id, self.structure_id, waits=held)

    def allowed(self, limit: limits.Limit) -> bool:
        """Count one more message."""
        return limits.allow(self.request.db, limit, str(self.person_id), self.now)

    # --- what it says ---

    @property
    def topic(self) -> Topic | None:
        """The topic in which it will be."""
        raise NotImplementedError

    def topic_readers(self, slug: str) -> str:
        """Who reads a topic of the list, in one sentence; "" for none."""
        seen = next((topic.seen for topic in self.request.reader.topics if topic.slug == slug), None)
        return str(self.request.gettext(READERS[seen])) if seen else ""

    def _named(self, topics: Iterable[Topic]) -> list[tuple[str, str]]:
        """Topics as a list offers them: (slug, title and who reads it)."""
        say, lang = self.request.gettext, self.request.lang
        return [(one.slug, f"{one.title(lang)} ({say(READERS_SHORT[one.seen])})") for one in topics]

    @property
    def readers(self) -> str:
        """Who will read it."""
        return str(self.request.gettext(READERS[self.topic.seen])) if self.topic else ""

    @cached_property
    def understood(self) -> mentions.Understood:
        """Whom it mentions."""
        if self.too_fast:
            return mentions.Understood()
        said = (self.form.texte.data or "")[:MAX_TEXT]
        return mentions.understand(self.request.db, self.request.reader, said, self.topic, self._chosen())

    @property
    def will_tell(self) -> list[dict[str, str]]:
        """Whom its mentions tell of it: not who writes."""
        return [one for one in self.understood.mentions if one["id"] != str(self.person_id)]

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
        said = (self.form.texte.data or "")[:MAX_TEXT]
        return text.to_html(said, self.understood.mentions, self.request.script_name)

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
        return forming.mine(self.request.db, self.owner, self.person_id) if self.pairs is not None else []

    @property
    def shown_files(self) -> list[enclosed.Shown]:
        """What readers will see of them; not those that are ticked to go."""
        root, ticked = self.request.script_name, self.ticked
        return [enclosed.Shown.of(one, root) for one in self.files if one.ref.sha not in ticked]

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
        return f"{self.request.script_name}{post_path(post)}?fait=publie"
