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
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.parser import BytesHeaderParser

from feeds.newsletter.bounces.judging import status_in
from reseau.threads.answering.charsets import decoded
from reseau.threads.answering.reading import header

log = logging.getLogger(__name__)
MAX_PARTS, MAX_LINES, MAX_TEXT = 100, 200_000, 100_000
MAX_BLOCKS = 500  # recipients of one report
MAX_HEADS = 256 * 1024
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_COMPLAINT = "message/feedback-report"
_ENCLOSED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_TO = ("Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To", "To")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:'\"]+@[^\s<>()\[\],;:'\"]+")
_DAEMON = re.compile(r"(mailer-?daemon|postmaster|mail-?system|mdaemon|mail delivery)", re.I)
_FAILED_TEXT = re.compile(
    r"could ?n.t be delivered|could not be delivered|wasn.t able to deliver|was not able to deliver|undeliver|"
    r"delivery (?:has )?failed|delivery to the following recipients? failed|failed (?:permanently|to deliver)|"
    r"returned to sender|permanent (?:fatal )?error|message not delivered|"
    r"(?:n.a|n.ont|n.a pas|ne peut|n.a pu|impossible).{0,30}(?:remis|d[ée]livr|distribu|achemin)|"
    r"[ée]chec (?:de la |de )?(?:remise|distribution|livraison)|non (?:remis|distribu[ée]|d[ée]livr[ée])",
    re.I | re.S,
)
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
    """A message that came back. ``kind``: ``report``, ``complaint``, ``automatic``, ``unread``. ``to``: texts that may
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
    if whole and raw.count(b"\n") <= MAX_LINES:
        try:
            message = message_from_bytes(raw)
            return _read(message, list(_parts(message)), digest)
        except Exception as error:  # one that a library stumbles over must not stop those after it
            log.warning("mail: a message that came back could not be read (%s)", type(error).__name__)
    heads = re.split(rb"\r?\n\r?\n", raw[:MAX_HEADS], maxsplit=1)[0]
    message = BytesHeaderParser().parsebytes(heads + b"\n\n")
    return Back("unread", _recipients(message), key=_key(message, digest), said=header(message, "Subject"))


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
    if fates := _old_fashioned(message, text):
        return Back("report", proofs, fates, key=key, said=said)
    return Back("automatic" if _automatic(message) else "unread", to, key=key, said=said)


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
    found = [address for name in _TO for value in message.get_all(name, [])[:20]
             for address in _ADDRESS.findall(str(value)[:4000])]  # fmt: skip
    return tuple(dict.fromkeys(found))[:100]


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
    named = [str(value)[:4000] for value in inside.get_all("Return-Path", [])[:5]]
    return tuple(address for value in named for address in _ADDRESS.findall(value))


def _key(message: Message, digest: str) -> str:
    named = header(message, "Message-ID").strip() or digest
    sender = header(message, "From")
    return hashlib.sha256(f"{named}\x00{sender}".encode()).hexdigest()


# --- reports ------------------------------------------------------------------------------------------------------


def _fates(report: Message, text: str) -> Iterator[Fate]:
    """The recipients of a delivery report. Some servers write all fields in one block, some encode the part."""
    inner = report.get_payload()
    if isinstance(inner, list):
        blocks = [one for one in inner if isinstance(one, Message)]
        if (coding := header(report, "Content-Transfer-Encoding").lower()) in ("base64", "quoted-printable"):
            # The library reads blocks without decoding them: such a part may not be encoded (RFC 2046 §5.2), but is.
            written = "\n".join(one.as_string() for one in blocks).strip().encode("utf-8", "replace")
            raw = base64.b64decode(written, validate=False) if coding == "base64" else quopri.decodestring(written)
            blocks = _blocks(raw)
    else:
        plain = report.get_payload(decode=True)
        blocks = _blocks(plain) if isinstance(plain, bytes) else []
    for block in _split(blocks[:MAX_BLOCKS]):
        if block.get("Final-Recipient") or block.get("Original-Recipient") or block.get("Action"):
            yield _fate(block, text)


def _blocks(raw: bytes) -> list[Message]:
    return [message_from_string(one) for one in re.split(r"\r?\n\s*\r?\n", raw.decode("utf-8", "replace"))]


def _split(blocks: list[Message]) -> Iterator[Message]:
    """One block for each recipient: without an empty line between two, a second Final-Recipient begins one."""
    for block in blocks:
        if len(block.get_all("Final-Recipient", [])) < 2:
            yield block
            continue
        current = Message()
        for name, value in block.items():
            if name.lower() in {one.lower() for one in current} and name.lower() in ("final-recipient", "action"):
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


def _old_fashioned(message: Message, text: str) -> tuple[Fate, ...]:
    """A failure that is only written in words: Exim, qmail, old Exchange. Nothing for a message of a person."""
    failed = [one.lower() for value in message.get_all("X-Failed-Recipients", []) for one in _ADDRESS.findall(value)]
    if failed:
        return tuple(_worded((one,), text) for one in dict.fromkeys(failed[:MAX_BLOCKS]))
    empty = any(str(one).strip() == "<>" for one in message.get_all("Return-Path", []))
    if not (empty or _DAEMON.search(header(message, "From")) or message.get_content_type() == "multipart/report"):
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
    text = "\n".join(found)[:MAX_TEXT]
    return re.split(
        r"\n-{2,}[^\n]*(?:copy of the message|original message|message d.origine|headers)", text, flags=re.I
    )[0]


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
    named = [
        one for value in fields.get_all("Original-Mail-From", [])[:5] for one in _ADDRESS.findall(str(value)[:4000])
    ]
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
