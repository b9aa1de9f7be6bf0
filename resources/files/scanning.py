"""The virus scanner: ClamAV, by its command ``INSTREAM`` (clamd(8)) over a socket of the machine or of the network."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from reseau.settings import scan_address
from resources.files.errors import UploadError

CHUNK = 128 * 1024
TIMEOUT = 60.0  # seconds for one answer: a large archive takes long
MAX_ANSWER = 4096  # bytes


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where the scanner listens.

    :param address: path of a Unix socket, or (host, port).
    """

    address: str | tuple[str, int]
    timeout: float = TIMEOUT

    @classmethod
    def of(cls, setting: str) -> Scanner | None:
        """From the setting ``files_scan``: ``unix:/path``, ``tcp:host:port``, "" for none.

        :raises SettingsError: it is neither.
        """
        address = scan_address(setting)
        return cls(address) if address else None

    def check(self, path: Path, name: str) -> None:
        """Have a file looked at.

        :raises UploadError: ``infected``; ``scanner-away``: no answer, or one that says neither yes nor no.
        """
        try:
            answer = self._ask(path)
        except OSError:
            raise UploadError("scanner-away", name) from None
        if answer.endswith(" FOUND"):
            raise UploadError("infected", name, virus=answer.removeprefix("stream: ").removesuffix(" FOUND"))
        if answer != "stream: OK":
            raise UploadError("scanner-away", name, answer=answer)

    def _ask(self, path: Path) -> str:
        with self._connect() as connection, path.open("rb") as file:
            connection.sendall(b"zINSTREAM\0")
            try:
                while chunk := file.read(CHUNK):
                    connection.sendall(struct.pack(">I", len(chunk)) + chunk)
                connection.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it may answer before the end: more than its StreamMaxLength came
            answer = b""
            while b"\0" not in answer and len(answer) < MAX_ANSWER and (more := connection.recv(MAX_ANSWER)):
                answer += more
        return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()

    def _connect(self) -> socket.socket:
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, self.timeout)
        made = socket.socket(socket.AF_UNIX)
        try:
            made.settimeout(self.timeout)
            made.connect(self.address)
        except OSError:
            made.close()
            raise
        return made
