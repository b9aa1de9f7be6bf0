"""An issue and its readers, in few lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from feeds.newsletter import links
from feeds.newsletter.models import Delivery, Edition, Issue, Subscriber, SubscriberState
from feeds.newsletter.sending import launching
from feeds.newsletter.sending.carrying import FileLine, SmtpLine
from feeds.newsletter.sending.pace import Pace
from feeds.newsletter.sending.run import Options, Run
from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from reseau.settings import Settings
from tests.conftest import TUESDAY

Sessions = sessionmaker[Any]
SOON = timedelta(minutes=1)


def readers(session: Session, *emails: str, lang: str = "fr", **fields: Any) -> list[UUID]:
    """Subscribers who confirmed."""
    rows = [
        {"id": new_id(), "email": email, "key": links.new_key(), "lang": lang, "source": "form",
         "state": SubscriberState.ACTIVE.value, "edition": Edition.GENERAL.value, "themes": [], "commune": "",
         "health": False, "fewer": False, "created_at": TUESDAY, "bounce_score": 0.0, **fields}
        for email in emails
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(Subscriber), rows)
    return [row["id"] for row in rows]


def issue(session: Session, **fields: Any) -> Issue:
    """A draft in French, with an introduction."""
    given = {"subject": {"fr": "Été à Roubaix"}, "intro": {"fr": "Bonjour **à vous**."}, "langs": ["fr"]} | fields
    made = Issue(**given)
    session.add(made)
    session.flush()
    return made


def launched(sessions: Sessions, settings: Settings, *emails: str, now: datetime = TUESDAY, **fields: Any) -> UUID:
    """An issue that left to these addresses."""
    with sessions.begin() as session:
        readers(session, *emails)
        made = issue(session, **fields)
        launching.launch(session, made, Edition.GENERAL, settings, now)
    return made.id


def fast(settings: Settings, url: str = "", **more: Any) -> Settings:
    """Settings of a site that sends as fast as it can."""
    given = {"smtp_url": url, "letter_rate": 6_000_000, "letter_domain_rate": 6_000_000, "letter_refusals": 100,
             "public_url": "https://reseau.example", "mail_from": "Réseau <lettre@reseau.example>"}  # fmt: skip
    return replace(settings, **(given | more))


def send(sessions: Sessions, settings: Settings, clock: Any, pace: Pace | None = None, **options: Any) -> Any:
    """One run, with its own pace unless one is given."""
    tools = Tools(sessions, settings, clock)
    url = settings.smtp_url

    def line() -> Any:
        return SmtpLine(url, final_s=5, answer_s=5) if url else FileLine(settings.data_dir / "courriels")

    given = {"lines": line, "linger_s": 0.0, "budget_s": 30.0} | options
    return Run(tools, pace or Pace(settings.letter_rate, settings.letter_domain_rate), Options(**given)).go()


def states(sessions: Sessions) -> dict[str, str]:
    """Local part of the address → state of its delivery."""
    with sessions() as session:
        wanted = sa.select(Subscriber.email, Delivery.state).join(Delivery, Delivery.subscriber_id == Subscriber.id)
        return {email.partition("@")[0]: state for email, state in session.execute(wanted)}


def issue_state(sessions: Sessions, id_: UUID) -> str:
    with sessions() as session:
        found = session.get_one(Issue, id_)
        return found.state + (f" {found.stopped}" if found.stopped else "")
