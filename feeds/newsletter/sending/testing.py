"""A draft as a mail, to one address, through the outbox: as its readers will see it, with nobody's link in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feeds.newsletter.composing.addresses import subscribe_url
from feeds.newsletter.composing.compose import compose
from feeds.newsletter.composing.reading_rows import content_of
from feeds.newsletter.content import CODE, LEAVE
from feeds.newsletter.models import Edition, Issue
from reseau.core.db import site_day
from reseau.core.ids import new_id
from reseau.core.letters import Site, address, one_line
from reseau.core.mail import MAX_ADDRESS, Mail, MailState
from reseau.core.wording import Wording, _
from reseau.settings import Settings

KIND = "lettre-essai"


def send_test(
    session: Session, issue: Issue, edition: Edition, lang: str, recipient: str, settings: Settings, now: datetime
) -> None:
    """Put a test of an issue into the outbox. It counts nowhere; its subject says that it is a test.

    :raises ValueError: ``recipient`` is not one mail address.
    """
    address(recipient)
    if len(recipient) > MAX_ADDRESS:
        raise ValueError("too long for a mail address")
    site = Site.of(settings)
    made = compose(content_of(session, issue, lang, edition.value, site, site_day(session, now)), site)
    public = subscribe_url(site.url)
    text, html = (part.replace(LEAVE, public).replace(CODE, public) for part in (made.text, made.html))
    subject = Wording.of(lang).gettext(_("[Essai] %(subject)s"), subject=made.subject)
    session.add(
        Mail(id=new_id(), key=None, kind=KIND, recipient=recipient, lang=lang, subject=one_line(subject), text=text,
             html=html, headers={}, created_at=now, due_at=now, expires_at=None, state=MailState.WAITING.value,
             attempts=0)
    )  # fmt: skip
    session.flush()
