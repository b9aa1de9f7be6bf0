"""What a program wrote, which nobody is to read as an answer: absences, reports, lists, our own mails. RFC 3834."""

from __future__ import annotations

import re
from email.message import Message
from email.utils import parseaddr

from reseau.core.letters import address
from reseau.settings import Settings
from reseau.threads.answering.reading import Incoming, header

_PRECEDENCE = ("bulk", "junk", "list", "auto_reply", "auto-reply")
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Mail-Autoreply",
              "X-FC-MachineGenerated")  # fmt: skip
_LISTS = ("List-Id", "List-Post", "X-Mailing-List")
_ROBOTS = re.compile(r"(mailer-daemon|postmaster|no-?reply|ne-?pas-?repondre|do-?not-?reply|bounces?)([+.-].*)?@", re.I)
#: At the beginning: after "Re:" it is what the thread is called, and a person who answers it.
_SUBJECT = re.compile(
    r"^\W*(r[ée]ponse automatique|message (automatique|d.absence)|absence\b|absente?\b|en cong[ée]s?\b|r[ée]pondeur|"
    r"out of (the )?office|automatic reply|auto(matic)?[ -]?(reply|response)|autoreply|vacation|"
    r"undeliver|delivery status|mail delivery|returned mail|non remis|échec de (la )?remise|"
    r"رد تلقائي|الرد التلقائي|رد آلي|خارج المكتب|إجابة تلقائية)",
    re.I,
)


def automatic(mail: Incoming, settings: Settings) -> str:
    """Why nobody wrote this by hand, as a short code for the log; "" when somebody did."""
    headers = mail.headers
    if header(headers, "Auto-Submitted").lower().split(";")[0].strip() not in ("", "no"):
        return "auto-submitted"
    suppress = header(headers, "X-Auto-Response-Suppress").lower()
    if suppress and suppress != "none":
        return "suppress"
    if header(headers, "Precedence").lower() in _PRECEDENCE or any(headers.get(name) for name in _LISTS):
        return "list"
    if any(headers.get(name) for name in _AUTOMATIC):
        return "autoreply"
    if _bounce(headers) or headers.get_content_type() == "multipart/report":
        return "bounce"
    if _ours(mail, settings):
        return "ours"
    if _ROBOTS.match(mail.sender):
        return "robot"
    return "subject" if _SUBJECT.match(mail.subject) else ""


def _bounce(headers: Message) -> bool:
    """A null return path is of a delivery report (RFC 5321 §4.5.5)."""
    return any(str(one).strip() == "<>" for one in headers.get_all("Return-Path", []))


def _ours(mail: Incoming, settings: Settings) -> bool:
    """Whether we sent it: from our address, or with a Message-ID that only we make."""
    site = address(settings.mail_from)
    here = f"{site.username}@{site.domain}".lower()
    made = re.fullmatch(r"<[0-9a-f-]{36}@([^@>]+)>", header(mail.headers, "Message-ID").strip())
    if made and made[1].lower() == site.domain.lower():
        return True
    local, _, domain = settings.mail_replies.lower().rpartition("@")
    name, _at, where = mail.sender.rpartition("@")
    own_reply = bool(domain) and where == domain and name.partition("+")[0] == local
    return mail.sender == here or own_reply or parseaddr(header(mail.headers, "Sender"))[1].lower() == here
