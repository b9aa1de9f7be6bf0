"""A small IMAP server for tests, in a thread of its own: only the commands that a mailbox is emptied with (RFC 3501)."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Box:
    """A mailbox. ``messages``: UID → (content, flags). ``log``: the commands, without the password.

    ``cut_at``: a command before which the connection breaks, once. ``came``: when a message of a UID came, as the
    server writes it.
    """

    def __init__(self) -> None:
        self.messages: dict[int, tuple[bytes, set[str]]] = {}
        self.log: list[str] = []
        self.folder = "INBOX"
        self.password = "s3cr/t"
        self.cut_at = ""
        self.came: dict[int, str] = {}
        self._next = 1

    def put(self, raw: bytes) -> int:
        """A message comes in."""
        uid, self._next = self._next, self._next + 1
        self.messages[uid] = (raw, set())
        return uid

    def flags(self, uid: int) -> set[str]:
        """Of a message that is still there."""
        return self.messages[uid][1]


class _Handler(socketserver.StreamRequestHandler):
    box: Box

    def say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline().decode("ascii").strip():
            tag, _, rest = line.partition(" ")
            verb = " ".join(rest.split(" ")[: 2 if rest.upper().startswith("UID") else 1]).upper()
            self.box.log.append("LOGIN" if verb == "LOGIN" else rest)
            if self.box.cut_at and verb == self.box.cut_at:
                self.box.cut_at = ""
                return
            answer = getattr(self, "on_" + verb.lower().replace(" ", "_"), lambda _rest: "BAD unknown")(rest)
            self.say(f"{tag} {answer}")
            if verb == "LOGOUT":
                return

    def on_capability(self, _rest: str) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def on_login(self, rest: str) -> str:
        return "OK in" if rest.endswith(f'"{self.box.password}"') else "NO wrong"

    def on_select(self, rest: str) -> str:
        if rest.split(" ", 1)[1] != f'"{self.box.folder}"':
            return "NO no such folder"
        self.say(f"* {len(self.box.messages)} EXISTS", "* OK [UIDVALIDITY 1] ok")
        return "OK [READ-WRITE] selected"

    def on_uid_search(self, _rest: str) -> str:
        found = [str(uid) for uid, (_raw, flags) in self.box.messages.items() if not flags & {r"\Deleted", r"\Flagged"}]
        self.say(f"* SEARCH {' '.join(found)}".rstrip())
        return "OK done"

    def on_uid_fetch(self, rest: str) -> str:
        found = re.fullmatch(r"UID FETCH (\d+) \((.*)\)", rest, re.I)
        assert found
        uid, what = int(found[1]), found[2]
        if uid not in self.box.messages:
            return "OK nothing"
        raw = self.box.messages[uid][0]
        if what == "RFC822.SIZE":
            self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(raw)})")
            return "OK done"
        if what == "INTERNALDATE":
            self.say(f'* {uid} FETCH (UID {uid} INTERNALDATE "{self.box.came[uid]}")')
            return "OK done"
        if part := re.fullmatch(r"BODY\.PEEK\[HEADER\]<0\.(\d+)>", what):
            raw = raw.split(b"\r\n\r\n", 1)[0][: int(part[1])] + b"\r\n\r\n"
        else:
            assert what == "BODY.PEEK[]", what
        self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
        return "OK done"

    def on_uid_store(self, rest: str) -> str:
        found = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)", rest, re.I)
        assert found
        self.box.messages[int(found[1])][1].add(found[2])
        return "OK done"

    def on_expunge(self, _rest: str) -> str:
        for uid in [uid for uid, (_raw, flags) in self.box.messages.items() if r"\Deleted" in flags]:
            del self.box.messages[uid]
        return "OK done"

    def on_logout(self, _rest: str) -> str:
        self.say("* BYE")
        return "OK bye"


@contextmanager
def serving(box: Box) -> Iterator[str]:
    """The box behind a port of this machine. :return: its address, as the setting ``mail_inbox`` has it."""
    handler = type("Handler", (_Handler,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            password = box.password.replace("/", "%2F")
            yield f"imap://boite:{password}@127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
