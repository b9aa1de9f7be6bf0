"""A letter: what a mail says, before it is text, HTML and headers.

One sober layout. Styles are inline because mail programs drop style sheets; there is no image and no tracker, so a
letter tells nobody that it was read. Text and HTML say the same. All that is put into HTML is escaped, and no value
can begin a header of its own (``one_line``).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from html import escape
from typing import Any, Protocol
from uuid import UUID

from reseau.core.wording import direction
from reseau.settings import Settings

WIDTH = 76  # columns of the text: quoted twice, it still fits in 80 (RFC 3676 §4.2)


class _Whole(UnstructuredHeader):
    """A header of ours that holds one address without a space. Longer than a line, the standard library would make
    encoded words of it, which no mail program reads there (RFC 2047 §5: not in a "<…>")."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        """On one line, however long: at most 998 characters, and ours are under 400."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("list-unsubscribe", "references", "in-reply-to"):
    _HEADERS.map_to_type(_name, _Whole)  # type: ignore[arg-type]
#: Bodies travel in 7 bits: not every relay says 8BITMIME, and ``smtplib`` would not ask.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
REPLY_TO = "Reply-To"
#: Headers that are ours to write, whatever a caller gives. RFC 5322 §3.6, RFC 2045, RFC 3834.
RESERVED = frozenset(
    ("from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "content-type",
     "content-transfer-encoding", "content-language", "auto-submitted", "reply-to", "return-path", "received")
)  # fmt: skip
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
#: One address, with or without a name. Quoted local parts are left out: nobody has one, and they hide tricks.
_ATOM = r"[^\s<>()\[\],;:\\\"@]+"
_ADDRESS = re.compile(rf"(?:(?P<name>[^<>]*)<)?(?P<local>{_ATOM})@(?P<domain>{_ATOM})(?(name)>)")


class Link(str):
    """An address of ours, to be clicked. What people write is never one, even if it looks like an address: a name that
    is ``https://…`` must not become a link in a mail that we sign.
    """

    __slots__ = ()


class Written(str):
    """What somebody wrote, in their own language: a paragraph, or the heading of a letter.

    :ivar lang: its language tag. :ivar dir: ``rtl`` or ``ltr``. :ivar heads: shown as a heading, not as a quotation.
    """

    __slots__ = ("dir", "heads", "lang")
    lang: str
    dir: str
    heads: bool

    def __new__(cls, text: str, lang: str, dir: str, *, heads: bool = False) -> Written:
        made = super().__new__(cls, text)
        made.lang, made.dir, made.heads = lang, dir, heads
        return made


