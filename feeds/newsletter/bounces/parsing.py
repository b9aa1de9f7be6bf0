"""A message that came back, taken apart: of which delivery it speaks, what became of whom. Pure; never raises.

Everything in it was made by a stranger. Read: delivery reports (RFC 3464, RFC 6533), the reports of Exim
(``X-Failed-Recipients``), qmail (QSBMF) and others that only write a text, complaints (ARF, RFC 5965). No part is read
beyond bounds.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import islice

from feeds.newsletter.bounces.judging import status_in
from reseau.threads.answering.charsets import decoded
from reseau.threads.answering.reading import header

log = logging.getLogger(__name__)
MAX_PARTS, MAX_LINES, MAX_TEXT = 100, 200_000, 20_000
MAX_WORK = 2_000_000  # lines times boundaries: the library looks for each of the boundaries in each of the lines
MAX_BLOCKS = 500  # recipients of one report
MAX_HEADS = 256 * 1024
MAX_VALUES, MAX_VALUE, MAX_FIELDS = 20, 4_000, 2_000  # headers of one name, characters of one, headers of one block
LEAVE = "unsubscribe"
"""The subject that our List-Unsubscribe asks for (RFC 2369 §3.2, RFC 6068)."""
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_COMPLAINT = "message/feedback-report"
_ENCLOSED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_TO = ("Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To", "To")
#: Bounded, and begun nowhere but where a word begins: each character is looked at once, whatever stands there. A local
#: part has 64 (RFC 5321 §4.5.3.1.1); one that a forwarder has lengthened (SRS) more.
_ADDRESS = re.compile(r"(?<![^\s<>()\[\],;:'\"])[^\s<>()\[\],;:'\"@]{1,160}@[^\s<>()\[\],;:'\"@]{1,255}")
_APPENDED = re.compile(r"copy of the message|original message|message d.origine|headers", re.I)
_DAEMON = re.compile(r"(mailer-?daemon|postmaster|mail-?system|mdaemon|mail delivery)", re.I)
_FAILED_TEXT = re.compile(
    r"could ?n.t be delivered|could not be delivered|wasn.t able to deliver|was not able to deliver|undeliver|"
    r"delivery (?:has )?failed|delivery to the following recipients? failed|failed (?:permanently|to deliver)|"
    r"returned to sender|permanent (?:fatal )?error|message not delivered|"
    r"\b(?:n\W{1,2}a|n\W{1,2}ont|ne peut|impossible)\b.{0,30}\b(?:remis|d[ée]livr|distribu|achemin)|"
    r"[ée]chec (?:de la |de )?(?:remise|distribution|livraison)|non (?:remis|distribu[ée]|d[ée]livr[ée])",
    re.I | re.S,
)
_FIELD = re.compile(rb"^content-[^\n]*(?:\n[ \t][^\n]*)*", re.M)
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Mail-Autoreply")
_AWAY = re.compile(
    r"^\W*(r[ée]ponse automatique|message (automatique|d.absence)|absence\b|absente?\b|en cong[ée]s?\b|out of (the )?"
    r"office|automatic reply|auto(matic)?[ -]?(reply|response)|vacation|رد تلقائي|الرد التلقائي|خارج المكتب)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a recipient. ``recipients``: their address as written, and as first asked for, lower case, without
    duplicates. ``action``: of RFC 3464 §2.3.3, or as far as the codes say. ``status``: ``5.1.1`` or "". ``said``: the
    server's words."""

    recipients: tuple[str, ...]
    action: str
    status: str
    said: str


@dataclass(frozen=True, slots=True)
class Back:
    """A message that came back. ``kind``: ``report``, ``complaint``, ``leave`` (what a mail program sends when its user
    unsubscribes by the mail address of List-Unsubscribe), ``automatic``, ``unread``. ``to``: texts that may
    hold our proof: addresses of the message first, then what the report encloses. ``links``: of its List-Unsubscribe.
    ``key``: digest by which the same message is known again. ``said``: what to show of one that is unread."""

    kind: str
    to: tuple[str, ...]
    fates: tuple[Fate, ...] = ()
    links: tuple[str, ...] = ()
    key: str = ""
    said: str = ""


