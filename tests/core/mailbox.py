"""A real SMTP server on this machine, and the outbox as a table to look into."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from sqlalchemy.orm import sessionmaker

from reseau.core.db import ReseauSession
from reseau.core.letters import Letter, Site
from reseau.core.mail import Mail, queue
from reseau.core.mail_delivery import SmtpTransport, deliver
from tests.conftest import TUESDAY, StillClock

SITE = Site("Réseau de Roubaix", "http://reseau.example", "Réseau <non@reseau.example>")
LETTER = Letter("test", "fr", "Été à Roubaix", ("Bonjour à vous.",), ("Ouvrir", "http://reseau.example/x"))
MINUTE = timedelta(minutes=1)

Sessions = sessionmaker[ReseauSession]


class Inbox:
    """A mail server that does as it is told: ``rcpt`` and ``data`` give the answer for an address."""

    def __init__(self) -> None:
        self.received: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self.rcpt: Callable[[str], str] = lambda _address: "250 OK"
        self.data: Callable[[str], str] = lambda _address: "250 OK"
        self.cut_after_data = False
        self.hang_at = ""
        self.hanging, self.release = threading.Event(), threading.Event()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller: Controller | None = None

    def start(self, **options: Any) -> Inbox:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        return self

    def stop(self) -> None:
        self.release.set()
        if self._controller:
            self._controller.stop()
        self._controller = None

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.received]

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.connections += not hasattr(_session, "counted")
        _session.counted = True
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        answer = self.rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        await self._maybe_hang("rcpt", address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        (address,) = envelope.rcpt_tos
        answer = self.data(address)
        if self.cut_after_data:
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.received.append((address, message))  # type: ignore[arg-type]
        await self._maybe_hang("data", address)
        return answer

    async def _maybe_hang(self, step: str, address: str) -> None:
        if self.hang_at == f"{step} {address}":
            self.hanging.set()
            while not self.release.is_set():
                await asyncio.sleep(0.01)


def fill(sessions: Sessions, *names: str, **options: Any) -> None:
    with sessions.begin() as session:
        for name in names:
            assert queue(session, LETTER, f"{name}@ici.example", site=SITE, now=TUESDAY, **options)


def rows(sessions: Sessions) -> dict[str, Mail]:
    """The outbox by the first part of the address."""
    with sessions() as session:
        return {mail.recipient.partition("@")[0]: mail for mail in session.scalars(sa.select(Mail).order_by(Mail.id))}


def states(sessions: Sessions) -> dict[str, str]:
    return {name: mail.state for name, mail in rows(sessions).items()}


def send(sessions: Sessions, url: str, clock: StillClock, **options: Any) -> Counter[str]:
    return deliver(sessions, SmtpTransport(url), SITE, clock, **options)
