"""From an issue frozen in a language to the bytes that one reader receives.

An issue is made once into a template: header fields that never change, and a body in base64 of which only the few lines
that hold the reader's own address are made anew for each. Its length never changes: the address is always as long, so
every line begins where it did. (A standard ``EmailMessage`` for each makes some 700 a second; this, tens of thousands.)

Bodies are base64: no line over 76 characters, none that begins with a dot, no byte over 127 for a relay to break.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from feeds.newsletter import links
from feeds.newsletter.composing.addresses import subscribe_url
from feeds.newsletter.content import CODE, LEAVE, Composed
from feeds.newsletter.models import Edition
from feeds.newsletter.sending.dkim import Field, Signer, signer_of
from reseau.core.letters import POLICY, address, one_line
from reseau.settings import Settings

_LINE = 57  # bytes of a line of base64 of 76 characters
_TOKEN = b"\0" * 2 * links.KEY
"""Where the token of a reader goes; what people write holds no NUL."""


@dataclass(frozen=True, slots=True)
class House:
    """Who sends. ``url``: of the site, without a slash at its end. ``bounces``: address to which letters come back, as
    (before the @, after it), or None: nobody reads one. :ivar signer: signs, or None."""

    url: str
    sender: Address
    secret: str = field(repr=False)
    bounces: tuple[str, str] | None
    signer: Signer | None

    @classmethod
    def of(cls, settings: Settings) -> House:
        """From the settings. :raises ValueError: the sender is no address, the key of the signature is none."""
        sender = address(settings.letter_from or settings.mail_from)
        local, _, domain = settings.letter_bounces.rpartition("@")
        return cls(
            url=settings.public_url.rstrip("/"), sender=sender, secret=settings.secret,
            bounces=(local, domain) if local and domain else None, signer=signer_of(settings, sender.domain),
        )  # fmt: skip

    def envelope_sender(self, delivery_id: UUID) -> str:
        """Where what cannot be delivered comes back: an address for each delivery, so that nobody has to guess."""
        if not self.bounces:
            return self.sender.addr_spec
        local, domain = self.bounces
        return f"{local}+{links.of_bounce(self.secret, delivery_id)}@{domain}"


@dataclass(frozen=True, slots=True)
class Reader:
    """To whom. ``email``: as stored. ``key``: of their links."""

    delivery_id: UUID
    email: str
    key: str


class Template:
    """An issue in a language, for an edition. Any number of threads may use it at once.

    :param relay_code: of the relay that it is sent to, in the relays' edition; "" for the address that is nobody's.
    :ivar subject: of the mail.
    """

    def __init__(self, house: House, composed: Composed, edition: Edition, relay_code: str = "") -> None:
        self._house, self._edition = house, edition
        self._public = subscribe_url(house.url, relay_code)
        self._composed, self.subject = composed, one_line(composed.subject)
        digest = hashlib.sha256(f"{composed.lang}\n{composed.subject}\n{composed.html}".encode()).hexdigest()
        self._boundary = f"=_{digest[:32]}"
        self._pieces = self._body()
        self._fixed = self._fixed_fields()
        first = self._pieces[0]
        self._begun = hashlib.sha256(first if isinstance(first, bytes) else b"")

    def message(self, reader: Reader, now: datetime) -> bytes:
        """The message, lines ended by CR LF. :raises ValueError: the address is one that SMTP cannot carry."""
        to = address(reader.email).addr_spec
        if not to.isascii():
            raise ValueError("an address with letters that this mail server cannot carry")
        token = links.of_reader(self._house.secret, reader.key)
        body = [piece if isinstance(piece, bytes) else piece.filled(token.encode()) for piece in self._pieces]
        fields = self._fields(reader, to, token, now)
        head = "".join(f"{name}: {folded}\r\n" for name, _, folded in fields).encode()
        return b"".join([self._signature(fields, body, now), head, b"\r\n", *body])

    def text_for(self, reader: Reader) -> tuple[str, str]:
        """The same as plain text and HTML, for who reads it here (a demonstration)."""
        theirs = self._house.url + links.READER + links.of_reader(self._house.secret, reader.key)
        return self._with(self._composed.text, theirs), self._with(self._composed.html, theirs)

    # --- the body ---------------------------------------------------------------------------------------------

    def _body(self) -> list[bytes | _Changing]:
        start, pieces = f"--{self._boundary}", list[bytes | _Changing]()
        leave = (self._house.url + links.READER).encode() + _TOKEN
        for kind, content in (("plain", self._composed.text), ("html", self._composed.html)):
            head = (
                f"{start}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
                f"Content-Language: {self._composed.lang}\r\n\r\n"
            )
            parts = self._with("\r\n".join(content.replace("\0", "").splitlines()) + "\r\n", "\0").encode().split(b"\0")
            pieces += [head.encode(), *_lines([part + leave for part in parts[:-1]], parts[-1])]
        return _joined([*pieces, f"{start}--\r\n".encode()])

    def _with(self, content: str, theirs: str) -> str:
        """:param theirs: the reader's own address; in the relays' edition nothing is anybody's own."""
        content = content.replace("\0", "")
        if self._edition is Edition.RELAY:
            return content.replace(CODE, self._public).replace(LEAVE, self._public)
        return content.replace(LEAVE, theirs)

    # --- the header -------------------------------------------------------------------------------------------

    def _fixed_fields(self) -> dict[str, tuple[str, str]]:
        """Name → (unfolded value, folded value) of what is the same for everybody."""
        message = EmailMessage(policy=POLICY)
        message["From"] = self._house.sender
        message["Subject"] = self.subject
        found = {}
        for name in ("From", "Subject"):
            folded = POLICY.fold(name, message[name]).removeprefix(f"{name}: ").removesuffix("\r\n")
            found[name] = (folded.replace("\r\n", ""), folded)
        host = self._house.url.partition("://")[2].partition("/")[0].partition(":")[0]
        plain = {
            "List-Id": f"<lettre.{host}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "MIME-Version": "1.0",
            "Content-Language": self._composed.lang,
            "Content-Type": f'multipart/alternative; boundary="{self._boundary}"',
        }
        return found | {name: (value, value) for name, value in plain.items()}

    def _fields(self, reader: Reader, to: str, token: str, now: datetime) -> list[tuple[str, str, str]]:
        """(name, unfolded value, folded value), in the order in which they are written."""
        stable = f"<letter-{reader.delivery_id}@{self._house.sender.domain}>"
        own = {
            "To": to,
            "Date": format_datetime(now),
            "Message-ID": stable,
            "List-Unsubscribe": self._leaving(reader, token),
        }
        names = ["From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe"]
        if self._edition is not Edition.RELAY:
            names.append("List-Unsubscribe-Post")
        names += ["MIME-Version", "Content-Language", "Content-Type"]
        return [(name, *((own[name], own[name]) if name in own else self._fixed[name])) for name in names]

    def _leaving(self, reader: Reader, token: str) -> str:
        """RFC 2369, RFC 8058. A relay's letter is forwarded, sometimes with its header: it holds the page of relays,
        and no button that would unsubscribe the relay. A mail address only if somebody reads what comes there."""
        if self._edition is Edition.RELAY:
            return f"<{self._house.url}/lettre>"
        web = f"<{self._house.url}{links.READER}{token}>"
        if not self._house.bounces:
            return web
        return f"{web}, <mailto:{self._house.envelope_sender(reader.delivery_id)}?subject=unsubscribe>"

    def _signature(self, fields: list[tuple[str, str, str]], body: list[bytes], now: datetime) -> bytes:
        if not self._house.signer:
            return b""
        digest = self._begun.copy()
        for piece in body[1:] if isinstance(self._pieces[0], bytes) else body:
            digest.update(piece)
        signed: list[Field] = [(name, value) for name, value, _ in fields]
        return self._house.signer.header(signed, digest.digest(), now, more=("From", "To", "Subject", "Date"))


