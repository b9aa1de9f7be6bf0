"""A mail server that behaves as the address of each recipient says; in this process, or in one of its own.

``ok-…``: takes it. ``delay-…``: takes it, slowly. ``rcpt550-``, ``dot554-``: never. ``rcpt450-``, ``dot451-``,
``slow421-``, ``busy47-``: not the first time. ``before-…``: hangs up in the midst of the first try. ``after-…``: takes it, and
hangs up instead of saying so. ``lost-…``: hangs up after the dot without taking it.
What is taken is written to a file before it is said: ``recipient message-id`` lines.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

ONCE = ("rcpt450", "dot451", "slow421", "busy47", "before")


class Book:
    """What was taken and what was tried."""

    def __init__(self, path: Path | None = None) -> None:
        self.file = path.open("ab", buffering=0) if path else None
        self.taken: list[tuple[str, bytes]] = []
        self.keep = path is None
        self.tries: Counter[str] = Counter()
        self.senders: list[str] = []
        self.connections = 0

    def take(self, recipient: str, content: bytes) -> None:
        if self.keep:
            self.taken.append((recipient, content))
        if self.file:
            id_ = content.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
            self.file.write(recipient.encode() + b" " + id_ + b"\n")


class Handler:
    def __init__(self, book: Book) -> None:
        self.book = book

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("refused-sender"):
            return "550 5.7.1 who are you?"
        envelope.mail_from = address
        self.book.senders.append(address)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        kind = address.partition("-")[0]
        self.book.tries[address] += 1
        first = self.book.tries[address] == 1
        if kind == "rcpt550":
            return f"550 5.1.1 <{address}>: no such user"
        if first and kind == "rcpt450":
            return "450 4.2.1 greylisted"
        if first and kind == "busy47":
            return "450 4.7.28 too fast"
        if first and kind == "slow421":
            server.transport.write(b"421 4.7.0 try again later\r\n")
            server.transport.close()
            await asyncio.sleep(0)
            return "421 4.7.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        (recipient,) = envelope.rcpt_tos
        kind = recipient.partition("-")[0]
        if kind == "dot554":
            return "554 5.6.0 we do not like it"
        if kind == "dot451" and self.book.tries[recipient] == 1:
            return "451 4.3.0 disk full"
        if kind == "delay":
            await asyncio.sleep(0.05)
        if kind != "lost":
            self.book.take(recipient, envelope.content)
        if kind in ("lost", "after"):
            server.transport.abort()
        return "250 OK"


class Server(SMTP):
    """Hangs up in the midst of DATA for whom it should."""

    def __init__(self, book: Book) -> None:
        super().__init__(Handler(book), enable_SMTPUTF8=False, data_size_limit=None)
        self.book = book

    def connection_made(self, transport: Any) -> None:
        self.book.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if recipients and recipients[0].startswith("before-") and self.book.tries[recipients[0]] == 1:
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Sink:
    """The server in a thread of this process."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.loop = asyncio.new_event_loop()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.server: Any = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.started = threading.Event()

    def start(self) -> Sink:
        self.thread.start()
        self.started.wait(10)
        return self

    def _run(self) -> None:
        async def begin() -> None:
            self.server = await self.loop.create_server(lambda: Server(self.book), sock=self.socket)
            self.started.set()

        self.loop.run_until_complete(begin())
        self.loop.run_forever()
        self.server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.01))
        self.loop.close()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


def main() -> None:
    """The server as a process: says its address, writes to the file of its argument."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sink = Sink(Book(Path(sys.argv[1]))).start()
    print(sink.url, flush=True)
    sink.thread.join()


if __name__ == "__main__":
    main()
