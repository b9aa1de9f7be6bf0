"""A draft as a mail, to one address, through the outbox: as its readers will see it, with nobody's link in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from feeds.newsletter.content import Composed
from reseau.core.ids import new_id
from reseau.core.letters import address, one_line
from reseau.core.mail import MAX_ADDRESS, Mail, MailState
from reseau.core.wording import Wording, _

KIND = "lettre-essai"


def send_test(session: Session, made: Composed, recipient: str, now: datetime) -> None:
    """Put a test of an issue into the outbox. It counts nowhere; its subject says that it is a test.

    :param made: without placeholders. :raises ValueError: ``recipient`` is not one mail address.
    """
    address(recipient)
    if len(recipient) > MAX_ADDRESS:
        raise ValueError("too long for a mail address")
    subject = Wording.of(made.lang).gettext(_("[Essai] %(subject)s"), subject=made.subject)
    session.add(
        Mail(id=new_id(), key=None, kind=KIND, recipient=recipient, lang=made.lang, subject=one_line(subject),
             text=made.text, html=made.html, headers={}, created_at=now, due_at=now, expires_at=None,
             state=MailState.WAITING.value, attempts=0)
    )  # fmt: skip
    session.flush()
