"""Sends what waits in the outbox (``core.mail``).

One row at a time: committed as ``sending``, handed over outside any transaction, committed as what became of it. A
process that dies in between leaves its row ``sending``; after ``STALE`` it waits again. So no mail is lost. At worst
one is sent twice, the one in flight, with the same ``Message-ID``: no protocol can do better, because the server's
"accepted" can get lost on its way to us.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import smtplib
import ssl
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from reseau.core.clock import Clock
from reseau.core.db import affected
from reseau.core.letters import POLICY, Site, address, as_message
from reseau.core.mail import Mail, MailState
from reseau.core.masking import masked
from reseau.settings import Settings, smtp_parts

log = logging.getLogger(__name__)

#: Pauses after the first, second… failed attempt; after the last one the mail is put aside: about 41 hours in all.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
#: Longer than the slowest sending: eight answers of a server, each within ``ANSWER_S``.
STALE = timedelta(minutes=10)
CONNECT_S, ANSWER_S = 15.0, 60.0
MAX_ERROR = 500  # characters kept of what a server said
EMPTY = {"text": "", "html": ""}


class Refused(Exception):
    """The server will never take this mail (5xx)."""


class Later(Exception):
    """Not now (4xx): this mail can be tried again."""


class Unreachable(Later):
    """The server does not answer, or let the connection fall: no use to go on with this batch.

    :ivar offered: this mail had been offered to a server. If not, it is not its fault, and not an attempt.
    """

    def __init__(self, message: str, *, offered: bool = False) -> None:
        super().__init__(message)
        self.offered = offered


class Transport(Protocol):
    """Takes messages away."""

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand one message over. :raises Refused: for ever. :raises Later: for now."""

    def close(self) -> None:
        """End of a batch; never raises. The next ``send`` opens again."""


# --- by SMTP ------------------------------------------------------------------------------------------------


