"""An answer that came by mail, from its bytes to a post. Whoever brings the mail is told whether to bring it again.

Everything that becomes of a mail is one transaction, with the row that says that it came: killed at any point, the mail
comes again and is taken once. The token of the address says whose answer it is; the address of ``From`` must be theirs.
We write to addresses of accounts only.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from uuid import UUID

from reseau.settings import Settings
from reseau.threads.answering import pictures
from reseau.threads.answering.html import to_markdown
from reseau.threads.answering.office import Office, Outcome, Said
from reseau.threads.answering.parcels import Later, staged
from reseau.threads.answering.publishing import settle
from reseau.threads.answering.reading import Incoming, read
from reseau.threads.answering.recognising import automatic
from reseau.threads.answering.stripping import hidden, written
from reseau.threads.base import replies
from resources.base.content import clean_text

__all__ = ["Later", "Office", "Outcome", "receive"]
log = logging.getLogger(__name__)
_TOKEN = re.compile(r"[^@\s]*\+([A-Za-z0-9]{42})@[^@\s]+")


def receive(office: Office, raw: bytes, recipients: Sequence[str] = (), *, whole: bool = True) -> Outcome:
    """Take a message.

    :param recipients: addresses to which the mail server delivered it. :param whole: False: ``raw`` is the beginning of
        a message that is too large. :raises Later: bring it again, as after any database or disk error.
    """
    mail = read(raw, whole)
    notice_id = _notice_of(office.settings, (*recipients, *mail.recipients))
    if notice_id is None:
        log.info("mail: dropped, it answers no notice of ours")
        return Outcome.UNKNOWN
    if why := automatic(mail, office.settings):
        log.info("mail: dropped, automatic (%s)", why)
        return Outcome.AUTOMATIC
    said = _said(mail, whole)
    with staged(office.store, office.settings, pictures.sent(mail)) as parcels, office.sessions.begin() as session:
        outcome = settle(session, office, notice_id, said, parcels)
    log.info("mail: %s", outcome.value)
    return outcome


def _notice_of(settings: Settings, addresses: Sequence[str]) -> UUID | None:
    """The first notice that one of the addresses names."""
    for address in addresses:
        found = _TOKEN.fullmatch(address.strip().strip("<>"))
        if found and (id_ := replies.notice_of(settings.secret, found[1])):
            return id_
    return None


def _said(mail: Incoming, whole: bool) -> Said:
    if mail.broken:
        return Said(mail, "", "", "broken" if whole else "too-large")
    try:
        text = written(mail.text, mail.flowed) or (written(to_markdown(mail.html)) if mail.html else "")
    except Exception:  # the libraries that read what strangers made
        log.exception("mail: its text could not be read")
        return Said(mail, "", "", "broken")
    text = clean_text(text)
    if not text and hidden(mail.text or to_markdown(mail.html)):
        return Said(mail, "", "", "unfound")
    words = " ".join(text.casefold().split())
    return Said(mail, text, hashlib.sha256(words.encode("utf-8", "replace")).hexdigest() if words else "")
