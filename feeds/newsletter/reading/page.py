"""An issue as a page of the site shows it: the same content as the mail, without anything of who received it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from feeds.newsletter.composing import prose, words
from feeds.newsletter.composing.compose import cleaned
from feeds.newsletter.composing.reading_rows import public_content
from feeds.newsletter.content import SECTIONS, Content, Item
from feeds.newsletter.models import Issue
from feeds.newsletter.reading.services import read_in
from reseau.core.db import site_day
from reseau.core.letters import Site
from reseau.core.wording import Wording
from resources.base import langs


@dataclass(frozen=True, slots=True)
class ItemView:
    """A line. ``html``: safe. ``facts``: words in small type."""

    title: str
    url: str
    lang: str
    dir: str
    html: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """``title``: a French msgid."""

    code: str
    title: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class IssuePage:
    """``head``: number and day, in the language of the issue. ``html``: the introduction, safe. ``title_lang``,
    ``intro_lang``: of these words; ``tongue``: the name of the latter, when it is not the language of the issue."""

    number: int | None
    title: str
    lang: str
    dir: str
    day: date
    head: str
    html: str
    sections: tuple[SectionView, ...]
    title_lang: str
    intro_lang: str
    tongue: tuple[str, ...]

    @property
    def wording(self) -> Wording:
        """The words of its language: paper speaks that alone."""
        return Wording.of(self.lang)


def issue_page(session: Session, issue: Issue, lang: str, site: Site) -> IssuePage:
    """What everybody may read of an issue today; one statement, and one for each kind of thing that it tells of.

    :param lang: of the reader.
    """
    day = site_day(session, issue.launched_at) if issue.launched_at else date.min
    content = cleaned(public_content(session, issue, read_in(issue, lang), site, day))
    say = Wording.of(content.lang)
    intro_lang = content.intro_lang or content.lang
    return IssuePage(
        content.number, content.subject, content.lang, say.dir, day, words.head(say, content),
        prose.bare(content.intro, site.url, "h2", intro_lang), _sections(content, say, site.url),
        content.subject_lang or content.lang, intro_lang, tuple(words.tongue(say, content.intro_lang)),
    )  # fmt: skip


def _sections(content: Content, say: Wording, url: str) -> tuple[SectionView, ...]:
    return tuple(
        SectionView(one.code, SECTIONS[one.code], tuple(_item(item, content.lang, say, url) for item in one.items))
        for one in content.sections
    )


def _item(item: Item, lang: str, say: Wording, url: str) -> ItemView:
    own = item.lang or lang
    facts = tuple(words.facts(say, item, lang))
    return ItemView(item.title, item.url, own, langs.direction(own), prose.bare(item.text, url, "h4", own), facts)
