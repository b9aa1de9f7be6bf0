"""JSON that is not too deep for those who read it: a streaming parser keeps the path of each level, so that 100 kB of
opening brackets would take 5 GB (``ijson`` 3.6, measured)."""

from __future__ import annotations

from typing import Protocol

MOST = 500
_BRACKETS = b"[]{}"
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)


class TooDeep(ValueError):
    """More levels than any real document has."""


class Reader(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""


class Shallow:
    """A ``read`` for JSON parsers that raises :class:`TooDeep` before a parser meets what is too deep.

    Strings are told from structure without looking at each character in Python: what is escaped goes, then what is
    between two quotation marks; of the rest only the brackets are counted.
    """

    def __init__(self, stream: Reader, most: int = MOST) -> None:
        self._stream, self._most = stream, most
        self._depth, self._inside, self._escape = 0, False, False

    def read(self, size: int = -1) -> bytes:
        """As the stream. :raises TooDeep:"""
        data = self._stream.read(size)
        self._look(data)
        return data

    def _look(self, data: bytes) -> None:
        if self._escape:
            data, self._escape = data[1:], not data
        plain = data.replace(b"\\\\", b"")
        self._escape = self._escape or plain.endswith(b"\\")
        pieces = plain.replace(b'\\"', b"").split(b'"')
        outside = b"".join(pieces[1 if self._inside else 0 :: 2])
        self._inside ^= len(pieces) % 2 == 0
        for bracket in outside.translate(None, _OTHERS):
            self._depth += 1 if bracket in b"[{" else -1
            if self._depth > self._most:
                raise TooDeep(self._most)
