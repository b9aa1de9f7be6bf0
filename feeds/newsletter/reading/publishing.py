"""Issues of the letter in the feeds: what they are called, their introduction, what they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from markupsafe import escape
from sqlalchemy.orm import Session

from feeds.newsletter.composing import prose
from feeds.newsletter.composing.addresses import in_language, issue_path
from feeds.newsletter.composing.reading_rows import in_own_language
from feeds.newsletter.content import SECTIONS
from feeds.newsletter.models import KIND, Issue, Line
from feeds.newsletter.reading import services
from feeds.newsletter.reading.services import read_in
from feeds.syndication import publishers
from feeds.syndication.publishers import Item, Place, Publisher
from reseau.core.clock import utcnow
from reseau.core.wording import Wording, _
from resources.base import langs

CONTENTS = _("Dans ce numéro :")


def entries(session: Session, ids: Collection[UUID], place: Place) -> Mapping[UUID, Item]:
    """The issues of these ids that everybody may read; two statements, none for none.

    Lines are not told one by one: what they are about has feeds of its own, and says there when it is gone.
    """
    found = services.by_ids(session, ids)
    about = _about(session, found)
    return {id_: _item(session, issue, about.get(id_, set()), place) for id_, issue in found.items()}


def _about(session: Session, ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Issue → codes of the sections that it has."""
    wanted = sa.select(Line.issue_id, Line.section).where(Line.issue_id.in_(list(ids)), Line.kept.is_(True)).distinct()
    found: dict[UUID, set[str]] = {}
    for issue_id, section in session.execute(wanted) if ids else ():
        found.setdefault(issue_id, set()).add(section)
    return found


def _item(session: Session, issue: Issue, about: Collection[str], place: Place) -> Item:
    lang = read_in(issue, place.lang)
    say = Wording.of(lang)
    subject, subject_lang = in_own_language(issue.subject, lang)
    intro, other = in_own_language(issue.intro, lang)
    html = prose.bare(intro, place.url, "h3", other or lang)
    if html and other:
        html = f'<div lang="{escape(other)}" dir="{langs.direction(other)}">{html}</div>'
    titles = [say.gettext(title) for code, title in SECTIONS.items() if code in about]
    if titles:
        rows = "".join(f"<li>{escape(one)}</li>" for one in titles)
        html += f"<p>{escape(say.gettext(CONTENTS))}</p><ul>{rows}</ul>"
    return Item(
        issue.id, KIND, prose.line(subject, subject_lang or lang),
        in_language(place.url + issue_path(session, issue), lang), html, place.site_name,
        issue.launched_at or utcnow(), lang=lang,
    )  # fmt: skip


publishers.register(Publisher(KIND, entries))