class Go(str):
    """A paragraph that is a link of ours: its words, and the address to which they lead."""

    __slots__ = ("url",)
    url: str

    def __new__(cls, text: str, url: str) -> Go:
        made = super().__new__(cls, text)
        made.url = url
        return made


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in the language ``lang``, already translated; plain text everywhere.

    :param kind: what sort of letter, for the desk (``invitation``). :param paragraphs: a newline breaks the line; a
        :class:`Written` keeps its own language and direction, a :class:`Go` is a link.
    :param facts: (label, value) pairs, a short list after the paragraphs; a value that is a :class:`Link` can be
        clicked. :param button: (label, address).
    :param after: paragraphs below the button. :param why: why the reader receives this. :param foot: links in small
        type, last of all: how to stop. :param heading: instead of the subject, on top of the HTML.
    :raises ValueError: the address of the button is not an absolute http(s) one.
    """

    kind: str
    lang: str
    subject: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None = None
    after: tuple[str, ...] = ()
    why: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    foot: tuple[Go, ...] = ()
    heading: str = ""

    def __post_init__(self) -> None:
        if self.button and not re.fullmatch(r"https?://\S+", self.button[1]):
            raise ValueError(f"the button of a letter {self.kind!r} has no absolute web address")


@dataclass(frozen=True, slots=True)
class Site:
    """Who writes. :param url: without a slash at the end. :param sender: ``Name <address>``. :param secret: signs the
    links that stop mails; "": a letter has none."""

    name: str
    url: str
    sender: str
    secret: str = field(default="", repr=False, compare=False)

    @classmethod
    def of(cls, settings: Settings) -> Site:
        """The site that ``settings`` describe."""
        return cls(settings.site_name, settings.public_url.rstrip("/"), settings.mail_from, settings.secret)


class Queued(Protocol):
    """What :func:`as_message` reads of a stored mail (``core.mail.Mail``)."""

    id: Any
    recipient: Any
    lang: Any
    subject: Any
    text: Any
    html: Any
    headers: Any
    created_at: Any
    claimed_at: Any


def one_line(text: str) -> str:
    """``text`` on one line without control characters: nothing in it can end a header."""
    return " ".join(_CONTROL.sub(" ", text).split())


# --- as text ------------------------------------------------------------------------------------------------


def as_text(letter: Letter, site_name: str, site_url: str) -> str:
    """The letter as plain text, at most 76 columns wide; an address is never broken, however long."""
    blocks = [_text(paragraph, letter.lang) for paragraph in letter.paragraphs]
    if letter.facts:
        colon = _colon(letter.lang)
        blocks.append("\n".join(_wrap(f"- {k}{colon}{one_line(v)}", "  ") for k, v in letter.facts))
    if letter.button:
        label, url = letter.button
        blocks.append(f"{_wrap(label + _colon(letter.lang).rstrip())}\n{url}")
    blocks += [_text(paragraph, letter.lang) for paragraph in letter.after]
    foot = [one_line(site_name), site_url, *([_wrap(letter.why)] if letter.why else [])]
    foot += [_text(link, letter.lang) for link in letter.foot]
    # "-- " with its space is how mail programs know a signature (RFC 3676 §4.3).
    return "\n\n".join(blocks) + "\n\n-- \n" + "\n".join(foot) + "\n"


def _text(paragraph: str, lang: str) -> str:
    if isinstance(paragraph, Go):
        return f"{_wrap(one_line(paragraph) + _colon(lang).rstrip())}\n{paragraph.url}"
    if isinstance(paragraph, Written) and paragraph.heads:
        return _wrap(f"* {one_line(paragraph)}")
    return _wrap(paragraph)


def _wrap(text: str, indent: str = "") -> str:
    """Each line of ``text`` wrapped; only spaces break, so that no-break spaces and addresses stay whole."""
    return "\n".join(_fill(line, indent) for line in text.splitlines())


def _fill(line: str, indent: str) -> str:
    if len(line) <= WIDTH and "\t" not in line and not line[-1:].isspace():
        return line  # as it would be: most lines are short, and ``textwrap`` is slow
    return textwrap.fill(
        line, WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent, expand_tabs=False
    )


def _colon(lang: str) -> str:
    return "\u00a0: " if lang == "fr" else ": "


# --- as HTML ------------------------------------------------------------------------------------------------

# The colours of the site's style sheet; each text has a contrast over 7:1 on its ground.
_BODY = (
    "margin:0;padding:0;background:#faf6ef;color:#1f1d33;"
    "font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5"
)
_SHEET = "max-width:36em;margin:0 auto;padding:24px 16px"
_CARD = "background:#ffffff;border:1px solid #d9cfc2;border-radius:6px;padding:24px"
_BUTTON = (
    "display:inline-block;background:#2b2a6b;color:#ffffff;padding:12px 20px;border-radius:6px;"
    "font-weight:bold;text-decoration:underline"
)
_WRITTEN = "border-inline-start:3px solid #d9cfc2;padding-inline-start:12px;overflow-wrap:anywhere"
_TITLE = "margin:24px 0 8px;font-size:18px;line-height:1.3"
_SMALL = "font-size:14px;color:#474257"
_LINK = "color:#2d2b86;overflow-wrap:anywhere"


def as_html(letter: Letter, site_name: str, site_url: str) -> str:
    """The letter as an HTML page: inline styles, no image, no script, its language and direction said."""
    where = f'lang="{escape(letter.lang)}" dir="{direction(letter.lang)}"'
    title, name = escape(one_line(letter.subject)), escape(one_line(site_name))
    parts = [_paragraph(text) for text in letter.paragraphs]
    parts += _facts_html(letter) + _button_html(letter)
    parts += [_paragraph(text) for text in letter.after]
    why = "\n".join(_paragraph(text, _SMALL) for text in (letter.why, *letter.foot) if text)
    heading = letter.heading if isinstance(letter.heading, Written) else one_line(letter.heading or letter.subject)
    body = "\n".join(parts)
    # The attributes are on an inner element too: web mails keep only what is inside <body>.
    return f"""<!DOCTYPE html>
