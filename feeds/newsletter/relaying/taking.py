"""An issue in the forms in which a relay passes it on. Nothing in them is of a person: not who takes it, not who it was
sent to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.composing.addresses import in_language, issue_path
from feeds.newsletter.composing.compose import cleaned, compose, to_pass_on
from feeds.newsletter.composing.reading_rows import content_of, item, of_language, visible
from feeds.newsletter.content import SECTIONS, Composed, Content
from feeds.newsletter.models import Edition, Issue, IssueState, IssueText, Line, Relay, for_relay
from reseau.core.db import site_day
from reseau.core.letters import Site
from reseau.core.wording import Wording, _
from reseau.settings import LANGUAGES

SHOWN = 2  # the last issue and the one to come
MAIL_BODY = 500  # characters: mail programs cut longer addresses, and Arabic takes six bytes a letter
MAIL_TITLES = 4
_ORDER = {code: place for place, code in enumerate(SECTIONS)}


@dataclass(frozen=True, slots=True)
class Offer:
    """An issue that a relay may take. ``subject``: in the language of the page. ``coming``: it has not left for
    everybody yet. ``langs``: in which it is written."""

    issue: Issue
    subject: str
    day: date
    coming: bool
    langs: tuple[str, ...]


def offered(session: Session, lang: str, most: int = SHOWN) -> list[Offer]:
    """The newest issues that were given to relays, or to all; one statement."""
    rows = session.scalars(_taken().limit(most)).all()
    return [_offer(session, one, lang) for one in rows]


def find(session: Session, id_: UUID | None) -> Issue | None:
    """An issue that relays may take."""
    return session.scalar(_taken().where(Issue.id == id_)) if id_ else None


def _taken() -> sa.Select[Issue]:
    """Not what was called back: nobody passes that on."""
    at = sa.func.coalesce(Issue.launched_at, Issue.relay_launched_at)
    wanted = sa.select(Issue).where(at.is_not(None), Issue.state != IssueState.CANCELLED.value)
    return wanted.order_by(at.desc(), Issue.id)


def _offer(session: Session, issue: Issue, lang: str) -> Offer:
    day = site_day(session, issue.launched_at or issue.relay_launched_at or issue.created_at)
    return Offer(issue, of_language(issue.subject, lang), day, issue.launched_at is None, written_in(issue))


def written_in(issue: Issue) -> tuple[str, ...]:
    """The languages of an issue; French where none is said."""
    return tuple(one for one in LANGUAGES if one in (issue.langs or ())) or ("fr",)


def content(session: Session, issue: Issue, relay: Relay, lang: str, site: Site, now: datetime) -> Content:
    """What an issue tells, for one relay, clean (``compose.cleaned``)."""
    day = site_day(session, issue.launched_at or issue.relay_launched_at or now)
    return cleaned(content_of(session, issue, lang, Edition.RELAY.value, site, day, relay))


def composed(session: Session, issue: Issue, relay: Relay, lang: str, site: Site, now: datetime) -> Composed:
    """The mail of one relay, as it may be pasted: as it was sent to its contacts, but for what was said to them alone;
    made of today's lines when it was not (its edition has not left, or nobody receives it for that relay in that
    language)."""
    sent = session.get(IssueText, (issue.id, for_relay(relay.code), lang)) if issue.relay_launched_at else None
    if sent is not None:
        return to_pass_on(Composed(lang, sent.subject, sent.html, sent.text))
    return to_pass_on(compose(content(session, issue, relay, lang, site, now), site))


def mails(
    session: Session, offers: Sequence[Offer], subscribe: str, site: Site
) -> dict[tuple[UUID, str], str]:  # fmt: skip
    """(issue, language) → the address of a mail with a few words; few statements for all of them together."""
    ids = [one.issue.id for one in offers]
    kept = sa.select(Line).where(Line.issue_id.in_(ids), Line.kept.is_(True)).order_by(Line.position, Line.id)
    lines = visible(session, session.scalars(kept).all() if ids else [], public=True)
    found = {}
    for one in offers:
        told = [line for line in lines if line.issue_id == one.issue.id]
        told.sort(key=lambda line: _ORDER.get(line.section, len(_ORDER)))
        for lang in one.langs:
            titles = [item(line, lang, site.url).title for line in told[:MAIL_TITLES]]
            web = "" if one.coming else in_language(site.url + issue_path(session, one.issue), lang)
            found[one.issue.id, lang] = mailto(lang, of_language(one.issue.subject, lang), titles, web, subscribe)
    return found


def mailto(lang: str, subject: str, titles: Sequence[str], web: str, subscribe: str) -> str:
    """An address that opens a mail with a few words: titles, where to read it, where to subscribe (RFC 6068).

    :param web: the page of the issue; "": it has none yet.
    """
    say = Wording.of(lang).gettext
    lines = [f"- {one}" for one in titles if one]
    last = [say(_("Lire la lettre : %(url)s"), url=web)] if web else []
    last.append(say(_("La recevoir : %(url)s"), url=subscribe))
    room = MAIL_BODY - sum(map(len, last))
    while lines and sum(map(len, lines)) > room:
        lines.pop()
    body = "\r\n".join([*lines, *([""] if lines else []), *last])
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(body, safe='')}"


def texts(offers: Sequence[Offer]) -> list[tuple[str, str]]:
    """(id, words) of issues, for a choice."""
    return [(str(one.issue.id), one.subject) for one in offers]
