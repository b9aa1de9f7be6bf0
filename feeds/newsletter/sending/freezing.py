"""What will be sent is kept as it is at the launch: what changes afterwards changes no letter.

Relays have their own words and logo on top: one text for each of them and each language of those who receive it for
them. Nobody's own address is in any of these.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter import audience
from feeds.newsletter.audience import Segments
from feeds.newsletter.composing.compose import compose
from feeds.newsletter.composing.reading_rows import content_of
from feeds.newsletter.models import Edition, Issue, IssueText, Relay, Subscriber, for_relay
from reseau.core import changes
from reseau.core.db import site_day
from reseau.core.letters import Site


def freeze(session: Session, issue: Issue, edition: Edition, site: Site, now: datetime) -> None:
    """Keep an edition of an issue, in each language; ``Issue.digest`` becomes that of all that was frozen."""
    for lang in issue.langs:
        _keep(session, issue, edition, lang, site, now)
    if edition is Edition.RELAY:
        for relay, lang in _relays(session, issue, now):
            _keep(session, issue, edition, lang, site, now, relay)
    session.flush()
    columns = (IssueText.edition, IssueText.lang, IssueText.subject, IssueText.html, IssueText.text)
    rows = session.execute(sa.select(*columns).where(IssueText.issue_id == issue.id))
    issue.digest = changes.digest({f"{row[0]}.{row[1]}": list(row[2:]) for row in rows})


def _keep(
    session: Session, issue: Issue, edition: Edition, lang: str, site: Site, now: datetime, relay: Relay | None = None
) -> None:
    made = compose(content_of(session, issue, lang, edition.value, site, site_day(session, now), relay), site)
    name = for_relay(relay.code) if relay else edition.value
    session.add(
        IssueText(issue_id=issue.id, edition=name, lang=lang, subject=made.subject, html=made.html, text=made.text,
                  at=now)
    )  # fmt: skip


def _relays(session: Session, issue: Issue, now: datetime) -> list[tuple[Relay, str]]:
    """The active relays for which somebody receives the issue, with the languages in which they do. Two statements."""
    wanted = audience.people(Segments.of(issue.segments), Edition.RELAY, site_day(session, now), now)
    theirs = sa.select(Subscriber.relay_id, Subscriber.lang).where(Subscriber.id.in_(wanted)).distinct()
    spoken: dict[UUID | None, set[str]] = {}
    for relay_id, lang in session.execute(theirs.where(Subscriber.relay_id.is_not(None))):
        spoken.setdefault(relay_id, set()).add(lang if lang in issue.langs else otherwise(issue))
    active = sa.select(Relay).where(Relay.active.is_(True)).order_by(Relay.code)
    relays = [one for one in session.scalars(active) if one.id in spoken]
    return [(one, lang) for one in relays for lang in sorted(spoken[one.id])]


def otherwise(issue: Issue) -> str:
    """The language of who speaks none of the issue's."""
    return "fr" if "fr" in issue.langs else issue.langs[0]


def text_of(session: Session, issue_id: UUID, edition: str, lang: str, code: str) -> IssueText:
    """What somebody receives: the text of their relay, if there is one, else that of the edition.

    :param code: of the relay for which they receive the relays' edition, if it still is one, or "".
    """
    own = for_relay(code) if code and edition == Edition.RELAY.value else edition
    where = (IssueText.issue_id == issue_id, IssueText.lang == lang, IssueText.edition.in_({own, edition}))
    found = {one.edition: one for one in session.scalars(sa.select(IssueText).where(*where))}
    return found.get(own) or found[edition]