class SmtpTransport:
    """A mail server, one connection for a batch.

    ``smtp://host:port``: TLS when the server offers it, whatever its certificate, since it would be clear text
    otherwise. ``smtp://user:password@host:587``: TLS and a certificate of that host are required before the password
    is said. ``smtps://``: TLS from the first byte, certificate required.

    :raises ValueError: another kind of address.
    """

    def __init__(self, url: str) -> None:
        self._url = smtp_parts(url)
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, recipient: str) -> None:
        """See :class:`Transport`. A server that refuses the *sender* may be set right: that is :class:`Later`."""
        smtp = self._connection()
        try:
            smtp.send_message(message, message["From"].addresses[0].addr_spec, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            self._say(*error.recipients[recipient], Refused)
        except smtplib.SMTPSenderRefused as error:
            self._say(error.smtp_code, error.smtp_error, Later)
        except smtplib.SMTPResponseException as error:
            self._say(error.smtp_code, error.smtp_error, Refused)
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            self.close()
            raise Refused(str(error)) from error  # an address that this server, or SMTP, cannot carry
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(f"{type(error).__name__}: {error}", offered=True) from error

    def close(self) -> None:
        """Say QUIT, if there is still somebody to say it to."""
        smtp, self._smtp = self._smtp, None
        if smtp:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _say(self, code: int, text: bytes | str, permanent: type[Exception]) -> None:
        """Raise what an answer means; 421 is a server that leaves."""
        said = f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
        if code == 421 or code < 0:
            self.close()
            raise Unreachable(said, offered=True)
        raise permanent(said) if code >= 500 else Later(said)

    def _connection(self) -> smtplib.SMTP:
        """The open connection if it still answers, else a new one. :raises Unreachable: neither."""
        if self._smtp:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            self.close()
        try:
            self._smtp = self._open()
        except (smtplib.SMTPException, OSError, ValueError) as error:  # a wrong password too: a setting, not this mail
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        return self._smtp

    def _open(self) -> smtplib.SMTP:
        smtp = opened(self._url, CONNECT_S)
        if smtp.sock:
            smtp.sock.settimeout(ANSWER_S)
        return smtp


def opened(url: SplitResult, timeout: float) -> smtplib.SMTP:
    """A server that is ready for a mail, as :class:`SmtpTransport` says. :param url: of ``settings.smtp_parts``.

    :param timeout: of each answer, in seconds. :raises smtplib.SMTPException: it refuses. :raises OSError: no answer.
    """
    host, user = url.hostname or "", url.username
    trusted = ssl.create_default_context()
    if url.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=timeout, context=trusted)
    else:
        smtp = smtplib.SMTP(host, url.port or (587 if user else 25), timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and (user or smtp.has_extn("starttls")):
            smtp.starttls(context=trusted if user else _any_certificate())  # raises when it is not offered
            smtp.ehlo()
        if user:
            smtp.login(unquote(user), unquote(url.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


# --- into files ---------------------------------------------------------------------------------------------


class FileTransport:
    """A folder with one ``.eml`` for each mail, readable by its owner only: for sites without a mail server."""

    PART = ".part"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Write the file, whole or not at all; the same mail sent again takes the place of its file."""
        name = re.sub(r"[^\w-]", "", str(message["Message-ID"]).partition("@")[0]) + ".eml"
        content = message.as_bytes(policy=POLICY.clone(utf8=not recipient.isascii()))
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=self.PART, delete=False) as file:  # mode 0600
                try:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(self._folder / name)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Nothing is open."""


def sweep_files(folder: Path, before: datetime) -> int:
    """Delete the mails that a :class:`FileTransport` wrote before a moment, whole or not. :return: how many."""
    count = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # one that is being written changes its name
            if path.suffix in (".eml", FileTransport.PART) and path.stat().st_mtime < before.timestamp():
                path.unlink()
                count += 1
    return count


def transport_of(settings: Settings) -> Transport:
    """SMTP if ``smtp_url`` says where, else files in the folder ``courriels`` of the data folder."""
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url)
    return FileTransport(files_of(settings))


def files_of(settings: Settings) -> Path:
    """The folder of the mails of a site without a mail server."""
    return settings.data_dir / "courriels"


# --- the outbox ---------------------------------------------------------------------------------------------


def deliver(
    sessions: sessionmaker[Any],
    transport: Transport,
    site: Site,
    clock: Clock,
    limit: int = 50,
    stopping: Callable[[], bool] = lambda: False,
    keep_text: bool = False,
) -> Counter[str]:
    """Send at most ``limit`` mails that are due, the oldest first. Any number of processes may do it at once.

    The first connection that fails ends the batch: the rest waits untouched.

    :param sessions: makes writing sessions. :param stopping: asked between two mails; True ends the batch.
    :param keep_text: of what was sent, for who reads it here (a demonstration).
    :return: how many were ``sent``, put off (``later``), put ``aside``, found left behind (``stale``), ``expired``.
    """
    done: Counter[str] = Counter()
    with sessions.begin() as session:
        done["stale"] = _release(session, clock())
        done["expired"] = _expire(session, clock())
    with contextlib.closing(transport):
        for _ in range(limit):
            if stopping() or (mail := _claim(sessions, clock())) is None:
                break
            error = _send(transport, site, mail)
            done[_settle(sessions, mail, error, clock(), keep_text)] += 1
            if isinstance(error, Unreachable):
                log.warning("the mail server does not answer: %s", masked(str(error)))
                break
    return +done


def _release(session: Session, now: datetime) -> int:
    """Rows whose sender died wait again, unless that has happened to them each time. :return: how many there were."""
    stale = sa.update(Mail).where(Mail.state == MailState.SENDING.value, Mail.claimed_at < now - STALE)
    left = "the process stopped while it was being sent"
    count = 0
    for exhausted, state in ((Mail.attempts > len(BACK_OFF), MailState.ASIDE), (sa.true(), MailState.WAITING)):
        count += affected(session, stale.where(exhausted).values(state=state.value, last_error=left))
    return count


def _expire(session: Session, now: datetime) -> int:
    """Cancel what waited longer than its link lives. :return: how many."""
    late = sa.update(Mail).where(Mail.state == MailState.WAITING.value, Mail.expires_at <= now)
    return affected(session, late.values(state=MailState.CANCELLED.value, last_error="expired", **EMPTY))


def _claim(sessions: sessionmaker[Any], now: datetime) -> Mail | None:
    """The oldest mail that is due, committed as ours, or None."""
    alive = sa.or_(Mail.expires_at.is_(None), Mail.expires_at > now)
    due = sa.select(Mail).where(Mail.state == MailState.WAITING.value, Mail.due_at <= now, alive)
    with sessions.begin() as session:
        mail: Mail | None = session.scalars(
            due.order_by(Mail.due_at, Mail.id).limit(1).with_for_update(skip_locked=True)
        ).first()
        if mail:
            mail.state, mail.claimed_at = MailState.SENDING.value, now
            mail.attempts += 1  # now, not later: a mail that kills its process must not do so for ever
    return mail


def _send(transport: Transport, site: Site, mail: Mail) -> Exception | None:
    """Build and hand over; what went wrong, or None. Never raises: one mail must not stop the others."""
    try:
        message, recipient = as_message(mail, site.sender), address(mail.recipient).addr_spec
        message.as_bytes()  # some faults only show when it is written out
    except Exception as error:
        log.exception("mail %s cannot be built", mail.id)
        return Refused(f"{type(error).__name__}: {error}")
    try:
        transport.send(message, recipient)
    except (Refused, Later) as error:
        return error
    except Exception as error:
        log.exception("mail %s could not be sent", mail.id)
        return Later(f"{type(error).__name__}: {error}")
    return None


def _settle(
    sessions: sessionmaker[Any], mail: Mail, error: Exception | None, now: datetime, keep_text: bool = False
) -> str:
    """Commit what became of ``mail``; its word in the counter."""
    values: dict[str, Any]
    if error is None:
        left = {} if keep_text else EMPTY
        outcome, values = "sent", {"state": MailState.SENT.value, "sent_at": now, "last_error": None, **left}
    elif isinstance(error, Unreachable) and not error.offered:
        outcome, values = "later", _again(now + BACK_OFF[0]) | {"attempts": mail.attempts - 1}
    elif isinstance(error, Later) and mail.attempts <= len(BACK_OFF):
        outcome, values = "later", _again(now + BACK_OFF[mail.attempts - 1])
    else:
        outcome, values = "aside", {"state": MailState.ASIDE.value}
    if error:
        values |= {"last_error": str(error).replace("\x00", "")[:MAX_ERROR]}
    # Only if it is still ours: after ``STALE`` another process may have taken it.
    ours = (Mail.id == mail.id, Mail.state == MailState.SENDING.value, Mail.claimed_at == mail.claimed_at)
    with sessions.begin() as session:
        session.execute(sa.update(Mail).where(*ours).values(**values))
    return outcome


def _again(due_at: datetime) -> dict[str, Any]:
    return {"state": MailState.WAITING.value, "due_at": due_at}
