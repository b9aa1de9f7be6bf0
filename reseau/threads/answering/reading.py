"""A message as it came in, taken apart: who wrote it, to which addresses, its text, the files with it.

Everything in it was made by a stranger. No part is read beyond bounds, no header is believed to be one line, and a
message that cannot be read still gives its headers.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from reseau.core.letters import one_line
from reseau.threads.answering.charsets import decoded

log = logging.getLogger(__name__)
MAX_PARTS, MAX_DEPTH = 200, 20
MAX_TEXT = 400_000  # characters of one part: what is longer is no answer
MAX_LINES, MAX_FOLDS = (
    1_000_000,
    5_000,
)  # lines of a message, and those that may begin a part: parsing them costs memory
MAX_HEADER = 4_000  # characters of a header that are read
MAX_HEADS = 256 * 1024  # bytes of headers, of a message that is not read whole
#: Parts that programs add and nobody sent: signatures, invitations' twins, delivery reports.
_SILENT = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
                     "text/rfc822-headers", "message/delivery-status", "text/x-amp-html"})  # fmt: skip
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. ``filename``: as the sender wrote it. ``content_id``: by which the HTML names it, or ""."""

    filename: str
    data: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message. ``sender``: the address of ``From``, lower case. ``recipients``: addresses of all headers that say to
    whom it came. ``text``: plain, ``html``: the other; either may be "". ``flowed``: "", ``yes``, ``delsp`` (RFC 3676).
    ``broken``: only its headers could be read."""

    headers: Message
    sender: str
    recipients: tuple[str, ...]
    text: str = ""
    html: str = ""
    flowed: str = ""
    attachments: tuple[Attachment, ...] = ()
    broken: bool = False
    raw_digest: str = ""

    @property
    def subject(self) -> str:
        """Of the message, on one line."""
        return header(self.headers, "Subject")

    @property
    def key(self) -> str:
        """What says that it is the same message again: digest of its Message-ID and of whom it is from."""
        name = header(self.headers, "Message-ID").strip() or self.raw_digest
        return hashlib.sha256(f"{name}\x00{self.sender}".encode()).hexdigest()


def header(message: Message, name: str) -> str:
    """A header as one line of words, whatever it holds; "" for none."""
    raw = str(message.get(name, "") or "")[:MAX_HEADER]
    try:
        return one_line(str(make_header(decode_header(raw))))
    except (HeaderParseError, LookupError, ValueError, UnicodeError):
        return one_line(raw.encode("utf-8", "replace").decode("utf-8"))


def read(raw: bytes, whole: bool = True) -> Incoming:
    """Take a message apart; never raises. :param whole: False: ``raw`` is only its beginning."""
    digest = hashlib.sha256(raw).hexdigest()
    if whole and raw.count(b"\n") <= MAX_LINES and raw.count(b"\n--") <= MAX_FOLDS:
        try:
            return _whole(raw, digest)
        except Exception as error:  # one that a library stumbles over must not stop the ones after it
            log.warning("mail: a message could not be read (%s)", type(error).__name__)
    heads = re.split(rb"\r?\n\r?\n", raw[:MAX_HEADS], maxsplit=1)[0]
    message = BytesHeaderParser().parsebytes(heads + b"\n\n")
    return Incoming(message, _sender(message), _recipients(message), broken=True, raw_digest=digest)


def _whole(raw: bytes, digest: str) -> Incoming:
    message = message_from_bytes(raw)
    text: list[str] = []
    html: list[str] = []
    files: list[Attachment] = []
    flowed = ""
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in _SILENT:
            continue
        name = _filename(part)
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind in ("text/plain", "text/html") and not attached:
            (text if kind == "text/plain" else html).append(_text(part))
            flowed = flowed or _flowed(part, kind)
        elif isinstance(data := part.get_payload(decode=True), bytes) and (data or name):
            files.append(_file(part, name, data))
        elif kind.startswith("message/"):
            files.append(Attachment(name or "message.eml", b"message"))
    return Incoming(
        message, _sender(message), _recipients(message), "\n".join(text), "\n".join(html), flowed, tuple(files),
        raw_digest=digest,
    )  # fmt: skip


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; those of a message in the message are not the sender's words."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    seen = 0
    while waiting and seen < MAX_PARTS:
        part, depth = waiting.pop()
        seen += 1
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            if depth < MAX_DEPTH:
                waiting.extend((one, depth + 1) for one in reversed(inner) if isinstance(one, Message))
        else:
            yield part


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    return decoded(data[: MAX_TEXT * 4], str(part.get_content_charset() or ""))[:MAX_TEXT]


def _flowed(part: Message, kind: str) -> str:
    if kind != "text/plain" or str(part.get_param("format", "")).lower() != "flowed":
        return ""
    return "delsp" if str(part.get_param("delsp", "")).lower() == "yes" else "yes"


def _filename(part: Message) -> str:
    raw = part.get_filename("")
    try:
        return one_line(str(make_header(decode_header(raw)))) if "=?" in raw else one_line(raw)
    except (HeaderParseError, LookupError, ValueError, UnicodeError):
        return one_line(raw)


def _file(part: Message, name: str, data: bytes) -> Attachment:
    content_id = str(part.get("Content-ID", "") or "").strip().strip("<>")
    inline = part.get_content_disposition() != "attachment"
    if not name:
        name = f"fichier.{part.get_content_subtype()}"
    return Attachment(name, data, content_id, inline)


def _sender(message: Message) -> str:
    if len(message.get_all("From", [])) != 1:
        return ""  # RFC 5322 §3.6: exactly one; two of them are a trick
    return next(iter(_addresses([str(message["From"])])), "").strip().lower()


def _recipients(message: Message) -> tuple[str, ...]:
    return tuple(_addresses([str(value) for name in _RECIPIENTS for value in message.get_all(name, [])][:50]))


def _addresses(values: list[str]) -> list[str]:
    try:
        return [address for _, address in getaddresses([value[:MAX_HEADER] for value in values]) if address][:200]
    except (RecursionError, ValueError, IndexError):  # a thousand brackets
        return []