class _Changing:
    """Lines of base64 that hold the token of a reader. ``parts``: what is around it."""

    __slots__ = ("parts",)

    def __init__(self, raw: bytes) -> None:
        self.parts = raw.split(_TOKEN)

    def filled(self, token: bytes) -> bytes:
        """Those lines for one reader."""
        return _encoded(token.join(self.parts))


def _lines(before: list[bytes], last: bytes) -> list[bytes | _Changing]:
    """A part as pieces: runs of lines without a token are encoded once and for all."""
    raw = b"".join([*before, last])
    touched, at = set[int](), 0
    for piece in before:
        at += len(piece)
        touched.update(range((at - len(_TOKEN)) // _LINE, (at - 1) // _LINE + 1))
    made: list[bytes | _Changing] = []
    run, of_token = 0, False
    for line in range(-(-len(raw) // _LINE) + 1):
        ends = line * _LINE >= len(raw)
        if ends or (line in touched) != of_token:
            if chunk := raw[run * _LINE : line * _LINE]:
                made.append(_Changing(chunk) if of_token else _encoded(chunk))
            run, of_token = line, line in touched
    return made


def _encoded(raw: bytes) -> bytes:
    whole = b64encode(raw)
    return b"".join(whole[at : at + 76] + b"\r\n" for at in range(0, len(whole), 76))


def _joined(pieces: list[bytes | _Changing]) -> list[bytes | _Changing]:
    made: list[bytes | _Changing] = []
    for piece in pieces:
        if isinstance(piece, bytes) and made and isinstance(made[-1], bytes):
            made[-1] += piece
        else:
            made.append(piece)
    return made
