"""JSON that is neither too deep nor too wide for those who read it in a stream.

A streaming parser keeps the path of each level, so that 100 kB of opening brackets would take 5 GB; and it makes each
record whole, so that one of 200 MB of ``[],`` would take 4 GB (``ijson`` 3.6, both measured).
"""

from __future__ import annotations

from typing import Protocol

MOST = 500
MOST_BYTES = 1_000_000
_BRACKETS = b"[]{}"
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)


class TooDeep(ValueError):
    """More levels, or a larger record, than any real document has."""


class Reader(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""


class Shallow:
    """A ``read`` for JSON parsers that raises :class:`TooDeep` before a parser meets what is too large.

    Strings are told from structure without looking at each character in Python: what is escaped goes, then what is
    between two quotation marks; of the rest only the brackets are counted.

    :param most: levels. :param records: the level at which records follow each other (1: ``[…]``, 2: ``{"x": […]}``).
    :param most_bytes: of one record, give or take one reading.
    """

    def __init__(self, stream: Reader, most: int = MOST, *, records: int = 1, most_bytes: int = MOST_BYTES) -> None:
        self._stream, self._most, self._records, self._most_bytes = stream, most, records, most_bytes
        self._depth, self._inside, self._escape, self._since = 0, False, False, 0

    def read(self, size: int = -1) -> bytes:
        """As the stream. :raises TooDeep:"""
        data = self._stream.read(size)
        self._look(data)
        return data

    def _look(self, data: bytes) -> None:
        self._since += len(data)
        if self._escape:
            data, self._escape = data[1:], not data
        plain = data.replace(b"\\\\", b"")
        self._escape = self._escape or plain.endswith(b"\\")
        pieces = plain.replace(b'\\"', b"").split(b'"')
        outside = b"".join(pieces[1 if self._inside else 0 :: 2])
        self._inside ^= len(pieces) % 2 == 0
        between = self._depth <= self._records and not self._inside
        for bracket in outside.translate(None, _OTHERS):
            self._depth += 1 if bracket in b"[{" else -1
            between = between or self._depth <= self._records
            if self._depth > self._most:
                raise TooDeep(self._most)
        if between:
            self._since = 0
        elif self._since > self._most_bytes:
            raise TooDeep(self._most_bytes)
