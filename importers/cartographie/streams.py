"""Bytes and lines of a file that nobody promises to be sound: gzip, size cap, encodings, endless lines."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, TypeAlias, cast

DEFAULT_MAX_BYTES: Final = 2 * 1024**3
LINE_CAP: Final = 1024 * 1024  # Bytes kept of one physical line; a real row is under 10 kB.
END: Final = "\ue000fin-du-fichier\ue000"  # Private-use characters: no register writes them.

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 64 * 1024


class NotThisSchema(ValueError):
    """The file as a whole is refused. ``code``: ``vide``, ``html``, ``hors-schema`` (details: ``missing``),
    ``tronque`` (details: ``row``, the record where it stops), ``illisible``, ``trop-gros`` (details: ``limit``)."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class _Capped(io.RawIOBase):
    """A readable stream that refuses to give more than ``limit`` bytes, and names what gzip says."""

    def __init__(self, inner: IO[bytes], limit: int) -> None:
        self._inner, self._limit, self._given = inner, limit, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._inner.read(len(buffer))
        except EOFError as error:
            raise NotThisSchema("tronque", row=0) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise NotThisSchema("illisible") from error
        self._given += len(data)
        if self._given > self._limit:
            # Checked on what comes out: a gzip bomb is small on disk.
            raise NotThisSchema("trop-gros", limit=self._limit)
        buffer[: len(data)] = data
        return len(data)


ByteReader: TypeAlias = "io.BufferedReader[_Capped]"  # Quoted: typing stubs only, not generic at run time.


def open_bytes(source: str | Path | IO[bytes], max_bytes: int) -> tuple[ByteReader, IO[bytes] | None]:
    """Return the uncompressed bytes of ``source`` as a buffered reader, and the file to close if opened here.

    ``max_bytes``: cap on the bytes read, after decompression. Gzip is recognised by its first two bytes,
    whatever the name says. Raises ``OSError`` when a path cannot be opened, ``NotThisSchema`` on reading.
    """
    opened: IO[bytes] | None = None
    if isinstance(source, str | Path):
        opened = source = Path(source).open("rb")  # noqa: SIM115 (given back to the caller, who closes it)
    plain = io.BufferedReader(_Capped(source, max_bytes), _CHUNK)
    try:
        zipped = plain.peek(2)[:2] == _GZIP_MAGIC
    except BaseException:
        if opened is not None:
            opened.close()
        raise
    if not zipped:
        return plain, opened
    unzipped = cast(IO[bytes], gzip.GzipFile(fileobj=plain, mode="rb"))
    return io.BufferedReader(_Capped(unzipped, max_bytes), _CHUNK), opened


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("reseau-cp1252", _as_cp1252)


def decode(data: bytes) -> tuple[str, bool]:
    """Return the text of ``data`` and whether it was *not* plain UTF-8.

    Only the bytes that are not UTF-8 are read as cp1252: files glued from several territories mix both,
    and a whole-file fallback would turn every good accent into ``Ã©``.
    """
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode("utf-8", "reseau-cp1252"), True


class Lines(Iterator[str]):
    """Physical lines for ``csv.reader``, then ``END``. Remembers what was wrong since ``take_flags``.

    A line over ``LINE_CAP`` is read through without being kept; a lone quotation mark stands for it when it
    held an odd number of them, so that the reader leaves or enters a quoted field as the real line would.
    """

    def __init__(self, stream: ByteReader) -> None:
        self._stream = stream
        self._flags: set[str] = set()
        self._ended = False
        self.not_utf8 = False
        self.unfinished = False  # The last line has no newline.
        self.current = ""

    def __next__(self) -> str:
        if self._ended:
            raise StopIteration
        data = self._stream.readline(LINE_CAP)
        if not data:
            self._ended = True
            return END
        if len(data) == LINE_CAP and not data.endswith(b"\n"):
            data = self._skip_rest(data)
        self.unfinished = not data.endswith(b"\n")
        text, fallback = decode(data)
        self.not_utf8 = self.not_utf8 or fallback
        if "\0" in text:
            self._flags.add("octet-nul")
            text = text.replace("\0", "")
        self.current = text
        return text

    def _skip_rest(self, data: bytes) -> bytes:
        self._flags.add("champ-trop-long")
        quotes = data.count(b'"')
        while data and not data.endswith(b"\n"):
            data = self._stream.readline(LINE_CAP)
            quotes += data.count(b'"')
        return (b'"' if quotes % 2 else b"") + (b"\n" if data else b"")

    def take_flags(self) -> set[str]:
        """Return the troubles met since the last call, and forget them."""
        flags, self._flags = self._flags, set()
        return flags


class Utf8Bytes:
    """A ``read`` for JSON parsers, which take UTF-8 only: stray cp1252 bytes are rewritten on the way."""

    def __init__(self, stream: ByteReader) -> None:
        self._stream, self._pending, self.not_utf8 = stream, b"", False

    def read(self, size: int = -1) -> bytes:
        """Return about ``size`` bytes of valid UTF-8 (never empty before the end)."""
        if size == 0:
            return b""  # ijson asks so to learn whether it is given bytes or text.
        chunk = self._stream.read(size if size > 0 else -1)
        data = self._pending + chunk
        cut = len(data) if not chunk else _whole_characters(data)
        data, self._pending = data[:cut], data[cut:]
        text, fallback = decode(data)
        self.not_utf8 = self.not_utf8 or fallback
        result = text.encode("utf-8", "replace") if fallback else data
        return result or (self.read(size) if chunk else b"")


def _whole_characters(data: bytes) -> int:
    # A character is at most four bytes: look back three for a lead byte whose followers are not here yet.
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if needed > back else len(data)
        if byte < 0x80:
            break
    return len(data)
