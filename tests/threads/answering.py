"""What tests of answers by mail stand on: a notice that somebody got, mails that answer it, the mails sent back."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.core.mail import Mail
from reseau.notices.models import Notice
from reseau.settings import Settings
from reseau.threads.answering.office import Office, Outcome
from reseau.threads.answering.services import receive
from reseau.threads.base import replies
from reseau.threads.base.models import Thread
from tests.threads.conftest import Talk

MAILS = Path(__file__).parent / "mails"
_numbers = itertools.count(1)


class Answering:
    """Answers by mail to the threads of ``talk``."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.settings: Settings = replace(talk.site.settings, mail_replies="reponses@reseau.example")
        self.office = Office(talk.site.sessions, self.settings, talk.site.clock)

    def notice(self, thread: Thread, who: UUID) -> UUID:
        """That somebody was told of something in a thread."""
        with self.talk.site.sessions() as session:
            made = Notice(person_id=who, kind="reply", reason="follows", object_kind="post", object_id=new_id(),
                          about_kind="thread", about_id=thread.id, at=self.talk.tick())  # fmt: skip
            session.add(made)
            session.commit()
            return made.id

    def token(self, thread: Thread, who: UUID) -> str:
        """What an address holds that they got in a mail about a thread."""
        return replies.token(self.settings.secret, self.notice(thread, who))

    def person(self, **more: Any) -> Any:
        """Somebody new of the place "ici": nobody else counts their mails."""
        more.setdefault("member_of", [self.talk.places["ici"]])
        return self.talk.person(**more)

    def receive(self, raw: bytes, *recipients: str) -> Outcome:
        """The mail comes in."""
        self.talk.tick()
        return receive(self.office, raw, recipients)

    def mails_to(self, person: Any) -> list[Mail]:
        """What waits to be sent to somebody."""
        with self.talk.site.sessions() as session:
            return list(
                session.scalars(sa.select(Mail).where(Mail.recipient == person.email).order_by(Mail.created_at))
            )


def fixture(name: str, token: str = "x", sender: str = "marie@lilas.example", fresh: bool = True) -> bytes:
    """A mail of the folder ``mails``, as if somebody had written it. :param fresh: with a Message-ID of its own."""
    raw = (MAILS / f"{name}.eml").read_bytes()
    if fresh:
        raw = raw.replace(b"Message-ID: <", f"Message-ID: <{next(_numbers)}.".encode(), 1)
    return raw.replace(b"@@TOKEN@@", token.encode()).replace(b"@@FROM@@", sender.encode())


def plain(token: str, sender: str, text: str, *, name: str = "", headers: str = "", charset: str = "utf-8") -> bytes:
    """A mail of one text."""
    name = name or f"plain{next(_numbers)}@lilas.example"
    head = (
        f"From: Quelqu'un <{sender}>\r\nTo: <reponses+{token}@reseau.example>\r\nSubject: Re: x\r\n"
        f"Message-ID: <{name}>\r\nMIME-Version: 1.0\r\n{headers}"
    )
    kind = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (head + kind).encode() + text.encode(charset)


def with_files(token: str, sender: str, text: str, *files: tuple[str, bytes], html: str = "", more: str = "") -> bytes:
    """A mail with files. :param more: more headers of their parts."""
    import base64

    parts = [f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()]
    if html:
        parts.append(f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}".encode())
    for name, data in files:
        head = f'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        parts.append(f"{more or head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(data))
    body = b"".join(b"--limite\r\n" + part + b"\r\n" for part in parts) + b"--limite--\r\n"
    head = (
        f"From: <{sender}>\r\nTo: <reponses+{token}@reseau.example>\r\nSubject: Re: x\r\nMIME-Version: 1.0\r\n"
        f'Message-ID: <files{next(_numbers)}@lilas.example>\r\nContent-Type: multipart/mixed; boundary="limite"\r\n\r\n'
    )
    return head.encode() + body