<html {where}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body style="{_BODY}">
<div {where} style="{_SHEET}">
<p style="margin:0 0 16px;font-weight:bold">{name}</p>
<div style="{_CARD}">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3"{_own(heading)}>{escape(one_line(heading))}</h1>
{body}
</div>
<div style="padding:16px 0">
<p style="margin:0 0 8px;{_SMALL}">{name}<br>{_link(site_url)}</p>
{why}
</div>
</div>
</body>
</html>
"""


def _own(text: str) -> str:
    """The attributes of what somebody wrote: its language and direction."""
    return f' lang="{escape(text.lang)}" dir="{escape(text.dir)}"' if isinstance(text, Written) else ""


def _paragraph(text: str, style: str = "") -> str:
    if isinstance(text, Go):
        link = f'<a href="{escape(text.url)}" style="{_LINK}">{escape(one_line(text))}</a>'
        return f'<p style="margin:0 0 8px;{style}">{link}</p>'
    if isinstance(text, Written) and text.heads:
        return f'<h2 style="{_TITLE}"{_own(text)}>{escape(one_line(text))}</h2>'
    if isinstance(text, Written):
        lines = "<br>\n".join(escape(line) for line in text.splitlines())
        return f'<blockquote style="margin:0 0 16px;{_WRITTEN}"{_own(text)}>{lines}</blockquote>'
    lines = "<br>\n".join(escape(line) for line in text.splitlines())
    return f'<p style="margin:0 0 16px;{style}">{lines}</p>'


def _link(url: str) -> str:
    # An address reads left to right, in an Arabic letter too.
    return f'<a href="{escape(url)}" dir="ltr" style="{_LINK}">{escape(url)}</a>'


def _facts_html(letter: Letter) -> list[str]:
    if not letter.facts:
        return []
    colon = escape(_colon(letter.lang))
    rows = [f"<li><strong>{escape(one_line(k))}{colon}</strong>{_fact_html(v)}</li>" for k, v in letter.facts]
    return ['<ul style="margin:0 0 16px;padding-inline-start:20px">', *rows, "</ul>"]


def _fact_html(value: str) -> str:
    return _link(value) if isinstance(value, Link) else escape(one_line(value))


def _button_html(letter: Letter) -> list[str]:
    if not letter.button:
        return []
    label, url = letter.button
    return [
        f'<p style="margin:24px 0 8px"><a href="{escape(url)}" style="{_BUTTON}">{escape(one_line(label))}</a></p>',
        f'<p style="margin:0 0 24px;{_SMALL}">{_link(url)}</p>',
    ]


# --- as a message -------------------------------------------------------------------------------------------


def as_message(mail: Queued, sender: str, reply_to: str | None = None) -> EmailMessage:
    """The stored mail as a message: text and HTML, always with the same ``Message-ID``.

    A mail that had to be sent twice can thus be recognised by who receives it. ``Date`` is the moment of this
    sending (``claimed_at``), else that of writing: a letter that waited for its day would look forged otherwise.

    :param sender: ``Name <address>``. :param reply_to: the same form; else the stored header ``Reply-To``.
    :raises ValueError: no mail can be made of it: an address that is none, a header that is not one or is ours.
    """
    message = EmailMessage(policy=POLICY)
    from_ = address(sender)
    message["From"] = from_
    message["To"] = address(mail.recipient)
    message["Subject"] = one_line(mail.subject)
    moment: datetime = mail.claimed_at or mail.created_at
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = message_id(mail.id, from_)
    message["Auto-Submitted"] = "auto-generated"
    headers = dict(mail.headers)
    stored = headers.pop(REPLY_TO, None)
    if answers := reply_to or stored:
        message[REPLY_TO] = address(answers)
    _add_headers(message, headers)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for part in (message, *message.iter_parts()):  # now: add_alternative moves what begins with "Content-" away
        part["Content-Language"] = one_line(mail.lang)
    return message


def message_id(id_: UUID, sender: Address) -> str:
    """``<id@domain of the sender>``: the id is unique, the domain is ours."""
    return f"<{id_}@{sender.domain}>"


def address(text: str) -> Address:
    """``Name <local@domain>`` or ``local@domain``, taken apart; a domain with accents becomes its ``xn--`` form.

    :raises ValueError: it is not one address, or holds a control character.
    """
    found = None if _CONTROL.search(text) else _ADDRESS.fullmatch(text.strip())
    if not found:
        raise ValueError("not one mail address")  # without it: this ends in the logs
    name, domain = (found["name"] or "").strip().strip('"'), found["domain"]
    return Address(name, found["local"], domain if domain.isascii() else domain.encode("idna").decode("ascii"))


def _add_headers(message: EmailMessage, headers: Mapping[str, Any]) -> None:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in RESERVED:
            raise ValueError(f"not a header that a letter may have: {name!r}")
        message[name] = one_line(str(value))
