"""Hands one message over, the final dot apart: what is before it can be done again, what is after it cannot.

SMTP: RFC 5321. ``MAIL``, ``RCPT``, ``DATA``, the whole message; then :data:`Mark` is asked; then ``.``. A server that
hangs up before the dot has not taken the message (§4.1.1.4: it must process it only after the end of the data).
"""

from __future__ import annotations

import contextlib
import enum
import os
import re
import select
import smtplib
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reseau.core.mail_delivery import ANSWER_S, FileTransport, SmtpTransport, files_of
from reseau.core.masking import masked
from reseau.settings import Settings

FINAL_S = 600.0  # for the answer to the dot: RFC 5321 §4.5.3.2.6
MAX_SAID = 300  # characters kept of what a server said
_SLOWER = re.compile(r"\d{3}[ -]4\.7\.\d")
Mark = Callable[[], bool]
"""Commits that the dot is about to be said; False: do not say it (another worker does, or the issue is paused)."""


class Fate(enum.Enum):
    """``SLOWER``: not now, and nothing more to that domain for a while. ``LOST``: hung up before the dot.
    ``SENDER``: it is us who are refused. ``NOT_OURS``: ``Mark`` said no. ``UNREACHABLE``: no server, or one that takes
    nothing from us now (4xx to ``MAIL``); the message was not offered."""

    ACCEPTED = enum.auto()
    REFUSED = enum.auto()
    LATER = enum.auto()
    SLOWER = enum.auto()
    LOST = enum.auto()
    UNKNOWN = enum.auto()
    SENDER = enum.auto()
    NOT_OURS = enum.auto()
    UNREACHABLE = enum.auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message. ``said``: by the server, without addresses. ``marked``: ``Mark`` had said yes."""

    fate: Fate
    said: str = ""
    marked: bool = False


class Line(Protocol):
    """A way out, of one thread."""

    def carry(self, name: str, sender: str, recipient: str, message: bytes, mark: Mark) -> Answer:
        """Hand a message over. Never raises for what a server or the network does.

        :param name: of the message, stable. :param message: lines ended by CR LF, the last one too.
        """

    def close(self) -> None:
        """Never raises."""


class SmtpLine(SmtpTransport):
    """A connection to the mail server, kept from one message to the next."""

    def __init__(self, url: str, final_s: float = FINAL_S, answer_s: float = ANSWER_S) -> None:
        super().__init__(url)
        self._final_s, self._answer_s = final_s, answer_s

    def carry(self, name: str, sender: str, recipient: str, message: bytes, mark: Mark) -> Answer:
        """See :class:`Line`."""
        try:
            refused = self._offer(sender, recipient, message)
        except UnicodeEncodeError:
            self._hang_up()
            return Answer(Fate.REFUSED, "adresse que SMTP ne peut pas dire")
        except (smtplib.SMTPException, OSError, ValueError) as error:
            reached = self._smtp is not None
            self._hang_up()
            return Answer(Fate.LOST if reached else Fate.UNREACHABLE, _said(error))
        if refused:
            return refused
        try:
            ours = mark()
        except BaseException:
            self._hang_up()
            raise
        if not ours:
            self._hang_up()  # in the midst of DATA: there is no other way to take it back
            return Answer(Fate.NOT_OURS)
        return self._finish()

    def close(self) -> None:
        """See :class:`Line`."""
        with contextlib.suppress(ValueError):
            super().close()

    # --- before the dot -----------------------------------------------------------------------------------------

    def _offer(self, sender: str, recipient: str, message: bytes) -> Answer | None:
        """All but the dot; what the server answered if it refused."""
        smtp, (code, text) = self._begin(sender)
        if code != 250:
            return self._before(Fate.SENDER if code >= 500 else Fate.UNREACHABLE, code, text)
        code, text = smtp.rcpt(recipient)
        if code not in (250, 251):
            return self._before(Fate.REFUSED if code >= 500 else Fate.LATER, code, text)
        smtp.putcmd("data")
        code, text = smtp.getreply()
        if code != 354:
            return self._before(Fate.REFUSED if code >= 500 else Fate.LATER, code, text)
        smtp.send(message.replace(b"\r\n.", b"\r\n..") if b"\r\n." in message else message)
        return None

    def _begin(self, sender: str) -> tuple[smtplib.SMTP, tuple[int, bytes]]:
        """``MAIL``, on the open connection; on a new one if the server had left that one meanwhile."""
        if self._smtp:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if (answer := self._smtp.mail(sender))[0] not in (421, -1):
                    return self._smtp, answer
            self._hang_up()
        smtp = self._open()
        answer = smtp.mail(sender)
        if answer[0] in (421, -1):
            smtp.close()
            raise OSError(f"{answer[0]} {answer[1].decode('utf-8', 'replace')}")
        if smtp.sock:  # the dot must not wait for the acknowledgement of what is before it (Nagle)
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            smtp.sock.settimeout(self._answer_s)
        self._smtp = smtp
        return smtp, answer

    def _before(self, fate: Fate, code: int, text: bytes) -> Answer:
        """A refusal before the dot: the connection goes on, unless the server left."""
        answer = Answer(_slower(fate, code, text), _words(code, text))
        try:
            if code == 421 or code < 0 or not self._smtp or self._smtp.rset()[0] != 250:
                self._hang_up()
        except (smtplib.SMTPException, OSError):
            self._hang_up()
        return Answer(Fate.LOST, answer.said) if code < 0 else answer

    # --- the dot ------------------------------------------------------------------------------------------------

    def _finish(self) -> Answer:
        smtp = self._smtp
        if smtp is None or smtp.sock is None or _spoke(smtp.sock):
            self._hang_up()  # it hung up while we were writing: it has not taken it
            return Answer(Fate.LOST, "le serveur a coupé la connexion", marked=True)
        try:
            smtp.sock.settimeout(self._final_s)
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
            smtp.sock.settimeout(self._answer_s)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._hang_up()
            return Answer(Fate.UNKNOWN, _said(error), marked=True)
        if not 200 <= code < 600 or 300 <= code < 400:
            self._hang_up()
            return Answer(Fate.UNKNOWN, _words(code, text), marked=True)
        if code == 421:
            self._hang_up()
        fate = Fate.ACCEPTED if code < 300 else _slower(Fate.REFUSED if code >= 500 else Fate.LATER, code, text)
        return Answer(fate, _words(code, text), marked=True)

    def _hang_up(self) -> None:
        """Without QUIT: in the midst of a message it would be a line of it."""
        smtp, self._smtp = self._smtp, None
        if smtp:
            smtp.close()


class FileLine:
    """A file ``.eml`` for each message, for a site without a mail server: whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, name: str, sender: str, recipient: str, message: bytes, mark: Mark) -> Answer:
        """See :class:`Line`."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=FileTransport.PART, delete=False) as file:
                part = Path(file.name)
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return Answer(Fate.UNREACHABLE, type(error).__name__)
        try:
            if not mark():
                return Answer(Fate.NOT_OURS)
            part.replace(self._folder / f"{name}.eml")
        except OSError as error:
            return Answer(Fate.LOST, type(error).__name__, marked=True)
        finally:
            part.unlink(missing_ok=True)
        return Answer(Fate.ACCEPTED, "fichier", marked=True)

    def close(self) -> None:
        """Nothing is open."""


def line_of(settings: Settings) -> Line:
    """SMTP if ``smtp_url`` says where, else files in the folder ``courriels`` of the data folder."""
    return SmtpLine(settings.smtp_url) if settings.smtp_url else FileLine(files_of(settings))


def _spoke(sock: socket.socket) -> bool:
    """Whether the server said something, or hung up, though it is not its turn."""
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _slower(fate: Fate, code: int, text: bytes) -> Fate:
    """421 and 4.7.x (RFC 3463 §3.8: policy; RFC 7372): too much, too fast."""
    if fate is Fate.LATER and (code == 421 or _SLOWER.match(f"{code} {text.decode('utf-8', 'replace')}")):
        return Fate.SLOWER
    return fate


def _words(code: int, text: bytes) -> str:
    return masked(" ".join(f"{code} {text.decode('utf-8', 'replace')}".replace("\0", "").split()))[:MAX_SAID]


def _said(error: Exception) -> str:
    return masked(f"{type(error).__name__}: {error}".replace("\0", ""))[:MAX_SAID]
