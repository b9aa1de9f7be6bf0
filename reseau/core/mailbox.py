"""A mailbox that is emptied over IMAP (RFC 3501), for who has no mail server that runs a command.

A message leaves the mailbox only after whoever takes it has committed: flagged ``\\Deleted`` and expunged. One that is
to be looked at by somebody stays there, starred (``\\Flagged``): it is not read again. One that cannot be taken now (no
disk, no database) stays as it is, and does not stop the others; nor does one that we fail to read, which is starred too
when it still fails a day after it came.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import mktime
from urllib.parse import unquote

from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as QueueTimeout

from reseau.core.clock import Clock, utcnow
from reseau.settings import imap_parts

log = logging.getLogger(__name__)
TIMEOUT_S = 60.0
AT_ONCE = 100  # messages of one run
MAX_HEADS = 256 * 1024  # bytes of headers, of a message that is not read whole
TRIED = timedelta(days=1)
"""How long a message that we fail to read is tried again: our mistake may be put right meanwhile."""
#: What the message has nothing to do with: it is tried for ever.
AWAY = (OperationalError, InterfaceError, DisconnectionError, QueueTimeout, OSError)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(Exception):
    """The mailbox cannot be opened: wrong password, no such folder, no network. Says no password and no address."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Emptying:
    """How a mailbox is emptied. ``take``: (message, whether it is whole) → whether it may leave the mailbox (False: it
    stays, starred); commits before it answers. ``most``: bytes of a message that is read whole; of a larger one, its
    headers. ``away``: more errors that the message has nothing to do with."""

    take: Callable[[bytes, bool], bool]
    most: int
    clock: Clock = utcnow
    stopping: Callable[[], bool] = _never
    away: tuple[type[Exception], ...] = ()


def empty(url: str, how: Emptying) -> Exception | None:
    """Take what is in the mailbox at ``url`` (as the settings write it).

    :return: the last error of a message that could not be taken now; it is still there. :raises MailboxError: it cannot
        be opened. :raises OSError, imaplib.IMAP4.abort: the connection broke.
    """
    late: Exception | None = None
    with opened(url) as box:
        for uid in _uids(box)[:AT_ONCE]:
            if how.stopping():
                break
            try:
                _take(box, uid, how)
            except (imaplib.IMAP4.abort, ConnectionError, TimeoutError):
                raise
            except Exception as error:  # one mail, whatever is in it, does not keep the others waiting
                late = error
                if not isinstance(error, AWAY + how.away):
                    _failed(box, uid, how.clock(), error)
        _expunge(box)
    return late


def _take(box: imaplib.IMAP4, uid: str, how: Emptying) -> None:
    """One message; nothing if it is gone."""
    size = _size(box, uid)
    if size is None:
        return
    whole = size <= how.most
    raw = _bytes(box, uid, "BODY.PEEK[]" if whole else f"BODY.PEEK[HEADER]<0.{MAX_HEADS}>")
    if raw is not None:
        flag = r"(\Deleted)" if how.take(raw, whole) else r"(\Flagged)"
        box.uid("STORE", uid, "+FLAGS.SILENT", flag)


def _failed(box: imaplib.IMAP4, uid: str, now: datetime, error: Exception) -> None:
    """Somebody is to look at it, here or in the mailbox. The log holds no word of the message: the error may."""
    log.error("mail: a message of the mailbox cannot be read (%s)", type(error).__name__)
    log.debug("mail: a message of the mailbox cannot be read", exc_info=error)
    came = _came(box, uid)
    if came is None or came < now - TRIED:
        box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Flagged)")


def _came(box: imaplib.IMAP4, uid: str) -> datetime | None:
    """When the mail server took it; None: it does not say."""
    _status, data = box.uid("FETCH", uid, "(INTERNALDATE)")
    found = next((imaplib.Internaldate2tuple(one) for one in data if isinstance(one, bytes)), None)
    return datetime.fromtimestamp(mktime(found), UTC) if found else None


@contextlib.contextmanager
def opened(url: str) -> Iterator[imaplib.IMAP4]:
    """A mailbox, its folder selected. :raises MailboxError: it cannot be opened."""
    parts = imap_parts(url)
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    box: imaplib.IMAP4 | None = None
    try:
        try:
            if parts.scheme == "imaps":
                context = ssl.create_default_context()
                box = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=TIMEOUT_S)
            else:
                box = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT_S)
            box.login(user, password)
            status, _data = box.select(_quoted(folder))
        except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
            raise MailboxError(f"the mailbox cannot be opened ({type(error).__name__})") from None
        if status != "OK":
            raise MailboxError("the folder of the mailbox cannot be opened")
        yield box
    finally:
        if box is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                box.logout()
            with contextlib.suppress(OSError):
                box.shutdown()  # a farewell that fails leaves the socket open


def _quoted(folder: str) -> str:
    """A name of a folder as IMAP writes it: modified UTF-7 (RFC 3501 §5.1.3), in quotation marks."""
    coded = re.sub(r"[^\x20-\x7e]+", _shifted, folder.replace("&", "&-"))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    raw = base64.b64encode(found[0].encode("utf-16-be")).decode("ascii")
    return f"&{raw.rstrip('=').replace('/', ',')}-"


def _uids(box: imaplib.IMAP4) -> list[str]:
    status, data = box.uid("SEARCH", "UNDELETED", "UNFLAGGED")
    if status != "OK":
        raise MailboxError("the mailbox cannot be searched")
    return [one.decode("ascii") for one in (data[0] or b"").split()]


def _size(box: imaplib.IMAP4, uid: str) -> int | None:
    _status, data = box.uid("FETCH", uid, "(RFC822.SIZE)")
    sizes = [found for one in data if isinstance(one, bytes) and (found := _SIZE.search(one))]
    return int(sizes[0][1]) if sizes else None


def _bytes(box: imaplib.IMAP4, uid: str, what: str) -> bytes | None:
    _status, data = box.uid("FETCH", uid, f"({what})")
    found = [one[1] for one in data if isinstance(one, tuple)]
    return found[0] if found else None


def _expunge(box: imaplib.IMAP4) -> None:
    """Forget what was taken. What somebody else flagged as deleted goes too: the mailbox is for this only."""
    with contextlib.suppress(imaplib.IMAP4.error):  # a next run does it again
        box.expunge()