def parse(raw: bytes, whole: bool = True) -> Back:
    """Take a message apart. :param whole: False: ``raw`` holds its headers only."""
    digest = hashlib.sha256(raw).hexdigest()
    if whole and _bounded(raw):
        try:
            message = message_from_bytes(raw)
            return _read(message, list(_parts(message)), digest)
        except Exception as error:  # one that a library stumbles over must not stop those after it
            log.warning("mail: a message that came back could not be read (%s)", type(error).__name__)
    heads = re.split(rb"\r?\n\r?\n", raw[:MAX_HEADS], maxsplit=1)[0]
    message = BytesHeaderParser().parsebytes(heads + b"\n\n")
    return Back("unread", _recipients(message), key=_key(message, digest), said=header(message, "Subject"))


def _bounded(raw: bytes) -> bool:
    """Whether the library takes it apart in about a second: it takes the square of a long ``Content-Type``."""
    plain = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lower()
    lines = plain.count(b"\n")
    if lines > MAX_LINES or lines * plain.count(b"boundary") > MAX_WORK:
        return False
    return all(one.end() - one.start() <= MAX_VALUE for one in _FIELD.finditer(plain))


def _read(message: Message, parts: list[Message], digest: str) -> Back:
    to, key, said = _recipients(message), _key(message, digest), header(message, "Subject")
    inside = _enclosed(parts)
    if complaint := next((one for one in parts if one.get_content_type() == _COMPLAINT), None):
        return _complaint(complaint, inside, to, key, said)
    proofs = to + _proofs(inside)
    reports = [one for one in parts if one.get_content_type() in _REPORTS]
    text = _text(parts)
    if reports:
        fates = tuple(fate for one in reports for fate in _fates(one, text))[:MAX_BLOCKS]
        return Back("report" if fates else "unread", proofs, fates, key=key, said=said)
    if said.strip().lower() == LEAVE:
        return Back("leave", to, key=key, said=said)
    automatic, daemon = _automatic(message), bool(_DAEMON.search(header(message, "From")))
    if fates := _named_failures(message, text):  # first: Exim marks its reports as automatic answers
        return Back("report", proofs, fates, key=key, said=said)
    if automatic and not daemon:
        return Back("automatic", to, key=key, said=said)
    if fates := _old_fashioned(message, text, daemon):
        return Back("report", proofs, fates, key=key, said=said)
    return Back("automatic" if automatic else "unread", to, key=key, said=said)


