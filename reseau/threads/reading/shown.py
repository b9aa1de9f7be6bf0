"""One post as a page shows it, made of one row of ``posts``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from reseau.core.cards import Card, Ref
from reseau.members.models import PersonState
from reseau.threads.base import text as words
from reseau.threads.base.access import Reader
from reseau.threads.base.models import Post, PostState
from reseau.threads.base.shapes import GONE, somebody
from reseau.threads.reading.gestures import digest_of
from resources.base import langs
from resources.files.attached import Attached
from resources.files.serving import address, picture_address

QUOTE = 160
"""Letters of a quoted post."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The post that one answers. ``extract``: "" when its words are not there any more. ``path``: where it is.
    ``who``: see :class:`Shown`."""

    path: str
    who: str
    extract: str
    lang: str

    @property
    def direction(self) -> str:
        """Of the extract."""
        return langs.direction(self.lang)


@dataclass(frozen=True, slots=True)
class Translation:
    """A post in another language. ``by``: who wrote it, "" for somebody who left. ``stale``: the post has changed."""

    html: str
    lang: str
    by: str
    stale: bool

    @property
    def direction(self) -> str:
        """Of the text."""
        return langs.direction(self.lang)


@dataclass(frozen=True, slots=True)
class File:
    """An attached file. ``picture``: where it is shown, if it is an image."""

    name: str
    path: str
    size: int
    picture: str | None
    width: int | None
    height: int | None


@dataclass(slots=True)
class Shown:
    """A post. ``told``: the reader may read its words; else only that it is there. ``who``: wrote it: a name if
    ``named``, else a msgid; "" where ``place``, (name, path), says enough to visitors, who read no names. ``others``:
    languages of other translations."""

    post: Post
    told: bool
    mine: bool
    who: str
    named: bool
    coordination: bool
    place: tuple[str, str] | None
    place_id: UUID | None
    html: str
    quote: Quote | None
    translation: Translation | None
    others: tuple[str, ...]
    files: tuple[File, ...]
    cards: tuple[Card, ...]
    thanked: bool
    wished: bool
    is_new: bool
    first_new: bool = False

    @property
    def direction(self) -> str:
        """Of its text."""
        return langs.direction(self.post.lang)

    @property
    def shown(self) -> bool:
        """Whether all who read the thread read it."""
        return self.post.state == PostState.SHOWN.value


@dataclass(frozen=True)
class Maker:
    """What all posts of a page share. ``here``: ids of the posts of the page. ``told``: whether the reader may read the
    words of a post."""

    reader: Reader
    root: str
    lang: str
    read_to: datetime | None
    files: Mapping[UUID, list[Attached]]
    cards: Mapping[Ref, Card]
    here: Collection[UUID]
    told: Callable[[Post], bool]

    def shown(self, row: Any) -> Shown:
        """A post of the page."""
        post: Post = row.Post
        told, gone = self.told(post), row.name is None or row.person_state == PersonState.GONE.value
        mine = post.author_id is not None and post.author_id == self.reader.person_id
        refs = [(kind, UUID(id_)) for kind, id_ in post.links] if told else []
        return Shown(
            post, told, mine, self._who(row.name, gone, bool(row.place_id), row.roles), self._named and not gone,
            not gone and "coordinator" in row.roles,
            (row.place_nom, f"{self.root}/annuaire/{row.place_slug}-{row.place_id}") if row.place_id else None,
            row.place_id,
            words.to_html(self._said(post.text, post), post.mentions, self.root) if told else "",
            self._quote(row) if told else None, self._translation(row) if told else None,
            tuple(lang for lang in sorted((row.langs or "").split(",")) if lang and lang != self.lang) if told else (),
            tuple(self._file(one) for one in self.files.get(post.id, ())) if told else (),
            tuple(self.cards[ref] for ref in refs if ref in self.cards),
            bool(row.thanked), bool(row.wished),
            is_new=not mine and self.read_to is not None and post.at > self.read_to,
        )  # fmt: skip

    @property
    def _named(self) -> bool:
        """Names are for those who are signed in, as elsewhere on the site."""
        return self.reader.person_id is not None

    def _said(self, text: str, post: Post) -> str:
        return text if self._named else words.veiled(text, post.mentions)

    def _who(self, name: str | None, gone: bool, placed: bool = False, roles: Collection[str] = ()) -> str:
        if gone or not name:
            return GONE
        return name if self._named else "" if placed else somebody(roles)

    def _quote(self, row: Any) -> Quote | None:
        if row.quoted is None:
            return None
        path = f"#message-{row.quoted}" if row.quoted in self.here else f"{self.root}/echanges/messages/{row.quoted}"
        if row.quoted_state != PostState.SHOWN.value:
            return Quote(path, "", "", "fr")
        said = row.quoted_text if self._named else words.veiled(row.quoted_text)
        return Quote(path, self._who(row.quoted_name, False), words.plain(said, QUOTE), row.quoted_lang)

    def _translation(self, row: Any) -> Translation | None:
        if row.said is None:
            return None
        stale = row.said_digest != digest_of(row.Post.text)
        html = words.to_html(self._said(row.said, row.Post), row.Post.mentions, self.root)
        return Translation(html, self.lang, row.said_by or "" if self._named else "", stale)

    def _file(self, one: Attached) -> File:
        about = one.about
        picture = self.root + picture_address(one.ref) if about.type and about.type.picture else None
        return File(one.ref.name, self.root + address(one.ref), about.size, picture, about.width, about.height)