def _parts(message: Message) -> Iterator[Message]:
    """All parts, enclosed messages included once, in their order."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting[:0] = [one for one in inner if isinstance(one, Message)]


# --- of which delivery --------------------------------------------------------------------------------------------


def _recipients(message: Message) -> tuple[str, ...]:
    return _addresses(message, *_TO)[:100]


def _addresses(message: Message, *names: str) -> tuple[str, ...]:
    """What looks like an address in some headers, each once. A value with bytes beyond ASCII is no ``str`` until one
    asks."""
    values = (value for name in names for value in message.get_all(name, [])[:MAX_VALUES])
    return tuple(dict.fromkeys(one for value in values for one in _ADDRESS.findall(str(value)[:MAX_VALUE])))


def _enclosed(parts: list[Message]) -> Message | None:
    """The headers of the letter that came back, if the report has them."""
    for one in parts:
        if one.get_content_type() not in _ENCLOSED:
            continue
        inner = one.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return inner[0]
        raw = one.get_payload(decode=True)
        return BytesHeaderParser().parsebytes(raw[:MAX_HEADS]) if isinstance(raw, bytes) else None
    return None


def _proofs(inside: Message | None) -> tuple[str, ...]:
    if inside is None:
        return ()
    return _addresses(inside, "Return-Path")


def _key(message: Message, digest: str) -> str:
    named = header(message, "Message-ID").strip() or digest
    sender = header(message, "From")
    return hashlib.sha256(f"{named}\x00{sender}".encode("utf-8", "surrogatepass")).hexdigest()


# --- reports ------------------------------------------------------------------------------------------------------


def _fates(report: Message, text: str) -> Iterator[Fate]:
    """The recipients of a delivery report. Some servers write all fields in one block, some encode the part."""
    inner = report.get_payload()
    if isinstance(inner, list):
        blocks = [one for one in inner if isinstance(one, Message)]
        if (coding := header(report, "Content-Transfer-Encoding").lower()) in ("base64", "quoted-printable"):
            # The library reads blocks without decoding them: such a part may not be encoded (RFC 2046 §5.2), but is.
            written = "\n".join(one.as_string() for one in blocks[:MAX_BLOCKS]).strip().encode("utf-8", "replace")
            raw = base64.b64decode(written, validate=False) if coding == "base64" else quopri.decodestring(written)
            blocks = _blocks(raw)
    else:
        plain = report.get_payload(decode=True)
        blocks = _blocks(plain) if isinstance(plain, bytes) else []
    for block in _split(blocks[:MAX_BLOCKS]):
        if block.get("Final-Recipient") or block.get("Original-Recipient") or block.get("Action"):
            yield _fate(block, text)


def _blocks(raw: bytes) -> list[Message]:
    found = re.split(r"\r?\n\s*\r?\n", raw.decode("utf-8", "replace"), maxsplit=MAX_BLOCKS)
    return [message_from_string(one) for one in found[:MAX_BLOCKS]]


def _split(blocks: list[Message]) -> Iterator[Message]:
    """One block for each recipient: without an empty line between two, a second Final-Recipient begins one."""
    for block in blocks:
        if len(block.get_all("Final-Recipient", [])) < 2:
            yield block
            continue
        current = Message()
        for name, value in islice(block.items(), MAX_FIELDS):
            if name.lower() in ("final-recipient", "action") and name in current:
                yield current
                current = Message()
            current[name] = value
        yield current


def _fate(block: Message, text: str) -> Fate:
    diagnostic = header(block, "Diagnostic-Code")
    status = status_in(header(block, "Status")) or status_in(diagnostic)
    own = status_in(diagnostic)
    if status[1:] in (".0.0", "") and own[1:] not in (".0.0", ""):
        status = own  # "5.0.0" says nothing; what the other server wrote does
    if status[1:] in (".0.0", "") and (found := status_in(text))[1:] not in (".0.0", ""):
        status = found if found[:1] == (status[:1] or found[:1]) else status
    named = [_plain(header(block, name)) for name in ("Original-Recipient", "Final-Recipient")]
    action = _action(header(block, "Action"), status)
    return Fate(tuple(dict.fromkeys(one for one in named if one)), action, status, diagnostic or text[:2000])


def _action(written: str, status: str) -> str:
    """The action; where nobody wrote one, what the code means. "" for neither."""
    word = re.match(r"[a-z]+", written.strip().lower())
    if word:
        return word[0]
    return {"5": "failed", "4": "delayed", "2": "delivered"}.get(status[:1], "")


def _plain(field: str) -> str:
    """The address of ``rfc822; marie@lilas.example`` (or ``utf-8;``, or without a type). "" for one that is none of the
    internet: X.400 (``/c=FR/a=…``), a fax."""
    kind, mark, rest = field.partition(";")
    if mark and kind.strip().lower() not in ("rfc822", "utf-8", "utf8", "smtp", "internet"):
        return ""
    found = _ADDRESS.search(rest if mark else field)
    return found[0].lower().rstrip(".") if found else ""


# --- those without a report ---------------------------------------------------------------------------------------


def _named_failures(message: Message, text: str) -> tuple[Fate, ...]:
    """The recipients that Exim names in a header of its own."""
    failed = dict.fromkeys(one.lower() for one in _addresses(message, "X-Failed-Recipients"))
    return tuple(_worded((one,), text) for one in islice(failed, MAX_BLOCKS))


def _old_fashioned(message: Message, text: str, daemon: bool) -> tuple[Fate, ...]:
    """A failure that is only written in words: qmail, old Exchange. Nothing for a message of a person; that of an
    absence has an empty Return-Path too (RFC 3834 §3.3), which therefore proves nothing.

    :param daemon: it says that a mail server wrote it.
    """
    if not daemon and message.get_content_type() != "multipart/report":
        return ()
    if text.lstrip().startswith("Hi. This is the") or _FAILED_TEXT.search(f"{header(message, 'Subject')}\n{text}"):
        return (_worded((), text),)
    return ()


def _worded(recipients: tuple[str, ...], text: str) -> Fate:
    about = text[:4000]
    if recipients and recipients[0] in (lower := text.lower()):
        at = lower.index(recipients[0])
        about = text[at : at + 2000]
    status = status_in(about) or status_in(text[:4000])
    delayed = status.startswith("4") and not re.search(r"gave up|giving up|expir|too long|abandon", text, re.I)
    return Fate(recipients, "delayed" if delayed else "failed", status, about)


def _text(parts: list[Message]) -> str:
    """What is written for people, up to the letter that a server appended to it."""
    found = []
    for one in parts:
        if one.get_content_type() == "text/plain" and one.get_content_disposition() != "attachment":
            data = one.get_payload(decode=True)
            if isinstance(data, bytes):
                found.append(decoded(data[: 4 * MAX_TEXT], str(one.get_content_charset() or "")))
    return _own_words("\n".join(found)[:MAX_TEXT].split("\n"))


def _own_words(lines: Iterable[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if kept and line.startswith("--") and _APPENDED.search(line[:200]):
            break
        kept.append(line)
    return "\n".join(kept)


def _automatic(message: Message) -> bool:
    """An absence, an acknowledgement (RFC 3834)."""
    submitted = header(message, "Auto-Submitted").lower().split(";")[0].strip()
    bulk = header(message, "Precedence").lower() in ("bulk", "junk", "auto_reply", "auto-reply")
    suppress = header(message, "X-Auto-Response-Suppress").lower() not in ("", "none")
    marked = (
        any(message.get(name) for name in _AUTOMATIC)
        or message.get_content_type() == "message/disposition-notification"
    )
    read = str(message.get_param("report-type", "")).lower() == "disposition-notification"
    return submitted not in ("", "no") or bulk or suppress or marked or read or bool(
        _AWAY.match(header(message, "Subject")))  # fmt: skip


# --- complaints ---------------------------------------------------------------------------------------------------


def _complaint(part: Message, inside: Message | None, to: tuple[str, ...], key: str, said: str) -> Back:
    """RFC 5965. ``not-spam`` and reports about signatures complain of nothing."""
    fields = _fields(part)
    kind = header(fields, "Feedback-Type").lower() or "abuse"
    if kind in ("not-spam", "auth-failure", "dmarc", "virus"):
        return Back("automatic", to, key=key, said=said)
    named = _addresses(fields, "Original-Mail-From")
    links = re.findall(r"<([^<>]+)>", header(inside, "List-Unsubscribe")) if inside is not None else []
    proofs = (*to, *named, *_proofs(inside))
    return Back("complaint", proofs, (Fate((), "complaint", "", kind),), tuple(links[:10]), key, said)


def _fields(part: Message) -> Message:
    """The fields of the report, whether the library saw a message in it or plain text."""
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        return inner[0]
    raw = part.get_payload(decode=True)
    return BytesHeaderParser().parsebytes(raw[:MAX_HEADS] if isinstance(raw, bytes) else b"")
